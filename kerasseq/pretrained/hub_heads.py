"""Whole models on a text backbone of KerasHub: its own layers above it, or new ones."""

import keras

from kerasseq.models.hub_encoder import BACKBONES, HubEncoder
from kerasseq.models.keras_hub_objects import build_backbone, describe_backbone
from kerasseq.models.masked_language_model import MaskedLanguageModel
from kerasseq.models.sentence_encoder import SentenceEncoder
from kerasseq.models.sequence_classifier import SequenceClassifier
from kerasseq.models.sequence_tagger import SequenceTagger
from kerasseq.models.span_classifier import SpanClassifier
from kerasseq.pretrained.heads import Pretrained
from kerasseq.pretrained.hub_preset import describe_tokenizer, read_preset
from kerasseq.pretrained.hub_tokenizers import (
    HubTokenizer,
    check_tokenizer,
    read_hub_tokenizer,
)
from kerasseq.pretrained.hub_weights import take_weights
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.untrusted import reading

TOKENIZERS = {  # by backbone
    "AlbertBackbone": "AlbertTokenizer",
    "BertBackbone": "BertTokenizer",
    "DebertaV3Backbone": "DebertaV3Tokenizer",
    "DistilBertBackbone": "DistilBertTokenizer",
    "ElectraBackbone": "ElectraTokenizer",
    "RobertaBackbone": "RobertaTokenizer",
    "XLMRobertaBackbone": "XLMRobertaTokenizer",
}
FAMILIES = ("Albert", "Bert", "DebertaV3", "DistilBert", "Roberta", "XLMRoberta")
CLASSIFIERS = tuple(f"{family}TextClassifier" for family in FAMILIES)
MASKED = tuple(f"{family}MaskedLM" for family in FAMILIES)
POOLERS = {"DistilBertBackbone": "relu", "DebertaV3Backbone": "gelu"}  # tanh otherwise


class HubReader:
    """A model of KerasHub on its way to a task.

    The given object is left as it is. What is new is printed.

    Args:
        given: keras_hub.models.Task or Backbone, or the path of a folder.
        tokenizer: keras_hub.tokenizers.Tokenizer or a Tokenizer of this package, or None for the
            model's own.
        head: None for the model's own layers above the backbone, "new" for untrained ones.
        dtype: precision policy.

    Raises:
        FileNotFoundError: for a missing folder or file.
        ValueError: for another kind of model, a damaged file, or anything that is not supported,
            by its name; or another `head`.
    """

    def __init__(self, given, tokenizer, head, dtype):
        if head not in (None, "new"):
            raise ValueError(
                f'Expected head="new", or None for the model\'s own; received {head!r:.80}. '
                "Choose one."
            )
        self.new, self.dtype = head == "new", dtype
        wanted = () if self.new else CLASSIFIERS + MASKED
        self.found = read_preset(given, tuple(TOKENIZERS), wanted)
        described = describe_backbone(self.found.backbone)
        config = described["config"]
        size = "vocab_size" if "vocab_size" in config else "vocabulary_size"
        self.tokenizer, self.rows, _ = self._tokenizer(tokenizer, config[size])
        if self.rows is not None:
            config[size] = len(self.rows)
        backbone = build_backbone(described, BACKBONES, keras.dtype_policies.get(dtype))
        take_weights(self.found.backbone, backbone, self.rows)
        segments = "segment_ids" in backbone.input
        self.encoder = HubEncoder(backbone, self.tokenizer.separator_id if segments else None)
        self.made, self.taken = [], ["the backbone"]

    def _tokenizer(self, given, size):
        """The HubTokenizer, of the model's own tokenizer or of a given one."""
        if isinstance(given, Tokenizer):
            return HubTokenizer(given)
        tokenizer = self.found.tokenizer if given is None else describe_tokenizer(given)
        kind = TOKENIZERS[type(self.found.backbone).__name__]
        check_tokenizer(self.found.where, tokenizer, kind)
        with reading(tokenizer.where, f"a {kind}", "Save the model with its preprocessor again."):
            return read_hub_tokenizer(tokenizer, size)

    def head(self, kinds):
        """KerasHub's task, whose layers are taken over; None for new ones.

        Args:
            kinds: class names of tasks with such layers.
        """
        if self.new:
            return None
        if self.found.head is None or self.found.task not in kinds:
            wanted = " or ".join(kinds) or "layers for this task, which KerasHub has not"
            raise ValueError(
                f"Expected {wanted}; received {self.found.where}, "
                f'{self.found.task or "a backbone alone"}. Give head="new" for new, untrained '
                "layers, and train them with fit."
            )
        return self.found.head

    def take(self, name, layer, given):
        """Sets a layer of the model from one of KerasHub's, which is None for a new one."""
        if given is None:
            self.made.append(name)
            return
        shapes = [tuple(weight.shape) for weight in given.weights]
        if shapes != [tuple(weight.shape) for weight in layer.weights]:
            raise ValueError(
                f"Expected {name} of shapes {[tuple(w.shape) for w in layer.weights]} in "
                f"{self.found.where}; received {shapes}. Choose another model."
            )
        layer.set_weights(given.get_weights())
        self.taken.append(name)

    def done(self, model):
        """Pretrained of the model; prints what is new."""
        if self.made:
            print(
                f"{self.found.where} ({self.found.task or 'a backbone'}): taken over "
                f"{', '.join(self.taken)}; new and untrained {', '.join(self.made)}."
            )
        return Pretrained(model, self.tokenizer)


