"""The contract of every tokenizer: Python and graph give one answer."""

import gzip
import itertools
import json
import re
import subprocess
import sys
import unicodedata

import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerasseq.data import LabelledText, ParallelText
from kerasseq.text import (
    CharacterTokenizer,
    SentencePieceTokenizer,
    Vocabulary,
    WordTokenizer,
    load_tokenizer,
    normalize,
    normalize_graph,
)

NASTY = [
    "",
    "   ",
    "\t\n\r\n",
    "a\0b",
    "\ufeffBOM first",
    "BOM \ufeff between \ufeff",
    "line\u2028break\u2029and\x85more",
    "no\xa0break\u3000space",
    "Ä İstanbul ΣΊΣΥΦΟΣ ẞ ŉ ǅ",
    "e\u0301 n\u0303",
    "sof\xadt hy\u200bphens and\u200d joiners\u200e",
    "\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645 3\u200c\u0628\u0639\u062f\u06cc",
    "\u0915\u094d\u200d\u0937 \u0938\u0924\u094d\u200d",
    "\u1112\u1161\u11ab \u212b \u0344 \u0958",
    "नमस्ते दुनिया",
    "漢字とかな",
    "السلام عليكم",
    "👩‍👩‍👧 🎉",
    'He said: "don\'t" (really) — well-known, 3.5%!',
    b"broken \xff\xfe bytes \xc3",
    b"\xed\xa0\x80 surrogate \xf0\x9f",
    "<s> </s> <pad> <unk>",
    "<0x41> <0x0A> ▁ ▁a▁▁b ￭",
    "word " * 2000,
]
TEXT = [
    "the dog runs fast .",
    "Zwei Hunde, ein Ball!",
    "İstanbul ΣΊΣ",
    "漢字 नमस्ते",
    "a-b don't 3.5%",
]


@pytest.fixture(scope="module")
def real_lines(data_folder, number_text):
    """2,000 lines each of real German and Swedish, or number words where there are none."""
    if data_folder is None:
        return [line for pair in number_text[0] for line in pair]
    lines = []
    for name in ("multi30k/train.de.gz", "tatoeba_en_sv/pairs.tsv.gz"):
        with gzip.open(data_folder / name, "rt", encoding="utf-8") as file:
            lines += [
                line.split("\t")[-2 if "tsv" in name else 0]
                for line in itertools.islice(file, 2000)
            ]
    return lines


MAKERS = {
    "word": lambda lines: WordTokenizer.train(lines),
    "word-lower": lambda lines: WordTokenizer.train(lines, 2, lowercase=True),
    "word-punctuation": lambda lines: WordTokenizer.train(lines, split="punctuation"),
    "word-by-rules": lambda lines: WordTokenizer.train(lines, split="punctuation", joiners=False),
    "character": lambda lines: CharacterTokenizer.train(lines),
    "character-lower": lambda lines: CharacterTokenizer.train(lines, lowercase=True),
    "unigram": lambda lines: SentencePieceTokenizer.train(lines, 250, model_type="unigram"),
    "bpe-lower": lambda lines: SentencePieceTokenizer.train(
        lines, 250, model_type="bpe", lowercase=True
    ),
    "bytes": lambda lines: SentencePieceTokenizer.train(
        lines,
        600,
        normalization_rule_name="identity",
        user_defined_symbols=["<num>", "%"],
        byte_fallback=True,
    ),
    "kept": lambda lines: SentencePieceTokenizer.train(
        [*lines, "a\n\tb  c\r\n"], 600, byte_fallback=True, keep_whitespace=True
    ),
    "kept-unigram": lambda lines: SentencePieceTokenizer.train(
        [*lines, "a\n\tb  c\r\n"], 260, model_type="unigram", keep_whitespace=True
    ),
    "kept-characters": lambda lines: CharacterTokenizer.train(
        [*lines, "a\n\tb  c\r\n"], keep_whitespace=True
    ),
}


