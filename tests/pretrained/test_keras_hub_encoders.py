"""KerasHub's text backbones under the heads of this package: the same vectors and answers."""

import keras
import keras_hub
import numpy as np
import pytest
from hub_models import LINES, backbone, preprocessed, tokenizer_of

from closeness import assert_close
from kerasseq import MaskFiller, QuestionAnswerer, TextClassifier, TextEncoder, TokenClassifier
from kerasseq.data import LabelledText
from kerasseq.export import LiteTask
from kerasseq.models import HubEncoder
from kerasseq.tasks import load
from kerasseq.training import fine_tuning_optimizer

LABELS = ["bad", "good", "so"]
KINDS = ("Bert", "DistilBert", "Albert", "DebertaV3", "Roberta", "XLMRoberta")


# What renumbered models call padding, unknown, start and end.
FORMER = {
    "Albert": ["<pad>", "<unk>", "[CLS]", "[SEP]"],
    "DebertaV3": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
    "Roberta": ["<pad>", "<unk>", "<s>", "</s>"],
    "XLMRoberta": ["<pad>", "<unk>", "<s>", "</s>"],
}
NAMES = {"[CLS]": "<s>", "[SEP]": "</s>", "[UNK]": "<unk>"}  # as they are called when renumbered


def packed(row):
    """A row of ids as KerasHub's backbones take it, without its segments."""
    return {"token_ids": np.array([row]), "padding_mask": np.ones((1, len(row)), "int32")}


@pytest.fixture(scope="module", params=KINDS)
def hub_classifier(request):
    keras.utils.set_random_seed(2)
    return preprocessed(request.param, "TextClassifier", num_classes=3)


@pytest.fixture(scope="module")
def classifier(hub_classifier):
    return TextClassifier.from_keras_hub(hub_classifier, labels=LABELS, examples=LINES)


def test_a_classifier_answers_as_keras_hub(hub_classifier, classifier, capsys):
    inputs = hub_classifier.preprocessor(LINES)
    expected = keras.ops.softmax(hub_classifier(inputs))
    assert_close(np.stack(list(classifier.probabilities(LINES))), np.array(expected))
    again = TextClassifier.from_keras_hub(hub_classifier, labels=LABELS)
    assert again(LINES) == classifier(LINES) and capsys.readouterr().out == ""


def test_pairs_are_packed_as_keras_hub_packs_them(hub_classifier, classifier):
    pairs = list(zip(LINES, reversed(LINES), strict=True))
    # A pair that is too long is cut otherwise: here the longer text first.
    pairs = [pair for pair in pairs if len(classifier.ids(pair)) < classifier.max_length]
    assert len(pairs) >= 2
    sides = tuple(map(list, zip(*pairs, strict=True)))
    inputs, _ = hub_classifier.preprocessor(sides, [0] * len(pairs))
    tokenizer = hub_classifier.preprocessor.tokenizer
    for pair, row in zip(pairs, np.array(inputs["token_ids"]), strict=True):
        ids = [int(i) for i in row if i != tokenizer.pad_token_id]
        names = [tokenizer.id_to_token(i) for i in ids]
        found = [classifier.tokenizer.vocabulary[i] for i in classifier.ids(pair)]
        found, names = ([NAMES.get(name, name) for name in each] for each in (found, names))
        assert found == names
    expected = keras.ops.softmax(hub_classifier(inputs))
    assert_close(np.stack(list(classifier.probabilities(pairs))), np.array(expected))


def test_a_folder_with_its_head_is_read_as_its_task(hub_classifier, classifier, tmp_path):
    hub_classifier.save_to_preset(str(tmp_path / "preset"))
    read = TextClassifier.from_keras_hub(tmp_path / "preset", labels=LABELS)
    assert_close(
        np.stack(list(read.probabilities(LINES))), np.stack(list(classifier.probabilities(LINES)))
    )
    with pytest.raises(ValueError, match="Expected 3 labels.*received 2"):
        TextClassifier.from_keras_hub(tmp_path / "preset", labels=LABELS[:2])
    (tmp_path / "preset" / "task.weights.h5").unlink()
    with pytest.raises(FileNotFoundError, match=r"task\.weights\.h5"):
        TextClassifier.from_keras_hub(tmp_path / "preset", labels=LABELS)


