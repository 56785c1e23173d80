"""ELECTRA (Clark et al. 2020) in Hugging Face's layout: a BERT whose embeddings may be narrower.

Generator and discriminator are both read: the first has a mask filler's head, the second the
encoder that other tasks are fine-tuned from.
"""

import dataclasses

from kerasseq.pretrained.bert import BERT
from kerasseq.pretrained.family import Head

_SUMMARY = ("summary_type", "summary_use_proj", "summary_activation", "summary_last_dropout")
_SUMMARY += ("summary_first_dropout", "summary_proj_to_labels")
_DROPOUT = ("classifier_dropout", "hidden_dropout_prob")


def _complete(where, config, options):
    """All arguments: embeddings of the blocks' width go in without a layer between."""
    same = options["embedding_dim"] == options["hidden_dim"]
    return options | {"embedding_dim": None} if same else options


ELECTRA = dataclasses.replace(
    BERT,
    name="electra",
    sizes=BERT.sizes | {"embedding_dim": ("embedding_size", int, 1, None)},
    complete=_complete,
    projection="embeddings_project",
    prefix="electra.",
    inert=dict.fromkeys(_SUMMARY, "of multiple choice"),
    bare=("ElectraModel", "ElectraForPreTraining", "ElectraForMultipleChoice"),
    heads={
        "classifier": Head(
            ("ElectraForSequenceClassification",),
            output="classifier.out_proj",
            dropout=_DROPOUT,
            hidden="classifier.dense",
            hidden_activation="gelu",
        ),
        "tagger": Head(("ElectraForTokenClassification",), output="classifier", dropout=_DROPOUT),
        "question answerer": Head(("ElectraForQuestionAnswering",), output="qa_outputs"),
        "mask filler": Head(
            ("ElectraForMaskedLM",),
            output="generator_lm_head.bias",
            hidden="generator_predictions.dense",
            hidden_activation="gelu",
            norm="generator_predictions.LayerNorm",
            tied="generator_lm_head.weight",
        ),
    },
)
