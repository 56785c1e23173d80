"""An embedding whose rows are rounded to int8, each with a scale of its own, for an export."""

import numpy as np
import pytest
from keras import ops

from closeness import assert_close
from kerasseq.layers import TokenEmbedding


@pytest.mark.parametrize("scale", [False, True])
def test_every_row_is_rounded_by_its_own_scale(scale):
    numbers = np.random.default_rng(1)
    table = numbers.normal(size=(40, 8)) * 10.0 ** numbers.uniform(-4, 2, size=(40, 1))
    table[3] = 0
    layer = TokenEmbedding(40, 8, scale=scale, output_bias=True)
    layer.build(None)
    layer.table.assign(table.astype("float32"))
    layer.round_rows()
    ids = np.arange(40)[None]
    vectors = ops.convert_to_numpy(layer(ids))[0] / (8**0.5 if scale else 1)
    largest = np.abs(table).max(axis=1, keepdims=True)
    assert (np.abs(vectors - table) <= largest / 253 + largest.max() / 2**23).all()
    assert (vectors[3] == 0).all() and len(np.unique(vectors[5])) == 8
    # What is looked up is what is multiplied.
    assert_close(ops.convert_to_numpy(layer.table), vectors)
    states = numbers.normal(size=(2, 8)).astype("float32")
    assert_close(ops.convert_to_numpy(layer.logits(states)), states @ vectors.T, terms=8)
    assert not layer.trainable
