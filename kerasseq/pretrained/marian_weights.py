"""The tensors of a Marian model, taken over into the layers of a Transformer by name."""

import numpy as np

# The linear layers that a layer of the Transformer fuses: names of kernel and bias, behind the
# prefix of the part.
QUERY, KEY, VALUE = (("_Wq", "_bq"), ("_Wk", "_bk"), ("_Wv", "_bv"))
OUTPUT = ("_Wo", "_bo")
INNER, OUTER = ("_W1", "_b1"), ("_W2", "_b2")
FORGET, CELL = ("_Wf", "_bf"), ("_W", None)


class MarianTensors:
    """Arrays by name, each taken once.

    Args:
        path: path of the file, for messages.
        arrays: dict from names to arrays.
    """

    def __init__(self, path, arrays):
        self.path = path
        self.arrays = dict(arrays)

    def check(self, name, shape):
        """Refuses a missing tensor, or one of another shape."""
        found = self.arrays.get(name)
        if found is None or found.shape != tuple(shape):
            raise ValueError(
                f"Expected {name!r} of shape {tuple(shape)} in {self.path}, as its settings say; "
                f"received {'none' if found is None else found.shape}. Choose another model."
            )

    def take(self, name, shape):
        """An array, which is not there afterwards."""
        self.check(name, shape)
        return self.arrays.pop(name)

    def finish(self):
        """Refuses tensors that nobody took."""
        if self.arrays:
            raise ValueError(
                f"Expected only the tensors that its settings name in {self.path}; received "
                f"{min(self.arrays)!r} too. Choose another model."
            )

    def fill(self, model):
        """Sets every layer of a Transformer behind its embeddings and positions."""
        if model.config["embedding_norm"]:
            self.norm(model.source_norm, "encoder_emb", "_pre")
            self.norm(model.target_norm, "decoder_emb", "_pre")
        for number, block in enumerate(model.encoder_blocks, 1):
            self.self_attention(block, f"encoder_l{number}_self")
            self.feed_forward(block, f"encoder_l{number}_ffn")
        for number, block in enumerate(model.decoder_blocks, 1):
            if model.config["decoder"] == "ssru":
                self.ssru(block, f"decoder_l{number}_rnn")
            else:
                self.self_attention(block, f"decoder_l{number}_self")
            name, cross = f"decoder_l{number}_context", block.cross_attention
            self.dense(cross.query, name, QUERY)
            self.dense(cross.key_value, name, KEY, VALUE)
            self.dense(cross.output_dense, name, OUTPUT)
            self.norm(block.cross_residual.norm, f"{name}_Wo")
            self.feed_forward(block, f"decoder_l{number}_ffn")

    def self_attention(self, block, name):
        """Sets a block's self-attention and the normalisation behind it."""
        self.dense(block.self_attention.query_key_value, name, QUERY, KEY, VALUE)
        self.dense(block.self_attention.output_dense, name, OUTPUT)
        self.norm(block.self_residual.norm, f"{name}_Wo")

    def ssru(self, block, name):
        """Sets a block's SSRU and the normalisation behind it."""
        self.dense(block.self_attention.forget, name, FORGET)
        self.dense(block.self_attention.value, name, CELL)
        self.norm(block.self_residual.norm, f"{name}_ffn")

    def feed_forward(self, block, name):
        """Sets a block's feed-forward network and the normalisation behind it."""
        self.dense(block.feed_forward.inner, name, INNER)
        self.dense(block.feed_forward.outer, name, OUTER)
        self.norm(block.feed_forward_residual.norm, f"{name}_ffn")

    def dense(self, layer, name, *fused):
        """Sets a dense layer to the linear ones that it fuses."""
        rows, columns = layer.kernel.shape
        width = columns // len(fused)
        kernels = [self.take(name + kernel, (rows, width)) for kernel, _ in fused]
        layer.kernel.assign(np.concatenate(kernels, axis=1))
        if layer.use_bias:
            biases = [self.take(name + bias, (1, width))[0] for _, bias in fused]
            layer.bias.assign(np.concatenate(biases))

    def norm(self, layer, name, suffix=""):
        """Sets a layer normalisation."""
        for weight, part in ((layer.gamma, "scale"), (layer.beta, "bias")):
            weight.assign(self.take(f"{name}_ln_{part}{suffix}", (1, *weight.shape))[0])
