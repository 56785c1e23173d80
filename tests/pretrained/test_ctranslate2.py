"""Transformers in CTranslate2's engine: the same tokens as here."""

import gzip
import pathlib
import random

import ctranslate2
import keras
import numpy as np
import pytest
from keras import ops

from kerasseq import Translator
from kerasseq.models import AttentionSeq2Seq, Transformer
from kerasseq.processing.padding import pad
from kerasseq.text import CharacterTokenizer, load_tokenizer

LETTERS = "abcdefghijklmnop"
SIZES = {"hidden_dim": 16, "num_heads": 2, "num_layers": 2, "feed_forward_dim": 24}
LONGEST = 20
SHIPPED = pathlib.Path(__file__).parents[2] / "saved_models" / "multi30k_de_en"


def lines(count=200):
    draw = random.Random(3)
    return [
        " ".join(
            "".join(draw.choices(LETTERS, k=draw.randint(1, 4))) for _ in range(draw.randint(1, 4))
        )
        for _ in range(count)
    ]


def translator(source, target, seed=1, **options):
    """A Transformer of random weights that says different things about different lines."""
    keras.utils.set_random_seed(seed)
    sizes = source.vocabulary_size, target.vocabulary_size
    model = Transformer(*sizes, **(SIZES | options))
    for weight in model.weights:
        noise = keras.random.normal(weight.shape, stddev=0.1 if len(weight.shape) == 1 else 0.4)
        weight.assign_add(noise)
    return Translator(model, source, target, "greedy", LONGEST, 48)


def spoken(engine, task, texts, **options):
    """What the engine translates: lists of tokens without the end symbol."""
    options |= {"min_decoding_length": 0, "max_decoding_length": task.max_length}
    found = engine.translate_batch([task.source.tokens(text) for text in texts], **options)
    return [each.hypotheses[0] for each in found]


def written(task, texts):
    """The same by the translator."""
    end = task.target.vocabulary[task.target.end_id]
    return [
        [token for token in best.tokens if token != end]
        for best, *_ in task.translate(texts, "greedy")
    ]


def alike(found, expected):
    """The share of equal lines; two tokens may be within rounding of each other."""
    return np.mean([a == b for a, b in zip(found, expected, strict=True)])


def log_probabilities(task, pairs):
    """Of the targets, among what a search may write: neither padding nor the start symbol."""
    model, target = task.model, task.target
    source = pad([task.source_ids(a) for a, _ in pairs])
    following = [[*target.encode(b), target.end_id] for _, b in pairs]
    given = pad([task.processor.given_ids(ids) for ids in following])
    logits = ops.convert_to_numpy(model.decode(given, model.encode(source))).astype("float64")
    logits[..., [target.pad_id, target.start_id]] = -np.inf
    logits -= np.log(np.exp(logits).sum(-1, keepdims=True))  # (B, T, V)
    logits = logits[: len(pairs)]  # without the rows that pad added
    return [row[np.arange(len(ids)), ids].sum() for row, ids in zip(logits, following, strict=True)]


@pytest.fixture(scope="module")
def letters():
    return CharacterTokenizer.train(lines())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"norm_first": True, "activation": "gelu", "positions": "learned", "max_length": 48},
        {"embedding_norm": True, "activation": "silu", "positions": "sinusoidal_halves"},
        {"tie_embeddings": False, "scale_embedding": False, "activation": "tanh"},
        {"share_embeddings": True, "output_bias": True, "begin_source": True, "epsilon": 1e-2},
        {"num_decoder_layers": 1, "num_heads": 4, "activation": "sigmoid"},
        {"positions": "sinusoidal_apart", "output_bias": True, "share_embeddings": True},
    ],
    ids=lambda options: "-".join(options) or "default",
)
def test_the_engine_writes_the_same_tokens(options, letters, tmp_path):
    task, texts = translator(letters, letters, **options), lines()
    task.save_ctranslate2(tmp_path / "engine")
    engine = ctranslate2.Translator(str(tmp_path / "engine"), compute_type="float32")
    pairs = list(zip(texts, reversed(texts), strict=True))
    sides = ([task.source.tokens(a) for a, _ in pairs], [task.target.tokens(b) for _, b in pairs])
    found = [sum(each.log_probs) for each in engine.score_batch(*sides)]
    np.testing.assert_allclose(found, log_probabilities(task, pairs), rtol=1e-4, atol=1e-3)
    assert alike(spoken(engine, task, texts, beam_size=1), written(task, texts)) >= 0.99
    assert load_tokenizer(tmp_path / "engine" / "target").vocabulary == letters.vocabulary


def test_a_shipped_translator_in_the_engine(data_folder, number_text, tmp_path):
    task = Translator.load(SHIPPED)
    texts = [german for _, german in number_text[0]]
    if data_folder is not None:
        with gzip.open(data_folder / "multi30k" / "val.de.gz", "rt", encoding="utf-8") as file:
            texts = [line.strip() for line in file]
    texts = texts[:200]
    for quantization, share in ((None, 0.99), ("int8", 0.75)):
        folder = tmp_path / str(quantization)
        task.save_ctranslate2(folder, quantization=quantization)
        engine = ctranslate2.Translator(str(folder))
        found, expected = spoken(engine, task, texts, beam_size=1), written(task, texts)
        assert len(texts) == 200 and alike(found, expected) >= share
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    assert size < sum(path.stat().st_size for path in (tmp_path / "None").glob("model.bin"))


def test_what_the_engine_does_not_compute_is_refused(letters, tmp_path):
    ssru = translator(letters, letters, decoder="ssru")
    with pytest.raises(ValueError, match="decoder of attention.*received 'ssru'"):
        ssru.save_ctranslate2(tmp_path / "a")
    with pytest.raises(ValueError, match="activation of relu.*received 'elu'"):
        translator(letters, letters, activation="elu").save_ctranslate2(tmp_path / "a")
    for options, message in (
        ({"positions": "relative"}, "positions of sinusoidal.*received 'relative'"),
        ({"norm": "rms"}, "norm of layer.*received 'rms'"),
        ({"gated": True}, "gated of False"),
    ):
        with pytest.raises(ValueError, match=message):
            translator(letters, letters, **options).save_ctranslate2(tmp_path / "a")
    size = letters.vocabulary_size
    recurrent = AttentionSeq2Seq(size, size, embedding_dim=8, hidden_dim=8)
    with pytest.raises(ValueError, match="Expected a Transformer.*received AttentionSeq2Seq"):
        Translator(recurrent, letters, letters).save_ctranslate2(tmp_path / "a")
    good = translator(letters, letters)
    with pytest.raises(ValueError, match="received 'int4'"):
        good.save_ctranslate2(tmp_path / "a", quantization="int4")
    assert not list(tmp_path.iterdir())
    with pytest.raises(FileExistsError, match="new folder"):
        good.save_ctranslate2(tmp_path)
