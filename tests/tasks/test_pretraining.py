"""Masked-language-model pretraining, and fine-tuning from it."""

import keras
import numpy as np
import pytest

from closeness import assert_close
from kerasseq.data import LabelledText, MaskedText
from kerasseq.models import BertEncoder, MaskedLanguageModel, SequenceClassifier
from kerasseq.tasks import MaskFiller, TextClassifier
from kerasseq.text import WordPieceTokenizer
from kerasseq.training import (
    CheckRunLength,
    LinearWarmupDecay,
    SequenceCrossentropy,
    fine_tuning_optimizer,
    initialize_output_bias,
)

WORDS = ["one", "two", "three", "four", "five", "six"]
WORDS += ["seven", "eight", "nine", "ten", "eleven", "twelve"]


def lines(count, seed):
    """Seven numbers, each one more than the last, from anywhere on around the clock."""
    numbers = np.random.default_rng(seed)
    starts = numbers.integers(0, 12, count)
    return [" ".join(WORDS[(s + i) % 12] for i in range(7)) for s in starts]


@pytest.fixture(scope="module")
def tokenizer():
    return WordPieceTokenizer.train(lines(100, 0), 200)


def test_masks_are_as_the_paper_makes_them(tokenizer):
    texts = [" ".join(lines(8, seed)) for seed in range(300)]
    corpus = MaskedText(texts, tokenizer, 64)
    original = np.array(corpus.rows)
    count = round(0.15 * (original.shape[1] - 2))  # not of the symbols
    kinds = {"mask": 0, "same": 0}
    for inputs, targets, weights in corpus.batches(50):
        tokens, positions = inputs["tokens"].numpy(), inputs["positions"].numpy()
        real = weights.numpy() > 0
        assert real.sum(axis=1).tolist() == [count] * len(real)
        for row, where, given, kept in zip(tokens, positions, targets.numpy(), real, strict=True):
            assert (
                len(set(where[kept])) == count
                and 0 not in where[kept]
                and len(row) - 1 not in where
            )
            found = row[where[kept]]
            kinds["mask"] += int((found == tokenizer.mask_id).sum())
            kinds["same"] += int((found == given[kept]).sum())
            restored = row.copy()
            restored[where[kept]] = given[kept]
            assert (original == restored).all(axis=1).any()
    share = {kind: found / (300 * count) for kind, found in kinds.items()}
    assert abs(share["mask"] - 0.8) < 0.03 and abs(share["same"] - 0.1) < 0.03


def test_masks_change_every_epoch_in_training_alone(tokenizer):
    corpus = MaskedText(lines(40, 1), tokenizer, 32)

    def epoch(batches):
        return sorted(row.tolist() for inputs, *_ in batches for row in inputs["tokens"].numpy())

    fixed, moving = corpus.batches(40), corpus.batches(40, shuffle=True)
    assert epoch(fixed) == epoch(fixed)
    assert epoch(moving) != epoch(moving)
    assert next(iter(fixed))[1].shape == (40, 1)  # 0.15 of nine tokens, not of 32
    with pytest.raises(ValueError, match="received none"):
        MaskedText([], tokenizer)


def test_whole_words_are_masked_together():
    pieces = ["a", "b", "c", "d", "##a", "##b", "##c", "##d"]
    tokenizer = WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces])
    corpus = MaskedText(["abcdabcd dcba abab"] * 60, tokenizer, 40, whole_words=True)
    starts = [not tokenizer.vocabulary[i].startswith("##") for i in corpus.rows[0]]
    words = np.cumsum(starts)
    assert len(starts) == 18
    # The three words have 8, 4 and 4 pieces: 3, 8 and 12 are wanted.
    for share, counts in ((0.2, {4, 8}), (0.5, {4, 8}), (0.75, {8, 12})):
        found = set()
        for inputs, _, weights in corpus.batches(60, share=share):
            for where, weight in zip(inputs["positions"].numpy(), weights.numpy(), strict=True):
                chosen = set(where[weight > 0])
                assert all({*np.flatnonzero(words == w)} <= chosen for w in words[list(chosen)])
                found.add(len(chosen))
        assert found == counts


@pytest.fixture(scope="module")
def filler(tokenizer):
    keras.utils.set_random_seed(0)
    corpus = MaskedText(lines(1000, 2), tokenizer, 32)
    encoder = BertEncoder(
        tokenizer.vocabulary_size, 32, 2, 4, dropout=0.0, attention_dropout=0.0, norm_first=True
    )
    model = MaskedLanguageModel(encoder)
    model.compile(keras.optimizers.Adam(2e-3), SequenceCrossentropy())
    batches = corpus.batches(32, shuffle=True)
    initialize_output_bias(model, batches)
    chances = np.exp(keras.ops.convert_to_numpy(model.output_bias))
    words = [tokenizer.vocabulary.index(word) for word in WORDS]
    np.testing.assert_allclose(chances[words], 1 / 12, atol=0.04)
    model.fit(batches, epochs=22, verbose=0)
    return MaskFiller(model, tokenizer, 32)


