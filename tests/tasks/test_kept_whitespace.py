"""Line breaks and runs of spaces from a corpus through training to every export."""

import json
import warnings

import keras
import pytest

import kerasseq as ks
from kerasseq.export import LiteTranslator, SavedTranslator
from kerasseq.recipes import load_recipe, train, write_toml
from kerasseq.recipes.evaluate import read_evaluation
from kerasseq.recipes.evaluate_run import evaluate_run

PAIRS = [
    ("def f(x):\n\treturn x", "function f(x) {\n  return x\n}\n"),
    ("a  b", "b\r\n\r\na"),
    ("one\n\ntwo", "  two\tone"),
    (" x", "x   "),
]


@pytest.fixture(scope="module")
def learned():
    """A translator that knows four pairs by heart."""
    keras.utils.set_random_seed(1)
    corpus = ks.data.ParallelText.from_pairs(PAIRS).with_whitespace()
    source = ks.text.CharacterTokenizer.train(corpus.sources(), keep_whitespace=True)
    target = ks.text.SentencePieceTokenizer.train(
        corpus.targets(), vocabulary_size=34, keep_whitespace=True
    )
    batches = corpus.batches(source, target, batch_size=4)
    model = ks.models.AttentionSeq2Seq(
        source.vocabulary_size, target.vocabulary_size, 16, 32, cell="gru", dropout=0.0
    )
    model.compile(keras.optimizers.Adam(0.02), ks.training.SequenceCrossentropy())
    model.fit(batches.repeat(120), epochs=1, verbose=0)
    return ks.Translator(model, source, target, "greedy", 40, 40, examples=corpus.sources())


def test_it_is_written_as_it_was_read(learned, tmp_path):
    sources, targets = map(list, zip(*PAIRS, strict=True))
    assert learned(sources) == targets
    learned.save(tmp_path / "task")
    assert json.loads((tmp_path / "task" / "translator.json").read_text())["examples"] == sources
    assert ks.Translator.load(tmp_path / "task")(sources) == targets
    for name, runtime in (("1", SavedTranslator), ("t.tflite", LiteTranslator)):
        report = learned.export(tmp_path / name)
        assert report["identical"] == 1.0
        assert runtime(tmp_path / name)(sources) == targets


def test_a_recipe_s_run_keeps_it(tmp_path):
    rows = "".join(json.dumps({"in": a, "out": b}) + "\n" for a, b in PAIRS)
    (tmp_path / "pairs.jsonl").write_text(rows)
    tokenizer = {"kind": "sentencepiece", "keep_whitespace": True}
    recipe = {
        "data": dict.fromkeys(("train", "validation"), str(tmp_path / "pairs.jsonl"))
        | {"source": "in", "target": "out", "keep_whitespace": True},
        "source_tokenizer": {"kind": "character", "keep_whitespace": True},
        "target_tokenizer": tokenizer | {"vocabulary_size": 34, "sampling_alpha": 0.1},
        "batches": {"batch_size": 4, "max_length": 40},
        "model": {"kind": "RecurrentSeq2Seq", "embedding_dim": 8, "hidden_dim": 8},
        "training": {"epochs": 3, "quality_every": 1},
    }
    (tmp_path / "recipe.toml").write_text(write_toml(recipe), encoding="utf-8")
    recipe = load_recipe(tmp_path / "recipe.toml")
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Your input ran out of data")
        translator = train(recipe, tmp_path / "run")
    assert translator.target.keep_whitespace and translator.target.sampling_alpha == 0.1
    assert translator.examples == [source for source, _ in PAIRS]
    translator.search = translator.search.replace(min_length=12)
    written = ["\n a\n", "", "b", "\r\n"]
    evaluated = dict(evaluate_run(Told(translator, written), recipe, tmp_path / "run"))
    assert evaluated["validation"]["lines"] == 4
    sources, references, hypotheses = read_evaluation(tmp_path / "run", "validation")
    assert [*zip(sources, references, strict=True)] == PAIRS and hypotheses == written


class Told:
    """A translator that writes what it is told."""

    def __init__(self, translator, written):
        self.target, self.written = translator.target, written
        self.perplexity = translator.perplexity

    def translate(self, sources, search):
        for text in self.written:
            yield [ks.processing.translations.Translation(text, 0.0, [], [], None)]
