"""Layers against PyTorch and NumPy."""

import keras
import numpy as np
import pytest
import torch
from transformers import ModernBertConfig, T5Config
from transformers.models.modernbert import modeling_modernbert
from transformers.models.t5 import modeling_t5

from closeness import assert_close
from kerasseq.layers import (
    SSRU,
    AdditiveAttention,
    AttentionCell,
    DecoderBlock,
    EncoderBlock,
    ImageEncoder,
    LuongAttention,
    PositionEncoding,
    RecurrentDecoder,
    RecurrentEncoder,
    RelativePositions,
    TokenEmbedding,
)
from kerasseq.tensors import causal_mask

TERMS = 100  # no layer here adds up more
numbers = np.random.default_rng(0)


def floats(*shape):
    return numbers.standard_normal(shape).astype("float32")


def as_torch(array):
    return torch.from_numpy(np.array(array))


def numpy_of(tensor):
    return keras.ops.convert_to_numpy(tensor)


def assign_attention(torch_attention, dim, *projections, output):
    """Copies `(kernel, bias)` pairs of q, k, v and the output into PyTorch's attention."""
    kernel = np.concatenate([kernel for kernel, _ in projections], axis=1)
    bias = np.concatenate([bias for _, bias in projections])
    assert kernel.shape == (dim, 3 * dim)
    torch_attention.in_proj_weight.data = as_torch(kernel.T.copy())
    torch_attention.in_proj_bias.data = as_torch(bias)
    torch_attention.out_proj.weight.data = as_torch(output.kernel.numpy().T.copy())
    torch_attention.out_proj.bias.data = as_torch(output.bias.numpy())


def split(dense, parts):
    kernels = np.split(dense.kernel.numpy(), parts, axis=1)
    return list(zip(kernels, np.split(dense.bias.numpy(), parts), strict=True))


def assign_dense(linear, dense):
    linear.weight.data = as_torch(dense.kernel.numpy().T.copy())
    linear.bias.data = as_torch(dense.bias.numpy())


def assign_norm(norm, residual):
    norm.weight.data = as_torch(residual.norm.gamma.numpy())
    norm.bias.data = as_torch(residual.norm.beta.numpy())


def randomise(layer):
    layer.set_weights([floats(*weight.shape) * 0.4 for weight in layer.get_weights()])


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_encoder_block(norm_first, activation):
    dim, heads, inner = 16, 4, 24
    block = EncoderBlock(heads, inner, norm_first=norm_first, activation=activation)
    block.build((None, None, dim))
    randomise(block)
    reference = torch.nn.TransformerEncoderLayer(
        dim, heads, inner, 0.0, activation, batch_first=True, norm_first=norm_first
    ).eval()
    attention = block.self_attention
    assign_attention(
        reference.self_attn, dim, *split(attention.query_key_value, 3),
        output=attention.output_dense,
    )  # fmt: skip
    assign_dense(reference.linear1, block.feed_forward.inner)
    assign_dense(reference.linear2, block.feed_forward.outer)
    assign_norm(reference.norm1, block.self_residual)
    assign_norm(reference.norm2, block.feed_forward_residual)
    x = floats(3, 6, dim)
    mask = np.array([[1] * 6, [1] * 4 + [0] * 2, [1] * 6], bool)
    found, weights = block(x, mask)
    with torch.no_grad():
        expected = reference(as_torch(x), src_key_padding_mask=as_torch(~mask)).numpy()
    assert_close(numpy_of(found)[mask], expected[mask], terms=TERMS)
    assert weights.shape == (3, heads, 6, 6)


