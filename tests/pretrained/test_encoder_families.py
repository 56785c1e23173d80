"""Kinds of encoders that change what a BERT computes, saved by transformers: the same numbers."""

import json
import typing

import keras
import numpy as np
import pytest
import safetensors.numpy
import tensorflow as tf
import tokenizer_folders
import tokenizers
import torch
import transformers

from closeness import assert_close
from kerasseq import MaskFiller, QuestionAnswerer, TextClassifier, TextEncoder, TokenClassifier
from kerasseq.pretrained import HuggingFaceFolder
from kerasseq.tasks import load
from kerasseq.text import normalize

SIZES = {
    "hidden_size": 24,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "intermediate_size": 40,
    "max_position_embeddings": 66,
}
BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def mpnet(folder, lines):
    """The published vocabulary is BERT's between four symbols and the mask."""
    return tokenizer_folders.save_wordpiece(
        folder, lines, "MPNetTokenizer", before=["<s>", "<pad>", "</s>", "<unk>", *BERT],
        behind=["<mask>"],
    )  # fmt: skip


def bert(folder, lines):
    return tokenizer_folders.save_wordpiece(folder, lines, "BertTokenizer", before=BERT)


def modern_bert(folder, lines):
    """GPT-NeoX's kind: runs of spaces and the symbols stand behind the pieces."""
    trained = tokenizers.Tokenizer(tokenizers.models.BPE())
    trained.normalizer = tokenizers.normalizers.NFC()
    trained.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=500, special_tokens=["|||IP|||", "<|padding|>"], initial_alphabet=alphabet,
        show_progress=False,
    )  # fmt: skip
    trained.train_from_iterator(lines, trainer)
    trained.add_tokens([" " * number for number in range(8, 1, -1)] + ["|||MAIL|||"])
    trained.add_special_tokens([*BERT[1:4], BERT[0]])
    trained.add_special_tokens([tokenizers.AddedToken(BERT[4], lstrip=True, special=True)])
    ends = [(name, trained.token_to_id(name)) for name in BERT[2:4]]
    trained.post_processor = tokenizers.processors.TemplateProcessing(
        "[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", ends
    )
    roles = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=trained, **dict(zip(roles, BERT, strict=True))
    )
    made.save_pretrained(folder / "saved")
    return folder / "saved"


def albert(folder, lines):
    """Its normalizers lower letters, take accents away and rewrite quotes."""
    specials = {"pad_id": 0, "unk_id": 1, "bos_id": 2, "eos_id": 3, "pad_piece": "<pad>"}
    specials |= {"bos_piece": "[CLS]", "eos_piece": "[SEP]", "control_symbols": "[MASK]"}
    lines = [line.lower() for line in lines]
    pieces = tokenizer_folders.train_pieces(lines, "unigram", 400, **specials)
    return tokenizer_folders.save(folder, "AlbertTokenizer", "spiece.model", pieces)


class Made(typing.NamedTuple):
    """How a family is made: its classes' name, its tokenizer, and its configuration."""

    name: str
    tokenizer: typing.Callable
    config: dict


FAMILIES = {
    "mpnet": Made("MPNet", mpnet, {}),
    "electra": Made("Electra", bert, {"embedding_size": 16}),
    "albert": Made("Albert", albert, {"embedding_size": 16, "classifier_dropout_prob": 0.1}),
    "albert-of-groups": Made(
        "Albert", albert, {"embedding_size": 24, "num_hidden_groups": 2, "hidden_act": "gelu"}
    ),
    "modernbert": Made("ModernBert", modern_bert, {"local_attention": 8}),
    "modernbert-by-turns": Made(
        "ModernBert",
        modern_bert,
        {"local_attention": 7, "global_attn_every_n_layers": 2, "classifier_pooling": "mean"},
    ),
    "electra-of-one-width": Made("Electra", bert, {"embedding_size": 24, "hidden_act": "relu"}),
}
TASKS = {
    "SequenceClassification": TextClassifier,
    "TokenClassification": TokenClassifier,
    "QuestionAnswering": QuestionAnswerer,
    "MaskedLM": MaskFiller,
}
TEXTS = ["two dogs play", 'a man ("x"), in a blue shirt, is standing: on a ladder...', "x"]
HARD = ["Café naïve Ångström ŠČŽ ẞ straße", "漢字とかな。中文，测试！", "don't (now) 3.5% #a @b $1"]
LONG = "a man in a blue shirt is standing on a ladder cleaning a window, " * 2


@pytest.fixture(scope="module")
def lines(data_folder, number_text):
    return tokenizer_folders.read_lines(data_folder, number_text)[:3000]


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, lines, tmp_path_factory):
    """A Made, and the folder of its tokenizer."""
    made = FAMILIES[request.param]
    return made, made.tokenizer(tmp_path_factory.mktemp(request.param), lines)


