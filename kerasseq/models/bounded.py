"""A model that a file describes: it is made of plain values, within the numbers of its weights."""

import contextlib
import math
import threading

import keras

LARGEST_SIZE = 2**17  # of what is no weight, as the positions of a table of sinusoids
LARGEST_TABLE = 2**26  # numbers of a table that is no weight
# Rows or columns of an image; buckets and distances, whose bounds are powers of whole numbers;
# layers, which may share their weights.
LARGEST = {"image_size": 2048, "relative_buckets": 4096, "num_layers": 1000}
# Of Keras' own, what a description may hold: no layer, no model, no function.
OBJECTS = ("keras.initializers", "keras.regularizers", "keras.constraints")
# A backbone of KerasHub has layers that no weight of the file is of.
SPARE = 2
MOST_LAYERS = 20  # for each array: most have one, dropout and activations have none


def check_description(description, numbers):
    """Refuses objects of other packages, and sizes that the weights cannot fill.

    Nothing is imported or made.

    Args:
        description: dict of JSON values.
        numbers: int, how many the file of the weights holds; None for a description alone.

    Raises:
        ValueError: see above.
    """
    for name, value in _values(description):
        if isinstance(value, dict) and not _is_plain(value):
            raise ValueError(
                f"Expected plain values, models of this package and initializers of Keras; "
                f"received {name}: {value!r:.80}. Register a class of your own with "
                "keras.saving.register_keras_serializable first."
            )
        if name == "backbone_weights" and value is not None:
            raise ValueError(
                f"Expected {name} of None, as the weights are beside it; received {value!r:.80}. "
                "Save the task again."
            )
        if numbers is not None and type(value) is int:
            most = LARGEST.get(name, max(LARGEST_SIZE, numbers))
            if abs(value) > most:
                raise _too_large(f"{name} {value}", numbers)
        if numbers is not None and isinstance(value, dict):
            rows, width = value.get("max_length"), value.get("hidden_dim")
            if type(rows) is type(width) is int and rows * width > max(LARGEST_TABLE, 4 * numbers):
                raise _too_large(f"max_length {rows}, of {width} numbers each", numbers)


def _values(found, name=""):
    """Yields every value inside with the name of its field."""
    yield name, found
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _values(value, key)
    elif isinstance(found, list | tuple):
        for value in found:
            yield from _values(value, name)


def _is_plain(found):
    """Whether it is no object that Keras would look for by name, or one that is allowed."""
    if "module" not in found and "registered_name" not in found:
        return True
    if found.get("module") in OBJECTS or keras.saving.get_registered_object(
        str(found.get("registered_name"))
    ):
        return True
    policy = found.get("module"), found.get("class_name")
    return policy in (("keras", "DTypePolicy"), ("keras.dtype_policies", "DTypePolicy"))


def _too_large(received, numbers):
    return ValueError(
        f"Expected sizes that fit the {numbers} numbers of the file of its weights; received "
        f"{received}. Copy or save it again."
    )


_LOCK = threading.RLock()


@contextlib.contextmanager
def within(arrays, numbers):
    """While it lasts, this thread makes layers and weights up to a file's, and no more.

    A model of a million layers, or of a layer that no memory holds, so ends before it is made.

    Args:
        arrays: int, how many the file holds.
        numbers: int, how many they hold together.

    Raises:
        ValueError: for a model that needs more.
    """
    here, kind = threading.get_ident(), keras.layers.Layer
    left = {
        "layers": SPARE * MOST_LAYERS * (arrays + 50),
        "arrays": SPARE * (arrays + 50),
        "numbers": SPARE * (numbers + 2**16),
    }

    def spend(**spent):
        if threading.get_ident() != here:
            return
        for what, count in spent.items():
            left[what] -= count
            if left[what] < 0:
                raise _too_large(f"a model of more {what}", numbers)

    def make(layer, *arguments, **options):
        spend(layers=1)
        former_make(layer, *arguments, **options)

    def add(layer, *arguments, **options):
        shape = options.get("shape", arguments[0] if arguments else None) or ()
        shape = (shape,) if isinstance(shape, int) else shape
        spend(arrays=1, numbers=math.prod(shape))
        return former_add(layer, *arguments, **options)

    with _LOCK:
        former_make, former_add = kind.__init__, kind.add_weight
        kind.__init__, kind.add_weight = make, add
        try:
            yield
        finally:
            kind.__init__, kind.add_weight = former_make, former_add
