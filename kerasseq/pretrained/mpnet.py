"""MPNet (Song et al. 2020) in Hugging Face's layout: RoBERTa's positions and heads, BERT's pieces,
and biases of distances."""

import dataclasses

from kerasseq.pretrained.family import WordPieces
from kerasseq.pretrained.roberta import named

BUCKETS, LONGEST = 32, 128  # of distances, which Hugging Face's class fixes

_LIKE = named("mpnet", "MPNet")
_DROPOUT = ("hidden_dropout_prob",)
MPNET = dataclasses.replace(
    _LIKE,
    fixed={name: values for name, values in _LIKE.fixed.items() if name != "type_vocab_size"}
    | {"relative_attention_num_buckets": (BUCKETS,)},
    segment=None,
    distances="encoder.relative_attention_bias.weight",
    options={"relative_buckets": (BUCKETS, LONGEST)},
    wordpiece=WordPieces(("MPNetTokenizer",), ("<pad>", "[UNK]", "<s>", "</s>", "<mask>"), 2),
    prefix="mpnet.",
    bare=("MPNetModel", "MPNetForMultipleChoice"),
    block=_LIKE.block
    | {
        "query": "attention.attn.q",
        "key": "attention.attn.k",
        "value": "attention.attn.v",
        "attention": "attention.attn.o",
        "attention_norm": "attention.LayerNorm",
    },
    heads={
        task: dataclasses.replace(head, dropout=_DROPOUT if head.dropout else ())
        for task, head in _LIKE.heads.items()
    },
)
