"""A Transformer's options, each against numbers computed by hand."""

import keras
import numpy as np

from closeness import assert_close
from kerasseq.models import Transformer

TERMS = 100  # no part here adds up more

IDS = np.random.default_rng(3).integers(4, 20, (2, 5)).astype("int32")


def made(**options):
    keras.utils.set_random_seed(1)
    return Transformer(20, 20, 8, 2, 2, 16, **options)


def numpy_of(tensor):
    return keras.ops.convert_to_numpy(tensor)


def logits_of(model):
    return numpy_of(model({"source": IDS, "target": IDS}))


def test_encoder_and_decoder_have_their_own_depths():
    model = made(num_decoder_layers=1)
    assert (len(model.encoder_blocks), len(model.decoder_blocks)) == (2, 1)
    # A block that adds nothing to a pre-norm stream makes the deeper decoder the shallow one.
    shallow, deep = (made(num_decoder_layers=n, norm_first=True) for n in (1, 2))
    block = deep.decoder_blocks[1]
    for dense in (
        block.self_attention.output_dense,
        block.cross_attention.output_dense,
        block.feed_forward.outer,
    ):
        dense.set_weights([np.zeros_like(weight) for weight in dense.get_weights()])
    first = deep.decoder_blocks[0]
    shallow.decoder_blocks[0].set_weights(first.get_weights())
    for name in ("encoder_norm", "decoder_norm", "target_embedding", "source_embedding"):
        getattr(shallow, name).set_weights(getattr(deep, name).get_weights())
    for ours, theirs in zip(shallow.encoder_blocks, deep.encoder_blocks, strict=True):
        ours.set_weights(theirs.get_weights())
    assert_close(logits_of(shallow), logits_of(deep), terms=TERMS)


def test_a_scaled_table_is_a_scale():
    plain, scaled = (made(tie_embeddings=False, scale_embedding=on) for on in (False, True))
    weights = scaled.get_weights()
    for place, weight in enumerate(scaled.weights):
        if weight.name == "table":
            weights[place] = weights[place] * 8**0.5
    plain.set_weights(weights)
    assert_close(logits_of(plain), logits_of(scaled), terms=TERMS)


def test_embeddings_are_normalised_with_their_positions():
    model = made(embedding_norm=True, positions="learned")
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    x = (
        model.source_embedding.table.numpy()[IDS] * 8**0.5
        + numpy_of(model.source_positions.table)[:5]
    )
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)
    x = x * model.source_norm.gamma.numpy() + model.source_norm.beta.numpy()
    for block in model.encoder_blocks:
        x, _ = block(x.astype("float32"), IDS != 0)
        x = numpy_of(x)
    assert_close(numpy_of(model.encoder_states(IDS)), x, terms=TERMS)


def test_the_output_bias_is_added_to_tied_logits():
    model = made(output_bias=True)
    before, bias = logits_of(model), np.arange(20, dtype="float32")
    model.output_bias.assign(bias)
    assert_close(logits_of(model), before + bias, terms=TERMS)
    assert made().output_bias is None
    assert made(tie_embeddings=False, output_bias=True).output_bias.shape == (20,)
