"""Tensors of a folder, taken over into layers by name."""

import keras
import numpy as np


class Weights:
    """Arrays by name, and which of them were read.

    Args:
        path: path of the folder, for messages.
        tensors: dict from names to arrays.
        prefix: str, before the encoder's names in a model with a head.
        word: str, the encoder's first tensor, by which a bare encoder is known.
    """

    def __init__(self, path, tensors, prefix, word):
        self.path = path
        self.tensors = {_modern(name): tensor for name, tensor in tensors.items()}
        self.prefix = prefix if prefix + word in self.tensors else ""
        self.read = set()

    def has(self, name):
        """Whether a tensor of that name is there."""
        return name in self.tensors

    def array(self, name, shape=None):
        """A float32 array by its full name; refuses what `check` refuses, and NaN."""
        self.check(name, shape)
        self.read.add(name)
        found = self.tensors[name].astype("float32")
        if np.isnan(found).any():
            raise ValueError(
                f"Expected numbers in {name} of {self.path}; received NaN, of training that "
                "failed or a damaged file. Choose other weights."
            )
        return found

    def check(self, name, shape=None):
        """Refuses a missing tensor, or one of another shape."""
        if name not in self.tensors:
            raise ValueError(
                f"Expected the tensor {name!r} in {self.path}; received {len(self.tensors)} "
                "others. Choose a folder whose weights fit its config.json."
            )
        found = self.tensors[name].shape
        if shape is not None and found != tuple(shape):
            raise ValueError(
                f"Expected {name} of shape {tuple(shape)} in {self.path}, as its config.json "
                f"says; received {found}. Choose a folder whose weights fit."
            )

    def fill(self, layer, *names):
        """Sets a dense layer, a normalisation or a weight, as `places` names it."""
        if isinstance(layer, keras.layers.Dense):
            self.assign_dense(layer, *names)
        elif isinstance(layer, keras.layers.LayerNormalization):
            (name,) = names
            for part, weight in _parts_of_norm(layer).items():
                self.assign(weight, f"{name}.{part}")
        elif isinstance(layer, keras.layers.RMSNormalization):
            self.assign(layer.scale, *(f"{name}.weight" for name in names))
        else:
            self.assign(layer, *names)

    def reorder(self, name, order):
        """Puts rows in an order `(V,)` of their former places, -1 for a new row of zeros."""
        rows = self.tensors[name]
        if rows.ndim == 0 or len(rows) <= order.max():
            raise ValueError(
                f"Expected at least {order.max() + 1} rows, one a token, in {name} of {self.path}; "
                f"received the shape {rows.shape}. Choose a folder whose files fit each other."
            )
        found = rows[np.maximum(order, 0)]
        found[order < 0] = 0
        self.tensors[name] = found

    def assign(self, weight, name):
        """Sets a weight to a tensor."""
        weight.assign(self.array(name, weight.shape))

    def assign_dense(self, dense, *names):
        """Sets a dense layer to a linear one, or to several of one width that it fuses."""
        rows, columns = dense.kernel.shape
        shape = (columns // len(names), rows)
        kernels = [self.array(f"{name}.weight", shape).T for name in names]
        dense.kernel.assign(np.concatenate(kernels, axis=-1))
        if dense.use_bias:
            biases = [self.array(f"{name}.bias", shape[:1]) for name in names]
            dense.bias.assign(np.concatenate(biases))

    def left(self, ignored=()):
        """The names of the tensors that were not read, sorted.

        Args:
            ignored: tuple of str, how those begin that no answer needs, with the prefix or
                without.
        """
        names = sorted(self.tensors.keys() - self.read)
        bare = {name: name.removeprefix(self.prefix) for name in names}
        return [n for n in names if not (n.startswith(ignored) or bare[n].startswith(ignored))]

    def check_left(self, owner, ignored=(), inside=("",)):
        """Refuses a tensor that was not read.

        Args:
            owner: str, whose tensors are expected.
            ignored: as for `left`.
            inside: tuple of str, how the tensors begin that are looked at.

        Raises:
            ValueError: for the first of them, by its name.
        """
        for name in self.left(ignored):
            if name.startswith(inside):
                raise ValueError(
                    f"Expected only the tensors of {owner} in {self.path}, as its config.json "
                    f"says; received {name!r} too. Choose a folder whose weights fit."
                )


def tensors_of(layer, *names):
    """What `Weights.fill` sets, the other way: a dict from names to float32 arrays."""
    if isinstance(layer, keras.layers.Dense):
        transposed = np.ascontiguousarray(array_of(layer.kernel).T)  # (columns, rows)
        kernels = np.split(transposed, len(names))
        weights = {f"{name}.weight": part for name, part in zip(names, kernels, strict=True)}
        if not layer.use_bias:
            return weights
        biases = np.split(array_of(layer.bias), len(names))
        return weights | {f"{name}.bias": part for name, part in zip(names, biases, strict=True)}
    (name,) = names
    if isinstance(layer, keras.layers.LayerNormalization):
        parts = _parts_of_norm(layer)
        return {f"{name}.{part}": array_of(weight) for part, weight in parts.items()}
    if isinstance(layer, keras.layers.RMSNormalization):
        return {f"{name}.weight": array_of(layer.scale)}
    return {name: array_of(layer)}


def _parts_of_norm(norm):
    """The weights of a layer normalisation, by Hugging Face's names."""
    return {"weight": norm.gamma} | ({"bias": norm.beta} if norm.center else {})


def array_of(weight):
    """A weight as a float32 NumPy array."""
    return np.asarray(keras.ops.convert_to_numpy(weight), "float32")


def _modern(name):
    """Checkpoints made before 2019 call a normalisation's weight and bias gamma and beta."""
    return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace(
        "LayerNorm.beta", "LayerNorm.bias"
    )
