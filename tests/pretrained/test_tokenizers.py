"""A folder's tokenizer cuts as `tokenizers` does, in Python and in the graph, or is refused."""

import base64
import functools
import itertools
import json
import unicodedata

import pytest
import sentencepiece
import tensorflow as tf
import tokenizers
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_folders import (
    T5_IDS,
    check_equal,
    hard_texts,
    read_lines,
    save,
    save_byte_level,
    train_pieces,
)

from kerasseq.pretrained.folder import Folder
from kerasseq.pretrained.numbered_pieces import numbered
from kerasseq.pretrained.tokenizers import read_tokenizer
from kerasseq.text import load_tokenizer, normalize

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


CODES = ["eng_Latn", "deu_Latn", "fra_Latn"]
MASK = transformers.AddedToken("<mask>", lstrip=True, special=True)


@pytest.fixture(scope="module")
def nllb(lines, tmp_path_factory):
    model = train_pieces(lines[::5], "bpe", 1500)
    place = tmp_path_factory.mktemp("nllb")
    options = {"extra_special_tokens": CODES}
    return save(place, "NllbTokenizer", "sentencepiece.bpe.model", model, **options)


@pytest.fixture(scope="module")
def byte_level(lines, tmp_path_factory):
    """A function from a class and its options to a saved folder, made once each."""
    made = {}

    def find(kind, **options):
        key = kind, *options
        if key not in made:
            place = tmp_path_factory.mktemp(kind)
            made[key] = save_byte_level(place, lines[::5], kind, **options)
        return made[key]

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


def test_merges_of_marked_words_cut_alike(nllb, lines, tmp_path):
    found = read_tokenizer(Folder(nllb))
    assert tuple(found.rows) == (("eng_Latn",), ("</s>",), ())
    texts = [text for text in hard_texts(found.tokenizer) if keeps_marks(text)]
    used = check_equal(found, nllb, lines + texts)
    assert 1 in used and used >= {found.tokenizer.added_ids[code] for code in CODES[1:]}
    found.tokenizer.save(tmp_path)
    again = load_tokenizer(tmp_path)
    assert [again.encode(text) for text in texts] == [found.tokenizer.encode(t) for t in texts]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("BartTokenizer", {}),
        ("RobertaTokenizer", {"add_prefix_space": True, "mask_token": MASK}),
    ],
)
def test_merges_of_bytes_cut_alike(kind, options, byte_level, lines, tmp_path):
    place = byte_level(kind, **options)
    found = read_tokenizer(Folder(place))
    assert tuple(found.rows) == (("<s>",), ("</s>",), ("</s>", "</s>"))
    texts = hard_texts(found.tokenizer)
    used = check_equal(found, place, lines + texts)
    assert 1 not in used and found.tokenizer.added_ids["<mask>"] in used
    found.tokenizer.save(tmp_path)
    again = load_tokenizer(tmp_path)
    assert [again.encode(text) for text in texts] == [found.tokenizer.encode(t) for t in texts]


def test_merges_stand_in_files_of_their_own_too(byte_level, tmp_path):
    place = byte_level("BartTokenizer")
    expected, found = (read_tokenizer(Folder(each)) for each in (place, place.parent / "source"))
    assert found.rows == expected.rows and (found.order == expected.order).all()
    assert found.tokenizer.model == expected.tokenizer.model
    assert found.tokenizer.get_config() == expected.tokenizer.get_config()
    (tmp_path / "merges.txt").write_text("a b c\n")
    (tmp_path / "vocab.json").write_text('{"a": 0, "<s>": 1, "</s>": 2}')
    with pytest.raises(ValueError, match="merges of two pieces"):
        read_tokenizer(Folder(tmp_path))


@pytest.fixture(scope="module")
def m2m100(lines, tmp_path_factory):
    """M2M100's files, whose ids are not those of its SentencePiece model."""
    place = tmp_path_factory.mktemp("m2m100")
    model = train_pieces(lines[::5], "bpe", 1500)
    (place / "sentencepiece.bpe.model").write_bytes(model)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    names = [pieces.id_to_piece(i) for i in range(3, len(pieces))]
    assert names.pop() not in ("", "▁")  # one that the vocabulary lacks
    names = ["<s>", "<pad>", "</s>", "<unk>", *names[::-1], "madeupword0000"]
    (place / "vocab.json").write_text(json.dumps({name: i for i, name in enumerate(names)}))
    files = [str(place / name) for name in ("vocab.json", "sentencepiece.bpe.model")]
    transformers.M2M100Tokenizer(*files, src_lang="fr").save_pretrained(place / "saved")
    return place / "saved"


