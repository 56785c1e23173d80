"""Keras' own settings reach models, losses, metrics and searches, and change no meaning."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import fresh_process
from closeness import assert_close, rounding
from kerasseq import TextClassifier, Translator
from kerasseq.decoding import Alternatives, Beam, Greedy, Sampling
from kerasseq.metrics import Perplexity, TokenAccuracy
from kerasseq.models import (
    AttentionSeq2Seq,
    ImageCaptioner,
    RecurrentSeq2Seq,
    RecurrentTextEncoder,
    SequenceClassifier,
    Transformer,
)
from kerasseq.tasks import load
from kerasseq.text import WordTokenizer
from kerasseq.training import SequenceCrossentropy

MODELS = {
    "transformer": lambda **options: Transformer(9, 9, 8, 1, 2, dropout=0.0, **options),
    "attention": lambda **options: AttentionSeq2Seq(9, 9, 8, 8, dropout=0.0, **options),
    "recurrent": lambda **options: RecurrentSeq2Seq(9, 9, 8, 8, dropout=0.0, **options),
}


@pytest.fixture(params=MODELS)
def make(request):
    """A function that makes one kind of model, always with the same weights."""

    def made(**options):
        keras.utils.set_random_seed(7)
        return MODELS[request.param](**options)

    return made


@pytest.fixture
def floatx():
    """Sets Keras' default dtype for one test."""
    yield keras.config.set_floatx
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def tokens(rows=8):
    """A batch of `fit`: inputs, ids and weights, with padding."""
    numbers = np.random.default_rng(1)
    source = numbers.integers(4, 9, (rows, 5)).astype("int32")
    target = numbers.integers(4, 9, (rows, 4)).astype("int32")
    source[:, -1], target[:, 0] = 3, 2
    source[::2, 3:] = [3, 0]
    following = np.pad(target[:, 1:], [(0, 0), (0, 1)], constant_values=3)
    weights = np.ones((rows, 4), "float32")
    weights[::2, 2:] = 0
    return {"source": source, "target": target}, following, weights


def fitted(model, epochs=1, batch_size=4, optimizer=None, **options):
    """The model's history, and its weights after training."""
    model.compile(
        optimizer or keras.optimizers.SGD(0.5),
        SequenceCrossentropy(0.1),
        weighted_metrics=[Perplexity(), TokenAccuracy()],
        **options,
    )
    x, y, weights = tokens()
    history = model.fit(x, y, batch_size, epochs, 0, sample_weight=weights, shuffle=False).history
    return history, model.get_weights()


def answers(model, search):
    found = model.generate(tokens()[0]["source"], search, start_id=2, end_id=3, max_length=6)
    return found.to_numpy()


def check_like(ours, theirs, tolerance):
    """Holds histories and weights of two trainings against each other."""
    for name, values in theirs[0].items():
        np.testing.assert_allclose(ours[0][name], values, rtol=tolerance, err_msg=name)
    for one, other in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_allclose(one, other, atol=tolerance)


