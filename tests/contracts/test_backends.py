"""JAX and PyTorch learn and answer as TensorFlow does, and what they train moves.

This file is also a program, which runs under another backend and writes into a folder what it
made; the tests make the same under TensorFlow and compare.
"""

import functools
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from closeness import assert_close
from kerasseq import TextClassifier, Translator, data, metrics, models, text, training
from kerasseq.compiled import compiled
from kerasseq.decoding import Alternatives, Beam, Greedy, Sampling
from kerasseq.recipes.quickstart import quickstart
from kerasseq.tasks import load
from kerasseq.tasks.weights import load_weights, save_weights

sys.path.append(str(pathlib.Path(__file__).parent))
from test_encoders import ENCODERS, HEADS, PAIRS, SEPARATOR, SIZE
from test_models import MODELS, SOURCE, T5, TARGET

ROOT = pathlib.Path(__file__).parents[2]
BACKENDS = ["jax", "torch"]
TRANSLATORS = {
    "transformer": lambda source, target: models.Transformer(source, target, 16, 1, 2),
    "ssru": lambda source, target: models.Transformer(source, target, 16, 1, 2, decoder="ssru"),
    "t5": lambda source, target: models.Transformer(source, target, 16, 1, 2, **T5),
    "recurrent": lambda source, target: models.AttentionSeq2Seq(source, target, 8, 16),
}
TASKS = [*TRANSLATORS, "classifier"]
LEARNERS = [
    "bert-first", "hub-bert-tags", "bert-spans", "bert-masks", "lstm-max", "captioner-bahdanau",
    "lstm-sutskever", "forecaster",
]  # fmt: skip
PAIRED = {"-".join(pair): pair for pair in PAIRS}
EVERY = [*MODELS, *PAIRED]
# JAX compiles each model and search for seconds: an ensemble of three kinds stands for them.
# Under PyTorch KerasHub's BART has its weights in another order, so that numbers drawn for them, or
# a file of them, are no longer the same model's.
ANSWERED = {"jax": ["ensemble"], "torch": [name for name in EVERY if name != "hub-bart"]}
NEEDED = r"TensorFlow backend.*received '\w+'.*KERAS_BACKEND=tensorflow"  # for an export


def make(name):
    """A model by its name in the tables of the contracts."""
    keras.utils.set_random_seed(1)
    if name == "forecaster":
        return models.RecurrentForecaster(3, 2, 8)
    if name in MODELS:
        return MODELS[name]()
    encoder, head = PAIRED[name]
    return HEADS[head](ENCODERS[encoder]())


def batch(model):
    """A batch of `fit`: inputs, what is to be said, and weights, with padding."""
    numbers = np.random.default_rng(5)
    if isinstance(model, models.RecurrentForecaster):
        source, target, following = (
            numbers.standard_normal(shape).astype("float32")
            for shape in ((4, 6, 3), (4, 5, 2), (4, 5, 2))
        )
        return {"source": source, "target": target}, following, None
    if not isinstance(model, models.Seq2Seq):
        tokens = numbers.integers(4, SIZE, (4, 9)).astype("int32")
        tokens[:, 3] = SEPARATOR
        tokens[1, 6:] = tokens[2, 2:] = 0
        if isinstance(model, models.SequenceTagger):
            return {"tokens": tokens}, tokens % 3, (tokens > 0).astype("float32")
        if isinstance(model, models.SpanClassifier):
            return {"tokens": tokens}, np.array([[4, 5], [4, 4], [0, 0], [5, 8]]), None
        if isinstance(model, models.MaskedLanguageModel):
            positions = np.array([[0, 1], [2, 5], [1, 0], [8, 4]], "int32")
            ids = numbers.integers(4, SIZE, (4, 2))
            return {"tokens": tokens, "positions": positions}, ids, np.ones((4, 2), "float32")
        return {"tokens": tokens}, np.array([0, 1, 2, 0]), None
    if isinstance(model, models.ImageCaptioner):
        source = numbers.integers(0, 256, (4, 16, 12, 3)).astype("uint8")
    else:
        source = numbers.integers(4, SOURCE, (4, 7)).astype("int32")
        source[1, 4:] = source[2, 1:] = 0
    target = numbers.integers(4, TARGET, (4, 6)).astype("int32")
    target[:, 0] = 2
    following = np.pad(target[:, 1:], [(0, 0), (0, 1)], constant_values=3)
    weights = np.ones((4, 6), "float32")
    weights[3, 4:] = 0
    return {"source": source, "target": target}, following, weights


