"""Scaled dot-product attention over heads, and the reshapes around it."""

from keras import ops

from kerasseq.tensors import masked_softmax


def split_heads(x, parts, num_heads):
    """Cuts one fused projection into heads.

    Args:
        x: float tensor `(B, T, parts * D)`.
        parts: int, how many projections are fused (3 for query, key and value).
        num_heads: int `H`.

    Returns:
        list of `parts` float tensors `(B, H, T, D / H)`.
    """
    head_dim = x.shape[-1] // (parts * num_heads)
    x = ops.reshape(x, (*ops.shape(x)[:2], parts * num_heads, head_dim))
    x = ops.transpose(x, (0, 2, 1, 3))
    return [x] if parts == 1 else ops.split(x, parts, axis=1)


def dot_product_attention(query, key, value, mask, dropout, training=False):
    """`softmax(Q Kᵀ / √d) V` (Vaswani et al. 2017, eq. 1).

    Args:
        query: float tensor `(B, H, T, d)`.
        key: float tensor `(B, H, S, d)`.
        value: float tensor `(B, H, S, d)`.
        mask: bool tensor that broadcasts to `(B, H, T, S)`; True = attend.
        dropout: dropout layer for the weights.
        training: bool.

    Returns:
        context `(B, T, H * d)` and weights `(B, H, T, S)`, the latter before dropout.
    """
    head_dim = query.shape[-1]
    scores = ops.matmul(query * head_dim**-0.5, ops.transpose(key, (0, 1, 3, 2)))
    weights = masked_softmax(scores, mask)
    context = ops.matmul(dropout(weights, training=training), value)
    context = ops.transpose(context, (0, 2, 1, 3))
    width = context.shape[2] * head_dim
    return ops.reshape(context, (*ops.shape(context)[:2], width)), weights
