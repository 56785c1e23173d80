"""Added tokens stay one piece, as Hugging Face's `tokenizers` keeps them, in Python and graph."""

import random

import pytest
import tensorflow as tf
import tokenizers
from transformers import BertTokenizer

from kerasseq.processing.packing import row_of_words
from kerasseq.text import WordPieceTokenizer, load_tokenizer, normalize
from published import MINILM

VOCABULARY = MINILM / "vocab.txt"
# Whether each is looked for in cleaned text.
ADDED = {
    "<e1>": False,
    "<e1>x": False,
    "</e1>": False,
    "Covid19": True,
    "Covid19x": True,
    "ÉTÉ": True,
    "Ü": False,
    "a中b": True,
    "中": True,
    "the": False,
    "[unused3]": False,
    "C++": True,
    "##s": False,
    "@USER": True,
}
TEXTS = [
    "<e1> the cat </e1> covid19",
    "xCOVID19x Covid19xcovid19 <E1> un<e1>believable",
    "été ÉTÉ E\u0301te\u0301 ete É é",
    "a中b A 中 B 中中 中国 a中",
    "The theory of the [unused3] and [UNUSED3], in C++/c++.",
    "cat##s ##S @user's @USERS",
    "co\u00advid19 <e\u00ad1> c\u0301ovid19 Über über U\u0308",
    "<e1",
    "<e1><e1></e1>\t <e1>x",
    "",
]
PARTS = [*ADDED, *"abEüé中.<>1 \u0301", "covid", "19", "cat", "  ", "été", "ss", "İ", "Σ"]


@pytest.fixture(scope="module", params=[True, False], ids=["lower", "cased"])
def pair(request):
    """Our tokenizer and Hugging Face's, with the same added tokens."""
    pieces = VOCABULARY.read_text(encoding="utf-8").split("\n")[:-1]
    reference = BertTokenizer(vocab=str(VOCABULARY), do_lower_case=request.param)
    reference.add_tokens(
        [
            tokenizers.AddedToken(token, normalized=cleaned, lstrip=i % 3 == 0, rstrip=i % 2 == 0)
            for i, (token, cleaned) in enumerate(ADDED.items())
        ]
    )
    return WordPieceTokenizer(pieces, request.param, added_tokens=ADDED), reference


def hard_texts():
    numbers = random.Random(7)
    return [*TEXTS, *("".join(numbers.choices(PARTS, k=12)) for _ in range(2000))]


def test_they_get_hugging_face_s_ids_in_python_and_in_the_graph(pair):
    ours, reference = pair
    # Every text is cleaned first here: it is composed, and marks that nobody sees are gone.
    cleaned = [normalize(text) for text in hard_texts()]
    expected = reference(cleaned, add_special_tokens=False)["input_ids"]
    assert [ours.encode(text) for text in hard_texts()] == expected
    assert ours.tokenize(tf.constant(hard_texts())).to_list() == expected
    assert {token: ours.token_ids[token] for token in ADDED} == {
        token: reference.convert_tokens_to_ids(token) for token in ADDED
    }
    used = {i for row in expected for i in row}
    assert used >= {ours.token_ids[token] for token in ADDED}
    words = [b" ".join(row).decode() for row in ours.words(tf.constant(TEXTS)).numpy()]
    assert words == [ours.clean(text) for text in TEXTS]


def test_they_travel_with_a_saved_tokenizer(pair, tmp_path):
    ours, _ = pair
    ours.save(tmp_path)
    again = load_tokenizer(tmp_path)
    assert again.vocabulary == ours.vocabulary and again.vocabulary_size > len(ours.pieces)
    assert [again.encode(text) for text in TEXTS] == [ours.encode(text) for text in TEXTS]


def test_they_are_read_in_words_and_decoded(pair):
    ours, _ = pair
    row = row_of_words(ours, ["<e1>", "cats", "covid19"], 20)
    assert row.ids[row.places[0]] == ours.token_ids["<e1>"]
    assert ours.decode([ours.token_ids["<e1>"], *ours.encode("cats")]) == "<e1> cats"


@pytest.mark.parametrize("token", ["", " ", "new york", "\ufeffx", "[SEP]", "\x00", 3])
def test_what_is_never_found_gets_one_sentence(token):
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"]
    with pytest.raises(ValueError, match="Expected an added token"):
        WordPieceTokenizer(pieces, added_tokens={token: True})
    for dropped in ("\u00ad", "\ue000"):  # by the cleaning of every text, and by WordPiece's
        with pytest.raises(ValueError, match="Expected an added token"):
            WordPieceTokenizer(pieces, added_tokens={dropped: True})


def test_their_graph_travels_in_a_saved_model(pair, tmp_path):
    ours, _ = pair

    class Served(tf.Module):
        def __init__(self):
            super().__init__()
            self.graph = ours.graph

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def ids(self, texts):
            return self.graph.tokenize(texts).to_tensor()

    tf.saved_model.save(Served(), str(tmp_path))
    rows = tf.saved_model.load(str(tmp_path)).ids(tf.constant(["<e1> covid19 cats"])).numpy()
    assert rows[0].tolist() == ours.encode("<e1> covid19 cats")
