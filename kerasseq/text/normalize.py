"""The cleaning that every line passes first, written once for Python and once for the graph.

Invalid UTF-8 becomes U+FFFD (a run of them one), NUL and BOM go, every kind of white space
and line break becomes one space, and the ends are stripped.
"""

import re

from kerasseq.text.checks import check_line

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# BOM first, so that the spaces around one become one.
REPLACEMENTS = (("[\ufeff]+", ""), (f"[{SPACES}]+", " "), ("[\ufffd]+", "\ufffd"))
PATTERNS = [(re.compile(pattern), by) for pattern, by in REPLACEMENTS]

# Capitals newer than Unicode 13, which the graph's library does not know: both leave them.
NEWER_CAPITALS = re.compile(
    "([\u1c89\u2c2f\ua7c0\ua7cb\ua7cc\ua7d0\ua7d2\ua7d4\ua7d6\ua7d8\ua7da\ua7dc"
    "\U00010570-\U00010595\U00010d50-\U00010d65\U00016ea0-\U00016eb8])"
)


def normalize(text):
    """Cleans one line.

    Args:
        text: str, or bytes in UTF-8.

    Returns:
        str without line breaks, NUL or BOM; single spaces; no space at the ends.

    Raises:
        ValueError: for what is neither.
    """
    check_line(text)
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogatepass")
    text = text.replace(b"\0", b"").decode("utf-8", "replace")
    for pattern, by in PATTERNS:
        text = pattern.sub(by, text)
    return text.strip(" ")


def normalize_graph(texts):
    """The same on a TensorFlow string tensor of any shape."""
    import tensorflow as tf

    texts = tf.strings.regex_replace(texts, r"\x00", "")
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    for pattern, by in REPLACEMENTS:
        texts = tf.strings.regex_replace(texts, pattern, by)
    return tf.strings.strip(texts)


def lowercase(text):
    """Lower-cases a normalised str as `tf.strings.lower(…, encoding="utf-8")` does."""
    # Every second part is a capital that was split at.
    parts = NEWER_CAPITALS.split(text)
    return "".join(part if i % 2 else part.lower() for i, part in enumerate(parts))
