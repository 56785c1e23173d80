"""One promise for every kind of task and every tokenizer: Python and the graph say the same.

What goes in is any text, what comes out is read from any numbers. The runtime of a `.tflite`
file has no half of its own: it calls the Python half.
"""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasseq.processing import Captions, Labels, Spans, Tags, Translations
from kerasseq.processing.captions import Caption
from kerasseq.processing.distinct import distinct, distinct_graph
from kerasseq.processing.symbols import asked_ids_graph, given_ids_graph, target_ids_graph
from kerasseq.processing.tags import split_words_graph
from kerasseq.processing.windows import windows_graph
from kerasseq.text import (
    BytePairTokenizer,
    CharacterTokenizer,
    SentencePieceTokenizer,
    WordPieceTokenizer,
    WordTokenizer,
)
from kerasseq.text.byte_pairs import ALPHABET
from kerasseq.text.normalize import normalize, normalize_graph
from kerasseq.text.vocabulary import SPECIALS

CORPUS = [
    "ein Hund rennt durch den Schnee.", "Zwei Katzen schlafen (auf dem Sofa)!", "A dog, 2 cats",
    "Größe über alles — sagt man", "x1 y2 z3", "[SEP] [CLS] </s> <unk>",
]  # fmt: skip
ADDED = ["a dog||doggy <ü>x", "[MASK] [MASK]dog"]
MERGES = ["Ġ d", "o g", "Ġd og", "Ġ (", "s c", "sc h", ") !", "e n", "en .", "Ã Ł"]
TOKENIZERS = {
    "words": WordTokenizer.train(CORPUS, lowercase=True),
    "punctuation": WordTokenizer.train(CORPUS, split="punctuation"),
    "rules": WordTokenizer.train(CORPUS, split="punctuation", joiners=False),
    "characters": CharacterTokenizer.train(CORPUS),
    "bpe": SentencePieceTokenizer.train(CORPUS, 80),
    "unigram": SentencePieceTokenizer.train(CORPUS, 56, model_type="unigram"),
    "bytes": SentencePieceTokenizer.train(
        CORPUS, 330, normalization_rule_name="identity", byte_fallback=True
    ),
    "lower case": SentencePieceTokenizer.train(CORPUS, 80, lowercase=True),
    "byte pairs": BytePairTokenizer.from_merges(
        [*SPECIALS, *ALPHABET.values(), *(pair.replace(" ", "") for pair in MERGES)],
        [pair.split(" ") for pair in MERGES],
    ),
    "byte pairs with added tokens": BytePairTokenizer.from_merges(
        [*SPECIALS, *ALPHABET.values(), "Ġd", "dog", "<ü>", "||", "[MASK]"],
        [("Ġ", "d")],
        False,
        {"dog": "", "<ü>": "", "||": "", "[MASK]": "left"},
    ).with_row(["<s>"], ["</s>"], ["</s>"], ["[MASK]"]),
    "kept": SentencePieceTokenizer.train([*CORPUS, "a\n  b"], 90, keep_whitespace=True),
    "pieces": WordPieceTokenizer.train(CORPUS, 90),
    # Start and end far behind, as in BERT's published vocabulary.
    "published": WordPieceTokenizer(
        [
            *("[PAD]", *(f"[unused{i}]" for i in range(9)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
            *sorted(WordPieceTokenizer.train(CORPUS, 90).vocabulary[5:]),
        ]
    ),
}
every_tokenizer = pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
# Characters that Unicode 13 knew: newer ones are cased by Python alone.
CHARACTERS = st.one_of(
    st.sampled_from("".join(CORPUS + ADDED) + " \t\r\n\0\ufeff\u2028\u00a0\u3000"),
    st.characters(max_codepoint=0x2FFF, exclude_categories=("Cn", "Cs")),
)
TEXT = st.one_of(st.sampled_from(CORPUS + ADDED), st.text(CHARACTERS, max_size=40))
LINES = st.lists(TEXT, min_size=1, max_size=4)
SEED = st.integers(0, 2**32 - 1)
for_any = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def unpadded(ids):
    """Rows of ids without their padding, as lists."""
    return [row[row != 0].tolist() for row in ids.numpy()]


def texts_of(strings):
    return [each.decode("utf-8") for each in strings.numpy().ravel()]


def hypotheses(numbers, tokenizer, rows, length, places):
    """Tokens as a search leaves them: any ids, the end symbol somewhere or not, padding after."""
    tokens = numbers.integers(1, tokenizer.vocabulary_size, (rows, 2, length)).astype("int32")
    tokens[tokens == tokenizer.start_id] = tokenizer.unknown_id
    ends = numbers.random(tokens.shape) < 0.2
    tokens = np.where(ends, tokenizer.end_id, tokens)
    ended = np.cumsum(tokens == tokenizer.end_id, axis=-1)
    tokens = np.where((ended > 1) | ((ended == 1) & (tokens != tokenizer.end_id)), 0, tokens)
    return {
        "tokens": tokens.astype("int32"),
        "lengths": (tokens != 0).sum(-1).astype("int32"),
        "scores": numbers.random((rows, 2)).astype("float32"),
        "attention": numbers.random((rows, 2, length, places)).astype("float32"),
    }


def listed(texts, scores):
    """The lists that a signature's `n_best` gives, without the empty places behind."""
    texts, scores = distinct_graph(texts, tf.constant(scores))
    assert texts.shape == scores.shape
    return [
        [text.decode("utf-8") for text, score in zip(*each, strict=True) if score > -1e8]
        for each in zip(texts.numpy(), scores.numpy(), strict=True)
    ]


def row(outputs, i):
    return {name: leaf[i] for name, leaf in outputs.items()}


@every_tokenizer
@for_any
@given(lines=LINES, targets=LINES, seed=SEED)
def test_translations(tokenizer, lines, targets, seed):
    numbers = np.random.default_rng(seed)
    copies = tokenizer.cuts_words and seed % 2 == 0
    symbols = {"source_before": [5], "source_behind": [6, 5], "target_before": [3, 5]}
    symbols = symbols if seed % 3 == 0 else {}
    processor = Translations(tokenizer, tokenizer, 6, 9, replace_unknown=copies, **symbols)
    strings = tf.constant(lines)
    ids = processor.source_ids_graph(strings)
    rows = [processor.rows(line) for line in lines]
    assert unpadded(ids) == [each.ids for (each,) in rows]
    following = [processor.target_ids(target) for target in targets]
    found = target_ids_graph(tokenizer, tf.constant(targets), processor.longest_target)
    assert unpadded(found) == following
    around = processor.pair_symbols
    given = given_ids_graph(tokenizer, found, around)
    assert unpadded(given) == [*map(processor.given_ids, following)]
    asked = asked_ids_graph(found, around).numpy().tolist()
    longest = len(asked[0])
    python = [processor.asked_ids(each) for each in following]
    assert asked == [[*each, *[0] * (longest - len(each))] for each in python]
    outputs = hypotheses(numbers, tokenizer, len(lines), 6, ids.shape[1])
    graph = processor.read_graph(strings, ids, {k: tf.constant(v) for k, v in outputs.items()})
    read = [
        processor.distinct(processor.read(line, own, [row(outputs, i)]))
        for i, (line, own) in enumerate(zip(lines, rows, strict=True))
    ]
    found = listed(graph, outputs["scores"])
    assert found == [[each.text for each in best] for best in read]
    assert all(len(each) == len(set(each)) for each in found)
    for best in read:
        for each in best:
            assert each.finished == (tokenizer.vocabulary[tokenizer.end_id] in each.tokens)


@every_tokenizer
@for_any
@given(seed=SEED)
def test_captions(tokenizer, seed):
    processor = Captions(tokenizer, (4, 4), 6, (2, 2))
    outputs = hypotheses(np.random.default_rng(seed), tokenizer, 3, 6, 4)
    graph = processor.read_graph({"tokens": tf.constant(outputs["tokens"])})
    read = [processor.distinct(processor.read(None, [None], [row(outputs, i)])) for i in range(3)]
    found = listed(graph, outputs["scores"])
    assert found == [[each.text for each in best] for best in read]
    assert read[0][0].attention.shape == (len(read[0][0].tokens), 2, 2)


@for_any
@given(
    texts=st.lists(
        st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=4, max_size=4), min_size=1
    ),
    seed=SEED,
)
def test_hypotheses_that_read_alike_are_one(texts, seed):
    scores = -np.sort(np.random.default_rng(seed).integers(0, 9, (len(texts), 4)), axis=1) / 4
    scores[:, 3] = -1e9  # a place without a hypothesis
    scores = scores.astype("float32")
    known = [
        [Caption(*each, [], None) for each in zip(*both, strict=True)]
        for both in zip(texts, scores.tolist(), strict=True)
    ]
    found = [[(each.text, each.score) for each in distinct(best)] for best in known]
    assert [[text for text, _ in best] for best in found] == listed(tf.constant(texts), scores)
    for best, given_ in zip(found, texts, strict=True):
        assert {text for text, _ in best} == {*given_[:3]} and len(best) == len({*given_[:3]})
        firsts = [given_.index(text) for text, _ in best]
        assert firsts == sorted(firsts)


@every_tokenizer
@for_any
@given(lines=LINES, seconds=LINES, seed=SEED, length=st.integers(5, 16))
@pytest.mark.parametrize("kind", ["single_label", "multi_label", "regression"])
def test_labels(tokenizer, kind, lines, seconds, seed, length):
    labels = ["value"] if kind == "regression" else ["a", "b, c", "d"]
    processor = Labels(tokenizer, labels, length, kind)
    pairs = list(zip(lines, seconds, strict=False))
    both = [tf.constant(side) for side in zip(*pairs, strict=True)]
    for given_, graph in ((lines, [tf.constant(lines)]), (pairs, both)):
        ids, cut = processor.rows_graph(*graph)
        rows = [processor.rows(each)[0] for each in given_]
        assert unpadded(ids) == [each.ids for each in rows]
        assert cut.numpy().tolist() == [each.cut for each in rows]
    # Ties among them.
    numbers = np.random.default_rng(seed).integers(0, 4, (5, len(labels))) / np.float32(4)
    outputs = numbers.astype("float32")
    said = [processor.summary(processor.read("", [], [{"outputs": each}])) for each in outputs]
    text, score = processor.summary_graph(tf.constant(outputs))
    assert texts_of(text) == [each for each, _ in said]
    assert score.numpy().tolist() == [each for _, each in said]


@every_tokenizer
@for_any
@given(lines=LINES, seed=SEED, length=st.integers(5, 16))
def test_tags(tokenizer, lines, seed, length):
    processor = Tags(tokenizer, ["O", "B-x", "I-x"], length)
    words = split_words_graph(tf.constant(lines))
    cleaned = [processor.clean(line) for line in lines]
    assert [[word.decode() for word in each] for each in words.to_list()] == cleaned
    ids, cut, places = processor.rows_graph(words)
    rows = [processor.rows(each) for each in cleaned]
    assert unpadded(ids) == [each.ids for (each,) in rows]
    assert cut.numpy().tolist() == [each.cut for (each,) in rows]
    assert places.to_list() == [each.places for (each,) in rows]
    outputs = np.random.default_rng(seed).random((len(lines), ids.shape[1], 3)).astype("float32")
    tags, scores = processor.read_graph(words, places, tf.constant(outputs))
    served = processor.served({"tags": tags.numpy(), "scores": scores.numpy()}, lines)
    for i, (text, score) in enumerate(served):
        (found,) = processor.read(cleaned[i], rows[i], [{"outputs": outputs[i]}])
        assert (found.text, found.tags) == (text, text.split())
        assert found.truncated == bool(cut[i] > 0)
        assert score == pytest.approx(found.score, rel=1e-6)


@every_tokenizer
@for_any
@given(questions=LINES, contexts=LINES, seed=SEED, length=st.integers(9, 24))
@pytest.mark.parametrize("threshold", [None, 0.5])
def test_spans(tokenizer, threshold, questions, contexts, seed, length):
    numbers = np.random.default_rng(seed)
    processor = Spans(tokenizer, length, overlap=3, longest=4, threshold=threshold)
    pairs = list(zip(questions, contexts, strict=False))
    asked, texts = (tf.constant(side) for side in zip(*pairs, strict=True))
    cut, ids = tokenizer.units_graph(normalize_graph(texts))
    cleaned = [processor.clean(pair) for pair in pairs]
    for (_, context), (_, units), own, row in zip(
        pairs, cleaned, cut.to_list(), ids.to_list(), strict=True
    ):
        assert [(unit.decode(), each) for unit, each in zip(own, row, strict=True)] == units
        whole, joined = normalize(context), "".join(unit.text for unit in units)
        if tokenizer.crosses_marks:
            assert joined == whole
            if "[MASK]" in whole and tokenizer.mask:
                continue  # a mask is none in a context
            assert [i for unit in units for i in unit.ids] == tokenizer.encode(whole)
        else:
            assert joined == whole.replace("\x01", "")
    windows = windows_graph(tokenizer, asked, ids, length, 3)
    rows = [processor.rows(each) for each in cleaned]
    flat = [each for own in rows for each in own]
    assert unpadded(windows[0]) == [each.ids for each in flat]
    assert windows[-1].numpy().tolist() == [own[0].cut for own in rows]
    spans = []
    for each in flat:  # a span inside the part, as `best_spans` finds it
        first = int(numbers.integers(each.start, each.start + max(1, len(each.units))))
        last = min(first + int(numbers.integers(0, 4)), each.start + len(each.units) - 1)
        spans.append([first, max(first, last), numbers.random()])
    spans = np.array(spans, "float32")
    answers, scores = processor.read_graph(cut, windows, tf.constant(spans))
    outputs = iter(spans)
    for i, (each, own) in enumerate(zip(cleaned, rows, strict=True)):
        (found,) = processor.read(each, own, [{"outputs": next(outputs)} for _ in own])
        assert texts_of(answers)[i] == found.text
        assert scores.numpy()[i] == np.float32(found.score)


def test_joiners_of_the_source_are_not_copied_into_a_target_without_them():
    with pytest.raises(ValueError, match="replace_unknown=True; received one without"):
        Translations(TOKENIZERS["punctuation"], TOKENIZERS["words"], replace_unknown=True)
    Translations(TOKENIZERS["words"], TOKENIZERS["punctuation"], replace_unknown=True)


def test_a_target_of_published_pieces_begins_and_ends_with_its_own_symbols():
    """A row whose end was id 3 once read "[unused2]" behind every translation."""
    tokenizer = TOKENIZERS["published"]
    processor = Translations(tokenizer, tokenizer)
    ids = processor.target_ids("a dog")
    assert next(tokenizer.vocabulary[i] for i in processor.given_ids(ids)) == "[CLS]"
    assert tokenizer.vocabulary[ids[-1]] == "[SEP]" and processor.symbols["end_id"] == ids[-1]
    assert tokenizer.decode([tokenizer.start_id, *ids]) == "a dog"
