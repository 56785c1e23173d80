"""A small student on real pairs, and on its teacher's translations of the same sources.

python benchmarks/distillation.py TEACHER SOURCE TARGET COUNT EPOCHS FOLDER

The pairs are the first COUNT of Multi30k's training text (lower-cased, tokenised) from the language
SOURCE to TARGET. The student is that of `multi30k_shallow` with three blocks in the encoder and one
in the decoder, trained for EPOCHS epochs with its seed, no epochs averaged. Printed is what it
reaches on the validation and the test text. What was killed goes on when it is called again.
"""

import pathlib
import sys

from kerasseq import machine

machine.for_training()

from kerasseq.cli.scores import scores_line  # noqa: E402
from kerasseq.recipes import load_recipe, train  # noqa: E402
from kerasseq.recipes.evaluate_run import evaluate_run  # noqa: E402
from kerasseq.saved_models import model_folder  # noqa: E402
from kerasseq.synthetic import distil, read_given  # noqa: E402
from machine import processor  # noqa: E402

SMALL = {"num_layers": 3, "num_decoder_layers": 1}
KINDS = {"real": "original.jsonl", "the teacher's": "translated.jsonl"}


def main(teacher, source, target, count, epochs, folder):
    """Prints the figures."""
    languages = [f"data.source={source}", f"data.target={target}"]
    recipe = load_recipe("multi30k_shallow")
    recipe["model"] |= SMALL
    recipe["training"] |= {"epochs": int(epochs), "average_last": 0}
    made = pathlib.Path(folder) / "student"
    if not made.exists():
        given = read_given(["multi30k_shallow"], overrides=languages)
        given = given._replace(train=given.train.take(int(count)))
        distil(made, [model_folder(teacher)], given, recipe=recipe, original=1.0)
    print(processor(), flush=True)
    for kind, path in KINDS.items():
        chosen = load_recipe(made / "student.toml", [f"data.train={path}", "batches.weights=[1.0]"])
        run = pathlib.Path(folder) / path.removesuffix(".jsonl")
        task = train(chosen, run)
        for part, scores in evaluate_run(task, chosen, run):
            print(f"{kind} targets, {scores_line(part, scores)}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    main(*sys.argv[1:])
