"""The demo of the JavaScript client translates in a real browser, without a network too."""

import functools
import http.server
import pathlib
import threading

import pytest

from kerasseq import Translator
from kerasseq.export.tflite import write_tflite

ROOT = pathlib.Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "javascript"
LITERTJS = ROOT / "tests" / "litertjs" / "node_modules"
LINES = ["fifty one", "", "two hundred seven thousand and eleven"]


class Handler(http.server.SimpleHTTPRequestHandler):
    """The client's folder, with LiteRT.js where `npm install` puts it, and a model of the test."""

    def __init__(self, *arguments, model, **options):
        self.model = model
        super().__init__(*arguments, directory=CLIENT, **options)

    def translate_path(self, path):
        if path.startswith("/node_modules/"):
            return str(LITERTJS / path.removeprefix("/node_modules/"))
        return str(self.model) if path == "/demo/model.tflite" else super().translate_path(path)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def translator():
    return Translator.load(ROOT / "saved_models" / "numbers_en_de")


@pytest.fixture(scope="module")
def address(translator, tmp_path_factory):
    """The page's address, from a server of static files."""
    if not LITERTJS.is_dir():
        pytest.fail(
            f"Expected LiteRT.js in {LITERTJS}; received no such folder. Install it: npm ci "
            "--prefix tests/litertjs"
        )
    model = tmp_path_factory.mktemp("lite") / "model.tflite"
    write_tflite(translator, model, "int8")
    handler = functools.partial(Handler, model=model)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/demo/"
        server.shutdown()


def test_it_translates_and_goes_on_without_a_network(browser, address, translator):
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    expected = "\n".join(translator(LINES))
    page.goto(address)
    page.wait_for_selector("body[data-state=ready]", timeout=60_000)
    for offline in (False, True):
        if offline:
            context.set_offline(True)
            page.reload()
            page.wait_for_selector("body[data-state=ready]", timeout=60_000)
        page.fill("#source", "\n".join(LINES))
        page.wait_for_function(
            "text => document.querySelector('#target').textContent === text", arg=expected
        )
    page.fill("#source", "one " * 300)
    page.wait_for_function("!document.querySelector('#notice').hidden")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390 and not errors
    context.close()
