"""How a `tokenizer.json` of SentencePiece's kind cleans text and marks its words with "▁"."""

import base64
import binascii
import typing

import numpy as np

from kerasseq.pretrained.charsmap import composed, letters_first
from kerasseq.pretrained.tokenizer_parts import part, sequence

BLANK = "▁"
MARKS = {"replacement": [BLANK], "str_rep": [BLANK], "add_prefix_space": [True]}
MARKS |= {"prepend_scheme": ["always"]}
RUNS = {"Regex": " {2,}"}
LINES = ({"Regex": "\n"}, {"Regex": r"\n"}, {"String": "\n"})


class Spacing(typing.NamedTuple):
    """What a SentencePiece model says of it.

    Attributes:
        charsmap: bytes, SentencePiece's table of characters and what becomes of them.
        whole_words: bool, no piece goes on behind a space.
        keeps_spaces: bool, spaces at the ends of a text become pieces.
        side: str, the side of an added token on which a space always goes with it.
    """

    charsmap: bytes
    whole_words: bool
    keeps_spaces: bool
    side: str


def read_spacing(where, found, byte_fallback):
    """The Spacing of the normalizer, the pre-tokenizer and the decoder.

    Args:
        where: str, the file.
        found: dict, what it holds.
        byte_fallback: bool, whether pieces spell bytes.

    Raises:
        ValueError: for a part without a counterpart in SentencePiece, by its name.
    """
    normalizer = part(where, found, "normalizer")
    letters, rest = letters_first(sequence(normalizer, "normalizers"))
    charsmap = b""
    if rest and rest[0].kind == "Precompiled":
        charsmap = _charsmap(rest.pop(0))
    charsmap = composed(letters, charsmap)
    replaced, prepends, strips, runs = None, False, False, not charsmap
    for each in rest:
        if each.kind == "Strip":  # on the left it takes what "▁" is written for
            fixed = {"strip_left": [True, False], "strip_right": [True, False]}
            strips = strips or each.check((), fixed).get("strip_right") is True
        elif each.kind == "Prepend" and replaced is None:
            prepends = each.check((), {"prepend": [BLANK]}) and True
        elif each.kind == "Replace":
            fields = each.check(("pattern", "content"))
            pattern, content = fields.get("pattern"), fields.get("content")
            if pattern == RUNS and content in (" ", BLANK):
                runs = True
            elif pattern == {"String": " "} and content == BLANK:
                replaced = each
            elif pattern not in LINES or content != " ":  # a line holds no line break
                raise each.refuse("Replace of runs of spaces")
        else:
            raise each.refuse("Precompiled", "Replace", "Strip", "Prepend")
    marks, splits, whole_words = _pre_tokenizer(where, found)
    if marks == (prepends and replaced is not None) or prepends != (replaced is not None):
        raise part(where, found, "pre_tokenizer").refuse("Metaspace")
    if not (runs or splits):
        raise normalizer.refuse("Sequence of Precompiled and Replace of runs of spaces")
    _check_decoder(part(where, found, "decoder"), byte_fallback)
    side = "both" if splits else "left" if strips else ""
    return Spacing(charsmap, whole_words, prepends, side)


def _pre_tokenizer(where, found):
    """Whether Metaspace writes the marks, spaces cut text before that, and words are whole."""
    parts = sequence(part(where, found, "pre_tokenizer"), "pretokenizers")
    splits = bool(parts) and parts[0].kind == "WhitespaceSplit"
    if splits:
        parts.pop(0).check()
    if not parts and not splits:
        return False, False, False
    if len(parts) != 1 or parts[0].kind != "Metaspace":
        raise (parts or [part(where, found, "pre_tokenizer")])[0].refuse("Metaspace")
    fields = parts[0].check((), MARKS | {"split": [True, False]})
    if "prepend_scheme" not in fields and "add_prefix_space" not in fields:
        raise parts[0].refuse("Metaspace with prepend_scheme")
    return True, splits, splits or fields.get("split", True)


def _check_decoder(decoder, byte_fallback):
    parts = sequence(decoder, "decoders")
    kinds = [each.kind for each in parts]
    if "ByteFallback" in kinds:
        parts.pop(kinds.index("ByteFallback")).check()
    if byte_fallback != ("ByteFallback" in kinds):
        raise decoder.refuse(
            "Sequence with ByteFallback" if byte_fallback else "Metaspace without ByteFallback"
        )
    kinds = [each.kind for each in parts]
    if kinds == ["Metaspace"]:
        parts[0].check((), MARKS | {"split": [True, False]})
    elif kinds == ["Replace", "Fuse", "Strip"]:
        replace, fuse, strip = parts
        replace.check((), {"pattern": [{"String": BLANK}], "content": [" "]})
        fuse.check()
        strip.check((), {"content": [" "], "start": [1], "stop": [0]})
    else:
        raise decoder.refuse("Metaspace")


def _charsmap(precompiled):
    """SentencePiece's own bytes, if they are a trie that leads to texts behind it.

    The trie is a double array (darts-clone): units of 32 bits, each a value, or where it leads.
    """
    text = precompiled.check(["precompiled_charsmap"]).get("precompiled_charsmap")
    try:
        table = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        table = b""
    size = int.from_bytes(table[:4], "little")
    if size and not size % 1024 and size < len(table) - 4 and table[-1] == 0:
        units = np.frombuffer(table, "<u4", size // 4, 4)
        leads = np.arange(len(units)) ^ ((units >> 10) << ((units & 512) >> 6))
        values = units & 0x7FFFFFFF
        is_value = values != units
        if (np.where(is_value, values < len(table) - 4 - size, leads < len(units))).all():
            return table
    raise ValueError(
        f"Expected precompiled_charsmap in {precompiled.where}, SentencePiece's table of "
        f"characters in base64; received {text!r:.40}. Save the tokenizer again."
    )
