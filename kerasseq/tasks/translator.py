"""The translator: a model, its tokenizers and a search."""

from __future__ import annotations

import copy
import pathlib
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence

from kerasseq.doctor import check_tokenizers, examine
from kerasseq.lazily import keras
from kerasseq.processing import Translations
from kerasseq.processing.processor import Processor
from kerasseq.processing.translations import Translation
from kerasseq.processing.two_sides import TwoSides
from kerasseq.tasks.examples_file import read_examples
from kerasseq.tasks.interchange import Interchange
from kerasseq.tasks.matching import check_lengths, check_vocabularies
from kerasseq.tasks.pair_scoring import PairScoring
from kerasseq.tasks.shown import Shown
from kerasseq.tasks.writing_task import WritingTask

if typing.TYPE_CHECKING:
    from kerasseq.data.parallel_text import ParallelText
    from kerasseq.data.prefetch import Batches
    from kerasseq.decoding.search import Search
    from kerasseq.doctor import Finding
    from kerasseq.files import AnyPath
    from kerasseq.models.seq2seq import Seq2Seq
    from kerasseq.processing.glossary import Glossaries
    from kerasseq.processing.symbols import PairSymbols
    from kerasseq.text.tokenizer import Tokenizer


class Translator(
    TwoSides, Shown, Interchange, PairScoring, WritingTask[str, str, str, Translation]
):
    """Translates text with a trained model.

    Args:
        model: Seq2Seq.
        source, target: Tokenizer.
        search: Search, or its name.
        max_length: int, the most tokens of a translation; a longer target is scored up to there.
        max_source_length: int, the most tokens read of a source; a longer line is cut, and a
            warning says so.
        replace_unknown: bool, writes the source word with the most attention for an unknown
            token (Luong et al. 2015, section 4.2); needs a model that attends, and words on
            both sides.
        source_before, source_behind, target_before: lists of int, the symbols of a model of many
            languages; see `kerasseq.processing.symbols.PairSymbols`.
        examples: list of str, held-out source lines, with which an export is checked.

    Call arguments:
        inputs: str, a list of str, or an iterator of str.
        prefix: str, or one for each line, what translations begin with; see `translate`.
        glossary: dict, or one for each line, terms that they must have; see `translate`.
        markup: bool, puts the lines' tags, placeholders, URLs and numbers back; see `translate`.

    Returns:
        a str for a str, a list for a list, a generator (in order) for an iterator. A line
        without a token is translated to "".

    Raises:
        ValueError: for tokenizers that do not fit the model, a `max_length` or
            `max_source_length` beyond its positions, or texts that are no lines.
    """

    processing: type[Processor] = Translations
    corpus: str | None = "ParallelText"

    def __init__(
        self,
        model: Seq2Seq,
        source: Tokenizer,
        target: Tokenizer,
        search: Search | str = "beam",
        max_length: int = 100,
        max_source_length: int = 256,
        *,
        replace_unknown: bool = False,
        source_before: Sequence[int] = (),
        source_behind: Sequence[int] = (),
        target_before: Sequence[int] = (),
        examples: Iterable[str] = (),
    ) -> None:
        check_vocabularies(model, source=source, target=target)
        processor = Translations(
            source, target, max_length, max_source_length, replace_unknown,
            source_before, source_behind, target_before,
        )  # fmt: skip
        check_lengths(model, max_length, max_source_length)
        if replace_unknown and not model.attends:
            raise ValueError(
                "Expected a model that attends with replace_unknown=True; received "
                f"{type(model).__name__}. Leave it False."
            )
        super().__init__(model, processor, search, examples)

    @property
    def max_source_length(self) -> int:
        """The most tokens read of a source."""
        return self.processor.max_source_length

    @property
    def replace_unknown(self) -> bool:
        """Whether source words are written for unknown tokens."""
        return self.processor.replace_unknown

    @property
    def pair_symbols(self) -> PairSymbols:
        """The symbols around both sides, which `ParallelText.batches` takes."""
        return self.processor.pair_symbols

    def source_ids(self, line: str) -> list[int]:
        """The ids of one line with the end symbol, at most `max_source_length`: a list of int."""
        return self.processor.source_ids(line)

    def batches(
        self,
        corpus: ParallelText,
        *,
        batch_size: int | None = None,
        tokens_per_batch: int | None = None,
        shuffle: bool = False,
        seed: int = 0,
    ) -> Batches:
        """Batches of pairs within the translator's lengths; see `ParallelText.batches`.

        Without a size they have 1,024 tokens, or as many as the longer length.
        """
        self.check_corpus(corpus)
        lengths = self.max_source_length, self.max_length
        if batch_size is None and tokens_per_batch is None:
            tokens_per_batch = max(1024, *lengths)
        return corpus.batches(
            self.source, self.target, batch_size=batch_size, tokens_per_batch=tokens_per_batch,
            max_length=lengths, shuffle=shuffle, seed=seed, cache=True, symbols=self.pair_symbols,
        )  # fmt: skip

    def examine(
        self, corpus: ParallelText, validation: ParallelText | None = None
    ) -> list[Finding]:
        found = check_tokenizers(corpus, self.source, self.target) + examine(corpus, validation)
        return [each for each in found if each.name != "empty sides"]  # batches tell of these

    def chosen(self, search: Search | str | None = None) -> Search:
        search = super().chosen(search)
        copies = self.processor.replace_unknown  # which needs the attention
        return search.replace(return_attention=True) if copies else search

    def translate(
        self,
        texts: Iterable[str],
        search: Search | str | None = None,
        *,
        batch_size: int = 64,
        progress: Callable[[int], object] | None = None,
        distinct: bool = True,
        prefix: str | Iterable[str] | None = None,
        glossary: Glossaries = None,
        markup: bool = False,
    ) -> Iterator[list[Translation]]:
        """Translates lines, in order, to all that the search finds; an endless iterator streams.

        Args:
            texts: iterable of str.
            search: Search or name; the translator's own by default.
            batch_size: int, lines decoded at once.
            progress: function called with the number of lines done since the last call.
            distinct: bool, gives of hypotheses that read alike (other pieces of one text, or
                repeated samples) the best alone: a list is then shorter than the search's
                `n_best` or `num_samples` where fewer differ. False for all of them.
            prefix: str, what every translation begins with, or an iterable of one for each line:
                its tokens are given to the search, and cost nothing in a score.
            glossary: dict or `Glossary`, terms that translations must have or must not, or an
                iterable of one for each line; of a beam. A warning says where one cannot.
            markup: bool, translates lines without their tags, placeholders, URLs and e-mail
                addresses, and puts these back where the attention says, and numbers that were
                not written; see `kerasseq.processing.markup`. Of a model that attends.

        Returns:
            iterator over a list of Translation for each line, best first.

        Raises:
            ValueError: for a single line, what is no iterable, or a prefix with no room behind.
        """
        return self.answers(
            texts, search=search, batch_size=batch_size, progress=progress, distinct=distinct,
            prefix=prefix, glossary=glossary, markup=markup,
        )  # fmt: skip

    @classmethod
    def arguments(cls, folder: AnyPath, found: dict[str, typing.Any]) -> dict[str, typing.Any]:
        arguments = super().arguments(folder, found)
        if "examples" not in found:  # older folders have a file of lines
            arguments["examples"] = read_examples(pathlib.Path(folder) / "examples.txt")
        return arguments

    def source_spec(self) -> keras.KerasTensor:
        return keras.KerasTensor((1, self.processor.max_source_length), "int32")

    def export(
        self,
        path: AnyPath,
        inputs: Iterable[str] | None = None,
        *,
        quantize: typing.Literal["float16", "int8"] | None = None,
        longest_source: int = 64,
    ) -> dict[str, typing.Any]:
        """Writes a SavedModel, or a `.tflite` file; see `kerasseq.export.export`.

        Args:
            path: path of a new folder, or of a `.tflite` file.
            inputs: iterable of str, held-out lines to check it with; by default `examples`.
            quantize: for `.tflite`: None, "float16" or "int8".
            longest_source: for `.tflite`: int, the most tokens that the file reads of a source; a
                longer one is cut, and every line takes the time of one so long.
        """
        read = copy.copy(self)
        if pathlib.Path(path).suffix == ".tflite":
            length = min(self.processor.max_source_length, longest_source)
            read.processor = self.processor.replace(max_source_length=length)
        return super(Translator, read).export(path, inputs, quantize=quantize)
