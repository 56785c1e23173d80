"""The loss of guided alignment is the papers' cross-entropy, of the heads that a model returns."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from closeness import assert_close
from kerasseq.layers import guided_alignment
from kerasseq.layers.alignment import read_alignment
from kerasseq.models import Transformer

numbers = np.random.default_rng(0)


def attention(*shape):
    weights = np.exp(2 * numbers.standard_normal(shape)).astype("float32")
    return weights / weights.sum(-1, keepdims=True)


def by_hand(attention, links, mask):
    """The sum over real tokens, row by row, over how many there are."""
    total = 0.0
    for row in range(len(links)):
        for t in range(links.shape[1]):
            for s in range(links.shape[2]):
                if mask[row, t] and links[row, t, s]:
                    total -= links[row, t, s] * np.log(attention[row, t, s])
    return total / mask.sum()


@pytest.fixture
def given():
    mask = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]], bool)
    links = np.zeros((3, 4, 5), "float32")
    links[0, 1, 2] = 0.05
    links[0, 3, [0, 4]] = 0.025
    links[1, 0, 1] = 0.05
    return attention(3, 4, 5), links, mask


def test_it_is_the_cross_entropy_over_all_real_tokens(given):
    weights, links, mask = given
    assert_close(guided_alignment(*given), by_hand(*given), terms=20)
    # A token without a link gives nothing, and counts.
    more = mask.copy()
    more[1, 2] = True
    assert_close(guided_alignment(weights, links, more) * 7, by_hand(*given) * 6, terms=20)
    assert float(guided_alignment(weights, 0 * links, mask)) == 0.0
    assert float(guided_alignment(weights, links, mask & False)) == 0.0


def test_links_of_padding_count_nothing(given):
    weights, links, mask = given
    filled = links.copy()
    filled[1, 3, 0] = filled[2, 0, 0] = 1.0
    assert_close(guided_alignment(weights, filled, mask), by_hand(*given), terms=20)


def test_its_gradient_raises_linked_attention_alone(given):
    weights, links, mask = given
    scores = tf.constant(np.log(weights))
    with tf.GradientTape() as tape:
        tape.watch(scores)
        loss = guided_alignment(tf.nn.softmax(scores), links, mask)
    # Of a cross-entropy behind a softmax: how far the row is from what is wanted.
    rows = links.sum(-1, keepdims=True)
    expected = (rows * weights - links) / mask.sum()
    assert_close(tape.gradient(loss, scores), expected, terms=50)


def test_attention_of_exactly_nothing_stays_finite(given):
    weights, links, mask = given
    weights[0, 1] = [1, 0, 0, 0, 0]
    assert np.isfinite(guided_alignment(weights, links, mask))


def test_the_first_heads_of_a_layer_are_read():
    every = [attention(2, 4, 3, 5) for _ in range(3)]
    for layer, heads in ((-1, None), (-2, 1), (0, 3)):
        found = read_alignment(list(map(tf.constant, every)), layer, heads)
        assert_close(found, every[layer][:, :heads].mean(1), terms=10)


@pytest.mark.parametrize(("layer", "heads"), [(2, 1), (-3, None), (-1, 0), (-1, 5)])
def test_a_layer_or_heads_that_are_not_there_are_refused(layer, heads):
    with pytest.raises(
        ValueError, match=r"alignment_layer from -2 to 1 and alignment_heads from 1"
    ):
        Transformer(9, 9, 8, 2, 4, alignment_layer=layer, alignment_heads=heads)


def test_only_what_is_guided_learns_of_it():
    keras.utils.set_random_seed(1)
    model = Transformer(9, 9, 8, 2, 2, dropout=0.0, alignment_layer=0, alignment_heads=1)
    ids = numbers.integers(4, 9, (2, 4)).astype("int32")
    links = np.eye(4, dtype="float32")[None].repeat(2, 0)
    with tf.GradientTape() as tape:
        model({"source": ids, "target": ids, "links": links}, training=True)
        (loss,) = model.losses
    query = model.decoder_blocks[0].cross_attention.query.kernel  # (D, H * d)
    (gradient,) = tape.gradient(loss, [query.value])
    gradient = np.abs(tf.convert_to_tensor(gradient).numpy())
    assert gradient[:, :4].max() > 1e-5 and gradient[:, 4:].max() == 0
    # Where there are no links there is no loss.
    model({"source": ids, "target": ids}, training=True)
    assert model.losses == []
