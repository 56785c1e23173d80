"""Whole Transformers against PyTorch's `nn.Transformer` and `nn.TransformerEncoder`."""

import numpy as np
import pytest
import torch

from kerasseq.models import (
    BertEncoder,
    MaskedLanguageModel,
    SequenceClassifier,
    SequenceTagger,
    SpanClassifier,
    Transformer,
)
from kerasseq.training import SequenceCrossentropy

DIM, HEADS, INNER, LAYERS, SIZE = 16, 4, 24, 2, 19
EPSILON = 0.01  # large, so that a default in its place shows
DROPPED = {"dropout": 0.2, "attention_dropout": 0.3}
numbers = np.random.default_rng(0)


@pytest.fixture
def scaled_torch_dropout(monkeypatch):
    """PyTorch's dropouts multiply as `agree`'s do; in inference all of it is PyTorch's own."""
    functional = torch.nn.functional

    def attend(query, key, value, mask=None, rate=0.0, is_causal=False):
        assert not is_causal
        scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
        return torch.softmax(scores + mask, -1) * (1 + rate) @ value

    def drop(x, p=0.5, training=True, inplace=False):
        return x * (1 + p) if training else x

    own = functional.scaled_dot_product_attention
    monkeypatch.setattr(functional, "dropout", drop)
    monkeypatch.setattr(
        functional, "scaled_dot_product_attention",
        lambda q, k, v, mask=None, rate=0.0, causal=False:
            (attend if rate else own)(q, k, v, mask, rate, is_causal=causal),
    )  # fmt: skip


def dense(twin, name, layer):
    return {f"{name}.weight": twin(layer.kernel).T, f"{name}.bias": twin(layer.bias)}


def norm(twin, name, layer):
    return {f"{name}.weight": twin(layer.gamma), f"{name}.bias": twin(layer.beta)}


def attention(twin, name, layer, *projections):
    kernel = torch.cat([twin(each.kernel) for each in projections], 1)
    bias = torch.cat([twin(each.bias) for each in projections])
    return {f"{name}.in_proj_weight": kernel.T, f"{name}.in_proj_bias": bias} | dense(
        twin, f"{name}.out_proj", layer.output_dense
    )


def block_weights(twin, name, block):
    """The weights of an encoder's block; of a decoder's, the attention to the memory too."""
    cross = getattr(block, "cross_attention", None)
    found = attention(
        twin, f"{name}.self_attn", block.self_attention, block.self_attention.query_key_value
    )
    residuals = [block.self_residual, block.feed_forward_residual]
    if cross:
        found |= attention(twin, f"{name}.multihead_attn", cross, cross.query, cross.key_value)
        residuals.insert(1, block.cross_residual)
    for number, residual in enumerate(residuals, 1):
        found |= norm(twin, f"{name}.norm{number}", residual.norm)
    found |= dense(twin, f"{name}.linear1", block.feed_forward.inner)
    return found | dense(twin, f"{name}.linear2", block.feed_forward.outer)


def set_rates(reference, attention_rate, inner_rate):
    """PyTorch has one rate for all; each place gets its own."""
    for module in reference.modules():
        if isinstance(module, torch.nn.MultiheadAttention):
            module.dropout = attention_rate
        if hasattr(module, "linear1"):
            module.dropout.p = inner_rate
    return reference.double()


def sinusoids(length, dim):
    position, index = torch.arange(length).double()[:, None], torch.arange(0, dim, 2)
    angle = position / 10000 ** (index / dim)
    return torch.stack([torch.sin(angle), torch.cos(angle)], -1).reshape(length, dim)


def transformer(model, rates, activation, norm_first, learned, tied, shared, begun):
    """Vaswani et al. 2017 around PyTorch's layers, as a function of weights and ids."""
    reference = torch.nn.Transformer(
        DIM, HEADS, LAYERS, LAYERS, INNER, rates["dropout"], activation,
        layer_norm_eps=EPSILON, norm_first=norm_first, batch_first=True,
    )  # fmt: skip
    set_rates(reference, rates["attention_dropout"], rates["activation_dropout"])
    if not norm_first:  # the paper's has no normalisation above the last block
        reference.encoder.norm = reference.decoder.norm = None

    def logits(twin, inputs):
        source, target = inputs["source"], inputs["target"]
        if begun:
            source = torch.cat([torch.full_like(source[:, :1], 2), source], 1)

        def embedded(ids, table, positions):
            rows = twin(positions.table) if learned else sinusoids(ids.shape[1], DIM)
            return twin.drop(twin(table)[ids] * DIM**0.5 + rows[: ids.shape[1]], rates["dropout"])

        weights = {}
        for side in ("encoder", "decoder"):
            for depth, block in enumerate(getattr(model, f"{side}_blocks")):
                weights |= block_weights(twin, f"{side}.layers.{depth}", block)
            if norm_first:
                weights |= norm(twin, f"{side}.norm", getattr(model, f"{side}_norm"))
        of_target = model.target_embedding
        of_source = of_target if shared else model.source_embedding
        padding = source == 0
        length = target.shape[1]
        reference.train(twin.training)
        read = torch.func.functional_call(
            reference,
            weights,
            (
                embedded(source, of_source.table, model.source_positions),
                embedded(target, of_target.table, model.target_positions),
            ),
            {
                "tgt_mask": torch.triu(torch.ones(length, length, dtype=torch.bool), 1),
                "src_key_padding_mask": padding,
                "memory_key_padding_mask": padding,
                "tgt_is_causal": False,
            },
            strict=True,
        )
        return read @ twin(of_target.table).T if tied else twin.dense(model.output_dense, read)

    return logits


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize(
    ("activation", "norm_first", "learned", "tied", "shared", "begun"),
    [
        ("relu", False, False, True, False, False),
        ("gelu", True, False, False, False, False),
        ("relu", True, False, True, True, False),
        ("relu", False, True, True, True, True),
    ],
)
def test_a_transformer(
    agree, scaled_torch_dropout, activation, norm_first, learned, tied, shared, begun
):
    rates = DROPPED | {"activation_dropout": 0.1}
    source_size = SIZE if shared else SIZE - 2
    model = Transformer(
        source_size, SIZE, DIM, LAYERS, HEADS, INNER, activation=activation,
        norm_first=norm_first, positions="learned" if learned else "sinusoidal", max_length=9,
        tie_embeddings=tied, share_embeddings=shared, begin_source=begun, epsilon=EPSILON,
        **rates,
    )  # fmt: skip
    source = numbers.integers(4, source_size, (3, 7)).astype("int32")
    source[1, 4:], source[2, 1:] = 0, 0
    target = numbers.integers(4, SIZE, (3, 6)).astype("int32")
    target[:, 0] = 2
    following = np.roll(target, -1, 1)
    following[:, -1] = 3
    target[1, 3:], following[1, 3:] = 0, 0
    agree(
        model,
        transformer(model, rates, activation, norm_first, learned, tied, shared, begun),
        {"source": source, "target": target},
        following,
    )


