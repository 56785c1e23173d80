"""ALBERT (Lan et al. 2020) in Hugging Face's layout: one block for all layers or a group of them,
and narrower embeddings."""

import dataclasses

from kerasseq.pretrained.bert import BERT
from kerasseq.pretrained.family import Head
from kerasseq.pretrained.fields import number

_DROPOUT = ("classifier_dropout_prob", "hidden_dropout_prob")
_TENSORFLOW = "of the code that ALBERT was released with; Hugging Face's does not read it"
_OLD = ("down_scale_factor", "gap_size", "net_structure_type", "num_memory_blocks")


def _complete(where, config, options):
    """All arguments: how many groups of layers share a block."""
    groups, layers = number(where, config, "num_hidden_groups", int, 1, 1), options["num_layers"]
    if layers % groups:
        raise ValueError(
            f"Expected 'num_hidden_groups' that divide {layers} layers in {where}; received "
            f"{groups}, which is not supported. Choose another model."
        )
    return options | {"num_groups": groups}


ALBERT = dataclasses.replace(
    BERT,
    name="albert",
    sizes=BERT.sizes | {"embedding_dim": ("embedding_size", int, 1, 128)},
    complete=_complete,
    read=("num_hidden_groups",),
    fixed=BERT.fixed | {"inner_group_num": (1,)},
    inert=dict.fromkeys(_OLD, _TENSORFLOW),
    projection="encoder.embedding_hidden_mapping_in",
    unread=(*BERT.unread, "pooler.weight", "pooler.bias"),
    wordpiece=None,
    prefix="albert.",
    layer="encoder.albert_layer_groups.{}.albert_layers.0.",
    block={
        "query": "attention.query",
        "key": "attention.key",
        "value": "attention.value",
        "attention": "attention.dense",
        "attention_norm": "attention.LayerNorm",
        "inner": "ffn",
        "outer": "ffn_output",
        "norm": "full_layer_layer_norm",
    },
    bare=("AlbertModel", "AlbertForMultipleChoice"),
    heads={
        "classifier": Head(
            ("AlbertForSequenceClassification",),
            output="classifier",
            dropout=_DROPOUT,
            hidden="{}pooler",
            hidden_activation="tanh",
        ),
        "tagger": Head(("AlbertForTokenClassification",), output="classifier", dropout=_DROPOUT),
        "question answerer": Head(("AlbertForQuestionAnswering",), output="qa_outputs"),
        "mask filler": Head(
            ("AlbertForMaskedLM", "AlbertForPreTraining"),
            output="predictions.bias",
            hidden="predictions.dense",
            norm="predictions.LayerNorm",
            tied="predictions.decoder.weight",
            ignored=("sop_classifier.", "predictions.decoder.bias"),
        ),
    },
)
