"""Questions and contexts to the answers that stand in them."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

from kerasseq.processing.packing import between
from kerasseq.processing.processor import Processor, Settings, columns, strings, was_cut
from kerasseq.processing.windows import longest_question, windows, windows_graph
from kerasseq.text.character_kinds import stands_alone
from kerasseq.text.checks import check_pair
from kerasseq.text.normalize import normalize, normalize_graph

if typing.TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable
    from kerasseq.processing.windows import Window
    from kerasseq.text.tokenizer import Tokenizer
    from kerasseq.text.units import Unit


class Answer(typing.NamedTuple):
    """A stretch of a context.

    Attributes:
        text: str, the answer as it stands there; "" for no answer.
        score: float, by how much its logits are above those of no answer, in nats.
        start: int, its first character in the normalised context; 0 for no answer.
        truncated: bool, whether the question was longer than what is read of it.
    """

    text: str
    score: float
    start: int
    truncated: bool = False


class Spans(Processor):
    """Questions and contexts to rows, and the best span of each row to an answer.

    A context that is too long for a row is read in parts that overlap, and the best part's
    answer counts. Of a question 64 tokens are read, and at most half of a row.

    Args:
        tokenizer: Tokenizer.
        max_length: int, the most tokens of a row, question and part.
        overlap: int, the tokens that a part shares with the next.
        longest: int, the most tokens of an answer.
        threshold: float, in nats; an answer whose score is below is none. None when every
            question has an answer.

    Raises:
        ValueError: for a tokenizer with added tokens that hold punctuation, or with any when its
            tokens cross marks.
    """

    name = "span_finder"
    settings: typing.ClassVar[Settings] = {
        "max_length": int,
        "overlap": int,
        "longest": int,
        "threshold": lambda value: None if value is None else float(value),
    }
    texts: tuple[str, ...] = ("question", "context")
    output: str = "answer"
    pairs = True
    window = 256
    remedy = "Ask in fewer words; a question has half of a row of max_length, and 64 tokens."

    def __init__(
        self,
        tokenizer: Tokenizer,
        max_length: int = 384,
        overlap: int = 128,
        longest: int = 30,
        threshold: float | None = 0.0,
    ) -> None:
        # A mask is no token of a context: what looks like one there is text.
        added = set(getattr(tokenizer, "added_tokens", {})) - {tokenizer.mask}
        if tokenizer.crosses_marks:
            added -= tokenizer.in_units.tokens.keys()
            if added:
                raise ValueError(
                    "Expected a tokenizer without such added tokens, since an answer is a "
                    f"stretch of the pieces of a context; received {min(added)!r}. Choose another "
                    "tokenizer."
                )
        if cut := sorted(token for token in added if any(map(stands_alone, token))):
            raise ValueError(
                "Expected added tokens without punctuation, since a context is cut at it to find "
                f"answers; received {cut[0]!r}. Choose another tokenizer."
            )
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.overlap = overlap
        self.longest = longest
        self.threshold = threshold

    def clean(self, given: tuple[str, str]) -> tuple[str, list[Unit]]:
        """The question, and the context cut into units."""
        check_pair(given)
        question, context = given
        return question, self.tokenizer.units(normalize(context))

    def rows(self, given: tuple[str, list[Unit]]) -> list[Window]:
        return windows(self.tokenizer, *given, self.max_length, self.overlap)

    @property
    def limit(self) -> str:
        return f"questions of at most {longest_question(self.max_length)} tokens"

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[Answer]:
        context = [unit.text for unit in given[1]]
        spans = (each["outputs"] for each in outputs)  # first and last position, score
        part, (first, last, score) = max(zip(rows, spans, strict=True), key=lambda pair: pair[1][2])
        if not part.units or (self.threshold is not None and score < self.threshold):
            return [Answer("", float(score), 0, was_cut(rows))]
        begin, end = (part.units[int(place) - part.start] for place in (first, last))
        text = "".join(context[begin : end + 1])
        # A normalised text has no other white space; str.strip alone would strip U+001F too.
        start = len("".join(context[:begin])) + len(text) - len(text.lstrip(" "))
        return [Answer(text.strip(" "), float(score), start, was_cut(rows))]

    def read_graph(
        self,
        context: tf.RaggedTensor,
        windows: tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.RaggedTensor, tf.Tensor],
        spans: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """`read` in a TensorFlow graph.

        Args:
            context: ragged strings `(B, None)`, units.
            windows: what `windows_graph` returns of it, `W` rows in all.
            spans: float tensor `(W, 3)`: first and last position, and score.

        Returns:
            strings `(B,)`, the answers, and float32 `(B,)`, their scores.
        """
        import tensorflow as tf

        _, counts, starts, owners, _ = windows
        # The best part of each context: (B,), its place among all rows.
        scores = tf.RaggedTensor.from_row_lengths(spans[:, 2], counts)
        best = tf.argmax(scores.to_tensor(-tf.float32.max), axis=-1) + scores.row_starts()
        score = tf.gather(spans[:, 2], best)
        places = tf.cast(tf.gather(spans[:, :2], best), tf.int64) - tf.gather(starts, best)[:, None]
        # A part without a token has no unit to look up.
        units_of = tf.gather(owners, best)
        answered = units_of.row_lengths() > 0
        if self.threshold is not None:
            answered &= score >= self.threshold
        padded = tf.concat([units_of, between([0], units_of)], axis=1).to_tensor()
        places = tf.where(answered[:, None], places, 0)
        first, last = tf.unstack(tf.gather(padded, places, batch_dims=1), axis=1)
        numbers = tf.ragged.range(context.row_lengths())
        kept = (numbers >= first[:, None]) & (numbers <= last[:, None]) & answered[:, None]
        text = tf.strings.reduce_join(tf.ragged.boolean_mask(context, kept), axis=-1)
        return tf.strings.strip(text), score

    def signatures(
        self, task: Exportable
    ) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
        """`serving_default`: `question` and `context`, both a batch of `B` UTF-8 strings, to
        `answer` `(B,)`, "" for none, `score` `(B,)`, in nats above no answer, and `truncated`
        `(B,)`."""

        def find(question, context):
            cut, ids = self.tokenizer.units_graph(normalize_graph(context))
            rows = windows_graph(self.tokenizer, question, ids, self.max_length, self.overlap)
            answer, score = self.read_graph(cut, rows, task.outputs({"tokens": rows[0]})["outputs"])
            return {"answer": answer, "score": score, "truncated": rows[-1] > 0}

        return {"serving_default": (find, strings("question", "context"))}

    @classmethod
    def served_inputs(cls, inputs: Sequence[typing.Any]) -> tuple[str, dict[str, typing.Any]]:
        return "serving_default", columns(cls.texts, inputs)
