"""Tasks that write text learn by one call: what it changes, what it keeps, what it refuses."""

import logging

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from closeness import assert_close
from kerasseq import Translator
from kerasseq.data import LabelledText, ParallelText, accumulated_batches
from kerasseq.data.accumulated_batches import counted_batches
from kerasseq.data.numbers import number_pairs
from kerasseq.models import AttentionSeq2Seq, Ensemble, RecurrentSeq2Seq, Transformer, copy_model
from kerasseq.text import SentencePieceTokenizer, WordTokenizer
from kerasseq.training import (
    AccumulatedCrossentropy,
    BestQuality,
    SequenceCrossentropy,
    TranslationMetrics,
    enable_lora,
    fine_tuning_optimizer,
    freeze,
    merged_weights,
)

QUIET = {"verbose": 0}


def weights(model):
    """The arrays of a model by their paths, without the model's own name."""
    names = [weight.path.split("/", 1)[-1] for weight in model.weights]
    return list(zip(names, model.get_weights(), strict=True))


def of(*layers):
    """The weights of layers, to be found by `is`."""
    return {id(weight) for layer in layers for weight in layer.weights}


def moved(before, model):
    """The weights that changed, to be found by `is`."""
    pairs = zip(model.weights, changes(before, model), strict=True)
    return {id(weight) for weight, (_, change) in pairs if change.any()}


def changes(before, model):
    """Of each weight by how much it changed: pairs of a path and an array."""
    return [
        (name, now - then) for (name, now), (_, then) in zip(weights(model), before, strict=True)
    ]


@pytest.fixture(scope="module")
def numbers():
    train, validation, _ = number_pairs("german", 1500, 60, 1)
    return ParallelText.from_pairs(train), ParallelText.from_pairs(validation)


@pytest.fixture(scope="module")
def trained(numbers):
    """A translator of number words that learned by `fit` alone, and its history."""
    keras.utils.set_random_seed(1)
    train, validation = numbers
    source = WordTokenizer.train(train.sources())
    target = SentencePieceTokenizer.train(train.targets(), vocabulary_size=64, model_type="bpe")
    sizes = source.vocabulary_size, target.vocabulary_size
    model = AttentionSeq2Seq(*sizes, 32, 64, cell="gru", attention="bahdanau", dropout=0.0)
    translator = Translator(model, source, target, "greedy", 30, 20)
    history = translator.fit(
        train, epochs=8, learning_rate=1e-2, label_smoothing=0.0, validation=validation,
        tokenize="char", **QUIET,
    )  # fmt: skip
    return translator, history.history


@pytest.fixture
def small(numbers):
    """A new Transformer translator of words."""
    keras.utils.set_random_seed(3)
    train, _ = numbers
    source = WordTokenizer.train(train.sources())
    target = WordTokenizer.train(train.targets())
    model = Transformer(
        source.vocabulary_size, target.vocabulary_size, 16, 1, 2, 24, dropout=0.0, max_length=90
    )
    return Translator(model, source, target, "greedy", 12, 20)


@pytest.fixture(scope="module")
def few(numbers):
    """Pairs of one shape, so that few graphs are traced."""
    pairs = [pair for pair in numbers[0] if len(pair[0].split()) == 6]
    return ParallelText.from_pairs(pairs[:40])


def test_number_words_are_learned_in_seconds(trained, numbers):
    translator, history = trained
    lines, expected = map(list, zip(*numbers[1], strict=True))
    right = np.mean([a == b for a, b in zip(translator(lines), expected, strict=True)])
    assert right > 0.9
    # The scores are those of the epoch that stays.
    best = np.flatnonzero(np.array(history["val_bleu"]) == max(history["val_bleu"]))[-1]
    assert history["val_exact_match"][best] == pytest.approx(right)
    assert translator.perplexity(numbers[1]) == pytest.approx(
        history["val_perplexity"][best], rel=1e-3
    )
    assert len(history["loss"]) == 8