@pytest.fixture(scope="module", params=list(MAKERS))
def tokenizer(request, real_lines):
    return MAKERS[request.param](real_lines + TEXT * 2)


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def tokenizer_is_unigram(tokenizer):
    return isinstance(tokenizer, SentencePieceTokenizer) and not tokenizer.lowercase


def check(tokenizer, lines):
    ids = [tokenizer.encode(line) for line in lines]
    in_graph = tokenizer.tokenize(tf.constant([as_bytes(line) for line in lines]))
    for python, graph in zip(ids, in_graph.to_list(), strict=True):
        # Two cuts into the same pieces are equally probable to a unigram model.
        assert graph == python or (
            tokenizer_is_unigram(tokenizer) and sorted(graph) == sorted(python)
        )
    assert in_graph.dtype == tf.int32
    texts = tokenizer.detokenize(in_graph.to_tensor())
    assert [text.decode("utf-8") for text in texts.numpy()] == [tokenizer.decode(i) for i in ids]


def test_graph_equals_python_on_real_text(tokenizer, real_lines):
    check(tokenizer, real_lines)


def test_graph_equals_python_on_nasty_text(tokenizer):
    check(tokenizer, NASTY)


def test_an_empty_line_has_no_token(tokenizer):
    spaces = () if tokenizer.keep_whitespace else ("  ", "\r\n", "\u2028")
    for line in ("", "\0", "\ufeff", *spaces):
        assert tokenizer.encode(line) == [] == tokenizer.tokens(line)
    assert tokenizer.decode([]) == ""


def test_decoding_stops_at_the_end_and_drops_specials(tokenizer):
    ids = tokenizer.encode("the dog")
    row = [2, *ids, 0, 3, *ids]
    assert tokenizer.decode(row) == tokenizer.decode(ids)
    assert tokenizer.detokenize([row]).numpy()[0].decode() == tokenizer.decode(ids)


def test_a_special_in_the_text_is_an_unknown_word():
    tokenizer = WordTokenizer.train(["a b"])
    check(tokenizer, ["a <pad> </s> <s> b"])
    assert tokenizer.encode("a <pad> </s> <s> b") == [4, 1, 1, 1, 5]


def test_known_text_comes_back(real_lines):
    for name in ("word", "character"):
        tokenizer = MAKERS[name](real_lines)
        for line in real_lines[:300]:
            assert tokenizer.decode(tokenizer.encode(line)) == normalize(line)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=30), st.binary(max_size=30)), min_size=1, max_size=20))
def test_normalisation_is_one(lines):
    found = normalize_graph(tf.constant([as_bytes(line) for line in lines])).numpy()
    assert [text.decode("utf-8") for text in found] == [normalize(line) for line in lines]


WHITE = st.text(st.sampled_from("ab.é \t\n\r\v\xa0\u2003\u2028\u200d\ufeff\0▁漢"), max_size=15)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(WHITE, st.text(max_size=20)), min_size=1, max_size=10))
def test_white_space_that_is_kept_comes_back(lines):
    cleaned = [normalize(line, keep_whitespace=True) for line in lines]
    found = normalize_graph(tf.constant([as_bytes(line) for line in lines]), keep_whitespace=True)
    assert [text.decode() for text in found.numpy()] == cleaned
    assert [normalize(text, keep_whitespace=True) for text in cleaned] == cleaned
    assert list(map(normalize, cleaned)) == list(map(normalize, lines))
    characters = CharacterTokenizer.train(["a", *lines], keep_whitespace=True)
    assert [characters.decode(characters.encode(line)) for line in lines] == cleaned
    check(characters, lines)
    pieces = KEPT
    expected = [line.replace("▁", " ") for line in cleaned]
    assert [pieces.decode(pieces.encode(line)) for line in lines] == expected
    check(pieces, lines)


KEPT = SentencePieceTokenizer.train(
    ["def f(x):\n\treturn  x\r\n", "a b  c"], 290, byte_fallback=True, keep_whitespace=True
)


