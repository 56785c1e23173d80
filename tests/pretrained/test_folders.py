"""What transformers writes today is read exactly; what is not supported is refused by name."""

import json
import re

import numpy as np
import pytest
import safetensors.numpy
import tensorflow as tf
import tokenizers
import torch
import transformers

from kerasseq import MaskFiller, QuestionAnswerer, TextClassifier, TokenClassifier
from kerasseq.pretrained import HuggingFaceFolder, inert
from kerasseq.pretrained.family import GELU_TANH

TEXTS = [
    "A warm and funny film about Berlin .",
    "The plot is dull , and the acting worse .",
    "Anna met Bob in Paris yesterday !",
    "a slow start but a strong finish",
]
BERT = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 40,
}
DISTIL = {"dim": 24, "n_layers": 2, "n_heads": 3, "hidden_dim": 40}


def tokenizer(folder, lowercase=True, added=()):
    """A tokenizer trained on TEXTS, saved as transformers saves it today."""
    made = tokenizers.BertWordPieceTokenizer(lowercase=lowercase)
    made.train_from_iterator(TEXTS, vocab_size=180, min_frequency=1, show_progress=False)
    pieces = sorted(made.get_vocab(), key=made.get_vocab().get)
    found = transformers.BertTokenizer(
        vocab={piece: i for i, piece in enumerate(pieces)}, do_lower_case=lowercase
    )
    found.add_tokens(list(added))
    found.save_pretrained(folder)
    return found


def model(folder, kind, vocabulary_size, **options):
    """A model of transformers with random weights, saved."""
    torch.manual_seed(1)
    name = "DistilBert" if kind.startswith("Distil") else "Bert"
    sizes = {"vocab_size": vocabulary_size, "max_position_embeddings": 64, "initializer_range": 0.4}
    sizes |= BERT if name == "Bert" else DISTIL
    config = getattr(transformers, f"{name}Config")(**(sizes | options))
    found = getattr(transformers, kind)(config).eval()
    found.save_pretrained(folder)
    return found


def logits(found, reference, *text):
    """What transformers answers to a text or a pair of texts."""
    inputs = reference(*text, return_tensors="pt")
    if found.config.model_type == "distilbert":
        inputs.pop("token_type_ids", None)
    with torch.no_grad():
        return found(**inputs).logits[0].numpy()


def edit(folder, name, **changes):
    """Rewrites fields of a JSON file; a field that is `...` goes."""
    path = folder / name
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    found |= changes
    kept = {key: value for key, value in found.items() if value is not ...}
    path.write_text(json.dumps(kept), encoding="utf-8")


def probabilities(values):
    return torch.tensor(values).softmax(-1).numpy()


@pytest.fixture
def classifier_folder(tmp_path):
    """A folder of a classifier with two labels, its model and tokenizer."""
    reference = tokenizer(tmp_path, added=["<subj>", "covid19"])
    return tmp_path, model(tmp_path, CLASSIFIER, len(reference)), reference


CLASSIFIER = "BertForSequenceClassification"


