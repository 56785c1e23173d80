"""A whole Keras model against equations in PyTorch that hold the same weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from kerasseq.training import SequenceCrossentropy

SMOOTHING, RATE, EPSILON, CLIP = 0.1, 0.01, 1e-4, 0.1
ADAM_BETA_2 = 0.999
SIGMOID, TANH = torch.sigmoid, torch.tanh


class Twin:
    """PyTorch's copy of a model's weights, in Keras' layout and float64, and plain equations.

    A call takes the Keras variable and gives its copy; `training` says whether dropout acts.
    """

    def __init__(self, model):
        self.model = model
        self.training = False
        self.leaves = {
            id(each): torch.tensor(each.numpy(), dtype=torch.float64, requires_grad=each.trainable)
            for each in model.variables
            if "float" in each.dtype
        }

    def __call__(self, variable):
        return self.leaves[id(variable)]

    def drop(self, x, rate):
        """What `agree` makes of every dropout: a product that names its rate."""
        return x * (1 + rate) if self.training else x

    def embed(self, embedding, ids):
        return self(embedding.table)[ids]

    def dense(self, layer, x):
        y = x @ self(layer.kernel)
        return y if layer.bias is None else y + self(layer.bias)

    def norm(self, layer, x, epsilon):
        width = (x.shape[-1],)
        scale, shift = self(layer.gamma), self(layer.beta)
        return torch.nn.functional.layer_norm(x, width, scale, shift, epsilon)

    def cell(self, cell, x, state):
        """One step: Hochreiter and Schmidhuber's LSTM, or Cho's GRU as PyTorch writes it."""
        kernel, recurrent, bias = map(self, (cell.kernel, cell.recurrent_kernel, cell.bias))
        if len(state) == 2:
            h, c = state
            i, f, g, o = (x @ kernel + h @ recurrent + bias).chunk(4, -1)
            c = SIGMOID(f) * c + SIGMOID(i) * TANH(g)
            return [SIGMOID(o) * TANH(c), c]
        (h,) = state
        z, r, n = (x @ kernel + bias[0]).chunk(3, -1)
        of_z, of_r, of_n = (h @ recurrent + bias[1]).chunk(3, -1)
        z, r = SIGMOID(z + of_z), SIGMOID(r + of_r)
        return [z * h + (1 - z) * TANH(n + r * of_n)]

    def run(self, cell, x, state, mask=None, backwards=False):
        """A cell over `(B, S, E)`; padding leaves the state, and its output is 0."""
        outputs = [None] * x.shape[1]
        for t in sorted(range(x.shape[1]), reverse=backwards):
            new = self.cell(cell, x[:, t], state)
            if mask is not None:
                real = mask[:, t, None]
                new = [torch.where(real, a, b) for a, b in zip(new, state, strict=True)]
            state = new
            outputs[t] = state[0] if mask is None else state[0] * mask[:, t, None]
        return torch.stack(outputs, 1), state

    def stack(self, cells, rate, x, states, mask=None):
        """Layers of `(forward,)` or `(forward, backward)` cells: outputs, and a state a layer."""
        final = []
        for depth, (directions, begin) in enumerate(zip(cells, states, strict=True)):
            x = self.drop(x, rate) if depth else x
            found = [
                self.run(cell, x, begin, mask, backwards) for backwards, cell in
                enumerate(directions)
            ]  # fmt: skip
            x = torch.cat([outputs for outputs, _ in found], -1)
            states_of = zip(*(last for _, last in found), strict=True)
            final.append([torch.cat(parts, -1) for parts in states_of])
        return x, final

    def encode(self, encoder, rate, x, mask):
        """A kerasseq RecurrentEncoder from zero states."""
        cells = [
            (each.forward_layer.cell, each.backward_layer.cell)
            if encoder.bidirectional
            else (each.cell,)
            for each in encoder.stack
        ]
        parts = 2 if encoder.cell == "lstm" else 1
        zeros = [torch.zeros(x.shape[0], encoder.hidden_dim, dtype=x.dtype)] * parts
        return self.stack(cells, rate, x, [zeros] * len(cells), mask)

    def starts(self, layers, vectors):
        """A decoder's first states, a list a layer: a tanh for h, a plain dense layer for c."""
        return [
            [
                self.dense(dense, x) if part else torch.tanh(self.dense(dense, x))
                for part, (dense, x) in enumerate(zip(layer, each, strict=True))
            ]
            for layer, each in zip(layers, vectors, strict=True)
        ]

    def scores(self, attention, kind, query, values):
        """Bahdanau et al. 2015, A.1.2; Luong et al. 2015, section 3.1: `(B, S)`."""
        if kind in ("bahdanau", "luong_concat"):
            layers = attention.query, attention.key, attention.energy
            w, u, v = (self(each.kernel) for each in layers)
            return (torch.tanh((query @ w)[:, None] + values @ u) @ v)[..., 0]
        if kind == "luong_dot":
            return torch.einsum("bd,bsd->bs", query, values)
        found = torch.einsum("bd,bsm,md->bs", query, values, self(attention.key.kernel))
        return self(attention.scale) * found if kind == "luong_scaled" else found

    def decode(self, cell, kind, feeding, rate, tokens, values, mask, states):
        """The readouts `(B, T, D)` of an AttentionCell over embedded tokens `(B, T, E)`.

        Bahdanau: the state before the step asks, its top layer; the context enters the cells.
        Luong: the cells' output asks; the attentional vector enters the next step.
        """

        def attend(query):
            found = self.scores(cell.attention, kind, query, values).masked_fill(~mask, -torch.inf)
            return torch.einsum("bs,bsm->bm", torch.softmax(found, -1), values)

        def recur(x, states):
            new = []
            for depth, (each, state) in enumerate(zip(cell.cells, states, strict=True)):
                new.append(self.cell(each, self.drop(x, rate) if depth else x, state))
                x = new[-1][0]
            return x, new

        fed, readouts = torch.zeros_like(states[-1][0]), []
        for t in range(tokens.shape[1]):
            y = tokens[:, t]
            if kind == "bahdanau":
                context = attend(states[-1][0])
                hidden, states = recur(torch.cat([y, context], -1), states)
                read = torch.cat([hidden, context, y], -1)
            else:
                hidden, states = recur(torch.cat([y, fed], -1) if feeding else y, states)
                read = torch.cat([attend(hidden), hidden], -1)
            fed = torch.tanh(self.dense(cell.readout, read))
            readouts.append(fed)
        return torch.stack(readouts, 1)


