"""The teacher: one translator or several, who translate the parts of a work folder."""

from __future__ import annotations

import typing
import warnings
from collections.abc import Callable, Sequence

from kerasseq.bulk.work_folder import Answer, WorkFolder
from kerasseq.tasks.ensemble import ensemble
from kerasseq.tasks.translator import Translator

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Search
    from kerasseq.files import AnyPath

TRUNCATED = "that are longer than the translator reads"
UNFINISHED = "of which the translation was not finished"


def load_teacher(folders: Sequence[AnyPath]) -> Translator:
    """The translator of a folder, or those of several as one; see `kerasseq.tasks.ensemble`."""
    found = [Translator.load(folder) for folder in folders]
    return found[0] if len(found) == 1 else ensemble(found)


def translate_parts(
    work: WorkFolder,
    teacher: Translator,
    *,
    search: Search | str | None = None,
    together: int = 64,
    progress: Callable[[int], object] = lambda done: None,
) -> None:
    """Answers the parts of a folder that are not answered yet.

    Args:
        work: WorkFolder.
        teacher: Translator.
        search: Search or name; the teacher's own by default.
        together: int, texts of a batch.
        progress: function called with the number of rows that are done.
    """
    done = 0

    def advance(rows):
        nonlocal done
        done += rows
        progress(done)

    for number, (rows, _) in enumerate(work.sizes):
        if work.is_answered(number):
            advance(rows)
            continue
        texts = work.read(number).texts
        advance(rows - len(texts))
        work.write(number, answers(teacher, texts, search, together, advance))


def answers(
    teacher: Translator,
    texts: Sequence[str],
    search: Search | str | None = None,
    together: int = 64,
    progress: Callable[[int], object] | None = None,
) -> list[Answer]:
    """The best translation of each text, and its score.

    Args:
        teacher, search, together: as of `translate_parts`.
        texts: list of str.
        progress: function called with the number of texts done since the last call.

    A score is `1/|Y| log p(Y | X)`, the mean over the translation's tokens, the end symbol among
    them: as the teacher gives it to the text, whatever the search compared by.

    Returns:
        list of Answer. Its reason says of a text that is longer than the teacher reads, or of a
        translation without an end, what it is.
    """
    with warnings.catch_warnings():  # those texts are counted
        warnings.filterwarnings("ignore", message=r"(?s).* that are longer, the first by ")
        found = teacher.translate(texts, search, batch_size=together, progress=progress)
        best = [each[0] for each in found]
        pairs = [(text, each.text) for text, each in zip(texts, best, strict=True)]
        sums = teacher.score(pairs, batch_size=together)
    return [
        Answer(
            each.text,
            TRUNCATED if each.truncated else None if each.finished else UNFINISHED,
            total / len(teacher.processor.target_ids(each.text)),
        )
        for each, total in zip(best, sums, strict=True)
    ]
