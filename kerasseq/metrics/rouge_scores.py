"""ROUGE of summaries against one reference each."""

import re
import warnings

from kerasseq.extras import check_extra
from kerasseq.metrics.checks import check_aligned, check_each

KINDS = ("rouge1", "rouge2", "rougeL")
COUNTED = re.compile("[a-z]")
LETTER = re.compile(r"[^\W\d_]")


def check_rouge():
    """Refuses to go on without rouge-score.

    Raises:
        ImportError: names the extra.
    """
    check_extra("rouge")


def rouge_scores(hypotheses, references):
    """ROUGE-1, ROUGE-2 and ROUGE-L by rouge-score, of English with its words' stems (Lin 2004).

    Each is the mean over the texts of an F-measure: of words, of pairs of words, and of the longest
    common subsequence of words. Case and punctuation count nothing.

    Args:
        hypotheses: list of str.
        references: list of str, as long.

    Returns:
        dict of `rouge1`, `rouge2` and `rougeL` (0 to 100).

    A warning says where most letters of the references are not a to z, which alone are counted.

    Raises:
        ImportError: without `rouge-score`.
        ValueError: when the lists differ in length or are empty, or for what is no str.
    """
    check_rouge()
    from rouge_score.rouge_scorer import RougeScorer

    hypotheses, references = check_aligned(hypotheses, references, "summaries")
    check_each(hypotheses, str, "summaries of str")
    check_each(references, str, "one reference, a str, for each summary")
    _warn_of_letters(references)
    scorer = RougeScorer(KINDS, use_stemmer=True)
    found = [scorer.score(*pair) for pair in zip(references, hypotheses, strict=True)]
    return {kind: 100 * sum(each[kind].fmeasure for each in found) / len(found) for kind in KINDS}


def _warn_of_letters(references):
    text = " ".join(references).lower()
    letters, counted = len(LETTER.findall(text)), len(COUNTED.findall(text))
    if 2 * counted < letters:
        warnings.warn(
            f"Expected references in the letters a to z, which ROUGE counts; received {counted} of "
            f"{letters} letters among them: the others are taken for spaces. Read chrf.",
            stacklevel=3,
        )
