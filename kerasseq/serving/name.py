"""The name under which a model is served."""

import re


def check_name(name):
    """Refuses a name that is more than one plain part of an address.

    Raises:
        ValueError: for such a name.
    """
    if not re.fullmatch(r"[\w.-]+", name):
        raise ValueError(
            f"Expected a name of letters, digits, '.', '_' and '-'; received {name!r}. Choose "
            "another with --name."
        )