def test_what_keeping_white_space_asks_for(tmp_path):
    lines = ["a\n b  c\td"] * 3
    plain = SentencePieceTokenizer.train(lines, 12)
    assert not plain.keep_whitespace and plain.decode(plain.encode(lines[0])) == "a b c d"
    kept = SentencePieceTokenizer.train(lines, 14, keep_whitespace=True)
    assert kept.tokens("a\r\nb") == ["▁a", "\r", "\n", "b"]
    assert SentencePieceTokenizer(kept.model).keep_whitespace  # its file says so
    with pytest.raises(ValueError, match='"identity" with keep_whitespace=True; received .nfkc'):
        SentencePieceTokenizer.train(
            lines, 14, keep_whitespace=True, normalization_rule_name="nfkc"
        )
    corpus = ParallelText.from_pairs([("a\nb", "c  d")] * 4)
    for tokenizer in (kept, CharacterTokenizer.train(lines, keep_whitespace=True)):
        with pytest.raises(ValueError, match=r"with_whitespace\(\)"):
            corpus.batches(tokenizer, plain, batch_size=2)
        ((x, y, _), *_) = corpus.with_whitespace().batches(tokenizer, tokenizer, batch_size=2)
        assert tokenizer.decode(x["source"][0].numpy()) == "a\nb"
        assert tokenizer.decode(y[0].numpy()) == "c  d"
    kept_corpus = corpus.with_whitespace()
    parts = [kept_corpus.take(1), kept_corpus.reversed().reversed(), *kept_corpus.split(0.5)]
    assert all(next(iter(part)) == ("a\nb", "c  d") for part in parts)
    assert next(iter(corpus)) == ("a b", "c d")
    labelled = LabelledText([" a\n", "b"] * 4, ["x", "y"] * 4).with_whitespace()
    assert [next(part.texts()) for part in (labelled, labelled.take(1))] == [" a\n"] * 2
    assert {text for part in labelled.split(0.5) for text in part.texts()} == {" a\n", "b"}


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("a \t\0\ufeff\ufffd\u2028"), max_size=12))
@example("a \ufeff a")
def test_normalisation_is_done_after_one_pass(line):
    assert normalize(normalize(line)) == normalize(line)


def test_lower_case_is_one_for_every_assigned_code_point():
    # Letters added after the Unicode of the graph's ICU would be no fault of this package.
    lines = [
        chr(code)
        for code in range(0x20, 0x2FA20)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    tokenizer = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", "a"], lowercase=True)
    lowered = tf.strings.lower(normalize_graph(tf.constant(lines)), encoding="utf-8").numpy()
    different = [
        line
        for line, low in zip(lines, lowered, strict=True)
        if low.decode("utf-8") != tokenizer.clean(line)
    ]
    assert different == []


def test_save_and_load_give_the_same_tokenizer(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "t")
    again = load_tokenizer(tmp_path / "t")
    assert type(again) is type(tokenizer) and again.get_config() == tokenizer.get_config()
    assert again.vocabulary == tokenizer.vocabulary
    assert [again.encode(line) for line in NASTY] == [tokenizer.encode(line) for line in NASTY]
    assert not list((tmp_path / "t").glob("*.part"))


def test_a_damaged_folder_gets_one_sentence(tokenizer, tmp_path):
    folder = tmp_path / "t"
    tokenizer.save(folder)
    (name,) = tokenizer.files()
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-3])
    with pytest.raises(ValueError, match=re.escape(name)):
        load_tokenizer(folder)
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"Expected .*{re.escape(name)}"):
        load_tokenizer(folder)
    for foreign in ("{", "[]", '{"class": "os.system", "config": {}, "files": {}}'):
        (folder / "tokenizer.json").write_text(foreign)
        with pytest.raises(ValueError, match=r"tokenizer\.json"):
            load_tokenizer(folder)
    with pytest.raises(FileNotFoundError, match=r"Expected .*tokenizer\.json"):
        load_tokenizer(tmp_path)


