"""Scores of a translated corpus against one reference a line."""

import sacrebleu

from kerasseq.metrics.bleu_tokenizers import check_tokenize, warn_of_references
from kerasseq.metrics.checks import check_aligned, check_each


def corpus_scores(hypotheses, references, tokenize="13a", lowercase=False):
    """BLEU and chrF by sacreBLEU (Post 2018), and the share of exact matches.

    Args:
        hypotheses: list of str.
        references: list of str, as long.
        tokenize: sacreBLEU's tokenizer; "none" for text that is tokenised already.
        lowercase: bool, compare without case.

    Returns:
        dict of `bleu` and `chrf` (0 to 100), `exact_match` (0 to 1), `lines`, and
        `signature`, sacreBLEU's description of the BLEU settings.

    A warning names another tokenizer where this one fits the references badly: in a script
    without spaces between words, or where none has four words, BLEU is 0 of a perfect
    translation.

    Raises:
        ValueError: when the lists differ in length or are empty, for what is no str, or for a
            tokenizer that sacreBLEU does not have or that cannot run here.
    """
    check_tokenize(tokenize)
    hypotheses, references = check_aligned(hypotheses, references, "lines")
    check_each(hypotheses, str, "hypotheses of str")
    check_each(references, str, "one reference, a str, for each hypothesis")
    warn_of_references(references, tokenize, lowercase)
    bleu = sacrebleu.BLEU(tokenize=tokenize, lowercase=lowercase, force=True)
    chrf = sacrebleu.CHRF(lowercase=lowercase)
    pairs = zip(hypotheses, references, strict=True)
    same = sum(a.lower() == b.lower() if lowercase else a == b for a, b in pairs)
    return {
        "bleu": bleu.corpus_score(hypotheses, [references]).score,
        "chrf": chrf.corpus_score(hypotheses, [references]).score,
        "exact_match": same / len(references),
        "lines": len(references),
        "signature": str(bleu.get_signature()),
    }
