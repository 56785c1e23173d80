"""The built-in corpus: English number words, with their German and French."""

from __future__ import annotations

import random
from collections.abc import Callable

words: Callable[[str], list[str]] = str.split

ONES = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = words("- - twenty thirty forty fifty sixty seventy eighty ninety")
GERMAN_ONES = words(
    "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn"
)
GERMAN_TENS = words("- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")
FRENCH_ONES = words(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf"
)
FRENCH_TENS = words(
    "- - vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt"
)
LIMIT = 1_000_000


def english(number: int) -> str:
    """English words of `0 … 999,999`, without "and" and hyphens: "fifty one thousand two"."""
    if number >= 1000:
        rest = number % 1000
        return f"{english(number // 1000)} thousand" + (f" {english(rest)}" if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{ONES[number // 100]} hundred" + (f" {english(rest)}" if rest else "")
    if number >= 20:
        return TENS[number // 10] + (f" {ONES[number % 10]}" if number % 10 else "")
    return ONES[number]


def german(number: int) -> str:
    """The German word of `0 … 999,999`: one word, units before tens ("einundfünfzig")."""
    word = _german_below_thousand(number % 1000) if number % 1000 or not number else ""
    if number >= 1000:
        word = f"{_german_below_thousand(number // 1000)}tausend{word}"
    # A final one is inflected: "eins", "einhunderteins"
    return word + "s" if number % 100 == 1 else word


def _german_below_thousand(number):
    hundreds, rest = divmod(number, 100)
    word = f"{GERMAN_ONES[hundreds]}hundert" if hundreds else ""
    if rest >= 20:
        unit = f"{GERMAN_ONES[rest % 10]}und" if rest % 10 else ""
        return word + unit + GERMAN_TENS[rest // 10]
    return word + GERMAN_ONES[rest] if rest or not hundreds else word


def french(number: int) -> str:
    """French words of `0 … 999,999` ("soixante et onze", "quatre-vingts", "deux cents")."""
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _french_below_thousand(rest, final=True)
    parts = ["mille"] if thousands == 1 else [_french_below_thousand(thousands, False), "mille"]
    return " ".join([*parts, _french_below_thousand(rest, True)] if rest else parts)


def _french_below_thousand(number, final):
    """`final`: no "mille" follows, so that "cents" and "quatre-vingts" take their s."""
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _french_below_hundred(rest, final)
    parts = [] if hundreds == 1 else [FRENCH_ONES[hundreds]]
    if not rest:
        return " ".join([*parts, "cents" if parts and final else "cent"])
    return " ".join([*parts, "cent", _french_below_hundred(rest, final)])


def _french_below_hundred(number, final):
    if number < 20:
        return FRENCH_ONES[number]
    tens, unit = divmod(number, 10)
    if tens in (7, 9):
        unit += 10
    if not unit:
        return FRENCH_TENS[tens] + ("s" if tens == 8 and final else "")
    joined = " et " if unit in (1, 11) and tens < 8 else "-"
    return FRENCH_TENS[tens] + joined + FRENCH_ONES[unit]


LANGUAGES = {"english": english, "german": german, "french": french}


def number_pairs(
    target: str = "german",
    train: int = 20_000,
    validation: int = 1_000,
    test: int = 1_000,
    seed: int = 0,
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[tuple[str, str]]]:
    """Draws disjoint lists of `(English, target)` pairs.

    Every length of number is as likely as any other, and 0 to 99 are all in the training
    part.

    Args:
        target: "german" or "french".
        train, validation, test: int, pairs of each part.
        seed: int.

    Returns:
        three lists of pairs of str.

    Raises:
        ValueError: for another language, or more pairs than there are numbers.
    """
    if target not in ("german", "french"):
        raise ValueError(f'Expected target "german" or "french"; received {target!r}. Choose one.')
    wanted = train + validation + test
    if train < 100 or wanted > LIMIT // 2:
        raise ValueError(
            f"Expected 100 or more training pairs and at most {LIMIT // 2} in all; received "
            f"{train} and {wanted}. Choose sizes between."
        )
    generator = random.Random(seed)
    drawn = dict.fromkeys(range(100))
    while len(drawn) < wanted:
        digits = generator.randint(3, 6)
        drawn[generator.randrange(10 ** (digits - 1), 10**digits)] = None
    small, rest = list(drawn)[:100], list(drawn)[100:]
    generator.shuffle(rest)
    numbers = small + rest
    say = LANGUAGES[target]
    pairs = [(english(number), say(number)) for number in numbers]
    first = pairs[:train]
    generator.shuffle(first)
    return first, pairs[train : train + validation], pairs[train + validation :]
