"""Each field that is not supported is refused by its name and its value."""

import json
import os
import re
import shutil

import numpy as np
import pytest
import safetensors.numpy
import transformers

from kerasseq import MaskFiller, QuestionAnswerer, TextClassifier
from kerasseq.pretrained import HuggingFaceFolder
from kerasseq.untrusted import LARGEST_FILE
from published import MINILM

SIZES = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2}
SIZES |= {"intermediate_size": 16, "max_position_embeddings": 16, "vocab_size": 30524}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """What transformers saves of a classifier with two added tokens."""
    folder = tmp_path_factory.mktemp("saved")
    config = transformers.BertConfig(**SIZES)
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer = transformers.BertTokenizer(vocab=str(MINILM / "vocab.txt"))
    tokenizer.add_tokens(["<e1>", "covid19"])
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def folder(saved, tmp_path):
    shutil.copytree(saved, tmp_path / "copy")
    return tmp_path / "copy"


def change(folder, name, keys, value):
    """Sets one field, deep in a JSON file."""
    path = folder / name
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    place = found
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    path.write_text(json.dumps(found), encoding="utf-8")


CONFIG = {
    "model_type": ["gpt2", None, 3],
    "hidden_act": ["gelu_10", "quick_gelu", "mystery", None, ["gelu"]],
    "position_embedding_type": ["relative_key", "relative_key_query"],
    "type_vocab_size": [1, 0, 3, True],
    "pad_token_id": [1],
    "is_decoder": [True],
    "is_encoder_decoder": [True],
    "add_cross_attention": [True],
    "pruned_heads": [{"0": [1]}],
    "hidden_size": ["12", 12.0, -12, True, None, 10**12],
    "num_hidden_layers": [0, 2, 10**9],
    "num_attention_heads": [5, 0],
    "vocab_size": [10**9, 30000, 30525],
    "max_position_embeddings": [17, 10**10],
    "intermediate_size": [17],
    "layer_norm_eps": ["1e-12", -1],
    "hidden_dropout_prob": [-0.1, "0.1"],
    "classifier_dropout": ["a", -1],
    "num_labels": [3, "x", 10**30],
    "id2label": [{"0": "a"}, {"0": "a", "1": "b", "2": "c"}, {"1": "a", "2": "b"}, ["a", "b"]],
    "problem_type": ["mystery"],
    "architectures": [["BertModel"], ["BertForMaskedLM"], None, ["MyBert"], [], "x", 3],
    "auto_map": [{"AutoModel": "model.MyBert"}],
    "quantization_config": [{"bits": 4}],
    "embedding_size": [128],
    "use_layer_scale": [True],
    "sentence_transformers": ["x", {"activation_fn": "torch.nn.modules.activation.Sigmoid"}],
    "sbert_ce_default_activation_function": ["torch.nn.modules.activation.Sigmoid"],
}
TOKENIZER = {
    "tokenizer_class": ["BertJapaneseTokenizer", "XLMRobertaTokenizer"],
    "tokenize_chinese_chars": [False],
    "do_lower_case": ["yes", None],
    "strip_accents": ["no"],
    "do_basic_tokenize": [False],
    "never_split": [["<e1>"]],
    "padding_side": ["left"],
    "truncation_side": ["left"],
    "split_special_tokens": [True],
    "cls_token": ["<s>", {"content": "<s>"}],
    "unk_token": ["<unk>"],
    "pad_token": ["<pad>"],
    "model_input_names": [["input_ids", "attention_mask"]],
    "add_prefix_space": [True],
    "auto_map": [["t.MyTokenizer", None]],
    "word_tokenizer_type": ["mecab"],
    "extra_special_tokens": [[3], ["new york"]],
    "additional_special_tokens": [True, "<e1>"],
    "added_tokens_decoder": [{"30522": {"content": "<e1>", "normalized": True}}],
}
FLAGS = ("added_tokens", 5)  # "<e1>"
TEMPLATE = ("post_processor", "single", 0, "SpecialToken", "id")
TOKENIZER_JSON = {
    ("model", "type"): ["BPE", "Unigram", "WordLevel"],
    ("model", "unk_token"): ["<unk>"],
    ("model", "continuing_subword_prefix"): [""],
    ("model", "max_input_chars_per_word"): [200],
    ("model", "fuse_unk"): [True],
    ("model", "vocab"): [{"[PAD]": 1}, [["a", 0.1]], {}],
    ("normalizer",): [None, {"type": "Lowercase"}, {"type": "Sequence", "normalizers": []}],
    ("normalizer", "clean_text"): [False],
    ("pre_tokenizer",): [None, {"type": "Whitespace"}],
    ("post_processor",): [None, {"type": "ByteLevel"}, True, "BertProcessing"],
    ("decoder",): [{"type": "BPEDecoder"}],
    ("decoder", "prefix"): ["@@"],
    TEMPLATE: ["[SEP]"],
    ("post_processor", "special_tokens"): [None, True],
    ("post_processor", "special_tokens", "[CLS]"): [True],
    ("post_processor", "special_tokens", "[CLS]", "ids"): [[7]],
    ("truncation",): [{"direction": "Left", "max_length": 5, "strategy": "LongestFirst"}, 3],
    ("padding",): [{"direction": "Left"}, {"direction": "Right", "pad_id": 9}],
    ("added_tokens",): [True, "<e1>"],
    (*FLAGS, "single_word"): [True],
    (*FLAGS, "id"): [30529, "30522"],
    (*FLAGS, "content"): ["covid19", " ", "new york"],
    (*FLAGS, "mystery"): [1],
    ("mystery",): [1],
}
CASES = [
    (name, keys if isinstance(keys, tuple) else (keys,), value)
    for name, fields in (
        ("config.json", CONFIG),
        ("tokenizer_config.json", TOKENIZER),
        ("tokenizer.json", TOKENIZER_JSON),
        ("special_tokens_map.json", {"sep_token": ["</s>"], "mystery": ["x"]}),
        ("added_tokens.json", {"<e1>": [5, "a"], "<e2>": [30530]}),
    )
    for keys, values in fields.items()
    for value in values
]


