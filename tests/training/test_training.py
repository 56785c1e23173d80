"""Losses, schedules and callbacks."""

import re
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from closeness import assert_close
from kerasseq.data import ParallelText
from kerasseq.metrics import Perplexity, TokenAccuracy, corpus_scores
from kerasseq.models import AttentionSeq2Seq, Transformer
from kerasseq.text import WordTokenizer
from kerasseq.training import (
    CheckpointAverage,
    ExactResume,
    InverseSquareRoot,
    LinearWarmup,
    LinearWarmupDecay,
    RaiseOnNonFiniteLoss,
    SequenceCrossentropy,
    TranslationMetrics,
    initialize_output_bias,
)

numbers = np.random.default_rng(0)


@pytest.fixture
def predictions():
    ids = numbers.integers(1, 9, (3, 5))
    weights = np.array([[1] * 5, [1, 1, 0, 0, 0], [0] * 5], "float32")
    logits = numbers.standard_normal((3, 5, 9)).astype("float32") * 3
    return ids, logits, weights


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.4])
def test_the_loss_and_its_gradient_are_pytorchs(predictions, smoothing):
    ids, logits, weights = predictions
    with tf.GradientTape() as tape:
        z = tf.constant(logits)
        tape.watch(z)
        loss = SequenceCrossentropy(smoothing)(ids, z, sample_weight=weights)
    reference = torch.tensor(logits, requires_grad=True)
    target = torch.from_numpy(np.where(weights > 0, ids, -1).reshape(-1))
    expected = torch.nn.functional.cross_entropy(
        reference.reshape(-1, 9), target, ignore_index=-1, label_smoothing=smoothing
    )
    expected.backward()
    assert_close(float(loss), expected.item(), terms=100)
    # A gradient is at most one over the seven tokens.
    assert_close(7 * tape.gradient(loss, z), 7 * reference.grad.numpy(), terms=100)


def test_fit_on_batches_is_silent(number_text):
    pairs = ParallelText.from_pairs(number_text[0][:40])
    words = WordTokenizer.train(line for pair in pairs for line in pair)
    batches = pairs.batches(words, words, batch_size=20, shuffle=True)
    model = AttentionSeq2Seq(words.vocabulary_size, words.vocabulary_size, 4, 8)
    model.compile("adam", loss=SequenceCrossentropy())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(batches, epochs=1, verbose=0)
        model.fit(x=batches, epochs=1, verbose=0, shuffle=False)


def test_large_logits_stay_finite():
    loss = SequenceCrossentropy(0.1)(np.array([[1]]), np.array([[[1e4, -1e4, 0.0]]], "float32"))
    assert_close(float(loss), 0.9 * 2e4 + 0.1 * 1e4, terms=100)


def test_metrics_count_every_real_token_alike(predictions):
    ids, logits, weights = predictions
    perplexity, accuracy = Perplexity(), TokenAccuracy()
    for rows, length in ((slice(0, 1), 5), (slice(1, 3), 2)):
        part = rows, slice(0, length)
        for metric in (perplexity, accuracy):
            metric.update_state(ids[part], logits[part], weights[part])
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    nll = -np.take_along_axis(log_p, ids[..., None], -1)[..., 0]
    assert_close(perplexity.result(), np.exp((nll * weights).sum() / weights.sum()), terms=100)
    hits = (logits.argmax(-1) == ids) * weights
    assert_close(accuracy.result(), hits.sum() / weights.sum(), terms=15)


def test_inverse_square_root_is_vaswanis_equation():
    dim, warmup = 512, 4000
    schedule = InverseSquareRoot(dim**-0.5 * warmup**-0.5, warmup)
    for step in (1, 10, 3999, 4000, 4001, 100_000):
        expected = dim**-0.5 * min(step**-0.5, step * warmup**-1.5)
        np.testing.assert_allclose(float(schedule(step - 1)), expected, rtol=1e-5)
    with pytest.raises(ValueError, match="warmup_steps.*received 0"):
        InverseSquareRoot(1e-3, 0)


