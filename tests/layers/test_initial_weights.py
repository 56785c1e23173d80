"""New weights have the spread that their papers train from."""

import keras
import numpy as np
import pytest

from kerasseq.models import BertEncoder, Transformer

DIM, SIZE = 64, 500


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return Transformer(SIZE, SIZE, DIM, 1, 4, 96)


def is_glorot(kernel, fan_in, fan_out):
    """Uniform up to Glorot and Bengio's limit (2010, eq. 16)."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    assert np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)


def test_each_of_fused_projections_begins_as_it_would_alone(model):
    (block,) = model.decoder_blocks
    fused = (block.self_attention.query_key_value, 3), (block.cross_attention.key_value, 2)
    for layer, parts in fused:
        for kernel in np.split(layer.kernel.numpy(), parts, axis=1):
            is_glorot(kernel, DIM, DIM)
    is_glorot(block.cross_attention.query.kernel.numpy(), DIM, DIM)
    is_glorot(block.feed_forward.inner.kernel.numpy(), DIM, 96)


def test_scaled_embeddings_begin_with_variance_1(model):
    for embedding in (model.source_embedding, model.target_embedding):
        assert embedding(np.arange(SIZE)).numpy().std() == pytest.approx(1, rel=0.05)


def test_bert_s_embeddings_begin_with_a_deviation_of_a_fiftieth():
    # Truncated at two deviations, which leaves 0.88 of them.
    encoder = BertEncoder(SIZE, DIM, 1, 2, max_length=300, separator_id=3)
    assert encoder.embedding.table.numpy().std() == pytest.approx(0.0176, rel=0.1)
    assert encoder.segment_embedding.table.numpy().std() == pytest.approx(0.0176, rel=0.25)
