"""RoBERTa (Liu et al. 2019), XLM-R (Conneau et al. 2020) and CamemBERT (Martin et al. 2020).

They are BERTs of one segment. Their position table begins behind the row of padding, and their
tokens have other ids and other symbols around a text.
"""

import dataclasses

from kerasseq.pretrained.bert import BERT
from kerasseq.pretrained.family import Head

_FIXED = {"pad_token_id": (1,), "type_vocab_size": (1,)}
_DROPOUT = ("classifier_dropout", "hidden_dropout_prob")


def named(name, classes):
    """The Family whose tensors are RoBERTa's, and whose classes have a name of their own.

    Args:
        name: str, `model_type` of `config.json`.
        classes: str, with which the classes begin.
    """
    return dataclasses.replace(
        BERT,
        name=name,
        fixed=BERT.fixed | _FIXED,
        segments=None,
        segment="embeddings.token_type_embeddings.weight",
        first_position=2,
        wordpiece=None,
        prefix="roberta.",
        bare=(f"{classes}Model", f"{classes}ForMultipleChoice", f"{classes}ForCausalLM"),
        heads={
            "classifier": Head(
                (f"{classes}ForSequenceClassification",),
                output="classifier.out_proj",
                dropout=_DROPOUT,
                hidden="classifier.dense",
                hidden_activation="tanh",
            ),
            "tagger": Head(
                (f"{classes}ForTokenClassification",), output="classifier", dropout=_DROPOUT
            ),
            "question answerer": Head((f"{classes}ForQuestionAnswering",), output="qa_outputs"),
            "mask filler": Head(
                (f"{classes}ForMaskedLM",),
                output="lm_head.bias",
                hidden="lm_head.dense",
                hidden_activation="gelu",
                norm="lm_head.layer_norm",
                tied="lm_head.decoder.weight",
                ignored=("lm_head.decoder.bias",),
            ),
        },
    )


ROBERTA = named("roberta", "Roberta")
XLM_ROBERTA = named("xlm-roberta", "XLMRoberta")
CAMEMBERT = named("camembert", "Camembert")
