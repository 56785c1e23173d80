"""What was made before a seed is set, or Keras' state is cleared, goes on working."""

import keras
import pytest
import tensorflow as tf

import kerasseq as ks
from closeness import assert_unmoved
from kerasseq.text import (
    CharacterTokenizer,
    SentencePieceTokenizer,
    WordPieceTokenizer,
    WordTokenizer,
)

LINES = ["a dog runs in the snow", "two cats sleep on the mat."] * 4
MAKERS = {
    "words": lambda: WordTokenizer.train(LINES),
    "punctuation": lambda: WordTokenizer.train(LINES, split="punctuation"),
    "characters": lambda: CharacterTokenizer.train(LINES),
    "bpe": lambda: SentencePieceTokenizer.train(LINES, 40, lowercase=True),
    "unigram": lambda: SentencePieceTokenizer.train(LINES, 26, model_type="unigram"),
    "pieces": lambda: WordPieceTokenizer.train(LINES, 60),
    "added": lambda: WordPieceTokenizer(
        WordPieceTokenizer.train(LINES, 60).vocabulary, added_tokens={"<dog>": True}
    ),
}
CLEARING = {
    "keras.utils.set_random_seed": lambda: keras.utils.set_random_seed(1),
    "tf.random.set_seed": lambda: tf.random.set_seed(1),
    "keras.utils.clear_session": keras.utils.clear_session,
    "keras.backend.clear_session": keras.backend.clear_session,
    "tf.keras.backend.clear_session": lambda: tf.keras.backend.clear_session(),
}


def as_lists(batches):
    return [[leaf.numpy().tolist() for leaf in tf.nest.flatten(batch)] for batch in batches]


class There(tf.Module):
    """A tokenizer's graph as an export holds it."""

    def __init__(self, tokenizer):
        super().__init__()
        self.graph = tokenizer.graph
        self.run = tf.function(
            lambda texts: tokenizer.detokenize(tokenizer.tokenize(texts).to_tensor()),
            input_signature=[tf.TensorSpec((None,), tf.string)],
        )


@pytest.mark.parametrize("name", MAKERS)
def test_a_tokenizer_its_batches_and_its_exports_survive(name, tmp_path):
    tokenizer, texts = MAKERS[name](), tf.constant(LINES[:2])
    corpus = ks.data.ParallelText.from_lists(LINES, LINES)
    batches = corpus.batches(tokenizer, tokenizer, batch_size=4)
    ids, traced = tokenizer.tokenize(texts), There(tokenizer)
    said, seen = traced.run(texts).numpy().tolist(), as_lists(batches)
    tf.saved_model.save(traced, str(tmp_path / "before"))
    loaded = tf.saved_model.load(str(tmp_path / "before"))
    assert loaded.run(texts).numpy().tolist() == said
    going = iter(batches)
    for clear in CLEARING.values():
        clear()
        assert tokenizer.tokenize(texts).to_list() == ids.to_list()
        assert tokenizer.detokenize(ids.to_tensor()).numpy().tolist() == said
        assert as_lists(batches) == seen
        assert traced.run(texts).numpy().tolist() == said
        assert loaded.run(texts).numpy().tolist() == said
    assert as_lists(going) == seen
    tf.saved_model.save(There(tokenizer), str(tmp_path / "after"))
    again = tf.saved_model.load(str(tmp_path / "after"))
    assert again.run(texts).numpy().tolist() == said


def test_an_export_survives_the_tokenizer_that_it_was_written_with(tmp_path):
    tokenizer, texts = MAKERS["bpe"](), tf.constant(LINES[:2])
    said = [line.lower().encode() for line in LINES[:2]]
    tf.saved_model.save(There(tokenizer), str(tmp_path / "m"))
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    del tokenizer
    keras.utils.clear_session(free_memory=True)
    assert loaded.run(texts).numpy().tolist() == said


def test_a_loop_over_seeds_trains_on_one_corpus():
    tokenizer = MAKERS["bpe"]()
    corpus = ks.data.ParallelText.from_lists(LINES, LINES)
    batches = corpus.batches(tokenizer, tokenizer, batch_size=4)
    losses = []
    for seed in (1, 2, 1):
        keras.utils.set_random_seed(seed)
        size = tokenizer.vocabulary_size
        model = ks.models.RecurrentSeq2Seq(size, size, embedding_dim=4, hidden_dim=4, num_layers=1)
        model.compile(optimizer="adam", loss=ks.training.SequenceCrossentropy())
        losses.append(model.fit(batches, epochs=1, verbose=0).history["loss"][0])
    assert_unmoved(losses[2] - losses[0], losses[1] - losses[0], terms=100)