def train(folder):
    """Trains translators and a classifier on batches of tf.data; saves them and their answers."""
    parts = data.number_pairs(train=400, validation=50, test=1)
    corpus, validation, _ = map(data.ParallelText.from_pairs, parts)
    source = text.WordTokenizer.train(corpus.sources())
    target = text.CharacterTokenizer.train(corpus.targets())
    # JAX compiles every shape of a batch: pairs that all have one.
    alike = data.ParallelText.from_pairs([each for each in corpus if len(each[0].split()) == 2] * 4)
    for name, made in TRANSLATORS.items():
        keras.utils.set_random_seed(1)
        model = made(source.vocabulary_size, target.vocabulary_size)
        model.compile(
            keras.optimizers.Adam(0.01),
            training.SequenceCrossentropy(0.1),
            weighted_metrics=[metrics.Perplexity(), metrics.TokenAccuracy()],
        )
        batches = alike.batches(source, target, tokens_per_batch=1500, shuffle=True)
        first, second = model.fit(batches, epochs=2, verbose=0).history["perplexity"]
        assert second < min(first, target.vocabulary_size), (first, second)
        examples = list(validation.take(5).sources())
        task = Translator(model, source, target, "beam", 20, examples=examples)
        save(task, folder / name)
        # One learns on, with low-rank matrices beside its own; for minutes under JAX.
        if name == "transformer" and keras.backend.backend() == "torch":
            task.fit(alike, tokens_per_batch=1500, epochs=1, lora_rank=2, verbose=0)
            save(task, folder / "adapted")
    lines = [f"{number} is {'small' if number < 500 else 'large'}" for number in range(100, 900, 9)]
    corpus = data.LabelledText(lines, [line.split()[-1] for line in lines])
    tokenizer = text.WordTokenizer.train(lines)
    encoder = models.BertEncoder(tokenizer.vocabulary_size, 16, 1, 2, max_length=8)
    head = models.SequenceClassifier(encoder, 2, "mean")
    task = TextClassifier(head, tokenizer, corpus.label_names(), 8, examples=lines[::20])
    losses = task.fit(corpus, epochs=3, learning_rate=0.01, verbose=0).history["loss"]
    assert losses[-1] < losses[0], losses
    save(task, folder / "classifier")
    refuse()


def refuse():
    """A batch beyond the positions is refused by `fit`."""
    model = models.Transformer(SIZE, SIZE, 8, 1, 2, max_length=8)
    model.compile(loss=training.SequenceCrossentropy())
    ids = np.ones((2, 9), "int32")
    with pytest.raises(ValueError, match=r"source of at most 8 tokens, the.*received 9\. Pass max"):
        model.fit({"source": ids, "target": ids[:, :8]}, ids[:, :8], verbose=0)


def save(task, folder):
    """Saves a task and what it says; that it cannot be exported is one sentence."""
    task.save(folder)
    with pytest.raises(ValueError, match=NEEDED):
        task.export(folder / "exported")
    assert not (folder / "exported").exists()
    said = "".join(f"{each}\n" for each in task(task.examples))
    (folder / "said.txt").write_text(said, encoding="utf-8")


def learn(folder):
    """Trains models of other kinds; saves their weights and logits."""
    for name in LEARNERS:
        model = make(name)
        inputs, ids, _ = batch(model)
        loss = training.SequenceCrossentropy() if name != "forecaster" else "mse"
        model.compile(keras.optimizers.Adam(0.01), loss)
        losses = [float(model.train_on_batch(inputs, ids)) for _ in range(5)]
        assert losses[-1] < losses[0], (name, losses)
        save_weights(model, folder / f"{name}.safetensors")
        np.savez(folder / f"{name}.npz", logits=model.predict_on_batch(inputs))