@pytest.mark.parametrize("name", ["float64", "float16", "bfloat16"])
def test_another_float_is_another_precision(make, floatx, name):
    expected, (history, _) = make(), fitted(make())
    floatx(name)
    keras.config.set_dtype_policy(name)
    if name == "bfloat16" and not isinstance(expected, Transformer):
        with pytest.raises(ValueError, match=r'received bfloat16\. Set .*"mixed_bfloat16"'):
            make()
        return
    model = make()
    assert {weight.dtype for weight in model.weights} == {name}
    model.set_weights(expected.get_weights())
    coverage = {"coverage_penalty": 0.2} if model.attends else {}
    searches = [Greedy(), Beam(3, 0.6, n_best=2), Alternatives(3), Beam(3, **coverage)]
    if name != "bfloat16":  # of which rounding decides what is drawn
        searches.append(Sampling(seed=1))
    for search in searches:
        found, right = answers(model, search), answers(expected, search)
        assert found.scores.dtype == "float32" and np.isfinite(found.scores).all()
        np.testing.assert_allclose(found.scores[:, 0], right.scores[:, 0], rtol=0.05)
    found, weights = fitted(model)
    for key, (value,) in history.items():
        assert isinstance(found[key][0], float)
        assert found[key][0] == pytest.approx(value, rel=1e-3 if name == "float64" else 0.1), key
    source = tokens()[0]["source"]
    begun = model.generate(source, Beam(3), 2, 3, max_length=6, prefix=(5, 6)).to_numpy()
    assert (begun.tokens[:, 0, :2] == (5, 6)).all() and np.isfinite(begun.scores).all()
    assert all(np.isfinite(np.asarray(weight, "float32")).all() for weight in weights)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_ids_and_counts_are_whole_in_half_precision(floatx, name):
    """float16 would take id 2,049 for 2,048, and count no further; bfloat16 from 256 on."""
    floatx(name)
    ids = np.array([[2049, 257]])
    logits = np.where(np.arange(2100) == ids[..., None], 30, 0).astype("float32")
    assert float(SequenceCrossentropy()(ids, logits)) < 1e-3
    accuracy, perplexity = TokenAccuracy(), Perplexity()
    for hit in (True, True, True, False):
        one = np.full((1, 3000), 0 if hit else 1)
        accuracy.update_state(one, np.tile([5.0, 0.0], (1, 3000, 1)), np.ones((1, 3000)))
    perplexity.update_state(ids, logits)
    assert float(accuracy.result()) == 0.75 and float(perplexity.result()) < 1.001
    kinds = {"single_label": ["a", "b"], "multi_label": ["a", "b"], "regression": ["value"]}
    words = WordTokenizer.train(["a"])
    for kind, labels in kinds.items():
        head = SequenceClassifier(RecurrentTextEncoder(words.vocabulary_size, 4, 4), len(labels))
        task = TextClassifier(head, words, labels, kind=kind)
        assert task.objective()["loss"].dtype == "float32"


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_mixed_policy_trains_float32_weights(make, floatx, policy):
    expected = fitted(make())
    keras.config.set_dtype_policy(policy)
    model = make()
    assert {weight.dtype for weight in model.weights} == {"float32"}
    ours = fitted(model)
    check_like(ours, expected, 0.1)
    assert type(model.optimizer).__name__ == (
        "LossScaleOptimizer" if policy == "mixed_float16" else "SGD"
    )
    assert np.isfinite(answers(model, Beam(3)).scores).all()


def test_a_step_by_step_run_learns_the_same(make):
    check_like(fitted(make(), run_eagerly=True), fitted(make()), rounding())


def test_several_steps_an_execution_learn_the_same(make):
    check_like(fitted(make(), steps_per_execution=2), fitted(make()), rounding())


def test_gradients_are_accumulated_over_batches(make):
    halves = keras.optimizers.SGD(0.5, gradient_accumulation_steps=2)
    model, whole = make(), make()
    x, y, weights = tokens()
    weights[:] = 1  # batches of as many tokens, so that their mean is the whole one's
    for each, batch_size, optimizer in ((model, 4, halves), (whole, 8, keras.optimizers.SGD(0.5))):
        each.compile(optimizer, SequenceCrossentropy())
        each.fit(x, y, batch_size, 2, 0, sample_weight=weights, shuffle=False)
    for one, other in zip(model.get_weights(), whole.get_weights(), strict=True):
        assert_close(one, other)


def test_xla_learns_the_same(make):
    check_like(fitted(make(), jit_compile=True), fitted(make()), rounding())


def test_keras_exports_teacher_forcing(make, tmp_path):
    model, (inputs, *_) = make(), tokens()
    model.export(tmp_path / "model", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "model"))
    for rows in (8, 3):
        part = {name: tf.constant(value[:rows]) for name, value in inputs.items()}
        assert_close(served.serve(part), model(part))


