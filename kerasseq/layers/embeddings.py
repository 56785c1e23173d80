"""Token ids to vectors, and vectors back to logits."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("kerasseq")
class TokenEmbedding(keras.layers.Layer):
    """A table of token vectors, optionally scaled by `√D` (Vaswani et al. 2017, section 3.4).

    Args:
        vocabulary_size: int `V`.
        dim: int `D`.
        scale: bool, multiplies the vectors by `√D`.
        initializer: name or initializer of the table; default normal with deviation
            `D^-½`, so that scaled vectors and tied logits start with variance 1.
        output_bias: bool, adds a trained vector to the logits; "fixed" one that training leaves.

    Call arguments:
        ids: int tensor `(…,)`.

    Returns:
        float tensor `(…, D)`.
    """

    def __init__(
        self, vocabulary_size, dim, scale=False, initializer=None, output_bias=False, **kwargs
    ):
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.dim = dim
        self.scale = scale
        self.initializer = initializer
        self.has_output_bias = output_bias
        self.rounded = None

    def build(self, input_shape):
        self.table = self.add_weight(
            shape=(self.vocabulary_size, self.dim),
            initializer=self.initializer or keras.initializers.RandomNormal(stddev=self.dim**-0.5),
            name="table",
            autocast=False,
        )
        self.output_bias = None
        if self.has_output_bias:
            self.output_bias = self.add_weight(
                shape=(self.vocabulary_size,),
                initializer="zeros",
                trainable=self.has_output_bias != "fixed",
                name="output_bias",
            )

    def call(self, ids):
        vectors = self._rows(ids) if self.rounded is None else self._rounded_rows(ids)  # (…, D)
        return vectors * self.dim**0.5 if self.scale else vectors

    def _rows(self, ids):
        # The reshape makes the table's gradient dense: the occurrences of a token are summed in
        # float32. Without it, Keras' Adam would square and clip each occurrence separately.
        table = ops.reshape(self.table, (self.vocabulary_size, self.dim))
        return ops.cast(ops.take(table, ids, axis=0), self.compute_dtype)

    def _rounded_rows(self, ids):
        rows, scales, unit = self.rounded
        rows = ops.take(ops.convert_to_tensor(rows), ids, axis=0)  # (…, D)
        scales = ops.take(ops.convert_to_tensor(scales), ids, axis=0)  # (…, 1)
        scales = ops.cast(scales, self.compute_dtype) * unit
        return ops.cast(rows, self.compute_dtype) * scales

    def round_rows(self):
        """Rounds each row to int8 with a scale of its own, and looks vectors up in int8.

        `row ≈ q · s`, `q` whole numbers in [-127, 127], `s = max |row| / 127` as a whole number
        of units, since an exporter that rounds weights would round float scales too. It is for a
        copy that is exported: the table becomes `q · s`, and the layer is not trained any more.
        """
        table = ops.convert_to_numpy(self.table)
        scales = np.abs(table).max(axis=1, keepdims=True) / 127  # (V, 1)
        unit = max(scales.max(), np.finfo("float32").tiny) / 2**23
        scales = np.maximum(np.round(scales / unit), 1).astype("int32")
        rows = np.clip(np.round(table / (scales * unit)), -127, 127).astype("int8")
        self.rounded = rows, scales, float(unit)
        self.table.assign(rows * (scales * unit).astype("float32"))
        self.trainable = False

    def load_vectors(self, table, trainable=True):
        """Sets the table to pretrained vectors.

        Args:
            table: float array `(V, D)`, for instance `WordVectors.table`.
            trainable: bool; False keeps the vectors constant in training.

        Raises:
            ValueError: for an array of another shape.
        """
        if tuple(table.shape) != (self.vocabulary_size, self.dim):
            raise ValueError(
                f"Expected vectors of shape {(self.vocabulary_size, self.dim)}, tokens by width; "
                f"received {tuple(table.shape)}. Read them for this model's tokenizer, and give "
                "the model their width."
            )
        self.table.assign(table)
        self.trainable = trainable

    def logits(self, x):
        """Inner products of `x` `(…, D)` with every row: `(…, V)` (Press and Wolf 2017), plus
        the output bias where there is one."""
        table = ops.cast(self.table, self.compute_dtype)
        products = ops.matmul(ops.cast(x, self.compute_dtype), ops.transpose(table))
        if self.output_bias is None:
            return products
        return products + ops.cast(self.output_bias, self.compute_dtype)

    def get_config(self):
        return super().get_config() | {
            "vocabulary_size": self.vocabulary_size,
            "dim": self.dim,
            "scale": self.scale,
            "initializer": self.initializer,
            "output_bias": self.has_output_bias,
        }


def check_tied(tie_embeddings, embedding_dim, hidden_dim):
    """Refuses a tied embedding whose width differs from the width of the decoder's states."""
    if tie_embeddings and embedding_dim != hidden_dim:
        raise ValueError(
            "Expected embedding_dim to equal hidden_dim with tie_embeddings=True; received "
            f"{embedding_dim} and {hidden_dim}. Make them equal, or untie."
        )
