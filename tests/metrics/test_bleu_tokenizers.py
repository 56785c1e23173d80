"""Which tokenizer BLEU wants for a text, and which run here."""

import types
import warnings

import numpy as np
import pytest
import sacrebleu
from sacrebleu.tokenizers import tokenizer_spm

from kerasseq.metrics import bleu_tokenizers, corpus_scores
from kerasseq.metrics.bleu_tokenizers import check_tokenize, warn_of_references
from kerasseq.recipes import evaluate
from kerasseq.training import TranslationMetrics

JAPANESE = ["駅はどこですか。", "水をください。", "明日は雨です。", "彼は医者です。"]
CHINESE = ["我喜欢红茶而且每天都喝", "他是这家医院里的医生。"]
THAI = ["ฉันชอบชามากและดื่มทุกวัน"]
KHMER = ["ខ្ញុំចូលចិត្តតែហើយផឹករាល់ថ្ងៃ"]


@pytest.mark.parametrize(
    ("lines", "tokenize", "better"),
    [
        (JAPANESE, "13a", "char"),
        (JAPANESE, "none", "char"),
        (CHINESE, "13a", "zh"),
        (CHINESE, "intl", "zh"),
        (THAI, "13a", "char"),
        (THAI, "zh", "char"),
        (KHMER, "13a", "char"),
        (["eins", "zwei", "dreihundert"], "13a", "char"),
        (["", "ja"], "none", "char"),
    ],
)
def test_a_bleu_of_nothing_names_a_better_tokenizer(monkeypatch, lines, tokenize, better):
    runs = bleu_tokenizers.missing
    monkeypatch.setattr(bleu_tokenizers, "missing", lambda name: "mecab" in name or runs(name))
    with pytest.warns(UserWarning, match=f"tokenize='{better}'"):
        assert corpus_scores(lines, lines, tokenize)["exact_match"] == 1.0
    if better != tokenize and lines not in (["", "ja"],):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert corpus_scores(lines, lines, better)["bleu"] == pytest.approx(100)
    monkeypatch.setattr(bleu_tokenizers, "missing", lambda name: "")
    if lines is JAPANESE:
        with pytest.warns(UserWarning, match="tokenize='ja-mecab'"):
            warn_of_references(lines, tokenize)


@pytest.mark.parametrize(
    ("lines", "tokenize"),
    [
        (["駅 は どこ です か 。", "水 を ください 。"], "none"),
        (["ฉัน ชอบ ชา มาก และ ดื่ม ทุก วัน"], "13a"),
        (["나는 차를 아주 많이 좋아합니다"], "13a"),
        (["he said 駅はどこですか。 and went to the station"], "13a"),
        (["one", "a cat sat here"], "13a"),
    ],
)
def test_what_fits_is_scored_without_a_word(lines, tokenize):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert corpus_scores(lines, lines, tokenize)["bleu"] == pytest.approx(100)


@pytest.mark.parametrize(
    ("tokenize", "said"),
    [
        ("moses", "ja-mecab.*; received 'moses'. Choose"),
        ("ja-mecab", "received 'ja-mecab'.*pip install sacrebleu.ja.*Or choose"),
        ("ko-mecab", "received 'ko-mecab'.*pip install sacrebleu.ko"),
        ("spm", "received 'spm'.*downloaded"),
        ("flores101", "received 'flores101'.*downloaded"),
        ("flores200", "received 'flores200'.*downloaded.*Or choose one of none, zh, 13a"),
        ("spBLEU-1K", "received 'spBLEU-1K'.*downloaded"),
    ],
)
def test_a_tokenizer_that_cannot_run_is_refused_before_anything(
    monkeypatch, tmp_path, tokenize, said
):
    for module in ("ja_mecab", "ko_mecab"):
        monkeypatch.setattr(f"sacrebleu.tokenizers.tokenizer_{module}.MeCab", None)
    monkeypatch.setattr(bleu_tokenizers, "SACREBLEU_DIR", str(tmp_path))

    def fetch(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(tokenizer_spm, "download_file", fetch)
    for use in (
        lambda: check_tokenize(tokenize),
        lambda: corpus_scores(["a"], ["a"], tokenize),
        lambda: TranslationMetrics(fetch, [("a", "a")], tokenize=tokenize),
        lambda: evaluate(None, fetch, tokenize=tokenize),
    ):
        with pytest.raises(ValueError, match=said):
            use()


def test_every_tokenizer_that_runs_is_taken():
    for tokenize in ("none", "zh", "13a", "intl", "char"):
        check_tokenize(tokenize)
        assert tokenize in sacrebleu.BLEU.TOKENIZERS


def test_capitals_that_cannot_be_written_are_said():
    pairs = [("a", "The Cat sat on the mat")]
    translator = types.SimpleNamespace(target=types.SimpleNamespace(lowercase=True))
    with pytest.warns(UserWarning, match="lower-case.*lowercase=True"):
        TranslationMetrics(translator, pairs)
    keeps = types.SimpleNamespace(target=types.SimpleNamespace(lowercase=False))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TranslationMetrics(translator, pairs, lowercase=True)
        TranslationMetrics(translator, [("a", "the cat sat on the mat")])
        TranslationMetrics(keeps, pairs)
        TranslationMetrics(np.array, pairs)  # a function, of which nothing is known
