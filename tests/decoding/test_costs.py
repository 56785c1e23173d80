"""What makes a search cheap changes no answer: the chunks, open caches, shared memories."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hub_models import bart

from closeness import assert_close
from kerasseq import stages
from kerasseq.decoding import Beam, Greedy, Sampling
from kerasseq.decoding.largest import largest
from kerasseq.models import Ensemble, HubSeq2Seq, Transformer
from kerasseq.tensors import empty_buffer, repeat_rows, write_at


@pytest.mark.parametrize("width", [7, 640, 1009, 8000])
@pytest.mark.parametrize("count", [1, 4, 7])
def test_the_largest_are_those_of_a_full_sort_with_equal_numbers_in_order(width, count):
    values = np.random.default_rng(width).integers(0, 6, (5, width)).astype("float32")
    values[0, ::3] = -np.inf
    values[1] = -1e9
    best, places = largest(keras.ops.convert_to_tensor(values), count)
    expected = np.argsort(-values, axis=-1, kind="stable")[:, :count]
    np.testing.assert_array_equal(places, expected)
    np.testing.assert_array_equal(best, np.take_along_axis(values, expected, axis=-1))


def test_a_buffer_is_open_where_the_batch_is():
    seen = []

    @tf.function(input_signature=[tf.TensorSpec((None, 3))])
    def write(rows):
        buffer = empty_buffer((keras.ops.shape(rows)[0], 2, 9, 3), 2)
        seen.append(buffer.shape[2])
        for step in range(4):
            buffer = write_at(buffer, rows[:, None, None] * (step + 1.0) + [[[[0.0]], [[1.0]]]],
                              step, axis=2)  # fmt: skip
        return buffer

    rows = np.ones((5, 3), "float32")
    found = write(rows).numpy()
    assert seen == [None] and found.shape == (5, 2, 4, 3)
    np.testing.assert_array_equal(found[:, 0, :, 0], np.tile([1, 2, 3, 4], (5, 1)))
    assert empty_buffer((5, 2, 9, 3), 2).shape == (5, 2, 9, 3)


def small(**options):
    return Transformer(17, 400, hidden_dim=16, num_layers=2, num_heads=2, feed_forward_dim=24,
                       **options)  # fmt: skip


@pytest.mark.parametrize("kind", ["usual", "relative", "ssru", "ensemble"])
@pytest.mark.parametrize(
    "search",
    [
        Greedy(return_attention=True),
        Beam(3, n_best=2, return_attention=True, coverage_penalty=0.1),
        Sampling(num_samples=2, top_k=9),
    ],
    ids=lambda search: type(search).__name__,
)
def test_an_open_graph_and_a_repeated_memory_answer_alike(kind, search):
    keras.utils.set_random_seed(3)
    options = {"usual": {}, "relative": {"positions": "relative"}, "ssru": {"decoder": "ssru"}}
    model = Ensemble([small(), small()]) if kind == "ensemble" else small(**options[kind])
    for weight in model.weights:  # far from uniform
        weight.assign(3 * weight)
    source = np.random.default_rng(0).integers(4, 17, (4, 6)).astype("int32")
    source[1, 4:] = 0
    graph = tf.function(
        lambda source: model.generate(source, search, 2, 3, 11),
        input_signature=[tf.TensorSpec((None, None), "int32")],
    )
    memory = model.encode(source)
    state = model.initial_state(memory, 11)
    static = search(model.decode_step, memory, state, 2, 3, 11, spread=repeat_rows)
    found, expected = graph(source).present(), static.present()
    assert sorted(found) == sorted(expected)
    for name, leaf in expected.items():
        if name in ("tokens", "lengths"):
            np.testing.assert_array_equal(found[name], leaf)
        else:
            assert_close(np.asarray(found[name]), np.asarray(leaf))


@pytest.mark.parametrize(
    ("max_length", "expected"),
    [
        (1, [1]), (31, [31]), (32, [16, 32]), (63, [16, 63]), (64, [16, 32, 64]),
        (100, [16, 40, 100]), (512, [16, 90, 512]),
    ],
)  # fmt: skip
def test_a_stage_has_at_least_twice_the_steps_of_the_one_before(max_length, expected):
    assert stages.lengths_of(max_length) == expected


def lengths_seen(model):
    """The model, and the list that each step's static length of the caches goes into."""
    seen, step = [], model.decode_step

    def decode_step(token, state, memory, position):
        shapes = [tuple(leaf.shape) for leaf in keras.tree.flatten(state)]
        if not seen or seen[-1] != shapes:
            seen.append(shapes)
        return step(token, state, memory, position)

    model.decode_step = decode_step
    return seen


ENDS = {  # of translations: the rules that bring them there, and the steps they may take
    "first": ({"max_length_ratio": 0.34}, range(1, 4)),
    "second": ({"min_length": 3, "max_length_ratio": 0.8}, range(4, 7)),
    "last": ({"min_length": 8}, range(9, 13)),
}


@pytest.mark.parametrize(
    ("kind", "end"),
    [*((kind, "last") for kind in ("usual", "relative", "ssru", "ensemble", "hub")),
     ("usual", "first"), ("usual", "second")],
)  # fmt: skip
@pytest.mark.parametrize("search", [Greedy(), Beam(3, n_best=2)], ids=["greedy", "beam"])
def test_a_loop_in_stages_answers_as_in_one(kind, end, search, monkeypatch):
    keras.utils.set_random_seed(3)
    options = {"usual": {}, "relative": {"positions": "relative"}, "ssru": {"decoder": "ssru"}}
    if kind == "hub":
        model = HubSeq2Seq(bart())
    else:
        model = Ensemble([small(), small()]) if kind == "ensemble" else small(**options[kind])
        for weight in model.weights:  # far from uniform
            weight.assign(3 * weight)
    seen = lengths_seen(model)
    source = np.random.default_rng(0).integers(4, 17, (2, 6)).astype("int32")
    rules, steps = ENDS[end]
    search = search.replace(**rules)

    def answers():
        @tf.function(input_signature=[tf.TensorSpec((2, 6), "int32")])
        def graph(source):
            return model.generate(source, search, 2, 3, 12).present()

        return graph(source)

    expected = answers()
    assert len(seen) == 1
    monkeypatch.setattr(stages, "FEW", 3)
    seen.clear()
    found = answers()
    assert len(seen) == (1 if kind == "ssru" else 3)  # of 3, 6 and 12 steps
    for name, leaf in expected.items():
        if name in ("tokens", "lengths"):
            np.testing.assert_array_equal(found[name], leaf)
        else:
            assert_close(np.asarray(found[name]), np.asarray(leaf))
    assert np.asarray(found["lengths"]).max() in steps