def test_a_description_without_its_file_or_with_another_setting_gets_one_sentence(tmp_path):
    for tokenizer in (WordTokenizer.train(["a"]), SentencePieceTokenizer.train(["a b"], 7)):
        tokenizer.save(tmp_path)
        path = tmp_path / "tokenizer.json"
        description = json.loads(path.read_text())
        for wrong in ({"files": {}}, {"config": {"unheard": 1}}):
            path.write_text(json.dumps(description | wrong))
            with pytest.raises(ValueError, match=r"tokenizer\.json"):
                load_tokenizer(tmp_path)


def test_a_file_outside_the_folder_is_not_read(tmp_path):
    WordTokenizer.train(["a"]).save(tmp_path / "t")
    path = tmp_path / "t" / "tokenizer.json"
    description = json.loads(path.read_text())
    description["files"] = {"../secret.txt": "0"}
    (tmp_path / "secret.txt").write_text("secret")
    path.write_text(json.dumps(description))
    with pytest.raises(FileNotFoundError, match=r"Expected .*secret\.txt"):
        load_tokenizer(tmp_path / "t")


def test_it_survives_a_saved_model(tokenizer, tmp_path):
    module = tf.Module()
    module.graph = tokenizer.graph

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def there_and_back(texts):
        return tokenizer.detokenize(tokenizer.tokenize(texts).to_tensor())

    module.run = there_and_back
    tf.saved_model.save(module, str(tmp_path / "m"))
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    found = loaded.run(tf.constant(TEXT)).numpy()
    expected = [tokenizer.decode(tokenizer.encode(line)) for line in TEXT]
    assert [text.decode("utf-8") for text in found] == expected


def test_no_text_gets_one_sentence():
    with pytest.raises(ValueError, match="token.*received none"):
        WordTokenizer.train(["", "  "])
    with pytest.raises(ValueError, match="token.*received none"):
        CharacterTokenizer.train(["a"], min_frequency=2)
    with pytest.raises(ValueError, match="SentencePiece.*received no "):
        SentencePieceTokenizer.train(["", " "], 10)
    with pytest.raises(ValueError, match=r"vocabulary_size=5000.* at most \d+"):
        SentencePieceTokenizer.train(["only a few words"], 5000)
    with pytest.raises(ValueError, match="vocabulary_size=5,.* at least 9"):
        SentencePieceTokenizer.train(["a b c d"], 5)
    with pytest.raises(ValueError, match=r"received .*character_coverage=0\.5"):
        SentencePieceTokenizer.train(["a b c d"], 10, character_coverage=0.5)
    with pytest.raises(ValueError, match="model_type.*received 'letters'"):
        SentencePieceTokenizer.train(["a b c d"], 10, model_type="letters")
    with pytest.raises(ValueError, match="SentencePiece.*11 bytes"):
        SentencePieceTokenizer(b"not a model")
    with pytest.raises(ValueError, match="split.*whitespace.*received 'letters'"):
        WordTokenizer(Vocabulary.count(["a"]), split="letters")


def test_words_in_the_graph_are_those_of_a_tokenizer_that_cuts_words():
    line = tf.constant(["ab ba"])
    for tokenizer in (WordTokenizer.train(["ab ba"]), CharacterTokenizer.train(["ab ba"])):
        assert [w.decode() for w in tokenizer.words(line).to_list()[0]] == tokenizer.tokens("ab ba")
        ids, unknown = [[4, 1, 3]], tf.constant([["x", "y", "z"]])
        found = tokenizer.detokenize(ids, unknown).numpy()[0].decode()
        assert found == tokenizer.decode(ids[0], ["x", "y", "z"])
    pieces = SentencePieceTokenizer.train(["ab ba"], 9)
    for ask in (lambda: pieces.words(line), lambda: pieces.detokenize([[4, 1, 3]], unknown)):
        with pytest.raises(ValueError, match="received SentencePieceTokenizer"):
            ask()


def test_sentencepiece_learns_from_a_line_of_any_length():
    tokenizer = SentencePieceTokenizer.train(["a b", "a " * 5000 + "q"], 10)
    assert tokenizer.tokens("q")[-1] == "q" and "q" in tokenizer.vocabulary


