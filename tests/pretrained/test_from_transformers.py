"""Models and tokenizers that transformers holds in memory become tasks."""

import pathlib
import tempfile

import numpy as np
import pytest
import torch
import transformers
import translator_folders as folders

from closeness import assert_close
from kerasseq import TextClassifier, Translator
from published import MINILM


def test_a_translator_is_that_of_its_folder(tmp_path):
    folder, model, tokenizer = folders.marian(tmp_path / "marian")
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    found = Translator.from_transformers(model, tokenizer, "greedy", target_language="fra")
    expected = Translator.from_hugging_face(folder, "greedy", target_language="fra")
    lines = folders.random_lines(20)
    assert found(lines) == expected(lines) and len(set(found(lines))) > 3
    assert all(torch.equal(before[name], each) for name, each in model.state_dict().items())
    assert not list(pathlib.Path(tempfile.gettempdir()).glob("transformers.*"))


def test_a_classifier_answers_as_the_model_in_memory():
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=30522, hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
        intermediate_size=40, max_position_embeddings=64, initializer_range=0.4,
        id2label={0: "bad", 1: "good", 2: "so, so"},
    )  # fmt: skip
    model = transformers.BertForSequenceClassification(config).eval()
    tokenizer = transformers.BertTokenizer.from_pretrained(MINILM)
    classifier = TextClassifier.from_transformers(model, tokenizer, max_length=32)
    texts = ["a warm film", "it was cold, and long", "where ?"]
    with torch.no_grad():
        batch = tokenizer(texts, return_tensors="pt", padding=True)
        expected = torch.softmax(model(**batch).logits, -1).numpy()
    assert_close(np.array(list(classifier.probabilities(texts))), expected)
    assert classifier.labels == ["bad", "good", "so, so"]


def test_other_objects_are_refused():
    with pytest.raises(ValueError, match="a model of transformers.*received a str"):
        Translator.from_transformers("Helsinki-NLP/opus-mt-en-de", None)
    model = transformers.BertModel(transformers.BertConfig(hidden_size=24, num_hidden_layers=1))
    with pytest.raises(ValueError, match="a tokenizer of transformers.*received a NoneType"):
        TextClassifier.from_transformers(model, None)
