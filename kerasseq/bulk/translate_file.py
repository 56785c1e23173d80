"""Translating a file of any length, whole or not at all."""

from __future__ import annotations

import json
import os
import pathlib
import typing
from collections.abc import Callable, Sequence

from kerasseq.bulk.work_folder import WorkFolder
from kerasseq.bulk.workers import answer_all
from kerasseq.files import sync
from kerasseq.folder_lock import lock, unlock
from kerasseq.manifest import hash_file, hash_folder

if typing.TYPE_CHECKING:
    from kerasseq.bulk.formats import Rows
    from kerasseq.files import AnyPath


class Done(typing.NamedTuple):
    """What was done of a file.

    Attributes:
        rows: int.
        characters: int, of the texts.
        apart: int, rows that are in the file of those apart.
    """

    rows: int
    characters: int
    apart: int


def translate_file(
    export: AnyPath,
    rows: Rows,
    output: AnyPath,
    *,
    count: int | None = None,
    workers: int = 1,
    together: int = 64,
    options: Sequence[str] = (),
    progress: Callable[[Done], object] = lambda done: None,
    say: Callable[[str], object] = lambda line: None,
) -> Done:
    """Translates each row of a file by an exported translator, on Apache Beam.

    The rows keep their order. Parts are kept in a folder beside the output, `OUTPUT.parts`, until
    all are answered: what is killed and called again goes on, and no row is lost or there twice.
    Rows without a translation, or a whole one, are in `OUTPUT.apart.jsonl` too: `row` from 1,
    `text`, `reason`.

    Args:
        export: path of a SavedModel that a translator was exported to.
        rows: what `open_rows` gave.
        output: path of a new file.
        count: int, of the rows; None to count them.
        workers: int, processes on this machine; with `options` their runner's own.
        together: int, rows of a batch.
        options: list of str, Beam's own: `["--runner=FlinkRunner", …]`. All paths must be such
            as the workers see.
        progress: function called with what is done, several times a minute.
        say: function called with a line on what went wrong and was done again.

    Raises:
        FileExistsError: when there is something at the path.
        ValueError: for parts of other work beside the output.
        BlockingIOError: when another process works on the same output.
        RuntimeError: when a worker ended three times without an answer.
    """
    output, export = pathlib.Path(output).resolve(), pathlib.Path(export).resolve()
    if output.exists():
        raise FileExistsError(
            f"Expected the path of a new file; received {output}, which exists. Remove it, or name "
            "another."
        )
    work = WorkFolder(output.with_name(f"{output.name}.parts"))
    about = {
        "input": hash_file(rows.path),
        "export": hash_folder(export),
        "together": together,
        "column": getattr(rows, "column", getattr(rows, "place", None)),
    }
    count = sum(1 for _ in rows.texts()) if count is None else count
    lock(work.path)
    try:
        begun = work.begin(about, count, rows.texts())
        if begun:
            say(f"goes on: {begun:,} of {len(work.sizes):,} parts are done")

        def tell(answered):
            sizes = [work.sizes[number] for number in answered]
            progress(Done(sum(rows for rows, _ in sizes), sum(size for _, size in sizes), 0))

        answer_all(
            work, export, workers=workers, together=together, options=options,
            progress=tell, say=say,
        )  # fmt: skip
        apart = _join(work, rows, output)
        work.remove()
    finally:
        unlock(work.path)
    return Done(count, sum(characters for _, characters in work.sizes), apart)


def _join(work, rows, output):
    """Writes the output, and the rows apart; returns how many these are."""
    apart, count = output.with_name(f"{output.name}.apart.jsonl"), 0
    beside = output.with_name(f"{output.name}.{os.getpid()}.part")
    beside_apart = apart.with_name(f"{apart.name}.{os.getpid()}.part")

    def answers(file):
        nonlocal count
        for number, (text, answer) in enumerate(work.answers(), 1):
            if answer.reason is not None:
                count += 1
                file.write(
                    json.dumps({"row": number, "text": text, "reason": answer.reason}) + "\n"
                )
            yield answer.text

    try:
        with beside_apart.open("w", encoding="utf-8") as file:
            rows.write(beside, answers(file))
        sync(beside)
        if count:
            sync(beside_apart)
            os.replace(beside_apart, apart)
        else:
            apart.unlink(missing_ok=True)  # of an output that is no more
        os.replace(beside, output)
        sync(output.parent)
    finally:
        beside.unlink(missing_ok=True)
        beside_apart.unlink(missing_ok=True)
    return count