def test_the_most_frequent_tokens_are_kept_and_ties_are_alphabetical():
    vocabulary = Vocabulary.count(["b", "b", "a", "a", "c", "d"], vocabulary_size=7)
    assert vocabulary.tokens[4:] == ["a", "b", "c"]
    assert Vocabulary.count(["b", "b", "a", "a", "c", "d"], min_frequency=2).tokens[4:] == [
        "a",
        "b",
    ]
    with pytest.raises(ValueError, match="received 'a'"):
        Vocabulary([*vocabulary.tokens, "a"])


HARD = [
    "It costs 1,234.56 at 12:30.",
    "see https://ex.org/a.b?c=d&e#f",
    "e.g. this",
    "don't 'quote' \"me\" (a) [b] {c}",
    "a - b -- c-d -e f- ...",
    "¿Qué? «oui» „ja“ – no — no… Größe",
    "( ) .) .a. . .b",
    "-",
    "a\0.b \ufeff, c",
]


def test_punctuation_is_split_and_every_text_comes_back():
    tokenizer = WordTokenizer.train(HARD, split="punctuation")
    assert tokenizer.tokens("(ab 1,2.)") == ["(￭", "ab", "1", "￭,￭", "2", "￭.", "￭)"]
    for line in HARD:
        assert tokenizer.decode(tokenizer.encode(line)) == normalize(line)
    check(tokenizer, HARD)
    lowered = WordTokenizer.train(HARD, split="punctuation", lowercase=True)
    assert lowered.decode(lowered.encode(HARD[0])) == HARD[0].lower()
    # What a model might write: joiners at an end, side by side, or before an unknown word.
    ids = tokenizer.ids(["￭.", "(￭", "￭)", "a", ".￭", "nobody", ".￭"])
    assert tokenizer.decode(ids) == ". () a .<unk> ."
    assert tokenizer.detokenize([ids]).numpy()[0].decode() == ". () a .<unk> ."


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(st.sampled_from("ab1 .,:;'\"()[]-/–…«»„“%_￭■é漢\0\ufeff\u2028"), max_size=25),
            st.text(max_size=25),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_punctuation_comes_back(lines):
    tokenizer = WordTokenizer.train([*lines, "a"], split="punctuation")
    expected = [tokenizer.clean(line).replace("￭", "■") for line in lines]
    cut = [tokenizer.tokens(line) for line in lines]
    assert [tokenizer.join(tokens) for tokens in cut] == expected
    assert [tokenizer.decode(tokenizer.encode(line)) for line in lines] == expected
    words = tokenizer.words(tf.constant([as_bytes(line) for line in lines]))
    assert [[word.decode() for word in each] for each in words.to_list()] == cut
    assert [text.decode() for text in tokenizer.graph.join(words).numpy()] == expected


def test_a_folder_saved_before_there_were_joiners_cuts_as_it_did(tmp_path):
    tokenizer = WordTokenizer.train(HARD, split="punctuation", joiners=False)
    assert tokenizer.tokens("(ab 1,2)") == ["(", "ab", "1", ",", "2", ")"]
    assert tokenizer.decode(tokenizer.encode("It costs 1,2.")) == "It costs 1, <unk>."
    tokenizer.save(tmp_path)
    path = tmp_path / "tokenizer.json"
    description = json.loads(path.read_text())
    assert description["config"].pop("joiners") is False
    path.write_text(json.dumps(description))
    again = load_tokenizer(tmp_path)
    assert not again.joiners and again.tokens("a,b") == ["a", ",", "b"]


