"""What a terminal shows while a run trains: as much as it has room for."""

import io
import re
import time
import types

import pytest
from rich.console import Console

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
