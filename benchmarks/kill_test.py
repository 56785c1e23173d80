"""Kills training again and again, and compares what it ends with to runs that were not killed.

    python benchmarks/kill_test.py docs/results/kill_test.txt --kills 300

Small runs of `kerasseq.recipes.train` are killed from outside at a random time (SIGKILL, SIGTERM,
SIGINT), and from inside in the middle of a write: at a random `os.replace` or `os.fsync`, before or
behind it, by SIGKILL or by a full disk. Each is started again until it ends, also when a process
dies that nobody killed. Its weights, history, tokenizers and description are then compared byte by
byte with those of a run in one go.

The log has a line for each run; the same command goes on behind the last one, under the backend
that KERAS_BACKEND names then. `--minutes` ends it earlier, and `--kills 3` is a look at whether all
works.
"""

import argparse
import collections
import errno
import hashlib
import multiprocessing
import os
import pathlib
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import typing
import warnings

from kerasseq.data.numbers import number_pairs

PAIRS = {"train": 160, "validation": 30, "test": 1}
BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")
MOST_CRASHES = 3  # of a process that nobody killed
STEPS = 2  # from one checkpoint to the next
SMALL = {
    "batches": {"tokens_per_batch": 256, "max_length": 40},
    "search": {"kind": "greedy"},
    "translation": {"max_length": 8, "bleu_tokenize": "none"},
}
TRAINING = {
    "epochs": 3,
    "seed": 5,
    "learning_rate": 0.01,
    "clip_norm": 1.0,
    "label_smoothing": 0.1,
    "deterministic": True,
    "checkpoint_steps": STEPS,
}
WORDS = {"kind": "word"}
PIECES = {"kind": "sentencepiece", "vocabulary_size": 60}
RUNS = {
    "Transformer, EMA, early stopping, pieces": {
        "source_tokenizer": WORDS,
        "target_tokenizer": PIECES,
        "model": {"kind": "Transformer", "hidden_dim": 16, "num_layers": 1, "num_heads": 2,
                  "feed_forward_dim": 32, "dropout": 0.2},
        "training": TRAINING | {"ema": 0.9, "patience": 2, "schedule": "cosine"},
    },
    "LSTM with attention, checkpoint averaging, BLEU, words": {
        "source_tokenizer": WORDS,
        "target_tokenizer": WORDS,
        "model": {"kind": "AttentionSeq2Seq", "cell": "lstm", "embedding_dim": 8, "hidden_dim": 16,
                  "dropout": 0.2},
        "training": TRAINING | {
            "average_last": 2, "quality_every": 2, "schedule": "inverse_square_root",
            "warmup_steps": 4, "initialize_output_bias": True,
        },
    },
}  # fmt: skip


class Watched(typing.NamedTuple):
    """What a process tells of itself: multiprocessing.Value each.

    Attributes:
        calls: int, calls of `os.replace` and `os.fsync`.
        first, last: int, the first and the last batch of the run that it trained on, from 0; -1
            for none.
    """

    calls: typing.Any
    first: typing.Any
    last: typing.Any


