"""What a terminal shows while a run trains: as much as it has room for."""

import io
import re
import time
import types

import keras
import numpy as np
import pytest
from rich.console import Console

from kerasseq.models import RecurrentTextEncoder, SequenceClassifier
from kerasseq.recipes.progress import Progress, stages
from kerasseq.recipes.run_log import RunLog

LOGS = {"loss": 2.3456, "perplexity": 10.44, "accuracy": 0.5}
REPORT = {"real_tokens": 4000, "batches": 40}


def shown(width, monkeypatch, folder, logs=LOGS, steps=40):
    """What a terminal of `width` columns shows in the second of four epochs."""
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=True, _environ={"TERM": "xterm"})
    progress = Progress(RunLog(folder, console), REPORT)
    progress.set_params({"epochs": 4, "steps": steps})
    progress.set_model(types.SimpleNamespace(optimizer=types.SimpleNamespace(learning_rate=1e-3)))
    now = [100.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    with progress.bar:
        progress.on_train_begin()
        for epoch in range(2):
            progress.on_epoch_begin(epoch)
            for batch in range(40 if epoch == 0 else 20):
                now[0] += 0.5
                progress.on_train_batch_end(batch, logs)
            if epoch == 0:
                progress.on_epoch_end(epoch, logs | {"val_loss": 1.0})
        progress.bar.refresh()
    lines = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue()).replace("\r", "\n").split("\n")
    found = [line.strip() for line in lines if line.startswith("epoch 2/4")]
    assert all(len(line) <= width for line in lines)
    return found[-1]


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (120, "50% loss 2.35  50 s left  perplexity 10.4  200 tokens/s  rate 1.0e-03"),
        (80, "50% loss 2.35  50 s left  perplexity 10.4  200 tokens/s"),
        (40, "epoch 2/4  50% loss 2.35  50 s left"),
        (24, "epoch 2/4  50% loss 2.35"),
    ],
)
def test_the_figures_fit_the_terminal(width, told, monkeypatch, tmp_path):
    assert shown(width, monkeypatch, tmp_path).endswith(told)


def test_a_length_that_is_not_known_promises_no_end(monkeypatch, tmp_path):
    found = shown(120, monkeypatch, tmp_path, {"loss": 1.0}, None)
    assert "loss 1  50 s left" in found  # the first epoch has told it
    assert "perplexity" not in found


def test_each_stage_is_shown_on_a_terminal_alone():
    for terminal in (True, False):
        screen = io.StringIO()
        with stages(Console(file=screen, force_terminal=terminal)) as say:
            say("preparing tokenizers")
        assert ("preparing tokenizers" in screen.getvalue()) == terminal
    with stages(None) as say:
        say("nothing")


@pytest.mark.parametrize(("width", "backend"), [(80, "jax"), (40, "jax"), (80, "tensorflow")])
def test_shapes_that_are_compiled_are_counted(width, backend, monkeypatch, tmp_path):
    """JAX calls the step in Python once for each shape, TensorFlow once for all."""
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=True, _environ={"TERM": "xterm"})
    shapes = {(2, 3 + n): 1 for n in range(14)}
    progress = Progress(RunLog(tmp_path, console), REPORT | {"shapes": shapes})
    model = types.SimpleNamespace(on_compile=None, optimizer=None)
    progress.set_params({"epochs": 4, "steps": 40})
    progress.set_model(model)
    with progress.bar:
        progress.on_train_begin()
        progress.on_epoch_begin(0)
        for _ in range(15):
            model.on_compile()
    progress.on_train_end()
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue())
    lines = [line.rstrip() for line in re.split("[\r\n]", text)]
    assert any(line.endswith(" compiling") for line in lines) and model.on_compile is None
    found = [each for each in range(1, 20) if f"compiling shape {each} of 14" in text]
    assert found == ([*range(1, 15)] if backend == "jax" else [])
    assert all(len(line) <= width for line in lines)


def test_a_model_tells_when_a_step_is_compiled():
    model = SequenceClassifier(RecurrentTextEncoder(20, 4, 4), 2)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    told = []
    model.on_compile = lambda: told.append(len(told))
    for length in (3, 3, 4):
        rows = {"tokens": np.ones((2, length), "int32")}
        model.fit(rows, np.zeros(2, "int32"), verbose=0)
    assert 1 <= len(told) <= 2
