"""Translators written in Hugging Face's layout, loaded by transformers, and read again."""

import functools
import json
import re
import types

import keras
import numpy as np
import pytest
import torch
import transformers
import translator_folders as folders
from tokenizer_folders import T5_IDS

from kerasseq import Translator
from kerasseq.data import ParallelText
from kerasseq.decoding import Beam, Greedy, Sampling
from kerasseq.models import AttentionSeq2Seq, Transformer
from kerasseq.pretrained.renumbered import VANISHED
from kerasseq.text import SentencePieceTokenizer, WordTokenizer

TOLERANCE = 1e-4
PAIRS = [(line, line) for line in folders.TEXT * 9]


def own(seed=1, joint=True, kind="unigram", size=70, **options):
    """A new translator of random weights, as this package makes them."""
    keras.utils.set_random_seed(seed)
    sides = SentencePieceTokenizer.train_pair(PAIRS, size, joint=joint, model_type=kind)
    sizes = [side.vocabulary_size for side in sides]
    options = {"max_length": 40, "share_embeddings": joint, "dropout": 0.0} | options
    model = Transformer(*sizes, 32, 2, 4, 48, **options)
    for number, weight in enumerate(model.weights):
        noise = np.random.default_rng(number).normal(0.0, 0.3, weight.shape)
        weight.assign(weight + noise)
    return Translator(model, *sides, Beam(4, length_offset=0.0), 14, 40)


def read(write, **languages):
    return lambda folder: Translator.from_hugging_face(write(folder)[0], **languages)


def taught(folder):
    """A T5 that has learned."""
    translator = Translator.from_hugging_face(folders.t5(folder)[0])
    lines = [line for line in folders.random_lines(400) if len(translator.source_ids(line)) == 14]
    corpus = ParallelText.from_pairs([(line, line) for line in lines])
    before = translator.model.get_weights()
    translator.fit(corpus, epochs=2, batch_size=8, learning_rate=1e-3, verbose=0)
    moved = [
        np.abs(a - b).max() for a, b in zip(before, translator.model.get_weights(), strict=True)
    ]
    assert np.median(moved) > 1e-4
    return translator


pieces = functools.partial(folders.of_pieces, size=90)
RELATIVE = {
    "positions": "relative", "relative_buckets": (8, 12), "norm": "rms", "norm_first": True,
    "gated": True, "activation": "gelu_tanh", "use_bias": False, "head_dim": 5, "epsilon": 1e-6,
    "scale_attention": False, "scale_embedding": False, "scale_output": True, "dropout": 0.0,
}  # fmt: skip
# What makes a translator, and the family in which it is written.
CASES = {
    "marian": (read(functools.partial(folders.marian, codes=())), "marian"),
    "marian-untied": (
        read(
            functools.partial(
                folders.marian, apart=True, codes=(), tie_word_embeddings=False, seed=6, end=4.0
            )
        ),
        "marian",
    ),
    "bart": (read(folders.bart), "bart"),
    "mbart50": (
        read(
            functools.partial(
                pieces, kind="MBart", file="sentencepiece.bpe.model", src_lang="de_DE",
                tokenizer="MBart50Tokenizer", seed=5,
                config={"decoder_start_token_id": 2, "activation_function": "relu"},
            ),
            target_language="fr_XX",
        ),
        "mbart",
    ),
    "pegasus": (
        read(
            functools.partial(
                pieces, kind="Pegasus", file="spiece.model", ids=T5_IDS, seed=22,
                config={"scale_embedding": True, "activation_function": "relu"},
            )
        ),
        "pegasus",
    ),
    "t5": (read(folders.t5), "t5"),
    "t5-taught": (taught, "t5"),
    "own-post-norm": (lambda _: own(joint=False, kind="bpe"), "marian"),
    "own-untied": (lambda _: own(joint=False, kind="bpe", tie_embeddings=False), "marian"),
    "own-pre-norm": (lambda _: own(norm_first=True), "pegasus"),
    "own-learned": (
        lambda _: own(positions="learned", embedding_norm=True, output_bias=True), "bart"
    ),
    "own-relative": (lambda _: own(**RELATIVE), "t5"),
}  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def saved(request, tmp_path_factory):
    """A translator, and transformers' model and tokenizer of the folder that it writes."""
    place = tmp_path_factory.mktemp("saved")
    make, kind = CASES[request.param]
    translator = make(place / "made")
    folder = place / "folder"
    translator.save_hugging_face(folder)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    lines = folders.random_lines(40)
    batch = tokenizer(lines, return_tensors="pt", padding=True)
    return types.SimpleNamespace(**locals())


