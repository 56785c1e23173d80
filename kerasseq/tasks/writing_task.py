"""What tasks that write text have in common: the translator and the captioner."""

from __future__ import annotations

import json
import typing
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from kerasseq import decoding
from kerasseq.decoding.search import check_attends
from kerasseq.decoding.terms import Terms
from kerasseq.lazily import keras, ops
from kerasseq.processing.answering import Each, Found, One, Said
from kerasseq.tasks.learning_task import LearningTask
from kerasseq.tasks.leaves import apart, named_leaves, with_leaves
from kerasseq.tasks.stream import stream

if typing.TYPE_CHECKING:
    import numpy as np

    from kerasseq.decoding.search import Search
    from kerasseq.models.seq2seq import Seq2Seq
    from kerasseq.processing.processor import Processor, Settings
    from kerasseq.tensors import Tensor


class WritingTask(LearningTask[One, Each, Said, Found]):
    """A Seq2Seq model whose answers a search finds.

    A subclass implements `source_spec`, and `batches` to be trained.

    Args:
        model: Seq2Seq.
        processor: Processor.
        search: Search, or its name.
        examples: as for `Task`.
    """

    settings: typing.ClassVar[Settings] = {"search": decoding.get}

    def __init__(
        self,
        model: Seq2Seq,
        processor: Processor,
        search: Search | str,
        examples: Iterable[typing.Any] = (),
    ) -> None:
        super().__init__(model, processor, examples)
        self.search: Search = decoding.get(search)

    @property
    def takes_glossaries(self) -> bool:
        """Whether its search can be told of terms, and it copies no words."""
        copies = getattr(self.processor, "replace_unknown", False)
        return isinstance(self.search, decoding.Beam) and self.search.groups == 1 and not copies

    def options(self) -> dict[str, typing.Any]:
        return {"search": decoding.serialize(self.search)}

    def answers(
        self,
        inputs: Iterable[Each],
        *,
        search: Search | str | None = None,
        n_best: int | None = None,
        **options: typing.Any,
    ) -> Iterator[list[Found]]:
        """Answers inputs, in order, with all that the search returns.

        Args:
            inputs: iterable of inputs.
            search: Search or name; the task's own by default.
            n_best: int, answers that the search should find: a narrower beam is widened, of
                fewer samples more are drawn.
            **options: `distinct`, see `Answering.answers`; `batch_size` and `progress`, see
                `Task.numbers`.

        Returns:
            iterator over a list of answers for each input, best first.

        Raises:
            ValueError: for one input alone, what is no iterable, a search that needs the
                attention of a model that has none, or one that cannot find `n_best`.
        """
        search = self.chosen(search)
        if n_best is not None:
            if n_best < 1:
                raise ValueError(f"Expected n_best of at least 1; received {n_best}. Raise it.")
            search = search.widened(n_best)
        if options.get("markup"):  # which is put back by it
            search = search.replace(return_attention=True)
        check_attends(self.model.attends or not search.return_attention)
        return super().answers(inputs, search=search, **options)

    def chosen(self, search: Search | str | None = None) -> Search:
        """The search that is used when this one is asked for; the task's own for None."""
        return self.search if search is None else decoding.get(search)

    def attention(self, given: One) -> Found:
        """Answers one input and returns its best answer with attention.

        Raises:
            ValueError: when the model does not attend.
        """
        return next(self.answers([given], search=self.search.replace(return_attention=True)))[0]

    def numbers(
        self, rows: list[typing.Any], search: Search | str | None = None, **options: typing.Any
    ) -> list[dict[str, np.ndarray]]:
        search = self.chosen(search)
        key = json.dumps(decoding.serialize(search))
        function = self.function(key, lambda inputs: self.outputs(inputs, search))
        return self.run(function, rows, **options)

    def outputs(self, inputs: dict[str, Tensor], search: Search | None = None) -> dict[str, Tensor]:
        """What a search finds: `tokens` `(B, N, T)`, `lengths` and `scores` `(B, N)`, and, where
        the search returns it, `attention` `(B, N, T, S)`.

        Args:
            inputs: dict of `source` `(B, …)` and, where answers are begun, `prefix` `(B, P)`,
                ids padded with 0; with a glossary `owners`, `wanted`, `sizes` and
                `unwanted`, as of `kerasseq.decoding.terms.Terms`.
            search: Search; the task's own by default.

        Raises:
            ValueError: for a glossary with a search that is no beam.
        """
        search = self.chosen(search)
        return self.model.generate(
            inputs["source"], search, **self.search_arguments(inputs, search)
        ).present()

    def search_arguments(self, inputs: dict[str, Tensor], search: Search) -> dict[str, typing.Any]:
        """What a Search is called with beside the model's: a dict of arguments; see `outputs`."""
        given = self.processor.symbols | {"max_length": self.max_length}
        if {"wanted", "unwanted"} & set(inputs):
            if not isinstance(search, decoding.Beam):
                raise ValueError(
                    f'Expected a beam with a glossary; received {search!r}. Pass search="beam".'
                )
            given["terms"] = Terms(
                inputs.get("owners"), inputs.get("wanted"), self.processor.spelling,
                inputs.get("sizes"), inputs.get("unwanted"),
            )  # fmt: skip
        if "prefix" in inputs:
            given["prefix"] = behind(given.get("prefix", ()), inputs["prefix"])
        return given

    def stream(
        self, given: One, search: Search | str | None = None, **beside: typing.Any
    ) -> Generator[str, None, Found]:
        """Yields the answer to one input as it is written, see `kerasseq.tasks.stream`.

        Args:
            given: one input.
            search: Search or name; the task's own by default.
            **beside: what may be given beside it, as a translator's `prefix`.

        Yields:
            str, what stands for sure, each time that it has grown; last the whole answer.

        Returns:
            what `answers` gives of it, as a Translation, to a `yield from`.

        Raises:
            ValueError: for another input, or a task that copies source words.
        """
        return stream(self, given, search, **beside)

    def programs(self) -> dict[str, tuple[Callable[..., typing.Any], dict[str, keras.KerasTensor]]]:
        """Of one source, with `T` = `max_length`:

        - `translate` or `caption`: `source` to what `outputs` returns;
        - `complete`, of a task that takes a `prefix`: `source` and `prefix` `(1, P)` to the same;
        - `encode`: `source` to the leaves of memory and of the first state, by name;
        - `decode_step`: `token` `(1,)`, `step` `()`, memory and state to `logits` `(1, V)`, the
          new state, and `attention` `(1, S)` of a model that attends.
        """
        model, spec = self.model, self.source_spec()

        def start(source):
            memory = model.encode(source)
            return memory, model.initial_state(memory, self.max_length)

        def encode(source):
            memory, state = start(source)
            return apart(named_leaves(memory, "memory") | named_leaves(state, "state"), source)

        memory, state = start(ops.ones(spec.shape, spec.dtype))

        def decode_step(token, step, **leaves):
            logits, new, attention = model.decode_step(
                token,
                with_leaves(state, "state", leaves),
                with_leaves(memory, "memory", leaves),
                step,
            )
            found = {"logits": logits} | named_leaves(new, "state")
            return found if attention is None else found | {"attention": attention}

        leaves = named_leaves(memory, "memory") | named_leaves(state, "state")
        step = {
            "token": keras.KerasTensor((1,), "int32"),
            "step": keras.KerasTensor((), "int32"),
        } | {
            name: keras.KerasTensor(leaf.shape, keras.backend.standardize_dtype(leaf.dtype))
            for name, leaf in leaves.items()
        }
        found = {
            "encode": (encode, {"source": spec}),
            "decode_step": (decode_step, step),
            self.processor.program: (
                lambda source: self.outputs({"source": source}),
                {"source": spec},
            ),
        }
        # A longest_prefix of 0: no answer has room behind one.
        if "prefix" in self.processor.beside and (longest := self.processor.longest_prefix):
            found["complete"] = (
                lambda source, prefix: self.outputs({"source": source, "prefix": prefix}),
                {"source": spec, "prefix": keras.KerasTensor((1, longest), "int32")},
            )
        return found

    def source_spec(self) -> keras.KerasTensor:
        """The keras.KerasTensor of one source of static shape."""
        raise NotImplementedError(f"{type(self).__name__} must implement source_spec.")


def behind(before: Sequence[int], prefix: Tensor) -> Tensor:
    """The tokens that all answers begin with, and behind them each one's own `(B, P)`."""
    if not before:
        return prefix
    common = ops.repeat(
        ops.convert_to_tensor([before], "int32"), ops.shape(prefix)[0], axis=0
    )  # (B, P0)
    return ops.concatenate([common, prefix], axis=1)
