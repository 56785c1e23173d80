"""Pairs of lines from files, tables and lists."""

import gzip
import subprocess
import sys

import pytest

from kerasseq.data import ParallelText


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        content = content.encode() if isinstance(content, str) else content
        path = tmp_path / name
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write


def graph_pairs(corpus):
    return [
        (source.decode(), target.decode())
        for source, target in corpus.strings().as_numpy_iterator()
    ]


PAIRS = [("ein Hund", "a dog"), ("eine Katze", "a cat"), ("zwei Männer", "two men")]


def every_kind(write):
    sources, targets = zip(*PAIRS, strict=True)
    table = "".join(f"{number}\t{t}\t{s}\trest\n" for number, (s, t) in enumerate(PAIRS))
    return {
        "files": ParallelText.from_files(
            write("a.de", "\n".join(sources)), write("a.en.gz", "\n".join(targets) + "\n")
        ),
        "tsv": ParallelText.from_tsv(write("a.tsv", table), source_column=2, target_column=1),
        "tsv.gz": ParallelText.from_tsv(write("a.tsv.gz", table), 2, 1),
        "pairs": ParallelText.from_pairs(pair for pair in PAIRS),
        "lists": ParallelText.from_lists(sources, iter(targets)),
    }


@pytest.mark.parametrize("kind", ["files", "tsv", "tsv.gz", "pairs", "lists"])
def test_every_kind_gives_the_same_corpus(write, kind):
    corpus = every_kind(write)[kind]
    assert len(corpus) == 3
    assert list(corpus) == list(corpus) == PAIRS
    assert list(corpus.sources()) == [source for source, _ in PAIRS]
    assert list(corpus.targets()) == [target for _, target in PAIRS]
    assert graph_pairs(corpus) == PAIRS

    swapped = [(target, source) for source, target in PAIRS]
    assert list(corpus.reversed()) == graph_pairs(corpus.reversed()) == swapped
    assert list(corpus.reversed().reversed()) == PAIRS

    first = corpus.take(2)
    assert len(first) == 2
    assert list(first) == graph_pairs(first) == PAIRS[:2]
    assert len(corpus.take(9)) == 3
    assert list(corpus.reversed().take(1)) == swapped[:1]


def test_consecutive_pairs_are_joined():
    corpus = ParallelText.from_pairs([*PAIRS, ("", "odd"), ("drei\x00", "  three ")])
    joined = corpus.with_joined(3)
    found = list(joined)
    assert len(joined) == len(found) == 5 + 2 + 1
    assert found[:5] == list(corpus)
    assert found[5:7] == [("ein Hund eine Katze", "a dog a cat"), ("zwei Männer", "two men odd")]
    assert found[7] == ("ein Hund eine Katze zwei Männer", "a dog a cat two men")
    cleaned = [tuple(" ".join(side.split()) for side in pair) for pair in graph_pairs(joined)]
    assert cleaned[5:] == found[5:]
    assert list(joined.reversed()) == [pair[::-1] for pair in found]
    assert len(corpus.with_joined(100)) == len(list(corpus.with_joined(100)))
    with pytest.raises(ValueError, match="received 1"):
        corpus.with_joined(1)


def test_bad_lines_are_cleaned_and_keep_their_place(write):
    source = b"\xef\xbb\xbferste\r\n\r\n   \r\nx\ry\nnul\0l\neins\xe2\x80\xa8zwei\nletzte"
    target = b"first\n\n\nbad\nnul\none two\nlast\n"
    corpus = ParallelText.from_files(write("s", source), write("t", target))
    assert list(corpus) == [
        ("erste", "first"),
        ("", ""),
        ("", ""),
        ("x y", "bad"),
        ("null", "nul"),
        ("eins zwei", "one two"),
        ("letzte", "last"),
    ]


def test_files_of_unequal_length(write):
    with pytest.raises(ValueError, match=r"received 2 .*s\.txt and 3 .*t\.txt"):
        ParallelText.from_files(write("s.txt", "a\nb\n"), write("t.txt", "a\nb\nc\n"))


def test_lists_of_unequal_length_or_wrong_items():
    with pytest.raises(ValueError, match="received 1 sources and 2 targets"):
        ParallelText.from_lists(["a"], ["b", "c"])
    with pytest.raises(ValueError, match=r"received \('c',\) as pair 2"):
        ParallelText.from_pairs([("a", "b"), ("c",)])
    with pytest.raises(ValueError, match="received 'ab' as pair 1"):
        ParallelText.from_pairs(["ab"])
    with pytest.raises(ValueError, match=r"received \('a', None\) as pair 1"):
        ParallelText.from_pairs([("a", None)])
    with pytest.raises(ValueError, match="received none"):
        ParallelText.from_pairs([])


def test_a_row_with_too_few_columns_is_named(write):
    for last in ("only one", "a\ttab\tmore"):
        path = write("a.tsv", f"a\tb\n\nc\td\n{last}\n")
        with pytest.raises(
            ValueError, match=r"2 columns, .* in row 3 of .*a\.tsv, from line 4 on; received [13]"
        ):
            ParallelText.from_tsv(path)
    path = write("a.tsv", "a\tb\nc\td\n")
    for column in (5, -1):
        with pytest.raises(ValueError, match=f"from 0, at most 1 in .*; received {column}"):
            ParallelText.from_tsv(path, target_column=column)


def test_a_lone_surrogate_is_refused_as_other_broken_text_is():
    with pytest.raises(ValueError, match="half of a surrogate pair"):
        ParallelText.from_pairs([("a\ud800b", "c")])


def test_importing_the_room_imports_no_tensorflow():
    code = (
        "import sys, kerasseq.data; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