def theirs_of(saved, tokenizer):
    """Their ids of our pieces; the start symbol that they lack is padding."""
    names = json.loads((saved.folder / "config.json").read_text("utf-8"))
    if saved.kind == "marian":
        return np.arange(tokenizer.vocabulary_size)
    ids = saved.tokenizer.get_vocab()
    return np.array([ids.get(piece, names["pad_token_id"]) for piece in tokenizer.vocabulary])


def padded(rows):
    ids = np.zeros((len(rows), max(map(len, rows))), "int32")
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
    return ids


def test_logits_are_equal(saved):
    assert saved.model.config.model_type == saved.kind
    translator = saved.translator
    rows = [translator.source_ids(line) for line in saved.lines]
    former = theirs_of(saved, translator.source)
    mask = saved.batch.attention_mask.numpy() == 1
    theirs = [row[real].tolist() for row, real in zip(saved.batch.input_ids, mask, strict=True)]
    assert theirs == [former[row].tolist() for row in rows]
    former = theirs_of(saved, translator.target)
    known = np.flatnonzero(former > 3)
    chosen = np.random.default_rng(1).choice(known, (len(rows), 7)).astype("int32")
    given = padded([translator.processor.given_ids(row) for row in chosen])
    with torch.no_grad():
        expected = saved.model(**saved.batch, decoder_input_ids=torch.tensor(former[given]))
    logits = translator.model({"source": padded(rows), "target": given})
    found, expected = keras.ops.convert_to_numpy(logits), expected.logits.numpy()
    known = known[found[0, 0, known] > VANISHED / 2]  # but what is never written
    assert np.abs(found[..., known] - expected[..., former[known]]).max() <= TOLERANCE
    assert expected[..., former[known]].std() > 0.3 and len(known) > 50


def plain(text):
    """Without what is unknown, which transformers leaves out, and the spaces around it."""
    return "".join(re.sub(r"⁇|<[a-z_\d]+>", "", text).split())


@pytest.mark.parametrize("beams", [1, 4])
def test_texts_are_equal(saved, beams):
    search = Greedy if beams == 1 else functools.partial(Beam, 4, length_offset=0.0)
    search = search(force_end=saved.translator.search.force_end)
    came_from_t5 = saved.request.param.startswith("t5")
    if came_from_t5:  # whose padding has no probability here
        head = saved.model.lm_head
        saved.model.lm_head = torch.nn.Linear(*reversed(head.weight.shape))
        saved.model.lm_head.weight = head.weight
        saved.model.lm_head.bias.data = torch.zeros(len(head.weight))
        saved.model.lm_head.bias.data[0] = VANISHED
    with torch.no_grad():
        ids = saved.model.generate(**saved.batch, num_beams=beams)
    expected = saved.tokenizer.batch_decode(ids, skip_special_tokens=True)
    texts = [found[0].text for found in saved.translator.translate(saved.lines, search)]

    assert [*map(plain, texts)] == [*map(plain, expected)]
    assert len(set(texts)) > 1


