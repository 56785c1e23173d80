"""Tasks on the hub, by huggingface_hub's own client against a stand-in of the server."""

import pathlib
import shutil

import huggingface_hub
import pytest
from hub_server import Hub

from kerasseq import TextClassifier, Translator
from kerasseq.cli import COMMANDS
from kerasseq.models import RecurrentTextEncoder, SequenceClassifier
from kerasseq.recipes.run_facts import run_facts
from kerasseq.saved_models import model_folder
from kerasseq.tasks.card import model_card
from kerasseq.text import WordTokenizer

MODEL = pathlib.Path(__file__).parents[2] / "saved_models" / "numbers_en_de"
FACTS = {
    "data": "20,000 generated pairs.", "licence": "apache-2.0",
    "scores": {"BLEU, test": 99.87654, "lines": 1000},
    "citation": "@misc{numbers, title = {Numbers}}",
}  # fmt: skip


@pytest.fixture
def hub(monkeypatch, tmp_path):
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    found = Hub()
    yield found
    found.close()


def test_what_is_pushed_comes_back_with_its_card(hub):
    translator = Translator.load(MODEL)
    address = translator.push("me/en_de", token="hf_x", endpoint=hub.address, **FACTS)
    files = hub.repositories["me/en_de"]
    assert address == f"{hub.address}/me/en_de/commit/{hub.commit_of('me/en_de')}"
    assert {"model.safetensors", "translator.json", "manifest.json", "README.md"} <= set(files)
    assert set(hub.tokens) == {"Bearer hf_x"}
    card = files["README.md"].decode()
    assert card.startswith("---\nlibrary_name: kerasseq\n") and "license: apache-2.0" in card
    assert "278,464 weights" in card and "| BLEU, test | 99.88 |" in card
    assert "20,000 generated pairs." in card and "@misc{numbers" in card
    assert '| model.cell | "gru" |' in card and "| search.beam_size |" not in card
    again = Translator.from_hub("me/en_de", endpoint=hub.address)
    lines = ["fifty one", "two hundred"]
    assert again(lines) == translator(lines)
    (code,) = [each.partition("\n```")[0] for each in card.split("```python\n")[1:]]
    code = code.replace('("me/en_de"', f'("me/en_de", endpoint={hub.address!r}')
    code = code.replace("('me/en_de'", f"('me/en_de', endpoint={hub.address!r}")
    exec(code, {})  # the card's own block runs


def test_examples_stay_at_home_where_they_are_asked_to(hub):
    words = WordTokenizer.train(["a secret", "a dog"])
    head = SequenceClassifier(RecurrentTextEncoder(words.vocabulary_size, 4, 4), 2)
    task = TextClassifier(head, words, ["a", "b"], max_length=8, examples=["a secret"])
    assert "print(task('a secret'))" in model_card(task, "me/it")
    task.push("me/it", endpoint=hub.address, token="hf_x", examples=False)
    files = hub.repositories["me/it"]
    assert b'"a secret"' not in files["classifier.json"] and b"secret" not in files["README.md"]
    assert task.examples == ["a secret"]
    (found,) = TextClassifier.from_hub("me/it", endpoint=hub.address).probabilities(["a dog"])
    assert found.tolist() == next(task.probabilities(["a dog"])).tolist()


def test_a_run_tells_its_card_by_the_command(hub, tmp_path, monkeypatch, capsys):
    run = tmp_path / "run"
    shutil.copytree(MODEL.parents[1] / "docs" / "results" / "numbers", run)
    shutil.copytree(MODEL, run / "translator")
    facts = run_facts(run)
    assert facts["data"].startswith("numbers") and "exact_match, test" in facts["scores"]
    there = huggingface_hub.HfApi(endpoint=hub.address, token="hf_x")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda **given: there)
    COMMANDS["push"](model_folder(run), "me/numbers", licence="apache-2.0", examples=False)
    assert capsys.readouterr().out.startswith(hub.address)
    card = hub.repositories["me/numbers"]["README.md"].decode()
    assert "rows learned from" in card and "exact_match, test" in card and "## Inside" not in card


def test_what_goes_wrong_is_one_sentence(hub):
    task = Translator.load(MODEL)
    with pytest.raises(ValueError, match="with its owner, as \"me/en_de\"; received 'en_de'"):
        task.push("en_de")
    with pytest.raises(FileNotFoundError, match="a task on the hub at me/none; received none"):
        Translator.from_hub("me/none", endpoint=hub.address)
    hub.repositories["me/en_de"] = {"config.json": b"{}"}
    with pytest.raises(FileNotFoundError, match=r"Expected a saved translator in .*translator"):
        Translator.from_hub("me/en_de", endpoint=hub.address)
    hub.close()
    with pytest.raises(ConnectionError, match="Expected to write me/en_de on the hub; received"):
        task.push("me/en_de", endpoint=hub.address, token="hf_x")