def saved(family, task, folder, **options):
    """A model of random weights, saved beside its tokenizer; returns both of transformers."""
    made, tokenizer_folder = family
    tokenizer = transformers.AutoTokenizer.from_pretrained(tokenizer_folder)
    ids = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    sizes = SIZES | made.config | ids | options
    config = getattr(transformers, f"{made.name}Config")(**sizes)
    torch.manual_seed(3)
    kind = f"For{task}" if task else "Model"
    model = getattr(transformers, made.name + kind)(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model, tokenizer


def has_segments(made):
    """Whether a family tells the second text from the first; AlbertTokenizer leaves it out."""
    return made.name in ("Electra", "Albert")


def their_logits(task, former, found):
    """transformers' outputs as the task's model has them: start and end together, tokens by the
    house's ids, of which `former` are theirs."""
    if task == "QuestionAnswering":
        return torch.stack([found.start_logits, found.end_logits], dim=1).numpy()
    if task == "MaskedLM":
        return found.logits.numpy()[..., former]
    return found.logits.numpy()


def former_ids(found, tokenizer):
    """transformers' id of each of a tokenizer's tokens; specials may have other names there."""
    ours = found.tokenizer
    names = {ours.pad_id: tokenizer.pad_token, ours.unknown_id: tokenizer.unk_token}
    names |= {ours.start_id: tokenizer.cls_token, ours.end_id: tokenizer.sep_token}
    tokens = [names.get(i, token) for i, token in enumerate(ours.vocabulary)]
    return tokenizer.convert_tokens_to_ids(tokens)


@pytest.mark.filterwarnings("ignore:Expected inputs of at most")
@pytest.mark.parametrize("task", TASKS)
def test_every_head_computes_as_transformers(task, family, tmp_path):
    labels = {"num_labels": 3} if "Classification" in task else {}
    model, tokenizer = saved(family, task, tmp_path / "folder", **labels)
    found = TASKS[task].from_hugging_face(tmp_path / "folder", max_length=64)
    former = np.array(former_ids(found, tokenizer))
    assert sorted(former) == list(range(len(tokenizer)))
    for text in [*TEXTS, LONG.strip()]:
        text = f"{text} {tokenizer.mask_token} dogs" if task == "MaskedLM" else text
        pair, words = task == "QuestionAnswering", task == "TokenClassification"
        given = ("who plays?", text) if pair else text.split() if words else text
        ids = found.ids(given)
        read = {"input_ids": torch.tensor(former[[ids]])}
        if not words:  # which stand in a sentence here, and each by itself there
            read = tokenizer(
                *(given if pair else (given,)), return_tensors="pt",
                return_token_type_ids=has_segments(family[0]),
            )  # fmt: skip
            assert former[ids].tolist() == read["input_ids"][0].tolist()
        inputs = {"tokens": np.array([ids], "int32")}
        if task == "MaskedLM":
            inputs["positions"] = np.arange(len(ids), dtype="int32")[None]
        ours = keras.ops.convert_to_numpy(found.model(inputs))
        with torch.no_grad():
            theirs = their_logits(task, former, model(**read))
        seen = ours > -9e3  # the rest cannot be an answer
        np.testing.assert_allclose(ours[seen], theirs[seen], atol=1e-4)
        padded = {name: np.pad(each, [(0, 0), (0, 3)]) for name, each in inputs.items()}
        again = keras.ops.convert_to_numpy(found.model(padded))
        again = again[..., : len(ids)] if pair else again[:, : ours.shape[1]]
        again = again[:, : len(ours[0])] if task != "SequenceClassification" else again
        assert_close(again[seen], ours[seen])


@pytest.mark.filterwarnings("ignore:Expected inputs of at most")
def test_pairs_and_whole_folders_are_read_as_transformers_reads_them(family, tmp_path):
    model, tokenizer = saved(family, "SequenceClassification", tmp_path / "folder", num_labels=2)
    found = TextClassifier.from_hugging_face(tmp_path / "folder", max_length=16)
    for pair in (("two dogs", "a cat"), ("x", LONG)):
        read = tokenizer(
            *pair, truncation="longest_first", max_length=16, padding="max_length",
            return_tensors="pt", return_token_type_ids=has_segments(family[0]),
        )  # fmt: skip
        with torch.no_grad():
            expected = torch.softmax(model(**read).logits, -1).numpy()[0]
        assert_close(next(found.probabilities([pair])), expected, terms=10000)
    found.save(tmp_path / "task")
    again = load(tmp_path / "task")
    assert again(TEXTS) == found(TEXTS)
    assert again.tokenizer.row == found.tokenizer.row
    assert again.tokenizer.get_config() == found.tokenizer.get_config()


def test_exports_answer_as_python(family, tmp_path):
    saved(family, None, tmp_path / "folder")
    encoder = TextEncoder.from_hugging_face(tmp_path / "folder", "mean", True, max_length=16)
    for name, quantize, bound in (
        ("1", None, 1e-4), ("float32.tflite", None, 1e-4), ("int8.tflite", "int8", 0.1)
    ):  # fmt: skip
        report = encoder.export(tmp_path / "encoder" / name, TEXTS, quantize=quantize)
        assert report["difference"] < bound
    assert encoder.model.encoder.attention(np.array([encoder.ids("x")])).shape[1:3] == (4, 2)


def test_texts_are_cut_as_transformers_cuts_them(family, lines, tmp_path):
    _, theirs = saved(family, None, tmp_path)
    folder = HuggingFaceFolder(tmp_path)
    ours, former = folder.tokenizer(), folder.order
    texts = [normalize(text) for text in [*lines[:1000], *HARD]]
    ids = [ours.encode(text) for text in texts]
    expected = theirs(texts, add_special_tokens=False)["input_ids"]
    assert [former[row].tolist() for row in ids] == expected
    assert ours.tokenize(tf.constant(texts)).to_list() == ids


# Of each family fields that change a number, with values that are not computed here.
REFUSED = {
    "MPNet": [("relative_attention_num_buckets", 64), ("pad_token_id", 0), ("mystery", 1)],
    "Electra": [("type_vocab_size", 1), ("position_embedding_type", "relative_key")],
    "Albert": [("inner_group_num", 2), ("num_hidden_groups", 3), ("num_hidden_layers", 10**6)],
    "ModernBert": [
        ("attention_bias", True),
        ("mlp_bias", True),
        ("norm_bias", True),
        ("classifier_bias", True),
        ("decoder_bias", False),
        ("classifier_activation", "relu"),
        ("attention_dropout", 0.1),
        ("layer_types", ["full_attention", "full_attention", "sliding_attention", "x"]),
        ("layer_types", 3),
        ("local_attention", 0),
        ("rope_scaling", {"factor": 2.0}),
        ("rope_parameters", {"full_attention": {"rope_type": "linear", "factor": 2.0}}),
        ("rope_parameters", {"sliding_attention": {"rope_theta": "x"}}),
        ("rope_parameters", {"rope_theta": 10000.0}),
        ("num_attention_heads", 24),
    ],
}


@pytest.mark.parametrize("family", ["mpnet", "electra", "albert", "modernbert"], indirect=True)
def test_fields_that_are_not_supported_are_refused_by_name(family, tmp_path):
    saved(family, None, tmp_path)
    path = tmp_path / "config.json"
    config = json.loads(path.read_text())
    for field, value in REFUSED[family[0].name]:
        path.write_text(json.dumps(config | {field: value}))
        with pytest.raises(ValueError, match="Expected .* received ") as refused:
            TextEncoder.from_hugging_face(tmp_path, "mean")
        names = {"num_hidden_layers": "layers", "num_attention_heads": "heads"}
        assert names.get(field, field) in str(refused.value)
    path.write_text(json.dumps(config))
    tensors = safetensors.numpy.load_file(tmp_path / "model.safetensors")
    extra = next(name for name in tensors if name.endswith("_embeddings.weight")) + "_further"
    tensors[extra] = np.ones(3, "float32")
    safetensors.numpy.save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=f"received '{extra}' too"):
        TextEncoder.from_hugging_face(tmp_path, "mean")


