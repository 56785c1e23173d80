"""Scores of a translated corpus against one reference a line."""

import sacrebleu

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

    Raises:
        ValueError: when the lists differ in length or are empty, for what is no str, or for
            another tokenizer.
    """
    check_tokenize(tokenize)
    hypotheses, references = check_aligned(hypotheses, references, "lines")
    check_each(hypotheses, str, "hypotheses of str")
    check_each(references, str, "one reference, a str, for each hypothesis")
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


def check_tokenize(tokenize):
    """Refuses a name that sacreBLEU has no tokenizer for."""
    if tokenize not in sacrebleu.BLEU.TOKENIZERS:
        raise ValueError(
            f"Expected a tokenizer of sacreBLEU, {', '.join(sacrebleu.BLEU.TOKENIZERS)}; received "
            f"{tokenize!r}. Choose one."
        )
