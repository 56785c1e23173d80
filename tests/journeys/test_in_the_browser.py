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
from kerasseq.processing.translation import Translation
from kerasseq.reports.page import table, write_page
from kerasseq.tasks import trace
from kerasseq.tasks.trace import Node, Trace

ROOT = pathlib.Path(__file__).parents[2]
MODEL = ROOT / "saved_models" / "numbers_en_de"
LINE = "fifty one"
# The contrast of an SVG element's text with the page (WCAG 2), opacity counted.
CONTRAST = """element => {
    const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255).map(
            (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const text = getComputedStyle(element), group = getComputedStyle(element.parentElement);
    const opaque = Number(text.opacity) * Number(group.opacity);
    const page = light(getComputedStyle(document.body).backgroundColor);
    const ink = opaque * light(text.fill) + (1 - opaque) * page;
    return (Math.max(ink, page) + 0.05) / (Math.min(ink, page) + 0.05);
}"""


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


def label(token):
    """A token as the step player shows it: "▁" marks a word's beginning."""
    return {"</s>": "⟨end⟩", "<s>": "⟨start⟩", "<unk>": "⟨unk⟩"}.get(token, token)


def test_the_step_player_shows_the_model_s_tensors(page, translator, tmp_path):
    path = tmp_path / "steps.html"
    step_player(trace(translator, LINE), path)
    page.goto(path.as_uri())
    best = next(translator.translate([LINE]))[0]
    vocabulary = translator.target.vocabulary
    log_p = log_probabilities(translator, best.tokens)
    looks = translator.attention(LINE).attention
    frames = len(best.tokens)
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
    # The encoder's step is the first: the source stands, nothing is written.
    assert page.inner_text("#read") == LINE and page.inner_text("#written") == best.text
    sources = page.locator("#source .chip").all_text_contents()
    assert sources == [label(token) for token in best.source_tokens]
    assert "encoder reads the source once" in page.inner_text("#said")
    assert page.is_visible("#legend") and page.is_visible("#nothing") and page.is_visible("#mark")
    assert not page.query_selector_all("#ribbons path, #candidates *, #output .chip:not(.hidden)")
    for step, token in enumerate(best.tokens):
        page.keyboard.press("ArrowRight")
        assert page.inner_text("#output .now") == label(token)
        said = f'The decoder looks at the source and writes "{label(token)}".'
        assert page.inner_text("#said") == said
        written = page.locator("#output .chip:not(.hidden)").all_text_contents()
        assert written == [label(each) for each in best.tokens[: step + 1]]
        assert not page.is_visible("#legend") and not page.is_visible("#nothing")
        weights = page.eval_on_selector_all(
            "#ribbons path", "all => all.map(path => Number(path.dataset.weight))"
        )
        assert weights == pytest.approx([w for w in looks[step] if w >= 0.02], abs=1e-4)
        names = page.locator("#candidates span:not(.number)").all_text_contents()
        numbers = page.locator("#candidates .number").all_text_contents()
        likeliest = np.argsort(-log_p[step])[:5]
        assert names == [label(vocabulary[i]) for i in likeliest]
        found = [float(number.removesuffix(" %")) for number in numbers]
        assert found == pytest.approx(100 * np.exp(log_p[step][likeliest]), abs=0.051)
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#output .now") == label(best.tokens[-2])


def test_the_tree_shows_every_hypothesis_with_its_score_and_its_end(page, translator, tmp_path):
    path, found = tmp_path / "steps.html", trace(translator, LINE)
    step_player(found, path)
    page.goto(path.as_uri())
    assert not page.is_visible("#tree")  # folded until asked for
    page.click("#beams summary")
    assert page.is_visible("#tree")
    assert page.query_selector_all("#tree .later")
    # What is still to come is as easy to read as the rest.
    faint = page.eval_on_selector("#tree .later text", CONTRAST)
    assert faint >= 4.5
    page.evaluate("document.activeElement.blur()")
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
        assert name == label(token)
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
    assert chips.all_text_contents() == ["▁كلب", "⟨unk⟩", "⟨end⟩"]
    lefts = [chips.nth(i).bounding_box()["x"] for i in range(3)]
    assert lefts == sorted(lefts, reverse=True)  # read from right to left
    assert page.inner_text("#said") == 'The decoder writes "⟨end⟩".'
    assert page.evaluate("document.getElementById('gap').offsetHeight") <= 16


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
    page.fill("#scrub", "3")
    assert page.inner_text("#count").startswith("3 /")
    page.evaluate("document.activeElement.blur()")  # a slider has keys of its own
    page.keyboard.press("Alt+ArrowRight")
    assert page.inner_text("#count").startswith("3 /")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) != light
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.emulate_media(reduced_motion="reduce")
    moves = page.eval_on_selector(".chip", "chip => getComputedStyle(chip).transitionProperty")
    assert moves == "none"
    page.emulate_media(reduced_motion="no-preference")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.parametrize("words", [1, 7, 40])
