"""Runs that several processes share: each takes one that none has."""

import contextlib
import fcntl
import json

from kerasseq.recipes.evaluate import evaluate


@contextlib.contextmanager
def claimed(folder):
    """Whether this process alone may train and measure in `folder`, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "claimed").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def measure(translator, corpus, folder, name, search=None):
    """BLEU on tokenised text, kept as `{name}.scores.json` in the folder and read back."""
    path = folder / f"{name}.scores.json"
    if not path.is_file():
        evaluate(translator, corpus, tokenize="none", search=search, run=folder, name=name)
    return json.loads(path.read_text())
