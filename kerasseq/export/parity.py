"""Holding an export against Python."""

from __future__ import annotations

import math
import typing
from collections.abc import Sequence

import numpy as np

from kerasseq.metrics import corpus_scores, share_repeating

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

# The smallest share of identical answers that is no fault: float32 may differ where two
# hypotheses tie within rounding, float16 and int8 move the weights themselves.
LEAST_IDENTICAL = {None: 0.99, "float16": 0.95, "int8": 0.6}
SCORE_TOLERANCE = {None: 1e-3, "float16": 0.1, "int8": 2.0}
# Of arrays, in standard deviations of all of Python's.
VALUE_TOLERANCE = {None: 1e-3, "float16": 1e-2, "int8": 0.2}
# Below this share of identical answers a comparison says where they differ, and how far.
EXPLAINED = 0.95
REMEDY = (
    'quantize="float16", or longer training; score both on references to see whether the '
    "differences are errors"
)
SHOWN = 10


def compare(
    inputs: Sequence[typing.Any],
    ours: Sequence[tuple[typing.Any, float | None]],
    theirs: Sequence[tuple[typing.Any, float | None]],
    translations: bool = False,
) -> dict[str, typing.Any]:
    """Compares what Python and an export answered.

    Args:
        inputs: list of held-out inputs.
        ours: list of pairs of text and score, Python's; of a task that answers arrays, of these
            and None.
        theirs: list of the same, the export's.
        translations: bool, whether the texts are lines whose BLEU means something.

    Returns:
        dict of `inputs`; of texts `identical` (share in `[0, 1]`), `score_difference` (the
        largest among identical answers), `differing`, the numbers of the inputs that are
        answered otherwise, from 1, and `examples`, up to three triples of input, Python's and
        the export's text of those; of translations `repeating`, the share of the export's that
        repeat themselves (`kerasseq.metrics.repeats_itself`), and of some that differ `bleu` and
        `chrf` too (0 to 100), the export's against Python's; of arrays `difference`, the largest
        of a value, in standard deviations of all of Python's.

    Raises:
        RuntimeError: for a score that is not finite, on either side.
    """
    if ours[0][1] is None:
        values, others = (np.stack([each for each, _ in side]) for side in (ours, theirs))
        apart = float(np.abs(others - values).max() / max(values.std(), 1e-9))
        return {"inputs": len(inputs), "difference": apart}
    differing, examples, largest = [], [], 0.0
    rows = zip(inputs, ours, theirs, strict=True)
    for number, (given, (text, score), (other, its_score)) in enumerate(rows, 1):
        if not (math.isfinite(score) and math.isfinite(its_score)):
            raise RuntimeError(
                f"Expected finite scores of the held-out inputs; received {score} from "
                f"Python and {its_score} from the export for {given!r}. Look for NaN among the "
                "weights."
            )
        if text == other:
            largest = max(largest, abs(score - its_score))
        else:
            differing.append(number)
            examples.append((given, text, other))
    found = {
        "inputs": len(inputs),
        "identical": 1 - len(differing) / len(inputs),
        "score_difference": largest,
        "differing": differing,
        "examples": examples[:3],
    }
    if translations:
        found["repeating"] = share_repeating(text for text, _ in theirs)
    if translations and differing:
        lines = [[text for text, _ in side] for side in (theirs, ours)]
        scores = corpus_scores(*lines, tokenize="char")
        found |= {name: scores[name] for name in ("bleu", "chrf")}
    return found


def describe(report: dict[str, typing.Any], path: AnyPath) -> str:
    """The comparison in one line; below 95 % identical also which inputs differ, how far, and
    what to try."""
    if "difference" in report:
        return (
            f"{path}: {report['inputs']} answers within {report['difference']:.1e} standard "
            "deviations of Python's"
        )
    lines = [
        f"{path}: {report['identical']:.1%} of {report['inputs']} held-out inputs identical to "
        f"Python, scores within {report['score_difference']:.1e}"
    ]
    if report.get("repeating"):
        lines[0] += f"; {report['repeating']:.1%} repeat themselves"
    if report["identical"] < EXPLAINED:
        numbers = [str(number) for number in report["differing"]]
        more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
        lines.append(f"  others: inputs {', '.join(numbers[:SHOWN])}{more}")
        lines += [
            f"  {given!r}: {text!r} in Python, {other!r} here"
            for given, text, other in report["examples"]
        ]
        if "bleu" in report:
            lines.append(
                f"  against Python's translations: BLEU {report['bleu']:.1f} of characters, chrF "
                f"{report['chrf']:.1f}"
            )
        lines.append(f"  to try: {REMEDY}")
    return "\n".join(lines)


def require(
    report: dict[str, typing.Any], quantize: typing.Literal["float16", "int8"] | None, path: AnyPath
) -> None:
    """Refuses an export that differs too much.

    Raises:
        RuntimeError: names the figures and the first differing input.
    """
    if "difference" in report:
        # Written so that NaN is refused too.
        if not report["difference"] <= VALUE_TOLERANCE[quantize]:
            raise RuntimeError(
                f"Expected {path} to answer as Python does, within {VALUE_TOLERANCE[quantize]} "
                f"standard deviations; received {report['difference']:.2g} apart. The export was "
                "removed."
            )
        return
    least, tolerance = LEAST_IDENTICAL[quantize], SCORE_TOLERANCE[quantize]
    if report["identical"] >= least and report["score_difference"] <= tolerance:
        return
    first = report["examples"][0] if report["examples"] else ("the scores", "", "")
    remedy = f" To try: {REMEDY}." if quantize else ""
    raise RuntimeError(
        f"Expected {path} to answer as Python does ({least:.0%} of inputs, scores within "
        f"{tolerance}); received {report['identical']:.1%} of {report['inputs']} inputs, scores "
        f"apart by {report['score_difference']:.2g}. First: {first}. The export was removed."
        f"{remedy}"
    )