def text_of(case):
    name, keys, value = case
    return f"{name}-{'.'.join(map(str, keys))}-{value!r:.30}"


def test_the_folder_itself_is_read(folder):
    task = TextClassifier.from_hugging_face(folder, max_length=16)
    assert task.tokenizer.vocabulary_size == 30524


@pytest.mark.parametrize("case", CASES, ids=text_of)
def test_a_field_is_refused_by_its_name(case, folder):
    name, keys, value = case
    change(folder, name, keys, value)
    with pytest.raises(ValueError, match="Expected ") as refused:
        TextClassifier.from_hugging_face(folder, max_length=16)
    message = str(refused.value)
    assert "received" in message and str(folder) in message
    # The field, the part it stands in, or the tensor that its value does not fit.
    named = [key for key in keys if isinstance(key, str)]
    named += [f"{value!r}"[:20], *re.findall(r"\w\w+", str(value)), "id2label", "embeddings."]
    assert any(each in message for each in named), message


@pytest.mark.parametrize(
    ("name", "keys", "value"),
    [
        ("config.json", ("torch_dtype",), "float16"),
        ("config.json", ("pooler_type",), "first_token_transform"),
        ("config.json", ("label2id",), {"a": 0, "b": 1}),
        ("config.json", ("unknown_and_off",), False),
        ("config.json", ("classifier_dropout",), 0.25),
        ("tokenizer_config.json", ("model_max_length",), 512),
        ("tokenizer_config.json", ("clean_up_tokenization_spaces",), True),
        ("tokenizer.json", (*FLAGS, "lstrip"), True),
        ("tokenizer.json", ("truncation",), {"direction": "Right", "max_length": 5}),
    ],
)
def test_a_field_that_changes_nothing_is_let_be(name, keys, value, folder):
    change(folder, name, keys, value)
    task = TextClassifier.from_hugging_face(folder, max_length=16)
    rate = value if keys == ("classifier_dropout",) else 0.1
    assert task.model.dropout.rate == rate


def retensor(folder, edit):
    path = folder / "model.safetensors"
    tensors = safetensors.numpy.load_file(path)
    edit(tensors)
    path.write_bytes(safetensors.numpy.save(tensors))


@pytest.mark.parametrize(
    "name",
    [
        "bert.encoder.layer.0.adapter.weight",
        "bert.encoder.layer.1.output.dense.weight",
        "bert.embeddings.extra",
        "crf.transitions",
        "classifier.lora.weight",
    ],
)
def test_a_tensor_that_no_layer_reads_is_refused(name, folder):
    retensor(folder, lambda tensors: tensors.update({name: tensors["classifier.bias"]}))
    with pytest.raises(ValueError, match=f"received '{name}' too"):
        TextClassifier.from_hugging_face(folder, max_length=16)


def test_a_head_of_another_shape_is_refused(folder):
    retensor(folder, lambda tensors: tensors.update({"classifier.weight": np.ones((), "float32")}))
    with pytest.raises(ValueError, match=r"classifier\.weight of shape .*received \(\)"):
        TextClassifier.from_hugging_face(folder, max_length=16)


def test_an_adapter_and_a_file_too_large_are_refused(folder):
    os.truncate(folder / "tokenizer.json", LARGEST_FILE + 1)
    with pytest.raises(ValueError, match=f"at most {LARGEST_FILE} bytes in .*tokenizer.json"):
        HuggingFaceFolder(folder).tokenizer()
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(ValueError, match="adapter_config.json"):
        HuggingFaceFolder(folder)
    (folder / "config.json").write_text("[" * 100_000)
    with pytest.raises(ValueError, match="JSON object in .*config.json"):
        HuggingFaceFolder(folder)


def test_what_one_task_alone_cannot_read_is_refused(folder):
    with pytest.raises(ValueError, match="without punctuation, .*'<e1>'"):
        QuestionAnswerer.from_hugging_face(folder, 16, head="new")
    change(folder, "config.json", ("architectures",), ["BertForMaskedLM"])
    change(folder, "config.json", ("tie_word_embeddings",), False)
    with pytest.raises(ValueError, match="'tie_word_embeddings' to be True.*False"):
        MaskFiller.from_hugging_face(folder, 16)
