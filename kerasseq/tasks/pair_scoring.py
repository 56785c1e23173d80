"""What a translator's model says of translations that are given."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterable

from kerasseq.lazily import ops
from kerasseq.processing.padding import by_size, pad
from kerasseq.tasks.task import tensors
from kerasseq.text.checks import check_pairs

if typing.TYPE_CHECKING:
    from collections.abc import Callable

    from kerasseq.models.seq2seq import Seq2Seq
    from kerasseq.processing.translations import Translations


class PairScoring:
    """Scores pairs of texts by the model of a task that translates."""

    if typing.TYPE_CHECKING:
        model: Seq2Seq
        processor: Translations
        function: Callable[..., typing.Any]

        def source_ids(self, line: str) -> list[int]: ...

    def score(self, pairs: Iterable[tuple[str, str]], *, batch_size: int = 64) -> list[float]:
        """Log-probability of given translations, their first `max_length` tokens with the end.

        Args:
            pairs: iterable of `(source, target)` str.
            batch_size: int.

        Returns:
            list of float, in nats.

        Raises:
            ValueError: for other things.
        """
        ids = [(self.source_ids(s), self.processor.target_ids(t)) for s, t in check_pairs(pairs)]
        scores = [0.0] * len(ids)
        function = self.function("score", lambda batch: self.model.score(**batch))
        for places in by_size((sum(map(len, pair)) for pair in ids), batch_size):
            sources, following = zip(*(ids[i] for i in places), strict=True)
            batch = {
                "source": pad(sources),
                "target": pad([self.processor.given_ids(each) for each in following]),
                "next_tokens": pad([self.processor.asked_ids(each) for each in following]),
            }
            found = ops.convert_to_numpy(function(tensors(batch)))
            for row, i in enumerate(places):
                scores[i] = float(found[row])
        return scores

    def perplexity(self, pairs: Iterable[tuple[str, str]]) -> float:
        """`exp` of the mean negative `log p` a target token, the end symbol counted.

        Raises:
            ValueError: without pairs, or for other things.
        """
        if not (pairs := list(check_pairs(pairs))):
            raise ValueError(
                "Expected pairs to measure the perplexity on; received none. Give at least one."
            )
        tokens = sum(len(self.processor.target_ids(target)) for _, target in pairs)
        return math.exp(-sum(self.score(pairs)) / tokens)
