"""JAX trains, and its weights give the same logits under TensorFlow."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from closeness import assert_close
from kerasseq import Translator, models
from kerasseq.tasks.weights import load_weights

CORPUS = """
import sys, numpy as np, keras
from kerasseq import models, text, data, training, metrics, Translator
assert keras.backend.backend() == "jax"
parts = data.number_pairs(train=400, validation=50, test=1)
train, validation, _ = (data.ParallelText.from_pairs(part) for part in parts)
source = text.WordTokenizer.train(train.sources())
target = text.CharacterTokenizer.train(train.targets())
# JAX compiles every shape of a batch: pairs that all have one.
alike = data.ParallelText.from_pairs([pair for pair in train if len(pair[0].split()) == 2] * 4)
"""
TRAIN = """
keras.utils.set_random_seed(1)
model = {model}
model.compile(keras.optimizers.Adam(0.01), training.SequenceCrossentropy(0.1),
              weighted_metrics=[metrics.Perplexity(), metrics.TokenAccuracy()])
history = model.fit(alike.batches(source, target, tokens_per_batch=1500, shuffle=True),
                    epochs=2, verbose=0).history
first, second = history["perplexity"]
assert second < min(first, target.vocabulary_size), history
translator = Translator(model, source, target, "beam", 20, examples=list(validation.sources()))
folder = sys.argv[1] + "/{name}"
translator.save(folder)
ids = np.random.default_rng(0).integers(1, 20, (3, 6)).astype("int32")
logits = np.asarray(model({{"source": ids, "target": ids}}))
np.savez(folder + "/logits.npz", ids=ids, logits=logits)
with open(folder + "/translations.txt", "w", encoding="utf-8") as file:
    file.write("".join(f"{{line}}\\n" for line in translator(translator.examples[:5])))
"""
MODELS = {
    "transformer": "models.Transformer(source.vocabulary_size, target.vocabulary_size, 16, 1, 2)",
    "ssru": "models.Transformer(source.vocabulary_size, target.vocabulary_size, 16, 1, 2, "
    'decoder="ssru")',
    "t5": "models.Transformer(source.vocabulary_size, target.vocabulary_size, 16, 1, 2, "
    'positions="relative", norm="rms", norm_first=True, gated=True, use_bias=False, head_dim=5, '
    "scale_attention=False, scale_embedding=False, scale_output=True)",
    "recurrent": ("models.AttentionSeq2Seq(source.vocabulary_size, target.vocabulary_size, 8, 16)"),
}


def under_jax(code, folder):
    """Runs code in a process whose backend is JAX, a folder its argument."""
    result = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-3000:]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a folder for each translator, trained in one process under JAX."""
    folder = tmp_path_factory.mktemp("trained")
    parts = [TRAIN.format(name=name, model=model) for name, model in MODELS.items()]
    under_jax(CORPUS + "".join(parts), folder)
    return folder


@pytest.mark.parametrize("name", list(MODELS))
def test_a_model_trained_under_jax_answers_the_same_under_tensorflow(trained, name):
    folder = trained / name
    assert keras.backend.backend() == "tensorflow"
    translator = Translator.load(folder)
    saved = np.load(folder / "logits.npz")
    logits = translator.model({"source": saved["ids"], "target": saved["ids"]})
    assert_close(keras.ops.convert_to_numpy(logits), saved["logits"])
    printed = (folder / "translations.txt").read_text(encoding="utf-8")
    assert translator(translator.examples[:5]) == printed.splitlines()


