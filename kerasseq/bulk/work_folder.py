"""The folder beside an output in which its parts are kept until all are there."""

from __future__ import annotations

import itertools
import json
import os
import pathlib
import shutil
import typing
from collections.abc import Iterable, Iterator

from kerasseq.bulk.formats import Refused
from kerasseq.files import write_file
from kerasseq.untrusted import read_json

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

ROWS, MOST_PARTS = 512, 100_000  # of a part, at least; of a folder
TEXTS, ANSWERS, ABOUT = "texts", "answers", "work.json"


class Part(typing.NamedTuple):
    """Texts that are translated at one go.

    Attributes:
        number: int, from 0.
        texts: list of str.
    """

    number: int
    texts: list[str]


class Answer(typing.NamedTuple):
    """What became of a text.

    Attributes:
        text: str, its translation, or None.
        reason: str, why it has none or not a whole one, or None.
        score: float, where one was asked for.
    """

    text: str | None
    reason: str | None = None
    score: float | None = None


class WorkFolder:
    """The parts of a file, and what was answered to each.

    A part's answers are a file of its own name, written whole or not at all: who writes them a
    second time writes the same. So they are there once, however often the work was begun.

    Args:
        path: path.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path: pathlib.Path = pathlib.Path(path)
        self.sizes: list[tuple[int, int]] = []  # rows and characters of each part

    def begin(self, about: dict[str, typing.Any], count: int, rows: Iterable[str | Refused]) -> int:
        """Cuts rows into parts, or finds those that are cut.

        Args:
            about: dict of JSON values, what the answers depend on.
            count: int, of the rows.
            rows: iterable of str, or of Refused where a row has no text.

        Returns:
            int, parts that are answered already.

        Raises:
            ValueError: for a folder of other work.
        """
        path = self.path / ABOUT
        if path.is_file():
            found = read_json(path, folder=self.path)
            self.sizes = [tuple(each) for each in found.pop("sizes")]
            changed = [
                name for name in sorted({*about, *found}) if found.get(name) != about.get(name)
            ]
            if changed:
                raise ValueError(
                    f"Expected parts of this same work in {self.path}; received some with another "
                    f"{', '.join(changed)}. Remove the folder, or name another output."
                )
            return len(self.answered())
        for kind in (TEXTS, ANSWERS):  # of work that was cut in part
            shutil.rmtree(self.path / kind, ignore_errors=True)
        (self.path / ANSWERS).mkdir(parents=True)
        rows, size = iter(rows), max(ROWS, -(-count // MOST_PARTS))
        while part := list(itertools.islice(rows, size)):
            content = json.dumps([_kept(each) for each in part])
            write_file(self._file(TEXTS, len(self.sizes)), content)
            self.sizes.append((len(part), sum(len(x) for x in part if isinstance(x, str))))
        write_file(path, json.dumps(about | {"sizes": self.sizes}))
        return 0

    def answered(self) -> set[int]:
        """The numbers of the parts that are answered."""
        with os.scandir(self.path / ANSWERS) as files:
            names = [each.name for each in files]
        return {int(name[:-5]) for name in names if name.endswith(".json")}

    def is_answered(self, number: int) -> bool:
        """Whether a part is answered."""
        return self._file(ANSWERS, number).is_file()

    def read(self, number: int) -> Part:
        """A part, without the rows that have no text."""
        return Part(number, [each for each in self._texts(number) if isinstance(each, str)])

    def write(self, number: int, answers: Iterable[Answer]) -> None:
        """Writes the answers to what `read` gave."""
        write_file(self._file(ANSWERS, number), json.dumps([*answers]))

    def answers(self) -> Iterator[tuple[str | None, Answer]]:
        """Yields each row's text, None where it has none, and what became of it, in order."""
        for number in range(len(self.sizes)):
            path = self._file(ANSWERS, number)
            answers = iter(json.loads(path.read_text(encoding="utf-8")))
            for each in self._texts(number):
                if isinstance(each, str):
                    yield each, Answer(*next(answers))
                else:
                    yield None, Answer(None, each.reason)

    def remove(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.path)

    def _texts(self, number):
        content = self._file(TEXTS, number).read_text(encoding="utf-8")
        return [each if isinstance(each, str) else Refused(*each) for each in json.loads(content)]

    def _file(self, kind, number):
        return self.path / kind / f"{number:06d}.json"


def _kept(row):
    """A row as JSON holds it: a text, or a list of why there is none."""
    return [*row] if isinstance(row, Refused) else row
