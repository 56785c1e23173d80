"""Many clients at once, slow ones, hostile ones, and a server that changes and ends."""

import asyncio
import concurrent.futures
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import tensorflow as tf
from fastapi.testclient import TestClient

from kerasseq.serving import Limits, ServedModel, Versions, make_app
from kerasseq.serving.bad_request import BadRequest
from kerasseq.serving.batching import Batcher

ADDRESS = "/v1/models/twice"


def save(path, factor=2.0):
    """A SavedModel that multiplies numbers and repeats strings, row by row."""

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
        def times(self, x):
            tf.debugging.assert_less(x, 1e6)
            return {"y": factor * x}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
        def text(self, text):
            return {"text": tf.strings.join([text, text])}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
        def padded(self, x):
            return {"y": tf.zeros([tf.shape(x)[0], tf.cast(tf.reduce_max(x), tf.int32)])}

    module = Model()
    signatures = {"serving_default": module.times, "text": module.text, "padded": module.padded}
    tf.saved_model.save(module, str(path), signatures)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("twice")
    save(folder / "1")
    return folder


class Watched(ServedModel):
    """Counts the rows of each run, and takes its time."""

    def __init__(self, path, seconds=0.0):
        super().__init__(path)
        self.seen, self.seconds = [], seconds

    def run(self, signature, tensors):
        self.seen.append(len(next(iter(tensors.values()))))
        time.sleep(self.seconds)
        return super().run(signature, tensors)


def ask(model, limits, *questions):
    """What a Batcher answers to questions that come at once: pairs of signature and columns."""

    async def all_of_them():
        batcher = Batcher(limits)
        asked = [
            batcher.ask(model, signature, model.tensors(signature, columns))
            for signature, columns in questions
        ]
        found = await asyncio.gather(*asked, return_exceptions=True)
        batcher.close()
        return found

    return asyncio.run(all_of_them())


def test_requests_that_wait_are_answered_together_each_its_own(folder):
    model = Watched(folder, 0.05)
    questions = [("serving_default", {"x": [float(i), i + 0.5]}) for i in range(20)]
    found = ask(model, Limits(workers=1, together=16), *questions)
    assert [each["y"].tolist() for each in found] == [[2.0 * i, 2 * i + 1.0] for i in range(20)]
    assert model.seen == [2, 16, 16, 6]  # the first is answered at once, the others meanwhile
    model.seen.clear()
    ask(model, Limits(workers=1, together=1), *questions)
    assert model.seen == [2] * 20
    model.seen.clear()
    ask(model, Limits(workers=1, delay=0.02), *questions)
    assert model.seen == [40]


def test_what_would_change_another_s_answer_is_answered_alone(folder):
    model = Watched(folder, 0.02)
    found = ask(
        model, Limits(workers=1), *[("padded", {"x": [float(n)]}) for n in (3, 1, 5)],
        *[("text", {"text": [text]}) for text in (b"a", b"b", b"c" * 900, b"d")],
    )  # fmt: skip
    assert [each["y"].shape for each in found[:3]] == [(1, 3), (1, 1), (1, 5)]
    assert [each["text"].tolist() for each in found[3:]][:2] == [[b"aa"], [b"bb"]]
    assert model.seen == [1, 1, 1, 3, 1]  # a long text is none of the short ones'


def test_an_error_is_its_request_s_alone(folder):
    model = Watched(folder)
    questions = [("serving_default", {"x": [number]}) for number in (1.0, 2.0, 1e7, 3.0)]
    found = ask(model, Limits(workers=1, delay=0.01), *questions)
    assert isinstance(found[2], ValueError) and "received others" in str(found[2])
    assert [float(found[i]["y"][0]) for i in (0, 1, 3)] == [2, 4, 6]


def test_too_many_that_wait_are_refused_and_nobody_s_work_is_not_begun(folder):
    model = Watched(folder, 0.2)

    async def ask_and_leave():
        batcher = Batcher(Limits(workers=1, waiting=2, together=1))
        tensors = model.tensors("serving_default", {"x": [1.0]})
        asked = [
            asyncio.create_task(batcher.ask(model, "serving_default", tensors)) for _ in range(4)
        ]
        await asyncio.sleep(0.05)
        waits = len(batcher)
        asked[1].cancel()
        asked[2].cancel()
        found = await asyncio.gather(*asked, return_exceptions=True)
        batcher.close()
        return waits, found

    waits, (first, *left, last) = asyncio.run(ask_and_leave())
    assert waits == 2 and first["y"] == 2 and isinstance(last, BadRequest) and last.status == 503
    assert all(isinstance(each, asyncio.CancelledError) for each in left)
    assert model.seen == [1]


