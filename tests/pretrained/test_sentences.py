"""Sentence vectors: a published model's, beside transformers, and what its folder may say."""

import json
import os
import shutil

import numpy as np
import pytest
import torch
import transformers

from closeness import assert_close
from kerasseq import TextEncoder
from kerasseq.models import SentenceEncoder
from kerasseq.tasks import load
from published import MINILM

TEXTS = ["a warm film", "a film that warms", "The bill was passed, in 1999.", "x"]


@pytest.fixture(scope="module")
def encoder():
    return TextEncoder.from_hugging_face(MINILM)


@pytest.fixture
def copied(tmp_path):
    """The folder, to be written into: its weights, which are large, are the same file."""
    weights, found = "model.safetensors", tmp_path / "model"
    shutil.copytree(MINILM, found, ignore=shutil.ignore_patterns(weights))
    try:
        os.link(MINILM / weights, found / weights)
    except OSError:  # on another disk
        shutil.copy(MINILM / weights, found / weights)
    return found


def reference(texts):
    """The mean of the last layer over real tokens, scaled to length 1, by transformers."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(MINILM)
    model = transformers.AutoModel.from_pretrained(MINILM).eval()
    batch = tokenizer(texts, padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch).last_hidden_state
    real = batch["attention_mask"][..., None].float()
    return torch.nn.functional.normalize((states * real).sum(1) / real.sum(1)).numpy()


def test_a_published_model_gives_transformers_vectors(encoder):
    assert (encoder.model.pooling, encoder.model.normalize, encoder.max_length) == (
        "mean",
        True,
        256,
    )
    found = np.stack(encoder(TEXTS))
    np.testing.assert_allclose(found, reference(TEXTS), atol=1e-4)
    likeness = found @ found.T
    assert likeness[0, 1] > 0.7 > 0.3 > likeness[0, 2]
    assert_close(encoder(TEXTS[0]), found[0], terms=384)


def test_it_is_saved_and_loaded(encoder, tmp_path):
    encoder.save(tmp_path)
    again = load(tmp_path)
    assert type(again) is TextEncoder
    assert_close(again(TEXTS[1]), encoder(TEXTS[1]), terms=384)


def test_how_to_pool_is_said_by_the_folder_or_the_caller(copied):
    for name, value in (("pooling_mode_cls_token", "first"), ("pooling_mode_max_tokens", "max")):
        (copied / "1_Pooling" / "config.json").write_text(json.dumps({name: True}))
        assert TextEncoder.from_hugging_face(copied).model.pooling == value
    (copied / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": "mean"}))
    assert TextEncoder.from_hugging_face(copied, normalize=False).model.normalize is False
    (copied / "modules.json").unlink()
    with pytest.raises(ValueError, match=r"modules\.json.*received neither"):
        TextEncoder.from_hugging_face(copied)
    found = TextEncoder.from_hugging_face(copied, "first", max_length=16)
    assert (found.model.pooling, found.model.normalize, found.max_length) == ("first", False, 16)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("1_Pooling/config.json", {"pooling_mode_lasttoken": True}, "pooling_mode_lasttoken"),
        ("1_Pooling/config.json", {}, "received none"),
        (
            "1_Pooling/config.json",
            {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True},
            "pooling_mode_mean_tokens, pooling_mode_max_tokens",
        ),
        ("modules.json", {"type": "Pooling"}, "received something else .dict"),
        ("modules.json", [{"type": "a.Transformer"}, {"type": "a.Dense"}], "Transformer, Dense"),
        ("sentence_bert_config.json", {"do_lower_case": True}, "received 'do_lower_case': True"),
        (
            "config_sentence_transformers.json",
            {"prompts": {"query": "Query: "}, "default_prompt_name": "query"},
            "'default_prompt_name': 'query'",
        ),
        ("sentence_bert_config.json", {"max_seq_length": -1}, "'max_seq_length'.*received -1"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(copied, name, content, said):
    (copied / name).write_text(json.dumps(content))
    with pytest.raises(ValueError, match=said):
        TextEncoder.from_hugging_face(copied)


def test_a_text_encoder_has_no_labels_to_learn(encoder):
    with pytest.raises(ValueError, match="received a TextEncoder"):
        encoder.fit(TEXTS)
    with pytest.raises(ValueError, match="pooling.*received 'sum'"):
        SentenceEncoder(encoder.model.encoder, "sum")
