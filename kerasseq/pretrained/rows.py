"""What stands before and behind a text, as the post-processor of a `tokenizer.json` says."""

import typing

from kerasseq.pretrained.tokenizer_parts import make_part, part, sequence

OFFSETS = ("trim_offsets", "add_prefix_space", "use_regex")  # of places in a text


class Rows(typing.NamedTuple):
    """A row for a model is `before A behind`, or `before A between B behind`.

    Attributes:
        before, behind: tuples of str, pieces as the file calls them.
        between: tuple of str; None when pairs are not of this form.
    """

    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    between: tuple[str, ...] | None = ()

    def renamed(self, names):
        """Rows of other names, as a dict from these to those says."""
        return Rows(*(form and tuple(names.get(token, token) for token in form) for form in self))


def read_rows(where, found, numbers):
    """The Rows of a file.

    Args:
        where: str, the file.
        found: dict, what it holds.
        numbers: dict from each token, a str, to its id.

    Raises:
        ValueError: for another kind of post-processor, or tokens that are not the vocabulary's.
    """
    whole = part(where, found, "post_processor")
    parts = sequence(whole, "processors")
    rest = [each for each in parts if each.kind != "ByteLevel"]
    for each in parts:
        if each.kind == "ByteLevel":
            each.check((), ignored=OFFSETS)
    if not rest:
        return Rows()
    if len(rest) > 1:
        raise rest[1].refuse("ByteLevel")
    (chosen,) = rest
    if chosen.kind == "TemplateProcessing":
        return _template(chosen, numbers)
    if chosen.kind not in ("RobertaProcessing", "BertProcessing"):
        raise chosen.refuse("TemplateProcessing", "RobertaProcessing", "BertProcessing")
    fields = chosen.check(("cls", "sep"), ignored=OFFSETS)
    cls, sep = (_symbol(chosen, fields.get(name), numbers) for name in ("cls", "sep"))
    return Rows((cls,), (sep,), (sep, sep) if chosen.kind == "RobertaProcessing" else (sep,))


def _symbol(chosen, entry, numbers):
    """The token of `[token, id]`."""
    if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[0], str):
        raise _other(chosen, entry)
    if entry[0] not in numbers or numbers[entry[0]] != entry[1]:
        raise _other(chosen, entry)
    return entry[0]


def _template(chosen, numbers):
    fields = chosen.check(("single", "pair", "special_tokens"))
    tokens = fields.get("special_tokens")
    stated = {}
    for name, entry in tokens.items() if isinstance(tokens, dict) else ():
        ids = entry.get("ids") if isinstance(entry, dict) else None
        if not isinstance(ids, list) or len(ids) != 1:
            raise _other(chosen, entry)
        stated[name] = ids[0]
    single, pair = (
        [_piece(chosen, each, numbers, stated) for each in _list(chosen, fields.get(name))]
        for name in ("single", "pair")
    )
    texts = [[each for each in form if isinstance(each, int)] for form in (single, pair)]
    if texts[0] != [0]:
        raise _other(chosen, fields.get("single"))
    place = single.index(0)
    before, behind = tuple(single[:place]), tuple(single[place + 1 :])
    between = None
    if texts[1] == [0, 1] and (*pair[: pair.index(0)], *pair[pair.index(1) + 1 :]) == (
        *before,
        *behind,
    ):
        between = tuple(pair[pair.index(0) + 1 : pair.index(1)])
    return Rows(before, behind, between)


def _list(chosen, form):
    if not isinstance(form, list):
        raise _other(chosen, form)
    return form


def _piece(chosen, entry, numbers, stated):
    """A text's number, 0 or 1, or a token."""
    for name in ("Sequence", "SpecialToken"):
        each = entry.get(name) if isinstance(entry, dict) else None
        if each is None:
            continue
        found = make_part(chosen.where, each).fields.get("id")
        if name == "Sequence" and found in ("A", "B"):
            return "AB".index(found)
        known = isinstance(found, str) and found in numbers
        if name == "SpecialToken" and known and stated.get(found) == numbers[found]:
            return found
    raise _other(chosen, entry)


def _other(chosen, entry):
    return ValueError(
        f"Expected the texts A and B and tokens with the vocabulary's ids in {chosen.where}; "
        f"received {entry!r:.80}. Save the tokenizer again."
    )
