"""The parts of Hugging Face's `tokenizer.json`, each of a kind that is read, or refused by name."""

import typing

from kerasseq.pretrained import inert
from kerasseq.pretrained.fields import check_fields

FILE = "tokenizer.json"
PARTS = ("model", "normalizer", "pre_tokenizer", "post_processor", "decoder", "added_tokens")


class Part(typing.NamedTuple):
    """A part of the file.

    Attributes:
        where: str, the part and the file, for messages.
        kind: str, what the part says that it is; what stands there in its place, when that is
            no object.
        fields: dict, what stands there; empty for None.
    """

    where: str
    kind: typing.Any
    fields: dict

    def check(self, read=(), fixed=None, ignored=()):
        """Refuses a field that is not read; see `check_fields`.

        Returns:
            the fields.
        """
        check_fields(self.where, self.fields, ("type", *read), fixed, ignored)
        return self.fields

    def refuse(self, *expected):
        """The error for a part of a kind that is not supported."""
        name, file = self.where.split(" of ", 1)
        return ValueError(
            f"Expected a {name} of type {' or '.join(map(str, expected))} in {file}; received "
            f"{self.kind!r:.80}, which is not supported. Choose another tokenizer."
        )


def read_file(folder):
    """What `tokenizer.json` holds, a dict, its settings of cutting and padding checked.

    Raises:
        FileNotFoundError: without the file.
        ValueError: for a damaged file, or a part that is not known.
    """
    found = folder.json(FILE)
    where = str(folder.path / FILE)
    check_fields(where, found, (*PARTS, "truncation", "padding"), {"version": ["1.0"]})
    sides = {"direction": ["Right"]}
    for name, fixed, ignored in (
        ("truncation", sides, inert.TRUNCATION),
        ("padding", sides, (*inert.PADDING, "pad_id")),
    ):
        if found.get(name) is not None:
            part(where, found, name).check((), fixed, ignored)
    return found


def part(where, found, name):
    """A Part by its name.

    Raises:
        ValueError: for one that is no object.
    """
    return make_part(f"{name} of {where}", found.get(name))


def make_part(where, fields):
    """A Part of what stands there; of None when it is nothing."""
    if not isinstance(fields, dict | None):
        raise ValueError(
            f"Expected {where} as an object; received {fields!r:.80}. Save the tokenizer again."
        )
    fields = fields or {}
    return Part(where, fields.get("type"), fields)


def pieces_in_order(where, vocabulary):
    """The pieces of a dict from pieces to ids, a list in id order.

    Raises:
        ValueError: for another thing, or ids that do not count from 0 up.
    """
    ids = list(vocabulary.values()) if isinstance(vocabulary, dict) else [None]
    if not ids or any(type(i) is not int for i in ids) or sorted(ids) != list(range(len(ids))):
        raise ValueError(
            f"Expected model.vocab of {where} to give pieces the ids from 0 up; received others. "
            "Save the tokenizer again."
        )
    return sorted(vocabulary, key=vocabulary.get)


def sequence(whole, name):
    """The parts of a part that may be a Sequence, which lists them by `name`; none for None."""
    if whole.kind != "Sequence":
        return [whole] if whole.fields else []
    parts = whole.check([name]).get(name)
    if not isinstance(parts, list):
        raise ValueError(
            f"Expected a list of {name} in {whole.where}; received {parts!r:.80}. Save the "
            "tokenizer again."
        )
    return [make_part(whole.where, each) for each in parts]
