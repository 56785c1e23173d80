"""BERT and DistilBERT folders of Hugging Face's layout: the same numbers, and clear refusals."""

import json
import pathlib
import shutil

import huggingface_hub
import keras
import numpy as np
import pytest
import safetensors.numpy
import torch
import transformers
from safetensors.torch import load_file, save_file

from closeness import assert_close
from kerasseq import MaskFiller, QuestionAnswerer, TextClassifier, TokenClassifier
from kerasseq.data import LabelledText
from kerasseq.models.span_classifier import LOWEST
from kerasseq.pretrained import HuggingFaceFolder
from kerasseq.pretrained.folder import JSON_FILES, OTHER_FILES
from published import MINILM

REFERENCE = pathlib.Path(__file__).parents[1] / "models" / "minilm_reference.npz"
SMALL = {"vocab_size": 30522, "max_position_embeddings": 128}
BERT = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 40,
}
DISTIL = {"dim": 24, "n_layers": 2, "n_heads": 3, "hidden_dim": 40}
TENSORS = ["model.safetensors", "model-*.safetensors"]
TEXTS = ["A man plays guitar .", "", "the " * 50, "Où est la gare ?"]


@pytest.fixture(scope="module")
def minilm():
    folder = HuggingFaceFolder(MINILM)
    tokenizer = folder.tokenizer()
    return folder.encoder(tokenizer)


def test_real_weights_give_the_reference_s_vectors_and_attention(minilm):
    expected = np.load(REFERENCE)
    vectors, mask = minilm({"tokens": expected["tokens"]})
    assert_close(vectors[..., :32], expected["vectors"])
    np.testing.assert_array_equal(mask, expected["tokens"] != 0)
    attention = np.array(minilm.attention(expected["tokens"]))[:, ::5, ::4]
    real = np.broadcast_to(np.array(mask)[:, None, None, :, None], attention.shape)
    assert_close(attention[real], expected["attention"][real])


def saved(kind, folder, **labels):
    """A small random model with a head, saved by transformers, and the model."""
    torch.manual_seed(1)
    name = "Bert" if kind.startswith("Bert") else "DistilBert"
    options = SMALL | (BERT if name == "Bert" else DISTIL) | labels
    config = getattr(transformers, f"{name}Config")(**options, initializer_range=0.4)
    model = getattr(transformers, kind)(config).eval()
    model.save_pretrained(folder)
    shutil.copy(MINILM / "vocab.txt", folder)
    return model


def torch_rows(model, rows):
    """What PyTorch answers to rows of ids and segments, one by one."""
    with torch.no_grad():
        return [model(**{k: torch.tensor([v]) for k, v in row.items()}) for row in rows]


def reference_rows(kind, *texts, **options):
    tokenizer = transformers.BertTokenizer.from_pretrained(MINILM)
    rows = [tokenizer(*each, truncation=True, **options) for each in zip(*texts, strict=True)]
    known = ("input_ids", "attention_mask", "token_type_ids")
    kept = known if kind.startswith("Bert") else known[:2]
    return [{key: row[key] for key in kept} for row in rows]


@pytest.mark.parametrize("kind", ["Bert", "DistilBert"])
@pytest.mark.parametrize("problem", ["single_label", "multi_label"])
def test_a_fine_tuned_classifier_is_taken_over(kind, problem, tmp_path):
    kind += "ForSequenceClassification"
    names = {0: "bad", 1: "good", 2: "so-so"}
    labels = {"id2label": names, "problem_type": f"{problem}_classification"}
    model = saved(kind, tmp_path, **labels)
    classifier = TextClassifier.from_hugging_face(tmp_path, max_length=32)
    assert classifier.labels == list(names.values()) and classifier.kind == problem
    texts = [text for text in TEXTS if text]
    logits = torch.cat(
        [f.logits for f in torch_rows(model, reference_rows(kind, texts, max_length=32))]
    )
    expected = logits.softmax(-1) if problem == "single_label" else logits.sigmoid()
    found = np.stack(list(classifier.probabilities(texts)))
    assert_close(found, expected)
    if kind.startswith("Bert"):
        pairs = [(text, "and another") for text in texts]
        rows = reference_rows(kind, *zip(*pairs, strict=True), max_length=32)
        logits = torch.cat([each.logits for each in torch_rows(model, rows)])
        expected = logits.softmax(-1) if problem == "single_label" else logits.sigmoid()
        found = np.stack(list(classifier.probabilities(pairs)))
        assert_close(found, expected)


@pytest.mark.parametrize("kind", ["Bert", "DistilBert"])
def test_a_fine_tuned_tagger_is_taken_over(kind, tmp_path):
    kind += "ForTokenClassification"
    model = saved(kind, tmp_path, id2label={0: "O", 1: "B-x", 2: "I-x"})
    tagger = TokenClassifier.from_hugging_face(tmp_path, max_length=32)
    words = ["Unbelievable", "tokenization", "of", "Paris"]
    (row,) = reference_rows(kind, [" ".join(words)])
    (found,) = torch_rows(model, [row])
    places = tagger.row(words)[1]
    expected = found.logits.softmax(-1)[0, places]
    assert_close(next(tagger.probabilities([words])), expected)
    assert tagger.labels == ["O", "B-x", "I-x"]


