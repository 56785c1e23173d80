"""The tensors of an encoder-decoder of fairseq's names, taken over into a Transformer."""

import numpy as np

from kerasseq.layers.positions import TABLES
from kerasseq.pretrained.renumbered import VANISHED, rows
from kerasseq.pretrained.translator_places import translator_places
from kerasseq.pretrained.weights import Weights

SHARED, BIAS, OUTPUT = "model.shared.weight", "final_logits_bias", "lm_head.weight"
EMBEDDINGS = tuple(f"model.{side}.embed_tokens.weight" for side in ("encoder", "decoder"))
POSITIONS = "model.{}.embed_positions.{}"
HALF = 2e-3  # how far half precision may round a sine
# Counters that fairseq's code saved.
UNREAD = ("model.encoder.version", "model.decoder.version")


class TranslatorWeights:
    """The tensors of a folder, and how they fill a Transformer.

    Args:
        family: TranslatorFamily.
        folder: Folder.
        options: dict, arguments of Transformer.
        sizes: pair of int, the rows of the source's and of the target's embeddings.

    Raises:
        ValueError: for tensors that do not fit the options, before a model of them is made.
    """

    def __init__(self, family, folder, options, sizes):
        self.family = family
        self.shared = options["share_embeddings"]
        self.sizes = sizes
        self.weights = Weights(folder.path, folder.tensors(), "", SHARED)
        width, inner = options["hidden_dim"], options["feed_forward_dim"]
        self.names = self._tables()
        for name, size in zip(self.names, sizes, strict=True):
            self.weights.check(name, (size, width))
        for side, depth in (("encoder", "num_layers"), ("decoder", "num_decoder_layers")):
            for layer in range(options[depth]):
                self.weights.check(f"model.{side}.layers.{layer}.fc1.weight", (inner, width))

    def _tables(self):
        """The names of the source's and of the target's table."""
        if not self.shared:
            return EMBEDDINGS
        # Files of older versions may have kept another name of the one table.
        found = [name for name in (SHARED, *EMBEDDINGS, OUTPUT) if self.weights.has(name)]
        return (found[0] if found else SHARED,) * 2

    def fill(self, model, source, target, start):
        """Sets every weight of a Transformer.

        Args:
            model: Transformer.
            source, target: Vocabulary.
            start: int, the former id whose row a new start symbol gets, or None.

        Raises:
            ValueError: for a tensor that is missing, of another shape or too many, by its name.
        """
        self._embeddings(model, source, target, start)
        for side in ("encoder", "decoder"):
            self._positions(model, side)
        for layer, *names in translator_places(model, self.family):
            self.weights.fill(layer, *names)
        self.weights.check_left(f"a {self.family.architecture}", UNREAD)

    def _embeddings(self, model, source, target, start):
        tables = [self.weights.array(name) for name in self.names]
        tied = model.config["tie_embeddings"]
        for name in (SHARED, *EMBEDDINGS) if self.shared else (SHARED,):
            self._check_same(name, tables[0])
        if tied:
            self._check_same(OUTPUT, tables[1])
        sides = (
            (model.source_embedding, source, tables[0]),
            (model.target_embedding, target, tables[1]),
        )
        for embedding, vocabulary, table in sides[1:] if self.shared else sides:
            row = 0.0 if start is None else table[start]
            embedding.table.assign(rows(table, vocabulary.order, row))
        bias = np.zeros((1, self.sizes[1]), "float32")
        if self.family.output_bias and self.weights.has(BIAS):
            bias = self.weights.array(BIAS, bias.shape)
        if not tied:
            kernel = self.weights.array(OUTPUT, tables[1].shape)
            model.output_dense.kernel.assign(rows(kernel, target.order, 0.0).T)
        if model.output_bias is not None:
            found = rows(bias[0], target.order, VANISHED, target.copies)
            model.output_bias.assign(found)

    def _check_same(self, name, table):
        """Refuses another tensor than a table under a name that is one of its own."""
        weights = self.weights
        if weights.has(name) and (weights.array(name, table.shape) != table).any():
            raise ValueError(
                f"Expected {name} to be the embeddings in {weights.path}; received others. "
                "Choose another model."
            )

    def _positions(self, model, side):
        """Learned positions, or those that some files have beside what is computed."""
        layer = getattr(model, "source_positions" if side == "encoder" else "target_positions")
        offset, length = self.family.offset, model.config["max_length"]
        if layer.kind == "learned":
            shape = (offset + length, model.config["hidden_dim"])
            table = self.weights.array(POSITIONS.format(side, "weight"), shape)
            layer.table.assign(table[offset:])
            return
        for name in (POSITIONS.format(side, each) for each in ("weight", "weights")):
            if self.weights.has(name):
                table = self.weights.array(name)
                expected = TABLES[layer.kind](len(table), model.config["hidden_dim"])
                same = table.shape == expected.shape
                if not same or np.abs(table - expected)[offset:].max(initial=0.0) > HALF:
                    raise ValueError(
                        f"Expected the {layer.kind} positions of a {self.family.name} as {name} "
                        f"in {self.weights.path}; received others. Choose another model."
                    )