@pytest.mark.parametrize("norm_first", [False, True])
def test_decoder_block(norm_first):
    dim, heads, inner = 16, 2, 24
    block = DecoderBlock(heads, inner, norm_first=norm_first)
    block.build((None, None, dim))
    randomise(block)
    reference = torch.nn.TransformerDecoderLayer(
        dim, heads, inner, 0.0, "relu", batch_first=True, norm_first=norm_first
    ).eval()
    own, cross = block.self_attention, block.cross_attention
    assign_attention(
        reference.self_attn, dim, *split(own.query_key_value, 3), output=own.output_dense
    )
    assign_attention(
        reference.multihead_attn,
        dim,
        *split(cross.query, 1),
        *split(cross.key_value, 2),
        output=cross.output_dense,
    )
    assign_dense(reference.linear1, block.feed_forward.inner)
    assign_dense(reference.linear2, block.feed_forward.outer)
    for norm, residual in (
        (reference.norm1, block.self_residual),
        (reference.norm2, block.cross_residual),
        (reference.norm3, block.feed_forward_residual),
    ):
        assign_norm(norm, residual)
    x, encoded = floats(3, 5, dim), floats(3, 7, dim)
    memory_mask = np.array([[1] * 7, [1] * 3 + [0] * 4, [1] * 7], bool)
    found, _ = block(x, causal_mask(5), block.project_memory(encoded), memory_mask)
    with torch.no_grad():
        expected = reference(
            as_torch(x),
            as_torch(encoded),
            tgt_mask=torch.triu(torch.ones(5, 5, dtype=torch.bool), 1),
            memory_key_padding_mask=as_torch(~memory_mask),
        ).numpy()
    assert_close(numpy_of(found), expected, terms=TERMS)


def t5_config(activation="relu"):
    """Transformers' sizes for layers whose heads have a width of their own."""
    return T5Config(
        d_model=16, num_heads=2, d_kv=5, d_ff=24, feed_forward_proj=activation,
        relative_attention_num_buckets=6, relative_attention_max_distance=9, dropout_rate=0.0,
    )  # fmt: skip


def assign_linear(linear, dense, parts=1, part=0):
    linear.weight.data = as_torch(np.split(dense.kernel.numpy(), parts, axis=1)[part].T.copy())
    assert linear.bias is None and not dense.use_bias


@pytest.mark.parametrize("gated", [False, True])
def test_a_decoder_block_of_t5_s_equations(gated):
    config = t5_config("gated-gelu" if gated else "relu")
    config.is_decoder = True
    reference = modeling_t5.T5Block(config, has_relative_attention_bias=True, layer_idx=0).eval()
    block = DecoderBlock(
        2, 24, activation="gelu_tanh" if gated else "relu", norm_first=True, epsilon=1e-6,
        norm="rms", gated=gated, use_bias=False, head_dim=5, scale_attention=False,
    )  # fmt: skip
    block.build((None, None, 16))
    positions = RelativePositions(2, 6, 9, bidirectional=False)
    positions.build(None)
    randomise(block)
    randomise(positions)
    own, cross, network = (layer for layer in reference.layer)
    for part, linear in enumerate((own.SelfAttention.q, own.SelfAttention.k, own.SelfAttention.v)):
        assign_linear(linear, block.self_attention.query_key_value, 3, part)
    assign_linear(own.SelfAttention.o, block.self_attention.output_dense)
    own.SelfAttention.relative_attention_bias.weight.data = as_torch(positions.table.numpy())
    assign_linear(cross.EncDecAttention.q, block.cross_attention.query)
    for part, linear in enumerate((cross.EncDecAttention.k, cross.EncDecAttention.v)):
        assign_linear(linear, block.cross_attention.key_value, 2, part)
    assign_linear(cross.EncDecAttention.o, block.cross_attention.output_dense)
    feed_forward = network.DenseReluDense
    assign_linear(feed_forward.wi_0 if gated else feed_forward.wi, block.feed_forward.inner)
    if gated:
        assign_linear(feed_forward.wi_1, block.feed_forward.linear)
    assign_linear(feed_forward.wo, block.feed_forward.outer)
    for sublayer, residual in (
        (own, block.self_residual),
        (cross, block.cross_residual),
        (network, block.feed_forward_residual),
    ):
        sublayer.layer_norm.weight.data = as_torch(residual.norm.scale.numpy())
    x, encoded = floats(3, 12, 16), floats(3, 7, 16)
    memory_mask = np.array([[1] * 7, [1] * 3 + [0] * 4, [1] * 7], bool)
    memory = block.project_memory(encoded)
    found, _ = block(x, causal_mask(12), memory, memory_mask, bias=positions.bias(12))
    with torch.no_grad():
        hidden = torch.full((12, 12), -1e9).triu(1)[None, None]
        unseen = as_torch(np.where(memory_mask, 0, -1e9).astype("float32"))[:, None, None]
        expected = reference(
            as_torch(x),
            attention_mask=hidden,
            encoder_hidden_states=as_torch(encoded),
            encoder_attention_mask=unseen,
        )[0].numpy()
    assert_close(numpy_of(found), expected, terms=TERMS)
    cache = block.self_attention.initial_cache(3, 12, 16)
    for t in range(12):
        bias = positions.bias(1, 12, start=t)
        found, _, cache = block.step(x[:, t], cache, t, memory, memory_mask, bias)
        assert_close(numpy_of(found), expected[:, t], terms=TERMS)


