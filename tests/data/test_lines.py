"""Python and tf.data cut the same lines from the same bytes."""

import gzip
import re

import pytest

from kerasseq.data.lines import count_lines, line_dataset, read_lines

CONTENTS = {
    "crlf": (b"a\r\nb\r\n", [b"a", b"b"]),
    "return inside": (b"a\rb\n", [b"ab"]),
    "two returns": (b"a\r\r\nb", [b"a", b"b"]),
    "no last line end": (b"a\nb", [b"a", b"b"]),
    "empty lines": (b"\n\na\n\n", [b"", b"", b"a", b""]),
    "only a return at the end": (b"a\n\r", [b"a"]),
    "byte order mark": (b"\xef\xbb\xbfa\n", [b"\xef\xbb\xbfa"]),
    "nul": (b"a\0b\nc\n", [b"a\0b", b"c"]),
    "other breaks": ("a\u2028b\x0bc\x0cd\x85e\n".encode(), ["a\u2028b\x0bc\x0cd\x85e".encode()]),
    "invalid utf-8": (b"\xff\xc3\n\xe2\x82\n", [b"\xff\xc3", b"\xe2\x82"]),
    "long line": (b"a " * 100_000 + b"\nb\n", [b"a " * 100_000, b"b"]),
}


@pytest.mark.parametrize("name", ["text", "text.gz"])
@pytest.mark.parametrize("content, expected", CONTENTS.values(), ids=CONTENTS.keys())
def test_the_same_lines_in_python_and_the_graph(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert list(read_lines(path)) == expected
    assert list(line_dataset(path).as_numpy_iterator()) == expected
    assert count_lines(path) == len(expected)


def test_a_gzip_of_several_members_is_read_to_its_end(tmp_path):
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress(b"a\nb\n") + gzip.compress(b"c\n"))
    assert list(read_lines(path)) == [b"a", b"b", b"c"]
    assert list(line_dataset(path).as_numpy_iterator()) == [b"a", b"b", b"c"]


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        count_lines(tmp_path / "missing.txt")
    with pytest.raises(FileNotFoundError, match=rf"{re.escape(str(tmp_path))}; received a folder"):
        count_lines(tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises(ValueError, match=r"empty\.txt"):
        count_lines(tmp_path / "empty.txt")


@pytest.mark.parametrize("damage", ["text", "cut", "flipped"])
def test_a_damaged_gzip(tmp_path, damage):
    whole = gzip.compress(bytes(range(256)) * 50)
    middle = len(whole) // 2
    content = {
        "text": b"no gzip\n",
        "cut": whole[:middle],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :],
    }[damage]
    (tmp_path / "text.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"text\.gz"):
        count_lines(tmp_path / "text.gz")
