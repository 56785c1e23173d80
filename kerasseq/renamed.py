"""Public names of earlier versions: they still work, and a warning gives the new name."""

import importlib
import warnings


def with_former_names(room, find, former):
    """Adds names of earlier versions to a room's `__getattr__`.

    A former name gives today's object. The first use in a process gives one DeprecationWarning.

    Args:
        room: str, the room's `__name__`.
        find: function from a name to the room's object, from `lazy_loader`.
        former: dict from former names to today's; a name that has left the room is given in
            full, `kerasseq.reports.report`.

    Returns:
        function, the room's `__getattr__`.
    """

    def __getattr__(name):
        if name not in former:
            return find(name)
        new = former[name] if "." in former[name] else f"{room}.{former[name]}"
        warn_renamed(f"{room}.{name}", new)
        home, _, attribute = new.rpartition(".")
        found = getattr(importlib.import_module(home), attribute)
        # `from room import name` asks twice: what the module holds is not asked for again.
        vars(importlib.import_module(room))[name] = found
        return found

    return __getattr__


def warn_renamed(former, new, category=DeprecationWarning):
    """Warns the caller of the function that calls this one: it uses a former name.

    Args:
        former: str.
        new: str, the name to use.
        category: class of the warning; FutureWarning for names outside Python, in a recipe.
    """
    warnings.warn(
        f"{former} is now named {new}. Use the new name: a later version drops the old one.",
        category,
        stacklevel=3,
    )