def small_model():
    model = Transformer(9, 9, 8, 1, 2, 8, dropout=0.0)
    model.compile("adam", SequenceCrossentropy(), weighted_metrics=[Perplexity()])
    return model


def tokens(rows=8):
    ids = numbers.integers(4, 9, (rows, 4)).astype("int32")
    return {"source": ids, "target": ids}, ids, np.ones((rows, 4), "float32")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "5"])
def test_a_setting_that_is_no_number_is_refused(tmp_path, value):
    for make in (
        lambda: InverseSquareRoot(value, 10),
        lambda: InverseSquareRoot(1e-3, value),
        lambda: LinearWarmup(value, 10),
        lambda: LinearWarmupDecay(value, 100, 10),
        lambda: SequenceCrossentropy(label_smoothing=value),
        lambda: ExactResume(tmp_path, every_minutes=value),
    ):
        with pytest.raises(ValueError, match=rf"Expected .*received '?{value}.*\. \w+"):
            make()


def test_a_loss_that_is_no_number_stops_with_one_sentence():
    model = small_model()
    model.set_weights([weight * np.nan for weight in model.get_weights()])
    with pytest.raises(FloatingPointError, match="received nan in epoch 1, batch 1"):
        model.fit(
            *tokens()[:2], sample_weight=tokens()[2], callbacks=[RaiseOnNonFiniteLoss()], verbose=0
        )


def test_the_last_epochs_are_averaged_and_survive_a_restart(tmp_path):
    keras.utils.set_random_seed(0)
    model, (x, y, w) = small_model(), tokens()
    kept = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: kept.append(model.get_weights())
    )
    average = CheckpointAverage(tmp_path / "epochs", last=2)
    model.fit(x, y, sample_weight=w, epochs=3, callbacks=[keep, average], verbose=0)
    again = small_model()
    CheckpointAverage.load_mean(again, tmp_path / "epochs")
    for found, loaded, a, b in zip(
        model.get_weights(), again.get_weights(), kept[1], kept[2], strict=True
    ):
        assert_close(found, (a + b) / 2, terms=4)
        np.testing.assert_array_equal(found, loaded)
    with pytest.raises(FileNotFoundError, match=rf"Expected .*{re.escape(str(tmp_path))}"):
        CheckpointAverage.load_mean(again, tmp_path)
    path = tmp_path / "epochs" / "epoch-0003.npz"
    for write in (
        lambda: np.savez_compressed(path, *map(np.zeros_like, kept[2])),  # packed, it may be huge
        lambda: np.savez(path, *kept[2][:-1]),
        lambda: np.savez(path, *[weight[:1] for weight in kept[2]]),
        lambda: path.write_bytes(b"PK"),
    ):
        write()
        with pytest.raises(ValueError, match="^Expected an epoch's weights of this model in "):
            CheckpointAverage.load_mean(again, tmp_path / "epochs")