def bert_vectors(encoder, norm_first, segments):
    """Devlin et al. 2019 around PyTorch's encoder, as a function of weights and ids."""
    layer = torch.nn.TransformerEncoderLayer(
        DIM, HEADS, INNER, DROPPED["dropout"], "gelu", EPSILON, True, norm_first
    )
    reference = torch.nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
    set_rates(reference, DROPPED["attention_dropout"], 0.0)
    if norm_first:
        reference.norm = torch.nn.LayerNorm(DIM, EPSILON).double()

    def vectors(twin, ids):
        x = twin.embed(encoder.embedding, ids) + twin(encoder.positions.table)[: ids.shape[1]]
        if segments:
            after = torch.cumsum(ids == segments, 1) - (ids == segments).long()
            x = x + twin.embed(encoder.segment_embedding, (after > 0).long() * (ids > 0))
        x = twin.drop(twin.norm(encoder.embedding_norm, x, EPSILON), DROPPED["dropout"])
        weights = {}
        for depth, block in enumerate(encoder.blocks):
            weights |= block_weights(twin, f"layers.{depth}", block)
        if norm_first:
            weights |= norm(twin, "norm", encoder.output_norm)
        reference.train(twin.training)
        options = {"src_key_padding_mask": ids == 0}
        return torch.func.functional_call(reference, weights, (x,), options, strict=True)

    return vectors


def rows_of_tokens():
    tokens = numbers.integers(5, SIZE, (3, 7)).astype("int32")
    tokens[:, [2, 5]] = 3
    tokens[1, 6:], tokens[2, 3:] = 0, 0
    return tokens


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("head", ["classifier", "tagger", "spans", "masks"])
def test_bert(agree, scaled_torch_dropout, head, norm_first):
    segments = None if head == "tagger" else 3
    encoder = BertEncoder(
        SIZE, DIM, LAYERS, HEADS, INNER, norm_first=norm_first, epsilon=EPSILON, max_length=9,
        separator_id=segments, **DROPPED,
    )  # fmt: skip
    vectors = bert_vectors(encoder, norm_first, segments)
    inputs, real = {"tokens": rows_of_tokens()}, None
    if head == "classifier":
        model = SequenceClassifier(encoder, 6, "first", "tanh", dropout=0.4)
        y = np.array([1, 5, 2])

        def logits(twin, inputs):
            pooled = torch.tanh(
                twin.dense(model.hidden_dense, vectors(twin, inputs["tokens"])[:, 0])
            )
            return twin.dense(model.output_dense, twin.drop(pooled, 0.4))

    elif head == "tagger":
        model = SequenceTagger(encoder, 6, dropout=0.4)
        y = numbers.integers(1, 6, (3, 7)) * (inputs["tokens"] > 0)

        def logits(twin, inputs):
            read = twin.drop(vectors(twin, inputs["tokens"]), 0.4)
            return twin.dense(model.output_dense, read)

    elif head == "spans":
        model = SpanClassifier(encoder, 3, dropout=0.4)
        y = np.array([[3, 4], [4, 4], [0, 0]])
        real = np.ones((3, 2), bool)

        def logits(twin, inputs):
            ids = inputs["tokens"]
            read = twin.dense(model.output_dense, twin.drop(vectors(twin, ids), 0.4))
            allowed = (torch.cumsum(ids == 3, 1) > 0) & (ids != 3) & (ids != 0)
            allowed[:, 0] = True
            return torch.where(allowed[..., None], read, -1e4).transpose(1, 2)

    else:
        model = MaskedLanguageModel(encoder, epsilon=EPSILON)
        inputs["positions"] = np.array([[1, 3], [4, 0], [1, 0]], "int32")
        y = np.array([[7, 8], [9, 0], [10, 0]])

        def logits(twin, inputs):
            rows = torch.arange(3)[:, None]
            chosen = vectors(twin, inputs["tokens"])[rows, inputs["positions"]]
            hidden = torch.nn.functional.gelu(twin.dense(model.hidden_dense, chosen))
            read = twin.norm(model.norm, hidden, EPSILON) @ twin(encoder.embedding.table).T
            return read + twin(model.output_bias)

    agree(model, logits, inputs, y, losses=span_losses() if head == "spans" else None, real=real)


def span_losses():
    """The mean over rows of both ends' cross-entropy, without smoothing."""

    def reference(y, logits):
        return torch.nn.functional.cross_entropy(
            logits.reshape(-1, logits.shape[-1]), y.reshape(-1)
        )

    return SequenceCrossentropy(), reference
