"""A new project: the user's texts in three parts, and a recipe for them."""

from __future__ import annotations

import json
import pathlib
import typing
import warnings
from collections.abc import Sequence

from kerasseq.data.labelled_text import LabelledText
from kerasseq.data.numerals import value_of
from kerasseq.data.pair_readers import READERS
from kerasseq.data.parallel_text import ParallelText
from kerasseq.data.tables import ending_of
from kerasseq.files import new_folder
from kerasseq.meant import meant
from kerasseq.recipes.columns import choose_labelled, choose_pair, look
from kerasseq.recipes.other_projects import check_no_tags, check_of_text
from kerasseq.recipes.project_kinds import LABELLED, PAIRS, Kind
from kerasseq.saved_models import project_recipe

if typing.TYPE_CHECKING:
    from kerasseq.doctor import Finding
    from kerasseq.files import AnyPath
    from kerasseq.recipes.project_kinds import Rows

MOST_HELD_OUT = 2000  # rows of the validation part, and as many of the test part
SHARE = 0.1  # of the rows, in each of the two, where that is less
FEWEST = 20  # rows


class Project(typing.NamedTuple):
    """What was written.

    Attributes:
        recipe: pathlib.Path of the recipe.
        sentence: str, what the texts are.
        columns: str, where in the file they were found; "" for lines.
        left_out: dict from reasons to rows that were left out.
        findings: list of Finding of the doctor.
        parts: dict from the parts' names to their rows.
    """

    recipe: pathlib.Path
    sentence: str
    columns: str
    left_out: dict[str, int]
    findings: list[Finding]
    parts: dict[str, int]


def new_project(
    folder: AnyPath,
    files: Sequence[AnyPath],
    *,
    texts: Sequence[str] = (),
    label: str | None = None,
    source: str | None = None,
    target: str | None = None,
    header: bool | None = None,
    encoding: str = "utf-8",
    start: str | None = None,
    seed: int = 0,
) -> Project:
    """Writes a folder with a recipe and three parts of the user's texts.

    Rows without text and rows that stand there before are left out; no text stands in two parts,
    and each part has its share of each label. TensorFlow is not imported.

    Args:
        folder: path of a new folder, whose name is the recipe's.
        files: one path: a table (`.csv`, `.tsv`, `.jsonl`, `.parquet`), or lines of a label, a
            space and a text; or two, of lines and their translations.
        texts, label: columns of labelled text, by name or number from 0; two texts are a pair.
        source, target: columns of pairs.
        header: bool, whether a table's first row has names; None to find out.
        encoding: str.
        start: path of a model to start from: of a translator, or of a pretrained BERT.
        seed: int, of the split.

    Returns:
        Project.

    Raises:
        FileExistsError: for a folder that is there.
        FileNotFoundError: for a missing file.
        ValueError: for files that cannot be read, columns of which it cannot be told what they
            are, or fewer than 20 rows.
    """
    folder = pathlib.Path(folder)
    if len(files) not in (1, 2):
        raise ValueError(
            f"Expected a table, or two files of lines; received {len(files)} files. Name the "
            "source and the target."
        )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*that are empty")  # they are left out, which is said
        kind, found, columns = read_files(
            files, texts=texts, label=label, source=source, target=target, header=header,
            encoding=encoding,
        )  # fmt: skip
    rows, left_out = without_repetitions(kind, found)
    corpus = kind.corpus(rows)
    parts = in_parts(corpus, seed)
    measures = kind.measure(rows)
    recipe = project_recipe(folder).name
    with new_folder(folder) as beside:
        for name, part in parts.items():
            lines = (json.dumps(kind.named(row), ensure_ascii=False) for row in part)
            text = "".join(f"{line}\n" for line in lines)
            (beside / f"{name}.jsonl").write_text(text, encoding="utf-8")
        (beside / recipe).write_text(kind.draft(measures, start), encoding="utf-8")
    return Project(
        folder / recipe,
        measures.sentence,
        columns,
        left_out,
        kind.examine(corpus),
        {name: len(part) for name, part in parts.items()},
    )


