"""Number words, read back by a parser of their own and against tables written by hand."""

import random

import pytest

from kerasseq.data import load, number_pairs
from kerasseq.data.numbers import english, french, german

ENGLISH = {
    0: "zero", 10: "ten", 12: "twelve", 13: "thirteen", 15: "fifteen", 18: "eighteen",
    20: "twenty", 40: "forty", 42: "forty two", 80: "eighty", 100: "one hundred",
    110: "one hundred ten", 1000: "one thousand", 1001: "one thousand one",
    51_203: "fifty one thousand two hundred three",
    999_999: "nine hundred ninety nine thousand nine hundred ninety nine",
}  # fmt: skip
GERMAN = {
    0: "null", 1: "eins", 2: "zwei", 11: "elf", 12: "zwölf", 16: "sechzehn", 17: "siebzehn",
    20: "zwanzig", 21: "einundzwanzig", 30: "dreißig", 31: "einunddreißig", 60: "sechzig",
    66: "sechsundsechzig", 70: "siebzig", 77: "siebenundsiebzig", 100: "einhundert",
    101: "einhunderteins", 111: "einhundertelf", 121: "einhunderteinundzwanzig",
    201: "zweihunderteins", 1000: "eintausend", 1001: "eintausendeins",
    1100: "eintausendeinhundert", 2001: "zweitausendeins", 21_000: "einundzwanzigtausend",
    51_203: "einundfünfzigtausendzweihundertdrei", 100_001: "einhunderttausendeins",
    101_000: "einhunderteintausend", 101_101: "einhunderteintausendeinhunderteins",
    999_999: "neunhundertneunundneunzigtausendneunhundertneunundneunzig",
}  # fmt: skip
FRENCH = {
    0: "zéro", 1: "un", 16: "seize", 17: "dix-sept", 20: "vingt", 21: "vingt et un",
    22: "vingt-deux", 31: "trente et un", 60: "soixante", 61: "soixante et un", 70: "soixante-dix",
    71: "soixante et onze", 72: "soixante-douze", 77: "soixante-dix-sept", 79: "soixante-dix-neuf",
    80: "quatre-vingts", 81: "quatre-vingt-un", 88: "quatre-vingt-huit", 90: "quatre-vingt-dix",
    91: "quatre-vingt-onze", 99: "quatre-vingt-dix-neuf", 100: "cent", 101: "cent un",
    180: "cent quatre-vingts", 200: "deux cents", 201: "deux cent un",
    280: "deux cent quatre-vingts",
    300: "trois cents", 1000: "mille", 1001: "mille un", 1100: "mille cent", 2000: "deux mille",
    1080: "mille quatre-vingts", 1200: "mille deux cents", 21_000: "vingt et un mille",
    80_000: "quatre-vingt mille", 80_080: "quatre-vingt mille quatre-vingts",
    100_000: "cent mille", 200_000: "deux cent mille", 200_200: "deux cent mille deux cents",
    280_000: "deux cent quatre-vingt mille", 71_071: "soixante et onze mille soixante et onze",
}  # fmt: skip


@pytest.mark.parametrize("say, table", [(english, ENGLISH), (german, GERMAN), (french, FRENCH)])
def test_words_written_by_hand(say, table):
    assert {number: say(number) for number in table} == table


SMALL_ENGLISH = dict(
    zero=0, one=1, two=2, three=3, four=4, five=5, six=6, seven=7, eight=8, nine=9, ten=10,
    eleven=11, twelve=12, thirteen=13, fourteen=14, fifteen=15, sixteen=16, seventeen=17,
    eighteen=18, nineteen=19, twenty=20, thirty=30, forty=40, fifty=50, sixty=60, seventy=70,
    eighty=80, ninety=90,
)  # fmt: skip
SMALL_GERMAN = dict(
    null=0, eins=1, ein=1, zwei=2, drei=3, vier=4, fünf=5, sechs=6, sieben=7, acht=8, neun=9,
    zehn=10, elf=11, zwölf=12, dreizehn=13, vierzehn=14, fünfzehn=15, sechzehn=16, siebzehn=17,
    achtzehn=18, neunzehn=19, zwanzig=20, dreißig=30, vierzig=40, fünfzig=50, sechzig=60,
    siebzig=70, achtzig=80, neunzig=90,
)  # fmt: skip
SMALL_FRENCH = dict(
    zéro=0, un=1, deux=2, trois=3, quatre=4, cinq=5, six=6, sept=7, huit=8, neuf=9, dix=10,
    onze=11, douze=12, treize=13, quatorze=14, quinze=15, seize=16, vingt=20, trente=30,
    quarante=40, cinquante=50, soixante=60,
)  # fmt: skip


