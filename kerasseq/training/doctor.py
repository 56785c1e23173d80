"""The training doctor: says once what goes wrong while a model learns."""

from __future__ import annotations

import itertools
import math
import typing
from collections.abc import Callable, Iterable

import keras
import numpy as np
from keras import ops

from kerasseq.doctor.finding import Finding, warn
from kerasseq.doctor.learning import (
    SPANS,
    check_attention,
    check_losses,
    check_norms,
    check_rates,
)
from kerasseq.doctor.outputs import check_outputs
from kerasseq.processing.padding import pad

if typing.TYPE_CHECKING:
    from kerasseq.training.translation_metrics import TranslationMetrics

Logs: typing.TypeAlias = dict[str, float] | None

BATCHES = 50  # of a span, where the length of the run is not known
LEAST = 10  # of a span: the losses of fewer are mostly luck
NORM_BATCHES = 20  # from one norm of the gradients to the next
LOOKED_AT = 8  # pairs whose attention is looked at
STEPS = 12  # of their targets, at most


class Doctor(keras.callbacks.Callback):
    """Says what goes wrong while a model learns, each thing once.

    - When training begins: a learning rate that still rises at the end of the run.
    - At each twentieth of the run, ten batches at least, from the tenth on: a loss that does not
      fall, or rose again.
    - Every 20 batches: gradients whose norm is 30 times the usual. It is read from what Adam and
      its like remember, that is after clipping; of other optimizers from how far the weights went.
    - From the middle of the run on, at each epoch's end: attention that is the same at each step;
      answers that copy their source, repeat themselves, or are all the same.

    It changes nothing, and draws no random numbers. For the text see `kerasseq.doctor.examine`.

    Args:
        translator: Translator of the model in training, to look at its attention; by default that
            of `quality`.
        pairs: iterable of `(source, target)` str, of which eight are looked at; by default those
            of `quality`.
        quality: TranslationMetrics, whose answers are looked at; it stands before this among the
            callbacks. None to look at no answers.
        say: function that is called with a list of Finding; by default each is a DoctorWarning.

    Attributes:
        said: list of str, the names of what was found.
    """

    not_resumed: tuple[str, ...] = ("_weights",)

    def __init__(
        self,
        translator: typing.Any = None,
        pairs: Iterable[tuple[str, str]] = (),
        quality: TranslationMetrics | None = None,
        say: Callable[[list[Finding]], object] = warn,
    ) -> None:
        super().__init__()
        if quality is not None and translator is None and hasattr(quality.translate, "source_ids"):
            translator = quality.translate
            pairs = zip(quality.sources, quality.references, strict=True)
        self.translator = translator
        self.pairs: list[tuple[str, str]] = list(itertools.islice(pairs, LOOKED_AT))
        self.quality = quality
        self.say = say
        self.said: list[str] = []

    def on_train_begin(self, logs: Logs = None) -> None:
        self.losses: list[float] = []
        self.norms: list[float] = []
        self._span: list[float] = [0.0, 0]  # the sum of losses, and the batches
        self._squares: list[float] = [0.0, 0]  # what Adam remembered, and at which step
        self._seen: int = 0
        self._weights: list[np.ndarray] | None = None
        if self.params["steps"]:
            self._tell(check_rates(self._rates()))

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._before: list[float] = [0.0, 0]  # of this epoch: the sum of losses, and the batches

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        loss, batches = float((logs or {}).get("loss", math.nan)), batch + 1
        total = loss * batches  # Keras logs the mean of the epoch so far
        self._span = [
            self._span[0] + total - self._before[0],
            self._span[1] + batches - self._before[1],
        ]
        self._seen += batches - self._before[1]
        self._before = [total, batches]
        steps = self.params["steps"]
        if self._span[1] >= (
            max(LEAST, steps * self.params["epochs"] // SPANS) if steps else BATCHES
        ):
            self.losses.append(self._span[0] / self._span[1])
            self._span = [0.0, 0]
            if len(self.losses) >= SPANS // 2:
                self._tell(check_losses(self.losses))
        if self._seen >= NORM_BATCHES:
            self._seen = 0
            self._add_norm()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if 2 * (epoch + 1) < self.params["epochs"]:
            return
        if self.quality is not None and self.quality.answers:
            quality = self.quality
            self._tell(check_outputs(quality.sources, quality.answers, quality.references))
        if self.translator is not None and self.pairs and self.translator.model.attends:
            self._tell(check_attention(attention_to(self.translator, self.pairs)))

    def _tell(self, findings):
        new = [each for each in findings if each.name not in self.said]
        self.said += [each.name for each in new]
        if new:
            self.say(new)

    def _optimizer(self):
        """The optimizer itself, without what scales the loss for it."""
        return getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)

    def _rates(self):
        """The learning rates at even distances of the run."""
        rate = self._optimizer()._learning_rate
        if not callable(rate):
            return []
        steps = self.params["steps"] * self.params["epochs"]  # batches, by which Keras asks
        return [float(rate(step)) for step in np.linspace(0, max(steps - 1, 0), SPANS, dtype=int)]

    def _add_norm(self):
        """Adds the norm of the gradients since the last time."""
        if hasattr(self.model, "jax_state_sync"):  # JAX keeps the numbers beside the model
            self.model.jax_state_sync()
        optimizer = self._optimizer()
        beta, squares = getattr(optimizer, "beta_2", None), getattr(optimizer, "_velocities", None)
        step = int(optimizer.iterations)
        if beta is not None and squares:
            # v ← β v + (1 - β) g²: the mean of g² over some steps follows from both ends.
            now, (before, at) = float(sum(ops.sum(each) for each in squares)), self._squares
            kept = beta ** (step - at)
            self._squares = [now, step]
            square = (now - kept * before) / max(1 - kept, 1e-12)
        else:
            now = [ops.convert_to_numpy(each) for each in self.model.trainable_variables]
            before, self._weights = self._weights, now
            if before is None:
                return
            square = sum(
                float(np.sum(np.square(new - old, dtype="float64")))
                for new, old in zip(now, before, strict=True)
            )
            square /= max(float(optimizer.learning_rate), 1e-30) ** 2
        self.norms.append(max(square, 0.0) ** 0.5 if math.isfinite(square) else math.inf)
        self._tell(check_norms(self.norms))


def attention_to(translator: typing.Any, pairs: Iterable[tuple[str, str]]) -> list[np.ndarray]:
    """The attention of a model that writes given targets.

    Args:
        translator: Translator.
        pairs: iterable of `(source, target)` str.

    Returns:
        list of float arrays `(T, S)`, one for each pair; of a target the first 12 tokens.
    """
    model, processor = translator.model, translator.processor
    pairs = list(pairs)
    sources = [translator.source_ids(source) for source, _ in pairs]
    targets = [processor.given_ids(processor.target_ids(target))[:STEPS] for _, target in pairs]
    ids, given = (ops.convert_to_tensor(pad(each), "int32") for each in (sources, targets))
    memory = model.encode(ids)
    state = model.initial_state(memory, given.shape[1])
    memory, weights = model.spread(memory, 1), []
    for step in range(given.shape[1]):
        now = ops.convert_to_tensor(step, "int32")
        _, state, attention = model.decode_step(given[:, step], state, memory, now)
        weights.append(ops.convert_to_numpy(ops.cast(attention, "float32")))  # (B, S)
    found = np.stack(weights, 1)  # (B, T, S)
    return [
        row[: len(target), : len(source)]
        for row, source, target in zip(found[: len(pairs)], sources, targets, strict=True)
    ]
