"""Each field of a translator's folder that is not supported is refused by its name and value."""

import json
import shutil

import pytest
import safetensors.numpy
import translator_folders as folders

from kerasseq import Translator
from kerasseq.decoding import Beam, Greedy


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The folders of a Marian, an M2M100 and an mBART-50."""
    made = tmp_path_factory.mktemp("saved")
    return {
        "marian": folders.marian(made / "marian", codes=())[0],
        "m2m100": folders.m2m100(made / "m2m100")[0],
        "mbart50": folders.of_pieces(
            made / "mbart50", "MBart", "sentencepiece.bpe.model", {"decoder_start_token_id": 2},
            tokenizer="MBart50Tokenizer",
        )[0],
    }  # fmt: skip


@pytest.fixture
def copy(saved, tmp_path):
    def copied(name):
        shutil.copytree(saved[name], tmp_path / name)
        return tmp_path / name

    return copied


def change(path, field, value):
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    found[field] = value
    path.write_text(json.dumps(found), encoding="utf-8")


CONFIG = {
    "model_type": ["fsmt", None, 3],
    "architectures": [["MarianModel"], None, ["BartForConditionalGeneration"]],
    "activation_function": ["gelu_10", None, ["relu"]],
    "d_model": [33, "32", 10**12, -1],
    "encoder_layers": [1, 3, 10**9],
    "decoder_layers": [1, 3],
    "encoder_attention_heads": [5],
    "decoder_attention_heads": [2],
    "encoder_ffn_dim": [47],
    "decoder_ffn_dim": [47],
    "num_hidden_layers": [4],
    "max_position_embeddings": [10**9],
    "vocab_size": [10, 10**9, None],
    "dropout": [-1, "a"],
    "scale_embedding": ["yes"],
    "tie_word_embeddings": [False],
    "share_encoder_decoder_embeddings": [False],
    "is_encoder_decoder": [False],
    "is_decoder": [True],
    "normalize_before": [True],
    "normalize_embedding": [True],
    "add_final_layer_norm": [True],
    "static_position_embeddings": [False],
    "add_bias_logits": [True],
    "quantization_config": [{"bits": 4}],
    "use_layer_scale": [True],
}
GENERATION = {
    "num_beams": [0, "4"],
    "no_repeat_ngram_size": [-1, "3"],
    "repetition_penalty": [0, "a"],
    "encoder_no_repeat_ngram_size": [3],
    "encoder_repetition_penalty": [1.2],
    "do_sample": [True],
    "num_beam_groups": [2],
    "early_stopping": ["never"],
    "length_penalty": ["a"],
    "min_length": [-1],
    "max_length": [1],
    "bad_words_ids": [[[5]]],
    "suppress_tokens": [[5]],
    "begin_suppress_tokens": [[5]],
    "forced_eos_token_id": [5, [0, 1]],
    "forced_bos_token_id": [10**6],
    "decoder_start_token_id": [10**6, [1, 2], -1],
    "eos_token_id": [5],
    "pad_token_id": [1],
    "mystery": [1],
}
TOKENIZER = {
    "tokenizer_class": ["T5Tokenizer"],
    "eos_token": ["<e>"],
    "unk_token": [{"content": "<u>"}],
    "pad_token": ["<p>"],
    "separate_vocabs": [True],
    "sp_model_kwargs": [{"enable_sampling": True}],
    "padding_side": ["left"],
    "auto_map": [["t.MyTokenizer", None]],
}
CASES = [
    ("marian", name, field, value)
    for name, fields in (
        ("config.json", CONFIG),
        ("generation_config.json", GENERATION),
        ("tokenizer_config.json", TOKENIZER),
    )
    for field, values in fields.items()
    for value in values
] + [
    ("m2m100", "config.json", "pad_token_id", 0),
    ("m2m100", "config.json", "normalize_before", False),
    ("m2m100", "tokenizer_config.json", "language_codes", "mine"),
    ("mbart50", "config.json", "static_position_embeddings", True),
    ("mbart50", "tokenizer_config.json", "split_special_tokens", True),
    ("mbart50", "tokenizer_config.json", "mystery", True),
]
LANGUAGES = {
    "marian": {},
    "m2m100": {"source_language": "en", "target_language": "de"},
    "mbart50": {"source_language": "en_XX", "target_language": "de_DE"},
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case))[:60])
def test_a_field_is_refused_by_its_name(case, copy):
    kind, name, field, value = case
    folder = copy(kind)
    change(folder / name, field, value)
    with pytest.raises(ValueError, match="Expected ") as refused:
        Translator.from_hugging_face(folder, **LANGUAGES[kind])
    message = str(refused.value)
    assert "received" in message and str(folder) in message
    # The field, its value, or the tensors that the value does not fit.
    named = [field, f"{value!r}"[:20], "model.encoder", "model.decoder", "model.shared"]
    assert any(each in message for each in named), message


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("config.json", "encoder_layerdrop", 0.1),
        ("config.json", "extra_pos_embeddings", 58101),
        ("config.json", "num_beams", 9),  # generation_config.json counts
        ("config.json", "normalize_before", False),
        ("generation_config.json", "temperature", 0.5),
        ("generation_config.json", "use_cache", False),
        ("tokenizer_config.json", "model_max_length", 7),
    ],
)
def test_a_field_that_changes_nothing_is_let_be(name, field, value, copy):
    folder = copy("marian")
    change(folder / name, field, value)
    translator = Translator.from_hugging_face(folder)
    expected = Beam(4, length_offset=0.0, force_end=True)
    assert translator.search.get_config() == expected.get_config()
    assert (translator.max_length, translator.max_source_length) == (14, 40)


def test_config_json_says_the_search_without_a_file_of_its_own(copy):
    folder = copy("marian")
    (folder / "generation_config.json").unlink()
    assert isinstance(Translator.from_hugging_face(folder).search, Greedy)
    change(folder / "config.json", "num_beams", 3)
    change(folder / "config.json", "length_penalty", 2)
    change(folder / "config.json", "max_new_tokens", 11)
    translator = Translator.from_hugging_face(folder)
    expected = Beam(3, 2.0, length_offset=0.0, force_end=True)
    assert translator.search.get_config() == expected.get_config()
    assert translator.max_length == 11


def test_a_search_of_one_s_own_leaves_out_the_folder_s(copy):
    folder = copy("marian")
    change(folder / "generation_config.json", "encoder_no_repeat_ngram_size", 3)
    with pytest.raises(ValueError, match="'encoder_no_repeat_ngram_size' to be .*Or give a search"):
        Translator.from_hugging_face(folder)
    assert isinstance(Translator.from_hugging_face(folder, "greedy").search, Greedy)


@pytest.mark.parametrize(
    ("kind", "languages", "message"),
    [
        ("marian", {"target_language": "fra"}, "none: it has one; received 'fra'"),
        ("marian", {"source_language": "en"}, "no source_language .* received 'en'"),
        ("m2m100", {"source_language": "en"}, "target_language of af, .* zu, .* received None"),
        ("m2m100", {"source_language": "tlh"}, "source_language of .* af, .* received 'tlh'"),
        ("mbart50", {"target_language": "de"}, "target_language of .*de_DE, .* received 'de'"),
    ],
)
def test_an_unknown_language_is_refused_with_those_that_exist(kind, languages, message, copy):
    with pytest.raises(ValueError, match=message):
        Translator.from_hugging_face(copy(kind), **languages)


def retensor(folder, edit):
    path = folder / "model.safetensors"
    tensors = safetensors.numpy.load_file(path)
    edit(tensors)
    path.write_bytes(safetensors.numpy.save(tensors))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda t: t.pop("model.decoder.layers.1.fc2.bias"), "model.decoder.layers.1.fc2.bias"),
        (lambda t: t.update(extra=t["final_logits_bias"]), "received 'extra' too"),
        (
            lambda t: t.update({"lm_head.weight": t["model.shared.weight"] + 1}),
            "lm_head.weight to be the embeddings",
        ),
        (
            lambda t: t.update({"model.encoder.embed_positions.weight": t["model.shared.weight"]}),
            "positions of a marian as model.encoder.embed_positions.weight",
        ),
        (lambda t: t.update(final_logits_bias=t["final_logits_bias"][:, 1:]), "final_logits_bias"),
    ],
)  # fmt: skip
def test_a_tensor_that_does_not_fit_is_refused(edit, message, copy):
    folder = copy("marian")
    retensor(folder, edit)
    with pytest.raises(ValueError, match=message):
        Translator.from_hugging_face(folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("source.spm", b"\xffno model", "SentencePiece model at .*source.spm"),
        ("source.spm", None, "source.spm in "),
        ("target.spm", None, "target.spm in "),
        ("vocab.json", b'{"</s>": 0, "<unk>": 2, "<pad>": 3}', "ids from 0 up"),
        ("vocab.json", b'{"</s>": 0, "<unk>": 1}', "Expected <pad> in .*vocab.json"),
        ("vocab.json", b"[]", "JSON object in .*vocab.json"),
        ("adapter_config.json", b"{}", "adapter_config.json"),
    ],
)
def test_a_damaged_or_missing_file_is_named(name, content, message, copy):
    folder = copy("marian")
    (folder / name).unlink(missing_ok=True)
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        Translator.from_hugging_face(folder)


def test_old_files_with_every_name_of_a_table_are_read(copy):
    folder = copy("marian")
    expected = Translator.from_hugging_face(folder)("two dogs run")

    def edit(tensors):
        table = tensors["model.shared.weight"]
        for name in ("model.encoder.embed_tokens", "model.decoder.embed_tokens", "lm_head"):
            tensors[f"{name}.weight"] = table

    retensor(folder, edit)
    assert Translator.from_hugging_face(folder)("two dogs run") == expected
    retensor(folder, lambda tensors: tensors.pop("model.shared.weight"))
    assert Translator.from_hugging_face(folder)("two dogs run") == expected