def read_english(text):
    total = part = 0
    for word in text.split():
        if word == "thousand":
            total, part = part * 1000, 0
        elif word == "hundred":
            part *= 100
        else:
            part += SMALL_ENGLISH[word]
    return total + part


def read_german(word):
    if "tausend" in word:
        thousands, rest = word.split("tausend")
        return read_german(thousands) * 1000 + (read_german(rest) if rest else 0)
    if "hundert" in word:
        hundreds, rest = word.split("hundert")
        return SMALL_GERMAN[hundreds] * 100 + (read_german(rest) if rest else 0)
    if word in SMALL_GERMAN:
        return SMALL_GERMAN[word]
    unit, ten = word.split("und")
    assert ten.endswith("zig") or ten == "dreißig"
    return SMALL_GERMAN[unit] + SMALL_GERMAN[ten]


def read_french(text):
    total = part = 0
    words = text.replace("quatre-vingts", "huitante").replace("quatre-vingt", "huitante")
    for word in words.replace("-", " ").split():
        if word == "mille":
            total, part = (part or 1) * 1000, 0
        elif word in ("cent", "cents"):
            part = (part or 1) * 100
        elif word == "huitante":
            part += 80
        elif word != "et":
            part += SMALL_FRENCH[word]
    return total + part


@pytest.mark.parametrize(
    "say, read", [(english, read_english), (german, read_german), (french, read_french)]
)
def test_words_are_read_back(say, read):
    numbers = [*range(10_000), *random.Random(0).sample(range(10_000, 1_000_000), 10_000)]
    said = [say(number) for number in numbers]
    assert [read(text) for text in said] == numbers
    assert len(set(said)) == len(numbers)


def test_the_marks_of_each_language():
    for number in range(0, 1_000_000, 997):
        assert "-" not in english(number) and "and" not in english(number).replace("thousand", "")
        assert german(number).isalpha()
        # the s of "cents" and "quatre-vingts" stands only at the very end
        assert "s " not in french(number).replace("trois ", "").replace("six ", "")
        assert "milles" not in french(number) and not french(number).startswith("un mille")


@pytest.mark.parametrize("target, read", [("german", read_german), ("french", read_french)])
def test_the_three_parts_are_disjoint_and_agree(target, read):
    parts = number_pairs(target, 2000, 300, 200)
    assert [len(part) for part in parts] == [2000, 300, 200]
    numbers = [[read_english(source) for source, _ in part] for part in parts]
    assert numbers == [[read(text) for _, text in part] for part in parts]
    every = [number for part in numbers for number in part]
    assert len(set(every)) == 2500
    assert set(range(100)) <= set(numbers[0])
    for part in numbers:
        digits = [len(str(number)) for number in part]
        assert all(digits.count(length) > len(part) / 10 for length in (3, 4, 5, 6))
    assert numbers[0] != sorted(numbers[0])


def test_the_seed_decides():
    assert number_pairs("german", 500, 50, 50) == number_pairs("german", 500, 50, 50)
    assert number_pairs("german", 500, 50, 50) != number_pairs("german", 500, 50, 50, seed=1)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="received 'dutch'"):
        number_pairs("dutch")
    with pytest.raises(ValueError, match="received 99 and 2099"):
        number_pairs("german", train=99)
    with pytest.raises(ValueError, match="received 600000"):
        number_pairs("german", train=600_000)


def test_load_gives_the_built_in_corpus():
    corpus = load("numbers", target="french")
    assert [len(corpus.train), len(corpus.validation), len(corpus.test)] == [20_000, 1000, 1000]
    source, target = next(iter(corpus.test))
    assert read_english(source) == read_french(target)
    with pytest.raises(ValueError, match="\"english\".*received 'german'"):
        load("numbers", source="german")