def test_a_long_request_does_not_hold_up_a_short_one(folder):
    class Slow(ServedModel):
        def run(self, signature, tensors):
            time.sleep(1.0 if signature == "text" else 0.0)
            return super().run(signature, tensors)

    with TestClient(make_app(Slow(folder), "twice")) as client:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            long = pool.submit(
                client.post, f"{ADDRESS}:predict",
                content='{"signature_name": "text", "instances": ["a"]}',
            )  # fmt: skip
            time.sleep(0.2)
            started = time.perf_counter()
            short = client.post(f"{ADDRESS}:predict", content='{"instances": [1]}')
            assert time.perf_counter() - started < 0.5
        assert short.json() == {"predictions": [2.0]}
        assert long.result().json() == {"predictions": ["aa"]}


@pytest.mark.parametrize(
    "body",
    [
        b'{"signature_name": "text", "instances": ["\\ud800"]}',
        b'{"signature_name": "\\udfff", "instances": ["a"]}',
        b'{"instances": [{"\\ud800": 1}]}',
        b'{"inputs": {"\\ud800": [1]}}',
        b'{"inputs": {"x": {"\\ud800": 1}}}',
        b'{"instances": ["\\ud800"]}',
        b'{"\\ud800": 1}',
        b"\xff\xfe",
        b'{"instances": [NaN]}',
        b'{"instances": [1e400]}',
        b'{"instances": [[1], 2]}',
        b'{"instances": [{"b64": {"b64": 1}}]}',
        b'{"instances": [{"b64": "//8="}], "signature_name": "serving_default"}',
        b'{"instances": [true, "a", null, {}]}',
        b'{"inputs": 5}',
        b'{"inputs": []}',
        b'{"inputs": null}',
        b"null",
        b"5",
        b'""',
        b"",
    ],
)
def test_every_malformed_body_gets_a_4xx(folder, body):
    with TestClient(make_app(ServedModel(folder), "twice"), raise_server_exceptions=True) as client:
        found = client.post(f"{ADDRESS}:predict", content=body)
        assert 400 <= found.status_code < 500 and list(found.json()) == ["error"]


def test_random_bodies_get_an_answer_or_a_4xx(folder):
    draw = np.random.default_rng(5)
    whole = b'{"signature_name": "text", "instances": [{"text": "a\\u00e9"}, {"b64": "YQ=="}]}'
    with TestClient(make_app(ServedModel(folder), "twice")) as client:
        for _ in range(300):
            body = bytearray(whole)
            for _ in range(draw.integers(1, 4)):
                place = draw.integers(len(body))
                body[place : place + draw.integers(3)] = draw.bytes(draw.integers(3))
            found = client.post(f"{ADDRESS}:predict", content=bytes(body))
            assert found.status_code < 500, body


def test_hosts_and_origins_are_those_that_were_named(folder):
    options = {"hosts": ["good.example"], "origins": ["https://page.example"]}
    client = TestClient(make_app(ServedModel(folder), "twice", **options))
    for host, status in (("good.example", 200), ("good.example:8501", 200), ("evil.example", 400)):
        assert client.get(ADDRESS, headers={"host": host}).status_code == status
    # No redirect leads to a name that a request gave.
    found = client.get(f"{ADDRESS}/", headers={"host": "good.example"}, follow_redirects=False)
    assert found.status_code == 404
    for origin, allowed in (("https://page.example", True), ("https://evil.example", False)):
        headers = {"host": "good.example", "origin": origin}
        found = client.get(ADDRESS, headers=headers)
        assert ("access-control-allow-origin" in found.headers) == allowed
        headers |= {
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        }
        asked = client.options(f"{ADDRESS}:predict", headers=headers)
        assert (asked.status_code == 200) == allowed


def test_health_and_metrics(folder):
    with TestClient(make_app(ServedModel(folder), "twice")) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        for body in (b'{"instances": [1, 2, 3]}', b'{"instances": [1]}', b"{"):
            client.post(f"{ADDRESS}:predict", content=body)
        found = client.get("/metrics")
    assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = dict(line.rsplit(" ", 1) for line in found.text.splitlines() if line[0] != "#")
    assert lines['kerasseq_requests_total{status="200"}'] == "2"
    assert lines['kerasseq_requests_total{status="400"}'] == "1"
    assert lines['kerasseq_batch_rows_bucket{le="2"}'] == "1"
    assert lines['kerasseq_batch_rows_bucket{le="+Inf"}'] == lines["kerasseq_batch_rows_count"]
    assert lines["kerasseq_batch_rows_sum"] == "4.000000"
    assert lines["kerasseq_request_seconds_count"] == "3"
    assert lines['kerasseq_model_version{version="1"}'] == "1"