@pytest.mark.parametrize("kind", ["Bert", "DistilBert"])
@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "relu"])
def test_a_pretrained_mask_filler_is_taken_over(kind, activation, tmp_path):
    kind += "ForMaskedLM"
    field = "hidden_act" if kind.startswith("Bert") else "activation"
    model = saved(kind, tmp_path, **{field: activation})
    filler = MaskFiller.from_hugging_face(tmp_path, max_length=32)
    text = "Paris is the [MASK] of [MASK] ."
    (row,) = reference_rows(kind, [text])
    (found,) = torch_rows(model, [row])
    ids = row["input_ids"]
    assert filler.ids(text) == ids
    places = [i for i, token in enumerate(ids) if token == filler.tokenizer.mask_id]
    ours = np.array(filler.model({"tokens": np.array([ids]), "positions": np.array([places])}))
    np.testing.assert_allclose(ours[0], found.logits[0, places], atol=1e-4)
    best = [filler.tokenizer.vocabulary[i] for i in found.logits[0, places].argmax(-1)]
    assert [labels[0].text for labels in filler(text)] == best
    filler.save(tmp_path / "saved")
    again = MaskFiller.load(tmp_path / "saved")(text)
    assert [each.text for row in again for each in row] == [
        each.text for row in filler(text) for each in row
    ]


def test_tied_embeddings_of_another_shape_are_refused(tmp_path):
    saved("BertForMaskedLM", tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    tensors["cls.predictions.decoder.weight"] = torch.zeros(3, 3)
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=r"decoder\.weight of shape .*received \(3, 3\)"):
        MaskFiller.from_hugging_face(tmp_path)


def test_a_pretraining_model_gives_its_mask_filler(tmp_path):
    model = saved("BertForPreTraining", tmp_path)
    filler = MaskFiller.from_hugging_face(tmp_path)
    (row,) = reference_rows("Bert", ["a [MASK] ."])
    (found,) = torch_rows(model, [row])
    tokens = np.array([row["input_ids"]])
    ours = np.array(filler.model({"tokens": tokens, "positions": np.array([[2]])}))
    np.testing.assert_allclose(ours[0, 0], found.prediction_logits[0, 2], atol=1e-4)


@pytest.mark.parametrize("kind", ["Bert", "DistilBert"])
def test_a_fine_tuned_question_answerer_is_taken_over(kind, tmp_path):
    kind += "ForQuestionAnswering"
    model = saved(kind, tmp_path)
    finder = QuestionAnswerer.from_hugging_face(tmp_path, max_length=48, threshold=None)
    question, context = "Where is it?", "It is in Paris, the capital of France."
    (row,) = reference_rows(kind, [question], [context])
    (found,) = torch_rows(model, [row])
    logits = np.array(finder.model({"tokens": np.array([row["input_ids"]])}))[0]
    allowed = logits[0] > LOWEST
    assert allowed.sum() == 1 + len(finder.tokenizer.encode(context))
    assert_close(logits[0][allowed], found.start_logits[0][allowed])
    assert_close(logits[1][allowed], found.end_logits[0][allowed])
    assert finder((question, context)) in context


@pytest.fixture
def folder(tmp_path):
    saved("BertModel", tmp_path)
    return tmp_path


def edit(folder, change):
    """Rewrites the folder's tensors."""
    path = folder / "model.safetensors"
    tensors = safetensors.numpy.load(path.read_bytes())
    change(tensors)
    path.write_bytes(safetensors.numpy.save(tensors))


def encoder_weights(folder):
    task = TextClassifier.from_hugging_face(folder, ["a", "b"], head="new")
    return task.model.encoder.get_weights()


def test_old_names_of_normalisations_are_read(folder):
    before = encoder_weights(folder)

    def rename(tensors):
        for name in [name for name in tensors if "LayerNorm" in name]:
            new = name.replace("weight", "gamma").replace("bias", "beta")
            tensors[new] = tensors.pop(name)

    edit(folder, rename)
    after = encoder_weights(folder)
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


def test_bfloat16_is_read_and_other_numbers_get_one_sentence(folder):
    before = encoder_weights(folder)
    path = folder / "model.safetensors"
    tensors = load_file(path)
    save_file({name: each.bfloat16() for name, each in tensors.items()}, path)
    after = encoder_weights(folder)
    for a, b in zip(before, after, strict=True):
        np.testing.assert_allclose(a, b, rtol=2**-8)
    save_file({name: each.to(torch.int8) for name, each in tensors.items()}, path)
    with pytest.raises(ValueError, match="F16, BF16.*received I8 "):
        TextClassifier.from_hugging_face(folder, ["a", "b"], head="new")


