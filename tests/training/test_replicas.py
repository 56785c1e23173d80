"""Two replicas that share each batch learn what one learns from the whole of it."""

import json

import pytest

import fresh_process

PROGRAM = """
import contextlib, json
import keras
import numpy as np
import tensorflow as tf

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
both = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert both.num_replicas_in_sync == 2

import keras_hub
from kerasseq import TextClassifier, Translator, data, models, text
from kerasseq.metrics import Perplexity, TokenAccuracy
from kerasseq.training import FineTuningAdamW, SequenceCrossentropy

lines = [f"{name} is in {place}" for name in ("anna", "bob", "cleo") for place in
         ("rome", "oslo", "lima , which is far away", "bonn", "ulm")]
tokenizer = text.WordTokenizer.train(lines)
pairs = data.ParallelText.from_pairs(zip(lines, [line[::-2] for line in lines]))
target = text.CharacterTokenizer.train(pairs.targets())
SIZE, ROWS = tokenizer.vocabulary_size, len(lines)
NUMBERS = np.random.default_rng(1)
IDS = NUMBERS.integers(4, SIZE, (ROWS, 8)).astype("int32")
for row, length in zip(IDS, np.arange(ROWS) // 2 + 1):  # the short ones together
    row[length:] = 0
WEIGHTS = (IDS > 0).astype("float32")
SMALL = {"dropout": 0.0}


def optimizer(model):
    "One that clips; its epsilon is far above rounding."
    factors = [1.0] * len(model.trainable_variables)
    return FineTuningAdamW(0.01, 0.01, factors, global_clipnorm=0.1, epsilon=1e-3)


def classifier(kind, label_of):
    "A task's model, compiled with its own loss, batches of 7 and of 1 rows, and what it says."
    corpus = data.LabelledText(lines, [label_of(line) for line in lines])
    names = corpus.label_names() or ["value"]
    encoder = models.BertEncoder(SIZE, 8, 1, 2, attention_dropout=0.0, max_length=12, **SMALL)
    head = models.SequenceClassifier(encoder, len(names), "mean", dropout=0.0)
    task = TextClassifier(head, tokenizer, names, 12, kind=kind)
    head.compile(optimizer(head), **task.objective())
    return head, task.batches(corpus, 7), lambda: np.stack(list(task.probabilities(lines)))


def trained_on(model, x, y, weights=None, smoothing=0.1):
    "The same of a model by itself, which is not asked."
    measured = [Perplexity(), TokenAccuracy()]
    model.compile(optimizer(model), SequenceCrossentropy(smoothing), weighted_metrics=measured)
    given = (x, y) if weights is None else (x, y, weights)
    return model, tf.data.Dataset.from_tensor_slices(given).batch(7), lambda: np.zeros(())


def tagger():
    encoder = models.BertEncoder(SIZE, 8, 1, 2, attention_dropout=0.0, max_length=8, **SMALL)
    model = models.SequenceTagger(encoder, 3, dropout=0.0)
    return trained_on(model, {"tokens": IDS}, IDS % 3, WEIGHTS)


def spans_of_a_hub_encoder():
    backbone = keras_hub.models.BertBackbone(SIZE, 1, 2, 8, 16, dropout=0.0, max_sequence_length=8)
    model = models.SpanClassifier(models.HubEncoder(backbone, 3), 3, dropout=0.0)
    tokens = np.where(IDS == 0, 4, IDS)
    tokens[:, 2] = 3  # a separator, behind which a span lies
    ends = np.stack([IDS[:, 0] % 2 + 3, IDS[:, 0] % 3 + 5], 1)
    return trained_on(model, {"tokens": tokens}, ends, smoothing=0.0)


def masked_language_model():
    encoder = models.BertEncoder(SIZE, 8, 1, 2, attention_dropout=0.0, max_length=8, **SMALL)
    inputs = {"tokens": IDS, "positions": np.tile(np.arange(8, dtype="int32"), (ROWS, 1))}
    return trained_on(models.MaskedLanguageModel(encoder), inputs, IDS, WEIGHTS)


def transformer():
    model = models.Transformer(SIZE, SIZE, 8, 1, 2, positions="learned", max_length=9, **SMALL)
    return trained_on(model, {"source": IDS, "target": IDS}, IDS, WEIGHTS)


def guided_transformer():
    "Of which some target tokens of some rows are linked."
    model = models.Transformer(SIZE, SIZE, 8, 1, 2, max_length=9, alignment_heads=1, **SMALL)
    links = np.zeros((ROWS, 8, 8), "float32")
    links[::2, 0, 0] = 0.5
    links[4:, 0, 1] = 0.25
    return trained_on(model, {"source": IDS, "target": IDS, "links": links}, IDS, WEIGHTS)


MADE = {
    "transformer": transformer,
    "guided transformer": guided_transformer,
    "tagger": tagger,
    "spans of a hub encoder": spans_of_a_hub_encoder,
    "masks": masked_language_model,
    "single_label": lambda: classifier("single_label", lambda line: line.split()[3]),
    "multi_label": lambda: classifier("multi_label", lambda line: sorted({line[0], line[-1]})),
    "regression": lambda: classifier("regression", lambda line: float(len(line) % 3)),
}
found = {}
for name, make in MADE.items():
    trained = []
    for scope in (contextlib.nullcontext(), both.scope()):
        with scope:
            keras.utils.set_random_seed(7)
            model, batches, answer = make()
        before = np.concatenate([np.ravel(weight) for weight in model.get_weights()])
        held_out = batches if name in ("transformer", "regression") else None
        history = model.fit(batches, validation_data=held_out, epochs=2, verbose=0, shuffle=False)
        weights = np.concatenate([np.ravel(weight) for weight in model.get_weights()])
        trained.append((history.history, weights, answer()))
    one, two = trained
    found[name] = {
        "moved": float(np.abs(one[1] - before).max()),
        "weights": float(np.abs(one[1] - two[1]).max()),
        "answers": float(np.abs(one[2] - two[2]).max()),
        "figures": {key: [one[0][key], two[0][key]] for key in one[0]},
    }


def translator(**options):
    "A task that fits in the strategy's scope, and its weights."
    keras.utils.set_random_seed(7)
    model = models.AttentionSeq2Seq(SIZE, target.vocabulary_size, 8, 8, dropout=0.0)
    task = Translator(model, tokenizer, target, "greedy", 30)
    task.fit(pairs, epochs=1, batch_size=7, learning_rate=0.01, verbose=0, **options)
    return np.concatenate([np.ravel(weight) for weight in task.model.get_weights()])


def refused(call):
    "What the error says."
    try:
        call()
    except ValueError as error:
        return str(error)


one, (alone, _, _) = translator(), transformer()
eight = {"source": IDS[:8], "target": IDS[:8]}, IDS[:8]
with both.scope():
    two, (model, _, _) = translator(), transformer()
    said = {
        "received one of 1 replicas": refused(lambda: alone.compile("sgd", "mse")),
        "steps_per_execution": refused(
            lambda: model.compile("sgd", "mse", steps_per_execution=2)),
        "clipnorm": refused(lambda: model.compile(keras.optimizers.Adam(clipnorm=1.0), "mse")),
        "gradient_accumulation_steps": refused(lambda: translator(accumulation_steps=2)),
        "batch normalisation": refused(lambda: models.ImageCaptioner(
            SIZE, (8, 8), filters=(4,), embedding_dim=8, hidden_dim=8).compile("sgd", "mse")),
    }
    model.compile("sgd", SequenceCrossentropy(), run_eagerly=True)
    said["one for each replica"] = refused(lambda: model.fit(*eight, batch_size=7, verbose=0))
said["received one of 2 replicas"] = refused(lambda: model.compile("sgd", "mse"))
print(json.dumps([found, float(np.abs(one - two).max()), said]))
"""


@pytest.fixture(scope="module")
def found():
    """What a process of two logical processors found."""
    return json.loads(fresh_process.run(PROGRAM).splitlines()[-1])


def test_two_replicas_learn_what_one_does(found):
    for name, each in found[0].items():
        assert each["moved"] > 1e-3, name
        assert each["weights"] < 1e-5, (name, each)
        assert each["answers"] < 1e-4, (name, each)
        for key, (one, two) in each["figures"].items():
            assert two == pytest.approx(one, rel=1e-4), (name, key)


def test_a_translator_learns_in_the_scope_of_a_strategy(found):
    assert found[1] < 2e-4


def test_what_replicas_would_do_each_by_itself_is_refused(found):
    for what, said in found[2].items():
        assert said and said.startswith("Expected") and what in said, (what, said)
