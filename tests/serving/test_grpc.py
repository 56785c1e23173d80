"""TF Serving's own client messages get from gRPC what REST answers, or a status and a sentence."""

import asyncio
import concurrent.futures
import contextlib

import grpc
import numpy as np
import pytest
import tensorflow as tf
from fastapi.testclient import TestClient
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from kerasseq.serving import Limits, ServedModel, make_app
from kerasseq.serving.grpc_service import start
from kerasseq.serving.service import Service

CODE = grpc.StatusCode


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A SavedModel that multiplies numbers, adds two, and repeats strings, row by row."""

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
        def times(self, x):
            return {"y": 2 * x, "z": 3 * x}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
        def text(self, text):
            return {"text": tf.strings.join([text, text])}

        @tf.function(
            input_signature=[
                tf.TensorSpec([None, 2], tf.float32, "a"), tf.TensorSpec([None, 2], tf.float32, "b")
            ]
        )  # fmt: skip
        def add(self, a, b):
            return {"sum": a + b}

    module, folder = Model(), tmp_path_factory.mktemp("twice")
    signatures = {"serving_default": module.times, "text": module.text, "add": module.add}
    tf.saved_model.save(module, str(folder / "7"), signatures)
    return folder


@contextlib.contextmanager
def served(folder, **limits):
    """A channel to an application that serves gRPC at a free port."""
    app = make_app(ServedModel(folder), "twice", Limits(**limits), grpc="127.0.0.1:0")
    with (
        TestClient(app) as client,
        grpc.insecure_channel(f"127.0.0.1:{client.app.state.grpc_port}") as channel,
    ):
        yield channel, client


def request(inputs, signature="", name="twice", version=None):
    asked = predict_pb2.PredictRequest()
    asked.model_spec.name, asked.model_spec.signature_name = name, signature
    if version is not None:
        asked.model_spec.version.value = version
    for key, value in inputs.items():
        asked.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    return asked


def test_a_client_of_tf_serving_gets_the_answers_of_rest(folder):
    with served(folder) as (channel, client):
        predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        found = predictions.Predict(request({"x": np.float32([1, 2.5])}), timeout=20)
        rest = client.post("/v1/models/twice:predict", json={"inputs": [1, 2.5]}).json()["outputs"]
        assert {key: tf.make_ndarray(each).tolist() for key, each in found.outputs.items()} == rest
        assert found.model_spec.name == "twice" and found.model_spec.version.value == 7
        found = predictions.Predict(request({"text": ["a", "é"]}, "text", version=7), timeout=20)
        assert tf.make_ndarray(found.outputs["text"]).tolist() == [b"aa", "éé".encode()]
        asked = request({"x": np.float32([1])})
        asked.output_filter.append("z")
        assert [*predictions.Predict(asked, timeout=20).outputs] == ["z"]
        metadata = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        metadata.model_spec.name = "twice"
        described = get_model_metadata_pb2.SignatureDefMap()
        predictions.GetModelMetadata(metadata).metadata["signature_def"].Unpack(described)
        assert {*described.signature_def} == {"serving_default", "text", "add"}
        assert described.signature_def["add"].inputs["a"].dtype == tf.float32.as_datatype_enum
        status = get_model_status_pb2.GetModelStatusRequest()
        status.model_spec.name = "twice"
        (found,) = (
            model_service_pb2_grpc.ModelServiceStub(channel)
            .GetModelStatus(status)
            .model_version_status
        )
        assert (found.version, found.state) == (7, found.AVAILABLE)
        lines = client.get("/metrics").text  # REST's and gRPC's are counted together
        assert 'kerasseq_requests_total{status="200"} 4' in lines


def damaged(shape, dtype=tf.float32, **content):
    asked = predict_pb2.PredictRequest()
    asked.model_spec.name = "twice"
    proto = asked.inputs["x"]
    proto.dtype = dtype.as_datatype_enum
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    for key, value in content.items():
        getattr(proto, key).extend(value) if isinstance(value, list) else setattr(proto, key, value)
    return asked


def filtered(name):
    asked = request({"x": np.float32([1])})
    asked.output_filter.append(name)
    return asked


def labelled():
    asked = request({"x": np.float32([1])})
    asked.model_spec.version_label = "stable"
    return asked


WRONG = {
    "another name": (request({"x": [1.0]}, name="other"), CODE.NOT_FOUND, "model twice"),
    "another version": (request({"x": [1.0]}, version=8), CODE.NOT_FOUND, "version of 7"),
    "a label": (labelled(), CODE.INVALID_ARGUMENT, "a version's number"),
    "no such signature": (request({"x": [1.0]}, "no"), CODE.INVALID_ARGUMENT, "signature_name of"),
    "no such input": (request({"y": [1.0]}), CODE.INVALID_ARGUMENT, "inputs x; received y"),
    "no input": (request({}), CODE.INVALID_ARGUMENT, "inputs x"),
    "another type": (request({"x": ["a"]}), CODE.INVALID_ARGUMENT, "x of DT_FLOAT"),
    "another rank": (request({"x": [[1.0]]}), CODE.INVALID_ARGUMENT, "shape"),
    "a number alone": (request({"x": 1.0}), CODE.INVALID_ARGUMENT, "received no rows of x"),
    "no row": (request({"x": np.zeros(0, "float32")}), CODE.INVALID_ARGUMENT, "1 to 64 rows"),
    "too many rows": (request({"x": np.ones(65, "f")}), CODE.INVALID_ARGUMENT, "1 to 64 rows"),
    "rows apart": (
        request({"a": np.ones((1, 2), "f"), "b": np.ones((2, 2), "f")}, "add"),
        CODE.INVALID_ARGUMENT, "as many of every input; received 1 of a, 2 of b",
    ),
    "a long text": (request({"text": ["a" * 10_001]}, "text"), CODE.INVALID_ARGUMENT, "10000 char"),
    "another output": (filtered("no"), CODE.INVALID_ARGUMENT, "output_filter of y, z"),
    "a huge shape": (damaged([2**40], float_val=[1.0]), CODE.INVALID_ARGUMENT, "1048576 elements"),
    "a negative shape": (damaged([-1], float_val=[1.0]), CODE.INVALID_ARGUMENT, "known shape"),
    "too few bytes": (damaged([4], tensor_content=b"\0" * 8), CODE.INVALID_ARGUMENT, "damaged"),
    "no type": (damaged([1], tf.variant), CODE.INVALID_ARGUMENT, "DT_FLOAT"),
}  # fmt: skip


def test_a_wrong_request_gets_a_status_and_a_sentence(folder):
    with served(folder) as (channel, _):
        predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        for name, (asked, code, said) in WRONG.items():
            with pytest.raises(grpc.RpcError) as error:
                predictions.Predict(asked, timeout=20)
            assert error.value.code() == code and said in error.value.details(), (name, error.value)
        with pytest.raises(grpc.RpcError) as error:
            predictions.Classify(classification_pb2.ClassificationRequest(), timeout=20)
        assert error.value.code() == CODE.UNIMPLEMENTED
        found = predictions.Predict(request({"x": np.float32([1])}), timeout=20)  # it goes on
        assert tf.make_ndarray(found.outputs["y"]).tolist() == [2.0]


def test_clients_of_both_doors_are_answered_together(folder):
    seen = []

    class Watched(ServedModel):
        def run(self, signature, tensors):
            seen.append(len(next(iter(tensors.values()))))
            return super().run(signature, tensors)

    app = make_app(
        Watched(folder), "twice", Limits(workers=1, together=8, delay=0.5), grpc="127.0.0.1:0"
    )
    with (
        TestClient(app) as client,
        grpc.insecure_channel(f"127.0.0.1:{client.app.state.grpc_port}") as channel,
        concurrent.futures.ThreadPoolExecutor(8) as threads,
    ):
        predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        asked = [
            threads.submit(predictions.Predict, request({"x": np.float32([i])}), timeout=20)
            for i in range(4)
        ]
        posted = [
            threads.submit(client.post, "/v1/models/twice:predict", json={"inputs": [i]})
            for i in range(4, 8)
        ]
        answers = [tf.make_ndarray(each.result().outputs["y"])[0] for each in asked]
        answers += [each.result().json()["outputs"]["y"][0] for each in posted]
    assert answers == [2.0 * i for i in range(8)] and max(seen) > 4


def test_a_slow_model_is_given_up_and_a_taken_port_is_said(folder):
    async def twice():
        server, port = await start(Service(ServedModel(folder), "twice"), "127.0.0.1:0")
        try:
            with pytest.raises(OSError, match="free address for gRPC"):
                await start(Service(ServedModel(folder), "twice"), f"127.0.0.1:{port}")
        finally:
            await server.stop(0)

    asyncio.run(twice())
    with served(folder, seconds=0.001, delay=1.0, together=64) as (channel, _):
        predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        with pytest.raises(grpc.RpcError) as error:
            predictions.Predict(request({"x": np.float32([1])}), timeout=20)
        assert error.value.code() == CODE.DEADLINE_EXCEEDED and "Gave up" in error.value.details()
