"""What a signature refuses is said in one sentence, whoever asks it."""

import pytest
import tensorflow as tf

from kerasseq.processing.run_signature import run_signature


@pytest.fixture(scope="module")
def signature(tmp_path_factory):
    """Of texts `(B,)`, that must be short, and names of numbers."""

    class Numbers(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string, name="text")])
        def __call__(self, text):
            short = tf.reduce_all(tf.strings.length(text) < 9)
            said = ["Expected texts of at most 8 bytes; received a longer one. Shorten it."]
            with tf.control_dependencies([tf.debugging.Assert(short, said)]):
                return {"number": tf.strings.to_number(text)}

    path, module = str(tmp_path_factory.mktemp("numbers")), Numbers()
    tf.saved_model.save(module, path, {"serving_default": module.__call__})
    loaded = tf.saved_model.load(path)
    yield loaded.signatures["serving_default"]


def test_its_answers_are_arrays(signature):
    assert run_signature(signature, {"text": ["1", b"2.5"]})["number"].tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (["123456789"], "Expected texts of at most 8 bytes; received a longer one. Shorten it."),
        (["1", "one"], "Expected values that the model can read; received others "
                       "(StringToNumberOp could not correctly convert string: one). Change them."),
        ([["1"]], "Expected text of shape [None]; received [1, 1]. Change its nesting."),
    ],
)  # fmt: skip
def test_what_it_does_not_read_is_a_sentence(signature, text, said):
    with pytest.raises(ValueError) as refused:
        run_signature(signature, {"text": text})
    assert str(refused.value) == said
