"""Holding an export against Python."""

import pathlib
import shutil

# The smallest share of identical translations that is no fault: float32 may differ where two
# hypotheses tie within rounding, float16 and int8 move the weights themselves.
LEAST_IDENTICAL = {None: 0.99, "float16": 0.95, "int8": 0.6}
SCORE_TOLERANCE = {None: 1e-3, "float16": 0.1, "int8": 2.0}


def compare(translator, exported, lines):
    """Translates the lines both ways.

    Args:
        translator: Translator.
        exported: function from a list of str to lists of translations and of scores.
        lines: list of str.

    Returns:
        dict of `lines`, `identical`, `score_difference`, and `examples`, up to three triples
        of line, Python's and the export's translation where they differ.
    """
    ours = [hypotheses[0] for hypotheses in translator.translate(lines)]
    texts, scores = exported(lines)
    differing, largest = [], 0.0
    for line, found, text, score in zip(lines, ours, texts, scores, strict=True):
        if found.text == text:
            largest = max(largest, abs(found.score - float(score)))
        else:
            differing.append((line, found.text, text))
    return {
        "lines": len(lines),
        "identical": 1 - len(differing) / len(lines),
        "score_difference": largest,
        "examples": differing[:3],
    }


def describe(report, path):
    """The comparison in one line."""
    return (
        f"{path}: {report['identical']:.1%} of {report['lines']} held-out lines identical to "
        f"Python, scores within {report['score_difference']:.1e}"
    )


def require(report, quantize, path):
    """Removes an export that differs too much, and says so.

    Raises:
        RuntimeError: names the figures and the first differing line.
    """
    least, tolerance = LEAST_IDENTICAL[quantize], SCORE_TOLERANCE[quantize]
    if report["identical"] >= least and report["score_difference"] <= tolerance:
        return
    path = pathlib.Path(path)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    first = report["examples"][0] if report["examples"] else ("the scores", "", "")
    raise RuntimeError(
        f"Expected {path} to answer as Python does ({least:.0%} of lines, scores within "
        f"{tolerance}); received {report['identical']:.1%} of {report['lines']} lines and a score "
        f"difference of {report['score_difference']:.2g}. First: {first}. The export was removed."
    )
