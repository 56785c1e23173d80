"""Questions about contexts, with their answers, which are parts of the contexts."""

from __future__ import annotations

import json
import operator
import re
import typing
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from kerasseq.data.corpus import Corpus
from kerasseq.data.encodings import watched
from kerasseq.data.length_buckets import token_batches
from kerasseq.data.lines import read_lines
from kerasseq.data.records import columns_of, json_lines, numbered, parquet_rows
from kerasseq.data.splits import groups_of_texts, split_rows
from kerasseq.lazily import tf
from kerasseq.text.checks import check_lines, read_text
from kerasseq.text.normalize import SPACES, UNSEEN, normalize

if typing.TYPE_CHECKING:
    from kerasseq.data.prefetch import Batches
    from kerasseq.files import AnyPath
    from kerasseq.processing.spans import Spans

COLUMNS = ("question", "context", "answers")
DROPPED_AT_START = re.compile(f"[{SPACES}{UNSEEN}\0]*")


class Question(typing.NamedTuple):
    """One question.

    Attributes:
        question: str.
        context: str, normalised.
        answers: list of pairs of str and int, the answers and the characters of the context at
            which they begin; empty for none.
        title: str, the article that the context is from.
    """

    question: str
    context: str
    answers: list[tuple[str, int]]
    title: str = ""


class QuestionAnswers(Corpus):
    """Questions with their contexts and answers, in memory. Iterating yields Question.

    Args:
        questions: list of Question.

    Raises:
        ValueError: without a question, or for an answer that is not in its context at its offset.
    """

    unit = "questions"
    headings: tuple[str, ...] = Question._fields

    def __init__(self, questions: Iterable[Question]) -> None:
        self.questions: list[Question] = [
            each._replace(question=normalize(each.question), context=normalize(each.context))
            for each in map(_checked, check_lines(questions, what="Question"))
        ]
        if not self.questions:
            raise ValueError("Expected at least one question; received none. Check the file.")
        for each in self.questions:
            for text, start in each.answers:
                if not text:
                    raise ValueError(
                        f"Expected answers with letters to {each.question!r:.60}; received "
                        f"{text!r}. Give no answers where there is none."
                    )
                if start < 0 or each.context[start : start + len(text)] != text:
                    raise ValueError(
                        f"Expected the answer {text!r} at character {start} of its context; "
                        f"received {each.context[start : start + len(text)]!r}. Correct the offset."
                    )

    @classmethod
    def from_squad(cls, path: AnyPath, *, encoding: str = "utf-8") -> typing.Self:
        """A file in the JSON format of SQuAD 1.1 or 2.0, plain or `.gz`.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for another format or encoding.
        """
        content = "\n".join(watched(read_lines(path, encoding), path))
        try:
            articles = json.loads(content)["data"]
            found = []
            for article in articles:
                for paragraph in article["paragraphs"]:
                    for entry in paragraph["qas"]:
                        answers = [(a["text"], a["answer_start"]) for a in entry["answers"]]
                        found.append(
                            Question(
                                entry["question"],
                                *_cleaned(paragraph["context"], answers),
                                article.get("title", ""),
                            )
                        )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(
                f"Expected JSON in SQuAD's format in {path}; received something else "
                f"({type(error).__name__}: {error}). Check the file."
            ) from error
        return cls(found)

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, typing.Any]]) -> typing.Self:
        """Rows that are mappings, one a question, as data sets have SQuAD, or a table.

        Args:
            rows: iterable of mappings from "question" and "context" to str, and from "answers" to
                `{"text": […], "answer_start": […]}` or a list of `{"text": …, "answer_start":
                …}`; a "title" is read where there is one.

        Raises:
            ValueError: for a row without these, or for an answer that is not in its context at
                its offset.
        """
        return cls._from_records(numbered(rows))

    @classmethod
    def from_jsonl(cls, path: AnyPath, *, encoding: str = "utf-8") -> typing.Self:
        """A file of JSON Lines, an object a line, plain or `.gz`; each is as in `from_rows`.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for an empty file, a line that is no JSON object or has a key twice, text
                in another encoding, or as `from_rows`.
        """
        return cls._from_records(json_lines(path, encoding), path)

    @classmethod
    def from_parquet(cls, path: AnyPath) -> typing.Self:
        """A Parquet file; its rows are as in `from_rows`.

        Raises:
            ImportError: without `pyarrow`.
            FileNotFoundError: for a missing file.
            ValueError: for another or a damaged file, or as `from_rows`.
        """
        return cls._from_records(parquet_rows(path, COLUMNS, ["title"]), path)

    @classmethod
    def _from_records(cls, records, path=None):
        found = []
        for where, row in columns_of(records, COLUMNS, "rows", path, ["title"]):
            question, context, answers, title = row
            texts = [read_text(each, f"a text in {where}") for each in (question, context)]
            found.append(
                Question(texts[0], *_cleaned(texts[1], _answers(answers, where)), title or "")
            )
        return cls(found)

    def __len__(self) -> int:
        return len(self.questions)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Iterates over pairs of question and context."""
        return ((each.question, each.context) for each in self.questions)

    def answers(self) -> Iterator[list[str]]:
        """Iterates over lists of right answers, as str."""
        return ([text for text, _ in each.answers] for each in self.questions)

    def titles(self) -> list[str]:
        """The articles' titles, in order of appearance: a list of str."""
        return list(dict.fromkeys(each.title for each in self.questions))

    def of_titles(self, titles: Iterable[str]) -> typing.Self:
        """The questions about some articles only."""
        titles = set(titles)
        return type(self)([each for each in self.questions if each.title in titles])

    def split(
        self, share: float, *, seed: int = 0, disjoint: bool = False
    ) -> tuple[typing.Self, typing.Self]:
        """A part to train on and one held out, drawn by a seed.

        Args:
            share: float above 0 and below 1, of the questions that are held out.
            seed: int.
            disjoint: bool, no context stands in both parts.

        Returns:
            two of this class, in an order that the seed draws.

        Raises:
            ValueError: for another share, or when a part stays empty.
        """
        groups = groups_of_texts((each.context,) for each in self) if disjoint else None
        return tuple(
            type(self)([self.questions[i] for i in part])
            for part in split_rows(len(self), share, seed, groups=groups)
        )

    def batches(
        self,
        spans: Spans,
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
    ) -> Batches:
        """Padded batches for `model.fit`; a context in several parts gives several rows.

        Args:
            spans: Spans, the task's processor.
            batch_size: int, rows.
            shuffle: bool, another order every epoch.
            seed: int, of the order.

        Returns:
            `tf.data.Dataset` of `(x, y)`: `x` a dict of `tokens` int32 `(B, S)`, padded with
            0; `y` int32 `(B, 2)`, the places of the first answer's first and last token, 0 and
            0 in a row that does not hold it whole.
        """
        ids, places = [], []
        for each in self.questions:
            given = spans.clean((each.question, each.context))
            cut = given[1]
            wanted = _units_of(cut, *each.answers[0]) if each.answers else []
            counts = [len(cut[unit].ids) for unit in wanted]
            for row in spans.rows(given):
                ids.append(row.ids)
                places.append(_places(row, wanted, counts))
        places = tf.constant(places, tf.int32)
        return token_batches(ids, places, batch_size=batch_size, shuffle=shuffle, seed=seed)


