"""Every field of a JSON file is read, has the one value that is read, changes nothing, or is
refused by name."""

OFF = (None, False, "", [], {})


def check_fields(where, found, read=(), fixed=None, inert=()):
    """Refuses a file with a field that may change a number or a token and is not read.

    Args:
        where: str, the file and the place in it.
        found: dict, what stands there.
        read: names that the caller reads itself.
        fixed: dict from names to the tuple of values that mean what is done here.
        inert: names of fields that change nothing, with the reason where they are listed.

    Raises:
        ValueError: for another value, or an unknown field that is not empty.
    """
    fixed = fixed or {}
    for name, value in found.items():
        if name in read or name in inert:
            continue
        if name in fixed:
            if not any(same(value, each) for each in fixed[name]):
                allowed = " or ".join(map(repr, fixed[name]))
                raise ValueError(
                    f"Expected {name!r} to be {allowed} in {where}; received {value!r:.80}, which "
                    "is not supported. Choose another model."
                )
        elif not any(same(value, each) for each in OFF):
            raise ValueError(
                f"Expected only known fields in {where}; received {name!r}: {value!r:.80}, which "
                "may change what the model answers. Take it out if it does not."
            )


def same(value, other):
    """Whether two JSON values are equal: True is no 1, but 1.0 is."""
    return isinstance(value, bool) == isinstance(other, bool) and value == other


def number(where, found, name, kind, least, default=None):
    """A number of a field.

    Args:
        where: str, the file.
        found: dict, what stands there.
        name: str.
        kind: int or float.
        least: the smallest that is allowed.
        default: what counts when there is no such field; None for a field that must be there.

    Raises:
        ValueError: for a missing field, or another value.
    """
    value = found.get(name, default)
    if name not in found and default is None:
        raise ValueError(
            f"Expected {name!r} in {where} to describe a model; received "
            f"{', '.join(found) or 'nothing'}. Copy the folder again."
        )
    kinds = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value < 2**31:
        raise ValueError(
            f"Expected {name!r} of at least {least}, {kind.__name__}, in {where}; received "
            f"{value!r:.80}. Copy the folder again."
        )
    return kind(value)