@pytest.mark.parametrize("kind", [CLASSIFIER, "DistilBertForSequenceClassification"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_what_transformers_saves_today_is_read(kind, lowercase, tmp_path):
    reference = tokenizer(tmp_path, lowercase, ["<subj>", "covid19", "Zürich"])
    found = model(tmp_path, kind, len(reference) + 3)  # padded, as many tables are
    assert not (tmp_path / "vocab.txt").exists()
    ours = TextClassifier.from_hugging_face(tmp_path, max_length=64)
    texts = [*TEXTS, "<subj> the cat COVID19 covid19", "zürich ZÜRICH Zürich", "un<subj>to"]
    expected = [reference(text)["input_ids"] for text in texts]
    assert [ours.ids(text) for text in texts] == expected
    graph = ours.tokenizer.tokenize(tf.constant(texts)).to_list()
    assert graph == [row[1:-1] for row in expected]
    answers = np.stack(list(ours.probabilities(texts)))
    wanted = [probabilities(logits(found, reference, text)) for text in texts]
    np.testing.assert_allclose(answers, wanted, atol=1e-4)
    pair = (texts[0], texts[4])
    (answer,) = ours.probabilities([pair])
    wanted = probabilities(logits(found, reference, *pair))
    np.testing.assert_allclose(answer, wanted, atol=1e-4)
    ours.save(tmp_path / "saved")
    (again,) = TextClassifier.load(tmp_path / "saved").probabilities([pair])
    np.testing.assert_allclose(again, wanted, atol=1e-4)


def test_every_field_that_transformers_writes_is_known(classifier_folder):
    """A new field of a new version is seen here first."""
    folder, _, reference = classifier_folder
    for kind in (transformers.BertConfig, transformers.DistilBertConfig):
        config = kind(architectures=["x"]).to_dict() | {"id2label": {"0": "a", "1": "b"}}
        (folder / "config.json").unlink()
        edit(folder, "config.json", **config | {"vocab_size": len(reference)})
        HuggingFaceFolder(folder).tokenizer()
    assert all(inert.CONFIG.values()) and all(inert.TOKENIZER.values())


def test_shards_are_read_and_must_be_whole(classifier_folder):
    folder, found, reference = classifier_folder
    (folder / "model.safetensors").unlink()
    found.save_pretrained(folder, max_shard_size="20KB")
    shards = sorted(folder.glob("model-*.safetensors"))
    assert len(shards) > 2
    (answer,) = TextClassifier.from_hugging_face(folder, max_length=32).probabilities(TEXTS[:1])
    wanted = probabilities(logits(found, reference, TEXTS[0]))
    np.testing.assert_allclose(answer, wanted, atol=1e-4)
    index = "model.safetensors.index.json"
    places = json.loads((folder / index).read_text())["weight_map"]
    name = next(iter(places))
    for place in ("../model.safetensors", "/etc/passwd", "pytorch_model.bin", 3):
        edit(folder, index, weight_map=places | {name: place})
        with pytest.raises(ValueError, match="weight_map from tensors to .safetensors"):
            TextClassifier.from_hugging_face(folder)
    other = next(place for place in places.values() if place != places[name])
    edit(folder, index, weight_map=places | {name: other})
    with pytest.raises(ValueError, match=f"'{re.escape(name)}' elsewhere"):
        TextClassifier.from_hugging_face(folder)
    edit(folder, index, weight_map=places)
    shards[0].unlink()
    with pytest.raises(FileNotFoundError, match=f"Expected {shards[0].name}"):
        TextClassifier.from_hugging_face(folder)


@pytest.mark.parametrize("activation", [*GELU_TANH, "gelu", "gelu_python", "silu", "swish"])
def test_activations_are_the_ones_of_their_names(activation, tmp_path):
    reference = tokenizer(tmp_path)
    found = model(tmp_path, "BertForTokenClassification", len(reference), hidden_act=activation)
    ours = TokenClassifier.from_hugging_face(tmp_path, max_length=32)
    row = reference(TEXTS[0])["input_ids"]
    answer = np.array(ours.model({"tokens": np.array([row])}))[0]
    np.testing.assert_allclose(answer, logits(found, reference, TEXTS[0]), atol=2e-5)
    assert (ours.model.encoder.config["activation"] == "gelu_tanh") == (activation in GELU_TANH)


def test_case_is_what_either_file_says(tmp_path):
    folder = tmp_path
    reference = tokenizer(folder, lowercase=False)
    model(folder, CLASSIFIER, len(reference))

    def ids():
        return HuggingFaceFolder(folder).tokenizer().encode("Anna met BOB")

    def theirs():
        found = transformers.AutoTokenizer.from_pretrained(folder)
        return found("Anna met BOB", add_special_tokens=False)["input_ids"]

    cased = ids()
    assert cased == theirs()
    edit(folder, "tokenizer_config.json", do_lower_case=True)  # it counts for BertTokenizer
    assert ids() == theirs() != cased
    for kind in ("PreTrainedTokenizerFast", "TokenizersBackend"):  # for these it does not
        edit(folder, "tokenizer_config.json", tokenizer_class=kind)
        assert ids() == theirs() == cased
    edit(folder, "tokenizer_config.json", tokenizer_class="BertTokenizer", do_lower_case=...)
    assert ids() == cased
    (folder / "tokenizer_config.json").unlink()
    assert ids() == cased


def test_older_files_of_added_tokens_are_read(classifier_folder):
    """vocab.txt, added_tokens.json and special_tokens_map.json, as versions before 5 wrote."""
    folder, _, _ = classifier_folder
    pieces = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces), "utf-8")
    size = len(pieces)
    edit(folder, "added_tokens.json", **{"<e1>": size, "Covid19": size + 1})
    edit(folder, "special_tokens_map.json", additional_special_tokens=["<e1>"], cls_token="[CLS]")
    ours = HuggingFaceFolder(folder).tokenizer()
    assert ours.added_tokens == {"<e1>": True, "Covid19": True}
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    for text in ("<e1> the covid19", "<E1> COVID19x"):
        assert ours.encode(text) == theirs(text, add_special_tokens=False)["input_ids"]
    edit(folder, "tokenizer_config.json", extra_special_tokens=["<e1>", "<e2>"])
    ours = HuggingFaceFolder(folder).tokenizer()
    assert ours.added_tokens == {"<e1>": False, "Covid19": True, "<e2>": False}
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    for text in ("<e1> the covid19<e2>", "<E1> COVID19x<E2>"):
        assert ours.encode(text) == theirs(text, add_special_tokens=False)["input_ids"]
    edit(folder, "added_tokens.json", **{"<e1>": size + 7})
    with pytest.raises(ValueError, match=f"'<e1>' .* at id {size + 1}|'Covid19' .* at id {size}"):
        HuggingFaceFolder(folder).tokenizer()


