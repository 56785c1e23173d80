"""JSON Lines and Parquet: columns by name, nested translations, every refusal named by its row."""

import gzip
import json
import sys

import numpy as np
import pandas as pd
import pyarrow
import pytest
from pyarrow import parquet

from kerasseq.data import LabelledText, ParallelText, QuestionAnswers, TaggedText
from kerasseq.data.time_series import read_steps

PAIRS = [("a dog", "ein Hund"), ("two\ncats \u2028", 'zwei "Katzen"')]
CLEAN = [("a dog", "ein Hund"), ("two cats", 'zwei "Katzen"')]
ROWS = [{"id": n, "en": source, "de": target} for n, (source, target) in enumerate(PAIRS)]
NESTED = [{"id": each["id"], "translation": {"en": each["en"], "de": each["de"]}} for each in ROWS]


@pytest.fixture
def write(tmp_path):
    def write(rows, kind):
        path = tmp_path / f"rows.{kind}"
        if kind == "parquet":
            parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=1)
        elif kind == "pandas.parquet":
            pd.DataFrame(rows, index=range(7, 7 + len(rows))).to_parquet(path)
        elif kind == "pandas.jsonl":
            pd.DataFrame(rows).to_json(path, orient="records", lines=True)
        else:
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            path.write_bytes(gzip.compress(text.encode()) if kind.endswith("gz") else text.encode())
        return path

    return write


def reader(corpus, path):
    return corpus.from_parquet if path.suffix == ".parquet" else corpus.from_jsonl


KINDS = ("jsonl", "jsonl.gz", "parquet", "pandas.parquet", "pandas.jsonl")
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
@pytest.mark.parametrize("rows", [ROWS, NESTED], ids=["flat", "nested"])
def test_pairs_are_read_by_name_and_streamed(write, kind, rows):
    path = write(rows, kind)
    corpus = reader(ParallelText, path)(path, "en", "de")
    assert len(corpus) == 2 and list(corpus) == list(corpus) == CLEAN
    assert list(corpus.with_whitespace().reversed()) == [pair[::-1] for pair in PAIRS]
    graph = [tuple(text.decode() for text in pair) for pair in corpus.strings().as_numpy_iterator()]
    assert graph == PAIRS
    assert list(ParallelText.from_pairs(rows, source="en", target="de")) == CLEAN


@every_kind
def test_labels_tags_and_questions(write, kind):
    path = write(
        [{"text": "good", "other": "film", "label": 1}, {"text": "", "other": "", "label": 0}], kind
    )
    read = reader(LabelledText, path)
    assert list(read(path)) == [("good", "1"), ("", "0")]
    assert list(read(path, ("text", "other"), "label").texts()) == [("good", "film"), ("", "")]
    path = write([{"tokens": ["Ada", "runs"], "ner": [1, 0], "names": ["B-x", "O"]}], kind)
    read = reader(TaggedText, path)
    expected = [(["Ada", "runs"], ["B-x", "O"])]
    assert list(read(path, "tokens", "names")) == expected
    assert list(read(path, "tokens", "ner", tag_names=["O", "B-x"])) == expected
    with pytest.raises(ValueError, match=r"a tag in (line|row) 1 of .*rows"):
        read(path, "tokens", "ner")
    with pytest.raises(ValueError, match=r"0 to 0.* in (line|row) 1 of .*received 1"):
        read(path, "tokens", "ner", tag_names=["O"])
    question = {
        "title": "A",
        "question": "who?",
        "context": "Ada  runs",
        "answers": {"text": ["runs"], "answer_start": [5]},
    }
    path = write([question, question | {"answers": {"text": [], "answer_start": []}}], kind)
    found = list(reader(QuestionAnswers, path)(path))
    assert [each.answers for each in found] == [[("runs", 4)], []]
    assert found[0].context == "Ada runs" and found[0].title == "A"


@pytest.mark.parametrize(
    "content, said",
    [
        ('{"en": "a", "de": "b"}\n{"en": "a"\n', r"JSON object in line 2 of .*rows"),
        ('{"en": "a", "de": "b"}\n\n{"en": "a"}\n', r"'en', 'de' .*with 'en' as line 3 of .*rows"),
        ('{"en": "a", "de": null}\n', r"received None as 'de' in line 1 of"),
        ('{"en": "a", "de": NaN}\n', r"received nan as 'de' in line 1 of"),
        ('{"en": "a", "de": ["b"]}\n', r"received \['b'\] as 'de' in line 1 of"),
        ('{"en": "a", "de": 3}\n', r"received 3 as 'de' in line 1 of"),
        ('{"en": "a", "de": "b", "en": "c"}\n', r"line 1 of .*the key 'en' stands in it twice"),
        ('{"translation": {"en": "a", "en": "b", "de": "c"}}\n', r"stands in it twice"),
        ('["a", "b"]\n', r"JSON object, .* in line 1 of .*\(list\)"),
        ('[\n{"en": "a", "de": "b"}\n]\n', r"JSON object in line 1 of"),
        ("en\tde\na\tb\n", r"JSON object in line 1 of"),
        ('{"en": "\\ud83d", "de": "b"}\n', r"half of a surrogate pair"),
        ("[" * 100_000 + "\n", r"JSON object in line 1 of"),
        ("\n", r"at least one row in .*received none"),
        ("", r"at least one row in .*received none"),
    ],
)  # fmt: skip
def test_a_broken_line_is_named(tmp_path, content, said):
    path = tmp_path / "rows.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        ParallelText.from_jsonl(path, "en", "de")


