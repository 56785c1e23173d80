"""The Transformer of Vaswani et al. 2017 in plain PyTorch: `nn.Transformer`, one table for source,
target and output."""

import math

import torch
from torch import nn


class TorchTransformer(nn.Module):
    """Token ids `(B, S)` and `(B, T)`, without padding, to logits `(B, T, V)`.

    Args:
        size: int `V`, vocabulary of both sides.
        hidden_dim: int.
        num_layers: int, blocks on either side.
        num_heads: int.
        feed_forward_dim: int.
        dropout: float.
        longest: int, positions.
    """

    def __init__(
        self, size, hidden_dim, num_layers, num_heads, feed_forward_dim, dropout=0.1, longest=512
    ):
        super().__init__()
        self.table = nn.Embedding(size, hidden_dim)
        nn.init.normal_(self.table.weight, std=hidden_dim**-0.5)
        angles = torch.arange(longest)[:, None] * torch.exp(
            torch.arange(0, hidden_dim, 2) * (-math.log(10_000) / hidden_dim)
        )
        places = torch.stack([angles.sin(), angles.cos()], -1).flatten(1)  # (L, D)
        self.register_buffer("places", places, persistent=False)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.Transformer(
            hidden_dim, num_heads, num_layers, num_layers, feed_forward_dim, dropout,
            batch_first=True,
        )  # fmt: skip

    def embed(self, ids):
        scaled = self.table(ids) * math.sqrt(self.table.embedding_dim)
        return self.dropout(scaled + self.places[: ids.shape[1]])

    def forward(self, source, target):
        later = nn.Transformer.generate_square_subsequent_mask(target.shape[1], target.device)
        found = self.blocks(
            self.embed(source), self.embed(target), tgt_mask=later, tgt_is_causal=True
        )
        return found @ self.table.weight.T
