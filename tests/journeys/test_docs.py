"""What the docs show is run, and the site builds."""

import gzip
import json
import pathlib
import re
import shlex
import subprocess
import sys

import pytest

from kerasseq.text import WordPieceTokenizer
from published import MINILM

ROOT = pathlib.Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDE = "docs/guides/to_tf_serving.md"
# Below, with the README, and in test_ecosystem.py.
ELSEWHERE = {GUIDE, "docs/journey.md", "docs/ecosystem.md"}
PAGES = {
    path.relative_to(ROOT).as_posix()
    for path in DOCS.rglob("*.md")
    if "_build" not in path.parts and "```python" in path.read_text(encoding="utf-8")
}


def test_every_chapter_has_code():
    story = {path.relative_to(ROOT).as_posix() for path in (DOCS / "story").glob("*.md")}
    assert len(story) == 6 and story < PAGES


def test_every_page_of_the_reference_has_code():
    assert {path.relative_to(ROOT).as_posix() for path in (DOCS / "api").glob("*.md")} < PAGES


def run(shown, folder):
    """Runs all of a page's code in a folder; it prints what the page shows."""
    (folder / "saved_models").symlink_to(ROOT / "saved_models")
    printed = shown.run("\n".join(shown.blocks("python")), folder)
    for output in shown.blocks("text"):
        assert output in printed


@pytest.mark.parametrize("name", sorted(PAGES - ELSEWHERE))
def test_the_code_of_a_page_prints_what_it_shows(name, page, tmp_path):
    run(page(name), tmp_path)


def test_wordpiece_as_the_bundle_s_page_has_it_is_the_package_s(page, data_folder):
    written = {}
    exec("\n".join(page("docs/bundle.md").blocks("python")), written)
    vectors = json.loads((ROOT / "clients" / "vectors" / "vectors.json").read_text("utf-8"))
    for text, cleaned in vectors["cleaned"]:
        assert written["clean"](text) == cleaned
    lines = [
        *vectors["texts"],
        " \0 ",
        "a\u2028b",
        "ΣΟΦΟΣ",
        "e\u0301 naïve",
        "漢字 and [SEP].",
        "x" * 101,
        "ü\ufffd\ufffd!",
    ]
    if data_folder is not None:
        with gzip.open(data_folder / "xquad" / "en.json.gz", "rt", encoding="utf-8") as file:
            articles = json.load(file)["data"]
        contexts = [each for article in articles for each in article["paragraphs"]]
        lines += [asked["question"] for each in contexts for asked in each["qas"]]
    vocabulary = (MINILM / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]
    for small, bare in ((True, True), (False, False), (True, False)):
        tokenizer = WordPieceTokenizer(vocabulary, small, bare)
        found = [written["wordpiece"](line, tokenizer.pieces, small, bare) for line in lines]
        assert found == list(map(tokenizer.tokens, lines))


def test_the_guide_to_tf_serving_exports_and_asks_as_it_shows(page, tmp_path, capsys):
    from fastapi.testclient import TestClient

    from kerasseq.serving import ServedModel, make_app

    guide = page(GUIDE)
    run(guide, tmp_path)
    model = ServedModel(tmp_path / "serving" / "numbers")
    client = TestClient(make_app(model, "numbers", grpc="127.0.0.1:0"))
    shell = [block.replace("\\\n", "") for block in guide.blocks("sh")]
    requests = [shlex.split(block) for block in shell if block.startswith("curl")]
    answers = [json.loads(block) for block in guide.blocks("json")]
    assert len(requests) == len(answers) == 2
    for (_, address, _, body), answer in zip(requests, answers, strict=True):
        found = client.post(address.removeprefix("http://localhost:8501"), content=body).json()
        assert same(found, answer), found
    (code,) = guide.blocks("py")
    with client:
        exec(code.replace("localhost:8500", f"127.0.0.1:{client.app.state.grpc_port}"), {})
    assert capsys.readouterr().out.strip() == code.rpartition("# ")[2].strip()


def same(found, shown):
    """Whether JSON is what a page shows, whose numbers are short."""
    if isinstance(shown, dict):
        return found.keys() == shown.keys() and all(same(found[k], shown[k]) for k in shown)
    if isinstance(shown, list):
        return len(found) == len(shown) and all(map(same, found, shown))
    return abs(found - shown) < 0.02 if isinstance(shown, float) else found == shown


def test_every_command_of_the_docs_exists_with_its_options():
    from kerasseq.cli import COMMANDS

    pages = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md"))
    used = {}
    for command, rest in re.findall(r"\bkerasseq (\w+)([^`\n]*)", pages.replace("\\\n", "")):
        used.setdefault(command, set()).update(re.findall(r"--[a-z-]+", rest))
    used = {command: options for command, options in used.items() if command in COMMANDS}
    assert {"export", "serve", "plot", "compare", "report", "train"} <= set(used)
    for command, options in used.items():
        helped = [sys.executable, "-m", "kerasseq", command, "--help"]
        text = subprocess.run(helped, cwd=ROOT, capture_output=True, text=True).stdout
        assert all(option in text for option in options), (command, options)


def test_the_tables_of_runs_say_what_their_folders_hold(page):
    text = page("docs/results/index.md").text
    translators = re.findall(r"^\| \[(\w+)\]\(\S+\) \| ([^|]+) \| ([\d.]+) \|", text, re.M)
    others = re.findall(r"^\| \[(\w+)\]\(\S+\) \| ([^|]+) \| `kerasseq train", text, re.M)
    folders = {path.parent.name for path in (DOCS / "results").glob("*/test.scores.json")}
    assert {name for name, *_ in translators + others} == folders
    for name, test, *perplexity in translators + others:
        scores = json.loads((DOCS / "results" / name / "test.scores.json").read_text())
        said = {f"BLEU {scores['bleu']:.1f}"} if "bleu" in scores else set()
        said |= {
            f"{measure} {100 * scores[key]:.1f} %"
            for key, measure in (("accuracy", "accuracy"), ("f1", "F1"))
            if key in scores
        }
        said |= {f"{100 * scores['exact_match']:.1f} % exact"} if "exact_match" in scores else set()
        assert test in said
        assert perplexity in ([], [f"{scores.get('perplexity', 0):.2f}"])


def test_every_room_has_a_page():
    rooms = {path.parent.name for path in (ROOT / "kerasseq").glob("*/__init__.py")} - {"cli"}
    assert {path.stem for path in (DOCS / "api").glob("*.md")} == rooms | {"tensors"}


def test_images_stay_small():
    sizes = [path.stat().st_size for path in (DOCS / "images").iterdir()]
    assert max(sizes) < 150_000 and sum(sizes) < 1_500_000


def test_the_site_builds_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(DOCS), str(tmp_path)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[-3000:]
    assert (tmp_path / "index.html").is_file()