def test_a_trained_encoder_knows_what_is_missing(filler, tmp_path):
    (first,) = filler("three four [MASK] six seven")
    assert len(first) == 5 and "five" in [label.text for label in first[:3]]
    assert [label.score for label in first] == sorted(
        (label.score for label in first), reverse=True
    )
    assert [len(found) for found in filler("[MASK] two three [MASK]", count=2)] == [2, 2]
    held_out = MaskedText(lines(200, 3), filler.tokenizer, 32).batches(50)
    right = total = 0
    for inputs, targets, weights in held_out:
        found = np.array(filler.model(inputs)).argmax(axis=-1)
        right += float(((found == targets) * weights).numpy().sum())
        total += float(weights.numpy().sum())
    assert right / total > 0.4  # one in twelve by chance
    with pytest.raises(ValueError, match="received .* 0 masks"):
        filler("no mask")
    filler.save(tmp_path)
    (ours,), (theirs,) = (each("one [MASK] three") for each in (filler, MaskFiller.load(tmp_path)))
    assert [label.text for label in ours] == [label.text for label in theirs]
    scores = [[label.score for label in found] for found in (ours, theirs)]
    assert_close(*scores)


def test_fine_tuning_fits_its_lines_moves_every_layer_and_notices_a_wrong_length(filler):
    train = lines(24, 7)
    labels = [str(len(line) % 2) for line in train]
    corpus = LabelledText(train, labels)
    model = SequenceClassifier(filler.model.encoder, 2, "first", "tanh", dropout=0.0)
    classifier = TextClassifier(model, filler.tokenizer, ["0", "1"], 32)
    batches = corpus.batches(classifier.ids, ["0", "1"], 8, shuffle=True)
    before = [np.array(v) for v in model.encoder.weights]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for steps in (30 * 24, 30):  # counted in examples, and for one batch an epoch
        model.compile(fine_tuning_optimizer(model, steps), loss)
        with pytest.raises(ValueError, match=f"{steps} .*received 90"):
            model.fit(batches, epochs=30, verbose=0, callbacks=[CheckRunLength()])
    optimizer = fine_tuning_optimizer(model, 30 * len(batches), 3e-3, layer_decay=0.5)
    model.compile(optimizer, loss)
    model.fit(batches, epochs=30, verbose=0, callbacks=[CheckRunLength()])
    assert classifier.scores(corpus)["accuracy"] == 1.0
    moved = [
        np.abs(np.array(v) - b).mean() for v, b in zip(model.encoder.weights, before, strict=True)
    ]
    assert all(moved)


def test_rates_fall_from_block_to_block_and_vectors_do_not_decay(tokenizer):
    encoder = BertEncoder(tokenizer.vocabulary_size, 16, 2, 2)
    model = SequenceClassifier(encoder, 2)
    optimizer = fine_tuning_optimizer(model, 100, 1e-2, weight_decay=0.5, layer_decay=0.5)
    factor = dict(zip([v.path for v in model.trainable_variables], optimizer.factors, strict=True))
    of = {"token_embedding/table": 0.125, "encoder_block/": 0.25, "encoder_block_1/": 0.5}
    for path, value in factor.items():
        wanted = next((rate for name, rate in of.items() if f"/{name}" in f"/{path}"), None)
        if wanted is None:
            wanted = 0.125 if path.startswith(encoder.name) and "block" not in path else value
        assert value == wanted, path
    assert factor[model.output_dense.kernel.path] == 1.0
    optimizer.build(model.trainable_variables)
    zeros = [np.zeros(v.shape, "float32") for v in model.trainable_variables]
    before = [np.array(v) for v in model.trainable_variables]
    optimizer.apply([keras.ops.convert_to_tensor(z) for z in zeros])
    rate = 1e-2 / 10  # the first of ten steps of warm-up
    for variable, old, share in zip(
        model.trainable_variables, before, optimizer.factors, strict=True
    ):
        kept = 1 - rate * 0.5 * share if old.ndim > 1 else 1
        np.testing.assert_allclose(variable, old * kept, rtol=1e-5)
    again = type(optimizer).from_config(optimizer.get_config())
    assert again.get_config()["factors"] == optimizer.factors


def test_the_normalisation_above_the_blocks_learns_as_fast_as_the_head():
    encoder = BertEncoder(20, 8, 2, 2, norm_first=True)
    model = SequenceClassifier(encoder, 2)
    optimizer = fine_tuning_optimizer(model, 100, layer_decay=0.5)
    factor = {
        id(v): rate for v, rate in zip(model.trainable_variables, optimizer.factors, strict=True)
    }
    layers = encoder.embedding_norm, *encoder.blocks, encoder.output_norm, model.output_dense
    assert [
        {factor[id(v)] for v in layer.trainable_variables} for layer in layers
    ] == [{0.125}, {0.25}, {0.5}, {1.0}, {1.0}]  # fmt: skip


def test_a_warm_up_counted_in_examples_is_noticed():
    with pytest.raises(ValueError, match="warmup_steps.*938 .*received 36000"):
        LinearWarmupDecay(3e-5, 938, 36_000)
    schedule = LinearWarmupDecay(1.0, 100, 10)
    found = [float(schedule(step)) for step in (0, 9, 10, 55, 99, 200)]
    assert_close(found, [0.1, 1.0, 1.0, 0.5, 1 / 90, 0.0])
