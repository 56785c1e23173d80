"""TF Serving's folder: its settings parse, warm-up requests are answered, the client asks."""

import json
import pathlib
import re
import runpy
import threading
import time

import pytest
import tensorflow as tf
import uvicorn
from google.protobuf import text_format
from tensorflow_serving.apis import prediction_log_pb2
from tensorflow_serving.config import model_server_config_pb2

from kerasseq import Translator
from kerasseq.decoding import Greedy
from kerasseq.serving import ServedModel, make_app

FOLDER = pathlib.Path(__file__).parents[2] / "clients" / "tf_serving"
SAVED = FOLDER.parents[1] / "saved_models" / "numbers_en_de"
# The fields of tensorflow_serving/servables/tensorflow/session_bundle_config.proto.
BATCHING = {
    "max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "num_batch_threads",
    "thread_pool_name", "allowed_batch_sizes", "pad_variable_length_inputs",
}  # fmt: skip


@pytest.fixture(scope="module")
def client():
    """What client.py defines."""
    return runpy.run_path(str(FOLDER / "client.py"))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder of models, as the README fills it."""
    folder = tmp_path_factory.mktemp("models")
    translator = Translator.load(SAVED)
    translator.search, translator.examples = Greedy(), translator.examples[:2]
    translator.export(folder / "numbers" / "1")
    return folder


@pytest.fixture(scope="module")
def served(models):
    """The addresses of `kerasseq serve`: of REST and of gRPC."""
    app = make_app(ServedModel(models / "numbers"), "numbers", grpc="127.0.0.1:0")
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", f"127.0.0.1:{app.state.grpc_port}"
    server.should_exit = True
    thread.join(20)


def test_the_settings_are_tf_serving_s():
    config = model_server_config_pb2.ModelServerConfig()
    text_format.Parse((FOLDER / "models.config").read_text("utf-8"), config)
    (model,) = config.model_config_list.config
    assert (model.name, model.base_path) == ("numbers", "/models/numbers")
    batching = (FOLDER / "batching.config").read_text("utf-8")
    settings = re.findall(r"^(\w+) \{ value: \d+ \}$", batching, re.MULTILINE)
    assert len(settings) == 4 and set(settings) <= BATCHING
    image = (FOLDER / "Dockerfile").read_text("utf-8")
    for name in re.findall(r"/config/(\S+?)\"", image):
        assert (FOLDER / name).is_file()


def test_an_export_answers_its_warm_up_requests(client, models, served):
    """They are read with TF Serving's own messages, and asked over gRPC."""
    service = client["GrpcClient"](served[1], "numbers").service
    file = models / "numbers" / "1" / "assets.extra" / "tf_serving_warmup_requests"
    asked = {}
    for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
        request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
        request.model_spec.name = "numbers"
        asked[request.model_spec.signature_name] = service.Predict(request, timeout=30).outputs
    assert asked.keys() == {"serving_default", "complete", "n_best", "score", "attention"}
    assert tf.make_ndarray(asked["serving_default"]["translation"])[0]


def test_the_client_asks_over_rest_and_grpc(client, served):
    rest, grpc = (
        client[kind](address, "numbers")
        for kind, address in zip(("RestClient", "GrpcClient"), served, strict=True)
    )
    lines = ["fifty one", "two thousand"]
    for each in (rest, grpc):
        found = each.predict(text=lines)
        assert found["translation"] == ["einundfünfzig", "zweitausend"]
        assert found["truncated"] == [False, False]
        right, wrong = each.predict("score", source=lines[:1] * 2, target=["einundfünfzig", "elf"])[
            "score"
        ]
        assert wrong < right < 0
        with pytest.raises(RuntimeError, match="nothing"):
            each.predict("nothing", text=lines)


def test_the_client_s_command_prints_rows(client, served, capsys):
    client["main"](served[0], "numbers", "fifty one", "two thousand")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["translation"] for row in rows] == ["einundfünfzig", "zweitausend"]
