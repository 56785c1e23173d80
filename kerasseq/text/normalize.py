"""The cleaning that every line passes first, written once for Python and once for the graph.

Invalid UTF-8 becomes U+FFFD (a run of them one), NUL and BOM go, every kind of white space
and line break becomes one space, and the ends are stripped.
"""

import re

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
REPLACEMENTS = ((f"[{SPACES}]+", " "), ("[\ufeff]+", ""), ("[\ufffd]+", "\ufffd"))
PATTERNS = [(re.compile(pattern), by) for pattern, by in REPLACEMENTS]


def normalize(text):
    """Cleans one line.

    Args:
        text: str, or bytes in UTF-8.

    Returns:
        str without line breaks, NUL or BOM; single spaces; no space at the ends.
    """
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
