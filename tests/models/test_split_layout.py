"""A model split over two devices says what it says on one."""

import os
import subprocess
import sys

import keras
import pytest

from kerasseq.models import split_layout

# Its words are 101: no number of rows that two devices share evenly.
SCRIPT = """
import keras
import numpy as np

from kerasseq.models import BertEncoder, Transformer, split_layout
from kerasseq.training import SequenceCrossentropy

ids = np.random.default_rng(1).integers(4, 101, (4, 6)).astype("int32")
pairs = {"source": ids, "target": ids[:, :5]}
sizes = 101, 101, 16, 1, 2, 32, 0.0
kinds = {
    "tied": (lambda: Transformer(*sizes, share_embeddings=True), pairs, 7),
    "gated": (lambda: Transformer(*sizes, gated=True), pairs, 12),
    "encoder": (lambda: BertEncoder(*sizes[1:]), {"tokens": ids}, 4),
}
mesh = keras.distribution.DeviceMesh((1, 2), ["batch", "model"])
split = keras.distribution.ModelParallel(layout_map=split_layout(mesh), batch_dim_name="batch")
for name, (make, inputs, halves) in kinds.items():
    keras.utils.set_random_seed(1)
    whole = make()
    expected = whole(inputs)
    keras.distribution.set_distribution(split)
    model = make()
    model(inputs)
    model.set_weights(whole.get_weights())
    found = [
        each for each in model.trainable_variables
        if each.value.addressable_shards[0].data.size * 2 == each.value.size
    ]
    assert len(found) == halves, [each.path for each in found]
    for one, other in zip(
        keras.tree.flatten(expected), keras.tree.flatten(model(inputs)), strict=True
    ):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), atol=1e-5)
    if name == "encoder":
        keras.distribution.set_distribution(None)
        continue
    losses = []
    for each, distribution in ((model, split), (whole, None)):
        keras.distribution.set_distribution(distribution)
        each.compile(keras.optimizers.Adam(1e-2), SequenceCrossentropy())
        data = inputs, ids[:, 1:], np.ones((4, 5), "float32")
        losses.append([float(each.train_on_batch(*data)) for _ in range(3)])
    np.testing.assert_allclose(*losses, rtol=1e-4)
    assert losses[0][2] < losses[0][0]
    keras.distribution.set_distribution(None)
"""


def test_two_devices_say_what_one_says():
    environment = os.environ | {
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_an_axis_that_is_not_there_is_refused():
    mesh = keras.distribution.DeviceMesh((1, 1), ["batch", "model"], ["cpu:0"])
    with pytest.raises(ValueError, match="one of .*'batch', 'model'.*'width'"):
        split_layout(mesh, "width")
