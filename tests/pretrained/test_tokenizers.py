"""A folder's tokenizer cuts as `tokenizers` does, in Python and in the graph, or is refused."""

import base64
import itertools
import json
import unicodedata

import pytest
import transformers
from tokenizer_folders import T5_IDS, check_equal, hard_texts, read_lines, save, train_pieces

from kerasseq.pretrained.folder import Folder
from kerasseq.pretrained.tokenizers import read_tokenizer
from kerasseq.text import load_tokenizer

# The class, its file, the ids of its model, and what stands before, behind and between texts.
UNIGRAM = {
    "t5": ("T5Tokenizer", "spiece.model", T5_IDS, ((), ("</s>",), ("</s>",))),
    "mbart": ("MBartTokenizer", "sentencepiece.bpe.model", {}, ((), ("</s>", "en_XX"), ())),
    "mbart50": ("MBart50Tokenizer", "sentencepiece.bpe.model", {}, (("en_XX",), ("</s>",), ())),
    "xlm-r": (
        "XLMRobertaTokenizer",
        "sentencepiece.bpe.model",
        {},
        (("<s>",), ("</s>",), ("</s>", "</s>")),
    ),
    "pegasus": ("PegasusTokenizer", "spiece.model", T5_IDS, ((), ("</s>",), ())),
    "camembert": (
        "CamembertTokenizer",
        "sentencepiece.bpe.model",
        {},
        (("<s>",), ("</s>",), ("</s>", "</s>")),
    ),
}


@pytest.fixture(scope="module")
def lines(data_folder, number_text):
    return read_lines(data_folder, number_text)


@pytest.fixture(scope="module")
def folder(lines, tmp_path_factory):
    """A function from a name of UNIGRAM to a saved folder, made once each."""
    made = {}

    def find(name):
        if name not in made:
            kind, file, ids, _ = UNIGRAM[name]
            model = train_pieces(lines[::5], "unigram", 1500, **ids)
            made[name] = save(tmp_path_factory.mktemp(name), kind, file, model)
        return made[name]

    return find


def keeps_marks(text):
    """Whether no mark follows what a table writes as other characters: `tokenizers` drops it."""
    return not any(
        unicodedata.combining(mark) and unicodedata.normalize("NFKC", one) != one
        for one, mark in itertools.pairwise(text)
    )


@pytest.mark.parametrize("name", UNIGRAM)
def test_unigram_cuts_alike(name, folder, lines, tmp_path):
    found = read_tokenizer(Folder(folder(name)))
    assert tuple(found.rows) == UNIGRAM[name][-1]
    texts = [text for text in hard_texts(found.tokenizer) if keeps_marks(text)]
    used = check_equal(found, folder(name), lines + texts)
    assert 1 in used and used & set(found.tokenizer.added_ids.values())
    found.tokenizer.save(tmp_path)
    again = load_tokenizer(tmp_path)
    assert [again.encode(text) for text in texts] == [found.tokenizer.encode(t) for t in texts]


def test_specials_in_a_text_stay_text(folder):
    found = read_tokenizer(Folder(folder("t5")))
    ids = found.tokenizer.encode("a </s> <pad> <unk> <s> dog <extra_id_0>")
    assert not {0, 2, 3} & set(ids)
    assert found.order[ids[-1]] == max(found.order) == found.tokenizer.vocabulary_size - 2


def test_an_added_token_written_in_other_letters_is_one(folder):
    """As Unigram has it: what the table makes of the letters is the piece."""
    found = read_tokenizer(Folder(folder("t5")))
    assert found.tokenizer.tokens("＜extra_id_7＞") == ["▁", "<extra_id_7>"]


def edited(source, path, edit):
    """A copy of a folder, its tokenizer.json changed by a function."""
    for file in source.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    description = json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))
    edit(description)
    (path / "tokenizer.json").write_text(json.dumps(description), encoding="utf-8")
    return Folder(path)


def setting(*keys, to):
    def edit(found):
        for key in keys[:-1]:
            found = found[key]
        found[keys[-1]] = to

    return edit


