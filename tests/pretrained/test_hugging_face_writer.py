"""Tasks on a BERT, written in Hugging Face's layout: transformers gives the same numbers."""

import keras
import numpy as np
import pytest
import torch
import transformers

from kerasseq import MaskFiller, QuestionAnswerer, TextClassifier, TextEncoder, TokenClassifier
from kerasseq.models import (
    BertEncoder,
    MaskedLanguageModel,
    RecurrentTextEncoder,
    SentenceEncoder,
    SequenceClassifier,
    SequenceTagger,
    SpanClassifier,
)
from kerasseq.pretrained.mpnet import MPNET
from kerasseq.pretrained.wordpiece_files import file_order
from kerasseq.text import CharacterTokenizer, WordPieceTokenizer

TEXTS = ["Nils lives in <city> Malmö.", "a warm film, twice seen", "unlivable <E> things"]
SIZES = {"hidden_dim": 12, "num_layers": 2, "num_heads": 2, "feed_forward_dim": 20}


FAMILIES = {
    "bert": {},
    "distilbert": {"separator_id": None},
    "electra": {"embedding_dim": 8},
    "mpnet": {"separator_id": None, "relative_buckets": (32, 128)},
}


def tokenizer(lowercase, added=("<city>", "<E>"), specials=None):
    trained = WordPieceTokenizer.train(TEXTS * 3, 120, lowercase=lowercase)
    flags = {token: token == "<E>" for token in added}  # whether it is looked for in cleaned text
    if specials is None:
        return WordPieceTokenizer(trained.vocabulary, lowercase, added_tokens=flags)
    pieces = dict.fromkeys([specials[0], *specials[2:], *trained.vocabulary])
    made = WordPieceTokenizer(pieces, lowercase, None, flags, specials)
    return made.with_row(["<s>"], ["</s>", "</s>"], ["</s>"], ["<mask>"])


def task(kind, family="bert", lowercase=True, **options):
    """A task of random weights, on an encoder that a family computes."""
    keras.utils.set_random_seed(2)
    # Contexts of questions are cut at punctuation.
    added = ("Malmö",) if kind == "question_answerer" else ("<city>", "<E>")
    cut = tokenizer(lowercase, added, MPNET.wordpiece.specials if family == "mpnet" else None)
    sizes = SIZES | {"max_length": 32, "separator_id": cut.separator_id} | FAMILIES[family]
    encoder = BertEncoder(cut.vocabulary_size, **(sizes | options))
    hidden = {"distilbert": "relu", "electra": "gelu"}.get(family, "tanh")
    head = {"pooling": "first", "hidden_activation": hidden}
    made = {
        "single_label": lambda: TextClassifier(
            SequenceClassifier(encoder, 3, **head), cut, ["bad", "so-so", "gut"], 32
        ),
        "regression": lambda: TextClassifier(
            SequenceClassifier(encoder, 1, **head), cut, ["stars"], 32, kind="regression"
        ),
        "tagger": lambda: TokenClassifier(
            SequenceTagger(encoder, 3), cut, ["O", "B-per", "I-per"], 32
        ),
        "question_answerer": lambda: QuestionAnswerer(
            SpanClassifier(encoder, cut.separator_id), cut, 32
        ),
        "mask_filler": lambda: MaskFiller(
            MaskedLanguageModel(encoder, encoder.config["activation"], encoder.config["epsilon"]),
            cut,
            32,
        ),
        "text_encoder": lambda: TextEncoder(SentenceEncoder(encoder, "max", False), cut, 32),
    }[kind]()
    for weight in made.model.weights:
        weight.assign_add(keras.random.normal(weight.shape, stddev=0.2))
    return made


REFERENCES = {
    "single_label": transformers.AutoModelForSequenceClassification,
    "regression": transformers.AutoModelForSequenceClassification,
    "tagger": transformers.AutoModelForTokenClassification,
    "question_answerer": transformers.AutoModelForQuestionAnswering,
    "mask_filler": transformers.AutoModelForMaskedLM,
    "text_encoder": transformers.AutoModel,
}