def test_a_vocabulary_of_its_own_numbers_a_model(m2m100, lines):
    reference = transformers.M2M100Tokenizer.from_pretrained(m2m100)
    names = json.loads((m2m100 / "vocab.json").read_text("utf-8"))
    size = len(names) + 5
    source, target = numbered(Folder(m2m100), ["sentencepiece.bpe.model"] * 2, names, size)
    ids = [source.tokenizer.encode(line) for line in lines]
    expected = reference(lines, add_special_tokens=False)["input_ids"]
    # A row of unknown pieces is one in a SentencePiece model, and one each in M2M100's.
    assert [[i for i, _ in itertools.groupby(source.order[row])] for row in ids] == [
        [i for i, _ in itertools.groupby(row)] for row in expected
    ]
    assert source.tokenizer.tokenize(tf.constant(lines[:500])).to_list() == ids[:500]
    used = {i for row in ids for i in row}
    assert {i for i in used if source.order[i] == 3} - {1} == {len(source.order) - 1}
    assert source.copies == 1 and (source.order == target.order).all()
    assert sorted(source.order[4:-1]) == [i for i in range(size) if i > 3]


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


def merges(edit):
    def edit_merges(found):
        found["model"]["merges"] = edit(found["model"]["merges"])

    return edit_merges


BYTE_LEVEL_REFUSED = {
    "another way to cut words": (
        setting("pre_tokenizer", "use_regex", to=False),
        "'use_regex' to be True",
    ),
    "a normalizer": (setting("normalizer", to={"type": "NFKD"}), "normalizer of type null"),
    "another decoder": (setting("decoder", to={"type": "Metaspace"}), "received 'Metaspace'"),
    "another prefix": (
        setting("pre_tokenizer", "add_prefix_space", to=True),
        "'add_prefix_space' of .* as True",
    ),
    "merges by chance": (setting("model", "dropout", to=0.1), "received 'dropout'"),
    "ends of words": (setting("model", "end_of_word_suffix", to="</w>"), "'end_of_word_suffix'"),
    "a merge of three": (merges(lambda old: [*old, ["a", "b", "c"]]), "merges of two pieces"),
    "a merge into nothing": (merges(lambda old: [*old, "Q Q"]), "merges of two pieces"),
    "a merge of numbers": (merges(lambda old: [*old, [1, 2]]), "merges of two pieces"),
    "no merges": (merges(lambda old: 3), "merges of two pieces"),
    "a piece that is no text": (
        lambda found: found["model"]["vocab"].update({"\ud800": 1500}),
        "surrogates not allowed",
    ),
    "a piece of endless length": (
        lambda found: found["model"]["vocab"].update({"a" * 20_000: 1500}),
        "pieces of a few letters",
    ),
    "a gap": (setting("model", "vocab", "a", to=10**9), "ids from 0 up"),
    "a missing byte": (
        lambda found: found["model"].update(
            vocab={
                piece if piece != "~" else "new": i for piece, i in found["model"]["vocab"].items()
            }
        ),
        "a piece for each byte",
    ),
}


@pytest.mark.parametrize("name", BYTE_LEVEL_REFUSED)
def test_what_bytes_cannot_be_is_refused_by_name(name, byte_level, tmp_path):
    edit, message = BYTE_LEVEL_REFUSED[name]
    with pytest.raises(ValueError, match=message):
        read_tokenizer(edited(byte_level("BartTokenizer"), tmp_path, edit))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (setting("model", "fuse_unk", to=False), "fuse_unk or byte_fallback"),
        (merges(lambda old: old[:-40]), "to be made by its merges"),
        (
            lambda found: (
                found["model"]["vocab"].update({"▁a▁": len(found["model"]["vocab"])}),
                found["model"]["merges"].append(["▁a", "▁"]),
                found.update(added_tokens=found["added_tokens"][:4], post_processor=None),
            ),
            "no piece with '▁' inside",
        ),
    ],
    ids=["fuse_unk", "no merges", "across words"],
)
def test_what_marked_words_cannot_be_is_refused(edit, message, nllb, tmp_path):
    found = edited(nllb, tmp_path, edit)
    (tmp_path / "tokenizer_config.json").write_text("{}")
    with pytest.raises(ValueError, match=message):
        read_tokenizer(found)