SETUP = """
import sys, numpy as np, keras
from kerasseq import models, training
from kerasseq.tasks.weights import save_weights
assert keras.backend.backend() == "jax"
"""
LEARN = """
keras.utils.set_random_seed(1)
numbers = np.random.default_rng(0)
model = {model}
inputs = {inputs}
target = {target}
model.compile(keras.optimizers.Adam(0.01), keras.losses.{loss})
losses = [model.train_on_batch(inputs, target) for _ in range(5)]
assert losses[-1] < losses[0], ({name!r}, losses)
save_weights(model, sys.argv[1] + "/{name}.safetensors")
np.savez(sys.argv[1] + "/{name}.npz", logits=model.predict_on_batch(inputs))
"""
BERT = "models.BertEncoder(30, 16, 2, 2, separator_id=3)"
TOKENS = '{"tokens": np.insert(numbers.integers(4, 30, (4, 7)), 2, 3, axis=1).astype("int32")}'
OTHERS = {
    "bert-classifier": (
        f'models.SequenceClassifier({BERT}, 3, "first", "tanh")',
        TOKENS,
        "np.array([0, 1, 2, 0])",
    ),
    "bert-tagger": (
        f"models.SequenceTagger({BERT}, 3)",
        TOKENS,
        "numbers.integers(0, 3, (4, 8))",
    ),
    "bert-spans": (f"models.SpanClassifier({BERT}, 3)", TOKENS, "np.full((4, 2), 4)"),
    "lstm-classifier": (
        'models.SequenceClassifier(models.RecurrentTextEncoder(30, 8, 16), 3, "max")',
        TOKENS,
        "np.array([0, 1, 2, 0])",
    ),
    "captioner": (
        "models.ImageCaptioner(30, (16, 12), filters=(8, 12), embedding_dim=12, hidden_dim=16)",
        '{"source": numbers.integers(0, 256, (4, 16, 12, 3)).astype("uint8"), '
        '"target": numbers.integers(1, 30, (4, 5)).astype("int32")}',
        "numbers.integers(0, 30, (4, 5))",
    ),
    "sutskever": (
        "models.RecurrentSeq2Seq(30, 30, 8, 16, reverse_source=True)",
        '{"source": numbers.integers(1, 30, (4, 6)).astype("int32"), '
        '"target": numbers.integers(1, 30, (4, 5)).astype("int32")}',
        "numbers.integers(0, 30, (4, 5))",
    ),
    "forecaster": (
        "models.RecurrentForecaster(3, 2, 8)",
        '{"source": numbers.standard_normal((4, 6, 3)).astype("float32"), '
        '"target": numbers.standard_normal((4, 5, 2)).astype("float32")}',
        'numbers.standard_normal((4, 5, 2)).astype("float32")',
    ),
    "masked-language-model": (
        f"models.MaskedLanguageModel({BERT})",
        f'{TOKENS} | {{"positions": numbers.integers(0, 8, (4, 2)).astype("int32")}}',
        "numbers.integers(4, 30, (4, 2))",
    ),
}


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A folder with the weights and the logits of each, trained in one process under JAX."""
    folder = tmp_path_factory.mktemp("jax")
    code = SETUP
    for name, (model, inputs, target) in OTHERS.items():
        of_numbers = name == "forecaster"
        loss = "MeanSquaredError()" if of_numbers else "SparseCategoricalCrossentropy(True)"
        code += LEARN.format(name=name, model=model, inputs=inputs, target=target, loss=loss)
    under_jax(code, folder)
    return folder


@pytest.mark.parametrize("name", list(OTHERS))
def test_every_other_model_learns_under_jax_and_moves(learnt, name):
    model, inputs, _ = OTHERS[name]
    scope = {"models": models, "np": np, "numbers": np.random.default_rng(0)}
    again = eval(model, scope)
    load_weights(again, learnt / f"{name}.safetensors")
    logits = again(eval(inputs, scope))
    saved = np.load(learnt / f"{name}.npz")["logits"]
    assert_close(keras.ops.convert_to_numpy(logits), saved)


ENSEMBLE = """models.Ensemble([
    models.RecurrentSeq2Seq(17, 19, 8, 16), models.Transformer(17, 19, 16, 1, 2),
])"""
DECODE = """
def decode(model):
    source = np.random.default_rng(1).integers(4, 17, (3, 5)).astype("int32")

    def search(source):
        memory = model.encode(source)
        state = model.initial_state(memory, 8)
        return Greedy(return_attention=True)(model.decode_step, memory, state, 2, 3, 8)

    return compiled(search, model)(source).to_numpy()
"""
IMPORTS = """
import sys, numpy as np, keras
from kerasseq import models
from kerasseq.compiled import compiled
from kerasseq.decoding import Greedy
from kerasseq.tasks.weights import save_weights
"""
SAVE = """
assert keras.backend.backend() == "jax"
keras.utils.set_random_seed(1)
model = {model}
model.set_weights([2 * weight for weight in model.get_weights()])
save_weights(model, sys.argv[1] + "/model.safetensors")
found = decode(model)
np.savez(sys.argv[1] + "/found.npz", tokens=found.tokens, scores=found.scores,
         attention=found.attention)
"""


def test_an_ensemble_decodes_the_same_under_jax_and_tensorflow(tmp_path):
    code = IMPORTS + DECODE + SAVE.format(model=ENSEMBLE)
    under_jax(code, tmp_path)
    scope = {}
    exec(IMPORTS + DECODE, scope)
    again = eval(ENSEMBLE, scope)
    load_weights(again, tmp_path / "model.safetensors")
    found, saved = scope["decode"](again), np.load(tmp_path / "found.npz")
    np.testing.assert_array_equal(found.tokens, saved["tokens"])
    for name in ("scores", "attention"):
        assert_close(getattr(found, name), saved[name])
