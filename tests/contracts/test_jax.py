"""JAX trains, and its weights give the same logits under TensorFlow."""

import os
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

from kerasseq import Translator

TRAIN = """
import sys, numpy as np, keras
from kerasseq import models, text, data, training, metrics, Translator
assert keras.backend.backend() == "jax"
keras.utils.set_random_seed(1)
parts = data.number_pairs(train=400, validation=50, test=1)
train, validation, _ = (data.ParallelText.from_pairs(part) for part in parts)
source = text.WordTokenizer.train(train.sources())
target = text.CharacterTokenizer.train(train.targets())
model = {model}
model.compile(keras.optimizers.Adam(0.01), training.SequenceCrossentropy(0.1),
              weighted_metrics=[metrics.Perplexity(), metrics.TokenAccuracy()])
history = model.fit(train.batches(source, target, tokens_per_batch=1500, shuffle=True),
                    epochs=2, verbose=0).history
assert history["perplexity"][1] < history["perplexity"][0] < target.vocabulary_size, history
translator = Translator(model, source, target, "beam", 20, examples=list(validation.sources()))
translator.save(sys.argv[1])
numbers = np.random.default_rng(0)
ids = numbers.integers(1, 20, (3, 6)).astype("int32")
logits = np.asarray(model({{"source": ids, "target": ids}}))
np.savez(sys.argv[1] + "/logits.npz", ids=ids, logits=logits)
print("\\n".join(translator(translator.examples[:5])))
"""
MODELS = {
    "transformer": "models.Transformer(source.vocabulary_size, target.vocabulary_size, 16, 1, 2)",
    "recurrent": ("models.AttentionSeq2Seq(source.vocabulary_size, target.vocabulary_size, 8, 16)"),
}


@pytest.mark.parametrize("name", list(MODELS))
def test_a_model_trained_under_jax_answers_the_same_under_tensorflow(name, tmp_path):
    folder = str(tmp_path / "t")
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(TRAIN.format(model=MODELS[name])), folder],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert keras.backend.backend() == "tensorflow"
    translator = Translator.load(folder)
    saved = np.load(f"{folder}/logits.npz")
    logits = translator.model({"source": saved["ids"], "target": saved["ids"]})
    np.testing.assert_allclose(keras.ops.convert_to_numpy(logits), saved["logits"], atol=1e-4)
    assert translator(translator.examples[:5]) == result.stdout.splitlines()