def their_outputs(kind, found):
    """transformers' outputs, of the shape of the task's model."""
    if kind == "question_answerer":
        return torch.stack([found.start_logits, found.end_logits], dim=1)
    if kind == "text_encoder":
        return found.last_hidden_state.max(dim=1).values
    return found.logits


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", REFERENCES)
def test_transformers_computes_what_was_saved(kind, family, tmp_path):
    lowercase = kind in ("single_label", "tagger")
    activation = "gelu_tanh" if kind == "regression" else "gelu"
    saved = task(kind, family, lowercase, activation=activation, dropout=0.3)
    saved.save_hugging_face(tmp_path / "folder")
    cut = transformers.AutoTokenizer.from_pretrained(tmp_path / "folder")
    model, info = REFERENCES[kind].from_pretrained(tmp_path / "folder", output_loading_info=True)
    missing = {"pooler.dense.weight", "pooler.dense.bias"} if kind == "text_encoder" else set()
    assert set(info["missing_keys"]) <= missing and not info["unexpected_keys"]
    again = type(saved).from_hugging_face(tmp_path / "folder", max_length=32)
    ids_there = np.array(file_order(cut.vocab_size + len(cut.get_added_vocab()), MPNET))
    ids_there = ids_there if family == "mpnet" else np.arange(len(ids_there))  # ours of theirs
    for text in TEXTS:
        pair = kind == "question_answerer"
        read = cut(*(("who lives?", text) if pair else (text,)), return_tensors="pt")
        ids = ids_there[read["input_ids"].numpy()]
        given = ("who lives?", text) if pair else text
        if kind != "tagger":  # which cuts words apart first
            assert saved.ids(given) == ids[0].tolist()
        with torch.no_grad():
            theirs = their_outputs(kind, model.eval()(**read)).numpy()
        if kind == "mask_filler":
            theirs = theirs[..., np.argsort(ids_there[: theirs.shape[-1]])]
        inputs = {"tokens": ids.astype("int32")}
        if kind == "mask_filler":
            inputs["positions"] = np.arange(ids.shape[1], dtype="int32")[None]
        for each in (saved, again):
            ours = keras.ops.convert_to_numpy(each.model(inputs))
            seen = ours > -9e3  # the rest cannot be an answer
            np.testing.assert_allclose(ours[seen], theirs[seen], atol=1e-4)
    assert again.tokenizer.get_config() == saved.tokenizer.get_config()
    for name in ("labels", "kind", "max_length"):
        assert getattr(again, name, None) == getattr(saved, name, None)
    assert model.config.to_dict().get("hidden_dropout_prob", 0.3) == 0.3


def test_labels_and_lengths_are_said(tmp_path):
    saved = task("single_label")
    saved.save_hugging_face(tmp_path / "folder")
    pipeline = transformers.pipeline("text-classification", str(tmp_path / "folder"))
    assert [each["label"] for each in pipeline(TEXTS)] == saved(TEXTS)
    encoder = task("text_encoder")
    encoder.save_hugging_face(tmp_path / "encoder")
    again = TextEncoder.from_hugging_face(tmp_path / "encoder")
    assert (again.model.pooling, again.model.normalize, again.max_length) == ("max", False, 32)


def test_what_transformers_does_not_compute_is_refused(tmp_path):
    cut = tokenizer(True)
    size = cut.vocabulary_size
    encoder = BertEncoder(size, **SIZES, separator_id=cut.separator_id)
    letters = CharacterTokenizer.train(TEXTS)
    recurrent = RecurrentTextEncoder(size, embedding_dim=8, hidden_dim=8)
    labels = ["a", "b"]
    for made, message in (
        (task("tagger", norm_first=True), "norm_first of False.*received True"),
        (task("tagger", "distilbert", epsilon=1e-5), "epsilon of 1e-12.*received 1e-05"),
        (task("tagger", activation="elu"), "activation of .*gelu.*received 'elu'"),
        (task("tagger", "mpnet", relative_buckets=(8, 9)), r"relative_buckets of .*\[8, 9\]"),
        (task("tagger", num_groups=1), "num_groups of None.*received 1"),
        (TextClassifier(SequenceClassifier(encoder, 2), cut, labels), "pooling of first.*'max'"),
        (
            TextClassifier(SequenceClassifier(encoder, 2, "first"), cut, labels),
            "hidden_activation of tanh.*received None",
        ),
        (TextEncoder(SentenceEncoder(recurrent), cut), "BertEncoder.*RecurrentTextEncoder"),
        (TextEncoder(SentenceEncoder(encoder), letters), "WordPiece.*CharacterTokenizer"),
        (
            MaskFiller(MaskedLanguageModel(encoder, "relu"), cut, 32),
            "activation of gelu.*received 'relu'",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            made.save_hugging_face(tmp_path / "folder")
    assert not list(tmp_path.iterdir())
    with pytest.raises(FileExistsError, match="which exists"):
        task("tagger").save_hugging_face(tmp_path)
