"""Tokenizers of KerasHub and transformers in memory, converted: the same tokens of every text."""

import hub_models
import pytest
import tokenizer_folders as folders
import transformers
import translator_folders
from hub_models import LINES

from kerasseq.pretrained import convert_tokenizer
from kerasseq.text import WordTokenizer
from published import MINILM

FAMILIES = ("Bert", "DistilBert", "Electra", "Albert", "DebertaV3", "Roberta", "XLMRoberta")
OTHERS = {
    "T5": lambda: hub_models.t5().preprocessor.tokenizer,
    "Bart": lambda: hub_models.bart().preprocessor.tokenizer,
}


@pytest.mark.parametrize("kind", [*FAMILIES, *OTHERS])
def test_keras_hub_s(kind):
    theirs = OTHERS[kind]() if kind in OTHERS else hub_models.tokenizer_of(kind)
    ours = convert_tokenizer(theirs)
    for line in LINES:
        assert ours.tokens(line) == [theirs.id_to_token(int(i)) for i in theirs(line)]
    assert ours.tokenize(LINES).to_list() == [ours.encode(line) for line in LINES]


def byte_level(folder):
    saved = folders.save_byte_level(folder, LINES * 3, "RobertaTokenizer", size=300)
    return transformers.RobertaTokenizer.from_pretrained(saved)


def unigram(folder):
    model = folders.train_pieces(LINES * 3, "unigram", 60, **folders.T5_IDS)
    saved = folders.save(folder, "T5Tokenizer", "spiece.model", model)
    return transformers.T5Tokenizer.from_pretrained(saved)


def wordpiece(folder):
    return transformers.BertTokenizer.from_pretrained(MINILM)


@pytest.mark.parametrize("made", [wordpiece, byte_level, unigram])
def test_transformers_(made, tmp_path):
    theirs = made(tmp_path)
    ours = convert_tokenizer(theirs)
    assert [ours.tokens(line) for line in LINES] == [theirs.tokenize(line) for line in LINES]


def test_what_is_none_is_refused(tmp_path):
    words = WordTokenizer.train(LINES)
    assert convert_tokenizer(words) is words
    _, _, marian = translator_folders.marian(tmp_path / "marian")
    with pytest.raises(ValueError, match=r"as tokenizer\.json; received a MarianTokenizer, which"):
        convert_tokenizer(marian)
    with pytest.raises(ValueError, match=r"KerasHub or transformers; received 'bert' \(str\)"):
        convert_tokenizer("bert")
