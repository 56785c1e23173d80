"""What the pages show in a real browser is what the model computes."""

import dataclasses
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest
from keras import ops

from kerasseq import Translator
from kerasseq.plots import step_player
from kerasseq.plots.step_frames import shown
from kerasseq.reports.page import table, write_page
from kerasseq.tasks import trace

ROOT = pathlib.Path(__file__).parents[2]
MODEL = ROOT / "saved_models" / "numbers_en_de"
LINE = "fifty one"


@pytest.fixture(scope="module")
def translator():
    return Translator.load(MODEL)


@pytest.fixture(scope="module")
def page(browser):
    """A page; its errors fail the test."""
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(error))
    yield page
    assert not errors


def log_probabilities(translator, tokens):
    """What the model gives each token after those before it, decoded all at once `(T, V)`."""
    vocabulary = translator.target.vocabulary
    ids = [translator.target.start_id, *(vocabulary.index(token) for token in tokens)]
    source = ops.convert_to_tensor([translator.source_ids(LINE)])
    memory = translator.model.encode(source)
    logits = translator.model.decode(ops.convert_to_tensor([ids]), memory)
    return ops.convert_to_numpy(ops.log_softmax(logits, axis=-1))[0]


def test_the_step_player_shows_the_model_s_tensors(page, translator, tmp_path):
    path = tmp_path / "steps.html"
    step_player(trace(translator, LINE), path)
    page.goto(path.as_uri())
    best = next(translator.translate([LINE]))[0]
    vocabulary = translator.target.vocabulary
    log_p = log_probabilities(translator, best.tokens)
    looks = translator.attention(LINE).attention
    frames = len(best.source_tokens) + len(best.tokens)
    source = ops.convert_to_tensor([translator.source_ids(LINE)], "int32")
    states = ops.convert_to_numpy(translator.model.encoder_states(source))[0]
    large = np.sort(np.abs(states), axis=None)[int(0.95 * states.size)]
    tiles = page.eval_on_selector_all(
        "#source canvas",
        """all => all.map(tile => [...tile.getContext("2d").getImageData(
            0, 0, tile.width, tile.height).data])""",
    )
    for tile, state in zip(tiles, states, strict=True):
        red, _, blue, deep = np.reshape(tile, (-1, 4)).T[:, : len(state)]
        np.testing.assert_allclose(deep / 255, np.minimum(np.abs(state) / large, 1), atol=5e-3)
        plain = deep > 25  # of a pale colour the browser keeps no exact hue
        assert ((blue > red) == (state > 0))[plain].all() and plain.any()
    assert page.inner_text("#count") == f"0 / {frames}"
    page.keyboard.press("End")
    assert page.inner_text("#count") == f"{frames} / {frames}"
    page.keyboard.press("Home")
    for token in best.source_tokens:
        page.keyboard.press("ArrowRight")
        assert page.inner_text("#source .now") == shown(token)
        assert page.inner_text("#said") == f'The encoder is given "{shown(token)}".'
        assert not page.query_selector_all("#ribbons path, #candidates *")
    for step, token in enumerate(best.tokens):
        page.keyboard.press("ArrowRight")
        assert page.inner_text("#output .now") == shown(token)
        said = f'The decoder looks at the source and writes "{shown(token)}".'
        assert page.inner_text("#said") == said
        written = page.locator("#output .chip:not(.hidden)").all_text_contents()
        assert written == [shown(each) for each in best.tokens[: step + 1]]
        weights = page.eval_on_selector_all(
            "#ribbons path", "all => all.map(path => Number(path.dataset.weight))"
        )
        assert weights == pytest.approx([w for w in looks[step] if w >= 0.02], abs=1e-4)
        names = page.locator("#candidates span:not(.number)").all_text_contents()
        numbers = page.locator("#candidates .number").all_text_contents()
        likeliest = np.argsort(-log_p[step])[:5]
        assert names == [shown(vocabulary[i]) for i in likeliest]
        found = [float(number.removesuffix(" %")) for number in numbers]
        assert found == pytest.approx(100 * np.exp(log_p[step][likeliest]), abs=0.051)
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#output .now") == shown(best.tokens[-2])


def test_the_tree_shows_every_hypothesis_with_its_score_and_its_end(page, translator, tmp_path):
    path, found = tmp_path / "steps.html", trace(translator, LINE)
    step_player(found, path)
    page.goto(path.as_uri())
    assert page.query_selector_all("#tree .later")
    page.keyboard.press("End")
    assert not page.query_selector_all("#tree .later")
    nodes = page.eval_on_selector_all(
        "#tree g",
        """all => all.map(group => [
            group.dataset.parent,
            group.dataset.token,
            ...[...group.querySelectorAll("text")].map(text => text.textContent),
            group.classList.contains("best"),
            group.classList.contains("dead")])""",
    )
    nodes, ends = nodes[: len(found.nodes)], nodes[len(found.nodes) :]
    assert len(nodes) > 20
    tokens, vocabulary = {}, translator.target.vocabulary
    for place, (parent, token, name, score, *_) in enumerate(nodes):
        assert name == shown(token)
        tokens[place] = [] if parent == "" else [*tokens[int(parent)], token]
        log_p = log_probabilities(translator, tokens[place])
        gained = [log_p[i, vocabulary.index(t)] for i, t in enumerate(tokens[place])]
        assert float(score) == pytest.approx(sum(gained), abs=6e-3)
    search = translator.search.all_best()
    several = next(translator.translate([LINE], search, distinct=False))
    assert [node[1] for node in nodes if node[4]] == ["<s>", *several[0].tokens[:-1]]
    # Each translation has its end and the score that ranks it; what nothing went on from died.
    assert [[*tokens[int(end[0])], end[1]] for end in ends] == [each.tokens for each in several]
    assert [float(end[3]) for end in ends] == pytest.approx([e.score for e in several], abs=6e-3)
    assert [end[4] for end in ends] == [True] + [False] * (len(ends) - 1)
    parents = {int(node[0]) for node in nodes + ends if node[0]}
    dead = [place for place, node in enumerate(nodes) if node[5]]
    assert dead and dead == [place for place in range(len(nodes)) if place not in parents]