@pytest.mark.parametrize("family", ["mpnet", "electra", "albert", "modernbert"], indirect=True)
def test_what_published_configurations_say_is_read(family, tmp_path):
    """Fields of older versions, which mean what those of version 5 do, or nothing."""
    saved(family, None, tmp_path)
    path, folder = tmp_path / "config.json", HuggingFaceFolder(tmp_path)
    config = json.loads(path.read_text())
    older = {
        "MPNet": {"gradient_checkpointing": False},
        "Electra": {
            "summary_type": "first",
            "summary_use_proj": True,
            "summary_activation": "gelu",
        },
        "Albert": {"down_scale_factor": 1, "gap_size": 0, "net_structure_type": 0},
        "ModernBert": {
            "global_attn_every_n_layers": folder.options.get("global_every"),
            "global_rope_theta": 160000.0,
            "local_rope_theta": 10000.0,
            "layer_norm_eps": 1e-05,
            "position_embedding_type": "absolute",
            "sparse_pred_ignore_index": -100,
        },
    }
    for new in ("layer_types", "rope_parameters"):
        config.pop(new, None)
    path.write_text(json.dumps(config | older[family[0].name]))
    assert HuggingFaceFolder(tmp_path).options == folder.options


@pytest.mark.parametrize("family", ["mpnet", "electra", "albert", "modernbert"], indirect=True)
def test_a_folder_of_sentence_transformers_says_how_it_pools(family, tmp_path):
    model, tokenizer = saved(family, None, tmp_path)
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds)
    ]
    (tmp_path / "modules.json").write_text(json.dumps(modules))
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 48}')
    encoder = TextEncoder.from_hugging_face(tmp_path)
    assert encoder.max_length == 48
    read = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**read).last_hidden_state
    real = read["attention_mask"][..., None].float()
    expected = torch.nn.functional.normalize((states * real).sum(1) / real.sum(1))
    np.testing.assert_allclose(np.stack(encoder(TEXTS)), expected.numpy(), atol=1e-4)
