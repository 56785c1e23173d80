"""The attention that stands for an alignment: which heads it is read from, and what guides them."""

from keras import ops


def read_alignment(every, layer, heads):
    """The attention of some heads of one layer, their mean.

    Args:
        every: list of float tensors `(B, H, …, S)`, one for each layer.
        layer: int.
        heads: int, how many heads, from the first; None for all.

    Returns:
        float32 tensor `(B, …, S)`.
    """
    weights = every[layer] if heads is None else every[layer][:, :heads]
    return ops.cast(ops.mean(weights, axis=1), "float32")


def without_first(weights):
    """Attention weights `(…, S)` without those to the first position, scaled to sum to 1."""
    rest = weights[..., 1:]
    return rest / ops.maximum(ops.sum(rest, axis=-1, keepdims=True), 1e-9)


def guided_alignment(attention, links, mask):
    """`-1/N Σ_n Σ_m G(n, m) log A(n, m)`, in nats (Chen et al. 2016; Garg et al. 2019, section 3).

    `N` counts all real tokens of the target, as the cross-entropy beside it does: the sum of both
    is a mean over tokens, to which a token without a link gives its cross-entropy alone.

    Args:
        attention: float tensor `A` `(B, T, S)`, each row of it a distribution.
        links: float tensor `G` `(B, T, S)`; a row sums to the weight of the loss, or is 0 for a
            token without a link and for padding.
        mask: bool tensor `(B, T)`, True for a real token of the target.

    Returns:
        float32 scalar tensor, or wider where `attention` is.
    """
    log_attention = ops.log(ops.maximum(attention, 1e-9))
    real = ops.cast(mask, attention.dtype)  # (B, T)
    costs = -ops.sum(ops.cast(links, attention.dtype) * log_attention, axis=-1)  # (B, T)
    return ops.sum(costs * real) / ops.maximum(ops.sum(real), 1.0)
