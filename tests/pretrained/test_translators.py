"""Translators of Hugging Face's layout, held against transformers on random weights."""

import dataclasses
import functools
import pathlib
import re
import types
import warnings

import keras
import numpy as np
import pytest
import torch
import translator_folders as folders
from tokenizer_folders import T5_IDS
from transformers.models.m2m_100 import modeling_m2m_100
from transformers.models.mbart import modeling_mbart

import kerasseq
from kerasseq import Translator
from kerasseq.data import ParallelText
from kerasseq.decoding import Beam, Greedy
from kerasseq.export import LiteTranslator, SavedTranslator
from kerasseq.processing.processor import Row

TOLERANCE = 1e-4
END = 3


@dataclasses.dataclass(frozen=True)
class Case:
    """A kind of folder: what writes it, its languages, and what theirs is given for them."""

    write: object
    languages: dict = dataclasses.field(default_factory=dict)
    code: str = ""  # before a line
    generate: object = None  # tokenizer to options


CASES = {
    "marian": Case(folders.marian, {"target_language": "fra"}, ">>fra<< "),
    "marian-apart": Case(functools.partial(folders.marian, apart=True, codes=(), seed=2)),
    "marian-untied": Case(
        functools.partial(
            folders.marian, apart=True, codes=(), tie_word_embeddings=False, scale_embedding=False,
            activation_function="gelu_new", max_shard_size="30KB", seed=6, end=4.0,
        )
    ),
    "mbart": Case(
        functools.partial(
            folders.of_pieces, kind="MBart", file="sentencepiece.bpe.model", src_lang="de_DE",
            rows=5, config={"scale_embedding": True, "activation_function": "gelu"},
        ),
        {"source_language": "de_DE", "target_language": "ro_RO"},
        generate=lambda tokenizer: {
            "decoder_start_token_id": tokenizer.convert_tokens_to_ids("ro_RO")
        },
    ),
    "mbart50": Case(
        functools.partial(
            folders.of_pieces, kind="MBart", file="sentencepiece.bpe.model", src_lang="de_DE",
            tokenizer="MBart50Tokenizer", seed=5,
            config={"decoder_start_token_id": 2, "activation_function": "relu"},
        ),
        {"target_language": "fr_XX"},  # the tokenizer's own source language
        generate=lambda tokenizer: {
            "forced_bos_token_id": tokenizer.convert_tokens_to_ids("fr_XX")
        },
    ),
    "bart": Case(folders.bart),
    "nllb": Case(
        folders.nllb,
        {"source_language": "eng_Latn", "target_language": "deu_Latn"},
        generate=lambda tokenizer: {
            "forced_bos_token_id": tokenizer.convert_tokens_to_ids("deu_Latn")
        },
    ),
    "m2m100": Case(
        folders.m2m100, {"source_language": "en", "target_language": "de"},
        generate=lambda tokenizer: {"forced_bos_token_id": tokenizer.get_lang_id("de")},
    ),
    "pegasus": Case(
        functools.partial(
            folders.of_pieces, kind="Pegasus", file="spiece.model", ids=T5_IDS, seed=22,
            config={"scale_embedding": True, "activation_function": "relu"},
        )
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def pair(request, tmp_path_factory):
    """A folder, read by both."""
    case = CASES[request.param]
    folder = tmp_path_factory.mktemp("translators") / request.param
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder, model, tokenizer = case.write(folder)
    translator = Translator.from_hugging_face(folder, **case.languages)
    lines = folders.random_lines(200)
    generate = case.generate(tokenizer) if case.generate else {}
    return types.SimpleNamespace(**locals())


def theirs_of(pair, lines):
    """Their padded batch of lines."""
    texts = [pair.case.code + line for line in lines]
    return pair.tokenizer(texts, return_tensors="pt", padding=True)


def target_pieces(pair):
    """Their ids of our target pieces, and which of them they have."""
    apart = "apart" in str(pair.folder) or "untied" in str(pair.folder)
    if apart:
        pair.tokenizer._switch_to_target_mode()
    found = folders.former_ids(pair.tokenizer, pair.translator.target.vocabulary)
    if apart:
        pair.tokenizer._switch_to_input_mode()
    return found


def padded(rows):
    ids = np.zeros((len(rows), max(map(len, rows))), "int32")
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
    return ids


def test_sources_are_cut_alike(pair):
    former, _ = folders.former_ids(pair.tokenizer, pair.translator.source.vocabulary)
    found = [former[pair.translator.source_ids(line)].tolist() for line in pair.lines]
    theirs = theirs_of(pair, pair.lines)
    rows = zip(theirs.input_ids, theirs.attention_mask, strict=True)
    assert found == [row[mask == 1].tolist() for row, mask in rows]
    if "marian" in str(pair.folder):
        assert any(pair.tokenizer.unk_token_id in row for row in found)


def test_every_part_computes_as_transformers(pair):
    lines, model = pair.lines[:12], pair.translator.model
    source = padded([pair.translator.source_ids(line) for line in lines])
    former, known = target_pieces(pair)
    chosen = np.random.default_rng(1).choice(np.flatnonzero(known)[4:], (len(lines), 9))
    given = padded([pair.translator.processor.given_ids(row) for row in chosen.astype("int32")])
    theirs_given, start = former[given], pair.model.config.decoder_start_token_id
    if start is not None:
        theirs_given[:, 0] = start
    batch = theirs_of(pair, lines)
    with torch.no_grad():
        out = pair.model(**batch, decoder_input_ids=torch.tensor(theirs_given))
    real = batch.attention_mask.numpy() == 1
    states = keras.ops.convert_to_numpy(model.encoder_states(source))
    assert np.abs(states - out.encoder_last_hidden_state.numpy())[real].max() <= TOLERANCE
    expected = out.logits.numpy()[..., former[known]]
    logits = keras.ops.convert_to_numpy(model({"source": source, "target": given}))
    assert expected.std() > 0.5
    assert np.abs(logits[..., known] - expected).max() <= TOLERANCE
    # What they do not have has no probability, so that theirs is ours.
    log_p = keras.ops.convert_to_numpy(keras.ops.log_softmax(logits, axis=-1))
    theirs = torch.log_softmax(out.logits, -1).numpy()[..., former[known]]
    assert np.abs(log_p[..., known] - theirs).max() <= TOLERANCE
    memory = model.encode(source)
    state = model.initial_state(memory, given.shape[1])
    for step in range(given.shape[1]):
        one, state, _ = model.decode_step(given[:, step], state, memory, step)
        one = keras.ops.convert_to_numpy(one)[:, known]
        assert np.abs(one - expected[:, step]).max() <= TOLERANCE


def generated(pair, lines, **options):
    """Theirs, without what no search of ours chooses: random weights might."""
    never = {pair.tokenizer.pad_token_id, pair.generate.get("decoder_start_token_id")} - {None}
    options |= pair.generate | {"suppress_tokens": sorted(never)}
    with torch.no_grad():
        return pair.model.generate(**theirs_of(pair, lines), **options)


def their_tokens(pair, lines, **options):
    """Their hypotheses, as ours: tokens behind the decoder's first, up to the end symbol."""
    found = generated(pair, lines, **options)
    end, rows = pair.tokenizer.eos_token_id, []
    for row in found[:, 1:].tolist():
        rows.append(row[: row.index(end) + 1] if end in row else row)
    return rows


def our_tokens(pair, lines, search=None):
    former, _ = target_pieces(pair)
    rows = [Row(pair.translator.source_ids(line)) for line in lines]
    rows = pair.translator.numbers(rows, search)
    return [former[row["tokens"][0, : row["lengths"][0]]].tolist() for row in rows]


@pytest.mark.parametrize(
    ("search", "options"),
    [
        (None, {}),
        (Greedy(force_end=True), {"num_beams": 1}),
        (
            Beam(4, 0.6, length_offset=0.0, early_stopping=True, min_length=3, force_end=True),
            {"length_penalty": 0.6, "early_stopping": True, "min_length": 4},
        ),
        (
            Beam(4, length_offset=0.0, no_repeat_ngram=2, repetition_penalty=1.3),
            {"no_repeat_ngram_size": 2, "repetition_penalty": 1.3},
        ),
        (Greedy(no_repeat_ngram=3), {"num_beams": 1, "no_repeat_ngram_size": 3}),
    ],
    ids=["folder", "greedy", "early", "no-loops", "greedy-no-loops"],
)
def test_searches_find_the_same_tokens(search, options, pair):
    assert (
        pair.translator.search.get_config()
        == Beam(4, force_end=pair.translator.search.force_end, length_offset=0.0).get_config()
    )
    if search:
        search = search.replace(force_end=pair.translator.search.force_end)
    expected = their_tokens(pair, pair.lines, **options)
    assert len({tuple(row) for row in expected}) > 8  # the weights tell lines apart
    assert len({len(row) for row in expected}) > 2
    assert our_tokens(pair, pair.lines, search) == expected


CODES = ("ro_RO", "fr_XX", "__de__", "deu_Latn")
EXPORTED = ("marian", "bart", "mbart50")


def test_texts_are_theirs_and_go_out(pair, tmp_path):
    lines = pair.lines[:8]
    found = generated(pair, lines)
    expected = pair.tokenizer.batch_decode(found, skip_special_tokens=True)
    texts = pair.translator(lines)
    # Theirs leave out what is unknown, and what is no text of Pegasus'.
    plain, wanted = (
        [re.sub(r"⁇|<unk(_\d+)?>|<mask(_\d)?>|__[a-z]+__", "", text).split() for text in each]
        for each in (texts, expected)
    )
    assert plain == wanted and len(set(map(tuple, plain))) > 1
    assert not any(code in text for code in CODES for text in texts)
    pair.translator.save(tmp_path / "saved")
    again = Translator.load(tmp_path / "saved")
    assert again(lines) == texts and again("") == ""
    if pair.request.param in EXPORTED:  # the others are made of the same parts
        again.export(tmp_path / "1", lines)
        again.export(tmp_path / "model.tflite", lines)
        assert SavedTranslator(tmp_path / "1")(lines) == texts
        assert LiteTranslator(tmp_path / "model.tflite")(lines) == texts
        assert SavedTranslator(tmp_path / "1")("") == ""


def test_scores_are_their_losses(pair):
    lines, targets = pair.lines[:6], folders.random_lines(6, seed=7)
    former, _ = target_pieces(pair)
    processor = pair.translator.processor
    for line, target, score in zip(
        lines, targets, pair.translator.score(list(zip(lines, targets, strict=True))), strict=True
    ):
        following = processor.target_ids(target)
        given = former[processor.given_ids(following)]
        if pair.model.config.decoder_start_token_id is not None:
            given[0] = pair.model.config.decoder_start_token_id
        with torch.no_grad():
            logits = pair.model(
                **theirs_of(pair, [line]), decoder_input_ids=torch.tensor(given[None])
            ).logits[0]
        log_p = torch.log_softmax(logits, -1)[-len(following) :]
        expected = sum(float(row[i]) for row, i in zip(log_p, former[following], strict=True))
        assert abs(score - expected) < 1e-3


TABLE = {
    "opus-mt-en-de": CASES["marian-apart"],
    "opus-mt-en-roa": CASES["marian"],
    "mbart-large-50": CASES["mbart50"],
    "m2m100_418M": CASES["m2m100"],
    "nllb-200-distilled-600M": CASES["nllb"],
    "bart-large-cnn": CASES["bart"],
    "pegasus-xsum": CASES["pegasus"],
    "flan-t5-small": Case(folders.t5),
}


def test_each_line_of_the_guide_s_table_translates(students, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    guide = pathlib.Path(__file__).parents[2] / "docs" / "guides" / "bringing_a_model_in.md"
    pattern = r"^\|[^|]*\| `(ks\.Translator\.from_(?:bergamot|hugging_face)\(.*)` \|"
    lines = re.findall(pattern, guide.read_text("utf-8"), re.M)
    assert len(lines) == len(TABLE) + 1
    for line in lines:
        (name,) = re.findall(r'\("([^"]+)"', line)
        if name in TABLE:
            pathlib.Path(name).symlink_to(TABLE[name].write(tmp_path / "made" / name)[0])
        else:
            (tmp_path / name).mkdir()
            students.write(tmp_path / name)
        assert isinstance(eval(line, {"ks": kerasseq})("two dogs run"), str)


@pytest.mark.parametrize("name", ["m2m100", "mbart"])
def test_fit_begins_targets_as_the_model_does(name, tmp_path):
    case = CASES[name]
    folder, model, tokenizer = case.write(tmp_path / name)
    translator = Translator.from_hugging_face(folder, **case.languages, max_length=40)
    lines = folders.random_lines(900, seed=2)
    lines = [line for line in lines if len(translator.source_ids(line)) == 14]  # of one shape
    corpus = ParallelText.from_pairs([(line, line) for line in lines])
    former, _ = folders.former_ids(tokenizer, translator.target.vocabulary)
    tokenizer.tgt_lang = case.languages["target_language"]
    labels = tokenizer(text_target=lines, return_tensors="pt", padding=True)["input_ids"]
    pad, start = model.config.pad_token_id, model.config.decoder_start_token_id
    given = (
        modeling_m2m_100.shift_tokens_right(labels, pad, start)
        if name == "m2m100"
        else modeling_mbart.shift_tokens_right(labels, pad)
    ).tolist()
    ours = []
    for inputs, _, weight in translator.batches(corpus, batch_size=8):
        target, weight = (np.array(each) for each in (inputs["target"], weight))
        ours += [former[row[row != 0]].tolist() for row in target if row.any()]
        prefix = len(translator.pair_symbols.prefix)
        assert not weight[:, :prefix].any() and weight[target[:, 0] != 0, prefix].all()
    # Padded rows are given more there, for which nothing is asked; what M2M100's vocabulary does
    # not have is written here in smaller pieces.
    theirs = [row for row in given if tokenizer.unk_token_id not in row]
    asked = [[row[: len(each)] == each and row[len(each) :] for each in ours] for row in theirs]
    symbols = {tokenizer.eos_token_id, pad, given[0][0]}
    assert len(theirs) > 10 and len(ours) == len(lines)
    assert all(any(rest is not False and {*rest} <= symbols for rest in row) for row in asked)
    history = translator.fit(corpus, epochs=6, batch_size=8, learning_rate=1e-2, verbose=0)
    assert history.history["loss"][-1] < 0.9 * history.history["loss"][0]
    rows = [Row(translator.source_ids(line)) for line in lines[:8]]
    for row in translator.numbers(rows, Greedy()):
        assert row["tokens"][0, :prefix].tolist() == list(translator.pair_symbols.prefix)
