"""Whether a teacher's score tells good translations from bad ones, on text with references.

python benchmarks/sifting.py MODEL SOURCES REFERENCES

Both are text files, a line a sentence, `.gz` too. Printed are BLEU and chrF (sacrebleu, texts as
they stand: `tokenize=none`) of the lines that `kerasseq distil --worst SHARE` would drop by their
score, of the others, and of as many as it drops that a seed draws.
"""

import random
import sys

import sacrebleu

import kerasseq as ks
from kerasseq.data.lines import read_lines
from kerasseq.saved_models import model_folder
from kerasseq.synthetic.drops import least_score
from kerasseq.synthetic.teacher import answers
from machine import processor

SHARES = (0.01, 0.05, 0.1, 0.2)
SEED = 1234


def scores(rows):
    """BLEU and chrF of pairs of a translation and its reference, as text."""
    found, references = zip(*rows, strict=True)
    bleu = sacrebleu.corpus_bleu(found, [references], tokenize="none", force=True).score
    chrf = sacrebleu.corpus_chrf(found, [references]).score
    return f"{len(rows):,} lines, BLEU {bleu:.1f}, chrF {chrf:.1f}"


def measure(teacher, sources, references):
    """Yields a line of text for each figure."""
    found = answers(teacher, sources)
    rows = [(each.text, reference) for each, reference in zip(found, references, strict=True)]
    yield f"all: {scores(rows)}"
    for share in SHARES:
        least = least_score([each.score for each in found], share)
        worst = [row for row, each in zip(rows, found, strict=True) if each.score < least]
        if not worst:  # of few lines
            continue
        others = [row for row, each in zip(rows, found, strict=True) if each.score >= least]
        drawn = random.Random(SEED).sample(rows, len(worst))
        yield f"worst {share:.0%}, below {least:.3f}: {scores(worst)}"
        yield f"  the others: {scores(others)}"
        yield f"  as many drawn: {scores(drawn)}"


def main(model, sources, references):
    """Prints the figures."""
    print(processor())
    texts = (list(read_lines(path)) for path in (sources, references))
    for line in measure(ks.Translator.load(model_folder(model)), *texts):
        print(line, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
