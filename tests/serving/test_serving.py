"""The REST API answers as TF Serving does, and refuses with one sentence."""

import asyncio
import base64
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import keras
import pytest
import tensorflow as tf
from fastapi.testclient import TestClient

from kerasseq import Translator
from kerasseq.decoding import Beam
from kerasseq.models import AttentionSeq2Seq
from kerasseq.processing import Glossary
from kerasseq.serving import Limits, ServedModel, make_app
from kerasseq.text import SentencePieceTokenizer, WordTokenizer

LINES = ["one hundred two", "", "four thousand"]
ADDRESS = "/v1/models/numbers"


@pytest.fixture(scope="module")
def translator(number_text):
    keras.utils.set_random_seed(7)
    source = WordTokenizer.train(source for source, _ in number_text[0])
    target = SentencePieceTokenizer.train((target for _, target in number_text[0]), 50)
    model = AttentionSeq2Seq(source.vocabulary_size, target.vocabulary_size, 16, 32)
    # Sharper than at the start: no near-ties that rounding would decide.
    model.set_weights([2 * weight for weight in model.get_weights()])
    examples = [source for source, _ in number_text[1][:5]]
    return Translator(model, source, target, Beam(3), 14, 24, examples=examples)


@pytest.fixture(scope="module")
def folder(translator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("numbers")
    translator.export(folder / "3")
    return folder


@pytest.fixture(scope="module")
def client(folder):
    limits = Limits(body=20_000, text=1000, batch=4)
    return TestClient(make_app(ServedModel(folder), "numbers", limits, page=True))


def predict(client, **request):
    return client.post(f"{ADDRESS}:predict", content=json.dumps(request))


def test_status_and_metadata_are_tf_serving_s(client):
    status = client.get(ADDRESS).json()["model_version_status"][0]
    assert status["version"] == "3" and status["state"] == "AVAILABLE"
    assert client.get(f"{ADDRESS}/versions/3").json() == client.get(ADDRESS).json()
    metadata = client.get(f"{ADDRESS}/metadata").json()
    signatures = metadata["metadata"]["signature_def"]["signature_def"]
    assert set(signatures) == {
        "serving_default", "complete", "with_glossary", "n_best", "attention", "score",
    }  # fmt: skip
    assert signatures["serving_default"]["inputs"]["text"]["dtype"] == "DT_STRING"
    assert signatures["serving_default"]["method_name"] == "tensorflow/serving/predict"
    assert metadata["model_spec"]["name"] == "numbers"


def test_rows_and_columns_are_python_s_answers(client, translator):
    expected = [found[0] for found in translator.translate(LINES)]
    for instances in (LINES, [{"text": line} for line in LINES]):
        rows = predict(client, instances=instances).json()["predictions"]
        assert [row["translation"] for row in rows] == [each.text for each in expected]
        assert [row["score"] for row in rows] == pytest.approx(
            [e.score for e in expected], abs=1e-4
        )
    for inputs in (LINES, {"text": LINES}):
        columns = predict(client, inputs=inputs).json()["outputs"]
        assert columns["translation"] == [each.text for each in expected]
    encoded = [{"b64": base64.b64encode(line.encode()).decode()} for line in LINES]
    again = predict(client, instances=encoded).json()["predictions"]
    assert [row["translation"] for row in again] == [row["translation"] for row in rows]


def test_other_signatures_are_called_by_name(client, translator):
    several = predict(client, signature_name="n_best", instances=["one"]).json()["predictions"][0]
    assert len(several["translations"]) == 3
    pair = {"source": "one hundred", "target": "einhundert"}
    # One output alone is given without its name.
    (score,) = predict(client, signature_name="score", instances=[pair]).json()["predictions"]
    assert score == pytest.approx(translator.score([tuple(pair.values())])[0], abs=1e-3)
    column = predict(client, signature_name="score", inputs={k: [v] for k, v in pair.items()})
    assert column.json() == {"outputs": [pytest.approx(score, abs=1e-4)]}


def test_a_request_may_have_a_glossary(client, translator):
    lines, terms = ["one hundred", "two"], ["one\tzwei|neun", "one\tdrei"]
    rows = [{"text": t, "prefix": "", "glossary": g} for t, g in zip(lines, terms, strict=True)]
    answer = predict(client, signature_name="with_glossary", instances=rows).json()
    first, second = answer["predictions"]
    given = [{"one": ["zwei", "neun"]}, {"one": "drei"}]
    assert [first["translation"], second["translation"]] == translator(lines, glossary=given)
    assert {"zwei", "neun"} & set(first["translation"].split()) and first["missing"] == ""
    rows[0]["glossary"] = "one zwei"
    answer = predict(client, signature_name="with_glossary", instances=rows)
    assert answer.status_code == 400 and "a source term, a tab" in answer.json()["error"]


@pytest.mark.filterwarnings("ignore:Expected (inputs|to keep)")
def test_an_answer_is_streamed_where_the_task_is_served(client, folder, translator):
    limits = Limits(body=20_000, text=1000, batch=4)
    long = " ".join(["neun"] * 9)  # than a translation may be
    terms = f"two\tdrei|{long}\n\t{long}|a {long}\n\t!vier"
    streaming = TestClient(make_app(ServedModel(folder), "numbers", limits, task=translator))
    for rows, options, given in (
        ({"text": "one hundred"}, {}, {}),
        ({"text": "two", "prefix": "ein"}, {"signature_name": "complete"}, {"prefix": "ein"}),
        ({"text": "one hundred " * 40}, {}, {}),
        (
            {"text": "two", "prefix": "", "glossary": terms},
            {"signature_name": "with_glossary"},
            {"glossary": Glossary.parse(terms)},
        ),
    ):
        answer = predict(streaming, instances=[rows], stream=True, **options)
        assert answer.headers["content-type"].startswith("text/event-stream")
        parts = answer.text.split("\n\n")[:-1]
        events = [json.loads(each.removeprefix("data: ")) for each in parts]
        told = list(translator.stream(rows["text"], **given))
        assert [each["translation"] for each in events] == [*told, told[-1]]
        assert [each["done"] for each in events] == [False] * len(told) + [True]
        (plain,) = predict(streaming, instances=[rows], **options).json()["predictions"]
        last = {name: value for name, value in events[-1].items() if name != "done"}
        assert last == plain | {"score": pytest.approx(plain["score"], abs=1e-4)}
        assert plain["truncated"] == (len(rows["text"]) > 100)
        assert plain.get("missing") == (f"{long}|a {long}" if "glossary" in rows else None)
    for asked, status, said in (
        ({"instances": ["one", "two"], "stream": True}, 400, "of one row"),
        ({"instances": ["one"], "stream": 1}, 400, "of one row"),
        ({"instances": ["one"], "stream": True, "signature_name": "n_best"}, 400, "n_best"),
    ):
        answer = predict(streaming, **asked)
        assert answer.status_code == status and said in answer.json()["error"]
    answer = predict(client, instances=["one"], stream=True)
    assert answer.status_code == 400 and "a SavedModel" in answer.json()["error"]
    assert predict(client, instances=["one"], stream=False).status_code == 200


@pytest.mark.parametrize(
    ("request_", "status", "sentence"),
    [
        (b"{", 400, "Expected JSON"),
        (b"[]", 400, "received an empty list. Send"),
        (b"{}", 400, "received an object of nothing. Send"),
        (b'{"text": ["one"]}', 400, 'received an object of "text". Send'),
        (b'{"instances": [], "inputs": []}', 400, "either"),
        (b'{"instances": []}', 400, "at least one row; received an empty list"),
        (b'{"instances": "one"}', 400, 'list of at least one row; received the string "one"'),
        (b'{"instances": ["one", {"txt": "one"}]}', 400, "and nothing else; received txt in row 1"),
        (b'{"instances": [{"txt": "one"}]}', 400, "received txt in row 0"),
        (b'{"instances": ["one", {}]}', 400, "received nothing in row 1, the first being 0"),
        (b'{"inputs": {"text": ["one"], "more": [1]}}', 400, "text"),
        (b'{"inputs": {"text": "one"}}', 400, 'text as a list of rows; received the string "one"'),
        (b'{"inputs": true}', 400, "text as a list of rows; received true. Send"),
        (b'{"instances": ["a", "a", "a", "a", "a"]}', 400, "1 to 4 rows, as many of every input"),
        (b'{"instances": [5]}', 400, "values of text string; received others (5 is no string)"),
        (b'{"instances": [null]}', 400, "strings, numbers or lists of them as text; received null"),
        (b'{"instances": [["one"]]}', 400, "shape"),
        (b'{"instances": [{"b64": "?"}]}', 400, "base64"),
        (b'{"signature_name": "no", "instances": ["one"]}', 400, "serving_default"),
        (b'{"signature_name": ["a"], "instances": ["one"]}', 400, "serving_default"),
        (b'{"signature_name": {"a": 1}, "inputs": ["one"]}', 400, "serving_default"),
        (b"[" * 19_000, 400, "Expected JSON"),
        (b'{"instances": ' + b"[" * 900 + b"]" * 900 + b"}", 400, "nested"),
        (b'{"instances": [1' + b"0" * 400 + b"]}", 400, "string"),
        (json.dumps({"instances": ["x" * 1001]}).encode(), 413, "1000 characters"),
        (json.dumps({"instances": [{"b64": "eHh4" * 400}]}).encode(), 413, "1000 characters"),
        (json.dumps({"instances": ["x" * 30_000]}).encode(), 413, "20000 bytes"),
    ],
)
def test_a_bad_request_gets_one_sentence(client, request_, status, sentence):
    answer = client.post(f"{ADDRESS}:predict", content=request_)
    assert answer.status_code == status
    assert sentence in answer.json()["error"] and list(answer.json()) == ["error"]
    assert predict(client, instances=["one"]).status_code == 200


def test_a_wrong_address_or_method_gets_one_sentence(client):
    answer = client.get(f"{ADDRESS}/versions/9")
    assert answer.status_code == 404 and "version of 3; received 9" in answer.json()["error"]
    for path in ("/v1/models/other", "/nowhere"):
        answer = client.get(path)
        assert answer.status_code == 404 and ADDRESS in answer.json()["error"]
    assert client.get(f"{ADDRESS}:predict").status_code == 405


def test_what_takes_too_long_is_given_up(folder):
    client = TestClient(make_app(ServedModel(folder), "numbers", Limits(seconds=1e-4)))
    answer = predict(client, instances=["one"])
    assert answer.status_code == 503 and "Gave up" in answer.json()["error"]


def test_what_no_json_can_hold_gets_one_sentence(tmp_path):
    module = tf.Module()
    module.twice = tf.function(lambda x: {"y": 2 * x}, [tf.TensorSpec([None], name="x")])
    tf.saved_model.save(module, tmp_path, module.twice)
    client = TestClient(make_app(ServedModel(tmp_path), "numbers"))
    assert predict(client, instances=[1.5]).json() == {"predictions": [3]}
    numbers = {"NaN": "none of float32", "1e300": "none of float32", "3e38": "a finite y"}
    numbers |= {'"1"': "x float32; received others ('1' is no float32)"}
    numbers |= {"true": "True is none of float32"}  # which TensorFlow would read as a number
    for number, sentence in numbers.items():
        answer = client.post(f"{ADDRESS}:predict", content=f'{{"instances": [{number}]}}')
        assert answer.status_code == 400 and sentence in answer.json()["error"]


@pytest.mark.parametrize(
    ("then", "status", "sentence"), [("hangs up", 400, b"hung up"), ("stalls", 503, b"Gave up")]
)
def test_a_body_that_never_ends_holds_nothing_up(folder, then, status, sentence):
    app = make_app(ServedModel(folder), "numbers", Limits(seconds=0.01))
    parts, sent = [{"type": "http.request", "body": b'{"inst', "more_body": True}], []

    async def receive():
        if parts:
            return parts.pop()
        if then == "stalls":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": f"{ADDRESS}:predict", "headers": []}
    asyncio.run(app(scope | {"query_string": b""}, receive, send))
    assert sent[0]["status"] == status and sentence in sent[1]["body"]


def test_the_page_names_its_model(client, folder):
    page = client.get("/")
    assert page.status_code == 200 and f'"{ADDRESS}"' in page.text and "{{" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")  # nothing from elsewhere


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a/b", "{a}", "a#b"])
def test_a_name_that_is_no_address_gets_one_sentence(name):
    with pytest.raises(ValueError, match=re.escape(f"received {name!r}")):
        make_app(None, name)


def test_it_warms_up_with_the_requests_of_the_export(folder, tmp_path):
    class Watched(ServedModel):
        def __call__(self, signature, inputs):
            asked[signature] = {name: column.tolist() for name, column in inputs.items()}
            return super().__call__(signature, inputs)

    asked = {}
    model = Watched(folder)
    model.warm_up()
    assert sorted(asked) == sorted(model.signatures)
    (line,) = asked["serving_default"]["text"]
    assert line and asked["score"] == {"source": [line], "target": [line]}
    module = tf.Module()
    module.twice = tf.function(lambda x: {"y": 2 * x}, [tf.TensorSpec([None], name="x")])
    tf.saved_model.save(module, tmp_path, module.twice)
    requests = tmp_path / "assets.extra" / "tf_serving_warmup_requests"
    foreign = Watched(tmp_path)
    foreign.warm_up()  # nothing to warm up with
    requests.parent.mkdir()
    shutil.copy(folder / "3" / "assets.extra" / requests.name, requests)
    with pytest.raises(ValueError, match="Expected requests of serving_default .* received one of"):
        foreign.warm_up()
    with tf.io.TFRecordWriter(str(tmp_path / "records")) as file:
        file.write(b"no message")
    for content in (b"no requests at all", (tmp_path / "records").read_bytes()):
        requests.write_bytes(content)
        with pytest.raises(ValueError, match="TF Serving's kind .* received something else"):
            foreign.warm_up()


def test_a_folder_without_a_model_gets_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match=rf"Expected .*{re.escape(str(tmp_path))}"):
        ServedModel(tmp_path)


def test_it_serves_from_the_command_line(folder, translator):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"http://127.0.0.1:{port}/v1/models/numbers"
    command = [sys.executable, "-m", "kerasseq", "serve", str(folder), "--name", "numbers"]
    process = subprocess.Popen([*command, "--port", port], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().strip() == address
        body = json.dumps({"instances": ["one hundred two"]}).encode()
        for _ in range(50):
            try:
                with urllib.request.urlopen(f"{address}:predict", body, timeout=30) as answer:
                    found = json.loads(answer.read())["predictions"][0]["translation"]
                break
            except OSError:
                time.sleep(0.2)
        assert found == translator("one hundred two")
    finally:
        process.terminate()
        process.wait()