def test_a_column_that_is_wanted_twice_is_refused(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"a": "one", "b": "eins"}\n')
    (tmp_path / "rows.csv").write_text("a,b\none,eins\n")
    for read in (
        lambda: ParallelText.from_jsonl(tmp_path / "rows.jsonl", "a", "a"),
        lambda: ParallelText.from_csv(tmp_path / "rows.csv", "a", "a"),
        lambda: ParallelText.from_table(tmp_path / "rows.csv", "a", 0),
        lambda: ParallelText.from_pairs([{"a": "one", "b": "eins"}], source="a", target="a"),
        lambda: LabelledText.from_jsonl(tmp_path / "rows.jsonl", "a", "a"),
        lambda: LabelledText.from_csv(tmp_path / "rows.csv", ["a"], "a"),
        lambda: read_steps(tmp_path / "rows.csv", ["a", "a"]),
        lambda: read_steps(tmp_path / "rows.jsonl", ["a", "a"]),
    ):
        with pytest.raises(ValueError, match=r"Expected different columns of .*; received 'a' twi"):
            read()


def test_encodings_and_byte_order_marks(tmp_path):
    path, line = tmp_path / "rows.jsonl", '{"en": "a", "de": "Größe"}\n'
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        path.write_bytes(line.encode(encoding))
        corpus = ParallelText.from_jsonl(path, "en", "de", encoding=encoding)
        assert list(corpus) == [("a", "Größe")]
    path.write_bytes(line.encode("utf-8-sig"))
    assert list(ParallelText.from_jsonl(path, "en", "de")) == [("a", "Größe")]
    path.write_bytes(line.encode("cp1252"))
    with pytest.raises(ValueError, match="line 1 of .*likely cp1252"):
        ParallelText.from_jsonl(path, "en", "de")
    # What an escape hides from whoever looks at the file's bytes.
    path.write_text(json.dumps({"text": "Größe".encode().decode("cp1252"), "label": "x"}) + "\n")
    with pytest.warns(UserWarning, match="mojibake in 1 of 1 rows"):
        LabelledText.from_jsonl(path)


def test_a_parquet_file_s_columns_and_values(tmp_path, write):
    path = write(ROWS, "parquet")
    with pytest.raises(ValueError, match="one column 'fr' in .*named 'id', 'en', 'de'"):
        ParallelText.from_parquet(path, "en", "fr")
    with pytest.raises(ValueError, match="received 0 as 'id' in row 1 of"):
        ParallelText.from_parquet(path, "en", "id")
    table = pyarrow.table(
        {"en": ["a", "b", None], "de": pyarrow.array(["x", "y", "z"]).dictionary_encode()}
    )
    parquet.write_table(table, path, row_group_size=2)
    with pytest.raises(ValueError, match="received None as 'en' in row 3 of"):
        ParallelText.from_parquet(path, "en", "de")
    parquet.write_table(table.append_column("en", table["de"]), path)
    with pytest.raises(ValueError, match="one column 'en'.*named 'en', 'de', 'en'"):
        ParallelText.from_parquet(path, "en", "de")
    parquet.write_table(table.slice(0, 0), path)
    with pytest.raises(ValueError, match="at least one row"):
        ParallelText.from_parquet(path, "en", "de")
    types = {"en": pyarrow.large_string(), "de": pyarrow.binary()}
    rows = {"en": ["a"], "de": ["ü".encode()]}
    parquet.write_table(pyarrow.table(rows, schema=pyarrow.schema(types)), path)
    assert list(ParallelText.from_parquet(path, "en", "de")) == [("a", "ü")]
    whole = path.read_bytes()
    for content in (b"", b"a,b\n", whole[:-9], whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="Expected a Parquet file at .*rows"):
            ParallelText.from_parquet(path, "en", "de")
    for wrong in (tmp_path, tmp_path / "none"):
        with pytest.raises(FileNotFoundError, match="Expected a file at"):
            ParallelText.from_parquet(wrong, "en", "de")


def test_without_pyarrow_the_extra_is_named(monkeypatch, write):
    path = write(ROWS, "parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"kerasseq\[parquet\]"):
        ParallelText.from_parquet(path, "en", "de")


@pytest.mark.parametrize(
    "answers",
    [None, "runs", {"text": ["runs"]}, {"text": ["runs"], "answer_start": []}, [{"text": "runs"}],
     {"text": [None], "answer_start": [0]}, {"text": ["runs"], "answer_start": ["0"]}],
)  # fmt: skip
def test_other_answers_are_refused(answers):
    row = {"question": "who?", "context": "Ada runs", "answers": answers}
    with pytest.raises(ValueError, match="answers with text and answer_start in row 1"):
        QuestionAnswers.from_rows([row])


def test_rows_with_arrays():
    rows = [{"words": np.array(["a", "b"]), "tags": np.array([0, 1])}]
    found = TaggedText.from_rows(rows, "words", "tags", tag_names=["O", "B-x"])
    assert list(found) == [(["a", "b"], ["O", "B-x"])]
    for wrong in ([{"words": "a b", "tags": ["O", "O"]}], [{"words": ["a"], "tags": ["O", "O"]}]):
        with pytest.raises(ValueError, match="in row 1"):
            TaggedText.from_rows(wrong, "words", "tags")
