"""Fonts that have every character of a figure's texts."""

import functools
import os
import pathlib
import re
import unicodedata
import warnings

import matplotlib.font_manager
import matplotlib.ft2font

# Comes with matplotlib: Latin, Greek, Cyrillic, Hebrew, Arabic and many signs.
FIRST = "DejaVu Sans"
FOLDER = "KERASSEQ_FONTS"  # the variable that names a folder of fonts, which are looked at first
SAID = set()  # scripts that were warned of
CJK = {"Cjk", "Hiragana", "Katakana", "Hangul", "Bopomofo"}
# The end of a file's name, after its last hyphen, for a font that is not the plain one.
STYLES = re.compile(
    r"-[^-]*(bold|black|heavy|light|thin|medium|italic|oblique|condensed)[^-]*$", re.IGNORECASE
)


def settings(texts):
    """Matplotlib settings with which the texts show without an empty box.

    Letters that join or combine (Arabic, Devanagari) are shaped by matplotlib itself.

    Args:
        texts: iterable of str.

    Returns:
        dict for `matplotlib.rc_context`. Warns once of letters that no font has, in the system or
        in the folder that `KERASSEQ_FONTS` names; it says their scripts, and what has them.
    """
    missing = frozenset("".join(texts)) - covered(_path_of(FIRST))
    missing = {each for each in missing if unicodedata.category(each)[0] not in "CZ"}
    families, left = _families(frozenset(missing))
    if left:
        scripts = sorted({unicodedata.name(each, "unnamed").split()[0].title() for each in left})
        _warn(tuple(scripts), min(left))
    # A "$" is no sign of a formula.
    return {
        "font.family": [FIRST, *families],
        "svg.fonttype": "none",
        "text.parse_math": False,
    }


def _warn(scripts, example):
    """Says once which scripts no font has, and how to get one."""
    if scripts in SAID:
        return
    SAID.add(scripts)
    package = "fonts-noto-cjk" if {*scripts} & CJK else "fonts-noto-core"
    warnings.warn(
        f"Expected an installed font for {', '.join(scripts)} characters such as {example!r}; "
        f"found none. They show as boxes: install the Noto fonts (on Debian and Ubuntu apt install "
        f"{package}, on a Mac brew install font-noto-sans-cjk), or put one of their .ttf or .otf "
        f"files into the folder that {FOLDER} names.",
        stacklevel=4,
    )


@functools.cache
def _families(missing):
    """The installed fonts that have the missing characters, most useful first, and the rest."""
    families, left = [], set(missing)
    while left:
        path = max(_installed(), key=lambda each: len(left & covered(each)), default=None)
        if path is None or not left & covered(path):
            break
        matplotlib.font_manager.fontManager.addfont(path)
        families.append(matplotlib.ft2font.FT2Font(path).family_name)
        left -= covered(path)
    return families, left


@functools.cache
def covered(path):
    """The characters that a font file has: a frozenset of str, empty for one that is not read."""
    try:
        font = matplotlib.ft2font.FT2Font(path)
    except (OSError, RuntimeError):
        return frozenset()
    # Matplotlib draws outlines, no bitmaps, in which colour emoji often come.
    return frozenset(map(chr, font.get_charmap())) if font.scalable else frozenset()


@functools.cache
def _installed():
    """The files of fonts of regular weight and upright: the folder's, then the system's, sorted."""
    folder = os.environ.get(FOLDER)
    own = matplotlib.font_manager.findSystemFonts([folder]) if folder else []
    paths = matplotlib.font_manager.findSystemFonts()
    return sorted(own) + sorted(
        path for path in paths if not STYLES.search(pathlib.Path(path).stem)
    )


def _path_of(family):
    return matplotlib.font_manager.findfont(family)
