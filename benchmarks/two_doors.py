"""A saved translator goes on with new pairs, by `Translator.fit` and by `kerasseq train --from`.

python benchmarks/two_doors.py DATA runs/two_doors [fit run]

saved_models/multi30k_de_en learns 2,000 German number words, which it never met, beside the first
2,000 lines of its own training text. 200 lines and 100 numbers choose the epoch. Printed are BLEU
of the whole validation text (beam of 5, tokenised) and the share of 300 other numbers that are
exact: before, and after each door. A door that is done is not opened again.
"""

import gzip
import json
import pathlib
import sys
import time

import keras

import kerasseq as ks
from kerasseq.recipes import evaluate, load_recipe, train

SAVED = pathlib.Path(__file__).parents[1] / "saved_models" / "multi30k_de_en"
DOORS = ("fit", "run")
EPOCHS, RATE, TOKENS, SEED = 4, 5e-4, 1536, 1


def read(data, name):
    """Pairs of Multi30k's tokenised German and English."""
    sides = []
    for language in ("de", "en"):
        path = pathlib.Path(data) / "multi30k" / "tok" / f"{name}.{language}.gz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            sides.append([line.strip() for line in file])
    return list(zip(*sides, strict=True))


def parts(data):
    """What is learned, what chooses the epoch, the validation text, and unseen numbers."""
    numbers = [
        [(german, english) for english, german in part]
        for part in ks.data.number_pairs("german", 2000, 100, 300, seed=SEED)
    ]
    validation = read(data, "val")
    learned = numbers[0] + read(data, "train")[:2000]
    return learned, validation[:200] + numbers[1], validation, numbers[2]


def by_fit(learned, chosen, out):
    """The first door."""
    translator = ks.Translator.load(SAVED)
    translator.fit(
        ks.data.ParallelText.from_pairs(learned),
        validation=ks.data.ParallelText.from_pairs(chosen),
        epochs=EPOCHS,
        learning_rate=RATE,
        tokens_per_batch=TOKENS,
        tokenize="none",
        seed=SEED,
        verbose=2,
    )
    return translator


def by_run(learned, chosen, out):
    """The second door."""
    settings = [f"training.epochs={EPOCHS}", f"training.learning_rate={RATE}"]
    settings += [f"batches.tokens_per_batch={TOKENS}", "translation.bleu_tokenize=none"]
    for part, pairs in (("train", learned), ("validation", chosen)):
        for side, lines in zip(("source", "target"), zip(*pairs, strict=True), strict=True):
            path = out / f"{part}.{side}"
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            settings.append(f"data.{part}_{side}={json.dumps(str(path))}")
    recipe = load_recipe("fine_tune", [*settings, f"start.folder={json.dumps(str(SAVED))}"])
    return train(recipe, out / "run")


def measure(translator, validation, numbers):
    """BLEU of the validation text, and the share of exact numbers."""
    kept = evaluate(translator, validation, tokenize="none")
    said = translator([source for source, _ in numbers])
    exact = sum(a == b for a, (_, b) in zip(said, numbers, strict=True)) / len(numbers)
    return {"class": type(translator).__name__, "bleu": kept["bleu"], "numbers_exact": exact}


def main(data, out, *doors):
    """Goes through each door that is not done yet, and prints all."""
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    learned, chosen, validation, numbers = parts(data)
    opened = {"fit": by_fit, "run": by_run}
    for door in ("before", *(doors or DOORS)):
        path = out / f"{door}.json"
        if not path.is_file():
            keras.utils.set_random_seed(SEED)
            start = time.perf_counter()
            translator = (
                opened[door](learned, chosen, out) if door in opened else ks.Translator.load(SAVED)
            )
            seconds = round(time.perf_counter() - start)
            found = measure(translator, validation, numbers) | {"seconds": seconds}
            path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        found = json.loads(path.read_text(encoding="utf-8"))
        print(
            f"{door}: a {found['class']}, BLEU {found['bleu']:.2f}, numbers exact "
            f"{found['numbers_exact']:.1%}, {found['seconds']} s",
            flush=True,
        )


if __name__ == "__main__":
    if len(sys.argv) < 3 or set(sys.argv[3:]) - set(DOORS):
        sys.exit(__doc__)
    main(*sys.argv[1:])
