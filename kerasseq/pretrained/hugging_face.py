"""An encoder and its tokenizer of a folder in Hugging Face's layout, read without PyTorch."""

import functools

import numpy as np

from kerasseq.models.bounded import LARGEST
from kerasseq.pretrained import inert
from kerasseq.pretrained.albert import ALBERT
from kerasseq.pretrained.bert import BERT, DISTILBERT
from kerasseq.pretrained.electra import ELECTRA
from kerasseq.pretrained.family import ACTIVATIONS
from kerasseq.pretrained.fields import check_fields, number
from kerasseq.pretrained.folder import Folder
from kerasseq.pretrained.modern_bert import MODERN_BERT
from kerasseq.pretrained.mpnet import MPNET
from kerasseq.pretrained.roberta import CAMEMBERT, ROBERTA, XLM_ROBERTA
from kerasseq.pretrained.tokenizers import read_encoder_tokenizer
from kerasseq.pretrained.weights import Weights
from kerasseq.pretrained.wordpiece import read_tokenizer
from kerasseq.text.vocabulary import PAD_ID

_KNOWN = (BERT, DISTILBERT, ROBERTA, XLM_ROBERTA, CAMEMBERT, MPNET, ELECTRA, ALBERT, MODERN_BERT)
FAMILIES = {family.name: family for family in _KNOWN}
# What the library sentence-transformers puts on the logits; a task gives the bare ones.
CROSS_ENCODER = "sentence_transformers"
# Of a head, read where the head is.
HEAD_FIELDS = ("model_type", "architectures", "tokenizer_class", "id2label", "num_labels")
HEAD_FIELDS += ("problem_type", "tie_word_embeddings", CROSS_ENCODER)


