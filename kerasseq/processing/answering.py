"""The call that a task and the runtimes of its exports have in common."""

from __future__ import annotations

import itertools
import typing
import warnings
from collections.abc import Iterable, Iterator, Sequence

if typing.TYPE_CHECKING:
    import numpy as np

    from kerasseq.processing.processor import Processor

One = typing.TypeVar("One")
Each = typing.TypeVar("Each")
Said = typing.TypeVar("Said")
Found = typing.TypeVar("Found")


class Answering(typing.Generic[One, Each, Said, Found]):
    """Something that answers inputs.

    A subclass has a `processor`, and gives `numbers`. It names four types for an editor: what is
    taken as one input, what an input may be among several, what a call says of one, and each
    of its answers.

    Call arguments:
        inputs: one input, a list of inputs, or an iterator of them.
        n_best: int, of what writes: as many texts of each input, best first, all different;
            fewer where the search finds fewer.
        **options: as for `answers`.

    Returns:
        what the kind of task says of an input, with `n_best` a list of str; a list for a list, a
        generator (in order) for an iterator.
    """

    processor: Processor

    # A str is an iterable of str too, and an iterator an iterable: the first that fits counts.
    @typing.overload
    def __call__(self, inputs: One, *, n_best: int, **options: typing.Any) -> list[str]: ...

    @typing.overload
    def __call__(  # pyright: ignore[reportOverlappingOverload]
        self, inputs: Iterator[Each], *, n_best: int, **options: typing.Any
    ) -> Iterator[list[str]]: ...

    @typing.overload
    def __call__(
        self, inputs: Iterable[Each], *, n_best: int, **options: typing.Any
    ) -> list[list[str]]: ...

    @typing.overload
    def __call__(self, inputs: One, **options: typing.Any) -> Said: ...

    @typing.overload
    def __call__(  # pyright: ignore[reportOverlappingOverload]
        self, inputs: Iterator[Each], **options: typing.Any
    ) -> Iterator[Said]: ...

    @typing.overload
    def __call__(self, inputs: Iterable[Each], **options: typing.Any) -> list[Said]: ...

    def __call__(self, inputs: typing.Any, **options: typing.Any) -> typing.Any:
        """Answers one input or many; `predict` is the same."""
        say = self.processor.say
        if (count := options.get("n_best")) is not None:

            def say(found):
                return [each.text for each in found[:count]]

        if self.processor.is_one(inputs):
            return say(next(self.answers([inputs], **options)))
        said = map(say, self.answers(inputs, **options))
        return said if isinstance(inputs, Iterator) else list(said)

    predict = __call__

    def answers(
        self, inputs: Iterable[Each], *, distinct: bool = True, **options: typing.Any
    ) -> Iterator[list[Found]]:
        """Answers inputs, in order; an endless iterator streams.

        Args:
            inputs: iterable of inputs.
            distinct: bool, gives of answers that read alike the best alone, so that a list may
                be shorter than the search's; False for all of them, as every sample.
            **options: as for `numbers`, and what may be given beside inputs, as a translator's
                `prefix`.

        Returns:
            iterator over a list of answers for each input, best first.

        Raises:
            ValueError: for one input alone, or what is no iterable.
        """
        beside = {name: options.pop(name) for name in self.processor.beside if name in options}
        inputs = self.processor.check(inputs, **beside)
        found = (self.processor.read(*each) for each in self.readings(inputs, **options))
        return map(self.processor.distinct, found) if distinct else found

    def readings(
        self, inputs: Iterable[typing.Any], **options: typing.Any
    ) -> Iterator[tuple[typing.Any, list[typing.Any], list[dict[str, np.ndarray]]]]:
        """Yields for each input, in order, what `Processor.read` takes: the input, cleaned, its
        rows, and what the model answered to each."""
        inputs, processor = iter(inputs), self.processor
        while chunk := list(itertools.islice(inputs, processor.window)):
            given = [processor.clean(each) for each in chunk]
            rows = [processor.rows(each) for each in given]
            cut = [max((getattr(row, "cut", 0) for row in each), default=0) for each in rows]
            warn_cut(chunk, cut, processor)
            outputs = iter(self.numbers([row for each in rows for row in each], **options))
            for each, own in zip(given, rows, strict=True):
                yield each, own, list(itertools.islice(outputs, len(own)))

    def numbers(self, rows: list[typing.Any]) -> Iterable[dict[str, np.ndarray]]:
        """What the model answers to each of a list of rows: an iterable of dicts of arrays."""
        raise NotImplementedError(f"{type(self).__name__} must implement numbers.")


def warn_cut(
    inputs: Sequence[typing.Any],
    cut: Sequence[int | bool],
    processor: Processor | type[Processor],
    limit: str | None = None,
    stacklevel: int = 4,
) -> None:
    """Warns of inputs that were longer than what is read of them.

    Args:
        inputs: list of inputs.
        cut: list of how many tokens of each were not read; True where no more is known.
        processor: Processor, which says what is read of one and what to do about more.
        limit: str, what is read of one, in words, where the class alone is known.
        stacklevel: int, as of `warnings.warn`.
    """
    long = [place for place, each in enumerate(cut) if each]
    if not long:
        return
    first, tokens = inputs[long[0]], cut[long[0]]
    by = "" if isinstance(tokens, bool) else f" by {tokens} tokens"
    warnings.warn(
        f"Expected {limit or processor.limit}; received {len(long)} of {len(cut)} that are "
        f"longer, the first{by}: {first!r:.60}. The rest was not read. {processor.remedy}",
        stacklevel=stacklevel,
    )
