"""Terms that a translation must have, and others that it must not."""

from __future__ import annotations

import typing
import warnings
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from kerasseq.processing.padding import rounded
from kerasseq.text.normalize import lowercase, normalize
from kerasseq.text.spelling import in_word
from kerasseq.untrusted import read_text

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.processing.translations import Translations
    from kerasseq.text.spelling import Spelling
    from kerasseq.text.tokenizer import Tokenizer

# What is asked of a translation.
Glossaries: typing.TypeAlias = "Glossary | Mapping[str, typing.Any] | Iterable[typing.Any] | None"
LONGEST = 16  # tokens of a wanted term
WIDEST = 64  # bytes of an unwanted one
EITHER, NOT = "|", "!"


class Entry(typing.NamedTuple):
    """What holds where a source term stands.

    Attributes:
        source: str; "" for every source.
        targets: tuple of str, of which a translation must have one; or must have none.
        wanted: bool, which of both.
    """

    source: str
    targets: tuple[str, ...]
    wanted: bool = True

    def __str__(self) -> str:
        return NOT * (not self.wanted) + EITHER.join(self.targets)


class Glossary:
    """Terms that translations must have, and others that they must not.

    A term is one or more words, and stands in a text as whole words. Of a source it is found
    whatever its case; of a target it is written as it stands here, as far as the tokenizer tells
    case apart. A word is made of letters, marks and numbers; in scripts without spaces between
    words a term may stand anywhere.

    As text, which a file and a served model hold, each entry is a line: the source term, a tab,
    and the target terms with `|` between, behind a `!` those that must not appear. Before the tab
    stands nothing for every source.

    Args:
        terms: dict from source terms to a target term, or a list of them of which one must
            appear where the source term does.
        required: list of str, or of such lists, that every translation must have.
        forbidden: list of str that none may have.

    Raises:
        ValueError: for what is no term, or one with `|`, or with `!` before it.
    """

    def __init__(
        self,
        terms: Mapping[str, str | Sequence[str]] | None = None,
        *,
        required: Iterable[str | Sequence[str]] = (),
        forbidden: Iterable[str] = (),
    ) -> None:
        for name, given in (("required", required), ("forbidden", forbidden)):
            if isinstance(given, (str, bytes)):
                raise ValueError(
                    f"Expected a list of {name} terms; received {given!r:.60}. Put it into a list."
                )
        if terms is not None and not isinstance(terms, Mapping):
            raise ValueError(
                "Expected a dict from source terms to target terms; received "
                f"{terms!r:.60} ({type(terms).__name__}). Give one, or a Glossary."
            )
        self.entries: tuple[Entry, ...] = (
            *(_entry(source, targets) for source, targets in (terms or {}).items()),
            *(_entry("", targets) for targets in required),
            *(_entry("", target, False) for target in forbidden),
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.entries)} entries>"

    @classmethod
    def parse(cls, text: str) -> typing.Self:
        """A glossary of its text.

        Raises:
            ValueError: for a line that is no entry.
        """
        found = cls()
        found.entries = tuple(_parsed(line) for line in text.split("\n") if normalize(line))
        return found

    @classmethod
    def read(cls, path: AnyPath) -> typing.Self:
        """A glossary of a file in UTF-8, of its text.

        Raises:
            FileNotFoundError: without such a file.
            ValueError: for a line that is no entry.
        """
        return cls.parse(read_text(path))

    @classmethod
    def of(cls, given: typing.Any) -> typing.Self:
        """A Glossary as it is, a dict as one, and None as one without entries."""
        return given if isinstance(given, cls) else cls(given)

    @property
    def text(self) -> str:
        """str, its entries as lines."""
        return "\n".join(f"{entry.source}\t{entry}" for entry in self.entries)

    def of_line(self, line: str | bytes) -> list[Entry]:
        """The entries that hold for a source line."""
        line = _folded(line)
        return [
            entry for entry in self.entries
            if not entry.source or stands(_folded(entry.source), line)
        ]  # fmt: skip

    def asked(
        self, line: str | bytes, processor: Translations
    ) -> tuple[list[list[int]], list[list[int]]]:
        """What a beam is told for a source line: `wanted_ids` and `unwanted_codes`.

        Raises:
            ValueError: for a processor that copies source words, or a term that is too long.
        """
        if not (entries := self.of_line(line)):
            return [], []
        if processor.replace_unknown:
            raise ValueError(
                "Expected a translator that copies no source words with a glossary; received one "
                "with replace_unknown=True. Load it with False."
            )
        unwanted = [entry for entry in entries if not entry.wanted]
        target = processor.target
        codes = unwanted_codes(unwanted, target, processor.spelling) if unwanted else []
        return wanted_ids(entries, target), codes


def stands(term: str, text: str) -> bool:
    """Whether a term stands in a text, as whole words."""
    place = text.find(term)
    while place >= 0 and term:
        behind = place + len(term)
        joined = place > 0 and in_word(term[0]) and in_word(text[place - 1])
        if not joined and not (in_word(term[-1]) and in_word(text[behind : behind + 1] or " ")):
            return True
        place = text.find(term, place + 1)
    return False


