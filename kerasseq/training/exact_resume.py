"""Training that was killed and goes on, to the very weights of a run that was not."""

from __future__ import annotations

import logging
import time
import typing
import warnings

import keras

from kerasseq.folder_lock import lock, unlock
from kerasseq.text.checks import is_number
from kerasseq.training import callback_state, run_state
from kerasseq.training.checkpoint_folder import CheckpointFolder
from kerasseq.training.fit_loop import FitLoop

if typing.TYPE_CHECKING:
    from collections.abc import Callable

    from kerasseq.files import AnyPath

LOG = logging.getLogger("kerasseq.training")
Logs: typing.TypeAlias = dict[str, float] | None


class ExactResume(keras.callbacks.Callback):
    """Saves a run while `fit` trains it, and goes on where it was killed.

    Run the same script again: the run ends with the weights, history and scores of one that was
    never killed, bit for bit, on the same machine, with as many threads and with deterministic
    operations. A checkpoint holds the model, the optimizer with its averages and step, the metrics,
    the seeds of Keras, Python and NumPy, and what the other callbacks remember in attributes that
    are numbers, texts, arrays, or lists and dicts of them: the best score, the epochs waited, the
    history; not those that a callback names in `not_resumed`, such as its clock's. The data is read
    again up to its place, so its order must be one that the same script gives again: give every
    shuffle a seed. Files that other callbacks wrote are as these left them.

    Args:
        folder: path of a folder for the checkpoints of this run alone, two at most. Another process
            that works in it is refused.
        every_steps: int, batches from one checkpoint to the next, each written once another batch
            has followed; None for none within an epoch. There is one at each epoch's end.
        every_minutes: float, minutes from one checkpoint to the next; None for none.
        depends_on: dict from what the run depends on to its hash or name, such as
            `{"train.tsv": sha256}`; a run that began with another is refused.
        log: function that is called with a line on where the run goes on.
        writes: bool; False for one of several processes that train as one, which goes on with
            another's checkpoints.

    Raises:
        ValueError: for `every_steps` or `every_minutes` not above 0; when training begins, for
            checkpoints of another model, optimizer or `depends_on`, or for damaged ones alone.
        BlockingIOError: when another process trains in the folder.
        OSError: when a checkpoint cannot be written; the one before stays.
    """

    def __init__(
        self,
        folder: AnyPath,
        *,
        every_steps: int | None = None,
        every_minutes: float | None = None,
        depends_on: dict[str, str] | None = None,
        log: Callable[[str], object] = LOG.info,
        writes: bool = True,
    ) -> None:
        super().__init__()
        for name, value in (("every_steps", every_steps), ("every_minutes", every_minutes)):
            if value is not None and (not is_number(value) or value <= 0):
                raise ValueError(
                    f"Expected {name} above 0; received {value}. Leave it out for checkpoints at "
                    "the epochs' ends alone."
                )
        self.checkpoints: CheckpointFolder = CheckpointFolder(folder)
        self.every_steps = every_steps
        self.every_minutes = every_minutes
        self.depends_on: dict[str, str] = dict(depends_on or {})
        self.log = log
        self.writes = writes

    def on_train_begin(self, logs: Logs = None) -> None:
        if self.writes:
            self._take()
        self._loop = FitLoop(self.model)
        self._first_epoch: int = self._loop.first_epoch
        self._place, self._steps, self._saved_at = (self._first_epoch, 0), 0, time.monotonic()
        self._pending = self.checkpoints.newest()
        self._held = None  # a checkpoint that is not written yet
        self._finished: bool = False
        if self._pending is not None:
            self._go_to(self._pending[0])
        # One acts before the others, this one after them.
        self._before = keras.callbacks.LambdaCallback(
            on_epoch_begin=self._before_epoch, on_train_end=self._before_end
        )
        self._as_made = None
        self._loop.put_around(self._before, self)

    def _take(self):
        owner = lock(self.checkpoints.path)
        if owner is not None:
            self.log(f"process {owner} was ended in this run")
        self.checkpoints.tidy()

    def _go_to(self, state):
        """Sets the data, and the epoch that `fit` begins with, where a checkpoint was."""
        self._check(state)
        epoch, batch = state["epoch"], state["batch"]
        self._first_epoch = state["first_epoch"]
        self._finished = state["stopped"] or epoch >= self.params["epochs"]
        if self._finished:
            seen = self._loop.go_to(0, 1)
            self.model._initial_epoch = max(epoch, self.params["epochs"])
        else:
            self.log(f"goes on after {epoch} epochs and {batch} batches of the next")
            seen = self._loop.go_to(epoch - self._first_epoch, batch)
            self.model._initial_epoch = epoch
        if seen is not None:  # Keras' own way to make the variables that the first step would
            self.model._symbolic_build(data_batch=seen)
        if self._finished:
            run_state.set_variables(self.model, self._pending[1], metrics=False)

    def _check(self, state):
        """Refuses a run of something else, and says which packages have changed."""
        for name in sorted({*state["depends_on"], *self.depends_on}):
            before, now = state["depends_on"].get(name), self.depends_on.get(name)
            if before != now:
                raise ValueError(
                    f"Expected {name} as the run in {self.checkpoints.path} began with, "
                    f"{_short(before)}; received {_short(now)}. Put it back, or name a new folder."
                )
        before, now = state["environment"], run_state.environment()
        for name in sorted({*before, *now}):
            if before.get(name) != now.get(name):
                line = (
                    f"The run was saved with {name} {before.get(name)} and goes on with "
                    f"{now.get(name)}: it may end with other weights than a run in one go."
                )
                warnings.warn(line, stacklevel=2)
                self.log(line)

    def _before_epoch(self, epoch, logs):
        """An epoch that the others are to begin begins with what they remember."""
        if self._as_made is None:
            self._as_made = self._remembered()
            if self._pending is not None and not self._pending[0]["batch"]:
                self._restore()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        if self._pending is not None:  # within an epoch, which the others had begun
            self._restore()
        else:
            self._place = epoch, 0

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        (epoch, before), self._place = self._place, (self._place[0], batch + 1)
        self._steps += batch + 1 - before
        due = self.every_steps is not None and self._steps >= self.every_steps
        if self.every_minutes is not None:
            due = due or time.monotonic() - self._saved_at >= 60 * self.every_minutes
        if self._held is not None:
            self._write(self._held)
        if due and not self.model.stop_training:
            # `fit` cannot go on behind an epoch's last batch, and which that is it may not know:
            # this one is not the last once another has followed.
            self._held = self._checkpoint(epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._write(self._checkpoint(epoch + 1, 0))

    def _before_end(self, logs):
        """A run that had ended is ended again by callbacks that remember it."""
        if self._pending is not None:
            self._restore()

    def on_train_end(self, logs: Logs = None) -> None:
        self.model._initial_epoch = None
        if self.writes:
            unlock(self.checkpoints.path)

    def _others(self):
        """The other callbacks by name: of a class, the first, the second …"""
        counts, found = {}, {}
        for each in self._loop.callbacks.callbacks:
            if each not in (self, self._before):
                kind = type(each).__name__
                counts[kind] = counts.get(kind, 0) + 1
                found[f"{kind} {counts[kind]}"] = each
        return found

    def _remembered(self):
        return {
            name: callback_state.remembered(each, name) for name, each in self._others().items()
        }

    def _checkpoint(self, epoch, batch):
        """The run as it is: what `CheckpointFolder.write` takes."""
        arrays, callbacks = run_state.variables(self.model), {}
        for name, now in self._remembered().items():
            # What did not change was set by the script, which may set it otherwise next time.
            held = callback_state.changed(self._as_made.get(name, {}), now)
            callbacks[name] = {attribute: value for attribute, (value, _) in held.items()}
            for _, inside in held.values():
                arrays |= inside
        state = {
            "epoch": epoch,
            "batch": batch,
            "first_epoch": self._first_epoch,
            "stopped": bool(self.model.stop_training),
            "callbacks": callbacks,
            "draws": run_state.draws(arrays),
            "depends_on": self.depends_on,
            "environment": run_state.environment(),
        }
        self._steps, self._saved_at = 0, time.monotonic()
        return epoch, batch, state, arrays

    def _write(self, checkpoint):
        self._held = None
        if self.writes:
            self.checkpoints.write(*checkpoint)

    def _restore(self):
        """Sets the run's numbers, and what the other callbacks remember, as a checkpoint has
        them."""
        (state, arrays), self._pending = self._pending, None
        within = bool(state["batch"])
        if not self._finished:
            # At an epoch's end the metrics hold what validation left in them.
            run_state.set_variables(self.model, arrays, metrics=within)
        others = self._others()
        for name, held in state["callbacks"].items():
            if name in others:
                callback_state.restore(others[name], held, arrays)
            elif held and self.writes:
                warnings.warn(
                    f"The run had a callback {name}, which it has no more: what it remembered is "
                    "left out.",
                    stacklevel=2,
                )
        run_state.set_draws(state["draws"], arrays)
        self._place = state["epoch"], state["batch"]
        self.model._initial_epoch = None


def _short(value):
    return "none" if value is None else f"{value:.16}"
