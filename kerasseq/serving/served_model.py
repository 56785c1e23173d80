"""A SavedModel and its signatures, called with plain Python values."""

import pathlib

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.python.saved_model import loader_impl

from kerasseq.export.warm_up import read_warm_up
from kerasseq.processing.run_signature import check_shapes, run_signature


def newest(path):
    """The newest version in a folder of versions, which are folders named by numbers.

    Returns:
        str, its number, and pathlib.Path, its folder; None where there is none.
    """
    versions = [each for each in path.glob("[0-9]*") if each.name.isdecimal() and each.is_dir()]
    if not versions or (path / "saved_model.pb").is_file():
        return None
    found = max(versions, key=lambda each: int(each.name))
    return found.name, found


class ServedModel:
    """The newest version of an exported model. Several threads may call it.

    Args:
        path: path of a SavedModel, or of a folder of versions named by numbers, as TF Serving
            reads it.
        version: str, the number of the SavedModel at the path.

    Attributes:
        path: pathlib.Path of its SavedModel.
        version: str, the number of the version; "1" for a lone SavedModel.
        signatures: dict from names to descriptions as TF Serving gives them.

    Raises:
        FileNotFoundError: when there is no SavedModel.
    """

    def __init__(self, path, version="1"):
        import tensorflow_text  # noqa: F401  registers the SentencePiece operations

        path = pathlib.Path(path)
        self.version, path = newest(path) or (version, path)
        if not (path / "saved_model.pb").is_file():
            raise FileNotFoundError(
                f"Expected a SavedModel in {path}, or in a folder named by a number below it; "
                "received none. Export a task there first."
            )
        (graph,) = loader_impl.parse_saved_model(str(path)).meta_graphs
        # TensorFlow adds a signature that initialises variables: it is not for clients.
        self.signatures = {
            name: json_format.MessageToDict(signature, preserving_proto_field_name=True)
            for name, signature in graph.signature_def.items()
            if not name.startswith("__")
        }
        self.path = path
        self.loaded = tf.saved_model.load(str(path))

    def inputs(self, signature):
        """The names of a signature's inputs, sorted."""
        return sorted(self.signatures[signature]["inputs"])

    def warm_up(self):
        """Makes the requests that stand beside the SavedModel, as TF Serving does: a signature's
        first call is slow.

        Raises:
            ValueError: for a request that the model does not take.
        """
        for signature, inputs in read_warm_up(self.path):
            if signature not in self.signatures or sorted(inputs) != self.inputs(signature):
                raise ValueError(
                    f"Expected requests of {', '.join(self.signatures)} to warm up {self.path}; "
                    f"received one of {signature} with {', '.join(inputs)}. Export it again."
                )
            self(signature, inputs)

    def warm_up_texts(self):
        """The texts of the requests of the default signature beside the SavedModel: list of str."""
        return [
            text.decode("utf-8", "replace")
            for signature, inputs in read_warm_up(self.path)
            if signature == "serving_default" and "text" in inputs
            for text in inputs["text"].flat
        ]

    def __call__(self, signature, inputs):
        """Runs a signature.

        Args:
            signature: str.
            inputs: dict from names to lists.

        Returns:
            dict from names to lists, strings as str.

        Raises:
            ValueError: for values that the signature does not take.
        """
        outputs = self.run(signature, self.tensors(signature, inputs))
        return {name: plain(array) for name, array in outputs.items()}

    def tensors(self, signature, inputs):
        """The arrays of a signature's inputs by name; arguments and errors as of a call."""
        function = self.loaded.signatures[signature]
        specs = function.structured_input_signature[1]
        try:
            tensors = {
                name: tf.constant(_checked(value, kind), kind)
                for name, value in inputs.items()
                for kind in [specs[name].dtype]
            }
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"Expected values of {_describe(specs)}; received others ({error}). Change them."
            ) from error
        check_shapes(function, tensors)
        return {name: tensor.numpy() for name, tensor in tensors.items()}

    def batch_key(self, signature, tensors):
        """What the arrays of two requests must share to be answered together, rows of a text's
        like length among it; None where rows of one would change the answers to another.

        Args:
            signature: str.
            tensors: dict of arrays, as `tensors` makes them.
        """
        function = self.loaded.signatures[signature]
        specs = [*function.structured_input_signature[1].values()]
        outputs = [*function.structured_outputs.values()]
        if not all(each.shape.rank and each.shape[0] is None for each in specs + outputs):
            return None
        if not all(each.shape[1:].is_fully_defined() for each in outputs):
            return None  # filled up to the longest of its batch
        longest = max(
            (
                len(each)
                for array in tensors.values()
                if array.dtype == object
                for each in array.flat
            ),
            default=0,
        )
        shapes = tuple((name, array.shape[1:]) for name, array in sorted(tensors.items()))
        return shapes, (longest // 16).bit_length() // 2

    def run(self, signature, tensors):
        """Runs a signature on arrays, as `tensors` makes them.

        Returns:
            dict of arrays by name.

        Raises:
            ValueError: for values that the model does not read, or numbers that are not finite.
        """
        arrays = run_signature(self.loaded.signatures[signature], tensors)
        for name, array in arrays.items():
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(
                    f"Expected values that give a finite {name}; received others. Change them."
                )
        return arrays


def plain(array):
    """An array as lists, its strings as str."""
    if array.dtype != object:
        return array.tolist()
    decoded = [each.decode("utf-8", "replace") for each in array.ravel()]
    return np.array(decoded, object).reshape(array.shape).tolist()


def _checked(value, kind):
    """The strings or numbers of a list, checked: TensorFlow would take others in the place of those
    that a tf.DType has not. A whole number may be written as 3.0."""
    if isinstance(value, list):
        return [_checked(each, kind) for each in value]
    if isinstance(value, str | bytes | bool | int | float):
        if isinstance(value, str | bytes) != (kind == tf.string):
            said = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            raise ValueError(f"{said!r:.40} is no {kind.name}")
        if kind == tf.string:
            return value
    if isinstance(value, float) and kind.is_integer and value.is_integer():
        value = int(value)
    if isinstance(value, int | float):
        read = float if kind.is_floating else int  # a limit of NumPy's would warn of a large one
        among = kind.is_bool or read(kind.min) <= value <= read(kind.max)
        if isinstance(value, bool) != kind.is_bool or not among:
            raise ValueError(f"{value!s:.40} is none of {kind.name}")
    return value


def _describe(specs):
    return ", ".join(f"{name} {spec.dtype.name}" for name, spec in sorted(specs.items()))
