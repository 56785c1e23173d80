"""Where a token stands: vectors that are added to tokens', numbers that are added to scores, or
angles by which queries and keys are turned."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("kerasseq")
class PositionEncoding(keras.layers.Layer):
    """Adds a vector for each position.

    `sinusoidal`: `PE(p, 2i) = sin(p / 10000^(2i/D))`, `PE(p, 2i+1) = cos(…)`
    (Vaswani et al. 2017, section 3.5). `sinusoidal_halves`: the sines in the first half and the
    cosines in the second, `PE(p, i) = sin(p / 10000^(i/(D/2-1)))`, `PE(p, D/2+i) = cos(…)`, as
    Tensor2Tensor and Marian have it. `sinusoidal_apart`: the columns of `sinusoidal`, all sines
    before all cosines, `PE(p, i) = sin(p / 10000^(2i/D))`, `PE(p, D/2+i) = cos(…)`, as Pegasus
    and Hugging Face's Marian have it. `learned`: one trained vector for each position.

    Args:
        kind: "sinusoidal", "sinusoidal_halves", "sinusoidal_apart" or "learned".
        max_length: int, rows of the table; later positions, of padding, share the last row. Models
            learn from no longer batches, see `kerasseq.positions`.
        first: int, the position `p` of the first row of a sinusoidal table.

    Call arguments:
        x: float tensor `(B, T, D)`.
        start: scalar int, the index of the first position of `x`.

    Returns:
        float tensor `(B, T, D)`.

    Raises:
        ValueError: for another `kind`; at build, for halves of an odd width or of less than 4.
    """

    def __init__(self, kind="sinusoidal", max_length=512, first=0, **kwargs):
        super().__init__(**kwargs)
        if kind not in (*TABLES, "learned"):
            raise ValueError(
                f"Expected kind to be one of {', '.join(TABLES)}, learned; received {kind!r}. "
                "Choose one."
            )
        self.kind = kind
        self.max_length = max_length
        self.first = first

    def build(self, input_shape):
        dim = input_shape[-1]
        if self.kind == "learned":
            self.table = self.add_weight(
                shape=(self.max_length, dim), initializer="glorot_uniform", name="table"
            )
        else:
            table = TABLES[self.kind](self.first + self.max_length, dim)
            self.table = table[self.first :]

    def call(self, x, start=0):
        positions = start + ops.arange(ops.shape(x)[1], dtype="int32")
        positions = ops.minimum(positions, self.max_length - 1)  # (T,)
        # Reshaped, as in TokenEmbedding: replicas would each add a position's gradient by itself.
        table = ops.reshape(ops.convert_to_tensor(self.table), (self.max_length, x.shape[-1]))
        table = ops.cast(table, x.dtype)  # (max_length, D)
        return x + ops.take(table, positions, axis=0)[None]  # (B, T, D) + (1, T, D)

    def bias(self, length, keys=None, start=0):
        """None: these positions are in the vectors; see `RelativePositions.bias`."""

    def get_config(self):
        return super().get_config() | {
            "kind": self.kind,
            "max_length": self.max_length,
            "first": self.first,
        }


@keras.saving.register_keras_serializable("kerasseq")
class RelativePositions(keras.layers.Layer):
    """Tells attention how far apart two positions are: a trained number for each head and
    bucket of distances, added to the scores (Raffel et al. 2020, section 2.1).

    The first half of `n` buckets holds one distance each. The others grow: distance `x` is in
    `⌊h + (n - h) log(x / h) / log(max_distance / h)⌋`, `h = n / 2`, and all from `max_distance`
    on are in the last. A bidirectional table has `n = num_buckets / 2` for earlier positions and
    as many for later ones; the other has `n = num_buckets` for earlier ones.

    Args:
        num_heads: int `H`.
        num_buckets: int, rows of the table.
        max_distance: int.
        bidirectional: bool, False for attention that sees no later positions.

    Call arguments:
        x: float tensor `(B, T, D)`, returned as it is: nothing is added to vectors.
        start: as for `PositionEncoding`.

    Raises:
        ValueError: for fewer than 2 buckets a direction, or distances that they hold one by one.
    """

    def __init__(self, num_heads, num_buckets=32, max_distance=128, bidirectional=True, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.num_buckets = num_buckets
        self.max_distance = max_distance
        self.bidirectional = bidirectional
        each = num_buckets // 2 if bidirectional else num_buckets
        if not 1 <= each // 2 < max_distance:
            raise ValueError(
                "Expected 2 buckets or more in a direction, and a max_distance above half of "
                f"them; received {each} and {max_distance}. Change one of the two."
            )
        earlier = buckets_of_distances(each, max_distance)  # of distances 0 … max_distance
        later = earlier + each if bidirectional else np.zeros_like(earlier)
        # Of the distances -max_distance … max_distance from a position to what it sees.
        self.buckets = np.concatenate([earlier[:0:-1], earlier[:1], later[1:]])

    def build(self, input_shape):
        self.table = self.add_weight(
            shape=(self.num_buckets, self.num_heads), initializer="glorot_uniform", name="table"
        )

    def call(self, x, start=0):
        return x

    def bias(self, length, keys=None, start=0):
        """What is added to scores.

        Args:
            length: int or scalar int tensor `T`, positions that attend.
            keys: int or scalar int tensor `S`, positions attended to, from 0 on; default `T`.
            start: scalar int, the index of the first position that attends.

        Returns:
            float tensor `(1, H, T, S)`.
        """
        here = start + ops.arange(length, dtype="int32")
        there = ops.arange(length if keys is None else keys, dtype="int32")
        distances = there[None] - here[:, None]  # (T, S)
        distances = ops.clip(distances, -self.max_distance, self.max_distance)
        buckets = ops.convert_to_tensor(self.buckets, "int32")
        buckets = ops.take(buckets, distances + self.max_distance, axis=0)  # (T, S)
        # The reshape makes the gradient dense, as in TokenEmbedding.
        table = ops.reshape(self.table, (self.num_buckets, self.num_heads))
        return ops.transpose(ops.take(table, buckets, axis=0), (2, 0, 1))[None]  # (1, H, T, S)

    def get_config(self):
        return super().get_config() | {
            "num_heads": self.num_heads,
            "num_buckets": self.num_buckets,
            "max_distance": self.max_distance,
            "bidirectional": self.bidirectional,
        }


def buckets_of_distances(count, max_distance):
    """The buckets of the distances `0 … max_distance`, an int array; see `RelativePositions`.

    In whole numbers: `x` is in bucket `h + j` or a later one if `(x / h)^(n - h)` is at least
    `(max_distance / h)^j`, and no rounding of logarithms decides.
    """
    half = count // 2
    grow = count - half
    first = list(range(1, half + 1))  # of each bucket but 0
    for j in range(1, grow):
        x = first[-1]
        while x**grow * half**j < max_distance**j * half**grow:
            x += 1
        first.append(x)
    return np.searchsorted(first, np.arange(max_distance + 1), side="right").astype("int32")


def rotate(x, base, start=0):
    """Turns the numbers of a head, in pairs, by angles that grow with the position, so that the
    products of queries and keys depend on distances (Su et al. 2021, eq. 34).

    At position `p` the pair `(x_i, x_{i + d/2})` is turned by `p · base^(-2i / d)`. The two of a
    pair are half a head apart, as GPT-NeoX has them, and no neighbours.

    Args:
        x: float tensor `(B, H, T, d)`, `d` even.
        base: float.
        start: scalar int, the position of the first of `T`.

    Returns:
        float tensor like `x`.
    """
    half = x.shape[-1] // 2
    frequencies = (base ** -(np.arange(half) / half)).astype("float32")
    places = start + ops.arange(ops.shape(x)[2], dtype="int32")
    angles = ops.cast(places, "float32")[:, None] * frequencies  # (T, d/2)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    left, right = ops.split(x, 2, axis=-1)  # (B, H, T, d/2)
    return ops.concatenate([left * cos - right * sin, right * cos + left * sin], axis=-1)


def sinusoids(length, dim):
    """The sinusoidal table as a float32 NumPy array `(length, dim)`."""
    angle = np.arange(length)[:, None] / 10000.0 ** (np.arange(dim) // 2 * 2 / dim)
    return np.where(np.arange(dim) % 2, np.cos(angle), np.sin(angle)).astype("float32")


def sinusoids_in_halves(length, dim):
    """The table with sines before cosines, a float32 NumPy array `(length, dim)`.

    Raises:
        ValueError: for an odd width, or one below 4.
    """
    half = dim // 2
    if dim % 2 or half < 2:
        raise ValueError(
            f"Expected an even width of at least 4 for sinusoidal_halves; received {dim}. Change "
            "it, or choose sinusoidal."
        )
    angle = np.arange(length)[:, None] / 10000.0 ** (np.arange(half) / (half - 1))
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1).astype("float32")


def sinusoids_apart(length, dim):
    """The columns of `sinusoids`, the sines first, a float32 NumPy array `(length, dim)`."""
    table = sinusoids(length, dim)
    return np.concatenate([table[:, 0::2], table[:, 1::2]], axis=1)


TABLES = {
    "sinusoidal": sinusoids,
    "sinusoidal_halves": sinusoids_in_halves,
    "sinusoidal_apart": sinusoids_apart,
}
