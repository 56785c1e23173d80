"""A corpus from a file, by the ending of its name."""

from __future__ import annotations

import typing
from collections.abc import Callable

from kerasseq.data.captioned_images import CaptionedImages
from kerasseq.data.labelled_text import LabelledText
from kerasseq.data.question_answers import QuestionAnswers
from kerasseq.data.tables import cut_of, ending_of
from kerasseq.data.tagged_text import TaggedText

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath


def read_corpus(
    kind: typing.Literal["LabelledText", "TaggedText", "QuestionAnswers", "CaptionedImages"],
    path: AnyPath,
    columns: typing.Sequence[str | int] = (),
    *,
    read_label: Callable[[str], typing.Any] = str,
    encoding: str = "utf-8",
) -> LabelledText | TaggedText | QuestionAnswers | CaptionedImages:
    """Reads a file as a kind of corpus.

    `.jsonl` and `.parquet` are read by column; `.csv` and `.tsv` as tables, the latter without
    quotes, of labelled text alone; what cuts a `.csv` is found out. `.gz` may stand behind all but
    `.parquet`. Other endings are the kind's own format: a label, a space and a text a line; CoNLL's
    columns; SQuAD's JSON. Captioned images are read from the former alone, their paths from the
    file's folder on.

    Args:
        kind: str, the name of a class of corpora.
        path: path of the file.
        columns: list of str, the names of what is read, the label or the tags last: `text` and
            `label` by default, of tagged text `words` and `tags`, of images `image` and `caption`.
            Three are two texts of a pair and a label. Of a table also int, from 0.
        read_label: function, as of `LabelledText.from_csv`; of `.jsonl` and `.parquet` numbers and
            lists are labels as they stand.
        encoding: str; Parquet has none.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for columns in a format without any, or what the kind's readers refuse.
    """
    if kind == "CaptionedImages":
        return CaptionedImages.from_table(path, *map(str, columns), encoding=encoding)
    ending = ending_of(path)
    reader = {".jsonl": "from_jsonl", ".parquet": "from_parquet"}.get(ending)
    options = {} if ending == ".parquet" else {"encoding": encoding}
    if kind == "QuestionAnswers":
        _refuse(columns, path)
        return getattr(QuestionAnswers, reader or "from_squad")(path, **options)
    if kind == "TaggedText":
        if reader:
            words, tags = columns or ("words", "tags")
            return getattr(TaggedText, reader)(path, words, tags, **options)
        _refuse(columns, path)
        return TaggedText.from_conll(path, **options)
    if ending in (".csv", ".tsv"):
        *texts, label = columns or ("text", "label")
        table = cut_of(path, encoding)
        chosen = {"text_columns": texts, "label_column": label} if columns else {}
        return LabelledText.from_csv(
            path,
            **chosen,
            **table,
            pairs=len(texts) == 2,
            read_label=read_label,
            **options,
        )
    if reader:
        *texts, label = columns or ("text", "label")
        text = texts[0] if len(texts) == 1 else texts
        as_it_stands = {str: None, str.split: _names}  # what is no text, such as a list, stays
        read_label = as_it_stands.get(read_label, read_label)
        return getattr(LabelledText, reader)(path, text, label, read_label=read_label, **options)
    _refuse(columns, path)
    return LabelledText.from_lines(path, **options)


def _refuse(columns, path):
    if columns:
        raise ValueError(
            f"Expected no columns for {path}, whose format has none by name; received "
            f"{', '.join(map(str, columns))}. Leave them out, or name a .csv, .tsv, .jsonl or "
            ".parquet file."
        )


def _names(label):
    """Several labels: of a text its words, of a list the list."""
    return label.split() if isinstance(label, str) else label