class HuggingFaceFolder:
    """`config.json`, the tensors and the tokenizer of a BERT or one of its like: see `FAMILIES`.

    Nothing in the folder is run. Every field of its JSON files is read, or changes nothing, or
    is refused by name.

    Args:
        path: path of the folder, or a name on the Hugging Face hub, which is downloaded.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for another kind of model, a field that is not supported, or a damaged file.
        ImportError: for a name on the hub, without `huggingface_hub`.
    """

    def __init__(self, path):
        self.folder = Folder(path)
        self.path = self.folder.path
        self.where = str(self.path / "config.json")
        self.config = self.folder.json("config.json")
        kind = self.config.get("model_type")
        if kind not in tuple(FAMILIES):
            raise ValueError(
                f"Expected 'model_type' of {', '.join(FAMILIES)} in {self.where} to describe a "
                f"model; received {kind!r:.80}. Choose a folder of one of these."
            )
        self.family = FAMILIES[kind]
        self.folder.check_whole()
        self.options = self._options()
        self.order = None  # the folder's ids by the tokenizer's, once it is read

    def _options(self):
        """The arguments of the encoder."""
        family = self.family
        options = {
            argument: number(self.where, self.config, *field)
            for argument, field in family.sizes.items()
        }
        of_heads = [field for head in family.heads.values() for field in head.dropout]
        of_heads += [head.pooling[0] for head in family.heads.values() if head.pooling]
        read = [field for field, *_ in family.sizes.values()]
        read += [family.activation, *of_heads, *family.read, *HEAD_FIELDS]
        check_fields(self.where, self.config, read, family.fixed, inert.CONFIG | family.inert)
        self._check_cross_encoder()
        activation = self.config.get(family.activation)
        if activation not in tuple(ACTIVATIONS):
            raise ValueError(
                f"Expected {family.activation!r} in {self.where} to be an activation of "
                f"{', '.join(ACTIVATIONS)}; received {activation!r:.80}. Choose another model."
            )
        if options["hidden_dim"] % options["num_heads"]:
            raise ValueError(
                f"Expected heads that divide the width {options['hidden_dim']} in {self.where}; "
                f"received {options['num_heads']}. Copy the folder again."
            )
        if options["num_layers"] > LARGEST["num_layers"]:
            raise ValueError(
                f"Expected at most {LARGEST['num_layers']} layers in {self.where}; received "
                f"{options['num_layers']}. Copy the folder again."
            )
        options["max_length"] -= family.first_position
        options |= family.options | {"activation": ACTIVATIONS[activation]}
        return family.complete(self.where, self.config, options)

    def _check_cross_encoder(self):
        found = self.config.get(CROSS_ENCODER) or {}
        found = found if isinstance(found, dict) else {CROSS_ENCODER: found}
        fixed = {"activation_fn": (None, "torch.nn.modules.linear.Identity")}
        check_fields(f"{CROSS_ENCODER} of {self.where}", found, (), fixed, ("version",))

    @functools.cached_property
    def weights(self):
        """The folder's Weights."""
        tensors = self.family.rewrite(self.folder.tensors())
        return Weights(self.path, tensors, self.family.prefix, self.family.word)

    def tokenizer(self):
        """The folder's Tokenizer, its ids the house's where they were others.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a damaged one, or a setting that is not supported.
        """
        family = self.family
        if family.wordpiece:
            segments, named = family.segments is not None, self.config.get("tokenizer_class")
            tokenizer, self.order = read_tokenizer(self.folder, family.wordpiece, segments, named)
        else:
            tokenizer, self.order, _ = read_encoder_tokenizer(self.folder)
        pad = int(self.order[PAD_ID])
        if family.first_position and pad != family.first_position - 1:
            raise ValueError(
                f"Expected padding of id {family.first_position - 1}, by which a {family.name} "
                f"counts positions, in the tokenizer of {self.path}; received {pad}. Choose a "
                "folder whose files fit each other."
            )
        return tokenizer

    def encoder(self, tokenizer, dtype=None):
        """The encoder, with the folder's weights.

        Args:
            tokenizer: the folder's Tokenizer, whose separator ends a segment.
            dtype: precision policy of the encoder.

        Raises:
            ValueError: for a tensor that is missing, of another shape or too many, by name; or
                more tokens than embeddings.
        """
        self._check_sizes(tokenizer)
        family, weights, prefix = self.family, self.weights, self.weights.prefix
        self._rewrite(tokenizer)
        options = self.options | {"vocabulary_size": len(weights.tensors[prefix + family.word])}
        if family.segments:
            options["separator_id"] = tokenizer.separator_id
        encoder = family.encoder(dtype=dtype, **options)
        for layer, *names in family.places(encoder, family, prefix):
            weights.fill(layer, *names)
        # Of a bare encoder, tensors beside it may be another head's.
        bare = family.word.split(".")[0] + ".", family.layer.split("{}")[0]
        count = self.options["num_layers"]
        weights.check_left(f"an encoder of {count} layers", family.unread, prefix or bare)
        return encoder

    def _check_sizes(self, tokenizer):
        """Holds the sizes of `config.json` against the tensors, before anything is made."""
        options, weights, prefix = self.options, self.weights, self.weights.prefix
        family, size, width = self.family, options["vocabulary_size"], options["hidden_dim"]
        if tokenizer.vocabulary_size > size:
            raise ValueError(
                f"Expected at most {size} tokens, one an embedding, in the tokenizer of "
                f"{self.path}; received {tokenizer.vocabulary_size}. Choose a folder whose files "
                "fit its config.json."
            )
        embedded = options.get("embedding_dim") or width
        weights.check(prefix + family.word, (size, embedded))
        if family.position:
            rows = options["max_length"] + family.first_position
            weights.check(prefix + family.position, (rows, embedded))
        blocks = options.get("num_groups") or options["num_layers"]
        for index in range(blocks):
            layer = prefix + family.layer.format(index)
            if not weights.has(f"{layer}{family.block['query']}.weight"):
                raise ValueError(
                    f"Expected {blocks} layers in {self.path}, as its config.json "
                    f"says; received {index}. Choose a folder whose weights fit."
                )
            inner = layer + family.block["inner"]
            weights.check(f"{inner}.weight", (options["feed_forward_dim"], width))

    def _rewrite(self, tokenizer):
        """Tensors as BERT has them: rows of tokens by the tokenizer's ids, positions from 0, the
        one segment of every token with its position."""
        family, weights, prefix = self.family, self.weights, self.weights.prefix
        if self.order is not None and (self.order != np.arange(self.order.size)).any():
            head = family.heads["mask filler"]
            for name in filter(weights.has, (prefix + family.word, head.output, head.tied)):
                weights.reorder(name, self.order)
        if not family.position:
            return
        positions = weights.tensors[prefix + family.position][family.first_position :]
        if family.segment:
            (segment,) = weights.array(prefix + family.segment, (1, positions.shape[1]))
            positions = positions.astype("float32") + segment
        weights.tensors[prefix + family.position] = positions
