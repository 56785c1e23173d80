"""Scores as a line that is read."""


def scores_line(part, scores):
    """The scores of a task on a part of its data, as a line.

    Args:
        part: str, its name.
        scores: dict, of a translator as `kerasseq.recipes.evaluate` gives them, of another task
            as its `scores`.

    Returns:
        str.
    """
    if "bleu" in scores:
        return (
            f"{part}: BLEU {scores['bleu']:.2f}, chrF {scores['chrf']:.1f}, exact "
            f"{scores['exact_match']:.1%}, perplexity {scores['perplexity']:.2f}, "
            f"{scores['lines']} lines, {scores['repeating']:.1%} repeat themselves"
        )
    said = (
        f"{name.replace('_', ' ')} {each:.4f}" if isinstance(each, float) else f"{each:,} {name}"
        for name, each in scores.items()
        if not isinstance(each, dict)
    )
    return f"{part}: {', '.join(said)}"
