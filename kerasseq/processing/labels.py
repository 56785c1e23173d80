"""Texts, or pairs of texts, to labels."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Sequence

from kerasseq.processing.packing import row_of_text, rows_of_texts
from kerasseq.processing.processor import Processor, Settings, columns, strings, was_cut
from kerasseq.processing.symbols import tokens_graph

if typing.TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable
    from kerasseq.text.tokenizer import Tokenizer

KINDS = ("single_label", "multi_label", "regression")
Text: typing.TypeAlias = str | tuple[str, str]
LIKELY = 0.5  # a label of several is given from this probability on


class Label(typing.NamedTuple):
    """A label and how sure the model is.

    Attributes:
        text: str, the label.
        score: float, its probability; of a regression the value.
        truncated: bool, whether the text was longer than what is read of it.
    """

    text: str
    score: float
    truncated: bool = False


class Labels(Processor):
    """Texts to a classifier's rows, and its probabilities to labels.

    Args:
        tokenizer: Tokenizer.
        labels: list of `L` str, in the order of the model's outputs.
        max_length: int, the most tokens read of a text; a longer one is cut.
        kind: "single_label", the likeliest label is said; "multi_label", all of at least one
            half; or "regression", the one output is a value.

    Raises:
        ValueError: for another kind, labels that are no list of different str, or more than one
            for a regression.
    """

    name = "classifier"
    settings: typing.ClassVar[Settings] = {"max_length": int, "labels": list, "kind": str}
    output: str = "label"
    pairs = True

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        max_length: int = 256,
        kind: typing.Literal["single_label", "multi_label", "regression"] = "single_label",
    ) -> None:
        self.tokenizer = tokenizer
        self.labels: list[str] = check_labels(labels)
        self.max_length = max_length
        self.kind = kind
        if kind not in KINDS:
            raise ValueError(
                f"Expected a kind of {', '.join(KINDS)}; received {kind!r}. Choose one."
            )
        if kind == "regression" and len(self.labels) > 1:
            raise ValueError(
                f"Expected one label, the value's name, for a regression; received "
                f"{', '.join(self.labels)}. Give one, or another kind."
            )

    def rows(self, given: typing.Any) -> list[typing.Any]:
        return [row_of_text(self.tokenizer, given, self.max_length)]

    def rows_graph(
        self, texts: tf.Tensor, seconds: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The same for strings `(B,)`, or two of them: int32 ids `(B, S)`, padded with 0, and how
        many tokens of each were cut, `(B,)`."""
        return rows_of_texts(self.tokenizer, texts, self.max_length, seconds)

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[Label]:
        row, truncated = outputs[0]["outputs"], was_cut(rows)
        order = sorted(range(len(self.labels)), key=lambda i: (-row[i], i))
        return [Label(self.labels[i], float(row[i]), truncated) for i in order]

    def say(self, found: list[Label]) -> str | list[str] | float:
        if self.kind == "single_label":
            return found[0].text
        if self.kind == "regression":
            return found[0].score
        return [each.text for each in found if each.score >= LIKELY]

    def summary(self, found: list[Label]) -> tuple[str, float]:
        text = ", ".join(self.say(found)) if self.kind == "multi_label" else found[0].text
        return text, found[0].score

    def summary_graph(self, outputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The same for a batch of outputs `(B, L)`: texts and scores `(B,)`."""
        import tensorflow as tf

        names = tf.constant(self.labels)
        if self.kind == "regression":
            return tf.repeat(names[:1], tf.shape(outputs)[0]), outputs[:, 0]
        order = tf.argsort(outputs, direction="DESCENDING", stable=True)
        best, score = tf.gather(names, order), tf.reduce_max(outputs, axis=-1)  # (B, L), (B,)
        if self.kind == "single_label":
            return best[:, 0], score
        likely = tf.gather(outputs, order, batch_dims=1) >= LIKELY
        said = tf.ragged.boolean_mask(best, likely)
        return tf.strings.reduce_join(said, axis=-1, separator=", "), score

    def signatures(
        self, task: Exportable
    ) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
        """Of a batch `B` of UTF-8 strings:

        - `serving_default`: `text` `(B,)` to `label` and `score` `(B,)`, what `summary` gives,
          to `labels` and `probabilities` `(B, L)`, in the model's order, of a regression the
          values, and to `truncated` `(B,)`;
        - `pair`: the same for `text` and `second`, both `(B,)`;
        - `attention`: `text` to `tokens` `(B, S)` and `attention` `(B, N, H, S, S)`, of an
          encoder that attends.
        """
        import tensorflow as tf

        encoder = task.model.encoder

        def classify(text, second=None):
            ids, cut = self.rows_graph(text, second)
            outputs = task.outputs({"tokens": ids})["outputs"]
            label, score = self.summary_graph(outputs)
            names = tf.repeat(tf.constant([self.labels]), tf.shape(outputs)[0], axis=0)
            return {
                "label": label,
                "score": score,
                "labels": names,
                "probabilities": outputs,
                "truncated": cut > 0,
            }

        def attention(text):
            ids, _ = self.rows_graph(text)
            return {
                "tokens": tokens_graph(self.tokenizer, ids),
                "attention": encoder.attention(ids),
            }

        found = {
            "serving_default": (classify, strings("text")),
            "pair": (classify, strings("text", "second")),
        }
        attends = {"attention": (attention, strings("text"))}
        return found | (attends if hasattr(encoder, "attention") else {})

    @classmethod
    def served_inputs(cls, inputs: Sequence[typing.Any]) -> tuple[str, dict[str, typing.Any]]:
        if any(isinstance(each, tuple | list) for each in inputs):
            return "pair", columns(("text", "second"), inputs)
        return super().served_inputs(inputs)


def check_labels(labels: Iterable[str]) -> list[str]:
    """The labels as a list; refuses what is no list of different str."""
    names = [] if isinstance(labels, str) or not hasattr(labels, "__iter__") else list(labels)
    if not names or not all(isinstance(name, str) for name in names):
        raise ValueError(
            f"Expected labels as a list of str; received {labels!r:.60} "
            f"({type(labels).__name__}). Give the label of each logit its name; of a corpus whose "
            'labels are numbers to learn, give ["value"] and kind="regression".'
        )
    if len(set(names)) != len(names):
        raise ValueError(
            f"Expected different labels, one a logit; received {', '.join(names)}. Give the list "
            "that the model was trained with."
        )
    return names
