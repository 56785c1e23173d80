"""BLEU of several runs, by the length of the source."""

import pathlib

from kerasseq.metrics import corpus_scores
from kerasseq.recipes.evaluate import read_evaluation
from kerasseq.recipes.recipe import load_recipe

FEWEST = 10


def compare(runs, part="test", width=10):
    """Computes BLEU of several runs on one part of their data, whole and by source length.

    Args:
        runs: iterable of paths of run folders with a `{part}.hypotheses.txt`.
        part: "validation" or "test".
        width: int, words a bin; a first or last bin of fewer than 10 lines joins the next.

    Returns:
        dict of `runs`, the folders' names, with their parents' where two are equal; `lowercase`,
        a list of bool, whether a run's recipe asks for BLEU in lower case; `bleu`, a list of
        float, one a run; and `bins`, a list of dicts of `words` (the least and the most),
        `lines`, and `bleu`, one a run.

    Raises:
        FileNotFoundError: for a run that was not evaluated.
        ValueError: for runs whose test sources differ, or bins without a width.
    """
    if width < 1:
        raise ValueError(f"Expected a width of at least 1 word; received {width}. Widen the bins.")
    runs = [pathlib.Path(run) for run in runs]
    sources, columns = None, []
    for run in runs:
        read, references, hypotheses = read_evaluation(run, part)
        if sources not in (None, read):
            raise ValueError(
                f"Expected runs on the same {part} sources; received others in {run}. Compare "
                "runs of one data set and direction."
            )
        sources = read
        options = load_recipe(run / "recipe.toml").get("translation", {})
        tokenize, lowercase = options.get("bleu_tokenize", "13a"), options.get("lowercase", False)
        columns.append((hypotheses, references, tokenize, lowercase))

    def bleu(rows):
        return [
            corpus_scores([ours[i] for i in rows], [theirs[i] for i in rows], *options)["bleu"]
            for ours, theirs, *options in columns
        ]

    lengths = [len(source.split()) for source in sources]
    return {
        "runs": _names(runs),
        "lowercase": [lowercase for *_, lowercase in columns],
        "bleu": bleu(range(len(sources))),
        "bins": [
            {
                "words": (min(lengths[i] for i in rows), max(lengths[i] for i in rows)),
                "lines": len(rows),
                "bleu": bleu(rows),
            }
            for rows in length_bins(lengths, width)
        ],
    }


def _names(runs):
    """The shortest ends of the paths that tell them apart: a list of str."""
    paths, depth = [run.resolve() for run in runs], 1
    while len({path.parts[-depth:] for path in paths}) < len(set(paths)):
        depth += 1
    return ["/".join(path.parts[-depth:]) for path in paths]


def length_bins(lengths, width):
    """Indices of `lengths`, grouped into bins of `width`, the shortest first."""
    bins = {}
    for i, length in enumerate(lengths):
        bins.setdefault(max(length - 1, 0) // width, []).append(i)
    grouped = [bins[key] for key in sorted(bins)]
    for end, next_ in ((-1, -2), (0, 1)):
        while len(grouped) > 1 and len(grouped[end]) < FEWEST:
            grouped[next_] = sorted(grouped[end] + grouped[next_])
            del grouped[end]
    return grouped