def as_torch(array):
    tensor = torch.from_numpy(np.array(array))
    return tensor.double() if tensor.is_floating_point() else tensor.long()


def token_losses():
    """Smoothed cross-entropy over real tokens: Keras' and PyTorch's, both `(y, logits)`."""

    def reference(y, logits):
        return torch.nn.functional.cross_entropy(
            logits.transpose(1, -1), y, ignore_index=0, label_smoothing=SMOOTHING
        )

    return SequenceCrossentropy(SMOOTHING), reference


def close(found, expected, what):
    """Equal to within float32 sums: 2e-5 of the largest number, or 2e-6."""
    expected = expected.detach().numpy()
    bound = 2e-5 * max(np.abs(expected).max(), 0.1)
    np.testing.assert_allclose(np.asarray(found), expected, rtol=0, atol=bound, err_msg=what)


@pytest.fixture
def agree(monkeypatch):
    """A function that holds a model against a reference, in inference and in a training step.

    Dropout, in both, multiplies by `1 + rate` in training: what acts, where and with which rate
    shows in the numbers. Compared are the outputs, the loss, every weight's gradient, and every
    weight after a step of Adam with the gradient clipped by its global norm.
    """

    def dropout(layer, inputs, training=False):
        return inputs * (1 + layer.rate) if training else inputs

    for kind in (keras.layers.Dropout, keras.layers.SpatialDropout2D):
        monkeypatch.setattr(kind, "call", dropout)

    def agree(model, reference, inputs, y, losses=None, real=None):
        """`reference` takes a Twin and inputs as tensors; `real` marks the outputs that count."""
        numbers = np.random.default_rng(7)
        for weight in model.variables:
            if "float" in weight.dtype:
                moved = weight.numpy() + 0.3 * numbers.standard_normal(weight.shape)
                weight.assign(np.abs(moved) + 0.1 if "variance" in weight.name else moved)
        real = y > 0 if real is None else real
        weights = real.astype("float32")
        loss_of, reference_loss = losses or token_losses()
        twin = Twin(model)
        given = {name: as_torch(each) for name, each in inputs.items()}
        for twin.training in (False, True):
            expected = reference(twin, given)
            with tf.GradientTape() as tape:
                found = model(inputs, training=twin.training)
                loss = loss_of(y, found, sample_weight=weights)
            close(found[real], expected[torch.from_numpy(real)], f"outputs, {twin.training=}")
        expected_loss = reference_loss(as_torch(y), expected)
        expected_loss.backward()
        np.testing.assert_allclose(float(loss), expected_loss.item(), rtol=1e-5)
        variables = model.trainable_variables
        gradients = tape.gradient(loss, [each.value for each in variables])
        for variable, gradient in zip(variables, gradients, strict=True):
            close(tf.convert_to_tensor(gradient), twin(variable).grad, variable.path)

        leaves = [twin(each) for each in variables]
        norm = torch.nn.utils.clip_grad_norm_(leaves, CLIP)
        assert norm > CLIP
        # Keras adds epsilon before the bias correction, PyTorch after it.
        torch.optim.Adam(leaves, RATE, eps=EPSILON / (1 - ADAM_BETA_2) ** 0.5).step()
        optimizer = keras.optimizers.Adam(RATE, epsilon=EPSILON, global_clipnorm=CLIP)
        model.compile(optimizer, loss_of, run_eagerly=True)
        trained = model.train_on_batch(inputs, y, sample_weight=weights)
        np.testing.assert_allclose(trained, expected_loss.item(), rtol=1e-5)
        for variable in variables:
            close(variable.numpy(), twin(variable), f"{variable.path} after a step")

    return agree
