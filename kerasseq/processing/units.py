"""A text cut into words, marks and ideographs that join to the very same text.

Span finding counts in units: tokens are cut from each unit by itself, so that a span of tokens is
a stretch of the original text, in Python and in a graph alike.
"""

from __future__ import annotations

import typing

from kerasseq.text.character_kinds import pattern, stands_alone

if typing.TYPE_CHECKING:
    import tensorflow as tf

CUT = "\x01"


def units(text: str) -> list[str]:
    """Cuts a normalised str: before a space, and around a mark or ideograph.

    Returns:
        list of str, whose concatenation is `text` without the character U+0001.
    """
    found, alone = [], True
    for character in text.replace(CUT, ""):
        single = stands_alone(character)
        if alone or single or character == " ":
            found.append("")
        found[-1] += character
        alone = single
    return found


def units_graph(texts: tf.Tensor) -> tf.RaggedTensor:
    """The same for normalised TensorFlow strings `(B,)`: ragged strings `(B, None)`."""
    import tensorflow as tf

    texts = tf.strings.regex_replace(texts, CUT, "")
    texts = tf.strings.regex_replace(texts, " ", f"{CUT} ")
    texts = tf.strings.regex_replace(texts, f"({pattern(stands_alone)})", rf"{CUT}\1{CUT}")
    found = tf.strings.split(texts, CUT)
    return tf.ragged.boolean_mask(found, found != "")
