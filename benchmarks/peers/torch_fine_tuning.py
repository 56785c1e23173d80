"""Fine-tuning a BERT in transformers with PyTorch, on kerasseq's batches."""

import torch
import transformers
from transformers.utils import logging

logging.set_verbosity_error()

HEADS = {
    "sequence": transformers.BertForSequenceClassification,
    "token": transformers.BertForTokenClassification,
    "span": transformers.BertForQuestionAnswering,
}


class TorchFineTuning:
    """A pretrained model with a new head, AdamW, warm-up and linear decay.

    Args:
        folder: path of a BERT in Hugging Face's layout.
        head: "sequence", "token" or "span".
        labels: list of str, of the outputs; None for spans.
        separator_id: int.
        steps: int, of the run; the first tenth warms up.
        learning_rate: float, the peak.
        weight_decay: float, of matrices.
    """

    def __init__(self, folder, head, labels, separator_id, steps, learning_rate, weight_decay):
        names = {} if labels is None else {"id2label": dict(enumerate(labels))}
        self.head, self.separator_id = head, separator_id
        self.model = HEADS[head].from_pretrained(folder, **names)
        self.model.train()
        matrices = [p for p in self.model.parameters() if p.ndim > 1]
        vectors = [p for p in self.model.parameters() if p.ndim == 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": weight_decay},
                {"params": vectors, "weight_decay": 0.0},
            ],
            lr=learning_rate,
        )
        self.schedule = transformers.get_scheduler("linear", self.optimizer, steps // 10, steps)

    def step(self, inputs, targets, weights=None):
        """One batch of a kerasseq data set of labelled, tagged or answered text."""
        tokens, targets = (
            torch.from_numpy(part.numpy()).long() for part in (inputs["tokens"], targets)
        )
        if self.head == "span":
            wanted = {"start_positions": targets[:, 0], "end_positions": targets[:, 1]}
        elif self.head == "token":
            ignored = torch.from_numpy(weights.numpy()) == 0
            wanted = {"labels": targets.masked_fill(ignored, -100)}
        else:
            wanted = {"labels": targets}
        self.optimizer.zero_grad()
        self.model(**self.inputs(tokens), **wanted).loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()

    def inputs(self, tokens):
        """What the model takes beside `tokens` `(B, S)`: the mask, and the segments."""
        real = (tokens != 0).long()
        separators = (tokens == self.separator_id).long()
        second = (separators.cumsum(1) - separators).clamp(max=1) * real
        return {"input_ids": tokens, "attention_mask": real, "token_type_ids": second}
