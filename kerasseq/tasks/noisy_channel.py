"""Choosing among hypotheses by how well they explain the source: the noisy channel."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterable, Sequence

import sacrebleu

from kerasseq.decoding import Beam
from kerasseq.metrics.bleu_tokenizers import check_tokenize
from kerasseq.text.checks import check_lines, check_number, check_pairs, is_number

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Search
    from kerasseq.tasks.translator import Translator

GRID = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)


class LanguageModel(typing.Protocol):
    """What says how likely lines are: `NGramModel`, `DecoderLanguageModel`, or a user's own."""

    def score(self, lines: Iterable[str]) -> list[float]:
        """Log-probabilities of lines, in nats."""
        ...


class Evidence(typing.NamedTuple):
    """What three models say of one hypothesis.

    Attributes:
        text: str.
        direct: float, `log p(y | x)` a token of `y`.
        channel: float, `log p(x | y)` a token of `x`.
        language: float, `log p(y)` a token of `x`; 0 without a language model.
    """

    text: str
    direct: float
    channel: float
    language: float


class NoisyChannel:
    """Ranks a translator's hypotheses with a translator of the other direction.

    A score is `1/t log p(y | x) + 1/s (λ1 log p(x | y) + λ2 log p(y))` (Yee et al. 2019, section
    3), `t` and `s` the tokens of `y` and `x` with their ends. A direct model may leave out what it
    has read and lose nothing; a channel model then cannot tell where the source came from.

    Args:
        translator: Translator, `p(y | x)`, which writes the hypotheses.
        channel: Translator, `p(x | y)`.
        language_model: LanguageModel, `p(y)`; None for none.
        weights: pair of float, `λ1` and `λ2`; `tune` finds them on validation text.
        search: Search with several hypotheses a line; a beam of ten by default.

    Raises:
        ValueError: for other weights than two finite ones, or `λ2` without a language model.
    """

    def __init__(
        self,
        translator: Translator,
        channel: Translator,
        language_model: LanguageModel | None = None,
        weights: Sequence[float] = (0.3, 0.0),
        search: Search | None = None,
    ) -> None:
        given = list(weights) if isinstance(weights, Iterable) else []
        right = len(given) == 2 and all(map(is_number, given))
        if not right or (language_model is None and given[1]):
            raise ValueError(
                "Expected two finite weights, of the channel and of the language model, the second "
                f"0 without one; received {weights!r}. Correct them, or pass language_model."
            )
        self.translator = translator
        self.channel = channel
        self.language_model = language_model
        self.weights: tuple[float, float] = given[0], given[1]
        self.search: Search = (Beam(10) if search is None else search).all_best()

    def __call__(self, lines: Iterable[str]) -> list[list[tuple[str, float]]]:
        """Translates lines: a list of `(text, score)` for each, best first."""
        return [self._ranked(found, self.weights) for found in self.evidence(lines)]

    def evidence(self, lines: Iterable[str]) -> list[list[Evidence]]:
        """What the models say of every hypothesis: a list of Evidence for each line."""
        lines = list(check_lines(lines))
        found = self.translator.translate(lines, self.search)
        lists = [[each.text for each in several] for several in found]
        pairs = [(line, text) for line, texts in zip(lines, lists, strict=True) for text in texts]
        direct = iter(self.translator.score(pairs))
        channel = iter(self.channel.score((text, line) for line, text in pairs))
        texts = [text for _, text in pairs]
        model = self.language_model
        language = iter(model.score(texts) if model else itertools.repeat(0.0))
        tokens = self.translator.processor.target_ids
        every = []
        for line, texts in zip(lines, lists, strict=True):
            read = len(self.translator.source_ids(line))
            every.append([
                Evidence(
                    text,
                    next(direct) / len(tokens(text)),
                    next(channel) / read,
                    next(language) / read,
                )
                for text in texts
            ])  # fmt: skip
        return every

    def tune(
        self,
        pairs: Iterable[tuple[str, str]],
        grid: Sequence[float] = GRID,
        *,
        tokenize: str = "13a",
        lowercase: bool = False,
    ) -> dict[tuple[float, float], float]:
        """Sets the weights to those of a grid with the best BLEU.

        Args:
            pairs: iterable of `(source, reference)` str, validation text.
            grid: list of float, values of `λ1`, and of `λ2` where there is a language model.
            tokenize: sacreBLEU's tokenizer.
            lowercase: bool, compare without case.

        Returns:
            dict of BLEU by weights.

        Raises:
            ValueError: for no pairs, an empty grid or one of other than numbers, or a tokenizer
                that sacreBLEU does not have.
        """
        check_tokenize(tokenize)
        pairs = list(check_pairs(pairs))
        if not pairs or not grid:
            raise ValueError(
                f"Expected pairs and a grid of weights to tune with; received {len(pairs)} pairs "
                f"and {len(grid)} weights. Give validation text and some values."
            )
        lines, references = map(list, zip(*pairs, strict=True))
        for weight in grid:
            check_number("a weight of the grid", weight)
        found = self.evidence(lines)
        bleu = sacrebleu.BLEU(tokenize=tokenize, lowercase=lowercase, force=True)
        of_language = grid if self.language_model else (0.0,)
        scores = {}
        for weights in itertools.product(grid, of_language):
            chosen = [self._ranked(each, weights)[0][0] for each in found]
            scores[weights] = bleu.corpus_score(chosen, [references]).score
        self.weights = max(scores, key=lambda each: scores[each])
        return scores

    @staticmethod
    def _ranked(found, weights):
        """Texts with their scores, best first; of equals the one the search found first."""
        scored = [
            (each.text, each.direct + weights[0] * each.channel + weights[1] * each.language)
            for each in found
        ]
        return sorted(scored, key=lambda pair: -pair[1])
