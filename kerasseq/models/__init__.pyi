from .bert_encoder import BertEncoder as BertEncoder
from .copy_model import copy_model as copy_model
from .encoder_head import EncoderHead as EncoderHead
from .ensemble import Ensemble as Ensemble
from .get import deserialize as deserialize
from .get import get as get
from .get import serialize as serialize
from .hub_encoder import HubEncoder as HubEncoder
from .hub_seq2seq import HubSeq2Seq as HubSeq2Seq
from .image_captioner import ImageCaptioner as ImageCaptioner
from .masked_language_model import MaskedLanguageModel as MaskedLanguageModel
from .modern_bert_encoder import ModernBertEncoder as ModernBertEncoder
from .recurrent_forecaster import RecurrentForecaster as RecurrentForecaster
from .recurrent_seq2seq import AttentionSeq2Seq as AttentionSeq2Seq
from .recurrent_seq2seq import RecurrentSeq2Seq as RecurrentSeq2Seq
from .recurrent_text_encoder import RecurrentTextEncoder as RecurrentTextEncoder
from .sentence_encoder import SentenceEncoder as SentenceEncoder
from .seq2seq import Seq2Seq as Seq2Seq
from .sequence_classifier import SequenceClassifier as SequenceClassifier
from .sequence_tagger import SequenceTagger as SequenceTagger
from .span_classifier import SpanClassifier as SpanClassifier
from .split_layout import split_layout as split_layout
from .transformer import Transformer as Transformer

__all__ = [
    "AttentionSeq2Seq",
    "BertEncoder",
    "EncoderHead",
    "Ensemble",
    "HubEncoder",
    "HubSeq2Seq",
    "ImageCaptioner",
    "MaskedLanguageModel",
    "ModernBertEncoder",
    "RecurrentForecaster",
    "RecurrentSeq2Seq",
    "RecurrentTextEncoder",
    "SentenceEncoder",
    "Seq2Seq",
    "SequenceClassifier",
    "SequenceTagger",
    "SpanClassifier",
    "Transformer",
    "copy_model",
    "deserialize",
    "get",
    "serialize",
    "split_layout",
]