REFUSED = {
    "another model": (setting("model", "type", to="WordLevel"), "model of type .*'WordLevel'"),
    "no model": (setting("model", to=3), "model of .* as an object"),
    "pieces of other kinds": (setting("model", "vocab", 9, to=["a", "b"]), "pieces with scores"),
    "a score of 400 digits": (
        setting("model", "vocab", 9, 1, to=10**400),
        "an integer of more than 100 digits",
    ),
    "an endless score": (setting("model", "vocab", 9, 1, to=1e300), "pieces with scores"),
    "half a surrogate": (setting("model", "vocab", 9, 0, to="\ud800"), "surrogates not allowed"),
    "no list of pieces": (setting("model", "vocab", to={"a": 1}), "pieces with scores"),
    "a piece twice": (setting("model", "vocab", 9, 0, to="▁"), "different pieces"),
    "a huge unknown id": (setting("model", "unk_id", to=2**70), "unk_id at the unknown token"),
    "a low special": (setting("model", "vocab", 0, 1, to=-1e6), "lower score than every"),
    "bytes without pieces": (setting("model", "byte_fallback", to=True), "ByteFallback"),
    "a new setting": (setting("model", "dropout", to=0.1), "received 'dropout'"),
    "a new part": (setting("backend", to="x"), "received 'backend'"),
    "a normalizer": (setting("normalizer", to={"type": "Nmt"}), "received 'Nmt'"),
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
    "no list of added tokens": (setting("added_tokens", to={"id": 0}), "a list of added_tokens"),
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


@pytest.fixture(scope="module")
def llama(lines, tmp_path_factory):
    """Merges of letters, spaces among them, and bytes for the rest, as Llama 2's file has it."""
    blank, place = "▁", tmp_path_factory.mktemp("llama")
    parts = tokenizers.normalizers
    trained = tokenizers.Tokenizer(
        tokenizers.models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    trained.normalizer = parts.Sequence([parts.Prepend(blank), parts.Replace(" ", blank)])
    specials = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=1500, special_tokens=specials, limit_alphabet=90, show_progress=False
    )
    trained.train_from_iterator((line[:40] for line in lines[:1000]), trainer)
    trained.add_special_tokens(["<tag>"])
    description = json.loads(trained.to_str())
    keep = {"<unk>", "<s>", "</s>", "<tag>"}
    listed = [each for each in description["added_tokens"] if each["content"] in keep]
    pattern = {"String": blank}
    decoder = [
        {"type": "Replace", "pattern": pattern, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ]
    description |= {
        "added_tokens": listed, "decoder": {"type": "Sequence", "decoders": decoder}
    }  # fmt: skip
    (place / "tokenizer.json").write_text(json.dumps(description), encoding="utf-8")
    return place


def test_merges_across_spaces_and_bytes_cut_alike(llama, lines):
    found = read_tokenizer(Folder(llama))
    assert tuple(found.rows) == ((), (), ())
    used = check_equal(found, llama, lines + hard_texts(found.tokenizer))
    vocabulary = found.tokenizer.vocabulary
    assert {vocabulary.index("<0xF0>"), vocabulary.index("<tag>")} <= used
    assert any("▁" in vocabulary[i][1:] for i in used)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=20))
def test_any_text_is_cut_alike(text, byte_level, nllb):
    for place in (byte_level("BartTokenizer"), nllb):
        reference, found = _opened(place)
        cleaned = normalize(text)
        tabled = reference.normalizer.normalize_str(cleaned) if place == nllb else ""
        if tabled != " ".join(tabled.split()) or "▁" in tabled or not keeps_marks(cleaned):
            continue  # see read_tokenizer
        expected = reference.encode(cleaned, add_special_tokens=False).ids
        ids = found.tokenizer.encode(text)
        assert [found.order[i] for i in ids] == expected
        as_bytes = text.encode("utf-8", "surrogatepass")
        assert found.tokenizer.tokenize(tf.constant([as_bytes])).to_list() == [ids]


@functools.cache
def _opened(place):
    reference = tokenizers.Tokenizer.from_file(str(place / "tokenizer.json"))
    return reference, read_tokenizer(Folder(place))