@pytest.mark.parametrize("layer", [0, 1])
def test_an_encoder_block_of_modern_bert_s_equations(layer):
    config = ModernBertConfig(
        vocab_size=9, hidden_size=16, num_attention_heads=2, intermediate_size=24, pad_token_id=0,
        num_hidden_layers=2, global_attn_every_n_layers=2, attn_implementation="eager",
    )  # fmt: skip
    reference = modeling_modernbert.ModernBertEncoderLayer(config, layer).eval()
    kind = config.layer_types[layer]
    block = EncoderBlock(
        2, 24, activation="gelu", norm_first=True, norm="layer_no_bias", gated=True, use_bias=False,
        rotary_base=(160000.0, 10000.0)[layer], window=3 if layer else None,
        norm_attention=layer > 0,
    )  # fmt: skip
    block.build((None, None, 16))
    randomise(block)
    for linear, *denses in (
        (reference.attn.Wqkv, block.self_attention.query_key_value),
        (reference.attn.Wo, block.self_attention.output_dense),
        (reference.mlp.Wi, block.feed_forward.inner, block.feed_forward.linear),
        (reference.mlp.Wo, block.feed_forward.outer),
    ):
        kernels = np.concatenate([dense.kernel.numpy() for dense in denses], axis=1)
        linear.weight.data = as_torch(kernels.T.copy())
        assert linear.bias is None and not any(dense.use_bias for dense in denses)
    if layer:
        reference.attn_norm.weight.data = as_torch(block.self_residual.norm.gamma.numpy())
    reference.mlp_norm.weight.data = as_torch(block.feed_forward_residual.norm.gamma.numpy())
    x, places = floats(2, 12, 16), torch.arange(12)
    mask = np.arange(12) < np.array([[12], [9]])
    far = (places[:, None] - places[None]).abs() > (3 if layer else 12)
    unseen = far[None, None] | as_torch(~mask)[:, None, None]
    angles = modeling_modernbert.ModernBertRotaryEmbedding(config)(as_torch(x), places[None], kind)
    found, _ = block(x, mask)
    with torch.no_grad():
        scores = torch.where(unseen, -1e9, 0.0)
        expected = reference(as_torch(x), attention_mask=scores, position_embeddings=angles)
    assert_close(numpy_of(found)[mask], expected.numpy()[mask], terms=TERMS)


def test_a_step_turns_and_sees_as_the_whole_does():
    block = DecoderBlock(2, 24, rotary_base=100.0, window=2)
    block.build((None, None, 16))
    randomise(block)
    x, encoded, seen = floats(3, 7, 16), floats(3, 4, 16), np.ones((3, 4), bool)
    memory = block.project_memory(encoded)
    expected = numpy_of(block(x, causal_mask(7), memory, seen)[0])
    cache = block.self_attention.initial_cache(3, 7, 16)
    for t in range(7):
        found, _, cache = block.step(x[:, t], cache, t, memory, seen)
        assert_close(numpy_of(found), expected[:, t], terms=TERMS)


def test_heads_of_an_odd_width_cannot_be_turned():
    with pytest.raises(ValueError, match="even width with rotary_base; received 5"):
        EncoderBlock(2, 8, rotary_base=10.0, head_dim=5).build((None, None, 16))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("buckets", [(32, 128), (6, 9), (5, 20), (64, 1000), (4, 3)])
