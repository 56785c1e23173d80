"""What each part of the `multi30k` recipe is worth: German to English, one change at a time.

python benchmarks/ablations.py train runs/ablations   # call again to go on
python benchmarks/ablations.py table runs/ablations

Every variant trains for 10 epochs, with the schedule shortened alike and the last 3 epochs
averaged, and is measured on the validation text alone. Dropout is not among them: so short a run
asks for less of it than a long one. Several processes may train into one folder side by side.
"""

import pathlib
import re
import sys

from kerasseq import Translator
from kerasseq.recipes import load_recipe, train
from kerasseq.recipes.corpora import build_data
from runs import claimed, measure

SHORT = ["data.source=de", "data.target=en", "training.epochs=10", "training.average_last=3"]
VARIANTS = {
    "as it is": [],
    "post-norm, its rate 1e-3": ["model.norm_first=false", "training.learning_rate=1e-3"],
    "without label smoothing": ["training.label_smoothing=0.0"],
    "embeddings apart": ["model.share_embeddings=false", "model.tie_embeddings=false"],
    "without the source's start token": ["model.begin_source=false"],
    "six blocks and two, float32": [
        "model.num_layers=6",
        "model.num_decoder_layers=2",
        "training.precision=float32",
    ],
    "seven blocks and one, float32": [
        "model.num_layers=7",
        "model.num_decoder_layers=1",
        "training.precision=float32",
    ],
}
BASE = "as it is"


def folder_of(root, variant):
    """The run folder of a variant."""
    return root / re.sub(r"\W+", "_", variant)


def validation(recipe):
    """The recipe's validation part."""
    return build_data(recipe["data"]).validation


def run_all(root):
    """Trains and measures what is missing, one run at a time."""
    for variant, overrides in VARIANTS.items():
        folder = folder_of(root, variant)
        with claimed(folder) as free:
            if not free or (folder / "beam.scores.json").is_file():
                continue
            print(folder, flush=True)
            recipe = load_recipe("multi30k", [*SHORT, *overrides])
            translator = train(recipe, folder)
            measure(translator, validation(recipe), folder, "greedy", "greedy")
            measure(translator, validation(recipe), folder, "beam")


def table(root):
    """Prints the table."""
    print("| variant | perplexity | greedy BLEU | beam of 5 |\n|---|---|---|---|")
    for variant, overrides in VARIANTS.items():
        folder = folder_of(root, variant)
        if not (folder / "beam.scores.json").is_file():
            continue
        translator = Translator.load(folder / "translator")
        recipe = load_recipe("multi30k", [*SHORT, *overrides])
        rows = [(variant, folder, "")]
        if variant == BASE:
            # The epoch of the best validation perplexity, in place of the mean.
            rows.append(("without averaging", folder, "best."))
        for name, run, prefix in rows:
            if prefix:
                translator.model.load_weights(run / "best.weights.h5")
            greedy = measure(translator, validation(recipe), run, f"{prefix}greedy", "greedy")
            beam = measure(translator, validation(recipe), run, f"{prefix}beam")
            print(
                f"| {name} | {beam['perplexity']:.2f} | {greedy['bleu']:.2f} | {beam['bleu']:.2f} |"
            )


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("train", "table"):
        sys.exit(__doc__)
    {"train": run_all, "table": table}[sys.argv[1]](pathlib.Path(sys.argv[2]))
