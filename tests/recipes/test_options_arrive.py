"""What a recipe or a task is told reaches the data, the optimizer, the loss and the scores."""

import keras
import numpy as np
import pytest

from kerasseq import TextClassifier, TokenClassifier
from kerasseq.data import Dataset, LabelledText, ParallelText, TaggedText
from kerasseq.metrics import corpus_scores, rouge_scores
from kerasseq.models import (
    RecurrentTextEncoder,
    SequenceClassifier,
    SequenceTagger,
)
from kerasseq.recipes import load_recipe, train, write_toml
from kerasseq.recipes.build import build_search
from kerasseq.recipes.evaluate_run import evaluate_run
from kerasseq.recipes.run_folder import what_a_run_depends_on
from kerasseq.text import WordTokenizer
from kerasseq.training import Adam, fine_tuning_optimizer

NUMBERS = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"]
PAIRS = [(f"{word.lower()} and", f"{word} AND") for word in NUMBERS]


@pytest.fixture
def recipe(tmp_path):
    """Ten pairs of a word, one batch an epoch, and no option that is a default."""
    for side, lines in zip(("source", "target"), zip(*PAIRS, strict=True), strict=True):
        (tmp_path / f"text.{side}").write_text("".join(f"{line}\n" for line in lines))
    sides = [f"{part}_{side}" for part in ("train", "validation") for side in ("source", "target")]
    found = {
        "data": {each: str(tmp_path / f"text.{each.split('_')[1]}") for each in sides},
        "source_tokenizer": {"kind": "word"},
        "target_tokenizer": {"kind": "word", "lowercase": True},
        "batches": {"batch_size": 10, "max_length": 7},
        "model": {"kind": "Transformer", "hidden_dim": 8, "num_layers": 1, "num_heads": 2,
                  "dropout": 0.25, "attention_dropout": 0.125},
        "training": {"epochs": 3, "seed": 5, "learning_rate": 0.05},
        "search": {"kind": "greedy", "min_length": 2},
        "translation": {"max_length": 6, "bleu_tokenize": "char", "lowercase": True},
    }  # fmt: skip
    (tmp_path / "recipe.toml").write_text(write_toml(found), encoding="utf-8")
    return load_recipe(tmp_path / "recipe.toml")


class Seen(Exception):
    """Ends a run before its first step."""