def test_what_was_fitted_is_saved_and_exported(trained, numbers, tmp_path):
    from kerasseq.export import SavedTranslator

    translator, _ = trained
    lines = list(numbers[1].sources())[:12]
    translator.save(tmp_path / "saved")
    assert Translator.load(tmp_path / "saved")(lines) == translator(lines)
    assert translator.export(tmp_path / "1", lines)["identical"] == 1.0
    assert SavedTranslator(tmp_path / "1")(lines) == translator(lines)


def test_the_best_epoch_stays_and_training_stops(small, few, monkeypatch):
    """A score that rises, stays and falls: the last of the best epochs is kept."""
    scores, seen = iter([1.0, 3.0, 3.0, 2.0, 1.0, 5.0]), []

    def scripted(self, epoch, logs=None):
        logs["val_bleu"] = next(scores)
        seen.append(self.model.get_weights())

    monkeypatch.setattr("kerasseq.training.TranslationMetrics.on_epoch_end", scripted)
    history = small.fit(
        few, epochs=6, validation=few.take(2), patience=3, learning_rate=1e-2, batch_size=20,
        **QUIET,
    )  # fmt: skip
    assert history.history["val_bleu"] == [1.0, 3.0, 3.0, 2.0, 1.0]
    for found, expected in zip(small.model.get_weights(), seen[2], strict=True):
        np.testing.assert_array_equal(found, expected)
    assert history.model is small.model
    with pytest.raises(ValueError, match="patience.*received 0"):
        BestQuality(patience=0)


def test_epochs_before_the_first_measurement_count_for_nothing():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    x, asked = np.ones((4, 1), "float32"), []

    def translate(lines):
        asked.append(lines)
        return ["a b c d e"[: 3 + 2 * len(asked)] for _ in lines]

    measured = TranslationMetrics(translate, [("a", "a b c d e")], every=2)
    best = BestQuality("val_chrf", patience=2)
    history = model.fit(x, x, epochs=6, verbose=0, callbacks=[measured, best]).history
    assert best.best_epoch == 5 and len(asked) == 3 and len(history["loss"]) == 6


def test_an_interrupted_task_answers_as_before(small, few):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    before = weights(small.model)
    with pytest.raises(KeyboardInterrupt):
        small.fit(few, learning_rate=1e-2, callbacks=[Stop()], **QUIET)
    assert not any(change.any() for _, change in changes(before, small.model))


def test_a_share_is_held_out_and_shares_no_line(small, few, monkeypatch):
    parts, own = [], ParallelText.batches

    def batches(self, *arguments, **options):
        parts.append((list(self), options))
        return own(self, *arguments, **options)

    monkeypatch.setattr(ParallelText, "batches", batches)
    small.fit(few, epochs=1, validation=0.2, tokenize="char", seed=4, **QUIET)
    (train, of_train), (held_out, of_held_out) = parts
    assert len(train) == 32 and len(held_out) == 8 and not set(train) & set(held_out)
    for options in (of_train, of_held_out):  # the translator's own lengths
        assert options["max_length"] == (20, 12) and options["tokens_per_batch"] == 1024
    assert of_train["shuffle"] and of_train["seed"] == 4 and not of_held_out["shuffle"]


def test_what_is_too_long_is_said(small):
    pairs = ParallelText.from_pairs([("one", "eins"), ("two " * 30, "zwei")])
    with pytest.warns(UserWarning, match=r"max_length=\(20, 12\) tokens .*dropped"):
        seen(small, pairs)


class Seen(Exception):
    """Ends a run before its first step."""


