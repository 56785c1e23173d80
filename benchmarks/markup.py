"""Markup through a translation: what is lost, and whether tags go round the right words.

python benchmarks/markup.py saved_models/multi30k_de_en DATA/multi30k/val.{de,en}.gz [LINES]

Into each line go, at random places of a fixed seed: two pairs of tags, one of them within the other
or beside it, round one to three words each; a placeholder, a URL or an e-mail address, half of them
in brackets or quotes, or before a comma; and a number. What of it does not stand in the translation
as it was, or with a word of it, is lost; tags may be badly nested. What stands there though it
should not, is counted too: numbers that the line has not; and words that the translation without
markup has, and that with it has not. Then one content
word that source and translation share by a dictionary made of the corpus alone (the pairs of words
with the largest Dice coefficient) is put into tags: right is a translation in which that word is
within them, and tight one in which nothing else is.
"""

import random
import re
import sys
import time
from collections import Counter

from kerasseq import Translator
from kerasseq.data.lines import read_lines
from kerasseq.processing.markup import Marked

ALONE = ("{0}", "{name}", "https://example.org/a?b=1", "a.b@example.org", "<br/>")
SURE = 0.6  # Dice coefficient of a pair of words, which then mean the same
TAGGED = re.compile(r"<b>(.*?)</b>")
AROUND = ("{}", "{}", "{}", "({})", '"{}"', "{} ,")
NUMBER = re.compile(r"(?<![\w&#])\d+(?![\w;])")


def marked(line, chosen):
    """A line with markup at random places, and what must come through."""
    words = line.split()
    first = chosen.randrange(len(words))
    last = min(len(words), first + chosen.randint(1, 3))
    inside = chosen.randrange(first, last)
    other = inside if chosen.random() < 0.5 else chosen.randrange(len(words))
    number, alone = str(chosen.randrange(10, 1000)), chosen.choice(ALONE)
    words[other] = f"<i>{words[other]}</i>"
    words[first] = f"<b>{words[first]}"
    words[last - 1] = f"{words[last - 1]}</b>"
    words.insert(chosen.randrange(len(words) + 1), number)
    words.insert(chosen.randrange(len(words) + 1), chosen.choice(AROUND).format(alone))
    return " ".join(words), ["<b>", "</b>", "<i>", "</i>", number, alone]


def stands(each, text):
    """Whether a tag, or what stands alone, is in a text as it was, no word beside it."""
    inside = re.escape(each)
    return bool(re.search(inside if each[1:2] in "/bi" else rf"(?<!\w){inside}(?!\w)", text))


def bare(text, alone):
    """A text without tags and what stood alone."""
    return re.sub(r"</?[bi]>", " ", text.replace(alone, " "))


def words_of(text):
    """How often each word of letters stands in a text."""
    return Counter(word for word in text.split() if word.isalpha())


def well_nested(text):
    """Whether each tag is closed before what it stands in."""
    stack = []
    for close, name in re.findall(r"<(/?)([bi])>", text):
        if close and (not stack or stack.pop() != name):
            return False
        if not close:
            stack.append(name)
    return not stack


def dictionary(sources, targets):
    """Pairs of words that stand together, by their Dice coefficient: a dict."""
    ones, others, both = (Counter() for _ in range(3))
    for source, target in zip(sources, targets, strict=True):
        left, right = set(source.lower().split()), set(target.lower().split())
        ones.update(left)
        others.update(right)
        both.update((a, b) for a in left for b in right)
    return {
        pair: 2 * count / (ones[pair[0]] + others[pair[1]])
        for pair, count in both.items()
        if count > 3 and len(pair[0]) > 3
    }


def main(folder, source, target, limit=None):
    """Prints what is lost, and how many tags are at their words."""
    translator, chosen = Translator.load(folder), random.Random(1)
    limit = None if limit is None else int(limit)
    sources, targets = ([*read_lines(path)][:limit] for path in (source, target))
    lines, asked = zip(*(marked(line, chosen) for line in sources), strict=True)
    started = time.perf_counter()
    found = translator(list(lines), markup=True)
    seconds = time.perf_counter() - started
    lost = sum(any(not stands(each, text) for each in own) for text, own in
               zip(found, asked, strict=True))  # fmt: skip
    badly = sum(not well_nested(text) for text in found)
    print(f"{len(lines)} lines in {seconds:.0f} s: {lost} lost something, {badly} badly nested")
    read = [Marked(line).plain for line in lines]
    wrong = over = 0
    for plain, text, source, own in zip(translator(read), found, read, asked, strict=True):
        written = bare(text, own[-1])
        wrong += bool(Counter(NUMBER.findall(written)) - Counter(NUMBER.findall(source)))
        over += bool(words_of(plain) - words_of(written))
    print(f"{wrong} have a number that the line has not, {over} lack a word for a number")
    plain = translator(sources)
    sure = {pair for pair, dice in dictionary(sources, targets).items() if dice >= SURE}
    tagged, wanted = [], []
    for line, text in zip(sources, plain, strict=True):
        words, written = line.split(), text.lower().split()
        pairs = [
            (i, word) for i, each in enumerate(words) for word in set(written)
            if (each.lower(), word) in sure and written.count(word) == 1
        ]  # fmt: skip
        if pairs:
            place, word = chosen.choice(pairs)
            tagged.append(" ".join([*words[:place], f"<b>{words[place]}</b>", *words[place + 1 :]]))
            wanted.append(word)
    within = [TAGGED.search(text)[1].lower().split() for text in translator(tagged, markup=True)]
    right = sum(word in own for word, own in zip(wanted, within, strict=True))
    tight = sum([word] == own for word, own in zip(wanted, within, strict=True))
    print(
        f"{len(wanted)} lines with one word in tags: these are round its translation in "
        f"{right / len(wanted):.1%}, and round nothing else in {tight / len(wanted):.1%}"
    )
    for line, text in zip(lines[:3], found[:3], strict=True):
        print(f"  {line}\n  {text}")


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