def test_the_same_seed_makes_the_same_model_whatever_was_cleared(make):
    one = make()
    found = answers(one, Greedy())
    keras.backend.clear_session()
    for ours, theirs in zip(make().get_weights(), one.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(answers(one, Greedy()).tokens, found.tokens)


def test_keras_epsilon_moves_no_score(make):
    model = make()
    expected = answers(model, Beam(3)).scores
    usual = keras.config.epsilon()
    keras.config.set_epsilon(1e-2)
    try:
        assert_close(answers(model, Beam(3)).scores, expected)
    finally:
        keras.config.set_epsilon(usual)


def test_functions_that_run_eagerly_learn_the_same(make):
    expected = fitted(make())
    tf.config.run_functions_eagerly(True)
    try:
        check_like(fitted(make()), expected, rounding())
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.fixture
def channels_first():
    """Keras reads images as (C, H, W), as some set it for PyTorch's sake."""
    yield keras.config.set_image_data_format
    keras.config.set_image_data_format("channels_last")


def test_images_are_read_with_their_colours_last(channels_first):
    sizes = {"filters": (8, 12), "embedding_dim": 8, "hidden_dim": 8}
    model = ImageCaptioner(9, (16, 12), **sizes)
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 12, 3)).astype("uint8")
    expected = keras.ops.convert_to_numpy(model.encoder_states(images))
    channels_first("channels_first")
    again = ImageCaptioner.from_config(model.get_config())
    again.set_weights(model.get_weights())
    assert_close(again.encoder_states(images), expected)
    again.encode(images, training=True)
    with pytest.raises(ValueError, match=r"channels_last for MobileNetV2; received channels_first"):
        ImageCaptioner(9, (32, 32), backbone="MobileNetV2", **sizes)


def test_a_saved_task_keeps_its_precision(floatx, tmp_path):
    words = WordTokenizer.train(["a b c"])
    size = words.vocabulary_size
    keras.utils.set_random_seed(7)
    Translator(AttentionSeq2Seq(size, size, 8, 8), words, words).save(tmp_path / "translator")
    encoder = RecurrentTextEncoder(size, 8, 8)
    classifier = TextClassifier(SequenceClassifier(encoder, 2), words, ["x", "y"])
    classifier.save(tmp_path / "classifier")
    inputs = ["a b", "c"]
    usual = [load(tmp_path / name) for name in ("translator", "classifier")]
    keras.config.set_dtype_policy("mixed_bfloat16")
    again = [load(tmp_path / name) for name in ("translator", "classifier")]
    for one, other in zip(usual, again, strict=True):
        assert {each.dtype_policy.name for each in other.model._flatten_layers()} == {"float32"}
        assert one(inputs) == other(inputs)
    fresh = AttentionSeq2Seq(size, size, 8, 8)
    assert fresh.dtype_policy.name == "mixed_bfloat16"


STRICT = """
import keras
import numpy as np
import tensorflow as tf

tf.data.experimental.enable_debug_mode()
tf.config.experimental.enable_op_determinism()
from kerasseq import data, models, text, training

lines = [f"{name} is in {place}" for name in ("anna", "bob", "cleo") for place in "xyz"] * 2
words = text.WordTokenizer.train(lines)
pieces = text.SentencePieceTokenizer.train(lines, vocabulary_size=24)
pairs = data.ParallelText.from_pairs(zip(lines, reversed(lines)))
for made in (models.Transformer, models.AttentionSeq2Seq):
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(1)
        size = words.vocabulary_size, pieces.vocabulary_size
        options = {"num_heads": 2} if made is models.Transformer else {}
        model = made(*size, hidden_dim=8, num_layers=1, **options)
        model.compile("adam", training.SequenceCrossentropy())
        batches = pairs.batches(words, pieces, batch_size=4, shuffle=True, seed=1)
        model.fit(batches, epochs=2, verbose=0, shuffle=False)
        weights.append(model.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)
"""


def test_a_run_is_repeated_to_the_bit_where_tensorflow_is_told_to():
    fresh_process.run(STRICT)