def test_the_player_follows_the_script_and_the_model(page, translator, tmp_path):
    found = trace(translator, LINE)
    blind = [dataclasses.replace(node, attention=None) for node in found.nodes]
    words = ["▁كلب", "<unk>", "</s>"]
    step_player(dataclasses.replace(found, source_tokens=words, nodes=blind), tmp_path / "s.html")
    page.goto((tmp_path / "s.html").as_uri())
    page.keyboard.press("End")
    chips = page.locator("#source .chip")
    assert chips.all_text_contents() == ["كلب", "⟨unk⟩", "⟨end⟩"]
    lefts = [chips.nth(i).bounding_box()["x"] for i in range(3)]
    assert lefts == sorted(lefts, reverse=True)  # read from right to left
    assert page.inner_text("#said") == 'The decoder writes "⟨end⟩".'
    assert not page.is_visible("#gap")


def test_the_player_plays_pauses_scrubs_and_fits_a_phone_in_the_dark(page, translator, tmp_path):
    step_player(trace(translator, LINE), tmp_path / "steps.html")
    page.goto((tmp_path / "steps.html").as_uri())
    page.keyboard.press("Space")
    page.wait_for_function("document.getElementById('count').textContent.startsWith('1 /')")
    page.keyboard.press("Space")
    paused = page.inner_text("#count")
    page.wait_for_timeout(1200)
    assert page.inner_text("#count") == paused
    page.click("#play")
    page.wait_for_function(f"document.getElementById('count').textContent !== '{paused}'")
    page.fill("#scrub", "5")
    assert page.inner_text("#count").startswith("5 /")
    page.evaluate("document.activeElement.blur()")  # a slider has keys of its own
    page.keyboard.press("Alt+ArrowRight")
    assert page.inner_text("#count").startswith("5 /")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) != light
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 720})


def test_the_served_page_translates_what_is_typed(page, translator, tmp_path):
    model = tmp_path / "numbers"
    shutil.copytree(MODEL, model)
    (model / "examples.txt").write_text(f"{LINE}\n")  # all that its export is to be checked with
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kerasseq", "serve", model, "--page", "--port", port]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert server.stdout.readline(), "the server ended before it answered"
        address = f"http://127.0.0.1:{port}/"
        wait_for(address, server)
        page.goto(address)
        best, *others = next(
            translator.translate([LINE], translator.search.replace(n_best=4, return_attention=True))
        )
        assert page.inner_text("h1") == "Translate as you type: numbers"
        page.get_by_label("source text").press_sequentially(LINE)
        page.wait_for_selector("#list li", timeout=30_000)
        assert page.inner_text("#best") == best.text == "einundfünfzig"
        listed = page.eval_on_selector_all("#list li", "all => all.map(li => li.firstChild.data)")
        assert listed[: 1 + len(others)] == [each.text for each in (best, *others)]
        words = page.locator("#words span")
        assert words.all_text_contents() == [shown(token) for token in best.tokens]
        words.nth(1).focus()
        weights = page.eval_on_selector_all("#source_words span", "all => all.map(s => s.title)")
        assert [float(w) for w in weights] == pytest.approx(best.attention[1], abs=6e-3)
        typed = page.get_by_label("source text")
        assert typed.evaluate("box => getComputedStyle(box).direction") == "ltr"
        typed.fill("كلب")
        assert typed.evaluate("box => getComputedStyle(box).direction") == "rtl"
        typed.fill("")
        page.wait_for_function("!document.getElementById('best').textContent")
    finally:
        server.terminate()
        server.wait()


def test_a_table_of_three_runs_fits_a_phone(page, tmp_path):
    scores = {name: [f"{10 * i + 2.9}" for i in range(3)] for name in ("BLEU, test", "perplexity")}
    signature = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"
    rows = scores | {"sacreBLEU": [signature] * 3}
    write_page(tmp_path / "runs.html", "runs", {"Scores": table(rows, ["vector", "a", "b"])})
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((tmp_path / "runs.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    heights = page.eval_on_selector_all("tr", "all => all.map(row => row.clientHeight)")
    assert max(heights[:3]) < 40  # no number breaks inside
    page.set_viewport_size({"width": 1280, "height": 720})


def test_a_cell_is_read_in_the_direction_of_its_script(page, tmp_path):
    write_page(tmp_path / "lines.html", "", {"Lines": table({"a": "dog.", "b": "כלב."})})
    page.goto((tmp_path / "lines.html").as_uri())
    stops = page.eval_on_selector_all(
        "td",
        """all => all.map(cell => {
            const range = document.createRange(), text = cell.firstChild, end = text.length;
            range.setStart(text, end - 1); range.setEnd(text, end);
            const stop = range.getBoundingClientRect().left;
            range.setStart(text, 0); range.setEnd(text, 1);
            return stop - range.getBoundingClientRect().left;
        })""",
    )
    assert stops[0] > 0 > stops[1]  # the full stop stands after the last letter of each


def wait_for(address, server):
    """Waits until a server answers."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=30):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server ended with {server.returncode}")
