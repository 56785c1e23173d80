"""KerasHub's weights: HDF5 files, whose sizes are looked at before a model is made."""

import math

import keras
import numpy as np

MOST_LAYERS = 1000
TABLES = ("vocabulary_size", "vocab_size", "max_sequence_length", "num_segments")


def check_numbers(where, config, weights, count):
    """Refuses a number of a configuration that is above those in a file of weights."""
    for name, value in config.items():
        largest = MOST_LAYERS if name == "num_layers" else count
        if isinstance(value, int) and value > largest:
            raise _too_large(where, name, value, weights, count)


def check_sizes(where, config, weights, count):
    """Holds the sizes of a configuration against the `count` numbers in a file, before a model is
    made."""
    check_numbers(where, config, weights, count)
    # ALBERT's layers are shared: it has as many as groups.
    layers = ("num_groups", "num_inner_repetitions") if "num_groups" in config else ("num_layers",)
    width = "embedding_dim" if "embedding_dim" in config else "hidden_dim"
    for names in (
        *((name, width) for name in TABLES),
        ("bucket_size", "hidden_dim"),
        ("hidden_dim", "hidden_dim"),
        ("num_heads", "key_value_dim", "hidden_dim"),
        (*layers, "intermediate_dim", "hidden_dim"),
    ):
        values = [config.get(name) or 1 for name in names]
        if all(isinstance(value, int) for value in values) and math.prod(values) > count:
            raise _too_large(where, " × ".join(names), math.prod(values), weights, count)


def _too_large(where, name, value, weights, count):
    return ValueError(
        f"Expected {name!r} in {where} to fit the {count} numbers of {weights.name}; received "
        f"{value}. Choose a folder whose weights fit."
    )


def load(read, path, model, count):
    """Loads a model's weights from a file that holds `count` numbers for it, None for more."""
    try:
        read(path)
        others = 0 if count is None else count - model.count_params()
    except (ValueError, KeyError, OSError, TypeError, RuntimeError) as error:
        others = f"{error!s:.200}"
    if others:
        raise ValueError(
            f"Expected the weights of a {type(model).__name__} in {path}; received others "
            f"({others}). Copy the folder again."
        )


def take_weights(backbone, fresh, rows=None):
    """Sets a backbone's weights from another's, with other rows of its token embedding.

    Args:
        backbone: keras_hub.models.Backbone to read.
        fresh: one of the same sizes, but for the vocabulary, to write.
        rows: int array `(V,)`, for each new id the former one; None for the same ids.
    """
    if rows is None:
        fresh.set_weights(backbone.get_weights())
        return
    embedding = backbone.token_embedding
    axes = {id(embedding.embeddings): 0}
    if not getattr(embedding, "tie_weights", True):
        axes[id(embedding.reverse_embeddings)] = 1
    for old, new in zip(backbone.weights, fresh.weights, strict=True):
        value = keras.ops.convert_to_numpy(old.value)
        new.assign(np.take(value, rows, axis=axes[id(old)]) if id(old) in axes else value)
