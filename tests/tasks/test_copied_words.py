"""The word that is copied for an unknown one is the one most looked at, wherever it runs."""

import keras
import pytest
from keras import ops

from kerasseq import Translator
from kerasseq.decoding import Beam, Greedy
from kerasseq.export import SavedTranslator
from kerasseq.models import Seq2Seq
from kerasseq.text import WordTokenizer

WORDS = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", "the", "cat"])
UNKNOWN, END = 1, 3
LINES = ["the Tomcat of Oslo", "Zoë", "", "cat cat dog the the dog Łódź a b", "x the y"]


@keras.saving.register_keras_serializable("test_copied_words")
class Pointing(Seq2Seq):
    """Says an unknown word at every other step, one word a source word, and looks at word
    `(2 t + 1) mod n`; yet more at the end symbol, and a little at what stands beside."""

    config = {"source_vocabulary_size": 6, "target_vocabulary_size": 6}  # noqa: RUF012

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.unit = self.add_weight(shape=(), initializer="ones", name="unit")
        self.build()

    def encode(self, source, training=False):
        mask = ops.not_equal(source, 0)
        return {"mask": mask, "count": ops.sum(ops.cast(mask, "int32"), axis=1) - 1}

    def initial_state(self, memory, max_length):
        return {"step": ops.zeros_like(memory["count"])}

    def decode_step(self, token, state, memory, step):
        count, at = memory["count"], state["step"]
        said = ops.where(at % 2 == 0, UNKNOWN, 4)
        said = ops.where(at >= count, END, said)
        places = ops.arange(ops.shape(memory["mask"])[1], dtype="int32")[None]
        aligned = ((2 * at + 1) % ops.maximum(count, 1))[:, None]
        weights = ops.where(places == aligned, 0.3, 0.05)
        weights = ops.where(places == count[:, None], 0.5, weights)
        weights = ops.where(memory["mask"], weights, 0.0)
        logits = 20.0 * self.unit * ops.one_hot(said, 6)
        return logits, {"step": at + 1}, weights / ops.sum(weights, axis=1, keepdims=True)

    def decode(self, target, memory, training=False):
        return self.unit * ops.one_hot(target, 6)


def expected(line):
    words = line.split()
    return " ".join(
        words[(2 * t + 1) % len(words)] if t % 2 == 0 else "the" for t in range(len(words))
    )


@pytest.mark.parametrize("search", [Greedy(), Beam(3)])
def test_an_unknown_word_is_the_aligned_one(search, tmp_path):
    options = {"max_length": 12, "max_source_length": 16, "examples": LINES}
    copying = Translator(Pointing(), WORDS, WORDS, search, replace_unknown=True, **options)
    wanted = [expected(line) for line in LINES]
    assert wanted[:2] == ["Tomcat the Tomcat the", "Zoë"]
    assert copying(LINES) == wanted
    for line, (found,) in zip(LINES, copying.translate(LINES), strict=True):
        count = len(line.split())
        pairs = (f"{(2 * t + 1) % count}-{t}" for t in range(count))
        assert found.alignment() == " ".join(pairs)
    if isinstance(search, Greedy):
        copying.export(tmp_path / "1")
        assert SavedTranslator(tmp_path / "1")(LINES) == wanted


def test_without_copying_the_unknown_word_stays_in_the_text():
    plain = Translator(Pointing(), WORDS, WORDS, Greedy(), max_length=12)
    assert plain("the Tomcat of Oslo") == "<unk> the <unk> the"
    assert plain(LINES[3]).split() == ["<unk>", "the"] * 4 + ["<unk>"]