def test_distances_fall_into_t5_s_buckets(buckets, bidirectional):
    positions = RelativePositions(2, *buckets, bidirectional)
    positions.build(None)
    randomise(positions)
    length = 2 * buckets[1] if buckets[1] < 500 else 1100
    distance = torch.arange(length)[None] - torch.arange(length)[:, None]
    places = modeling_t5.T5Attention._relative_position_bucket(distance, bidirectional, *buckets)
    expected = positions.table.numpy()[places.numpy()].transpose(2, 0, 1)[None]
    np.testing.assert_array_equal(numpy_of(positions.bias(length)), expected)
    row = numpy_of(positions.bias(1, length, start=length // 3))
    np.testing.assert_array_equal(row, expected[:, :, length // 3 : length // 3 + 1])


@pytest.mark.parametrize("sizes", [(3, 128, True), (1, 128, False), (32, 8, True), (6, 3, False)])
def test_buckets_without_room_are_refused(sizes):
    with pytest.raises(ValueError, match="2 buckets or more .* max_distance above half"):
        RelativePositions(2, *sizes)


def torch_gates(array, order):
    """Reorders Keras's gate blocks (last axis) into PyTorch's and transposes."""
    blocks = np.split(array, len(order), axis=-1)
    return np.concatenate([blocks[i] for i in order], axis=-1)


def assign_recurrent(reference, cell, kind, suffix):
    # Keras orders the LSTM's gates i f c o as PyTorch does, the GRU's z r h for r z n.
    order = (0, 1, 2, 3) if kind == "lstm" else (1, 0, 2)
    kernel, recurrent, bias = (weight.numpy() for weight in cell.weights)
    if kind == "lstm":
        bias = np.stack([bias, np.zeros_like(bias)])
    values = {
        f"weight_ih_{suffix}": torch_gates(kernel, order).T,
        f"weight_hh_{suffix}": torch_gates(recurrent, order).T,
        f"bias_ih_{suffix}": torch_gates(bias[0], order),
        f"bias_hh_{suffix}": torch_gates(bias[1], order),
    }
    for name, value in values.items():
        getattr(reference, name).data = as_torch(value.copy())


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_recurrent_encoder(kind, bidirectional):
    width, units, layers = 5, 6, 2
    encoder = RecurrentEncoder(kind, units, layers, bidirectional)
    encoder.build((None, None, width))
    randomise(encoder)
    reference = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](
        width, units, layers, batch_first=True, bidirectional=bidirectional
    )
    for depth, layer in enumerate(encoder.stack):
        if bidirectional:
            assign_recurrent(reference, layer.forward_layer.cell, kind, f"l{depth}")
            assign_recurrent(reference, layer.backward_layer.cell, kind, f"l{depth}_reverse")
        else:
            assign_recurrent(reference, layer.cell, kind, f"l{depth}")
    x, lengths = floats(3, 7, width), [7, 4, 1]
    mask = np.arange(7)[None] < np.array(lengths)[:, None]
    outputs, states = encoder(x, mask)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        as_torch(x), lengths, batch_first=True, enforce_sorted=False
    )
    with torch.no_grad():
        expected, final = reference(packed)
        expected, _ = torch.nn.utils.rnn.pad_packed_sequence(expected, batch_first=True)
    assert_close(numpy_of(outputs), expected.numpy(), terms=TERMS)
    hidden = (final[0] if kind == "lstm" else final).numpy()
    hidden = hidden.reshape(layers, 1 + bidirectional, 3, units)
    for depth, layer_states in enumerate(states):
        both = np.concatenate(list(hidden[depth]), axis=-1)
        assert_close(numpy_of(layer_states[0]), both, terms=TERMS)


def first_states(kind, layers, batch, units):
    """Random states of each layer, for Keras, and stacked for PyTorch."""
    count = {"lstm": 2, "gru": 1}[kind]
    states = [[floats(batch, units) for _ in range(count)] for _ in range(layers)]
    return states, stacked(states)


def stacked(states):
    parts = [as_torch(np.stack(part)) for part in zip(*states, strict=True)]
    return tuple(parts) if len(parts) > 1 else parts[0]


def torch_stack(kind, cells, width, units):
    reference = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](width, units, len(cells))
    for depth, cell in enumerate(cells):
        assign_recurrent(reference, cell, kind, f"l{depth}")
    return reference.requires_grad_(False)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("input_feeding", [True, False])
def test_input_feeding_is_luongs_equation(kind, input_feeding):
    width, units, wide, layers = 5, 6, 8, 2
    cell = AttentionCell(kind, units, layers, "luong_general", input_feeding)
    cell.build((None, width), (None, None, wide))
    randomise(cell)
    tokens, values = floats(2, 3, width), floats(3, 4, wide)
    mask = np.array([[1] * 4, [1, 1, 0, 0], [1, 1, 1, 0]], bool)
    states, expected_states = first_states(kind, layers, 3, units)
    reference = torch_stack(kind, cell.cells, width + units * input_feeding, units)
    score, combine = (layer.kernel.numpy() for layer in (cell.attention.key, cell.readout))
    memory = {"values": values, "keys": cell.attention.project(values), "mask": mask}
    state, fed = cell.initial_state(states), np.zeros((3, units), "float32")
    for token in tokens:
        found, state, weights = cell.step(token, state, memory)
        given = np.concatenate([token, fed], axis=1) if input_feeding else token
        hidden, expected_states = reference(as_torch(given)[None], expected_states)
        hidden = hidden[0].numpy()
        expected = softmax(np.einsum("bd,bsm,md->bs", hidden, values, score), mask)
        context = np.einsum("bs,bsm->bm", expected, values)
        fed = np.tanh(np.concatenate([context, hidden], axis=1) @ combine).astype("float32")
        assert_close(numpy_of(weights), expected, terms=TERMS)
        assert_close(numpy_of(found), fed, terms=TERMS)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_the_context_enters_every_step_and_the_readout_as_in_chos_paper(kind):
    width, units, layers = 5, 6, 2
    decoder = RecurrentDecoder(9, width, units, layers, kind, context_every_step=True)
    decoder.build((None, None))
    randomise(decoder)
    target = numbers.integers(1, 9, (3, 2))
    encoded, _ = first_states(kind, layers, 3, units)
    memory = decoder.memory(encoded)

    def tanh_of(layer, x):
        return np.tanh(x @ layer.kernel.numpy() + layer.bias.numpy())

    context = tanh_of(decoder.summary, encoded[-1][0])
    starts = [[tanh_of(each, context) for each in layer] for layer in decoder.starts]
    embedded = decoder.embedding.table.numpy()[target]
    every = np.repeat(context[:, None], 2, axis=1)
    cells = [layer.cell for layer in decoder.stack]
    reference = torch_stack(kind, cells, width + units, units)
    given = as_torch(np.concatenate([embedded, every], axis=-1)).transpose(0, 1)
    hidden = reference(given, stacked(starts))[0].transpose(0, 1).numpy()
    read = (
        np.concatenate([hidden, embedded, every], axis=-1) @ decoder.readout.pieces.kernel.numpy()
    )
    output = decoder.output_dense
    maxout = np.maximum(read[..., :units], read[..., units:])
    expected = maxout @ output.kernel.numpy() + output.bias.numpy()
    assert_close(numpy_of(decoder(target, memory)), expected, terms=TERMS)
    state = decoder.initial_state(memory)
    for t in range(2):
        found, state, _ = decoder.step(target[:, t], state, memory)
        assert_close(numpy_of(found), expected[:, t], terms=TERMS)


def softmax(scores, mask):
    scores = np.where(mask, scores.astype("float64"), -np.inf)
    exponent = np.exp(scores - scores.max(-1, keepdims=True))
    return exponent / exponent.sum(-1, keepdims=True)


@pytest.fixture
def attended():
    query, values = floats(3, 6), floats(3, 5, 8)
    mask = np.array([[1] * 5, [1, 1, 0, 0, 0], [1, 1, 1, 1, 0]], bool)
    return query, values, mask


def check_attention(layer, scores, query, values, mask):
    context, weights = layer(query, layer.project(values), values, mask)
    expected = softmax(scores, mask)
    assert_close(numpy_of(weights), expected, terms=TERMS)
    assert_close(numpy_of(context), np.einsum("bs,bsd->bd", expected, values), terms=TERMS)


def test_additive_attention_is_bahdanaus_equation(attended):
    query, values, mask = attended
    layer = AdditiveAttention(4)
    layer.build((None, 6), (None, None, 8))
    w, u, v = (dense.kernel.numpy() for dense in (layer.query, layer.key, layer.energy))
    scores = np.tanh((query @ w)[:, None] + values @ u) @ v
    check_attention(layer, scores[..., 0], query, values, mask)


def test_general_attention_is_luongs_equation(attended):
    query, values, mask = attended
    layer = LuongAttention("general")
    layer.build((None, 6), (None, None, 8))
    scores = np.einsum("bq,bsd,dq->bs", query, values, layer.key.kernel.numpy())
    check_attention(layer, scores, query, values, mask)


def test_scaled_attention_is_general_attention_times_a_number(attended):
    query, values, mask = attended
    layer = LuongAttention("scaled")
    layer.build((None, 6), (None, None, 8))
    layer.scale.assign(1.7)
    scores = 1.7 * np.einsum("bq,bsd,dq->bs", query, values, layer.key.kernel.numpy())
    check_attention(layer, scores, query, values, mask)


def test_dot_attention_is_luongs_equation(attended):
    _, values, mask = attended
    query = floats(3, 8)
    layer = LuongAttention("dot")
    layer.build((None, 8), (None, None, 8))
    check_attention(layer, np.einsum("bd,bsd->bs", query, values), query, values, mask)
    with pytest.raises(ValueError, match="received 6 and 8"):
        LuongAttention("dot").build((None, 6), (None, None, 8))


def test_sinusoids_are_vaswanis_equation():
    layer = PositionEncoding("sinusoidal", 50)
    layer.build((None, None, 6))
    found = numpy_of(layer(np.zeros((1, 4, 6), "float32"), start=7))[0]
    for row, position in enumerate(range(7, 11)):
        for i in range(3):
            angle = position / 10000 ** (2 * i / 6)
            assert_close(found[row, 2 * i], np.sin(angle), terms=TERMS)
            assert_close(found[row, 2 * i + 1], np.cos(angle), terms=TERMS)


def test_sinusoids_in_halves_are_tensor2tensors():
    layer = PositionEncoding("sinusoidal_halves", 50)
    layer.build((None, None, 8))
    found = numpy_of(layer(np.zeros((1, 4, 8), "float32"), start=7))[0]
    for row, position in enumerate(range(7, 11)):
        for i in range(4):
            angle = position * np.exp(-i * np.log(10000) / 3)
            assert_close(found[row, i], np.sin(angle), terms=TERMS)
            assert_close(found[row, 4 + i], np.cos(angle), terms=TERMS)
    for width in (2, 7):
        with pytest.raises(ValueError, match=f"received {width}"):
            PositionEncoding("sinusoidal_halves", 50).build((None, None, width))


def test_ssru_is_kim_s_equation_and_steps_as_it_reads():
    layer = SSRU()
    layer.build((None, None, 6))
    randomise(layer)
    x = floats(3, 5, 6)
    forget_kernel, forget_bias, kernel = (weight.numpy() for weight in layer.weights)
    cell, cache = np.zeros((3, 6), "float32"), layer.initial_cache(3, 9, 6)
    whole, weights = layer(x)
    assert weights is None
    for t in range(5):
        forget = 1 / (1 + np.exp(-(x[:, t] @ forget_kernel + forget_bias)))
        cell = forget * cell + (1 - forget) * (x[:, t] @ kernel)
        output, cache = layer.step(x[:, t], cache, t)
        for found in (numpy_of(whole)[:, t], numpy_of(output)):
            assert_close(found, np.maximum(cell, 0), terms=TERMS)
    assert_close(numpy_of(cache["cell"]), cell, terms=TERMS)


def test_tied_logits_have_the_output_bias():
    layer = TokenEmbedding(7, 4, output_bias=True)
    layer.build(None)
    randomise(layer)
    x = floats(2, 3, 4)
    expected = x @ layer.table.numpy().T + layer.output_bias.numpy()
    assert_close(numpy_of(layer.logits(x)), expected, terms=TERMS)
    again = TokenEmbedding.from_config(layer.get_config())
    again.build(None)
    assert [weight.path for weight in again.weights] == [weight.path for weight in layer.weights]


def test_positions_beyond_the_table_share_its_last_row():
    layer = PositionEncoding("learned", 3)
    layer.build((None, None, 2))
    found = numpy_of(layer(np.zeros((1, 5, 2), "float32")))[0]
    np.testing.assert_array_equal(found[3], found[2])
    np.testing.assert_array_equal(found[4], found[2])


def test_image_encoder():
    layer = ImageEncoder((6, 10))
    layer.build((None, 9, 12, 3))
    randomise(layer)
    for weight in layer.weights:
        if "variance" in weight.name:
            weight.assign(np.abs(weight.numpy()) + 0.5)
    images = numbers.integers(0, 256, (2, 9, 12, 3)).astype("uint8")
    x = as_torch(images / 127.5 - 1).float().permute(0, 3, 1, 2)

    def convolve(x, convolution, norm, strides):
        # As TensorFlow pads: so that the output is the input over the stride, rounded up, the
        # odd pixel after the image.
        pads = []
        for size in (x.shape[3], x.shape[2]):
            total = max((-(-size // strides) - 1) * strides + 3 - size, 0)
            pads += [total // 2, total - total // 2]
        kernel = as_torch(convolution.kernel.numpy()).permute(3, 2, 0, 1)
        x = torch.nn.functional.conv2d(torch.nn.functional.pad(x, pads), kernel, stride=strides)
        names = norm.moving_mean, norm.moving_variance, norm.gamma, norm.beta
        mean, variance, gamma, beta = (as_torch(each.numpy()) for each in names)
        return torch.nn.functional.batch_norm(x, mean, variance, gamma, beta, eps=norm.epsilon)

    for stage in layer.stages:
        x = torch.relu(convolve(x, stage["halve"], stage["halve_norm"], 2))
        x = torch.relu(x + convolve(x, stage["refine"], stage["refine_norm"], 1))
    expected = x.permute(0, 2, 3, 1).numpy()
    found = numpy_of(layer(images))
    assert found.shape == (2, 3, 3, 10)
    assert_close(found, expected, terms=300)  # of 9 places and 10 channels, four times


@pytest.mark.parametrize("clip_norm", [None, 0.5])
@pytest.mark.parametrize("scale", [False, True])
def test_an_embedding_learns_like_pytorchs_where_a_token_repeats(scale, clip_norm):
    ids, weights = np.array([[1, 1, 2, 1]]), floats(1, 4, 3)
    layer = TokenEmbedding(5, 3, scale=scale)
    model = keras.Sequential([keras.Input((None,), dtype="int32"), layer])
    table = torch.nn.Parameter(as_torch(layer.table.numpy().copy()))
    model.compile(
        keras.optimizers.Adam(0.1, epsilon=1e-12, global_clipnorm=clip_norm),
        loss=lambda expected, vectors: keras.ops.sum(expected * vectors),
    )
    optimizer = torch.optim.Adam([table], lr=0.1, eps=1e-12)
    for _ in range(3):
        model.train_on_batch(ids, weights)
        optimizer.zero_grad()
        vectors = torch.nn.functional.embedding(as_torch(ids), table) * (3**0.5 if scale else 1)
        (as_torch(weights) * vectors).sum().backward()
        if clip_norm:
            torch.nn.utils.clip_grad_norm_([table], clip_norm)
        optimizer.step()
    assert_close(layer.table.numpy(), table.detach().numpy(), terms=TERMS)
