"""A sequence-to-sequence model of KerasHub, its ids renumbered."""

import typing

from kerasseq.models.hub_seq2seq import TASKS, HubSeq2Seq
from kerasseq.models.keras_hub_objects import describe_backbone
from kerasseq.pretrained.hub_preset import read_preset
from kerasseq.pretrained.hub_tokenizers import check_tokenizer, read_hub_tokenizer
from kerasseq.pretrained.hub_weights import take_weights
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.text.vocabulary import END_ID, START_ID
from kerasseq.untrusted import door

TOKENIZERS = {"BartBackbone": "BartTokenizer", "T5Backbone": "T5Tokenizer"}  # by backbone
# BART reads `<s>` before a source, and `</s>` before the `<s>` that begins a target.
BEGINS = {"BartBackbone": {"begin_source": START_ID, "begin_target": END_ID}}


class HubTranslator(typing.NamedTuple):
    """What a translator is made of.

    Attributes:
        model: HubSeq2Seq.
        source, target: Tokenizer, one object.
    """

    model: HubSeq2Seq
    source: Tokenizer
    target: Tokenizer


@door("a model that KerasHub's save_to_preset wrote", "Save it there again.")
def read_hub_translator(given, dtype=None):
    """Reads a `Seq2SeqLM` of KerasHub, or a folder of one; see `Translator.from_keras_hub`.

    The given object is left as it is.

    Args:
        given: keras_hub.models.Seq2SeqLM, or the path of a folder.
        dtype: precision policy of the model.
    """
    kinds = tuple(TOKENIZERS)
    found = read_preset(given, kinds)
    task = {backbone: name for name, backbone in TASKS.items()}[type(found.backbone).__name__]
    if found.task not in (None, task):
        raise ValueError(
            f"Expected a {task} in {found.where}; received a {found.task!r:.80}. Choose a model "
            "that writes text."
        )
    check_tokenizer(found.where, found.tokenizer, TOKENIZERS[type(found.backbone).__name__])
    described = describe_backbone(found.backbone)
    config = described["config"]
    tokenizer, rows, new = read_hub_tokenizer(found.tokenizer, config["vocabulary_size"])
    config["vocabulary_size"] = tokenizer.vocabulary_size
    begins = BEGINS.get(described["class_name"], {})
    model = HubSeq2Seq(
        {"class_name": task, "backbone": described}, **begins, silent_ids=new, dtype=dtype
    )
    take_weights(found.backbone, model.backbone, rows)
    return HubTranslator(model, tokenizer, tokenizer)