def test_one_logit_is_a_value(tmp_path):
    reference = tokenizer(tmp_path)
    found = model(tmp_path, CLASSIFIER, len(reference), num_labels=1)
    ours = TextClassifier.from_hugging_face(tmp_path, max_length=64)
    pairs = [(TEXTS[0], TEXTS[1]), (TEXTS[2], TEXTS[3])]
    assert ours.kind == "regression" and ours.labels == ["LABEL_0"]
    wanted = [logits(found, reference, *pair)[0] for pair in pairs]
    np.testing.assert_allclose(ours.predict(pairs), wanted, atol=1e-4)
    edit(tmp_path, "config.json", problem_type="multi_label_classification")
    ours = TextClassifier.from_hugging_face(tmp_path, max_length=64)
    assert ours.kind == "multi_label"
    edit(tmp_path, "config.json", problem_type="single_label_classification")
    with pytest.raises(ValueError, match="'problem_type'.*'single_label_classification' and 1"):
        TextClassifier.from_hugging_face(tmp_path)


def test_labels_rename_a_trained_head_and_must_fit(classifier_folder):
    folder, found, reference = classifier_folder
    ours = TextClassifier.from_hugging_face(folder, ["bad", "good"], max_length=64)
    assert ours.labels == ["bad", "good"]
    (answer,) = ours.probabilities(TEXTS[:1])
    wanted = probabilities(logits(found, reference, TEXTS[0]))
    np.testing.assert_allclose(answer, wanted, atol=1e-4)
    with pytest.raises(ValueError, match='Expected 2 labels.*received 3.*head="new"'):
        TextClassifier.from_hugging_face(folder, ["a", "b", "c"])


TASKS = {
    "ForSequenceClassification": TextClassifier,
    "ForTokenClassification": TokenClassifier,
    "ForQuestionAnswering": QuestionAnswerer,
    "ForMaskedLM": MaskFiller,
    "Model": None,
}


@pytest.mark.parametrize("family", ["Bert", "DistilBert"])
@pytest.mark.parametrize("suffix", TASKS)
def test_a_folder_is_what_architectures_say(family, suffix, tmp_path, capsys):
    model(tmp_path, f"{family}{suffix}", len(tokenizer(tmp_path)))
    capsys.readouterr()
    for task in filter(None, TASKS.values()):
        if task is TASKS[suffix]:
            task.from_hugging_face(tmp_path, max_length=64)
            assert capsys.readouterr().out == ""
            continue
        with pytest.raises(ValueError, match=f"'{family}{suffix}'.*head=\"new\""):
            task.from_hugging_face(tmp_path, max_length=64)
        labels = {"labels": ["a", "b"]} if task in (TextClassifier, TokenClassifier) else {}
        task.from_hugging_face(tmp_path, max_length=64, head="new", **labels)
        out = capsys.readouterr().out
        assert out.count("\n") == 1 and f"({family}{suffix}): taken over the encoder" in out
        assert "new and untrained" in out
    with pytest.raises(ValueError, match='Expected head="new"'):
        TextClassifier.from_hugging_face(tmp_path, head="old")


def test_a_new_head_keeps_the_pooler_and_names_what_it_leaves(tmp_path, capsys):
    model(tmp_path, "BertForPreTraining", len(tokenizer(tmp_path)))
    ours = TextClassifier.from_hugging_face(tmp_path, ["a", "b"], 64, head="new")
    out = capsys.readouterr().out
    assert "taken over the encoder, bert.pooler.dense; new and untrained classifier;" in out
    assert "left out cls.predictions, cls.predictions.transform.LayerNorm" in out
    kernel = safetensors.numpy.load_file(tmp_path / "model.safetensors")["bert.pooler.dense.weight"]
    np.testing.assert_array_equal(ours.model.hidden_dense.kernel, kernel.T)
