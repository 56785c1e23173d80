"""Damaged and unsupported files of a Marian model: each gets its sentence, and nothing large is
made of a wrong length."""

import pathlib
import struct
import tracemalloc

import numpy as np
import pytest
import yaml

from kerasseq.pretrained import read_bergamot
from kerasseq.pretrained.marian_file import read_marian
from kerasseq.pretrained.marian_settings import read_settings
from kerasseq.pretrained.renumbered import renumber

SETTINGS = b"type: transformer\n\0"
WEIGHT = np.arange(6, dtype="<f4").tobytes()
WRITTEN = {
    "a_W": (0x404, (2, 3), WEIGHT),
    "special:model.yml": (0x101, (len(SETTINGS),), SETTINGS),
}
HUGE = 2**63 - 1


@pytest.fixture
def written(students, tmp_path):
    """A function that writes a file of items, some of them changed, and returns its path."""

    def write(version=1, **changed):
        path = tmp_path / "model.bin"
        items = {name: item for name, item in (WRITTEN | changed).items() if item is not None}
        students.write_items(path, items, version)
        return path

    return write


def check_refused(path, message):
    """Reads a file, which must be refused with one sentence and without a large allocation."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=message) as caught:
            read_marian(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    said = str(caught.value)
    assert said.startswith("Expected") and str(path) in said and len(said) < 500
    assert peak < 2**21, peak


def test_int8_is_read_transposed_and_embeddings_are_not(written):
    int8 = np.arange(-3, 3).astype("i1").tobytes() + np.float32(4).tobytes()
    path = written(
        a_W=(0x4101, (2, 3), int8),
        Wemb=(0x4101, (2, 3), int8),
        a_W_QuantMultA=(0x404, (1, 1), WEIGHT),
    )
    arrays, settings = read_marian(path)
    assert set(arrays) == {"a_W", "Wemb"} and settings == "type: transformer\n"
    expected = np.arange(-3, 3, dtype="float32") / 4
    np.testing.assert_array_equal(arrays["a_W"], expected.reshape(3, 2).T)
    np.testing.assert_array_equal(arrays["Wemb"], expected.reshape(2, 3))


def test_a_file_cut_anywhere_is_refused(written):
    path = written()
    content = path.read_bytes()
    for length in [*range(200), *range(200, len(content), 37), len(content) - 1]:
        path.write_bytes(content[:length])
        check_refused(path, "Expected")
    path.write_bytes(content + b"\0")
    check_refused(path, "received 1 bytes more")


@pytest.mark.parametrize("value", [0, 1, 7, 2**31, 2**32 - 1, 2**63, HUGE, 2**64 - 1])
def test_a_wrong_length_anywhere_is_refused_before_it_allocates(written, value):
    """Every number of the counts, headers, shapes and the gap in turn, negative ones among them."""
    path = written()
    content = path.read_bytes()
    places = [(8 * i, "<Q") for i in range(2 + 4 * len(WRITTEN))]
    behind = 16 + 32 * len(WRITTEN) + sum(len(name) + 1 for name in WRITTEN)
    if value not in (1, 7):  # a tensor of that size would have as many bytes, filled up
        places += [(behind + 4 * i, "<I") for i in range(3)]
    places.append((behind + 12, "<Q"))
    for place, form in places:
        number = value % 2**32 if form == "<I" else value
        changed = bytearray(content)
        if number == struct.unpack_from(form, content, place)[0]:
            continue
        struct.pack_into(form, changed, place, number)
        path.write_bytes(changed)
        check_refused(path, "Expected")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"version": 2}, "version 1"),
        ({"a_W": (0x402, (2, 3), WEIGHT)}, "received float16 in 'a_W'"),
        ({"a_W": (0x4102, (2, 3), WEIGHT)}, "received intgemm16"),
        ({"a_W": (0x6101, (2, 3), WEIGHT)}, "intgemm8 prepared for one processor"),
        ({"a_W": (0xBEEF, (2, 3), WEIGHT)}, "received type 0xbeef in 'a_W'"),
        ({"a_W": (0x101, (2, 3), b"123456")}, "type 0x101 in 'a_W'"),
        ({"a_W": (0x404, (2, 300), WEIGHT)}, r"2400 bytes.*shape \(2, 300\); received 256"),
        ({"a_W": (0x404, (1, 1), WEIGHT * 20)}, "4 bytes.*received 512"),
        ({"a_W": (0x404, (-2, -3), WEIGHT)}, r"sizes above 0 of 'a_W'; received \(-2, -3\)"),
        ({"a_W": (0x404, (0, 3), WEIGHT)}, "sizes above 0"),
        ({"a_W": (0x404, (2**31 - 1,) * 4, WEIGHT)}, "received 256"),
        ({"a_W": (0x404, (1,) * 5, WEIGHT)}, "1 to 4 sizes of 'a_W'; received 5"),
        ({"a_W": (0x404, (), WEIGHT)}, "1 to 4 sizes"),
        ({"a_W": (0x404, (2, 3), b"\xff" * 24)}, "finite numbers in 'a_W'"),
        ({"a_W": (0x4101, (2, 2), b"1234\0\0\0\0")}, "multiplier above 0 of 'a_W'; received 0.0"),
        ({"a_W": (0x4101, (2, 2), b"1234\xff\xff\xff\xff")}, "multiplier above 0"),
        ({"a_W": (0x4101, (4,), b"1234\0\0\x80\x3f")}, "a matrix of 'a_W'"),
        ({"a\0W": (0x404, (2, 3), WEIGHT)}, "names that a NUL ends"),
        ({"": (0x404, (2, 3), WEIGHT)}, "names that a NUL ends"),
        ({"ä": (0x404, (2, 3), WEIGHT)}, "names that a NUL ends"),
        ({"special:model.yml": None}, "special:model.yml, which describes the model"),
        ({"special:model.yml": (0x101, (2,), b"\xff\xfe")}, "UTF-8 in special:model.yml"),
    ],
)
def test_what_is_not_supported_gets_its_sentence(written, changed, message):
    check_refused(written(**changed), message)


def test_one_name_for_two_tensors_is_refused(written):
    path = written(b_W=WRITTEN["a_W"])
    path.write_bytes(path.read_bytes().replace(b"b_W\0", b"a_W\0"))
    check_refused(path, "each name once; received 'a_W' twice")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"type": "s2s"}, "'type' to be 'transformer'"),
        ({"dec-cell": "gru"}, "'dec-cell' to be 'ssru'"),
        ({"transformer-decoder-autoreg": "average-attention"}, "'rnn' or 'self-attention'"),
        ({"transformer-preprocess": "n"}, "'transformer-preprocess' to be ''"),
        ({"transformer-postprocess": "da"}, "'dan' or 'an'"),
        ({"transformer-postprocess-emb": None}, "'transformer-postprocess-emb'"),
        ({"transformer-ffn-activation": "gelu"}, "'relu' or 'swish'"),
        ({"transformer-train-position-embeddings": True}, "'transformer-train-position"),
        ({"transformer-rnn-projection": True}, "'transformer-rnn-projection': True"),
        ({"output-omit-bias": True}, "'output-omit-bias': True"),
        ({"lemma-dim-emb": 8}, "'lemma-dim-emb' to be 0"),
        ({"new-thing": 3}, "'new-thing': 3, which may change"),
        ({"enc-depth": True}, "'enc-depth' of at least 1"),
        ({"enc-depth": 10**6}, "'encoder_l4_self_Wq'"),
        ({"dim-emb": 2**30}, r"'encoder_l1_self_Wq' of shape \(1073741824, 1073741824\)"),
        ({"transformer-heads": 5}, "heads divide"),
        ({"tied-embeddings-all": False}, "output layer of its own"),
        ({"dim-vocabs": [27]}, "two sizes"),
        ({"dim-vocabs": [99, 99]}, "vocabulary of 99 pieces"),
    ],
)
def test_a_setting_that_is_not_supported_is_refused_by_name(students, tmp_path, changed, message):
    folder = students.write(tmp_path)
    path = folder / "model.xxyy.bin"
    from_file = read_items_of(path)
    settings = yaml.safe_load(from_file["special:model.yml"][2].rstrip(b"\0")) | changed
    text = yaml.safe_dump(settings).encode()
    from_file["special:model.yml"] = 0x101, (len(text),), text
    students.write_items(path, from_file)
    with pytest.raises(ValueError, match=message):
        read_bergamot(folder)


def read_items_of(path):
    """The items that the students' writer wrote."""
    arrays, settings = read_marian(path)
    items = {name: (0x404, array.shape, array.tobytes()) for name, array in arrays.items()}
    text = settings.encode()
    return items | {"special:model.yml": (0x101, (len(text),), text)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "1: 2",
        "a: [",
        "a: !!python/object:os.system x",
        "[" * 1200,
        "a: 1\n" * 20000,
        "a: &a [x]\nb: *a",
    ],
)
def test_settings_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match="Expected settings"):
        read_settings(text, "there")