def test_a_bad_folder_gets_one_sentence(folder):
    def load():
        return TextClassifier.from_hugging_face(folder, ["a", "b"], head="new")

    with pytest.raises(ValueError, match="labels.*received none"):
        TextClassifier.from_hugging_face(folder, head="new")
    name = "encoder.layer.1.intermediate.dense.weight"
    whole = (folder / "model.safetensors").read_bytes()
    edit(folder, lambda tensors: tensors.update({name: tensors[name] * np.float32(np.nan)}))
    with pytest.raises(ValueError, match=f"Expected numbers in {name} of .*; received NaN"):
        load()
    (folder / "model.safetensors").write_bytes(whole)
    edit(folder, lambda tensors: tensors.update({name: tensors[name][:, :5].copy()}))
    with pytest.raises(ValueError, match=name):
        load()
    edit(folder, lambda tensors: tensors.pop(name))
    with pytest.raises(ValueError, match=f"'{name}'.*received 38 "):
        load()
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ValueError, match=r"model\.safetensors"):
        load()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(FileNotFoundError, match=r"Expected .*model\.safetensors"):
        load()
    config = json.loads((folder / "config.json").read_text())
    for change, message in (
        ({"hidden_act": "mystery"}, "activation.*received 'mystery'"),
        ({"model_type": "gpt2"}, "bert, distilbert.*received 'gpt2'"),
    ):
        (folder / "config.json").write_text(json.dumps(config | change))
        (folder / "pytorch_model.bin").rename(folder / "model.safetensors")
        edit_ = safetensors.numpy.save({"x": np.zeros(2, "float32")})
        (folder / "model.safetensors").write_bytes(edit_)
        with pytest.raises(ValueError, match=message):
            load()
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    (folder / "config.json").write_text("[]")
    with pytest.raises(ValueError, match=r"JSON .*config\.json"):
        load()
    (folder / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"Expected .*config\.json"):
        load()


def test_files_that_do_not_fit_each_other_get_one_sentence(folder):
    def refused(message, **options):
        with pytest.raises(ValueError, match=message):
            TextClassifier.from_hugging_face(folder, ["a", "b"], head="new", **options)

    path, vocabulary, settings = (
        folder / name for name in ("config.json", "vocab.txt", "tokenizer_config.json")
    )
    config = json.loads(path.read_text())
    for name in ("hidden_size", "vocab_size", "hidden_act", "max_position_embeddings"):
        path.write_text(json.dumps({k: v for k, v in config.items() if k != name}))
        refused(f"'{name}' in .*config.json")
    path.write_text(json.dumps(config | {"num_hidden_layers": 1}))
    refused("1 layers.*'encoder.layer.1")
    path.write_text("{")
    refused(r"JSON .*config\.json")
    path.write_text(json.dumps(config))
    refused("label.*received a, b", kind="regression")
    refused("max_length.*128 .*received 129", max_length=129)
    for damaged in ("[1]", "{"):
        settings.write_text(damaged)
        refused(r"JSON .*tokenizer_config\.json")
    settings.unlink()
    lines = vocabulary.read_bytes()
    vocabulary.write_bytes(lines + b"##xyzzy\n")
    refused("at most 30522 tokens.*received 30523")
    vocabulary.write_bytes(lines + b"\xff\n")
    refused(r"UTF-8 .*vocab\.txt")


def test_a_name_that_is_nowhere_gets_one_sentence(monkeypatch):
    def refuse(name, **options):
        raise ConnectionError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(FileNotFoundError, match="no/such.*ConnectionError"):
        HuggingFaceFolder("no/such")


def test_a_name_on_the_hub_is_downloaded_without_what_can_run_code(folder, monkeypatch):
    asked = []

    def give(name, allow_patterns):
        asked.append((name, sorted(allow_patterns)))
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", give)
    assert HuggingFaceFolder("some/model").path == folder
    assert asked == [("some/model", sorted([*JSON_FILES, *OTHER_FILES, *TENSORS]))]
    assert not [name for name in asked[0][1] if name.endswith((".bin", ".py", ".pkl", ".pt"))]


def test_bfloat16_learns_and_gives_float32_logits(folder):
    keras.utils.set_random_seed(0)
    classifier = TextClassifier.from_hugging_face(
        folder, ["music", "trains"], 16, dtype="mixed_bfloat16", head="new"
    )
    texts = ["A man plays guitar .", "The train is late ."] * 8
    corpus = LabelledText(texts, ["music", "trains"] * 8)
    batches = corpus.batches(classifier.ids, classifier.labels, 16)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.model.compile(keras.optimizers.Adam(1e-3), loss)
    history = classifier.model.fit(batches, epochs=6, verbose=0).history
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    tokens = np.array([classifier.ids(text) for text in texts[:1]])
    logits = classifier.model({"tokens": tokens})
    assert logits.dtype == "float32" and np.all(np.isfinite(logits))
    vectors, _ = classifier.model.encoder({"tokens": tokens})
    assert vectors.dtype == "bfloat16"
