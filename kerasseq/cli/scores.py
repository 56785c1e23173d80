"""Scores as a line that is read."""

from kerasseq.metrics.rouge_scores import KINDS


def scores_line(part, scores):
    """The scores of a task on a part of its data, as a line.

    Args:
        part: str, its name.
        scores: dict, of a translator as `kerasseq.recipes.evaluate` gives them, of another task
            as its `scores`.

    Returns:
        str.
    """
    if "perplexity" in scores:  # of a translator
        rouge = " / ".join(f"{scores[kind]:.2f}" for kind in KINDS if kind in scores)
        rouge = rouge and f"ROUGE-1 / 2 / L {rouge}, "
        return (
            f"{part}: {rouge}BLEU {scores['bleu']:.2f}, chrF {scores['chrf']:.1f}, exact "
            f"{scores['exact_match']:.1%}, perplexity {scores['perplexity']:.2f}, "
            f"{scores['lines']} lines, {scores['repeating']:.1%} repeat themselves"
        )
    scores = {name: each for name, each in scores.items() if name != "signature"}
    said = (
        f"{_name(name)} {each:.4f}" if isinstance(each, float) else f"{each:,} {name}"
        for name, each in scores.items()
        if not isinstance(each, dict)
    )
    return f"{part}: {', '.join(said)}"


def _name(score):
    return {"bleu": "BLEU", "chrf": "chrF"}.get(score, score.replace("_", " "))
