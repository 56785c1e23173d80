"""What the layers of a model make of one input, with real shapes."""

from __future__ import annotations

import contextlib
import functools
import typing
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from kerasseq.lazily import keras, ops

LENGTH = 16  # tokens of the row that shapes are told of


class LayerShape(typing.NamedTuple):
    """A layer, and what it gave of one row.

    Attributes:
        name, kind: str, the layer's name and class.
        shape: tuple of int, of its first output; None for one that was not called.
        weights: int, numbers in it.
    """

    name: str
    kind: str
    shape: tuple[int, ...] | None
    weights: int


def layer_shapes(model: typing.Any) -> list[LayerShape]:
    """The layers of a model right below it, and what each gives of one row of 16 tokens.

    Args:
        model: keras.Model of this package.
    """
    shapes = {}
    with _watched(model, shapes), keras.StatelessScope():
        model(_inputs(model), training=False)
    return [
        LayerShape(layer.name, type(layer).__name__, shapes.get(id(layer)), layer.count_params())
        for layer in _layers(model)
    ]


def _layers(model):
    return [layer for layer in model._flatten_layers(False, False) if layer.count_params()]


def _inputs(model):
    """One row of ones, as the model takes it."""
    specs = getattr(model, "inputs_spec", None)
    if specs is None:
        return {"tokens": ops.ones((1, _length(model)), "int32")}
    return {
        name: ops.ones([1, *(size or _length(model) for size in spec.shape[1:])], spec.dtype)
        for name, spec in specs().items()
    }


def _length(model):
    known = [each for each in getattr(model, "longest", {}).values() if each]
    return min([LENGTH, *known])


@contextlib.contextmanager
def _watched(model, shapes) -> Iterator[None]:
    """Notes what each layer gives last, by its id."""
    layers = _layers(model)

    def watch(layer, call):
        @functools.wraps(call)
        def watched(*arguments, **options):
            found = call(*arguments, **options)
            first = next(iter(keras.tree.flatten(found)), None)
            if first is not None:
                shapes[id(layer)] = tuple(first.shape)
            return found

        return watched

    for layer in layers:
        object.__setattr__(layer, "call", watch(layer, layer.call))
    try:
        yield
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")


class Summarised:
    """What has a model, and tells of it."""

    model: keras.Model

    def summary(self) -> None:
        """Prints the model's layers, what each gives of one row of 16 tokens, and its weights."""
        table = Table(title=repr(self)[1:-1], title_justify="left")
        for name in ("layer", "gives, of one row", "weights"):
            table.add_column(name, justify="right" if name == "weights" else "left")
        for each in layer_shapes(self.model):
            shape = "" if each.shape is None else " × ".join(map(str, each.shape))
            table.add_row(f"{each.name} ({each.kind})", shape, f"{each.weights:,}")
        table.add_section()
        table.add_row("all", "", f"{self.model.count_params():,}")
        Console().print(table)
