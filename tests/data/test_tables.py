"""CSV and TSV: columns by name and number, headers noticed, quotes strict, every refusal named."""

import csv
import warnings

import pandas
import pytest

from kerasseq.data import (
    CaptionedImages,
    LabelledText,
    ParallelText,
    TaggedText,
    TimeSeries,
    read_corpus,
)
from kerasseq.data.tables import delimiter_of
from kerasseq.recipes.columns import look


@pytest.fixture
def write(tmp_path):
    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode())
        return path

    return write


PAIRS = [("a dog", "ein Hund"), ('two "big" cats, and', "zwei\nKatzen")]
ROWS = 'a dog,1,ein Hund\n"two ""big"" cats, and",2,"zwei\nKatzen"\n'
CLEAN = [PAIRS[0], (PAIRS[1][0], "zwei Katzen")]


def test_pairs_by_name_and_by_number(write):
    named = write(f"en,id,de\n{ROWS}")
    assert list(ParallelText.from_csv(named, "en", "de")) == CLEAN
    assert list(ParallelText.from_csv(named, "de", "en").reversed()) == CLEAN
    assert list(ParallelText.from_csv(named, 0, 2, header=True)) == CLEAN
    assert list(ParallelText.from_csv(named, "en", 2)) == CLEAN
    assert list(ParallelText.from_csv(write(ROWS), 0, 2)) == CLEAN
    named = write(f"en,id,de\n{ROWS}", "named.csv")
    semicolons = write("en;de\na;b\n")
    assert list(ParallelText.from_csv(semicolons, "en", "de", delimiter=";")) == [("a", "b")]
    tabs = write('id\ten\tde\n1\t"a\tb"\n', "table.tsv")
    assert list(ParallelText.from_tsv(tabs, "en", "de")) == [('"a', 'b"')]
    corpus = ParallelText.from_csv(named, "en", "de")
    assert len(corpus) == 2 and list(corpus) == list(corpus)
    graph = [tuple(text.decode() for text in pair) for pair in corpus.strings().as_numpy_iterator()]
    assert graph == PAIRS


def test_a_header_is_noticed(write):
    assert list(ParallelText.from_csv(write("source,target\na,b\n"))) == [("a", "b")]
    assert list(ParallelText.from_tsv(write("English\tSwedish\na\tb\n"))) == [("a", "b")]
    assert next(iter(ParallelText.from_csv(write("source,target\na,b\n"), header=False))) == (
        "source",
        "target",
    )
    expected = [("good film", "1"), ("bad", "0")]
    for header, row in (("label,text", "{1},{0}"), ("text,label", "{0},{1}")):
        rows = "".join(row.format(*each) + "\n" for each in expected)
        for begin in ("", "\ufeff"):
            assert list(LabelledText.from_csv(write(f"{begin}{header}\n{rows}"))) == expected
    table = write("stars,id,review,summary\n1,7,bad,no\n5,8,good,yes\n")
    corpus = LabelledText.from_csv(table, ["summary", "review"], "stars")
    assert list(corpus) == [("no bad", "1"), ("yes good", "5")]
    (pair, _) = LabelledText.from_csv(table, ["summary", "review"], "stars", pairs=True).texts()
    assert pair == ("no", "bad")
    assert list(LabelledText.from_csv(table, "review", "stars").labels()) == ["1", "5"]


def test_a_first_row_that_may_be_names_is_asked_about(write):
    rows = "".join(f"{n % 2},text {n}\n" for n in range(6))
    path = write(f"stars,opinion\n{rows}")
    with pytest.raises(ValueError, match=r"whether row 1 .*received 'stars' .*header=False"):
        LabelledText.from_csv(path)
    assert len(LabelledText.from_csv(path, [1], 0, header=True)) == 6
    assert len(LabelledText.from_csv(path, header=False)) == 7
    with pytest.raises(ValueError, match=r"row 1 of .*could not convert.*header=True"):
        LabelledText.from_csv(path, read_label=float)
    with pytest.raises(ValueError, match=r"column 'text' in .*'stars', 'opinion'\. Name one"):
        LabelledText.from_csv(path, header=True)


