"""Holding an export against Python."""

import math

# The smallest share of identical translations that is no fault: float32 may differ where two
# hypotheses tie within rounding, float16 and int8 move the weights themselves.
LEAST_IDENTICAL = {None: 0.99, "float16": 0.95, "int8": 0.6}
SCORE_TOLERANCE = {None: 1e-3, "float16": 0.1, "int8": 2.0}


def compare(task, exported, inputs):
    """Answers the inputs both ways.

    Args:
        task: function from a list of inputs to a list of hypotheses for each, best first.
        exported: function from a list of inputs to lists of texts and of scores.
        inputs: list of lines, or of pictures.

    Returns:
        dict of `inputs`, `identical`, `score_difference`, and `examples`, up to three triples
        of input, Python's and the export's text where they differ.

    Raises:
        RuntimeError: for a score that is not finite, on either side.
    """
    ours = [hypotheses[0] for hypotheses in task(inputs)]
    texts, scores = exported(inputs)
    differing, largest = [], 0.0
    for given, found, text, score in zip(inputs, ours, texts, scores, strict=True):
        if not (math.isfinite(found.score) and math.isfinite(score)):
            raise RuntimeError(
                f"Expected finite scores of the held-out inputs; received {found.score} from "
                f"Python and {score} from the export for {given!r}. Look for NaN among the weights."
            )
        if found.text == text:
            largest = max(largest, abs(found.score - score))
        else:
            differing.append((given, found.text, text))
    return {
        "inputs": len(inputs),
        "identical": 1 - len(differing) / len(inputs),
        "score_difference": largest,
        "examples": differing[:3],
    }


def describe(report, path):
    """The comparison in one line."""
    return (
        f"{path}: {report['identical']:.1%} of {report['inputs']} held-out inputs identical to "
        f"Python, scores within {report['score_difference']:.1e}"
    )


def require(report, quantize, path):
    """Refuses an export that differs too much.

    Raises:
        RuntimeError: names the figures and the first differing line.
    """
    least, tolerance = LEAST_IDENTICAL[quantize], SCORE_TOLERANCE[quantize]
    if report["identical"] >= least and report["score_difference"] <= tolerance:
        return
    first = report["examples"][0] if report["examples"] else ("the scores", "", "")
    raise RuntimeError(
        f"Expected {path} to answer as Python does ({least:.0%} of inputs, scores within "
        f"{tolerance}); received {report['identical']:.1%} of {report['inputs']} inputs, scores "
        f"apart by {report['score_difference']:.2g}. First: {first}. The export was removed."
    )
