"""An answer as it is written, a token at a time."""

from __future__ import annotations

import typing
from collections.abc import Generator

import numpy as np

from kerasseq.decoding.next_tokens import NEVER
from kerasseq.lazily import ops
from kerasseq.processing.answering import warn_cut
from kerasseq.processing.processor import Row
from kerasseq.tasks.task import tensors
from kerasseq.tensors import lengths

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Search
    from kerasseq.tasks.writing_task import WritingTask


class Begins(Exception):
    """Carries what a search would loop over out of it."""


def stream(
    task: WritingTask[typing.Any, typing.Any, typing.Any, typing.Any],
    given: typing.Any,
    search: Search | str | None = None,
    **beside: typing.Any,
) -> Generator[str, None, typing.Any]:
    """Yields the answer to one input as it is written.

    The search is the one that answers at once, its loop run from here. Greedy search gives every
    token as it comes. A beam gives what all hypotheses share that may still be the best, those
    that have ended among them: nothing is taken back.

    Args:
        task: WritingTask.
        given: one input.
        search: Search or name; the task's own by default.
        **beside: what may be given beside it, as a translator's `prefix`.

    Yields:
        str, each longer than the one before; last the whole answer, yielded in any case.

    Returns:
        what `answers` gives of it, as a Translation, to a `yield from`.

    Raises:
        ValueError: for another input, or a task that copies source words, which it knows last.
    """
    processor, model, chosen = task.processor, task.model, task.chosen(search)
    if beside.get("markup"):
        raise ValueError(
            "Expected no markup with a stream, which knows where it belongs at the end alone; "
            "received it. Call the translator."
        )
    if getattr(processor, "replace_unknown", False):
        raise ValueError(
            "Expected a translator that copies no source words, to stream; received one with "
            "replace_unknown=True. Load it with False."
        )
    (one,) = processor.check([given], **beside)
    one = processor.clean(one)
    (row,) = processor.rows(one)
    warn_cut([one], [getattr(row, "cut", 0)], processor, stacklevel=3)
    around = processor.pair_symbols.around_source if hasattr(processor, "pair_symbols") else 0
    blank = isinstance(row, Row) and len(row.ids) == 1 + around  # and has no translation
    inputs = tensors(processor.batch([row]))
    source = ops.convert_to_tensor(inputs["source"])
    step = task.function("decode_step", model.decode_step)
    memory = task.function("encode", model.encode)(source)
    arguments = task.search_arguments(inputs, chosen) | {"spread": model.spread}
    if chosen.max_length_ratio and len(source.shape) == 2:
        arguments["source_lengths"] = lengths(source)
    state = model.initial_state(memory, task.max_length)

    def run(loop):
        return chosen(step, memory, state, **arguments, loop=loop)

    def stop(*loop):
        raise Begins(*loop)

    try:
        run(stop)
    except Begins as begun:
        going_on, advance, carry = begun.args
    *_, tokenizer = processor.tokenizers.values()
    prefix, said = len(processor.symbols.get("prefix", ())), ""
    begun = len(getattr(row, "begun", ()))  # tokens that are given
    while bool(going_on(carry)):
        carry = advance(carry)
        ids = shared(carry)[prefix:]
        # Half of a character may stand at the end.
        text = tokenizer.decode(ids).rstrip("\ufffd")
        grown = len(text) > len(said) and text.startswith(said)
        if grown and len(ids) >= begun and not blank:
            yield text
            said = text
    found = {name: leaf[0] for name, leaf in run(lambda *_: carry).to_numpy().present().items()}
    best = processor.read(one, [row], [found])[0]
    if best.text != said or not said:
        yield best.text
    return best


def shared(carry: dict[str, typing.Any]) -> list[int]:
    """The tokens, a list of int, with which all begin that may be a search's answer to its one
    source; none where there is none left."""
    parts = [carry] if "alive" not in carry else [
        {
            "tokens": ops.reshape(carry[part]["tokens"], (-1, carry[part]["tokens"].shape[-1])),
            "scores": ops.reshape(carry[scores], (-1,)),
        }
        for part, scores in (("alive", "scores"), ("finished", "finished_scores"))
    ]  # fmt: skip
    rows = np.concatenate(
        [
            ops.convert_to_numpy(part["tokens"])[ops.convert_to_numpy(part["scores"]) > NEVER / 2]
            for part in parts
        ]
    )
    same = np.logical_and.accumulate((rows == rows[:1]).all(axis=0) & (rows != 0).all(axis=0))
    return [int(token) for row in rows[:1] for token in row[same]]