@pytest.mark.parametrize("kind", ["Albert", "DebertaV3", "Roberta"])
def test_it_is_trained_saved_loaded_and_exported(kind, tmp_path, capsys):
    keras.utils.set_random_seed(2)
    hub_classifier = preprocessed(kind, "TextClassifier", num_classes=3)
    task = TextClassifier.from_keras_hub(hub_classifier, labels=["x", "y"], head="new")
    out = capsys.readouterr().out
    assert "new and untrained" in out and "the labels' layer" in out
    task.examples = LINES
    rates = fine_tuning_optimizer(task.model, 10, layer_decay=0.5).factors
    assert sorted(set(rates)) == ([0.25, 0.5, 1] if kind == "Albert" else [0.125, 0.25, 0.5, 1])
    corpus = LabelledText(LINES * 8, ["x", "y"] * 32)
    history = task.fit(corpus, epochs=8, batch_size=8, learning_rate=1e-2, verbose=0).history
    assert history["loss"][-1] < 0.8 * history["loss"][0]
    task.save(tmp_path / "saved")
    again = load(tmp_path / "saved")
    assert type(again.model.encoder) is HubEncoder and again(LINES) == task(LINES)
    assert again.export(tmp_path / "model.tflite")["identical"] == 1.0
    if kind == "DebertaV3":  # a BERT's exports are in the contracts
        assert again.export(tmp_path / "1")["identical"] == 1.0
        assert again.export(tmp_path / "int8.tflite", quantize="int8")["identical"] >= 0.95
    assert LiteTask(tmp_path / "model.tflite")(LINES) == task(LINES)
    with pytest.raises(ValueError, match="HubEncoder"):
        task.attention(LINES[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_filler_answers_as_keras_hub(kind):
    keras.utils.set_random_seed(3)
    hub = preprocessed(kind, "MaskedLM")
    numbers = np.random.default_rng(0)
    hub.set_weights([numbers.normal(w, 0.05) for w in hub.get_weights()])  # no bias of zeros
    filler = MaskFiller.from_keras_hub(hub)
    mask = filler.tokenizer.mask
    assert mask == ("<mask>" if "Roberta" in kind else "[MASK]")
    row = filler.processor.ids(f"a warm {mask} in {mask}")
    places = [i for i, token in enumerate(row) if token == filler.tokenizer.mask_id]
    former = [hub.preprocessor.tokenizer.token_to_id(name) for name in FORMER.get(kind, [])]
    names = filler.tokenizer.vocabulary[4:]
    rows = former + [hub.preprocessor.tokenizer.token_to_id(name) for name in names]
    rows = np.array(rows) if former else np.arange(len(names) + 4)
    inputs = packed(rows[row]) | {"mask_positions": np.array([places])}
    if "segment_ids" in hub.backbone.input:
        inputs["segment_ids"] = np.zeros((1, len(row)), "int32")
    expected = np.array(hub(inputs))[..., rows]
    inputs = {"tokens": np.array([row]), "positions": np.array([places])}
    assert_close(np.array(filler.model(inputs)), expected)
    assert len(filler(f"a warm {mask}", count=3)[0]) == 3


def test_vectors_are_those_of_the_bare_backbone(capsys):
    keras.utils.set_random_seed(5)
    bare = backbone("Electra")
    task = TextEncoder.from_keras_hub(bare, tokenizer=tokenizer_of("Electra"), normalize=False)
    assert capsys.readouterr().out == ""  # nothing is new
    for line, vector in zip(LINES, task(LINES), strict=True):
        row = task.ids(line)
        found = bare(packed(row) | {"segment_ids": np.zeros((1, len(row)), "int32")})
        assert_close(vector, np.array(found["sequence_output"])[0].mean(axis=0))


HUGGING_FACE = {
    "Bert": {}, "DistilBert": {}, "Roberta": {}, "XLMRoberta": {}, "Albert": {"embedding_size": 8},
}  # fmt: skip


@pytest.mark.parametrize("kind", HUGGING_FACE)
def test_vectors_are_those_of_transformers(kind, tmp_path):
    transformers, torch = pytest.importorskip("transformers"), pytest.importorskip("torch")
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    if kind == "DistilBert":
        sizes = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}
    else:
        sizes["intermediate_size"] = 32
    torch.manual_seed(0)
    config = getattr(transformers, f"{kind}Config")(vocab_size=40, **sizes | HUGGING_FACE[kind])
    # KerasHub looks for the names that the encoder has inside another model.
    model = getattr(transformers, f"{kind}ForSequenceClassification")(config).eval()
    if kind == "Roberta":  # KerasHub leaves its one segment out, which is 0 in published weights
        torch.nn.init.zeros_(model.base_model.embeddings.token_type_embeddings.weight)
    model.save_pretrained(tmp_path)
    encoder = HubEncoder(keras_hub.models.Backbone.from_preset(str(tmp_path)), separator_id=9)
    tokens = np.random.default_rng(0).integers(10, 40, (3, 8))
    tokens[:, 4] = 9
    inputs = {"input_ids": torch.tensor(tokens)}
    if "segment_ids" in encoder.network.input:
        inputs["token_type_ids"] = torch.tensor([[0] * 5 + [1] * 3] * 3)
    with torch.no_grad():
        expected = model.base_model(**inputs).last_hidden_state.numpy()
    np.testing.assert_allclose(np.array(encoder({"tokens": tokens})[0]), expected, atol=1e-4)


def test_a_tagger_and_a_question_answerer_have_new_heads(capsys):
    tokenizer = tokenizer_of("Bert")
    bare = backbone("Bert")
    tagger = TokenClassifier.from_keras_hub(
        bare, tokenizer=tokenizer, labels=["O", "B-x"], head="new"
    )
    answerer = QuestionAnswerer.from_keras_hub(
        bare, tokenizer=tokenizer, head="new", overlap=4, longest=4
    )
    assert capsys.readouterr().out.count("new and untrained") == 2
    assert len(tagger("one two three")) == 3 and tagger.max_length == 24
    assert isinstance(answerer(("who?", " ".join(LINES))), str)
    for kind, options in ((TokenClassifier, {"labels": ["O"]}), (QuestionAnswerer, {})):
        with pytest.raises(ValueError, match='head="new"'):
            kind.from_keras_hub(bare, tokenizer=tokenizer, **options)


def test_a_model_of_another_kind_gets_one_sentence():
    bare = backbone("Bert")
    with pytest.raises(ValueError, match="preprocessor"):
        TextEncoder.from_keras_hub(bare)
    with pytest.raises(ValueError, match="labels as a list of str"):
        TextClassifier.from_keras_hub(bare, tokenizer=tokenizer_of("Bert"), head="new")
    with pytest.raises(ValueError, match="FNetBackbone"):
        HubEncoder(
            keras_hub.models.FNetBackbone(
                9, num_layers=1, hidden_dim=8, intermediate_dim=8, max_sequence_length=8
            )
        )
    kept = keras_hub.models.BertTokenizer(
        tokenizer_of("Bert").vocabulary, special_tokens_in_strings=True
    )
    with pytest.raises(ValueError, match="special_tokens_in_strings"):
        TextEncoder.from_keras_hub(bare, tokenizer=kept)
