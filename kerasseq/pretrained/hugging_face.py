"""An encoder and its tokenizer of a folder in Hugging Face's layout, read without PyTorch."""

import functools

from kerasseq.models.bert_encoder import BertEncoder
from kerasseq.pretrained import inert
from kerasseq.pretrained.bert import BERT, DISTILBERT
from kerasseq.pretrained.family import ACTIVATIONS
from kerasseq.pretrained.fields import check_fields, number
from kerasseq.pretrained.folder import Folder
from kerasseq.pretrained.places import POSITION, WORD, encoder_places
from kerasseq.pretrained.roberta import CAMEMBERT, ROBERTA, XLM_ROBERTA
from kerasseq.pretrained.tokenizers import read_encoder_tokenizer
from kerasseq.pretrained.weights import Weights
from kerasseq.pretrained.wordpiece import read_tokenizer

FAMILIES = {family.name: family for family in (BERT, DISTILBERT, ROBERTA, XLM_ROBERTA, CAMEMBERT)}
# Buffers that older versions saved, and a layer that older versions gave every model.
UNREAD = ("embeddings.position_ids", "embeddings.token_type_ids", "pooler.dense.")
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
        self.order = None  # the folder's ids by the tokenizer's, where they differ

    def _options(self):
        """The arguments of BertEncoder."""
        family = self.family
        options = {
            argument: number(self.where, self.config, *field)
            for argument, field in family.sizes.items()
        }
        dropouts = [field for head in family.heads.values() for field in head.dropout]
        read = [field for field, *_ in family.sizes.values()]
        read += [family.activation, *dropouts, *HEAD_FIELDS]
        check_fields(self.where, self.config, read, family.fixed, inert.CONFIG)
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
        options["max_length"] -= family.first_position
        return options | {"activation": ACTIVATIONS[activation]}

    def _check_cross_encoder(self):
        found = self.config.get(CROSS_ENCODER) or {}
        found = found if isinstance(found, dict) else {CROSS_ENCODER: found}
        fixed = {"activation_fn": (None, "torch.nn.modules.linear.Identity")}
        check_fields(f"{CROSS_ENCODER} of {self.where}", found, (), fixed, ("version",))

    @functools.cached_property
    def weights(self):
        """The folder's Weights."""
        return Weights(self.path, self.folder.tensors(), self.family.prefix, WORD)

    def tokenizer(self):
        """The folder's Tokenizer, its ids the house's where they were others.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a damaged one, or a setting that is not supported.
        """
        if self.family.wordpiece:
            segments = self.family.segments is not None
            return read_tokenizer(self.folder, segments, self.config.get("tokenizer_class"))
        found = read_encoder_tokenizer(self.folder)
        self.order = found.order
        return found.tokenizer

    def encoder(self, tokenizer, dtype=None):
        """The BertEncoder, with the folder's weights.

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
        separator_id = tokenizer.separator_id if family.segments else None
        rows = len(weights.tensors[prefix + WORD])
        options = self.options | {"vocabulary_size": rows}
        encoder = BertEncoder(separator_id=separator_id, dtype=dtype, **options)
        for layer, *names in encoder_places(encoder, family, prefix):
            weights.fill(layer, *names)
        self._check_left(WORD.split(".")[0] + ".", family.layer.split("{}")[0])
        return encoder

    def _check_sizes(self, tokenizer):
        """Holds the sizes of `config.json` against the tensors, before anything is made."""
        options, weights, prefix = self.options, self.weights, self.weights.prefix
        size, width = options["vocabulary_size"], options["hidden_dim"]
        if tokenizer.vocabulary_size > size:
            raise ValueError(
                f"Expected at most {size} tokens, one an embedding, in the tokenizer of "
                f"{self.path}; received {tokenizer.vocabulary_size}. Choose a folder whose files "
                "fit its config.json."
            )
        weights.check(prefix + WORD, (size, width))
        rows = options["max_length"] + self.family.first_position
        weights.check(prefix + POSITION, (rows, width))
        for index in range(options["num_layers"]):
            layer = prefix + self.family.layer.format(index)
            if not weights.has(f"{layer}{self.family.block['query']}.weight"):
                raise ValueError(
                    f"Expected {options['num_layers']} layers in {self.path}, as its config.json "
                    f"says; received {index}. Choose a folder whose weights fit."
                )
            inner = layer + self.family.block["inner"]
            weights.check(f"{inner}.weight", (options["feed_forward_dim"], width))

    def _rewrite(self, tokenizer):
        """Tensors as BERT has them: rows of tokens by the tokenizer's ids, positions from 0, the
        one segment of every token with its position."""
        family, weights, prefix = self.family, self.weights, self.weights.prefix
        if self.order is not None:
            head = family.heads["mask filler"]
            for name in filter(weights.has, (prefix + WORD, head.output, head.tied)):
                weights.reorder(name, self.order)
        positions = weights.tensors[prefix + POSITION][family.first_position :]
        if family.segment:
            (segment,) = weights.array(prefix + family.segment, (1, positions.shape[1]))
            positions = positions.astype("float32") + segment
        weights.tensors[prefix + POSITION] = positions

    def _check_left(self, *inside):
        """Refuses a tensor of the encoder that was not read."""
        prefix = self.weights.prefix
        for name in self.weights.left():
            bare = name.removeprefix(prefix)
            if not name.startswith(prefix) or bare.startswith(UNREAD):
                continue
            if prefix or bare.startswith(inside):
                raise ValueError(
                    f"Expected an encoder of {self.options['num_layers']} layers in {self.path}, "
                    f"as its config.json says; received {name!r} too. Choose a folder whose "
                    "weights fit."
                )
