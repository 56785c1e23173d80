"""Low-rank adaptation: few weights beside large ones learn, by Keras' own `enable_lora`."""

import logging
import warnings

import keras
import numpy as np

from kerasseq.layers.embeddings import TokenEmbedding
from kerasseq.layers.positions import PositionEncoding

LOG = logging.getLogger("kerasseq.training")


def enable_lora(model, rank):
    """Gives every layer that Keras can adapt two small matrices to train, and freezes all else.

    `W + A B` stands for a layer's matrix `W`, `A` of `rank` columns and `B` of as many rows,
    which starts at 0 (Hu et al. 2022, section 4.1). Keras adapts Dense, EinsumDense, Embedding
    and convolutions; a layer that is frozen already stays so. What is left without, such as the
    embeddings and recurrent cells of this package, is logged, and warned of unless it is an
    embedding. A task's `fit` does all this; by hand, do it before the task answers, whose
    compiled functions would not know. A task is saved and exported with merged weights.

    Args:
        model: keras.Model, built.
        rank: int, 4 to 32 are usual.

    Raises:
        ValueError: for a rank below 1, or a model without a layer that can be adapted.
    """
    if rank < 1:
        raise ValueError(f"Expected a rank of at least 1; received {rank}. 8 is usual.")
    layers = [layer for layer in model._flatten_layers() if _can_adapt(layer)]
    if not layers:
        raise ValueError(
            "Expected a layer that Keras' LoRA can adapt (Dense, EinsumDense, Embedding) and that "
            f"is not frozen; received a {type(model).__name__} with none. Freeze less, or train "
            "without LoRA."
        )
    adapted = {id(_matrix(layer)) for layer in layers}
    tables = {
        id(weight)
        for layer in model._flatten_layers()
        if isinstance(layer, TokenEmbedding | PositionEncoding)
        for weight in layer.weights
    }
    left = [
        weight
        for weight in model.trainable_weights
        if len(weight.shape) > 1 and id(weight) not in adapted
    ]
    for layer in model.layers:
        layer.trainable = False
    for layer in layers:
        layer.enable_lora(rank)
        for weight in _adapters(layer):
            weight.trainable = True  # in a layer that is frozen
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    LOG.info(
        "LoRA of rank %d on %d layers: %s of %s weights are trained%s",
        rank,
        len(layers),
        f"{trained:,}",
        f"{model.count_params():,}",
        "".join(f"; {weight.path} stays as it is" for weight in left),
    )
    others = [weight.path for weight in left if id(weight) not in tables]
    if others:
        warnings.warn(
            f"Expected layers that Keras' LoRA can adapt (Dense, EinsumDense, Embedding); received "
            f"{len(others)} matrices of others, which stay as they are: {', '.join(others[:4])}"
            f"{' …' * (len(others) > 4)}. Train without LoRA to change them.",
            stacklevel=2,
        )


def merged_weights(model):
    """The weights of a model as one of its kind without LoRA has them: a list of arrays.

    Args:
        model: keras.Model, any layers of which are adapted; it stays as it is.
    """
    merged, left_out = {}, set()
    for layer in model._flatten_layers():
        if getattr(layer, "lora_enabled", False):
            first, second = _adapters(layer)
            # Not layer.kernel, which is rounded to the precision that the layer computes in.
            change = np.matmul(_array(first), _array(second))
            change *= layer.lora_alpha / layer.lora_rank
            matrix = _matrix(layer)
            merged[id(matrix)] = _array(matrix) + change
            left_out |= {id(first), id(second)}
    return [
        merged[id(weight)] if id(weight) in merged else _array(weight)
        for weight in model.weights
        if id(weight) not in left_out
    ]


def _can_adapt(layer):
    if not hasattr(layer, "enable_lora") or getattr(layer, "lora_enabled", False):
        return False
    return layer.built and _matrix(layer).trainable


def _matrix(layer):
    """The weight that LoRA adapts."""
    return next(weight for weight in layer.weights if weight.name in ("kernel", "embeddings"))


def _adapters(layer):
    """The weights `A` and `B`."""
    return [weight for weight in layer.weights if weight.name.startswith("lora_")]


def _array(weight):
    return keras.ops.convert_to_numpy(weight)
