"""The model of the `multi30k_tutorial` recipe in plain PyTorch: post-norm blocks of its own
`nn.Transformer`, learned positions, tables of their own."""

import torch
from torch import nn


class TorchTutorial(nn.Module):
    """Token ids padded with 0, `(B, S)` and `(B, T)`, to logits `(B, T, V)`.

    Args:
        source_size: int, source vocabulary.
        target_size: int `V`, target vocabulary.
        hidden_dim: int `D`.
        num_layers: int, blocks of either side.
        num_heads: int.
        feed_forward_dim: int.
        dropout: float, of sublayers, attention and inner activations.
        max_length: int, positions.
    """

    def __init__(
        self,
        source_size,
        target_size,
        hidden_dim=256,
        num_layers=3,
        num_heads=8,
        feed_forward_dim=512,
        dropout=0.1,
        max_length=100,
    ):
        super().__init__()
        self.source_embedding = nn.Embedding(source_size, hidden_dim)
        self.target_embedding = nn.Embedding(target_size, hidden_dim)
        self.source_positions = nn.Embedding(max_length, hidden_dim)
        self.target_positions = nn.Embedding(max_length, hidden_dim)
        self.blocks = nn.Transformer(
            hidden_dim, num_heads, num_layers, num_layers, feed_forward_dim, dropout,
            batch_first=True,
        )  # fmt: skip
        self.output = nn.Linear(hidden_dim, target_size)
        self.dropout = nn.Dropout(dropout)
        self.scale = hidden_dim**0.5

    @classmethod
    def of(cls, options, source_size, target_size):
        """The model of a recipe's table."""
        names = "hidden_dim", "num_layers", "num_heads", "feed_forward_dim", "dropout", "max_length"
        return cls(source_size, target_size, **{name: options[name] for name in names})

    def forward(self, source, target):
        source = torch.cat([torch.full_like(source[:, :1], 2), source], dim=1)  # begin_source
        read, padding = self._embed(source, "source"), source == 0
        length = target.shape[1]
        later = torch.ones((length, length), dtype=torch.bool).triu(1)
        states = self.blocks(
            read,
            self._embed(target, "target"),
            tgt_mask=later,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
            tgt_is_causal=True,
        )
        return self.output(states)

    def _embed(self, ids, side):
        vectors = getattr(self, f"{side}_embedding")(ids) * self.scale
        places = torch.arange(ids.shape[1])
        return self.dropout(vectors + getattr(self, f"{side}_positions")(places))
