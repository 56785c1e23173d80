"""What ends a line is one rule: in files, gzipped files, pipes, and what a graph reads of them."""

import gzip
import io
import re
import subprocess
import sys

import pytest

from kerasseq.data import LabelledText, ParallelText, TaggedText
from kerasseq.data.lines import count_lines, cut_lines, read_lines
from kerasseq.text import normalize

CONTENTS = {
    "crlf": (b"a\r\nb\r\n", ["a", "b"]),
    "return inside": (b"a\rb\n", ["a\rb"]),
    "return inside, no last line end": (b"a\rb", ["a\rb"]),
    "two returns": (b"a\r\r\nb", ["a", "b"]),
    "no last line end": (b"a\nb", ["a", "b"]),
    "empty lines": (b"\n\na\n\n", ["", "", "a", ""]),
    "only a return at the end": (b"a\n\r", ["a"]),
    "byte order mark": (b"\xef\xbb\xbfa\n", ["a"]),
    "byte order mark of a joined file": (b"a\n\xef\xbb\xbfb\n", ["a", "b"]),
    "nul": (b"a\0b\nc\n", ["a\0b", "c"]),
    "other breaks": (
        "a\u2028b\u2029c\x0bd\x0ce\x85f\x1cg\n".encode(),
        ["a\u2028b\u2029c\x0bd\x0ce\x85f\x1cg"],
    ),
    "long line": (b"a " * 100_000 + b"\nb\n", ["a " * 100_000, "b"]),
}


# U+0085 is noticed too: it is mostly an ellipsis of cp1252.
@pytest.mark.filterwarnings("ignore:.*mojibake")
@pytest.mark.parametrize("name", ["text", "text.gz"])
@pytest.mark.parametrize("content, expected", CONTENTS.values(), ids=CONTENTS.keys())
def test_the_same_lines_in_python_pipes_and_the_graph(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert list(read_lines(path)) == expected
    assert list(cut_lines(io.BytesIO(content), "standard input")) == expected
    assert count_lines(path) == len(expected)
    corpus = ParallelText.from_files(path, path)
    in_graph = [tuple(map(bytes.decode, pair)) for pair in corpus.strings().as_numpy_iterator()]
    assert in_graph == [(line, line) for line in expected]
    assert list(corpus.sources()) == [normalize(line) for line in expected]


BREAKS = {"return": "\r", "form feed": "\f", "U+2028": "\u2028", "NEL": "\x85", "tab-like": "\v"}


@pytest.mark.filterwarnings("ignore:.*mojibake")
@pytest.mark.parametrize("mark", BREAKS.values(), ids=BREAKS.keys())
def test_every_reader_reads_what_a_list_holds(tmp_path, mark):
    text, path = f"red{mark}house", tmp_path / "file"

    def write(content):
        path.write_bytes(content.encode())
        return path

    assert list(ParallelText.from_pairs([(text, text)])) == [("red house",) * 2]
    assert list(ParallelText.from_files(write(f"{text}\n"), path)) == [("red house",) * 2]
    for content in (f"{text}\t{text}\r\n", f"{text}\t{text}"):
        assert list(ParallelText.from_tsv(write(content))) == [("red house",) * 2]
    for quote in ("", '"'):
        row = f"{quote}{text}{quote}"
        assert list(ParallelText.from_csv(write(f"{row},{row}\r\n"))) == [("red house",) * 2]
        assert list(LabelledText.from_csv(write(f"1,{row}\n2,b\n"))) == [
            ("red house", "1"),
            ("b", "2"),
        ]
    assert list(LabelledText.from_lines(write(f"1 {text}\n"))) == [("red house", "1")]
    assert list(LabelledText([text], ["1"])) == [("red house", "1")]
    assert list(TaggedText.from_conll(write(f"{text}\tO\nb\tB-x\n"))) == [
        (["red house", "b"], ["O", "B-x"])
    ]


def test_a_gzip_of_several_members_is_read_to_its_end(tmp_path):
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress(b"a\nb\n") + gzip.compress(b"c\n"))
    assert list(read_lines(path)) == ["a", "b", "c"]


def test_lines_that_end_with_returns_alone_are_refused(tmp_path):
    (tmp_path / "mac.txt").write_bytes(b"a\rb\rc\r")
    with pytest.raises(ValueError, match=r"mac\.txt; received 3 carriage returns and no line feed"):
        count_lines(tmp_path / "mac.txt")


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Expected .*missing\.txt"):
        count_lines(tmp_path / "missing.txt")
    with pytest.raises(FileNotFoundError, match=rf"{re.escape(str(tmp_path))}; received a folder"):
        count_lines(tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises(ValueError, match=r"empty\.txt"):
        count_lines(tmp_path / "empty.txt")


@pytest.mark.parametrize("damage", ["text", "cut", "flipped"])
def test_a_damaged_gzip(tmp_path, damage):
    whole = gzip.compress(b"".join(b"%d lines\n" % number for number in range(2000)))
    middle = len(whole) // 2
    content = {
        "text": b"no gzip\n",
        "cut": whole[:middle],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :],
    }[damage]
    (tmp_path / "text.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"text\.gz"):
        count_lines(tmp_path / "text.gz")


def test_a_graph_reads_on_after_a_seed_is_set(tmp_path):
    code = f"""
import keras
from kerasseq.data import ParallelText
path = {str(tmp_path / "text")!r}
open(path, "w").write("a\\nb\\n")
strings = ParallelText.from_files(path, path).strings()
assert len(list(strings)) == 2
keras.utils.set_random_seed(1)
keras.backend.clear_session()
assert len(list(strings)) == 2
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
