"""The requests that TF Serving makes of a SavedModel before it says that it is available."""

from __future__ import annotations

import pathlib
import typing
from collections.abc import Iterator, Sequence

import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from google.protobuf.message import DecodeError
from tensorflow.core.framework.tensor_pb2 import TensorProto

if typing.TYPE_CHECKING:
    import numpy as np

    from kerasseq.export.saved_task import SavedTask
    from kerasseq.files import AnyPath

FILE = pathlib.PurePath("assets.extra", "tf_serving_warmup_requests")

# What a warm-up needs of TF Serving's messages, which stand in its prediction_log.proto,
# predict.proto and model.proto. The values of `inputs` are TensorFlow's TensorProto there: in a
# file a message within a message is its bytes.
MESSAGES = """
name: "kerasseq/warm_up.proto" package: "tensorflow.serving" syntax: "proto3"
message_type {
  name: "PredictionLog"
  field {
    name: "predict_log" number: 6 type: TYPE_MESSAGE type_name: ".tensorflow.serving.PredictLog"
  }
}
message_type {
  name: "PredictLog"
  field {
    name: "request" number: 1 type: TYPE_MESSAGE type_name: ".tensorflow.serving.PredictRequest"
  }
}
message_type {
  name: "PredictRequest"
  field {
    name: "model_spec" number: 1 type: TYPE_MESSAGE type_name: ".tensorflow.serving.ModelSpec"
  }
  field {
    name: "inputs" number: 2 label: LABEL_REPEATED type: TYPE_MESSAGE
    type_name: ".tensorflow.serving.PredictRequest.InputsEntry"
  }
  nested_type {
    name: "InputsEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING }
    field { name: "value" number: 2 type: TYPE_BYTES }
  }
}
message_type {
  name: "ModelSpec"
  field { name: "signature_name" number: 3 type: TYPE_STRING }
}
"""


def prediction_log() -> typing.Any:
    """The class of the messages in the file."""
    pool = descriptor_pool.DescriptorPool()  # its own: the whole messages may be in the default one
    pool.Add(text_format.Parse(MESSAGES, descriptor_pb2.FileDescriptorProto()))
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName("tensorflow.serving.PredictionLog")
    )


def write_warm_up(
    exported: SavedTask[typing.Any, typing.Any, typing.Any], inputs: Sequence[typing.Any]
) -> None:
    """Writes a request of every signature beside a SavedModel, of the first input.

    An input that only one signature has, the target of a score, is given the first text too;
    what may be given beside an input, as a prefix, is empty.

    Args:
        exported: SavedTask.
        inputs: list of inputs of the task, at least one.
    """
    _, columns = exported.kind.served_inputs(inputs[:1])
    first = next(iter(columns.values()))
    columns = {key: [b""] for key in exported.kind.beside} | columns
    path, message = pathlib.Path(exported.path) / FILE, prediction_log()
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as file:
        for name, signature in exported.signatures.items():
            log = message()
            log.predict_log.request.model_spec.signature_name = name
            for key, spec in signature.structured_input_signature[1].items():
                tensor = tf.make_tensor_proto(columns.get(key, first), spec.dtype)
                log.predict_log.request.inputs[key] = tensor.SerializeToString()
            file.write(log.SerializeToString())


def read_warm_up(path: AnyPath) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Yields the predict requests that stand beside a SavedModel, of whoever wrote it.

    Args:
        path: path of the SavedModel.

    Yields:
        pairs: the name of a signature, and a dict of arrays by the names of its inputs.

    Raises:
        ValueError: for a file of something else.
    """
    path, message = pathlib.Path(path) / FILE, prediction_log()
    if not path.is_file():
        return
    try:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            request = message.FromString(record).predict_log.request
            inputs = {
                key: tf.make_ndarray(TensorProto.FromString(value))
                for key, value in request.inputs.items()
            }
            if inputs:  # a request of another kind has none
                yield request.model_spec.signature_name or "serving_default", inputs
    except (tf.errors.DataLossError, DecodeError, TypeError) as error:
        raise ValueError(
            f"Expected requests of TF Serving's kind in {path}; received something else "
            f"({error}). Export the model again, or remove the file."
        ) from error