def added(**fields):
    def edit(found):
        last = found["added_tokens"][-1]
        found["added_tokens"].append(last | {"id": last["id"] + 1, "content": "<new>"} | fields)

    return edit


REFUSED = {
    "another model": (setting("model", "type", to="WordLevel"), "model of type .*'WordLevel'"),
    "no model": (setting("model", to=3), "model of .* as an object"),
    "pieces of other kinds": (setting("model", "vocab", 9, to=["a", "b"]), "pieces with scores"),
    "an endless score": (setting("model", "vocab", 9, 1, to=1e300), "pieces with scores"),
    "half a surrogate": (setting("model", "vocab", 9, 0, to="\ud800"), "pieces with scores"),
    "no list of pieces": (setting("model", "vocab", to={"a": 1}), "pieces with scores"),
    "a piece twice": (setting("model", "vocab", 9, 0, to="▁"), "different pieces"),
    "a huge unknown id": (setting("model", "unk_id", to=2**70), "unk_id at the unknown token"),
    "a low special": (setting("model", "vocab", 0, 1, to=-1e6), "lower score than every"),
    "bytes without pieces": (setting("model", "byte_fallback", to=True), "ByteFallback"),
    "a new setting": (setting("model", "dropout", to=0.1), "received 'dropout'"),
    "a new part": (setting("backend", to="x"), "received 'backend'"),
    "lower case": (setting("normalizer", to={"type": "Lowercase"}), "received 'Lowercase'"),
    "a table that is none": (
        setting("normalizer", "precompiled_charsmap", to="no base64!"),
        "table of characters in base64",
    ),
    "a table that leads outside": (
        setting(
            "normalizer",
            "precompiled_charsmap",
            to=base64.b64encode(b"\0\4\0\0" + b"\xff\xff\xff\x7f" * 256 + b"a\0").decode(),
        ),
        "table of characters in base64",
    ),
    "no mark before the first word": (
        setting("pre_tokenizer", "pretokenizers", 1, "prepend_scheme", to="first"),
        "'prepend_scheme' to be 'always'",
    ),
    "digits apart": (setting("pre_tokenizer", to={"type": "Digits"}), "received 'Digits'"),
    "another decoder": (setting("decoder", to={"type": "WordPiece"}), "received 'WordPiece'"),
    "another post-processor": (
        setting("post_processor", to={"type": "Other"}),
        "received 'Other'",
    ),
    "a row of unknown tokens": (
        setting("post_processor", "single", 1, "SpecialToken", "id", to="[SEP]"),
        "tokens with the vocabulary's ids",
    ),
    "whole words only": (added(single_word=True), "'single_word' to be False"),
    "a gap in the ids": (added(id=10**12), "received 1000000000000"),
    "a token with a space": (added(content="new york"), "without spaces"),
    "deep JSON": (None, "RecursionError"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_supported_is_refused_by_name(name, folder, tmp_path):
    edit, message = REFUSED[name]
    found = edited(folder("t5"), tmp_path, edit or (lambda description: None))
    if edit is None:
        (tmp_path / "tokenizer.json").write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_tokenizer(found)


def test_tokens_of_another_file_are_refused(folder, tmp_path):
    found = edited(folder("t5"), tmp_path, lambda description: None)
    config = json.loads((tmp_path / "tokenizer_config.json").read_text(encoding="utf-8"))
    for change, message in (
        ({"extra_special_tokens": ["<other>"]}, "received '<other>' in another file"),
        ({"eos_token": "<other>"}, "'eos_token' .* token of the vocabulary"),
        ({"eos_token": "<pad>"}, "another token"),
    ):
        (tmp_path / "tokenizer_config.json").write_text(json.dumps(config | change))
        with pytest.raises(ValueError, match=message):
            read_tokenizer(found)


def test_a_class_reads_what_the_file_says(folder):
    """transformers makes the same of the folder: the file is its whole tokenizer."""
    reference = transformers.AutoTokenizer.from_pretrained(folder("mbart"))
    found = read_tokenizer(Folder(folder("mbart")))
    ids = [found.order[i] for i in found.tokenizer.encode("the dog <mask> de_DE!")]
    assert ids == reference("the dog <mask> de_DE!", add_special_tokens=False)["input_ids"]
