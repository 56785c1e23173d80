"""Batches that are longer than a model has positions are refused, not read with the last one."""

import numpy as np
import pytest
import tensorflow as tf

from kerasseq.data import LabelledText
from kerasseq.models import BertEncoder, Ensemble, SequenceClassifier, Transformer
from kerasseq.positions import check_batch, told_plainly
from kerasseq.text import WordTokenizer
from kerasseq.training import SequenceCrossentropy

WORDS = WordTokenizer.train(["a b"])
SIZE = WORDS.vocabulary_size
OPEN = tf.TensorSpec((None, None), tf.int32)


def batches(*lengths):
    """Batches of open shapes, as those of a corpus: sources of 4 tokens, targets of these."""

    def make():
        for length in lengths:
            ids = np.ones((2, length), "int32")
            yield {"source": ids[:, :4], "target": ids}, ids

    return tf.data.Dataset.from_generator(
        make, output_signature=({"source": OPEN, "target": OPEN}, OPEN)
    )


def transformer(**options):
    model = Transformer(SIZE, SIZE, 8, 1, 2, **options)
    model.compile(loss=SequenceCrossentropy(), run_eagerly=True)  # no graph to trace
    return model


@pytest.mark.parametrize("options", [{"steps_per_execution": 2}, {"run_eagerly": True}], ids=str)
def test_pairs_beyond_the_positions_are_refused(options):
    model = transformer(positions="sinusoidal", max_length=8)
    model.compile(loss=SequenceCrossentropy(), **options)
    losses = model.fit(batches(4, 8), validation_data=batches(8, 8), verbose=0).history
    assert np.isfinite(losses["loss"] + losses["val_loss"]).all()
    refused = r"target of at most 8 tokens, the model's positions.*received (more|9)\. Pass max_len"
    for call in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=refused) as error:
            call(batches(8, 9), verbose=0)
        assert "\n" not in str(error.value)


def test_arrays_are_refused_before_a_step_and_padding_counts():
    model = transformer(max_length=8, begin_source=True)
    assert model.longest == {"source": 7, "target": 8}
    before = model.get_weights()
    ids = np.ones((2, 8), "int32")
    with pytest.raises(ValueError, match=r"source of at most 7 .*received 8\. Pass max_length=7"):
        model.fit({"source": ids, "target": ids}, ids, verbose=0)
    for former, weight in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(former, weight)
    model.fit({"source": ids[:, :7], "target": ids}, ids, verbose=0)


def test_of_an_ensemble_the_shortest_counts():
    long, short = transformer(max_length=9), transformer(max_length=6)
    endless = transformer(positions="relative")
    assert Ensemble([long, short, endless]).longest == {"source": 6, "target": 6}
    assert Ensemble([endless]).longest == {"source": None, "target": None}


def test_an_encoder_s_rows_too():
    head = SequenceClassifier(BertEncoder(SIZE, 8, 1, 2, max_length=6), 2)
    head.compile(loss="sparse_categorical_crossentropy", run_eagerly=True)
    corpus = LabelledText(["a " * n for n in range(1, 9)], [str(n % 2) for n in range(1, 9)])
    assert head.longest == {"tokens": 6}
    with pytest.raises(ValueError, match=r"tokens of at most 6 tokens.*received [78]"):
        head.fit(corpus.batches(WORDS.encode, ["0", "1"], 4), verbose=0)


def test_another_fault_is_told_as_it_is():
    for fault in (KeyError("x"), tf.errors.InvalidArgumentError(None, None, "Expected a rank")):
        with pytest.raises(type(fault)) as error, told_plainly():
            raise fault
        assert error.value is fault
    check_batch({"image": tf.ones((2, 4))}, {"source": 2})