def missing(entries: Iterable[Entry], text: str, target: Tokenizer) -> list[str]:
    """The entries that a translation does not keep, as text: a list of str."""

    def written(term):
        return stands(target.decode(target.encode(term)).strip(), text)

    return [str(entry) for entry in entries if any(map(written, entry.targets)) != entry.wanted]


def warn_missing(line: str | bytes, lost: list[str]) -> None:
    """Warns of what the best translation does not keep, of a source line or as it is."""
    if lost:
        warnings.warn(
            f"Expected to keep to {', '.join(map(repr, lost))} of the glossary; received "
            f"{line!r:.60}, for which no translation was found that does. Look at the terms.",
            stacklevel=2,
        )


def wanted_ids(entries: Iterable[Entry], target: Tokenizer) -> list[list[int]]:
    """What a beam is told of wanted terms: of each phrase of tokens its term's number, from 1, and
    its ids. One with an unknown token, or more than 16 tokens, is none."""
    found = []
    for number, entry in enumerate(entries, 1):
        for term in entry.targets if entry.wanted else ():
            ids = target.encode_word(term)
            if 0 < len(ids) <= LONGEST and target.unknown_id not in ids:
                found.append([number, *ids])
    return found


def unwanted_codes(
    entries: Iterable[Entry], target: Tokenizer, spelling: Spelling
) -> list[list[int]]:
    """What a beam is told of unwanted terms: of each its codes, of `Spelling`. One with an unknown
    token cannot be written.

    Raises:
        ValueError: for one of more than 64 bytes.
    """
    found = []
    for entry in entries:
        for term in () if entry.wanted else entry.targets:
            ids = target.encode_word(term)
            if target.unknown_id in ids:
                continue
            codes = [
                int(code) for i in ids for code in spelling.codes[i, : spelling.lengths[i]]
            ]  # fmt: skip
            while codes[:1] == [ord(" ")]:
                codes = codes[1:]
            if len(codes) > WIDEST:
                raise ValueError(
                    f"Expected terms that must not appear of at most {WIDEST} bytes; received "
                    f"{len(codes)}: {term!r:.80}. Shorten it."
                )
            if codes:
                found.append(codes)
    return found


def batch_of_terms(
    rows: Sequence[tuple[list[list[int]], list[list[int]]]],
) -> dict[str, np.ndarray]:
    """What `kerasseq.decoding.terms` reads of rows, each a list of what `wanted_ids` and of what
    `unwanted_codes` gives: a dict of int32 `owners` and `wanted` where some row has any, and so of
    `sizes` and `unwanted`."""
    wanted, unwanted = zip(*rows, strict=True)
    found = {}
    if any(wanted):
        owners = [[number for number, *_ in own] for own in wanted]
        phrases = [[ids[1:] for ids in own] for own in wanted]
        found |= _side_by_side(("owners", "wanted"), owners, phrases)
    if any(unwanted):
        sizes = [[len(codes) for codes in own] for own in unwanted]
        found |= _side_by_side(("sizes", "unwanted"), sizes, unwanted, behind=False)
    return found


def _side_by_side(names, heads, lists, behind=True):
    """A number `(B, N)` of each of rows of lists of int, and the lists beside each other,
    `(B, N * M)`, with zeros behind each or before it."""
    count = rounded(max([1, *map(len, lists)]))
    width = max([1, *(len(each) for own in lists for each in own)])
    head = np.zeros((rounded(len(lists)), count), "int32")
    body = np.zeros((*head.shape, width), "int32")
    for row, own in enumerate(lists):
        head[row, : len(own)] = heads[row]
        for i, each in enumerate(own):
            body[row, i, slice(0, len(each)) if behind else slice(width - len(each), None)] = each
    return dict(zip(names, (head, body.reshape(len(head), -1)), strict=True))


def _folded(text):
    return lowercase(normalize(text))


def _entry(source, targets, wanted=True):
    targets = [targets] if isinstance(targets, str) or not wanted else targets
    if not isinstance(source, str) or not isinstance(targets, (list, tuple)):
        raise ValueError(
            f"Expected terms of str, a str or a list of them for each; received {source!r:.40} and "
            f"{targets!r:.60}. Give str."
        )
    if not all(isinstance(term, str) for term in targets):
        raise ValueError(f"Expected terms of str; received {[*targets]!r:.80}. Give str.")
    cleaned = tuple(normalize(term) for term in targets)
    wrong = [term for term in cleaned if not term or EITHER in term or term.startswith(NOT)]
    if wrong or not cleaned:
        raise ValueError(
            f"Expected target terms that are not empty, without {EITHER!r}, and no {NOT!r} before "
            f"them; received {[*targets]!r:.80} for {source!r:.40}. Leave it out."
        )
    return Entry(normalize(source), cleaned, wanted)


def _parsed(line):
    source, *behind = line.split("\t")
    targets = normalize(behind[0]) if len(behind) == 1 else ""
    if not targets:
        raise ValueError(
            "Expected a source term, a tab and target terms in each line of a glossary; received "
            f"{line!r:.80}. Put one tab between them."
        )
    wanted = not targets.startswith(NOT)
    found = [_entry(source, term, wanted) for term in targets.removeprefix(NOT).split(EITHER)]
    return Entry(found[0].source, tuple(each.targets[0] for each in found), wanted)
