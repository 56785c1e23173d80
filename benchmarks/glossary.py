"""Terms in a beam: how many are present, what they cost in time, and what BLEU says.

python benchmarks/glossary.py saved_models/multi30k_de_en DATA/multi30k/val.{de,en}.gz [LINES]

Of each reference words are drawn and asked for: one, one that the translator does not write by
itself, three, a phrase of three; or a word that the translator writes and the reference has not is
forbidden. BLEU (sacreBLEU, 13a) is that of the lines that are asked something, without and with
it. Times are the processor's, of all lines in batches of 64, plain and with the terms in turns; the
median of the ratios is printed. With one thread (`TF_NUM_INTRAOP_THREADS=1`) they are those of an
idle machine, whatever else runs.
"""

import functools
import random
import re
import statistics
import sys
import time
import warnings

import sacrebleu

from kerasseq import Translator
from kerasseq.data.lines import read_lines
from kerasseq.processing import Glossary
from kerasseq.processing.glossary import WIDEST, stands
from turns import in_turns

TURNS = 3
WORD = re.compile(r"[a-z]{4,}")


def words(line):
    """The words of a line that are asked for: those of four letters and more."""
    return [word for word in line.split() if WORD.fullmatch(word)]


def drawn(references, plain, count, phrase=1, new=False):
    """For each line a Glossary of `count` terms of `phrase` words of its reference, `new` ones
    alone where asked; None where the reference has not as many."""
    chosen = random.Random(1)
    found = []
    for reference, translation in zip(references, plain, strict=True):
        tokens = reference.split()
        if phrase > 1:
            terms = [
                " ".join(tokens[i : i + phrase]) for i in range(len(tokens) - phrase + 1)
                if all(part.isalpha() for part in tokens[i : i + phrase])
            ]  # fmt: skip
        else:
            terms = sorted(set(words(reference)))
        if new:
            terms = [term for term in terms if not stands(term, translation)]
        enough = len(terms) >= count
        found.append(Glossary(required=chosen.sample(terms, count)) if enough else None)
    return found


def forbidden(references, plain):
    """For each line a Glossary that forbids one word of its translation, not of its reference."""
    chosen, found = random.Random(1), []
    for reference, translation in zip(references, plain, strict=True):
        terms = sorted(
            term
            for term in set(words(translation))
            if not stands(term, reference) and len(term) <= WIDEST  # of a-z, so bytes
        )
        found.append(Glossary(forbidden=[chosen.choice(terms)]) if terms else None)
    return found


def bleu(translations, references):
    """sacreBLEU's score of lists of lines."""
    return sacrebleu.corpus_bleu(translations, [references], force=True).score


def main(folder, source, target, limit=None):
    """Prints the table."""
    warnings.simplefilter("ignore")
    translator = Translator.load(folder)
    limit = None if limit is None else int(limit)
    sources, targets = ([*read_lines(path)][:limit] for path in (source, target))
    clean = translator.target
    references = [clean.decode(clean.encode(line)) for line in targets]
    plain = translator(sources)
    cases = {
        "one word": drawn(references, plain, 1),
        "one word it does not write": drawn(references, plain, 1, new=True),
        "three words": drawn(references, plain, 3),
        "a phrase of three words": drawn(references, plain, 1, phrase=3),
        "one word forbidden": forbidden(references, plain),
    }
    print(f"{len(sources)} lines, {translator.search!r}")
    print(f"{'asked of each line':28} lines  terms   kept  there without  BLEU without  with")
    for name, glossaries in cases.items():
        kept = [i for i, each in enumerate(glossaries) if each is not None]
        given = [glossaries[i] for i in kept]
        found = [each[0] for each in translator.translate([sources[i] for i in kept],
                                                          glossary=given)]  # fmt: skip
        total = sum(len(each.entries) for each in given)
        missing = sum(len(each.missing) for each in found)
        already = sum(
            stands(entry.targets[0], plain[i]) == entry.wanted
            for i, each in zip(kept, given, strict=True) for entry in each.entries
        )  # fmt: skip
        lines = [references[i] for i in kept]
        before = bleu([plain[i] for i in kept], lines)
        after = bleu([each.text for each in found], lines)
        print(
            f"{name:28} {len(kept):5}  {total:5}  {1 - missing / total:5.1%}  "
            f"{already / total:13.1%}  {before:12.1f}  {after:4.1f}"
        )
        assert total > 0
    for name in ("three words", "one word forbidden"):
        given = [Glossary() if each is None else each for each in cases[name]]
        ways = {
            "plain": functools.partial(translator, sources),
            "asked": functools.partial(translator, sources, glossary=given),
        }
        seconds = in_turns(ways, TURNS, time.process_time)
        pairs = zip(seconds["asked"], seconds["plain"], strict=True)
        ratios = [asked / plain for asked, plain in pairs]
        print(f"{name}: {statistics.median(ratios):.2f} times the time of the plain beam "
              f"({min(ratios):.2f} to {max(ratios):.2f}, {TURNS} turns)")  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
