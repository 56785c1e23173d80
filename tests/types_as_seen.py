"""What an editor says of a call: pyright checks this file, nothing runs it; see test_types.py."""

import pathlib
from collections.abc import Generator, Iterable, Iterator
from typing import assert_type

import numpy as np

import kerasseq as ks
from kerasseq.processing import Answer, Caption, Forecast, Label, Tagging, Translation
from kerasseq.tasks.self_attention import SelfAttention


def translates(task: ks.Translator, lines: Iterator[str], corpus: ks.data.ParallelText):
    assert_type(task("one"), str)
    assert_type(task.predict("one"), str)
    assert_type(task(["one", "two"]), list[str])
    assert_type(task(lines), Iterator[str])
    assert_type(task(corpus.sources()), Iterator[str])
    assert_type(task("one", n_best=3), list[str])
    assert_type(task(["one"], n_best=3, prefix="eins"), list[list[str]])
    assert_type(task(lines, n_best=3), Iterator[list[str]])
    assert_type(task(["one"], prefix=["eins"]), list[str])
    assert_type(task(["one"], glossary={"one": "eins"}), list[str])
    assert_type(task.stream("one", prefix="eins"), Generator[str, None, Translation])
    assert_type(task.translate(["one"], "greedy"), Iterator[list[Translation]])
    assert_type(next(task.answers(lines))[0].tokens, list[str])
    assert_type(task.attention("one"), Translation)
    assert_type(task.score([("one", "eins")]), list[float])
    assert_type(ks.Translator.load("folder"), ks.Translator)
    assert_type(task.search, ks.decoding.Search)


def labels(task: ks.TextClassifier, corpus: ks.data.LabelledText):
    assert_type(task("good"), str | list[str] | float)
    assert_type(task(("one", "another")), str | list[str] | float)
    assert_type(task(["good", "bad"]), list[str | list[str] | float])
    assert_type(next(task.classify(["good"])), list[Label])
    assert_type(next(task.probabilities(["good"])), np.ndarray)
    assert_type(task.attention("good"), SelfAttention)
    assert_type(corpus.split(0.1), tuple[ks.data.LabelledText, ks.data.LabelledText])


def tags(task: ks.TokenClassifier, words: list[list[str]]):
    assert_type(task("Anna reads"), list[str])
    assert_type(task(["Anna reads"]), list[list[str]])
    assert_type(task(words), list[list[str]])
    assert_type(next(task.tag(words)), Tagging)


def answers(task: ks.QuestionAnswerer, pairs: list[tuple[str, str]]):
    assert_type(task(("who?", "Anna.")), str)
    assert_type(task(pairs), list[str])
    assert_type(next(task.answers(pairs)), list[Answer])


def captions(task: ks.Captioner, paths: list[pathlib.Path], array: np.ndarray):
    assert_type(task("image.png"), str)
    assert_type(task(array), str)
    assert_type(task(paths), list[str])
    assert_type(next(task.caption(paths)), list[Caption])


def fills(task: ks.MaskFiller):
    assert_type(task("a [MASK]", count=2), list[list[Label]])
    assert_type(task(["a [MASK]"]), list[list[list[Label]]])


def forecasts(task: ks.Forecaster, pairs: Iterable[tuple[np.ndarray, np.ndarray]]):
    assert_type(task(([[1.0]], [1.0])), np.ndarray)
    assert_type(task(pairs), list[np.ndarray])
    assert_type(next(task.answers(pairs)), list[Forecast])


def encodes(task: ks.TextEncoder):
    assert_type(task("one"), np.ndarray)
    assert_type(task(["one"]), list[np.ndarray])


def exported(lines: Iterator[str], words: list[list[str]]):
    translator = ks.export.LiteTranslator("model.tflite")
    assert_type(translator("one"), str)
    assert_type(translator(["one"]), list[str])
    assert_type(translator("one", n_best=2), list[str])
    assert_type(translator.predict(lines), Iterator[str])
    assert_type(next(translator.answers(lines))[0], Translation)
    assert_type(ks.export.LiteTagger("tagger.tflite")(words), list[list[str]])
    assert_type(ks.export.SavedTranslator("serving/1")("one"), str)
    assert_type(ks.export.SavedTranslator("serving/1")(["one"]), list[str])


def parts(corpus: ks.data.ParallelText):
    tokenizer = ks.text.WordTokenizer.train(corpus.sources(), lowercase=True)
    assert_type(tokenizer, ks.text.WordTokenizer)
    assert_type(tokenizer.encode("one"), list[int])
    assert_type(tokenizer.vocabulary, list[str])
    assert_type(ks.decoding.get("beam"), ks.decoding.Search)
    assert_type(ks.decoding.Beam(4).replace(n_best=2), ks.decoding.Beam)
    assert_type(ks.recipes.list_recipes(), list[str])