def seen(task, corpus, **options):
    """The model that would learn."""
    found = []

    class Look(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            found.append((self.model, self.params["steps"] * self.params["epochs"]))
            raise Seen

    with pytest.raises(Seen):
        task.fit(corpus, callbacks=[Look()], **options, **QUIET)
    return found[0]


class Watch(keras.callbacks.Callback):
    """The model and the rate of each step of a run."""

    def on_train_begin(self, logs=None):
        self.learner, self.steps = self.model, self.params["steps"] * self.params["epochs"]
        self.rates, self.begun = [], weights(self.model)

    def on_train_batch_begin(self, batch, logs=None):
        self.rates.append(float(self.model.optimizer.learning_rate))


@pytest.mark.parametrize("accumulation", [1, 3])
def test_warm_up_is_counted_in_steps_of_the_optimizer(small, few, accumulation):
    watch = Watch()
    small.fit(
        few, epochs=4, batch_size=5, learning_rate=0.5, warmup_steps=4, weight_decay=0.25,
        accumulation_steps=accumulation, label_smoothing=0.2, callbacks=[watch], **QUIET,
    )  # fmt: skip
    optimizer = watch.learner.optimizer
    steps = watch.steps // accumulation
    assert watch.steps % (4 * accumulation) == 0 and int(optimizer.iterations) == steps > 8
    expected = [0.5 * min((t + 1) / 4, (steps - t) / (steps - 4)) for t in range(steps)]
    assert watch.rates[accumulation - 1 :: accumulation] == pytest.approx(expected, rel=1e-5)
    assert optimizer.matrix_decay == 0.25 and watch.learner.loss.label_smoothing == 0.2
    learner, steps = seen(small, few, epochs=5, batch_size=5)
    assert learner.optimizer._learning_rate.warmup_steps == steps // 10 == 4


def unequal_batches():
    """Two batches of unlike tokens and shapes, then one, and all pairs as two batches."""
    drawn = np.random.default_rng(0)
    lengths = [(3, 2, 4), (6, 7, 5), (2, 3, 3)]
    rows = [[[*drawn.integers(4, 9, n - 1), 3] for n in each] for each in lengths]

    def batch(rows):
        wide = max(map(len, rows))
        ids = np.array([[*row, *[0] * (wide - len(row))] for row in rows], "int32")
        given = np.where(ids > 0, np.roll(ids, 1, axis=1), 0)
        given[:, 0] = 2
        return {"source": ids, "target": given}, ids, (ids > 0).astype("float32")

    def dataset(batches):
        ids = tf.TensorSpec((None, None), tf.int32)
        signature = {"source": ids, "target": ids}, ids, tf.TensorSpec((None, None), tf.float32)
        return tf.data.Dataset.from_generator(
            lambda: map(batch, batches), output_signature=signature
        )

    return dataset(rows), dataset([rows[0] + rows[1], rows[2]])


def test_small_batches_are_the_large_one_they_are_cut_from():
    """A mean of means would count the tokens of a short batch more."""
    small, large = unequal_batches()
    found = []
    for batches, parts in ((small, 2), (large, 1)):
        keras.utils.set_random_seed(7)
        model = Transformer(9, 9, 8, 1, 2, 8, dropout=0.0)
        loss = AccumulatedCrossentropy(0.1) if parts > 1 else SequenceCrossentropy(0.1)
        optimizer = fine_tuning_optimizer(model, 2, 0.05, 0, accumulation_steps=parts)
        optimizer.epsilon = 1e-3  # the sign of a gradient near 0 is not asked for
        model.compile(optimizer, loss)
        batches = counted_batches(batches)
        batches = accumulated_batches(batches, parts) if parts > 1 else batches
        model.fit(batches, epochs=1, shuffle=False, **QUIET)
        assert int(optimizer.iterations) == 2
        found.append(model.get_weights())
    for ours, theirs in zip(*found, strict=True):
        assert_close(ours, theirs, terms=2000)


def test_an_epoch_s_last_step_is_filled_with_nothing():
    small, _ = unequal_batches()
    taken = [weight.numpy().sum() for _, _, weight in accumulated_batches(small, 2)]
    assert taken == pytest.approx([2 * 9 * 9 / 27, 2 * 18 * 18 / 27, 2 * 8, 0])


def test_parts_are_frozen_and_thaw(small, few):
    decoder = of(*small.model.decoder_blocks)
    before = weights(small.model)
    small.fit(few, epochs=1, learning_rate=1e-2, freeze=["encoder", "embeddings"], **QUIET)
    assert moved(before, small.model) and moved(before, small.model) <= decoder
    assert len(small.model.trainable_weights) == len(small.model.weights)
    learner, _ = seen(small, few, freeze="decoder")
    trained = {id(weight) for weight in learner.trainable_weights}
    assert trained == of(learner) - of(*learner.decoder_blocks)


def test_the_embedding_of_a_frozen_recurrent_decoder_is_a_part_of_its_own():
    sizes = {"embedding_dim": 8, "hidden_dim": 8}
    for kind in (AttentionSeq2Seq, RecurrentSeq2Seq):
        model = kind(9, 7, **sizes)
        freeze(model, "decoder")
        tables = [w for w in model.trainable_weights if tuple(w.shape) == (7, 8)]
        assert len(tables) == 1
        assert not model.decoder.output_dense.kernel.trainable
        freeze(model, ["target_embedding"])
        assert not model.target_embedding.table.trainable
        assert model.source_embedding.table.trainable
    model.source_embedding.load_vectors(np.zeros((9, 8)), trainable=False)
    assert not copy_model(model).source_embedding.table.trainable


def test_lora_changes_matrices_alone_by_as_many_directions(small, few, caplog):
    before, watch = weights(small.model), Watch()
    with caplog.at_level(logging.INFO, "kerasseq"):
        small.fit(
            few, epochs=2, learning_rate=1e-2, lora_rank=2, callbacks=[watch], freeze="encoder",
            **QUIET,
        )  # fmt: skip
    (said,) = [line for line in caplog.messages if "LoRA" in line]
    assert "of rank 2 on 7 layers" in said and said.count("table stays as it is") == 2
    assert len(moved(before, small.model)) == 7
    assert moved(before, small.model) < of(*small.model.decoder_blocks)
    for name, change in changes(before, small.model):
        if not change.any():
            continue
        assert name.endswith("kernel") and np.linalg.matrix_rank(change, tol=1e-5) <= 2
    # The learner's own weights did not move: what it learned stands beside them.
    kept = {name: weight for name, weight in watch.begun if "lora" not in name}
    learned = dict(weights(watch.learner))
    assert all(np.array_equal(learned[name], weight) for name, weight in kept.items())
    assert not any("lora" in name for name, _ in weights(small.model))


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_merged_weights_answer_as_the_adapted_ones(precision):
    model = Transformer(9, 9, 8, 1, 2, 8, dropout=0.0, dtype=precision)
    plain = copy_model(model, dtype="float32")
    enable_lora(model, 3)
    for weight in model.trainable_weights:
        weight.assign(np.random.default_rng(1).standard_normal(weight.shape) / 4)
    before = plain.get_weights()
    plain.set_weights(merged_weights(model))
    ids = np.array([[4, 5, 3, 0]])
    given = {"source": ids, "target": ids}
    found, expected = (keras.ops.convert_to_numpy(each(given)) for each in (plain, model))
    if precision == "float32":
        assert_close(found, expected)
    else:  # the merged weights are not rounded
        assert np.abs(found - expected).max() < 0.2
        kernels = [w for w, b in zip(plain.get_weights(), before, strict=True) if (w - b).any()]
        assert all((w != w.astype("bfloat16").astype("float32")).any() for w in kernels)
    with pytest.raises(ValueError, match="LoRA can adapt.*received a Transformer with none"):
        enable_lora(model, 3)
    with pytest.raises(ValueError, match="rank of at least 1; received 0"):
        enable_lora(plain, 0)


def test_a_task_adapted_by_hand_is_saved_and_exported_merged(small, few, tmp_path):
    model = copy_model(small.model)
    task = Translator(model, small.source, small.target, "greedy", 5, 20)
    enable_lora(model, 2)
    for weight in model.trainable_weights:
        weight.assign(np.random.default_rng(1).standard_normal(weight.shape))
    lines = [*few.take(5).sources()]
    task.save(tmp_path / "saved")
    again = Translator.load(tmp_path / "saved")
    assert task(lines) == again(lines)
    for ours, theirs in zip(merged_weights(model), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert task.export(tmp_path / "1.tflite", lines)["identical"] == 1.0


def test_what_lora_leaves_of_a_recurrent_model_is_warned_of():
    with pytest.warns(UserWarning, match="matrices of others, which stay.*recurrent_kernel"):
        enable_lora(RecurrentSeq2Seq(9, 9, 4, 4, 1), 2)


def test_dropout_and_precision_are_the_learner_s_alone(small, few):
    learner, _ = seen(small, few, dropout=0.5, precision="mixed_bfloat16")
    assert learner.config["dropout"] == 0.5
    assert learner.dtype_policy.name == "mixed_bfloat16"
    assert small.model.config["dropout"] == 0.0 and small.model.compute_dtype == "float32"
    given = {"source": np.array([[4, 3]]), "target": np.array([[2, 4]])}
    first, second = (np.array(learner(given, training=True)) for _ in range(2))
    assert (first != second).any()


def test_a_setting_that_a_model_does_not_have_is_refused(small, few):
    model = Ensemble([copy_model(small.model), copy_model(small.model)])
    both = Translator(model, small.source, small.target, "greedy", 12, 20)
    assert len(seen(both, few)[0].trainable_weights) == 2 * len(small.model.weights)
    with pytest.raises(ValueError, match="setting 'dropout'.*received a Ensemble"):
        both.fit(few, dropout=0.1, **QUIET)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"corpus": [("one", "eins")]}, r"Expected a kerasseq\.data\.ParallelText; received \["),
        ({"corpus": LabelledText(["a"], ["b"])}, r"ParallelText; received .*LabelledText"),
        (
            {"corpus": pd.DataFrame({"en": ["one"], "de": ["eins"]})},
            r"received en de 0 one eins \(DataFrame\)\. Make one of it by ParallelText\.from_csv, ",
        ),
        ({"validation": ["one"]}, r"Expected a kerasseq\.data\.ParallelText; received \["),
        ({"corpus": ParallelText.from_pairs([("a", "b")]).take(0)}, "received none in 0 lines"),
        ({"validation": 1.5}, "share to hold out, above 0 and below 1; received 1.5"),
        ({"epochs": 0}, "epochs as a whole number of at least 1; received 0"),
        ({"accumulation_steps": 0}, "accumulation_steps as a whole number of at least 1; .* 0"),
        ({"epochs": "3"}, "epochs as a whole number of at least 1; received '3'"),
        ({"lr": 0.1}, "arguments that fit takes; received lr"),
        ({"callbacks": "early"}, "callbacks as a list of objects .* received 'early'"),
        ({"learning_rate": -1}, "learning_rate as a number of 0 or above; received -1"),
        ({"patience": 2}, "validation text for patience=2; received none"),
        ({"warmup_steps": 10**6}, "warmup_steps below the .* received 1000000"),
        ({"batch_size": 2, "tokens_per_batch": 99}, "one of tokens_per_batch and batch_size"),
        ({"freeze": "encodre"}, "parts of a Transformer, encoder, decoder.*received 'encodre'"),
        (
            {"freeze": ["encoder", "decoder", "embeddings"]},
            r"something to train; received freeze=\['encoder', 'decoder', 'embeddings'\]",
        ),
        ({"freeze": ["encoder", "decoder"], "lora_rank": 2}, "LoRA can adapt .*with none"),
        ({"lora_rank": 0}, "rank of at least 1; received 0"),
        ({"tokenize": "moses", "validation": 0.5}, "received 'moses'"),
    ],
)
def test_what_cannot_be_learned_gets_one_sentence(small, few, options, message):
    options = {"corpus": few} | options
    before = weights(small.model)
    with pytest.raises(ValueError, match=message):
        small.fit(options.pop("corpus"), **options, **QUIET)
    assert not any(change.any() for _, change in changes(before, small.model))


def test_lengths_beyond_the_model_s_positions_are_refused_where_they_stand(small):
    parts = small.model, small.source, small.target
    with pytest.raises(ValueError, match="max_length of at most 90 tokens.*received 91"):
        Translator(*parts, "greedy", 91, 20)


def test_half_weights_are_refused(small, few):
    model = copy_model(small.model, dtype="bfloat16")
    with pytest.raises(ValueError, match="float32 weights to train; received bfloat16"):
        Translator(model, small.source, small.target, "greedy", 12, 20).fit(few, **QUIET)
