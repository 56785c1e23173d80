"""Whether a first row names its columns: by words that texts and labels hardly ever are."""

from __future__ import annotations

import re
import typing
from collections.abc import Sequence

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

NAMES_LISTED = """
    answer caption category class comment content context dialogue document hypothesis input label
    labels language output premise question reference review sentence sentence1 sentence2 sentiment
    source source_text src src_text summary tag target target_text text text1 text2 tgt tgt_text
    title topic translation
    antwort etikett frage kategorie klasse quelle quelltext satz thema titel ziel zieltext
    catégorie cible classe phrase texte titre traduction étiquette
    categoría clase destino etiqueta frase fuente oración texto traducción
    categoria destinazione etichetta sorgente testo traduzione
    fråga källa källtext mening mål måltext svar
    категория метка перевод предложение текст
    文本 标签 类别 句子 テキスト ラベル 文 텍스트 레이블
"""
LANGUAGES_LISTED = """
    arabic bulgarian catalan chinese croatian czech danish dutch english estonian finnish french
    german greek hebrew hindi hungarian icelandic indonesian irish italian japanese korean latin
    latvian lithuanian norwegian persian polish portuguese romanian russian serbian slovak slovene
    spanish swedish thai turkish ukrainian vietnamese welsh
    deutsch englisch französisch italienisch spanisch schwedisch russisch polnisch
    français anglais allemand espagnol italien español inglés alemán francés italiano
    inglese tedesco francese português inglês svenska engelska tyska nederlands engels dansk norsk
    suomi polski čeština русский английский немецкий 中文 英文 英语 日本語 英語 한국어 영어
"""
# By ISO 639-1. A text may be such a word too, and an identifier or a column of numbers is none.
CODES_LISTED = """
    af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is
    it ja ka kk km kn ko lt lv mk ml mn mr ms my nb ne nl nn no pa pl ps pt ro ru si sk sl sq sr sv
    sw ta te th tl tr uk ur uz vi yi zh
"""
NAMES, LANGUAGES, CODES = (
    frozenset(listed.split()) for listed in (NAMES_LISTED, LANGUAGES_LISTED, CODES_LISTED)
)
NUMBERS = frozenset(["", "#", "idx", "index", "nr", "row", "uid", "unnamed: 0"])
LOCALE = re.compile("([a-z]{2})[-_][a-z]{2,4}")
IDENTIFIER = re.compile("[a-z]+(_[a-z0-9]+)+")


def holds_names(row: Sequence[str]) -> bool | None:
    """Whether what stands in the wanted columns of a first row names them: None in doubt."""
    words = [word.strip().lower() for word in row]
    if not any(words) or len(set(words)) < len(words):
        return False
    if all(word in NAMES or word in LANGUAGES for word in words):
        return True
    return None if all(map(_may_name, words)) else False


def in_doubt(path: AnyPath, received: str) -> ValueError:
    """The error of a table of which it cannot be told whether its first row has names.

    Args:
        path: path of the table.
        received: str, what leaves the doubt.
    """
    return ValueError(
        f"Expected to be told whether row 1 of {path} names its columns; received {received}. Name "
        "the columns that are wanted if it does; else pass header=False, or write a row of names "
        "above it."
    )


def check_apart(
    columns: Sequence[int | str | None], where: AnyPath, names: Sequence[str] | None = None
) -> None:
    """Refuses a column that is wanted twice.

    Args:
        columns: list of str and int; of None where none is told.
        where: what messages call the rows.
        names: list of str, by which messages call columns that are numbers.

    Raises:
        ValueError: see above.
    """
    told = [column for column in columns if column is not None]
    twice = next((column for column in told if told.count(column) > 1), None)
    if twice is not None:
        shown = names[twice] if names and isinstance(twice, int) else twice
        raise ValueError(
            f"Expected different columns of {where}; received {shown!r} twice. Name another for "
            "one of them."
        )


def _may_name(word):
    """Whether a word may be the name of a column."""
    locale = LOCALE.fullmatch(word)
    known = word in NAMES or word in LANGUAGES or word in CODES or word in NUMBERS
    return known or (locale and locale[1] in CODES) or bool(IDENTIFIER.fullmatch(word))