def read_hub_classifier(reader, count):
    """A SequenceClassifier of `count` labels.

    BERT's pooler goes with it, under new labels too.
    """
    head = reader.head(CLASSIFIERS)
    pooler = getattr(reader.found.backbone, "pooled_dense", getattr(head, "pooled_dense", None))
    _check_output(reader, head, count)
    model = SequenceClassifier(
        reader.encoder,
        count,
        pooling="first",
        hidden_activation=POOLERS.get(type(reader.found.backbone).__name__, "tanh"),
        dropout=0.1 if head is None else head.output_dropout.rate,
        dtype=reader.dtype,
    )
    reader.take("the pooler", model.hidden_dense, pooler)
    reader.take("the labels' layer", model.output_dense, head and head.output_dense)
    return reader.done(model)


def _check_output(reader, head, count):
    """Refuses a classifier of KerasHub with other labels, or that gives other than logits."""
    if head is None:
        return
    if head.num_classes != count:
        raise ValueError(
            f"Expected {head.num_classes} labels, one for each class of {reader.found.where}; "
            f"received {count}. Name them all, in order."
        )
    if getattr(head, "pooled_dropout", None) is not None and head.pooled_dropout.rate:
        raise ValueError(
            f"Expected a classifier of KerasHub that drops nothing before its pooler; received a "
            f"share of {head.pooled_dropout.rate}. Make it with dropout=0."
        )
    activation = keras.activations.serialize(head.activation)
    if activation not in ("linear", "softmax"):
        raise ValueError(
            f"Expected a classifier of KerasHub with the activation linear or softmax; received "
            f"{activation!r:.80}. Choose another model."
        )


def read_hub_tagger(reader, count):
    """A SequenceTagger of `count` tags, always new."""
    reader.head(())
    model = SequenceTagger(reader.encoder, count, dtype=reader.dtype)
    reader.take("the tags' layer", model.output_dense, None)
    return reader.done(model)


def read_hub_question_answerer(reader):
    """A SpanClassifier, always new."""
    reader.head(())
    model = SpanClassifier(reader.encoder, reader.tokenizer.separator_id, dtype=reader.dtype)
    reader.take("the spans' layer", model.output_dense, None)
    return reader.done(model)


def read_hub_mask_filler(reader):
    """A MaskedLanguageModel."""
    head = reader.head(MASKED)
    size = reader.encoder.config["vocabulary_size"]
    if reader.tokenizer.vocabulary_size != size:
        raise ValueError(
            f"Expected a tokenizer of {size} tokens, one an embedding of {reader.found.where}; "
            f"received one of {reader.tokenizer.vocabulary_size}. Give the model's own."
        )
    layers = head and head.masked_lm_head
    activation, epsilon = "gelu", 1e-12
    if layers:
        activation, epsilon = layers.intermediate_activation, layers.layer_norm_epsilon
    model = MaskedLanguageModel(
        reader.encoder, activation=activation, epsilon=epsilon, dtype=reader.dtype
    )
    reader.take("the masks' dense layer", model.hidden_dense, layers and layers._intermediate_dense)
    reader.take("the masks' normalisation", model.norm, layers and layers._intermediate_layer_norm)
    if layers:
        bias = keras.ops.convert_to_numpy(layers._bias)
        model.output_bias.assign(bias if reader.rows is None else bias[reader.rows])
    return reader.done(model)


def read_hub_text_encoder(reader, pooling, normalize):
    """A SentenceEncoder, which has no weights of its own."""
    return reader.done(SentenceEncoder(reader.encoder, pooling, normalize, dtype=reader.dtype))