def test_a_rule_of_normalisation_is_chosen():
    lines = ["m² m2 ½ ™ … ﬁ ① ｶﾀ ʰ Abc"] * 3
    kept = SentencePieceTokenizer.train(lines, 34, normalization_rule_name="identity")
    assert kept.decode(kept.encode(lines[0])) == lines[0]
    check(kept, lines)
    lost = SentencePieceTokenizer.train(lines, 34)
    assert lost.decode(lost.encode("m² ½ ™ … ﬁ ʰ")) == "m2 1⁄2 TM ... fi h"
    check(lost, lines)
    folded = SentencePieceTokenizer.train(lines, 34, normalization_rule_name="nmt_nfkc_cf")
    assert folded.decode(folded.encode("Abc")) == "abc"
    check(folded, lines)


@pytest.mark.parametrize("model_type", ["bpe", "unigram"])
def test_bytes_spell_what_has_no_piece(model_type):
    options = {"normalization_rule_name": "identity", "byte_fallback": True}
    tokenizer = SentencePieceTokenizer.train(
        ["the quick brown fox"] * 3, 276, model_type=model_type, **options
    )
    line = "a 😀 ½ 漢 Größe"
    ids = tokenizer.encode(line)
    assert tokenizer.unknown_id not in ids and tokenizer.decode(ids) == line
    assert tokenizer.decode([2, *ids, 3, *ids]) == line
    check(tokenizer, [line])
    # Half a character, the end in the middle of one, an unknown piece.
    first, second, *_ = (tokenizer.vocabulary.index(f"<0x{byte:02X}>") for byte in "é".encode())
    rows = [[first, second, 0, 0], [first, 0, 0, 0], [first, 3, second, 0], [1, second, first, 1]]
    found = [text.decode() for text in tokenizer.detokenize(rows).numpy()]
    assert found == [tokenizer.decode(row) for row in rows]
    assert found[:3] == ["é", "\ufffd", "\ufffd"]


def test_symbols_are_kept_whole():
    lines = ["call <name> at <num> please"] * 3
    tokenizers = SentencePieceTokenizer.train_pair(
        zip(lines, lines, strict=True), 40, joint=True, user_defined_symbols=["<num>", "a,b", '"']
    )
    tokenizer = tokenizers[0]
    line = 'at<num>me "<num>" a,b'
    tokens = tokenizer.tokens(line)
    assert [tokens.count(each) for each in ("<num>", '"', "a,b")] == [2, 2, 1]
    assert tokenizer.decode(tokenizer.encode(line)) == line
    check(tokenizer, [line])
    lowered = SentencePieceTokenizer.train(
        lines, 40, lowercase=True, user_defined_symbols=["<num>"]
    )
    assert "<num>" in lowered.tokens("<NUM>")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normalization_rule_name": "nfd"}, "normalization_rule_name.*received 'nfd'"),
        ({"user_defined_symbols": "<num>"}, "list of str; received '<num>'"),
        ({"user_defined_symbols": [3]}, "received 3 "),
        ({"user_defined_symbols": ["a b"]}, "received 'a b'"),
        ({"user_defined_symbols": ["▁"]}, "received '▁'"),
        ({"user_defined_symbols": [""]}, "received ''"),
        ({"user_defined_symbols": ["a\u200b"]}, r"received 'a\\u200b'"),
        (
            {"user_defined_symbols": ["<A>"], "lowercase": True},
            "received '<A>' with lowercase=True",
        ),
        ({"user_defined_symbols": ["<a>", "<a>"]}, "received '<a>', twice"),
        ({"user_defined_symbols": ["</s>"]}, "received '</s>', a piece of every"),
        ({"user_defined_symbols": ["<0x41>"], "byte_fallback": True}, "received '<0x41>'"),
        ({"byte_fallback": True}, r"at least 2\d\d pieces"),
    ],
)
def test_an_option_that_sentencepiece_cannot_keep_gets_one_sentence(options, message):
    with pytest.raises(ValueError, match=message):
        SentencePieceTokenizer.train(["a b c d"], 10, **options)


def test_python_half_needs_no_tensorflow():
    code = (
        "import sys; from kerasseq.text import *;"
        "t = WordTokenizer.train(['a b']); s = SentencePieceTokenizer.train(['aa bb ab'], 8);"
        "assert t.decode(t.encode('b a')) == 'b a'; s.encode('ab');"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