def answers(name):
    """What a model of the tables computes from drawn weights: a dict of arrays.

    Its logits, what each search finds, and loss, metrics and weights after a step of training.
    """
    model = make(name)
    numbers, is_jax = np.random.default_rng(0), keras.backend.backend() == "jax"
    drawn = [0.3 * numbers.standard_normal(weight.shape) for weight in model.weights]
    model.set_weights(
        [
            np.abs(each) if "variance" in weight.name else each
            for each, weight in zip(drawn, model.weights, strict=True)
        ]
    )
    inputs, ids, weights = batch(model)
    found = {"logits": model(inputs)}
    if isinstance(model, models.Seq2Seq):
        looks = {"return_attention": model.attends}
        searches = {
            "greedy": Greedy(no_repeat_ngram=2, **looks),
            "beam": Beam(3, n_best=2, coverage_penalty=0.2 * model.attends,
                         repetition_penalty=1.2, **looks),
            "sampling": Sampling(0.8, top_k=9, top_p=0.9, num_samples=2, **looks),
        }  # fmt: skip
        searches["alternatives"] = Alternatives(3, **looks)
        if not isinstance(model, models.ImageCaptioner):
            searches["greedy"] = searches["greedy"].replace(max_length_ratio=0.6)
        for key, search in searches.items():

            def searched(source, search=search):
                return model.generate(source, search, 2, 3, 5).present()

            function = compiled(searched, model) if is_jax else searched
            found |= {f"{key}.{part}": leaf for part, leaf in function(inputs["source"]).items()}
        found["states"] = model.encoder_states(inputs["source"])
        found["score"] = model.score(*inputs.values(), ids * (weights > 0))
    for layer in model._flatten_layers():
        if hasattr(layer, "rate"):  # dropout draws other numbers in each backend
            layer.rate = 0.0
    model.compile(
        keras.optimizers.SGD(0.1),
        training.SequenceCrossentropy(0.1),
        weighted_metrics=[metrics.Perplexity(), metrics.TokenAccuracy()],
        run_eagerly=not is_jax,
    )
    found |= model.train_on_batch(inputs, ids, weights, return_dict=True)
    found |= {f"weight.{i}": weight for i, weight in enumerate(model.get_weights())}
    return {key: keras.ops.convert_to_numpy(value) for key, value in found.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A function from a backend to the folder in which a process under it left what it made."""

    @functools.cache
    def made_under(backend):
        folder = tmp_path_factory.mktemp(backend)
        environment = {
            "KERAS_BACKEND": backend,
            "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "tests", ROOT))),
        }
        result = subprocess.run(
            [sys.executable, __file__, str(folder)],
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr[-3000:]
        return folder

    return made_under


def under_each(names):
    """Parameters of a test, the backend and the name, from a dict of names by backend."""
    return pytest.mark.parametrize(
        ("backend", "name"), [(each, name) for each in BACKENDS for name in names[each]]
    )


@under_each({"jax": TASKS, "torch": [*TASKS, "adapted"]})
def test_a_task_that_was_trained_there_says_the_same_under_tensorflow(made, backend, name):
    folder = made(backend) / name
    assert keras.backend.backend() == "tensorflow"
    task = load(folder)
    assert [str(each) for each in task(task.examples)] == (
        (folder / "said.txt").read_text(encoding="utf-8").splitlines()
    )


@under_each(dict.fromkeys(BACKENDS, LEARNERS))
def test_every_other_model_learns_there_and_moves(made, backend, name):
    model = make(name)
    load_weights(model, made(backend) / f"{name}.safetensors")
    logits = model(batch(model)[0])
    saved = np.load(made(backend) / f"{name}.npz")["logits"]
    assert_close(keras.ops.convert_to_numpy(logits), saved)


@under_each(ANSWERED)
def test_the_same_weights_compute_the_same(made, backend, name):
    there, here = np.load(made(backend) / f"answers.{name}.npz"), answers(name)
    assert set(here) == set(there.files)
    for key, value in here.items():
        assert value.dtype == there[key].dtype, key
        if value.dtype.kind in "iu":
            np.testing.assert_array_equal(value, there[key], err_msg=key)
        else:
            assert_close(there[key], value)


def test_models_need_no_tensorflow_under_another_backend():
    code = """
import sys
import numpy as np
from kerasseq import decoding, layers, metrics, models, text, training
model = models.Transformer(9, 9, 8, 1, 2)
model.compile("adam", training.SequenceCrossentropy(), weighted_metrics=[metrics.Perplexity()])
model.generate(np.ones((1, 2), "int32"), decoding.Beam(2), 2, 3, 4)
assert "tensorflow" not in sys.modules
"""
    environment = os.environ | {"KERAS_BACKEND": "torch"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, cwd=ROOT)


def main(folder):
    """Makes all of it under the backend of this process."""
    with pytest.raises(ValueError, match=NEEDED):  # before it has trained anything
        quickstart(folder / "quickstart", None)
    assert not (folder / "quickstart").exists()
    if keras.backend.backend() == "torch":
        with pytest.raises(ValueError, match=r"TensorFlow or the JAX backend.*received 'torch'"):
            make("lstm-sutskever").export(folder / "exported")
    train(folder)
    learn(folder)
    for name in ANSWERED[keras.backend.backend()]:
        np.savez(folder / f"answers.{name}.npz", **answers(name))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
