"""The noisy channel: its score is the paper's, and its weights are those with the best BLEU."""

import math

import keras
import numpy as np
import pytest

from kerasseq import Translator
from kerasseq.decoding import Beam
from kerasseq.models import RecurrentSeq2Seq
from kerasseq.tasks import DecoderLanguageModel, Evidence, NoisyChannel
from kerasseq.text import NGramModel, WordTokenizer


@pytest.fixture(scope="module")
def both(number_text):
    """Two untrained translators, of either direction."""
    keras.utils.set_random_seed(4)
    sides = [WordTokenizer.train(lines) for lines in zip(*number_text[0], strict=True)]

    def make(source, target):
        sizes = source.vocabulary_size, target.vocabulary_size
        model = RecurrentSeq2Seq(*sizes, 8, 16)
        model.set_weights([3 * weight for weight in model.get_weights()])
        return Translator(model, source, target, "greedy", 6, 20)

    return make(*sides), make(*sides[::-1])


class Length:
    """A language model that likes long lines."""

    def score(self, lines):
        return [float(len(line)) for line in lines]


def test_a_score_is_the_sum_of_three_models_opinions(both, number_text, tmp_path):
    direct, channel = both
    lines = [source for source, _ in number_text[1][:4]]
    words = NGramModel.estimate((text for _, text in number_text[0]), tmp_path / "de.arpa")
    noisy = NoisyChannel(direct, channel, words, (0.5, 0.25), Beam(4))
    for line, found in zip(lines, noisy(lines), strict=True):
        assert len(found) == 4 and len({text for text, _ in found}) == 4
        assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)
        for text, score in found:
            # Of a text as long as may be, six tokens, the end is not scored.
            read, written = len(line.split()) + 1, min(len(text.split()) + 1, 6)
            (said,), (back,), (fluent,) = (
                direct.score([(line, text)]),
                channel.score([(text, line)]),
                words.score([text]),
            )
            expected = said / written + (0.5 * back + 0.25 * fluent) / read
            assert score == pytest.approx(expected, rel=1e-4)
    assert noisy([]) == []
    alone = NoisyChannel(direct, channel, search=Beam(4)).evidence(lines[:1])[0]
    assert {each.language for each in alone} == {0.0}


def test_a_language_model_s_weight_changes_what_is_chosen(both, number_text):
    lines = [source for source, _ in number_text[1][:4]]
    liking = NoisyChannel(*both, Length(), (0.0, 1e3), Beam(4))
    for found, texts in zip(liking(lines), liking.evidence(lines), strict=True):
        assert len(found[0][0]) == max(len(each.text) for each in texts)


class Given(NoisyChannel):
    """Of what a channel says the first hypothesis is right, and of what fluency says the second."""

    def evidence(self, lines):
        return [
            [
                Evidence(f"{line} is a good day", -2.0, -1.0, -9.0),
                Evidence(f"{line} was a bad day", -1.0, -2.5, -1.0),
            ]
            for line in lines
        ]


def test_weights_are_those_with_the_best_bleu(both):
    pairs = [("one", "one is a good day"), ("two", "two is a good day")]
    noisy = Given(*both, Length())
    scores = noisy.tune(pairs, [0.0, 0.1, 1.0])
    assert len(scores) == 9 and noisy.weights == (1.0, 0.0)
    assert scores[1.0, 0.0] == pytest.approx(100) and scores[0.0, 0.0] < 60
    assert noisy(["one"])[0][0] == ("one is a good day", pytest.approx(-3.0))
    noisy = Given(*both)
    assert len(noisy.tune(pairs, [0.0, 1.0])) == 2 and noisy.weights == (1.0, 0.0)


def test_weights_that_do_not_fit_are_refused(both):
    for weights in ((0.5, 0.5), (0.5,), (math.nan, 0), (math.inf, 0), ("a", 0), 2):
        with pytest.raises(ValueError, match="the second 0 without one; received"):
            NoisyChannel(*both, None, weights)
    noisy = NoisyChannel(*both)
    for pairs, grid in (([], [0.5]), ([("one", "eins")], [])):
        with pytest.raises(ValueError, match="pairs and a grid of weights"):
            noisy.tune(pairs, grid)
    with pytest.raises(ValueError, match="of the grid as a finite number; received nan"):
        noisy.tune([("one", "eins")], [math.nan])
    with pytest.raises(ValueError, match="tokenizer of sacreBLEU"):
        noisy.tune([("one", "eins")], tokenize="13b")


def test_a_decoder_of_one_source_learns_what_lines_look_like(number_text):
    keras.utils.set_random_seed(4)
    train, validation, _ = number_text
    lines = [text for text, _ in train]
    pairs = DecoderLanguageModel.pairs(lines)
    assert len(pairs) == len(lines) and {source for source, _ in pairs} == {"."}
    source, target = (WordTokenizer.train(side) for side in (["."], lines))
    model = RecurrentSeq2Seq(source.vocabulary_size, target.vocabulary_size, 16, 32)
    decoder = DecoderLanguageModel(Translator(model, source, target, "greedy", 12))
    unseen = [text for text, _ in validation[:20]]
    before = np.mean(decoder.score(unseen))
    decoder.translator.fit(pairs, epochs=10, learning_rate=2e-2, batch_size=32)
    turned = [" ".join(text.split()[::-1]) for text in unseen]
    after = decoder.score(unseen)
    assert np.mean(after) > before + 5
    assert np.mean(after) > np.mean(decoder.score(turned)) + 2
    assert after == pytest.approx(decoder.translator.score([(".", text) for text in unseen]))