def test_a_new_version_answers_and_those_before_stay(tmp_path):
    save(tmp_path / "1")
    versions = Versions(tmp_path)
    assert versions.refresh() is None
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "saved_model.pb").write_bytes(b"half")
    assert "does not load" in versions.refresh() and versions.refresh() is None
    assert versions.newest.version == "1"
    shutil.rmtree(tmp_path / "2")
    for number in (10, 9, 11):
        save(tmp_path / str(number), number)
        assert (versions.refresh() == f"version {number} answers") == (number != 9)
    assert list(versions.models) == ["10", "11"]  # two are kept
    with TestClient(make_app(versions, "twice")) as client:

        def answer(place):
            return client.post(f"{ADDRESS}{place}:predict", content='{"instances": [1]}')

        assert answer("").json() == answer("/versions/11").json() == {"predictions": [11.0]}
        assert answer("/versions/10").json() == {"predictions": [10.0]}
        assert answer("/versions/1").status_code == answer("/versions/x").status_code == 404
        found = client.get(ADDRESS).json()["model_version_status"]
        assert [each["version"] for each in found] == ["11", "10"]


@pytest.fixture
def server(folder, tmp_path):
    """`kerasseq serve` of a folder of versions of its own, with short patience."""
    shutil.copytree(folder, tmp_path / "twice")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import sys, pathlib\n"
        "from kerasseq.serving import Limits, Versions, make_app, run, app\n"
        "app.LOOK = 0.2\n"
        "limits = Limits(idle=1.0, seconds=20)\n"
        "found = Versions(sys.argv[1])\n"
        "run(make_app(found, 'twice', limits), '127.0.0.1', int(sys.argv[2]), limits)\n"
        "print('drained', flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "twice"), str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ,
    )  # fmt: skip
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield process, port, tmp_path / "twice"
    process.kill()
    process.wait()


def test_a_process_survives_slow_clients_a_new_version_and_drains(server):
    process, port, folder = server
    # Clients that say nothing, begin a head, or begin a body.
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
    silent[1].sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-A: ")
    drip = threading.Thread(target=drip_head, args=(silent[2],))
    drip.start()
    # Others ask all the time, while a version is added.
    ends, statuses, answers = threading.Event(), [], set()

    def ask_on():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while not ends.is_set():
            connection.request("POST", f"{ADDRESS}:predict", '{"instances": [1]}')
            found = connection.getresponse()
            answers.add(json.loads(found.read())["predictions"][0])
            statuses.append(found.status)
        connection.close()

    clients = [threading.Thread(target=ask_on) for _ in range(4)]
    for each in clients:
        each.start()
    beside = folder.parent / "part"
    save(beside, 5.0)
    os.replace(beside, folder / "2")
    until = time.monotonic() + 60
    while 5.0 not in answers and time.monotonic() < until:
        time.sleep(0.1)
    ends.set()
    for each in [*clients, drip]:
        each.join()
    assert answers == {2.0, 5.0} and set(statuses) == {200}
    for each in silent:
        each.settimeout(10)
        with contextlib.suppress(ConnectionResetError):
            assert each.recv(10) == b""  # closed
        each.close()
    # What was begun is answered; then it ends by itself.
    last = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    last.putrequest("POST", f"{ADDRESS}:predict")
    last.putheader("Content-Length", "18")
    last.endheaders(b'{"instances"')
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    last.send(b": [1]}")
    found = last.getresponse()
    assert found.status == 200 and json.loads(found.read()) == {"predictions": [5.0]}
    assert process.stdout.read() == "drained\n" and process.wait(timeout=30) == 0


def drip_head(connection):
    """Sends a byte of a head now and then until the other side closes."""
    connection.sendall(b"GET / HTTP/1.1\r\nX: ")
    try:
        for _ in range(50):
            connection.sendall(b"a")
            time.sleep(0.1)
    except OSError:
        pass


def test_the_command_leaves_nothing_behind(folder, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "kerasseq", "serve", str(folder), "--name", "twice", "--port", port],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=os.environ | {"TMPDIR": str(temporary)},
    )  # fmt: skip
    assert process.stdout.readline().strip() == f"http://127.0.0.1:{port}{ADDRESS}"
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
            break
        except OSError:
            time.sleep(0.1)
    for host, status in (("evil.example", 400), ("localhost", 200)):
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
        connection.request("GET", ADDRESS, headers={"Host": host})
        assert connection.getresponse().status == status
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert not list(temporary.iterdir())
