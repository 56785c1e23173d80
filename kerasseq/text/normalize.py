"""The cleaning that every line passes first, written once for Python and once for the graph.

1. Invalid UTF-8 becomes U+FFFD (a run of them one).
2. What cannot be seen goes: NUL, byte order marks, soft hyphens, zero-width spaces and word
   joiners, marks of direction. A joiner, U+200C or U+200D, stays beside a letter of a script that
   writes with it, Arabic's, India's and their like, and in emoji; elsewhere it goes.
3. Every kind of white space and line break becomes one space, and the ends are stripped.
4. Letters and their marks are composed (NFC): "e" and U+0301 become "é". A line that holds one
   of the few marks that are newer than Unicode 14 stays as it is: Python and the graph know
   different ones.

With `keep_whitespace` the third step is left out: spaces, tabs and line breaks stay as they stand.
"""

from __future__ import annotations

import re
import typing
import unicodedata

from kerasseq.text.checks import check_line

if typing.TYPE_CHECKING:
    import tensorflow as tf

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
UNSEEN = "\ufeff\xad\u200b\u2060\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
JOINERS = "\u200c\u200d"
# Arabic to N'Ko; Arabic; India's, Thai to Myanmar's; Khmer to Mongolian; Limbu to Vedic; emoji;
# more of India's and Java's; Arabic's forms; emoji; Brahmi's kin; Adlam; emoji and their tags.
JOINED = (
    "\u0600-\u07ff\u0840-\u08ff\u0900-\u109f\u1780-\u18af\u1900-\u1cff\u20e3\u2194\u2195"
    "\u2600-\u27bf\u2b00-\u2bff\ua840-\ua87f\ua8e0-\ua8ff\ua980-\ua9df\uaa00-\uaaff"
    "\uabc0-\uabff\ufb50-\ufdff\ufe0f\ufe70-\ufefe\U00010a00-\U00010aff\U00010d00-\U00010fff"
    "\U00011000-\U00011fff\U0001e900-\U0001e95f\U0001f000-\U0001faff\U000e0020-\U000e007f"
)
LOST_JOINER = (f"(^|[^{JOINERS}{JOINED}])[{JOINERS}]+([^{JOINERS}{JOINED}]|$)", r"\1\2")
ONE_SPACE = (f"[{SPACES}]+", " ")
REPLACEMENTS = (
    (f"[{UNSEEN}]+", ""),  # first, so that the spaces around one become one
    LOST_JOINER,
    LOST_JOINER,  # two with one letter between
    ONE_SPACE,
    ("[\ufffd]+", "\ufffd"),
)
PATTERNS = [(re.compile(pattern), by) for pattern, by in REPLACEMENTS]
PATTERNS_BUT_SPACE = [each for each in PATTERNS if each[0].pattern != ONE_SPACE[0]]
# What no replacement changes lacks these: one search in place of five, for most lines.
TO_REPLACE = re.compile(f"[{UNSEEN}{JOINERS}{SPACES.replace(' ', '')}\ufffd]|  ")

# What changes when composed, or moves, in Unicode 15 to 18.
NEWER_MARKS = (
    "[\u05c8\u05c9\u0897\u1acf-\u1af0\U000105c9\U000105d2\U000105da\U000105e4"
    "\U00010d69-\U00010d6d\U00010ecb-\U00010ecf\U00010ef0-\U00010efb\U00010efd-\U00010eff"
    "\U00011382-\U00011385\U0001138b\U0001138e\U00011390\U00011391\U000113b8\U000113bb"
    "\U000113c2\U000113c5\U000113c7-\U000113c9\U000113ce-\U000113d0\U00011f41\U00011f42"
    "\U0001611e-\U00016129\U0001612f\U00016d63\U00016d67-\U00016d6a\U0001d127\U0001d128"
    "\U0001d250-\U0001d252\U0001d25b\U0001d25c\U0001d25f\U0001d280\U0001d281\U0001e08f"
    "\U0001e4ec-\U0001e4ef\U0001e5ee\U0001e5ef\U0001e6e3\U0001e6e6\U0001e6ee\U0001e6ef\U0001e6f5]"
)
FIND_NEWER_MARKS = re.compile(NEWER_MARKS)

# Capitals newer than Unicode 13, which the graph's library does not know: both leave them.
NEWER_CAPITALS = re.compile(
    "([\u1c89\u2c2f\ua7c0\ua7cb\ua7cc\ua7d0\ua7d2\ua7d4\ua7d6\ua7d8\ua7da\ua7dc"
    "\U00010570-\U00010595\U00010d50-\U00010d65\U00016ea0-\U00016eb8])"
)


def normalize(text: str | bytes, *, keep_whitespace: bool = False) -> str:
    """Cleans one line, as the file says above.

    Args:
        text: str, or bytes in UTF-8.
        keep_whitespace: bool, white space and line breaks stay as they stand.

    Returns:
        str, composed; unless they are kept without line breaks, with single spaces and none at the
        ends.

    Raises:
        ValueError: for what is neither.
    """
    check_line(text)
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogatepass")
    text = text.replace(b"\0", b"").decode("utf-8", "replace")
    if TO_REPLACE.search(text):
        for pattern, by in PATTERNS_BUT_SPACE if keep_whitespace else PATTERNS:
            text = pattern.sub(by, text)
    if not (text.isascii() or FIND_NEWER_MARKS.search(text)):
        text = unicodedata.normalize("NFC", text)
    return text if keep_whitespace else text.strip(" ")


def normalize_graph(texts: tf.Tensor, *, keep_whitespace: bool = False) -> tf.Tensor:
    """The same on a TensorFlow string tensor of any shape."""
    import tensorflow as tf
    import tensorflow_text as tf_text

    texts = tf.strings.regex_replace(texts, r"\x00", "")
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    for pattern, by in REPLACEMENTS:
        if not (keep_whitespace and (pattern, by) == ONE_SPACE):
            texts = tf.strings.regex_replace(texts, pattern, by)
    newer = tf.strings.regex_full_match(texts, f"(?s).*{NEWER_MARKS}.*")
    texts = tf.where(newer, texts, tf_text.normalize_utf8(texts, "NFC"))
    return texts if keep_whitespace else tf.strings.strip(texts)


def lowercase(text: str) -> str:
    """Lower-cases a normalised str as `tf.strings.lower(…, encoding="utf-8")` does."""
    # Every second part is a capital that was split at.
    parts = NEWER_CAPITALS.split(text)
    return "".join(part if i % 2 else part.lower() for i, part in enumerate(parts))
