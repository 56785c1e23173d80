"""Token ids to vectors, and back to logits when the table is tied."""

import keras
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

    Call arguments:
        ids: int tensor `(…,)`.

    Returns:
        float tensor `(…, D)`.
    """

    def __init__(self, vocabulary_size, dim, scale=False, initializer=None, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.dim = dim
        self.scale = scale
        self.initializer = initializer

    def build(self, input_shape):
        self.table = self.add_weight(
            shape=(self.vocabulary_size, self.dim),
            initializer=self.initializer or keras.initializers.RandomNormal(stddev=self.dim**-0.5),
            name="table",
            autocast=False,
        )

    def call(self, ids):
        # Through a reshape the table's gradient arrives dense, each token's occurrences summed in
        # float32. As slices, Keras' Adam would square and clip every occurrence by itself.
        table = ops.reshape(self.table, (self.vocabulary_size, self.dim))
        vectors = ops.cast(ops.take(table, ids, axis=0), self.compute_dtype)
        return vectors * self.dim**0.5 if self.scale else vectors

    def load_vectors(self, table, trainable=True):
        """Sets the table to pretrained vectors.

        Args:
            table: float array `(V, D)`, for instance `WordVectors.table`.
            trainable: bool; False keeps the vectors as they are in training.

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
        """Inner products of `x` `(…, D)` with every row: `(…, V)` (Press and Wolf 2017)."""
        table = ops.cast(self.table, self.compute_dtype)
        return ops.matmul(ops.cast(x, self.compute_dtype), ops.transpose(table))

    def get_config(self):
        return super().get_config() | {
            "vocabulary_size": self.vocabulary_size,
            "dim": self.dim,
            "scale": self.scale,
            "initializer": self.initializer,
        }