class Look(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.optimizer, self.loss, self.seen = self.model.optimizer, self.model.loss, self.model
        self.run = self.params
        raise Seen


def spied(monkeypatch, corpus):
    """The keyword arguments of every call of a corpus' `batches`."""
    calls, own = [], corpus.batches

    def batches(self, *arguments, **options):
        calls.append(options)
        return own(self, *arguments, **options)

    monkeypatch.setattr(corpus, "batches", batches)
    return calls


def test_a_recipe_s_options_reach_batches_optimizer_loss_and_model(recipe, tmp_path, monkeypatch):
    recipe["training"] |= {
        "epochs": 9, "precision": "mixed_bfloat16", "label_smoothing": 0.2, "clip_norm": 0.5,
        "schedule": "inverse_square_root", "warmup_steps": 4, "beta_2": 0.9, "epsilon": 1e-5,
        "weight_decay": 0.25, "ema": 0.75,
    }  # fmt: skip
    recipe["batches"]["too_long"] = "truncate"
    calls, look = spied(monkeypatch, ParallelText), Look()
    with pytest.raises(Seen):
        train(recipe, tmp_path / "run", [look])
    (of_training, of_validation) = calls
    assert of_training["shuffle"] is True and of_training["seed"] == 5
    assert not of_validation.get("shuffle")
    for options in calls:
        assert options["batch_size"] == 10 and options["max_length"] == 7
        assert options["too_long"] == "truncate"
    optimizer = look.optimizer
    assert isinstance(optimizer, Adam) and look.run["epochs"] == 9
    rates = [float(optimizer._learning_rate(step)) for step in (0, 1, 3, 8)]
    assert rates == pytest.approx([0.05 / 4, 0.05 / 2, 0.05, 0.05 * (4 / 9) ** 0.5])
    settings = optimizer.get_config()
    expected = {"beta_2": 0.9, "epsilon": 1e-5, "weight_decay": 0.25, "use_ema": True}
    expected |= {"global_clipnorm": 0.5, "clipnorm": None, "clipvalue": None, "ema_momentum": 0.75}
    assert {name: settings[name] for name in expected} == expected
    assert look.loss.label_smoothing == 0.2
    config = look.seen.get_config()
    assert {name: config[name] for name in recipe["model"] if name != "kind"} == {
        name: value for name, value in recipe["model"].items() if name != "kind"
    }
    assert look.seen.dtype_policy.name == "mixed_bfloat16"


def test_a_recipe_s_alignments_guide_one_head_of_the_last_layer_but_one(recipe, tmp_path):
    lines = tmp_path / "train.align"
    lines.write_text("0-0 1-1\n" * 9 + "0-0\n")
    recipe["data"]["alignments"] = str(lines)
    recipe["training"]["guided_alignment"] = 0.25
    recipe["model"]["num_layers"] = 2
    keep = Keep()
    translator = train(recipe, tmp_path / "run", [keep])
    config = translator.model.get_config()
    assert (config["alignment_layer"], config["alignment_heads"]) == (-2, 1)
    # The loss has the alignment's beside the cross-entropy, of which perplexity tells.
    beside = [log["loss"] - np.log(log["perplexity"]) for log in keep.logs]
    assert min(beside) > 0.01
    assert keep.logs[0]["val_loss"] == pytest.approx(np.log(keep.logs[0]["val_perplexity"]), 1e-3)
    attention = translator.attention(PAIRS[0][0]).attention
    assert attention.shape[1] == 3


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"training": {"guided_alignment": 0.05}}, r"data\.alignments.*received 0\.05 without"),
        ({"data": {"alignments": "a", "joined": 2}}, r"without data\.joined"),
        ({"data": {"alignments": "a", "prepared": "b"}}, r"without data\.prepared"),
        ({"training": {"guided_alignment": 0}}, r"a number above 0.*received 0\."),
    ],
)
def test_what_does_not_go_with_alignments_is_refused(recipe, section, message, tmp_path):
    for name, values in section.items():
        recipe[name] |= values
    (tmp_path / "other.toml").write_text(write_toml(recipe), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_recipe(tmp_path / "other.toml")


def test_a_run_depends_on_its_alignments():
    pairs = ParallelText.from_pairs(PAIRS)
    corpora = [pairs, *(pairs.with_alignments([each] * 10) for each in ("0-0", "0-0", "1-1"))]
    found = [what_a_run_depends_on(Dataset(each, pairs, None, ""), {}) for each in corpora]
    assert "the alignments" not in found[0] and found[1] == found[2] != found[3]
    assert {key for key in found[1] if found[1][key] != found[3][key]} == {"the alignments"}


def test_alignments_of_a_model_that_does_not_attend_are_refused(recipe, tmp_path):
    (tmp_path / "train.align").write_text("\n" * 10)
    recipe["data"]["alignments"] = str(tmp_path / "train.align")
    recipe["model"] = {"kind": "RecurrentSeq2Seq", "embedding_dim": 8, "hidden_dim": 8}
    with pytest.raises(ValueError, match="to learn from alignments; received a RecurrentSeq2Seq"):
        train(recipe, tmp_path / "run")
    assert not (tmp_path / "run" / "recipe.toml").exists()


class Keep(keras.callbacks.Callback):
    """Every epoch's log and weights."""

    def __init__(self):
        super().__init__()
        self.logs, self.weights = [], []

    def on_epoch_end(self, epoch, logs=None):
        self.logs.append(dict(logs))
        self.weights.append(self.model.get_weights())


def test_what_an_epoch_logs_is_measured_and_the_last_epochs_are_averaged(recipe, tmp_path):
    recipe["training"] |= {"average_last": 2, "quality_every": 2}
    keep = Keep()
    translator = train(recipe, tmp_path / "run", [keep])
    last = zip(keep.weights[1], keep.weights[2], translator.model.get_weights(), strict=True)
    for second, third, found in last:
        np.testing.assert_allclose(found, (second + third) / 2, atol=1e-6)
    assert (translator.search.min_length, translator.max_length) == (2, 6)

    sources, references = map(list, zip(*PAIRS, strict=True))
    for log, weights in zip(keep.logs, keep.weights, strict=True):
        translator.model.set_weights(weights)
        assert log["val_perplexity"] == pytest.approx(translator.perplexity(PAIRS), rel=1e-4)
        ids = [translator.target.encode(each) for each in references]
        given = {
            "source": np.array([[*translator.source.encode(each), 3] for each in sources]),
            "target": np.array([[2, *row] for row in ids]),
        }
        best = np.argmax(translator.model(given), -1)
        hits = best == np.array([[*row, 3] for row in ids])
        assert log["val_token_accuracy"] == pytest.approx(hits.mean(), abs=1e-6)
    translator.model.set_weights(keep.weights[1])
    scores = corpus_scores(translator(sources), references, tokenize="char", lowercase=True)
    assert keep.logs[1]["val_bleu"] == pytest.approx(scores["bleu"])
    assert keep.logs[1]["val_chrf"] == pytest.approx(scores["chrf"])
    assert (
        scores["bleu"]
        > 2 * corpus_scores(translator(sources), references, tokenize="char")["bleu"]
        > 0
    )
    recipe["translation"]["rouge"] = True
    scores |= rouge_scores(translator(sources), references)
    for _, found in evaluate_run(translator, recipe, tmp_path / "run"):
        perplexity = pytest.approx(keep.logs[1]["val_perplexity"], rel=1e-4)
        assert found == scores | {"perplexity": perplexity, "repeating": 0.0}


def classifier(tokenizer, encoder):
    corpus = LabelledText([f"{word} and" for word in NUMBERS], ["odd", "even"] * 5)
    model = SequenceClassifier(encoder, 2)
    return TextClassifier(model, tokenizer, ["even", "odd"], 8), corpus


def tagger(tokenizer, encoder):
    corpus = TaggedText([[word, "and"] for word in NUMBERS], [["B-N", "O"]] * 10)
    return TokenClassifier(SequenceTagger(encoder, 2), tokenizer, ["O", "B-N"], 8), corpus


@pytest.mark.parametrize("task", [classifier, tagger])
def test_a_task_is_fitted_as_it_is_told(task, monkeypatch):
    tokenizer = WordTokenizer.train(f"{word} and" for word in NUMBERS)
    encoder = RecurrentTextEncoder(tokenizer.vocabulary_size, 4, 4)
    task, corpus = task(tokenizer, encoder)
    calls, own = [], type(corpus).batches

    def batches(self, encode, names, batch_size, shuffle=False, seed=0):
        calls.append((batch_size, shuffle, seed))
        return own(self, encode, names, batch_size, shuffle=shuffle, seed=seed)

    monkeypatch.setattr(type(corpus), "batches", batches)
    look = Look()
    with pytest.raises(Seen):
        task.fit(
            corpus, epochs=6, batch_size=5, learning_rate=0.5, validation=corpus, seed=11,
            callbacks=[look],
        )  # fmt: skip
    assert calls == [(5, True, 11), (5, False, 0)]
    assert look.run["epochs"] == 6
    expected = fine_tuning_optimizer(task.model, 6 * look.run["steps"], learning_rate=0.5)
    ours, theirs = (each.get_config() for each in (look.optimizer, expected))
    assert ours.pop("learning_rate")["config"] == theirs.pop("learning_rate")["config"]
    assert ours | {"name": ""} == theirs | {"name": ""}


@pytest.mark.parametrize(
    "section",
    [
        {"kind": "greedy", "min_length": 2, "return_attention": True, "no_repeat_ngram": 3,
         "repetition_penalty": 1.2, "max_length_ratio": 2},
        {"kind": "beam", "beam_size": 7, "n_best": 3, "length_penalty": 0.3,
         "coverage_penalty": 0.2, "min_length": 1},
        {"kind": "sampling", "temperature": 0.7, "top_k": 5, "top_p": 0.8, "num_samples": 2,
         "seed": 4},
    ],
)  # fmt: skip
def test_a_recipe_s_search_is_the_one_it_names(section):
    search = build_search(section)
    assert type(search).__name__.lower() == section["kind"]
    found = search.get_config()
    assert found == found | {name: each for name, each in section.items() if name != "kind"}
