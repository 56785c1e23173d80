"""Distillation and back-translation: texts in, a folder with pairs and a recipe out."""

from __future__ import annotations

import pathlib
import typing
from collections.abc import Callable, Iterable, Sequence

from kerasseq import decoding
from kerasseq.bulk.work_folder import WorkFolder
from kerasseq.folder_lock import lock, unlock
from kerasseq.manifest import hash_folder
from kerasseq.synthetic.drops import SHARE, least_score
from kerasseq.synthetic.teacher import load_teacher, translate_parts
from kerasseq.synthetic.texts import count_and_hash, each_once
from kerasseq.synthetic.write import write_folder
from kerasseq.text.checks import check_number

if typing.TYPE_CHECKING:
    from kerasseq.bulk.formats import Refused, Rows
    from kerasseq.decoding.search import Search
    from kerasseq.files import AnyPath
    from kerasseq.recipes.sections import Recipe
    from kerasseq.synthetic.given import Given
    from kerasseq.synthetic.write import Made, Pair

TAG = "<bt>"


class Options(typing.TypedDict, total=False):
    """What both ways have.

    Attributes:
        search: Search or name; the teacher's own by default.
        together: int, texts of a batch; 64 by default.
        worst: float, the share of the translations to drop that have the worst scores; 0.05 by
            default.
        least: float, a least score, the mean `log p` of a token; none by default.
        recipe: dict of sections, of which the written one has all but the data. By default those
            of the recipe that the pairs are of; or it is drafted, as `kerasseq new` drafts one.
        progress: function called with the rows that are done and all rows.
        say: function called with a line on work that goes on.
    """

    search: Search | str | None
    together: int
    worst: float
    least: float | None
    recipe: Recipe | None
    progress: Callable[[int, int], object]
    say: Callable[[str], object]


def distil(
    folder: AnyPath,
    teachers: Sequence[AnyPath],
    given: Given,
    *,
    original: float = 0.0,
    **options: typing.Unpack[Options],
) -> Made:
    """Writes the teacher's translations of a training text, and a recipe for a student.

    Sequence-level knowledge distillation (Kim & Rush 2016, section 3.2): the student's loss is
    `-log p(Ŷ | X)` of the sequence `Ŷ` that the teacher's beam search finds, in the place of the
    sum over all sequences. Unless a recipe is given, a Transformer has the blocks of the pairs'
    own recipe, most of them in the encoder (Kasai et al. 2021).

    Each text is translated once, and none that stands in the other parts. What was translated stays
    beside the folder, in `FOLDER.parts`, until all is: what is killed and called again goes on.

    Args:
        folder: path of a new folder, whose name is the recipe's. In it are `translated.jsonl`,
            `dropped.jsonl` with the reasons, and the other parts.
        teachers: folders of saved translators; several are an ensemble.
        given: Given, whose training sources are translated.
        original: float, how often an epoch reads the original pairs; 0 not at all, as in the
            paper.
        **options: see `Options`.

    Returns:
        Made.

    Raises:
        FileExistsError: for a folder that is there.
        ValueError: for teachers that do not fit each other, parts of other work beside the folder,
            or when no translation is left.
        BlockingIOError: when another process works on the same folder.
    """
    return _make(
        folder, teachers, given, given.train.sources,
        [text for part in given.held_out for text in part.sources()],
        lambda text, translation: (text, translation),
        original, shallow=options.get("recipe") is None, tag=None, **options,
    )  # fmt: skip


def backtranslate(
    folder: AnyPath,
    texts: Rows,
    teachers: Sequence[AnyPath],
    given: Given,
    *,
    original: float | None = None,
    tag: str | None = TAG,
    **options: typing.Unpack[Options],
) -> Made:
    """Writes pairs of a reverse translator's sources and true targets, and a recipe for both.

    Sennrich et al. 2016 ("Improving neural machine translation models with monolingual data",
    section 3.2): a text in the target language is translated to the source language, and the model
    learns from these pairs as from others, of which it sees as many. A tag before a source says
    that it was made (Caswell et al. 2019).

    Args:
        folder, given: as of `distil`; the original pairs are the training part of `given`.
        texts: what `kerasseq.bulk.open_rows` gave, texts in the target language.
        teachers: folders of translators from the target language to the source language.
        original: float, how often an epoch reads the original pairs. By default whichever pairs
            are fewer are read so often that an epoch has as many of each.
        tag: str, the word before each source that was made; None for none.
        **options: see `Options`.

    Returns:
        Made.

    Raises:
        FileExistsError, ValueError, BlockingIOError: as of `distil`.
    """
    before = f"{tag} " if tag else ""
    return _make(
        folder, teachers, given, texts.texts,
        [text for part in given.held_out for text in part.targets()],
        lambda text, translation: (before + translation, text),
        original, shallow=False, tag=tag, **options,
    )  # fmt: skip


def _make(
    folder: AnyPath,
    teachers: Sequence[AnyPath],
    given: Given,
    texts: Callable[[], Iterable[str | Refused]],
    held_out: list[str],
    pair: Pair,
    original: float | None,
    *,
    shallow: bool,
    tag: str | None,
    search: Search | str | None = None,
    together: int = 64,
    worst: float = SHARE,
    least: float | None = None,
    recipe: Recipe | None = None,
    progress: Callable[[int, int], object] = lambda done, rows: None,
    say: Callable[[str], object] = lambda line: None,
) -> Made:
    folder = pathlib.Path(folder)
    whole = folder.resolve()
    if folder.exists():
        raise FileExistsError(
            f"Expected the path of a new folder; received {folder}, which exists. Remove it, or "
            "name another."
        )
    least_score([], worst)  # a share that is none is refused before the work
    if original is not None:
        check_number("original", original, least=0)
    if least is not None:
        check_number("least", least)
    teacher = load_teacher(teachers)

    def rows():
        return each_once(texts(), held_out, given.train.keep_whitespace)

    count, digest = count_and_hash(rows())
    about = {
        "texts": digest,
        "teachers": [*map(hash_folder, teachers)],
        "search": decoding.serialize(teacher.chosen(search)),
        "together": together,
    }
    work = WorkFolder(whole.with_name(f"{whole.name}.parts"))
    lock(work.path)
    try:
        begun = work.begin(about, count, rows())
        if begun:
            say(f"goes on: {begun:,} of {len(work.sizes):,} parts are done")
        translate_parts(
            work, teacher, search=search, together=together,
            progress=lambda done: progress(done, count),
        )  # fmt: skip
        made = write_folder(
            folder, work, given, pair, worst=worst, least=least, original=original,
            recipe=recipe or given.recipe, shallow=shallow, tag=tag,
        )  # fmt: skip
        work.remove()
    finally:
        unlock(work.path)
    return made