def in_parts(corpus: typing.Any, seed: int = 0) -> dict[str, typing.Any]:
    """The three parts of a corpus, by their names: no text stands in two."""
    share = min(SHARE, MOST_HELD_OUT / len(corpus))
    rest, test = corpus.split(share, seed=seed, disjoint=True)
    train, validation = rest.split(share / (1 - share), seed=seed, disjoint=True)
    return {"train": train, "validation": validation, "test": test}


def read_files(
    files: Sequence[AnyPath],
    *,
    texts: Sequence[str] = (),
    label: str | None = None,
    source: str | None = None,
    target: str | None = None,
    header: bool | None = None,
    encoding: str = "utf-8",
) -> tuple[Kind, typing.Any, str]:
    """The kind of project that files are for, their corpus, and the columns that it was read
    from, as a sentence; see `new_project`."""
    if len(files) == 2:
        return PAIRS, ParallelText.from_files(*files, encoding=encoding), ""
    (path,) = files
    wanted = [each for each in (*texts, label, source, target) if each is not None]
    found = look(path, encoding, header, wanted)
    if found is None:
        check_no_tags(path, encoding)
        return LABELLED, LabelledText.from_lines(path, encoding=encoding), ""
    columns, options = found
    keys = [each.key for each in columns]
    asked = [_key(each, keys, path) for each in wanted]
    if (texts or label) and (source or target):
        raise ValueError(
            "Expected columns of labelled text (--text, --label), or of pairs (--source, "
            f"--target); received both: {', '.join(map(str, asked))}. Leave one kind out."
        )
    if not asked:
        check_of_text(path, columns)
    pair = (asked if source and target else None) if asked else choose_pair(columns)
    labelled = (
        ((asked[:-1], asked[-1]) if texts and label else None)
        if asked
        else choose_labelled(columns)
    )
    if labelled and len(labelled[0]) < 3:
        of_values = next(each.kind == "value" for each in columns if each.key == labelled[1])
        corpus = _labelled(path, *labelled, options, of_values)
        return LABELLED, corpus, _where(columns, *labelled[0], labelled[1])
    if pair:
        return PAIRS, _pairs(path, *pair, options), _where(columns, *pair)
    shown = "; ".join(f"{each.key} ({each.example:.30})" for each in columns)
    raise ValueError(
        f"Expected columns of a text and its label, or of a text and its translation, in {path}; "
        f"received {shown}. Name them: --text and --label, or --source and --target."
    )


def _key(name, keys, path):
    """A column as it was asked for, by name or number."""
    found = int(name) if name not in keys and name.isdigit() else name
    if found not in keys:
        raise ValueError(
            f"Expected a column of {path}, {', '.join(map(str, keys))}; received {name!r}. "
            f"{meant(name, map(str, keys))}Name one of them."
        )
    return found


def _where(columns, *keys):
    others = f" of {len(columns)}" if len(columns) > len(keys) else ""
    return f"columns {', '.join(map(str, keys[:-1]))} and {keys[-1]}{others}"


def _pairs(path, source, target, options):
    if "delimiter" in options:
        return ParallelText.from_csv(path, source, target, **options)
    reader = READERS[ending_of(path)]
    return getattr(ParallelText, reader)(path, source, target, **options)


def _labelled(path, texts, label, options, of_values):
    if "delimiter" in options:
        return LabelledText.from_csv(
            path,
            texts,
            label,
            pairs=len(texts) == 2,
            read_label=value_of if of_values else str,
            **options,
        )
    reader = READERS[ending_of(path)]
    text = texts[0] if len(texts) == 1 else texts
    return getattr(LabelledText, reader)(path, text, label, **options)


def without_repetitions(kind: Kind, corpus: typing.Any) -> tuple[Rows, dict[str, int]]:
    """The rows that say something for the first time; how many others there were, by reasons.

    Raises:
        ValueError: for fewer than 20.
    """
    rows, seen, empty, repeated = [], set(), 0, 0
    for row in corpus:
        key = json.dumps(row)
        if not all(kind.sides(row)):
            empty += 1
        elif key in seen:
            repeated += 1
        else:
            seen.add(key)
            rows.append(row)
    if len(rows) < FEWEST:
        raise ValueError(
            f"Expected at least {FEWEST} different rows to train on; received {len(rows)}. Add "
            "some."
        )
    found = {"without text": empty, "that stood there before": repeated}
    return rows, {reason: count for reason, count in found.items() if count}