def test_a_stray_quote_is_refused_by_its_row(write):
    rows = "".join(f"{n % 2},text {n}\n" for n in range(1000))
    strays = {
        f'1,"a stray\n{rows}': 1,
        f'{rows}1,"a stray\n{rows}': 1001,
        f'{rows}1,"a stray\n{rows}0,"whole"\n': 1001,
        f'{rows}1,"a stray\n{rows}0,an inch"\n{rows}': 1001,
        f'1,"a" stray\n{rows}': 1,
    }
    for content, row in strays.items():
        path = write(content)
        with pytest.raises(ValueError, match=rf"row {row} of .*table\.csv, from line {row} on"):
            LabelledText.from_csv(path)
        with pytest.raises(ValueError, match=rf"row {row} of .*stray quote.*quotes=False"):
            ParallelText.from_csv(path)
    path = write(next(iter(strays)))
    assert len(LabelledText.from_csv(path, quotes=False)) == 1001
    table = write('1,"roses\nviolets,blue\nsugar,sweet\nand,you"\n0,b\n')
    with pytest.raises(ValueError, match=r"4 lines that look like rows.*check_quotes=False"):
        LabelledText.from_csv(table)
    assert len(LabelledText.from_csv(table, check_quotes=False)) == 2
    spaced = write('1, a\n"0, b\n1, c\n1, d\n1", e\n')
    with pytest.raises(ValueError, match="4 lines that look like rows"):
        LabelledText.from_csv(spaced, header=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        poem = write('1,"Roses, red,\nviolets, blue\nsugar, sweet\nand, so\nare you"\n0,b\n')
        assert len(LabelledText.from_csv(poem)) == 2
    assert len(LabelledText.from_csv(write('1,"one\ntwo\nthree\nfour\nfive"\n0,b\n'))) == 2


def test_a_stray_quote_that_swallows_a_row_or_two_is_said(write):
    rows = "".join(f"{n % 2},text {n}\n" for n in range(20))
    for swallowed in ("1,c", "1,c\n0,d"):
        path = write(f'{rows}0,"b\n{swallowed}"\n{rows}')
        with pytest.warns(UserWarning, match=r"received 1 whose lines.*in row 21 first: \['0', 'b"):
            corpus = LabelledText.from_csv(path)
        assert len(corpus) == 41
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert len(LabelledText.from_csv(path, check_quotes=False)) == 41
    path = write('id,text,label\n7,"b,pos\n8,c",neg\n9,d,pos\n')
    with pytest.warns(UserWarning, match="in row 2 first"):
        LabelledText.from_csv(path)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("label_first", [True, False])
def test_what_pandas_writes_in_several_lines_is_read(write, quoting, delimiter, label_first):
    texts = [
        "Dear Sir,\n\nthanks, really.\nBye", 'He said "hi"\nand left', "one\ntwo", "line\r\nbreak",
        "a, b\nc, d\ne, f\ng, h", "1,234 dollars\nare too much, he said", 'an inch: "\nor two; so',
        "roses, red\nviolets, blue", "plain",
    ]  # fmt: skip
    frame = pandas.DataFrame({"text": texts, "label": list("xyxyxyxyx")})
    frame = frame[["label", "text"]] if label_first else frame
    path = write(frame.to_csv(index=False, sep=delimiter, quoting=quoting))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        corpus = LabelledText.from_csv(path, delimiter=delimiter)
    expected = LabelledText(texts, frame["label"])
    assert list(corpus) == list(expected)


def test_rows_that_may_be_meant_otherwise_are_said(write):
    with pytest.raises(ValueError, match=r"'text', 'label' in row 4 again\. Delete it"):
        LabelledText.from_csv(write("text,label\na,x\nb,y\ntext,label\nc,x\n"))
    for content, read, said in (
        ("'a dog','ein Hund'\n'b','c'\n", ParallelText.from_csv, "' around all of them, in 2 rows"),
        ('"a dog"\t"ein Hund"\n', ParallelText.from_tsv, '" around all of them, in 1 rows'),
    ):
        with pytest.warns(UserWarning, match=said):
            read(write(content))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ParallelText.from_csv(write('"a dog","ein Hund"\n'))
        ParallelText.from_csv(write("'a dog','ein Hund'\nb,'c'\n"))
        ParallelText.from_tsv(write('"a" dog\tein "Hund"\n'))


@pytest.mark.parametrize("labels", [["Good", "good"], [["x", "Good"], ["good"]]])
def test_labels_that_differ_in_capitals_alone_are_doubted(labels):
    with pytest.warns(UserWarning, match="received 'Good' and 'good'. Write them alike"):
        corpus = LabelledText(["a", "b"], labels)
    assert "Good" in corpus.label_names() and "good" in corpus.label_names()
    with pytest.warns(UserWarning, match="tags that differ in more.*'B-PER' and 'B-per'"):
        TaggedText([["a", "b"]], [["B-PER", "B-per"]])


def test_rows_have_as_many_columns_as_the_first(write):
    for row in ("0,one, two", "0"):
        path = write(f"1,fine\n{row}\n")
        for read in (LabelledText.from_csv, ParallelText.from_csv):
            with pytest.raises(ValueError, match=r"Expected 2 columns.* row 2 .*line 2"):
                read(path)


def test_wrong_columns_and_delimiters(write):
    path = write("en;de\na;b\n")
    for read in (LabelledText.from_csv, ParallelText.from_csv):
        with pytest.raises(ValueError, match=r"cut at ','.*'en;de'\. Pass delimiter=';'"):
            read(path)
    with pytest.raises(ValueError, match="one character; received ';;'"):
        ParallelText.from_csv(path, delimiter=";;")
    with pytest.raises(ValueError, match=r"column 'fr' in .*columns named 'en', 'de'"):
        ParallelText.from_csv(path, "en", "fr", delimiter=";")
    with pytest.raises(ValueError, match="by number with header=False"):
        ParallelText.from_csv(path, "en", "de", delimiter=";", header=False)
    with pytest.raises(ValueError, match=r"one column 'a' in"):
        ParallelText.from_csv(write("a,a\nb,c\n"), "a", "a")
    with pytest.raises(ValueError, match="received an empty file"):
        ParallelText.from_csv(write("\n\n"))
    with pytest.raises(ValueError, match="a first row of names alone"):
        ParallelText.from_csv(write("en,de\n"), "en", "de")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_is_cut_alike_wherever_its_cut_is_found_out(write, delimiter):
    texts = ['two "big" cats', '"so', *map(str, range(20))]
    rows = [*zip(texts, ["a", "b"] * 11, strict=True)]
    frame = pandas.DataFrame(rows, columns=["text", "label"])
    path = write(frame.to_csv(index=False, sep=delimiter))
    _, options = look(path)
    assert list(LabelledText.from_csv(path, **options)) == rows
    assert list(read_corpus("LabelledText", path)) == rows
    assert list(ParallelText.from_table(path, "text", "label")) == rows


def test_a_tsv_is_cut_at_tabs_whatever_its_first_line_holds(write):
    path = write("a dog, and more\na cat\tb\n", "table.tsv")
    with pytest.raises(ValueError, match=r"cut at '\\t'"):
        read_corpus("LabelledText", path, (0, 1))


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("delimiter", [";", "|", "\t"])
def test_commas_inside_a_first_row_s_fields_cut_nothing(write, delimiter, decimal, header):
    texts = ["Well, yes", "No", "Run, now, and\nstop; or not", 'an inch: "', "1,234 dollars"]
    frame = pandas.DataFrame({"text": texts, "score": [0.5, 1.25, 2.0, 3.5, 0.25]})
    written = frame.to_csv(index=False, sep=delimiter, decimal=decimal, header=header)
    for rows in range(1, 6):
        head = frame[:rows].to_csv(index=False, sep=delimiter, decimal=decimal, header=header)
        assert delimiter_of(write(head)) == delimiter
    assert delimiter_of(write(f"sep={delimiter}\n{written}")) == delimiter
    columns = ("text", "score") if header else (0, 1)
    found = list(read_corpus("LabelledText", write(written), columns))
    scores = [f"{each}".replace(".", decimal) for each in frame["score"]]
    assert found == list(LabelledText(texts, scores))


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_marks_inside_a_comma_table_s_fields_cut_nothing(write, quoting):
    rows = [("Go; now", "Gå; nu"), ("a|b", "c|d"), ("one;two", "x"), ("so\n;it; is;", "y, z")]
    for count in range(1, 5):
        frame = pandas.DataFrame(rows[:count], columns=["en", "sv"])
        path = write(frame.to_csv(index=False, quoting=quoting))
        assert delimiter_of(path) == ","
        path = write(frame.to_csv(index=False, quoting=quoting, header=False))
        assert delimiter_of(path) == ","
    film = "1,Toy Story,Animation|Comedy\n2,Heat,Action|Crime|Thriller\n"
    assert delimiter_of(write(film)) == ","
    assert delimiter_of(write('x,"a;b"\ny,"c;d"\n')) == ","
    # The first 200 lines end within a text.
    poem = '"' + "one, two; three\n" * 300 + '"'
    assert delimiter_of(write(f"text,label\n{poem},good\n")) == ","


def test_numbers_and_images_are_cut_alike(write):
    frame = pandas.DataFrame(
        {"day": ["Mo, early", "Tu", "We", "Th"], "value": [1.5, 2.5, 3.0, 4.0]}
    )
    path = write(frame.to_csv(index=False, sep=";"))
    assert TimeSeries.from_table(path, ["value"], 2, 1).steps[:, 0].tolist() == [1.5, 2.5, 3, 4]
    path = write(frame.to_csv(index=False, sep=";", decimal=","))
    with pytest.raises(ValueError, match="'1,5'"):
        TimeSeries.from_table(path, ["value"], 2, 1)
    write("", "a.png")
    path = write("image;caption\na.png;a dog, and a cat\n")
    assert list(CaptionedImages.from_table(path).captions()) == ["a dog, and a cat"]