def learn(recipe, run, aim, place, watched):
    """One process: trains, and ends itself at a call of the system where it is told to.

    Args:
        recipe: dict of sections.
        run: path of the run folder.
        aim: "kill before", "kill behind" or "disk full"; None for none.
        place: int, the call of `os.replace` and `os.fsync` that is meant.
        watched: Watched.
    """
    log = os.open(run.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for handle in (1, 2):
        os.dup2(log, handle)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background
    for name in ("replace", "fsync"):
        setattr(os, name, _aimed(getattr(os, name), aim, place, watched.calls))
    import keras

    from kerasseq.recipes import train

    class Steps(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            watched.last.value = self.epoch * self.params["steps"] + batch
            if watched.first.value < 0:
                watched.first.value = watched.last.value

    train(recipe, run, [Steps()])


def _aimed(call, aim, place, counts):
    def counted(*arguments):
        counts.value += 1
        here = counts.value == place
        if here and aim == "disk full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if here and aim == "kill before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = call(*arguments)
        if here and aim == "kill behind":
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return counted


def start(fork, recipe, run, aim=None, place=0, seconds=None, by=None):
    """Runs a process, and kills it after so many seconds.

    Returns:
        its exit code, and the numbers of a Watched.
    """
    watched = Watched(*(fork.Value("q", value) for value in (0, -1, -1)))
    process = fork.Process(target=learn, args=(recipe, run, aim, place, watched))
    process.start()
    process.join(seconds)
    if process.is_alive():
        os.kill(process.pid, by)
        process.join(300)
        if process.is_alive():
            raise RuntimeError(f"Expected the process to end of {by!r}; it runs on.")
    return process.exitcode, Watched(*(each.value for each in watched))


def ends_with(run):
    """The SHA-256 of a finished run's weights, description, tokenizers and history."""
    files = [*sorted((run / "translator").rglob("*.*")), run / "history.csv"]
    return {
        str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }


def write_recipes(folder):
    """The recipes of `RUNS` over files in a folder: a dict."""
    data = {}
    for (part, _), pairs in zip(PAIRS.items(), number_pairs(**PAIRS), strict=True):
        for side, texts in zip(("source", "target"), zip(*pairs, strict=True), strict=True):
            path = folder / f"{part}.{side}"
            path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
            data[f"{part}_{side}"] = str(path)
    base = {"data": data, **SMALL}
    return {name: base | sections for name, sections in RUNS.items()}


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("log", type=pathlib.Path)
    arguments.add_argument("--kills", type=int, default=300)
    arguments.add_argument("--minutes", type=float, default=float("inf"))
    given = arguments.parse_args()
    # Each process has TensorFlow's code, and nothing of another's state.
    fork = multiprocessing.get_context("forkserver")
    fork.set_forkserver_preload(["tensorflow", BACKEND, "keras", "kerasseq.recipes.train"])
    begun, lines, wholes = time.time(), read_log(given.log), {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        recipes = write_recipes(folder)
        while kills(lines) < given.kills and time.time() - begun < 60 * given.minutes:
            number = len(lines)
            name = list(recipes)[number % len(recipes)]
            if name not in wholes:
                wholes[name] = in_one_go(fork, recipes[name], folder / f"whole-{len(wholes)}")
            draw = random.Random(f"run {number}")
            found = one_run(fork, recipes[name], folder / f"run-{number}", wholes[name], draw)
            lines.append(f"run {number}, {BACKEND}, {name}: {found}")
            print(lines[-1], flush=True)
            write_log(given.log, lines, recipes)
            shutil.rmtree(folder / f"run-{number}", ignore_errors=True)
    print(given.log.read_text(encoding="utf-8"))
    return any(not line.endswith("ended, equal") for line in lines)


def in_one_go(fork, recipe, run):
    """What a run ends with that is not killed, its seconds, and its calls of the system."""
    clock = time.time()
    code, watched = start(fork, recipe, run)
    if code:
        said = run.with_suffix(".log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"Expected the run in one go to end; received {code}: {said}")
    return ends_with(run), time.time() - clock, watched.calls


def one_run(fork, recipe, run, whole, draw):
    """Trains a run with up to eight kills, and says what came of it."""
    expected, seconds, calls = whole
    killed, lost, before = collections.Counter(), [], -1
    for left in reversed(range(9)):
        kind = draw.choice(["time", "time", "aim"]) if left else None
        options, label = {}, ""
        if kind == "time":
            by = draw.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
            options = {"seconds": draw.uniform(0.1, 1.0) * seconds, "by": by}
            label = by.name
        elif kind == "aim":
            aim = draw.choice(["kill before", "kill behind", "disk full"])
            options = {"aim": aim, "place": draw.randint(1, max(calls // 2, 1))}
            label = aim if aim == "disk full" else f"{aim} a write"
        code, watched = start(fork, recipe, run, **options)
        if before >= 0 and watched.first >= 0:
            lost.append(before + 1 - watched.first)
        before = max(before, watched.last) if watched.first < 0 else watched.last
        while not left and code < 0 and killed["crash of its own"] < MOST_CRASHES:
            print(run.with_suffix(".log").read_text(errors="replace")[-2000:], flush=True)
            killed["crash of its own"] += 1
            code, watched = start(fork, recipe, run)
        if code == 0 or not left:
            break
        killed[label] += 1
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(killed.items())) or "none"
    starts = 9 - left + killed["crash of its own"]
    told = f"{sum(killed.values())} kills ({told}), {starts} starts, steps lost {lost}, "
    if code:
        print(run.with_suffix(".log").read_text(errors="replace")[-2000:], flush=True)
        return told + "lost"
    return told + ("ended, equal" if ends_with(run) == expected else "ended, other")


LINE = re.compile(
    r"run \d+, \w+, (.+): (\d+) kills \((.*)\), (\d+) starts, steps lost \[(.*)\], (lost|ended, .+)"
)


def read_log(path):
    """The lines of the runs that a log has."""
    if not path.is_file():
        return []
    return [line for line in path.read_text(encoding="utf-8").splitlines() if LINE.fullmatch(line)]


def kills(lines):
    return sum(int(LINE.fullmatch(line)[2]) for line in lines)


def write_log(path, lines, recipes):
    """Writes what came of all runs, and a line for each."""
    text = ["python benchmarks/kill_test.py docs/results/kill_test.txt", ""]
    for name in recipes:
        found = [each for each in map(LINE.fullmatch, lines) if each[1] == name]
        killed = collections.Counter()
        for each in found:
            for kind in filter(None, each[3].replace("none", "").split(", ")):
                count, _, kind = kind.partition(" ")
                killed[kind] += int(count)
        lost = [int(step) for each in found for step in each[5].split(", ") if step]
        ended = [each[6] for each in found]
        text += [
            name,
            f"  {sum(killed.values())} kills: "
            + ", ".join(f"{count} {kind}" for kind, count in sorted(killed.items())),
            f"  {sum(int(each[4]) for each in found)} starts of {len(found)} runs, "
            f"{ended.count('lost')} lost; {sum(each != 'lost' for each in ended)} ended, "
            f"{ended.count('ended, equal')} of them with weights, history, tokenizers and "
            "description equal, byte by byte, to the run in one go",
            f"  steps lost by a kill: {sum(lost) / max(len(lost), 1):.1f} on average, "
            f"{max(lost, default=0)} at most; a checkpoint every {STEPS}",
        ]
    path.write_text("\n".join([*text, "", *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
