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


def test_outputs_are_scaled_before_the_output_layer():
    for tied in (True, False):
        plain, scaled = (made(tie_embeddings=tied, scale_output=on) for on in (False, True))
        scaled.set_weights(plain.get_weights())
        assert_close(logits_of(scaled), logits_of(plain) * 8**-0.5, terms=TERMS)


def test_one_table_of_distances_serves_all_blocks_of_a_side():
    model = made(positions="relative", relative_buckets=(6, 9), norm_first=True)
    for positions, side in (
        (model.source_positions, "encoder"),
        (model.target_positions, "decoder"),
    ):
        positions.table.assign(np.random.default_rng(4).standard_normal((6, 2)) * 3)
        assert positions.bidirectional == (side == "encoder")
    before = logits_of(model)
    assert sum(weight.name == "table" for weight in model.weights) == 4  # two are of tokens
    # Where a constant is added to every score of a row, its softmax stays as it is.
    for positions in (model.source_positions, model.target_positions):
        positions.table.assign_add(np.ones((6, 2)))
    assert_close(logits_of(model), before, terms=TERMS)
    model.source_positions.table.assign(np.zeros((6, 2)))
    # Without distances the encoder sees a set.
    states = numpy_of(model.encoder_states(IDS))
    assert_close(numpy_of(model.encoder_states(IDS[:, ::-1])), states[:, ::-1], terms=TERMS)
    x = np.random.default_rng(5).standard_normal((2, 4, 8)).astype("float32")
    assert_close(model.source_positions(x), x, terms=0)


def test_what_the_stacks_give_is_dropped_in_training():
    model = made(norm_first=True, dropout=0.0, output_dropout=0.5)
    states = [numpy_of(model._read(IDS, training)[0]) for training in (True, False)]
    kept = states[0] != 0
    assert 0.2 < kept.mean() < 0.8
    assert_close(states[0][kept], 2 * states[1][kept], terms=TERMS)


def test_a_block_without_biases_has_none():
    model = made(use_bias=False, norm="rms", norm_first=True, gated=True)
    assert not [each for each in model.weights if each.name in ("bias", "beta", "gamma")]


def test_a_name_of_gelu_s_approximation_survives(tmp_path):
    model = made(activation="gelu_tanh", gated=True)
    assert model.get_config()["activation"] == "gelu_tanh"
    again = Transformer.from_config(model.get_config())
    again.set_weights(model.get_weights())
    assert_close(logits_of(again), logits_of(model), terms=TERMS)
    exact = made(activation="gelu", gated=True)
    exact.set_weights(model.get_weights())
    assert np.abs(logits_of(exact) - logits_of(model)).max() > 1e-6
