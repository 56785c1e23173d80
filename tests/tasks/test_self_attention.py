"""Every task on a BERT shows what its tokens look at, from Python and the command line."""

import re

import keras
import numpy as np
import pytest

from closeness import assert_close
from kerasseq.cli import COMMANDS
from kerasseq.models import (
    BertEncoder,
    MaskedLanguageModel,
    RecurrentTextEncoder,
    SequenceClassifier,
    SequenceTagger,
    SpanClassifier,
)
from kerasseq.plots import rollout
from kerasseq.tasks import MaskFiller, QuestionAnswerer, TextClassifier, TokenClassifier, load
from kerasseq.text import WordPieceTokenizer

LINE = "who ran in Oslo"
TOKENIZER = WordPieceTokenizer.train([f"{LINE} it was the dog that ran"] * 3, 200)
LABELS = ["a", "b"]
TASKS = {
    "classifier": lambda e: TextClassifier(SequenceClassifier(e, 2), TOKENIZER, LABELS, 64),
    "tagger": lambda e: TokenClassifier(SequenceTagger(e, 2), TOKENIZER, LABELS, 64),
    "span_finder": lambda e: QuestionAnswerer(
        SpanClassifier(e, TOKENIZER.separator_id), TOKENIZER, 64
    ),
    "mask_filler": lambda e: MaskFiller(MaskedLanguageModel(e), TOKENIZER, 64),
}


@pytest.fixture(params=list(TASKS))
def task(request):
    keras.utils.set_random_seed(1)
    encoder = BertEncoder(
        TOKENIZER.vocabulary_size, 16, 2, 4, max_length=64, separator_id=TOKENIZER.separator_id
    )
    return TASKS[request.param](encoder)


def test_the_map_is_the_rollout_and_the_grid_holds_the_heads(task):
    text = (LINE, "the dog ran") if isinstance(task, QuestionAnswerer) else LINE
    tokens, weights = task.attention(text)
    assert tokens[0] == "[CLS]" and tokens[-1] == "[SEP]" and "who" in tokens
    assert isinstance(task, QuestionAnswerer) == ("dog" in tokens)
    assert weights.shape == (2, 4, len(tokens), len(tokens))
    assert_close(weights.sum(axis=-1), 1.0)
    axes = task.plot_attention(text).axes[0]
    assert_close(axes.images[0].get_array(), rollout(weights))
    grid = np.reshape(task.plot_attention(text, heads=True).axes[:10], (2, 5))  # means last
    assert_close(grid[1, 2].images[0].get_array(), weights[1, 2])
    joined = task.plot_attention(text, words=True).axes[0].images[0].get_array()
    assert joined.shape[0] == joined.shape[1] <= len(tokens)


def test_the_command_line_loads_whatever_was_saved(task, tmp_path):
    task.save(tmp_path / "task")
    assert type(load(tmp_path / "task")) is type(task)
    pair = "the dog ran" if isinstance(task, QuestionAnswerer) else None
    for heads in (False, True):
        path = tmp_path / f"{heads}.png"
        COMMANDS["plot"]("attention", tmp_path / "task", path, LINE, pair, heads=heads)
        assert path.read_bytes().startswith(b"\x89PNG")
    if isinstance(task, QuestionAnswerer):
        with pytest.raises(ValueError, match="--pair"):
            COMMANDS["plot"]("attention", tmp_path / "task", path, LINE)
    elif not isinstance(task, TextClassifier):
        with pytest.raises(ValueError, match="received --pair"):
            COMMANDS["plot"]("attention", tmp_path / "task", path, LINE, "the dog ran")
    with pytest.raises(FileNotFoundError, match=rf"Expected .*{re.escape(str(tmp_path))}"):
        load(tmp_path)


def test_an_encoder_without_attention_is_named():
    encoder = RecurrentTextEncoder(TOKENIZER.vocabulary_size, 8, 8)
    with pytest.raises(ValueError, match="received RecurrentTextEncoder"):
        TASKS["classifier"](encoder).plot_attention(LINE)