def test_epochs_of_an_earlier_run_are_not_averaged(tmp_path):
    folder = tmp_path / "epochs"
    first = CheckpointAverage(folder, last=2)
    first.set_model(small_model())
    for epoch in range(9):
        first.on_epoch_end(epoch)
    second = CheckpointAverage(folder, last=2, start_epoch=1)
    second.set_model(small_model())
    second.on_epoch_end(0)
    assert list(folder.iterdir()) == []
    before = second.model.get_weights()
    second.on_train_end()  # no epoch entered the mean
    for weight, old in zip(second.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    for epoch in (1, 2, 3, 3):  # the last one again, as a run that is resumed
        second.on_epoch_end(epoch)
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["epoch-0003.npz", "epoch-0004.npz"]
    with pytest.raises(ValueError, match="received last=0"):
        CheckpointAverage(folder, last=0)


def test_quality_is_logged_each_epoch():
    callback = TranslationMetrics(
        lambda lines: [line.upper() for line in lines], [("a b c d", "A B C D")]
    )
    logs = {}
    callback.on_epoch_end(0, logs)
    np.testing.assert_allclose([logs["val_bleu"], logs["val_chrf"]], 100.0)
    assert logs["val_exact_match"] == 1.0
    callback.every = 2
    callback.on_epoch_end(2, logs := {})
    assert logs["val_bleu"] == callback.measured["bleu"]
    with pytest.raises(ValueError, match="received 0"):
        TranslationMetrics(str, [("a", "b")], every=0)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_what_is_measured_seldom_is_monitored_all_the_same(tmp_path, every):
    references, asked = ["the cat sat on the mat today", "a dog ran in the green park"], []

    def translate(_):  # one word more each time, from two
        asked.append(len(asked) + 2)
        return [" ".join(line.split()[: asked[-1]]) for line in references]

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    pairs = list(zip(references, references, strict=True))
    quality = TranslationMetrics(translate, pairs, every)
    stop = keras.callbacks.EarlyStopping("val_chrf", mode="max", patience=2 * every)
    kept = keras.callbacks.ModelCheckpoint(
        tmp_path / "{epoch}.weights.h5", "val_chrf", 0, True, True, "max"
    )
    history = model.fit(
        np.ones((2, 2)), np.ones((2, 1)), epochs=30, verbose=0, callbacks=[quality, stop, kept]
    ).history
    # The whole lines are written at the sixth measurement; two more bring nothing.
    assert stop.best_epoch + 1 == 6 * every and stop.best == pytest.approx(100)
    assert stop.stopped_epoch + 1 == 8 * every
    saved = sorted(int(path.name.split(".")[0]) for path in tmp_path.iterdir())
    # Keras keeps every epoch until there is something to compare.
    assert saved == [*range(1, every), *(n * every for n in range(1, 7))]
    assert len(history["val_bleu"]) == 8 * every - (every - 1)  # none before the first
    assert not np.isnan(history["val_bleu"]).any()


def test_corpus_scores_are_sacrebleus_and_refuse_unequal_lists():
    scores = corpus_scores(["the cat sat on the mat"], ["the cat sat on a mat"])
    assert (
        30 < scores["bleu"] < 60 and scores["exact_match"] == 0 and "tok:13a" in scores["signature"]
    )
    assert corpus_scores(["A b c d"], ["a b c d"], lowercase=True)["bleu"] == pytest.approx(100)
    with pytest.raises(ValueError, match="received 1 and 2"):
        corpus_scores(["a"], ["a", "b"])


@pytest.mark.parametrize("kind", [AttentionSeq2Seq, Transformer])
def test_a_model_starts_at_the_frequencies_of_its_text(kind):
    keras.utils.set_random_seed(1)
    options = {"tie_embeddings": False} if kind is Transformer else {}
    model = kind(9, 6, 16, **options)
    ids = np.array([[4, 5, 3, 0], [4, 4, 5, 3]])
    inputs = {
        "source": np.array([[4, 3], [5, 3]]),
        "target": np.array([[2, 4, 5, 0], [2, 4, 4, 5]]),
    }
    initialize_output_bias(model, [(inputs, ids, (ids > 0).astype("float32"))] * 2)
    logits = np.zeros((2, 4, 6)) + keras.ops.convert_to_numpy(model.output_bias)
    expected = np.array([0.5, 0.5, 0.5, 4, 6, 4])
    assert_close(softmax(logits)[0, 0], expected / 15.5, terms=20)
    # A new model's other weights say little yet: the prediction is near the frequencies.
    model.compile(loss=SequenceCrossentropy())
    entropy = SequenceCrossentropy()(ids, logits.astype("float32"), sample_weight=ids > 0)
    loss = model.evaluate(inputs, ids, sample_weight=(ids > 0).astype("float32"), verbose=0)
    assert abs(loss - float(entropy)) < 0.6


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)


def test_a_model_without_an_output_layer_cannot_start_at_frequencies():
    model = AttentionSeq2Seq(9, 6, 16, 16, tie_embeddings=True)
    with pytest.raises(ValueError, match="received AttentionSeq2Seq .*tie_embeddings"):
        initialize_output_bias(model, [])
    with pytest.raises(ValueError, match="batches.*received none"):
        initialize_output_bias(AttentionSeq2Seq(9, 6, 16, 16), [])