def test_what_was_written_is_read_again(saved):
    languages = {"target_language": "fr_XX", "source_language": "de_DE"}
    again = Translator.from_hugging_face(saved.folder, **languages if saved.kind == "mbart" else {})
    assert again.search.get_config() == saved.translator.search.get_config()
    assert (again.max_length, again.max_source_length) == (
        saved.translator.max_length,
        512 if saved.kind == "t5" else saved.translator.max_source_length,
    )
    texts, expected = again(saved.lines[:12]), saved.translator(saved.lines[:12])
    assert [*map(plain, texts)] == [*map(plain, expected)]
    assert type(again.source) is type(saved.translator.source)


def small(*sides, **options):
    sizes = [side.vocabulary_size for side in sides]
    model = Transformer(*sizes, 16, 1, 2, **options)
    return Translator(model, *sides, "greedy", 20, 20)


@pytest.fixture(scope="module")
def sides():
    return SentencePieceTokenizer.train_pair(PAIRS, 70, joint=True, model_type="unigram")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decoder": "ssru"}, "decoder of attention to write a marian .*received 'ssru'"),
        ({"begin_source": True}, "begin_source of False .*received 2"),
        ({"epsilon": 1e-3}, "epsilon of 1e-05 .*received 0.001"),
        ({"norm": "rms"}, "norm of layer .*received 'rms'"),
        ({"gated": True}, "gated of False"),
        ({"activation": "tanh"}, "activation of .*received 'tanh'"),
        ({"positions": "sinusoidal_halves"}, "norm_first, embedding_norm, positions of .*halves"),
        ({"positions": "learned"}, "norm_first, embedding_norm, positions of .*learned"),
        ({"norm_first": True}, "share_embeddings of True to write a pegasus .*received False"),
        ({"share_embeddings": True, "tie_embeddings": False}, "tie_embeddings of True"),
        ({"positions": "relative"}, "norm of rms to write a T5 .*received 'layer'"),
        (RELATIVE | {"head_dim": None, "activation": "gelu"}, "share_embeddings of True"),
        (
            RELATIVE | {"share_embeddings": True, "activation": "gelu"},
            "activation of gelu_tanh with a gate",
        ),
    ],
)
def test_a_setting_that_no_family_has_is_refused_by_name(options, message, sides, tmp_path):
    with pytest.raises(ValueError, match=message):
        small(*sides, **options).save_hugging_face(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


def test_searches_and_tokenizers_that_are_read_otherwise_are_refused(sides, tmp_path):
    def check(translator, message, **options):
        with pytest.raises(ValueError, match=message):
            translator.save_hugging_face(tmp_path / "folder", **options)

    given = small(*sides)
    check(given, "length_offset of 0.0 .*received 5.0", search="beam")
    check(given, "search of Greedy or Beam .*received 'Sampling'", search=Sampling())
    check(given, "n_best of 1 ", search=Beam(4, n_best=2, length_offset=0.0))
    check(given, "coverage_penalty", search=Beam(4, coverage_penalty=0.2, length_offset=0.0))
    words = WordTokenizer.train(line for pair in PAIRS for line in pair)
    check(small(words, words), "SentencePieceTokenizer as source .*received a WordTokenizer")
    lower = SentencePieceTokenizer(sides[0].model, lowercase=True)
    check(small(lower, lower), "lowercase of False of the tokenizer source .*received True")
    shared = {"norm_first": True, "share_embeddings": True}
    merges = SentencePieceTokenizer.train_pair(PAIRS, 70, joint=True)
    check(small(*merges, **shared), "model_type of 'unigram' .*received 'bpe'")
    check(small(sides[0], merges[0], **shared), "source and target of one tokenizer")
    model = AttentionSeq2Seq(*[sides[0].vocabulary_size] * 2, 16, 16)
    check(Translator(model, *sides), "on a Transformer .*received a AttentionSeq2Seq")
    codes = Translator(given.model, *sides, "greedy", 20, 20, source_before=[5])
    check(codes, "source_before and source_behind .*received")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileExistsError):
        given.save_hugging_face(tmp_path / "folder")
