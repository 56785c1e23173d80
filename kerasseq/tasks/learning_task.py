"""How a task that writes text learns: from new, or from what it knows."""

from __future__ import annotations

import copy
import typing
from collections.abc import Iterable

from kerasseq import metrics, models, training
from kerasseq.doctor import warn
from kerasseq.lazily import keras
from kerasseq.processing.answering import Each, Found, One, Said
from kerasseq.tasks.fit_options import check_fit_options, held_out
from kerasseq.tasks.task import Task

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches


class LearningTask(Task[One, Each, Said, Found]):
    """A task whose Seq2Seq model learns from pairs of an input and a text.

    A subclass sets `corpus` and implements `batches`.
    """

    def fit(
        self,
        corpus: typing.Any,
        *,
        epochs: int = 3,
        batch_size: int | None = None,
        tokens_per_batch: int | None = None,
        learning_rate: float = 1e-4,
        warmup_steps: int | None = None,
        weight_decay: float = 0.01,
        label_smoothing: float = 0.1,
        dropout: float | None = None,
        precision: str | None = None,
        freeze: str | Iterable[str] = (),
        lora_rank: int | None = None,
        accumulation_steps: int = 1,
        validation: typing.Any = None,
        patience: int | None = None,
        tokenize: str = "13a",
        lowercase: bool = False,
        seed: int = 0,
        **options: typing.Any,
    ) -> keras.callbacks.History:
        """Trains the model on pairs: teaches a trained one new text, or a new one its first.

        A copy of the model learns, and the task gets its weights when training ends: until
        then, and when it is interrupted, the task answers as before. The optimizer is
        `kerasseq.training.fine_tuning_optimizer`; for another, compile and fit `model` with
        `batches`. Lengths are the task's: pairs beyond `max_length` (or `max_source_length`)
        are left out, which is logged, and warned of above 1 %. What `examine` finds is warned of
        before training, and what `kerasseq.training.Doctor` finds while it runs.

        Args:
            corpus: ParallelText; of a captioner CaptionedImages.
            epochs: int.
            batch_size: int, pairs of a batch; this or `tokens_per_batch`.
            tokens_per_batch: int, the most padded tokens of the longer side in a batch.
            learning_rate: float, the peak. LoRA and new models want ten times more.
            warmup_steps: int, steps of the optimizer until the peak, after which the rate falls
                to nothing; a tenth of the run's by default.
            weight_decay: float, of matrices.
            label_smoothing: float; see `SequenceCrossentropy`.
            dropout: float in training, in the place of the model's own; a student that came
                from elsewhere may have none.
            precision: "mixed_bfloat16" to train so; the model's own by default.
            freeze: parts that do not change, such as "encoder" or ["embeddings"]; see
                `kerasseq.training.freeze`.
            lora_rank: int, trains two matrices of this rank beside each that Keras can adapt,
                and nothing else; they are merged in the end. See `kerasseq.training.enable_lora`.
            accumulation_steps: int, batches a step of the optimizer, whose tokens count alike.
            validation: corpus held out, or the share of `corpus` to hold out, such as 0.1. Each
                epoch is measured on it, with real answers, and the one with the best BLEU stays.
            patience: int, epochs without a better BLEU after which training stops; None for all.
            tokenize: str, of BLEU: sacreBLEU's tokenizer; "none" for text that is tokenised
                already, "char" for single words.
            lowercase: bool, of BLEU: compare without case.
            seed: int, of the order and of a share held out.
            **options: as for `keras.Model.fit`: `callbacks`, `verbose`.

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: for another corpus, one without a pair to learn, or a part, a rank or
                another option that the model cannot take.
            FloatingPointError: when the loss is no longer finite.
        """
        from kerasseq.data.accumulated_batches import accumulated_batches, counted_batches

        counts = {"epochs": epochs, "accumulation_steps": accumulation_steps}
        check_fit_options(self.fit, counts, learning_rate, options)
        if patience is not None and validation is None:
            raise ValueError(
                f"Expected validation text for patience={patience}; received none. Give a corpus "
                "or a share of this one, such as validation=0.1."
            )
        self.check_corpus(corpus)
        if getattr(corpus, "alignments", None):
            self.model.check_aligns()
        if isinstance(validation, float):
            corpus, validation = self.hold_out(corpus, validation, seed)
        sizes = {"batch_size": batch_size, "tokens_per_batch": tokens_per_batch}
        learner = self._learner(dropout, precision, freeze, lora_rank)
        batches = counted_batches(self.batches(corpus, **sizes, shuffle=True, seed=seed))
        parts, validation_data = accumulation_steps > 1, None
        batches = accumulated_batches(batches, accumulation_steps) if parts else batches
        callbacks, measured = [training.RaiseOnNonFiniteLoss()], None
        if validation is not None:
            self.check_corpus(validation)
            validation_data = self.batches(validation, **sizes)
            measured = training.TranslationMetrics(learner, validation, 1, tokenize, lowercase)
            callbacks += [measured, training.BestQuality("val_bleu", patience)]
        warn(self.examine(corpus, validation))
        callbacks.append(training.Doctor(quality=measured))
        optimizer = training.fine_tuning_optimizer(
            learner.model,
            epochs * len(batches) // accumulation_steps,
            learning_rate,
            warmup_steps,
            weight_decay,
            accumulation_steps=accumulation_steps,
        )
        learner.model.compile(optimizer, **self.objective(label_smoothing, parts))
        callbacks += options.pop("callbacks", None) or ()
        history = learner.model.fit(
            batches,
            validation_data=validation_data,
            epochs=epochs,
            shuffle=False,
            callbacks=callbacks,
            **options,
        )
        self.model.set_weights(training.merged_weights(learner.model))
        history.set_model(self.model)
        return history

    def _learner(self, dropout, precision, parts, lora_rank):
        """The same task with a copy of the model, as it is trained."""
        given = {"dropout": dropout, "dtype": precision}
        changes = {name: value for name, value in given.items() if value is not None}
        learner = copy.copy(self)
        learner.model, learner._compiled = models.copy_model(self.model, **changes), {}
        training.freeze(learner.model, parts)
        if lora_rank is not None:
            training.enable_lora(learner.model, lora_rank)
        return learner

    def batches(
        self,
        corpus: typing.Any,
        *,
        batch_size: int | None = None,
        tokens_per_batch: int | None = None,
        shuffle: bool = False,
        seed: int = 0,
    ) -> Batches:
        """Padded batches of a corpus within the task's lengths, for `model.fit`; see the
        corpus' own."""
        raise NotImplementedError(f"{type(self).__name__} must implement batches.")

    def hold_out(
        self, corpus: typing.Any, share: float, seed: int = 0
    ) -> tuple[typing.Any, typing.Any]:
        """A part of a corpus to train on, and a share held out; no line stands in both."""
        return held_out(corpus, share, seed)

    def objective(
        self, label_smoothing: float = 0.0, accumulated: bool = False, r_drop: float = 0.0
    ) -> dict[str, typing.Any]:
        """The loss and the metrics of training: a dict of arguments for `model.compile`.

        Args:
            label_smoothing: float.
            accumulated: bool, for `kerasseq.data.accumulated_batches`.
            r_drop: float; see `SequenceCrossentropy`.
        """
        loss = training.AccumulatedCrossentropy if accumulated else training.SequenceCrossentropy
        return {
            "loss": loss(label_smoothing, r_drop=r_drop),
            "weighted_metrics": [metrics.Perplexity(), metrics.TokenAccuracy()],
        }
