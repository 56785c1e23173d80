"""The call that a task and the runtimes of its exports have in common."""

import collections.abc
import itertools
import warnings


class Answering:
    """Something that answers inputs.

    A subclass has a `processor`, and gives `numbers`.

    Call arguments:
        inputs: one input, a list of inputs, or an iterator of them.
        **options: as for `answers`.

    Returns:
        what the kind of task says of an input; a list for a list, a generator (in order) for an
        iterator.
    """

    def __call__(self, inputs, **options):
        say = self.processor.say
        if self.processor.is_one(inputs):
            return say(next(self.answers([inputs], **options)))
        said = map(say, self.answers(inputs, **options))
        return said if isinstance(inputs, collections.abc.Iterator) else list(said)

    def predict(self, inputs, **options):
        """The same as a call."""
        return self(inputs, **options)

    def answers(self, inputs, **options):
        """Answers inputs, in order; an endless iterator streams.

        Args:
            inputs: iterable of inputs.
            **options: as for `numbers`.

        Returns:
            iterator over a list of answers for each input, best first.

        Raises:
            ValueError: for one input alone, or what is no iterable.
        """
        inputs = self.processor.check(inputs)
        return (self.processor.read(*each) for each in self.readings(inputs, **options))

    def readings(self, inputs, **options):
        """Yields for each input, in order, what `Processor.read` takes: the input, cleaned, its
        rows, and what the model answered to each."""
        inputs, processor = iter(inputs), self.processor
        while chunk := list(itertools.islice(inputs, processor.window)):
            given = [processor.clean(each) for each in chunk]
            rows = [processor.rows(each) for each in given]
            self._warn(chunk, rows)
            outputs = iter(self.numbers([row for each in rows for row in each], **options))
            for each, own in zip(given, rows, strict=True):
                yield each, own, list(itertools.islice(outputs, len(own)))

    def numbers(self, rows):
        """What the model answers to each of a list of rows: an iterable of dicts of arrays."""
        raise NotImplementedError(f"{type(self).__name__} must implement numbers.")

    def _warn(self, inputs, rows):
        """Says how many inputs were longer than what is read of them."""
        long = [i for i, each in enumerate(rows) if any(getattr(row, "cut", 0) for row in each)]
        if long:
            first, longest = long[0], self.processor.row_length
            warnings.warn(
                f"Expected inputs of at most {longest} tokens; received {len(long)} of {len(rows)} "
                f"that are longer, the first by {max(row.cut for row in rows[first])} tokens: "
                f"{inputs[first]!r:.60}. The rest was not read. {self.processor.remedy}",
                stacklevel=4,
            )