def _checked(each):
    """A Question, or a refusal."""
    if not isinstance(each, Question):
        raise ValueError(
            f"Expected a Question; received {each!r:.60} ({type(each).__name__}). Make one of it, "
            "or read mappings with from_rows."
        )
    return each


def _answers(given, where):
    """The answers of a row, pairs of text and offset."""
    try:
        if isinstance(given, Mapping):
            pairs = list(zip(given["text"], given["answer_start"], strict=True))
        else:
            pairs = [(each["text"], each["answer_start"]) for each in given]
        pairs = [(read_text(text, where), operator.index(start)) for text, start in pairs]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"Expected answers with text and answer_start in {where}; received {given!r:.60} "
            f"({type(error).__name__}: {error}). Give both for each answer, and none for no answer."
        ) from error
    return pairs


def _cleaned(context, answers):
    """A context and its answers after normalisation."""
    moved = []
    for text, start in answers:
        start += DROPPED_AT_START.match(text).end()
        first = context[start : start + 1]
        before = len(normalize(context[:start] + first)) - len(normalize(first))
        moved.append((normalize(text), before if start >= 0 else start))  # which is refused
    return normalize(context), moved


def _units_of(cut, text, start):
    """The first and the last unit of an answer."""
    ends = np.cumsum([len(unit.text) for unit in cut])
    return [
        int(np.searchsorted(ends, place, side="right")) for place in (start, start + len(text) - 1)
    ]


def _places(row, wanted, counts):
    """The places of an answer's first and last token in a row.

    Args:
        row: Window.
        wanted: list of 2 int, the answer's first and last unit; empty for no answer.
        counts: list of 2 int, the tokens of these units.

    Returns:
        list of 2 int; 0 and 0 unless the row has every token of both units.
    """
    owners = np.array(row.units)
    found = [np.flatnonzero(owners == unit) for unit in wanted]
    if not found or not min(counts) or [len(each) for each in found] != counts:
        return [0, 0]
    return [row.start + int(found[0][0]), row.start + int(found[1][-1])]