def test_tensors_that_no_setting_names_are_refused(students, tmp_path):
    folder = students.write(tmp_path)
    path = folder / "model.xxyy.bin"
    items = read_items_of(path)
    students.write_items(path, items | {"encoder_l4_x": (0x404, (2, 3), WEIGHT)})
    with pytest.raises(ValueError, match="'encoder_l4_x' too"):
        read_bergamot(folder)
    del items["decoder_l2_rnn_Wf"]
    students.write_items(path, items)
    with pytest.raises(ValueError, match="'decoder_l2_rnn_Wf'"):
        read_bergamot(folder)


def test_the_files_of_a_folder_are_found_or_asked_for_by_name(students, tmp_path):
    with pytest.raises(FileNotFoundError, match="folder of a Bergamot model"):
        read_bergamot(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"one model\*\.bin"):
        read_bergamot(tmp_path)
    folder = students.write(tmp_path)
    (folder / "vocab.other.spm").write_bytes(students.vocabulary(27))
    with pytest.raises(ValueError, match=r"vocab\.other\.spm, vocab\.xxyy\.spm"):
        read_bergamot(folder)
    config = folder / "config.intgemm8bitalpha.yml"
    named = {"models": ["model.xxyy.bin"], "vocabs": ["vocab.xxyy.spm"] * 2}
    config.write_text(yaml.safe_dump(named | {"beam-size": 1, "shortlist": ["lex.bin", False]}))
    assert read_bergamot(folder).source.vocabulary_size == 29
    for changed, message in (
        ({"models": ["../model.xxyy.bin"]}, "without a path"),
        ({"models": ["a", "b"]}, "1 to 1 files"),
        ({"vocabs": "vocab.xxyy.spm"}, "1 to 2 files"),
        ({"ssplit-prefix-file": "x"}, "'ssplit-prefix-file'"),
    ):
        config.write_text(yaml.safe_dump(named | changed))
        with pytest.raises(ValueError, match=message):
            read_bergamot(folder)
    config.write_text(yaml.safe_dump(named | {"vocabs": ["gone.spm"]}))
    with pytest.raises(FileNotFoundError, match=r"Expected .*gone\.spm"):
        read_bergamot(folder)
    (folder / "vocab.other.spm").write_bytes(students.vocabulary(28))
    config.write_text(yaml.safe_dump(named | {"vocabs": ["vocab.xxyy.spm", "vocab.other.spm"]}))
    with pytest.raises(ValueError, match="which differ"):
        read_bergamot(folder)


def test_a_vocabulary_that_is_none_is_refused(students):
    for content, message in (
        (b"\xff\xff\xff", "a SentencePiece model"),
        (b"", "an unknown piece and an end symbol"),
        (students.vocabulary(27, eos_id=-1), "an end symbol"),
    ):
        with pytest.raises(ValueError, match=message):
            renumber(content, pathlib.Path("there.spm"))


def test_a_model_with_all_four_specials_is_renumbered_too(students):
    content = students.vocabulary(27, pad_id=3, bos_id=2)
    model, order = renumber(content, "there")
    assert order.tolist() == [3, 1, 2, 0, *range(4, 27)]
    assert renumber(model, "there")[1].tolist() == list(range(27))
