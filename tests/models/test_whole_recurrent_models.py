"""Whole recurrent models against their papers' equations in PyTorch."""

import keras
import numpy as np
import pytest
import torch

from kerasseq.models import (
    AttentionSeq2Seq,
    Ensemble,
    ImageCaptioner,
    RecurrentForecaster,
    RecurrentSeq2Seq,
    RecurrentTextEncoder,
    SequenceClassifier,
    SequenceTagger,
)

RATE, SOURCE, SIZE, EMBEDDED, DIM = 0.2, 17, 19, 12, 16
numbers = np.random.default_rng(0)


def output(twin, decoder, x, tied=False):
    x = twin.drop(x, RATE)
    return x @ twin(decoder.embedding.table).T if tied else twin.dense(decoder.output_dense, x)


def with_attention(model, attention, bidirectional, feeding, tied, bridge):
    def logits(twin, inputs):
        source, target = inputs["source"], inputs["target"]
        mask = source > 0
        embedded = twin.drop(twin.embed(model.source_embedding, source), RATE)
        values, states = twin.encode(model.encoder, RATE, embedded, mask)
        if bridge == "mean":
            mean = (values * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            states = [[mean for _ in layer] for layer in states]
        if bidirectional or bridge == "mean":
            states = twin.starts(model.bridge, states)
        tokens = twin.drop(twin.embed(model.decoder.embedding, target), RATE)
        memory = values, mask, states
        read = twin.decode(model.decoder.cell, attention, feeding, RATE, tokens, *memory)
        return output(twin, model.decoder, read, tied)

    return logits


def without_attention(model, reverse, every_step, tied):
    def logits(twin, inputs):
        source, decoder = inputs["source"], model.decoder
        mask = source > 0
        if reverse:  # all but the end symbol
            ends = (mask.sum(1) - 1).tolist()
            rows = zip(source, ends, strict=True)
            source = torch.stack([torch.cat([row[:end].flip(0), row[end:]]) for row, end in rows])
        embedded = twin.drop(twin.embed(model.source_embedding, source), RATE)
        _, states = twin.encode(model.encoder, RATE, embedded, mask)
        tokens = twin.drop(twin.embed(decoder.embedding, inputs["target"]), RATE)
        given = [tokens]
        if every_step:  # Cho et al. 2014, appendix A.1
            context = torch.tanh(twin.dense(decoder.summary, states[-1][0]))
            states = [[torch.tanh(twin.dense(each, context)) for each in s] for s in decoder.starts]
            given.append(context[:, None].expand(-1, tokens.shape[1], -1))
        cells = [(layer.cell,) for layer in decoder.stack]
        x, _ = twin.stack(cells, RATE, torch.cat(given, -1), states)
        if every_step:
            pieces = torch.cat([x, *given], -1) @ twin(decoder.readout.pieces.kernel)
            x = torch.maximum(*pieces.chunk(2, -1))
        return output(twin, decoder, x, tied)

    return logits


def text():
    source = numbers.integers(4, SOURCE, (3, 6)).astype("int32")
    source[1, 4:], source[2, 1:] = 0, 0
    target = numbers.integers(4, SIZE, (3, 5)).astype("int32")
    target[:, 0] = 2
    following = np.roll(target, -1, 1)
    following[:, -1] = 3
    target[1, 3:], following[1, 3:] = 0, 0
    return {"source": source, "target": target}, following


ATTENTIVE = {
    "bahdanau": {"attention": "bahdanau", "cell": "gru"},
    "bahdanau-nematus": {"attention": "bahdanau", "bridge": "mean", "bidirectional": False},
    "luong": {"attention": "luong_general"},
    "luong-dot-tied": {
        "attention": "luong_dot", "bidirectional": False, "input_feeding": False,
        "embedding_dim": DIM, "tie_embeddings": True,
    },
    "luong-scaled": {"attention": "luong_scaled", "cell": "gru", "readout_bias": True},
    "luong-concat": {"attention": "luong_concat", "cell": "gru", "bidirectional": False},
}  # fmt: skip


def attentive(**options):
    sizes = {"embedding_dim": EMBEDDED, "hidden_dim": DIM, "num_layers": 2, "dropout": RATE}
    model = AttentionSeq2Seq(SOURCE, SIZE, **sizes | options)
    settings = model.config
    return model, with_attention(
        model, settings["attention"], settings["bidirectional"], settings["input_feeding"],
        settings["tie_embeddings"], settings["bridge"],
    )  # fmt: skip


@pytest.mark.parametrize("kind", list(ATTENTIVE))
def test_a_decoder_with_attention(agree, kind):
    agree(*attentive(**ATTENTIVE[kind]), *text())


RECURRENT = {
    "sutskever": {"reverse_source": True},
    "sutskever-gru-tied": {"cell": "gru", "embedding_dim": DIM, "tie_embeddings": True},
    "cho": {"cell": "gru", "context_every_step": True},
    "cho-lstm": {"context_every_step": True},
}


def recurrent(**options):
    sizes = {"embedding_dim": EMBEDDED, "hidden_dim": DIM, "num_layers": 2, "dropout": RATE}
    model = RecurrentSeq2Seq(SOURCE, SIZE, **sizes | options)
    settings = model.config
    names = "reverse_source", "context_every_step", "tie_embeddings"
    return model, without_attention(model, *(settings[name] for name in names))


@pytest.mark.parametrize("kind", list(RECURRENT))
def test_a_decoder_of_final_states(agree, kind):
    agree(*recurrent(**RECURRENT[kind]), *text())


def test_an_ensemble_averages_probabilities(agree):
    members = [attentive(), recurrent(num_layers=1), recurrent(reverse_source=True)]

    def log_p(twin, inputs):
        every = [torch.softmax(reference(twin, inputs), -1) for _, reference in members]
        return torch.log(sum(every) / 3)

    agree(Ensemble([model for model, _ in members]), log_p, *text())


@pytest.mark.parametrize(
    ("pooling", "bidirectional", "cell"),
    [("max", True, "lstm"), ("mean", False, "gru"), ("first", True, "gru"), (None, True, "lstm")],
)
def test_labels_over_a_recurrent_encoder(agree, pooling, bidirectional, cell):
    encoder = RecurrentTextEncoder(SOURCE, EMBEDDED, DIM, 2, cell, bidirectional, RATE)
    head = (
        SequenceClassifier(encoder, 6, pooling, "relu", dropout=0.4)
        if pooling
        else SequenceTagger(encoder, 6, dropout=0.4)
    )

    def logits(twin, inputs):
        ids = inputs["tokens"]
        mask = ids > 0
        embedded = twin.drop(twin.embed(encoder.embedding, ids), RATE)
        x, _ = twin.encode(encoder.encoder, RATE, embedded, mask)
        if pooling == "first":
            x = x[:, 0]
        elif pooling == "mean":
            x = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        elif pooling == "max":
            x = x.masked_fill(~mask[..., None], -torch.inf).max(1).values
        if pooling:
            x = torch.relu(twin.dense(head.hidden_dense, x))
        return twin.dense(head.output_dense, twin.drop(x, 0.4))

    inputs = {"tokens": text()[0]["source"]}
    labels = numbers.integers(1, 6, (3, 6)) * (inputs["tokens"] > 0)
    agree(head, logits, inputs, labels[:, 0] if pooling else labels)


def squares():
    """The mean squared error over all values, Keras' and PyTorch's."""
    return keras.losses.MeanSquaredError(), lambda y, found: ((y - found) ** 2).mean()


@pytest.mark.parametrize(("attention", "cell"), [("bahdanau", "lstm"), ("luong_general", "gru")])
def test_a_forecaster(agree, attention, cell):
    model = RecurrentForecaster(3, 2, DIM, 2, cell, attention, RATE)

    def forecast(twin, inputs):
        source, target = inputs["source"], inputs["target"]
        mask = torch.ones(source.shape[:2], dtype=torch.bool)
        values, states = twin.encode(model.encoder, RATE, source, mask)
        memory = values, mask, states
        read = twin.decode(model.cell, attention, True, RATE, target, *memory)
        return target + twin.dense(model.output_dense, twin.drop(read, RATE))

    inputs = {
        "source": numbers.standard_normal((3, 5, 3)).astype("float32"),
        "target": numbers.standard_normal((3, 4, 2)).astype("float32"),
    }
    y = numbers.standard_normal((3, 4, 2)).astype("float32")
    agree(model, forecast, inputs, y, squares(), real=np.ones((3, 4), bool))


def grid_of(twin, backbone, images):
    """He et al. 2016, two convolutions a stage: features `(B, P, M)`, maps dropped at the end."""

    def convolve(x, layer, norm, stride):
        pads = []
        for size in (x.shape[3], x.shape[2]):
            total = max((-(-size // stride) - 1) * stride + 3 - size, 0)
            pads += [total // 2, total - total // 2]
        kernel = twin(layer.kernel).permute(3, 2, 0, 1)
        x = torch.nn.functional.conv2d(torch.nn.functional.pad(x, pads), kernel, stride=stride)
        mean, variance = (twin(v).clone() for v in (norm.moving_mean, norm.moving_variance))
        return torch.nn.functional.batch_norm(
            x, mean, variance, twin(norm.gamma), twin(norm.beta), twin.training, eps=norm.epsilon
        )

    x = (images / 127.5 - 1).permute(0, 3, 1, 2)
    for stage in backbone.stages:
        x = torch.relu(convolve(x, stage["halve"], stage["halve_norm"], 2))
        x = torch.relu(x + convolve(x, stage["refine"], stage["refine_norm"], 1))
    return twin.drop(x, RATE).flatten(2).transpose(1, 2)


@pytest.mark.parametrize(
    ("attention", "cell"), [("bahdanau", "lstm"), ("luong_general", "gru"), (None, "lstm")]
)
def test_a_captioner(agree, attention, cell):
    model = ImageCaptioner(
        SIZE, (12, 10), filters=(6, 8), embedding_dim=EMBEDDED, hidden_dim=DIM, num_layers=2,
        cell=cell, attention=attention, dropout=RATE,
    )  # fmt: skip
    decoder = model.decoder

    def logits(twin, inputs):
        values = grid_of(twin, model.backbone, inputs["source"])
        means = [[values.mean(1)] * len(layer) for layer in model.starts]
        states = twin.starts(model.starts, means)
        tokens = twin.drop(twin.embed(decoder.embedding, inputs["target"]), RATE)
        if attention is None:
            cells = [(layer.cell,) for layer in decoder.stack]
            return output(twin, decoder, twin.stack(cells, RATE, tokens, states)[0])
        mask = torch.ones(values.shape[:2], dtype=torch.bool)
        read = twin.decode(decoder.cell, attention, True, RATE, tokens, values, mask, states)
        return output(twin, decoder, read)

    given, following = text()
    pictures = numbers.integers(0, 256, (3, 12, 10, 3)).astype("float32")
    agree(model, logits, given | {"source": pictures}, following)


def test_a_captioner_drops_maps_of_a_named_backbone(agree, monkeypatch):
    def small(input_shape, include_top, weights):
        layer = keras.layers.Conv2D(6, 3, strides=4, padding="same")
        return keras.Sequential([keras.layers.Input(input_shape), layer])

    monkeypatch.setattr(keras.applications, "MobileNetV2", small)
    model = ImageCaptioner(SIZE, (12, 10), "MobileNetV2", attention="bahdanau", dropout=RATE)
    pictures = numbers.integers(0, 256, (2, 12, 10, 3)).astype("float32")
    plain, dropped = (model.encode(pictures, training=each)["values"] for each in (False, True))
    seen = model.backbone(pictures / 127.5 - 1).numpy().reshape(2, 9, 6)
    np.testing.assert_allclose(plain, seen, atol=1e-5)
    np.testing.assert_allclose(dropped, (1 + RATE) * seen, atol=1e-5)
