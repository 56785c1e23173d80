"""How one kind of encoder stands in a folder, as data."""

import dataclasses

from kerasseq.layers.activations import gelu_tanh

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


@dataclasses.dataclass(frozen=True)
class Family:
    """A kind of encoder that `BertEncoder` computes.

    Attributes:
        name: str, `model_type` of `config.json`.
        sizes: dict from arguments of BertEncoder to `(field, kind, least, default)`: see
            `kerasseq.pretrained.fields.number`.
        activation: str, the field of the activation.
        fixed: dict from fields to the values that BertEncoder computes.
        segments: str, the tensor of the segments' embeddings, or None.
        segment: str, the tensor of the one segment that every token is of, or None.
        first_position: int, the row of the position table that the first token has.
        wordpiece: bool, whether its tokenizer is WordPiece, in BERT's files.
        prefix: str, before the encoder's tensors in a model with a head.
        layer: str, before a layer's tensors, with "{}" for its number.
        block: dict from `query`, `key`, `value`, `attention`, `attention_norm`, `inner`,
            `outer` and `norm` to tensors of a layer.
        bare: tuple of str, the architectures without one of the heads below.
        heads: dict from names of tasks' heads to Head.
    """

    name: str
    sizes: dict
    activation: str
    fixed: dict
    segments: str | None
    prefix: str
    layer: str
    block: dict
    bare: tuple
    heads: dict
    segment: str | None = None
    first_position: int = 0
    wordpiece: bool = True
