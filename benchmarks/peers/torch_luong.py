"""The model of the `multi30k_luong` recipe in plain PyTorch: a bidirectional LSTM encoder and an
LSTM decoder with Luong's general attention and input feeding."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class TorchLuong(nn.Module):
    """Token ids padded with 0, `(B, S)` and `(B, T)`, to logits `(B, T, V)`.

    Args:
        source_size: int, source vocabulary.
        target_size: int `V`, target vocabulary.
        embedding_dim: int.
        hidden_dim: int, of the decoder; each direction of the encoder has half.
        dropout: float.
    """

    def __init__(self, source_size, target_size, embedding_dim=256, hidden_dim=512, dropout=0.3):
        super().__init__()
        self.source_embedding = nn.Embedding(source_size, embedding_dim)
        self.target_embedding = nn.Embedding(target_size, embedding_dim)
        self.encoder = nn.LSTM(embedding_dim, hidden_dim // 2, batch_first=True, bidirectional=True)
        self.bridge_hidden = nn.Linear(hidden_dim, hidden_dim)
        self.bridge_cell = nn.Linear(hidden_dim, hidden_dim)
        self.cell = nn.LSTMCell(embedding_dim + hidden_dim, hidden_dim)
        self.key = nn.Linear(hidden_dim, hidden_dim, bias=False)
        self.readout = nn.Linear(2 * hidden_dim, hidden_dim, bias=False)
        self.output = nn.Linear(hidden_dim, target_size)
        self.dropout = nn.Dropout(dropout)

    @classmethod
    def of(cls, options, source_size, target_size):
        """The model of a recipe's table."""
        names = "embedding_dim", "hidden_dim", "dropout"
        return cls(source_size, target_size, **{name: options[name] for name in names})

    def forward(self, source, target):
        lengths = (source != 0).sum(1)
        embedded = self.dropout(self.source_embedding(source))
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        outputs, states = self.encoder(packed)
        values, _ = pad_packed_sequence(outputs, batch_first=True, total_length=source.shape[1])
        hidden, cell = (torch.cat((state[0], state[1]), dim=-1) for state in states)
        hidden, cell = torch.tanh(self.bridge_hidden(hidden)), self.bridge_cell(cell)
        keys, padding = self.key(values), source == 0
        attentional = torch.zeros_like(hidden)
        readouts = []
        for token in self.dropout(self.target_embedding(target)).unbind(1):
            fed = torch.cat((token, attentional), dim=-1)
            hidden, cell = self.cell(fed, (hidden, cell))
            scores = torch.bmm(keys, hidden[:, :, None])[:, :, 0].masked_fill(padding, -1e9)
            context = torch.bmm(torch.softmax(scores, -1)[:, None], values)[:, 0]
            attentional = torch.tanh(self.readout(torch.cat((context, hidden), dim=-1)))
            readouts.append(attentional)
        return self.output(self.dropout(torch.stack(readouts, dim=1)))
