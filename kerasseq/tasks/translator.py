"""The translator: a model, its tokenizers and a search."""

import copy
import itertools
import json
import math
import pathlib

from keras import ops

from kerasseq import decoding
from kerasseq.compiled import compiled
from kerasseq.decoding.search import check_attends
from kerasseq.files import write_file
from kerasseq.tasks.attention_of_heads import attention_of_heads
from kerasseq.tasks.checks import check_parts, read_examples
from kerasseq.tasks.padding import by_length, pad
from kerasseq.tasks.saved_task import load_task, save_task
from kerasseq.tasks.translation import Translation
from kerasseq.text.aligned_words import aligned_words
from kerasseq.text.checks import check_lines
from kerasseq.text.vocabulary import END_ID, START_ID

WINDOW = 2048


class Translator:
    """Translates text with a trained model.

    Args:
        model: Seq2Seq.
        source: Tokenizer.
        target: Tokenizer.
        search: Search, or its name.
        max_length: int, the most tokens of a translation; a longer target is scored up to there.
        max_source_length: int, the most tokens read of a source; a longer line is cut.
        replace_unknown: bool, writes the source word with the most attention for an unknown
            token (Luong et al. 2015, section 4.2); needs a model that attends, and words on
            both sides.
        examples: list of str, held-out source lines, with which an export is checked.

    Call arguments:
        texts: str, a list of str, or an iterator of str.

    Returns:
        a str for a str, a list for a list, a generator (in order) for an iterator. A line
        without a token is translated to "".

    Raises:
        ValueError: for tokenizers that do not fit the model, or texts that are no lines.
    """

    def __init__(
        self,
        model,
        source,
        target,
        search="beam",
        max_length=100,
        max_source_length=256,
        replace_unknown=False,
        examples=(),
    ):
        check_parts(model, source, target, replace_unknown)
        self.model = model
        self.source = source
        self.target = target
        self.search = decoding.get(search)
        self.max_length = max_length
        self.max_source_length = max_source_length
        self.replace_unknown = replace_unknown
        self.examples = list(examples)
        self._compiled = {}

    def __call__(self, texts):
        if isinstance(texts, str | bytes):
            return next(self.translate([texts]))[0].text
        found = (hypotheses[0].text for hypotheses in self.translate(texts))
        return list(found) if isinstance(texts, list | tuple) else found

    def translate(self, texts, search=None, batch_size=64, progress=None):
        """Translates lines, in order, to all that the search returns; an endless iterator streams.

        Args:
            texts: iterable of str.
            search: Search or name; the translator's own by default.
            batch_size: int, lines decoded at once.
            progress: function called with the number of lines done since the last call.

        Returns:
            iterator over a list of Translation for each line, best first.

        Raises:
            ValueError: for a single line, or what is no iterable.
        """
        check_lines(texts)
        search = self.search if search is None else decoding.get(search)
        if self.replace_unknown:
            search = search.changed(return_attention=True)
        check_attends(self.model.attends or not search.return_attention)
        lines = iter(texts)
        windows = iter(lambda: list(itertools.islice(lines, WINDOW)), [])
        return itertools.chain.from_iterable(
            self._translate_window(window, search, batch_size, progress) for window in windows
        )

    def attention(self, text):
        """Translates one line and returns its best Translation with attention.

        Raises:
            ValueError: when the model does not attend.
        """
        return next(self.translate([text], self.search.changed(return_attention=True)))[0]

    def score(self, pairs, batch_size=64):
        """Log-probability of given translations, their first `max_length` tokens with the end.

        Args:
            pairs: iterable of `(source, target)` str.
            batch_size: int.

        Returns:
            list of float, in nats.
        """
        pairs = list(pairs)
        sources = [self.source_ids(source) for source, _ in pairs]
        targets = [self.target_ids(target) for _, target in pairs]
        lengths = [len(each) + len(other) for each, other in zip(sources, targets, strict=True)]
        scores = [0.0] * len(pairs)
        function = self._function("score", self.model.score)
        for rows in by_length(lengths, batch_size):
            source = pad([sources[i] for i in rows])
            given = pad([[START_ID, *targets[i][:-1]] for i in rows])
            following = pad([targets[i] for i in rows])
            found = ops.convert_to_numpy(function(source, given, following))
            for row, i in enumerate(rows):
                scores[i] = float(found[row])
        return scores

    def perplexity(self, pairs):
        """`exp` of the mean negative `log p` a target token, the end symbol counted.

        Raises:
            ValueError: without pairs.
        """
        pairs = list(pairs)
        if not pairs:
            raise ValueError("Expected pairs to measure the perplexity on; received none.")
        tokens = sum(len(self.target_ids(target)) for _, target in pairs)
        return math.exp(-sum(self.score(pairs)) / tokens)

    def decode_ids(self, source, search=None):
        """Decodes padded source ids.

        Args:
            source: int tensor `(B, S)`, each row ending with the end symbol.
            search: Search; the translator's own by default.

        Returns:
            Decoded.
        """
        search = search or self.search
        memory = self.model.encode(source)
        state = self.model.initial_state(memory, self.max_length)
        return search(self.model.decode_step, memory, state, START_ID, END_ID, self.max_length)

    def source_ids(self, text):
        """The ids of one line with the end symbol, at most `max_source_length`."""
        return [*self.source.encode(text)[: self.max_source_length - 1], END_ID]

    def target_ids(self, text):
        """The ids of one target line with the end symbol, the first `max_length` of them."""
        return [*self.target.encode(text), END_ID][: self.max_length]

    def _function(self, key, function):
        if key not in self._compiled:
            self._compiled[key] = compiled(function, self.model)
        return self._compiled[key]

    def _translate_window(self, window, search, batch_size, progress):
        key = json.dumps(decoding.serialize(search))
        function = self._function(key, lambda source: self.decode_ids(source, search))
        ids = [self.source_ids(line) for line in window]
        found = [None] * len(ids)
        for rows in by_length(map(len, ids), batch_size):
            decoded = function(pad([ids[i] for i in rows])).to_numpy()
            for row, i in enumerate(rows):
                found[i] = self.hypotheses(window[i], ids[i], decoded, row)
            if progress:
                progress(len(rows))
        return found

    def hypotheses(self, line, source, decoded, row):
        """The Translations of one row of Decoded arrays, best first."""
        source_tokens = [self.source.vocabulary[i] for i in source]
        hypotheses = []
        for n, score in enumerate(decoded.scores[row]):
            length = decoded.lengths[row, n]
            ids = [int(i) for i in decoded.tokens[row, n, :length]]
            attention = decoded.attention
            if attention is not None:
                attention = attention[row, n, :length, : len(source)]
            empty = len(source) == 1
            unknown = None
            if self.replace_unknown:
                words = self.source.tokens(line)[: self.max_source_length - 1]
                unknown = aligned_words(words, attention)
            hypotheses.append(
                Translation(
                    "" if empty else self.target.decode(ids, unknown),
                    float(score),
                    [self.target.vocabulary[i] for i in ids],
                    source_tokens,
                    attention,
                )
            )
        return hypotheses

    def save(self, folder, dtype="float32"):
        """Writes `translator.json`, `source/`, `target/` and `model.safetensors`.

        Args:
            folder: path.
            dtype: "float32", or "float16" for half the size.
        """
        options = {
            "search": decoding.serialize(self.search),
            "max_length": self.max_length,
            "max_source_length": self.max_source_length,
            "replace_unknown": self.replace_unknown,
        }
        tokenizers = {"source": self.source, "target": self.target}
        examples = "".join(f"{line}\n" for line in self.examples)
        write_file(pathlib.Path(folder) / "examples.txt", examples)
        save_task(folder, "translator", self.model, tokenizers, options, dtype)

    @classmethod
    def load(cls, folder):
        """Loads what `save` wrote. No code from the folder is run.

        Raises:
            FileNotFoundError: when a file is missing.
            ValueError: when a file is damaged or no translator of this package.
        """
        model, (source, target), options = load_task(
            folder,
            "translator",
            ["source", "target"],
            lambda found: {
                "search": decoding.get(found["search"]),
                "max_length": int(found["max_length"]),
                "max_source_length": int(found["max_source_length"]),
                "replace_unknown": bool(found.get("replace_unknown")),
            },
        )
        examples = read_examples(pathlib.Path(folder) / "examples.txt")
        return cls(model, source, target, examples=examples, **options)

    def export(self, path, lines=None, quantize=None, longest_source=64):
        """Writes a SavedModel, or a `.tflite` file; see `kerasseq.export.export`.

        Args:
            path: path of a new folder, or of a `.tflite` file.
            lines: iterable of str, held-out lines to check it with; by default `examples`.
            quantize: for `.tflite`: None, "float16" or "int8".
            longest_source: for `.tflite`: int, the most tokens that the file reads of a source; a
                longer one is cut, and every line takes the time of one so long.
        """
        from kerasseq.export.export import export

        lines = list(self.examples if lines is None else lines)
        read = copy.copy(self)
        if pathlib.Path(path).suffix == ".tflite":
            read.max_source_length = min(self.max_source_length, longest_source)
        return export(read, path, lines, quantize)

    def plot_attention(self, text, path=None, words=False, heads=False):
        """Draws the attention of one translation to its source.

        Args:
            text: str.
            path: path of a `.png`, `.svg` or `.pdf` to write, or None.
            words: bool, join the pieces of words.
            heads: bool, a map for each layer and head, of a Transformer.

        Returns:
            matplotlib.figure.Figure; see `kerasseq.plots`.

        Raises:
            ValueError: when the model does not attend, or has no heads.
        """
        from kerasseq import plots

        found = self.attention(text)
        weights = attention_of_heads(self, text, found) if heads else found.attention
        drawn = found.source_tokens, found.tokens, weights
        if words:
            drawn = plots.join_pieces(*drawn)
        return (plots.attention_heads if heads else plots.attention_map)(*drawn, path)
