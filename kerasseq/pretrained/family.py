"""How one kind of encoder stands in a folder, as data."""

import dataclasses
import typing

from kerasseq.layers.activations import gelu_tanh
from kerasseq.models.bert_encoder import BertEncoder
from kerasseq.pretrained.places import encoder_places
from kerasseq.text.wordpiece_tokenizer import SPECIALS

GELU_TANH = ("gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate")
# Hugging Face's names of activations, and Keras'.
ACTIVATIONS = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
} | dict.fromkeys(GELU_TANH, gelu_tanh.__name__)
# Of each of Keras' the first of Hugging Face's.
NAMES = {name: theirs for theirs, name in reversed(ACTIVATIONS.items())}


@dataclasses.dataclass(frozen=True)
class Head:
    """Where a model keeps the layers of one task.

    Attributes:
        architectures: tuple of str, the classes of Hugging Face's that have it; the first is
            the one that messages name.
        dropout: tuple of str, the fields of `config.json` that may say what is dropped before
            the last layer: the first that is not null counts.
        default_dropout: float, where none of them is there.
        output: str, the last layer's tensors; of a masked language model its bias.
        hidden: str, the tensors of the layer before it; "{}" stands for the encoder's prefix.
        hidden_activation: str, that layer's, or None for the encoder's own.
        norm: str, the tensors of the normalisation behind that layer.
        tied: str, a tensor that older versions saved beside the embeddings that it is.
        ignored: tuple of str, tensors with these beginnings that the answer does not need.
        pooling: pair of the field that says how a classifier pools and a dict from its values to
            ours, its first the default; None for the first vector.
    """

    architectures: tuple
    output: str
    dropout: tuple = ()
    default_dropout: float = 0.1
    hidden: str | None = None
    hidden_activation: str | None = None
    norm: str | None = None
    tied: str | None = None
    ignored: tuple = ()
    pooling: tuple | None = None


@dataclasses.dataclass(frozen=True)
class WordPieces:
    """A WordPiece tokenizer, in BERT's files.

    Attributes:
        classes: tuple of str, its classes of Hugging Face's; the first counts where none is named.
        specials: tuple of five str; see `WordPieceTokenizer`.
        separators: int, how many stand between two texts.
    """

    classes: tuple = ("BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer")
    specials: tuple = SPECIALS
    separators: int = 1


def as_they_are(where, config, options):
    """The options of a family whose sizes say them all."""
    return options


@dataclasses.dataclass(frozen=True)
class Family:
    """A kind of encoder.

    Attributes:
        name: str, `model_type` of `config.json`.
        sizes: dict from arguments of the encoder to `(field, kind, least, default)`: see
            `kerasseq.pretrained.fields.number`.
        activation: str, the field of the activation.
        fixed: dict from fields to the values that the encoder computes.
        prefix: str, before the encoder's tensors in a model with a head.
        layer: str, before a layer's tensors, with "{}" for its number.
        block: dict from `query`, `key`, `value`, `attention`, `attention_norm`, `inner`,
            `outer` and `norm` to tensors of a layer.
        bare: tuple of str, the architectures without one of the heads below.
        heads: dict from names of tasks' heads to Head.
        word: str, the tensor of the tokens' embeddings, the first by which a bare encoder is known.
        position: str, that of the positions', or None.
        segments: str, that of the segments', or None.
        segment: str, that of the one segment that every token is of, or None.
        distances: str, that of the biases of distances, or None.
        projection: str, the layer between embeddings and blocks, or None.
        first_position: int, the row of the position table that the first token has.
        wordpiece: WordPieces, or None for a tokenizer of another kind, in `tokenizer.json`.
        encoder: the class of the encoder.
        places: function of an encoder, a Family and a prefix; see `encoder_places`.
        options: dict, further arguments of the encoder.
        complete: function of the file, what it holds and the arguments so far, to all arguments.
        read: tuple of str, the fields that `complete` reads.
        rewrite: function of a dict from names to tensors, to the names that `places` gives.
        hidden: dict, arguments of a head with a hidden layer; see `DenseHead`.
        inert: dict from further fields that change nothing to the reason.
        unread: tuple of str, tensors with these beginnings that no answer needs: buffers that
            older versions saved, and a pooler that older versions gave every model.
    """

    name: str
    sizes: dict
    activation: str
    fixed: dict
    prefix: str
    layer: str
    block: dict
    bare: tuple
    heads: dict
    word: str = "embeddings.word_embeddings.weight"
    position: str | None = "embeddings.position_embeddings.weight"
    segments: str | None = None
    segment: str | None = None
    distances: str | None = None
    projection: str | None = None
    first_position: int = 0
    wordpiece: WordPieces | None = WordPieces()
    encoder: type = BertEncoder
    places: typing.Callable = encoder_places
    options: dict = dataclasses.field(default_factory=dict)
    complete: typing.Callable = as_they_are
    read: tuple = ()
    rewrite: typing.Callable = dict
    hidden: dict = dataclasses.field(default_factory=dict)
    inert: dict = dataclasses.field(default_factory=dict)
    unread: tuple = ("embeddings.position_ids", "embeddings.token_type_ids", "pooler.dense.")