@pytest.mark.parametrize("size", [(390, 844), (1280, 800)])
def test_all_but_the_tree_is_on_one_screen(page, tmp_path, words, size):
    step_player(a_trace(words), tmp_path / "steps.html")
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page.goto((tmp_path / "steps.html").as_uri())
    measured = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        assert page.evaluate(measured) == [*size]
    page.set_viewport_size({"width": 1280, "height": 720})


def a_trace(words):
    """A made-up trace of as many words of average length, two hypotheses wide."""
    random = np.random.default_rng(words)
    source = [*(["▁kinder", "▁im", "▁schnee", "▁spielen"] * words)[:words], "</s>"]
    target = [*(["▁children", "▁in", "▁snow", "▁play"] * words)[:words], "</s>"]
    nodes, steps = [], []
    for step, token in enumerate(["<s>", *target[:-1]]):
        parent = steps[-1][0] if steps else None
        likely = [(target[step], 0.7), ("▁x", 0.1), ("▁y", 0.1), ("▁z", 0.05), ("▁w", 0.05)]
        weights = random.dirichlet(np.ones(len(source)))
        found = Node(parent, token, -0.1, -0.1 * step, likely, weights)
        both = [found] if parent is None else [found, dataclasses.replace(found, token="▁w")]
        steps.append([*range(len(nodes), len(nodes) + len(both))])
        nodes += both
    text = " ".join(target[:-1]).replace("▁", "")
    path = [step[0] for step in steps]
    best = Translation(text, -1.0, target, source, None)
    return Trace(source, random.normal(size=(len(source), 64)), steps, nodes, [best], [path])


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
        words = page.locator("#words .token")
        assert words.all_text_contents() == [shown(token) for token in best.tokens]
        words.nth(1).focus()
        weights = page.eval_on_selector_all("#source_words .token", "all => all.map(s => s.title)")
        assert [float(w) for w in weights] == pytest.approx(best.attention[1], abs=6e-3)
        typed = page.get_by_label("source text")
        assert typed.evaluate("box => getComputedStyle(box).direction") == "ltr"
        typed.fill("كلب")
        assert typed.evaluate("box => getComputedStyle(box).direction") == "rtl"
        typed.fill("")
        page.wait_for_function("!document.getElementById('best').textContent")
        # The model's own lines are there to click; what it does not know, or read, has a sign.
        assert page.locator("#examples button").all_text_contents() == [LINE]
        page.click("#examples button")
        page.wait_for_function(f"document.getElementById('best').textContent === '{best.text}'")
        page.wait_for_selector("#looks:not([hidden])")
        assert not page.is_visible("#signs")
        typed.fill("fifty zebra")
        page.wait_for_selector("#signs:not([hidden])")
        assert "1 token of the text not known" in page.inner_text("#signs")
        assert page.locator("#source_words .unknown").all_text_contents() == ["⟨unk⟩"]
        typed.fill("one " * (translator.max_source_length + 1))
        page.wait_for_function(
            "document.getElementById('signs').textContent.includes('longer than what')"
        )
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


@pytest.mark.parametrize("width", [390, 1280])
def test_the_player_plays_in_a_notebook_s_cell(page, translator, tmp_path, width):
    shown = translator.show(LINE)
    (tmp_path / "cell.html").write_text(shown._repr_html_(), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((tmp_path / "cell.html").as_uri())
    (cell,) = page.frames[1:]
    cell.wait_for_selector("#output .chip", state="attached")
    cell.click("nav button:nth-child(3)")
    assert cell.eval_on_selector_all("#output .chip:not(.hidden)", "all => all.length") == 1
    wide, room = cell.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    high, sight = cell.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert wide <= room and high <= sight
