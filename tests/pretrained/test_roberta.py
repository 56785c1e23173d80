"""RoBERTa and its like, saved by transformers: the same numbers."""

import keras
import numpy as np
import pytest
import tokenizer_folders
import torch
import transformers

from closeness import assert_close
from kerasseq import MaskFiller, QuestionAnswerer, TextClassifier, TextEncoder, TokenClassifier
from kerasseq.tasks import load

SIZES = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 40,
    "max_position_embeddings": 66,
    "type_vocab_size": 1,
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
}
PIECES = "sentencepiece.bpe.model"
FAMILIES = {"Roberta": None, "XLMRoberta": PIECES, "Camembert": PIECES}
TASKS = {
    "SequenceClassification": TextClassifier,
    "TokenClassification": TokenClassifier,
    "QuestionAnswering": QuestionAnswerer,
    "MaskedLM": MaskFiller,
}
TEXTS = ["two dogs play", 'a man ("x"), in a blue shirt, is standing: on a ladder...', "x"]


@pytest.fixture(scope="module")
def lines(data_folder, number_text):
    return tokenizer_folders.read_lines(data_folder, number_text)[:3000]


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, lines, tmp_path_factory):
    """The name of a family's classes, and the folder of its tokenizer."""
    name = request.param
    folder, kind = tmp_path_factory.mktemp(name), f"{name}Tokenizer"
    if FAMILIES[name] is None:
        return name, tokenizer_folders.save_byte_level(folder, lines, kind, 600)
    pieces = tokenizer_folders.train_pieces(lines, "unigram", 400)
    return name, tokenizer_folders.save(folder, kind, FAMILIES[name], pieces)


def saved(family, task, folder, **options):
    """A model of random weights, saved beside its tokenizer; returns both of transformers."""
    name, tokenizer_folder = family
    tokenizer = transformers.AutoTokenizer.from_pretrained(tokenizer_folder)
    config = getattr(transformers, f"{name}Config")(vocab_size=len(tokenizer), **(SIZES | options))
    torch.manual_seed(3)
    model = getattr(transformers, f"{name}For{task}")(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model, tokenizer


def their_logits(task, tokenizer, vocabulary, found):
    """transformers' outputs as the task's model has them: start and end together, tokens by the
    house's ids."""
    if task == "QuestionAnswering":
        return torch.stack([found.start_logits, found.end_logits], dim=1).numpy()
    if task != "MaskedLM":
        return found.logits.numpy()
    theirs = tokenizer.pad_token, tokenizer.unk_token, tokenizer.bos_token, tokenizer.eos_token
    ids = tokenizer.convert_tokens_to_ids([*theirs, *vocabulary[4:]])
    return found.logits.numpy()[..., ids]


@pytest.mark.parametrize("task", TASKS)
def test_every_head_computes_as_transformers(task, family, tmp_path):
    labels = {"num_labels": 3} if "Classification" in task else {}
    model, tokenizer = saved(family, task, tmp_path / "folder", **labels)
    spaces = {"add_prefix_space": True} if task == "TokenClassification" else {}
    spaced = transformers.AutoTokenizer.from_pretrained(family[1], **spaces)
    found = TASKS[task].from_hugging_face(tmp_path / "folder", max_length=64)
    for text in TEXTS:
        text = f"{text} {tokenizer.mask_token} dogs" if task == "MaskedLM" else text
        given = ("who plays?", text) if task == "QuestionAnswering" else (text,)
        of_words = task == "TokenClassification"  # each has a space before it, RoBERTa's too
        given = ([text.split()],) if of_words else given
        read = spaced(*given, is_split_into_words=of_words, return_tensors="pt")
        ids = found.ids(given if task == "QuestionAnswering" else given[0][0] if of_words else text)
        assert len(ids) == read["input_ids"].shape[1]
        inputs = {"tokens": np.array([ids], "int32")}
        if task == "MaskedLM":
            inputs["positions"] = np.arange(len(ids), dtype="int32")[None]
        ours = keras.ops.convert_to_numpy(found.model(inputs))
        with torch.no_grad():
            theirs = their_logits(task, tokenizer, found.tokenizer.vocabulary, model(**read))
        seen = ours > -9e3  # the rest cannot be an answer
        np.testing.assert_allclose(ours[seen], theirs[seen], atol=1e-4)


def test_pairs_are_read_as_transformers_reads_them(family, tmp_path):
    model, tokenizer = saved(family, "SequenceClassification", tmp_path / "folder", num_labels=2)
    found = TextClassifier.from_hugging_face(tmp_path / "folder", max_length=16)
    long = "a man in a blue shirt is standing on a ladder cleaning a window"
    for pair in (("two dogs", "a cat"), ("x", long), (long, long)):
        read = tokenizer(
            *pair, truncation="longest_first", max_length=16, padding="max_length",
            return_tensors="pt",
        )  # fmt: skip
        with torch.no_grad():
            expected = torch.softmax(model(**read).logits, -1).numpy()[0]
        if pair[0] != long:  # of two that are too long, transformers cuts the halves otherwise
            assert_close(next(found.probabilities([pair])), expected, terms=10000)
    found.save(tmp_path / "task")
    again = load(tmp_path / "task")
    assert again(TEXTS) == found(TEXTS)
    assert again.tokenizer.row == found.tokenizer.row


def test_exports_answer_as_python(family, tmp_path):
    saved(family, "MaskedLM", tmp_path / "folder")
    filler = MaskFiller.from_hugging_face(tmp_path / "folder", max_length=32)
    encoder = TextEncoder.from_hugging_face(tmp_path / "folder", "mean", True, max_length=32)
    with pytest.raises(ValueError, match="Expected"):
        TextClassifier.from_hugging_face(tmp_path / "folder")
    classifier = TextClassifier.from_hugging_face(
        tmp_path / "folder", ["a", "b"], max_length=32, head="new"
    )
    for name in ("1", "model.tflite"):
        assert encoder.export(tmp_path / "encoder" / name, TEXTS)["difference"] < 1e-4
        pairs = [(text, "two dogs") for text in TEXTS]
        assert classifier.export(tmp_path / "classifier" / name, pairs)["identical"] == 1.0
    assert len(filler("two <mask> play")[0]) == 5
