"""A Seq2Seq model and its search as one TensorFlow Lite program."""

import tempfile

import keras
import tensorflow as tf

from kerasseq.export.tracing import traced


def convert(model, source, decode, max_length, name, quantize=None):
    """Converts encoder, decoder step and whole search to built-in operators, batch 1.

    Args:
        model: Seq2Seq.
        source: tf.TensorSpec named `source`, of static shape, what the model encodes.
        decode: function from the source to Decoded, the whole search.
        max_length: int, the most tokens of a target.
        name: str, of the signature that runs the whole search.
        quantize: None, "float16" or "int8".

    Returns:
        bytes, a file with the signatures `encode`, `decode_step` and the named one.
    """

    def encode(source):
        memory = model.encode(source)
        state = model.initial_state(memory, max_length)
        return named_leaves(memory, "memory") | named_leaves(state, "state")

    blank = tf.ones(source.shape, source.dtype)
    example = encode(blank)
    memory = model.encode(blank)
    state = model.initial_state(memory, max_length)

    def decode_step(token, step, **leaves):
        logits, new, attention = model.decode_step(
            token,
            keras.tree.pack_sequence_as(state, [leaves[n] for n in named_leaves(state, "state")]),
            keras.tree.pack_sequence_as(
                memory, [leaves[n] for n in named_leaves(memory, "memory")]
            ),
            step,
        )
        found = {"logits": logits} | named_leaves(new, "state")
        return found if attention is None else found | {"attention": attention}

    def whole(source):
        return {name: leaf for name, leaf in decode(source)._asdict().items() if leaf is not None}

    leaves = {
        name: tf.TensorSpec(leaf.shape, leaf.dtype, name=name) for name, leaf in example.items()
    }
    token = tf.TensorSpec((1,), tf.int32, name="token")
    step = tf.TensorSpec((), tf.int32, name="step")
    signatures = {
        "encode": traced(model, encode, source),
        "decode_step": traced(model, decode_step, token, step, **leaves),
        name: traced(model, whole, source),
    }
    return convert_signatures(model, signatures, quantize)


def convert_signatures(model, signatures, quantize=None):
    """Converts functions of one model to built-in operators.

    Args:
        model: keras.Model, whose weights the functions read.
        signatures: dict from names to concrete functions.
        quantize: None, "float16" or "int8".

    Returns:
        bytes.
    """
    module = tf.Module()
    module.held = [variable.value for variable in model.variables]
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=list(signatures)
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if quantize is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if quantize == "float16":
            converter.target_spec.supported_types = [tf.float16]
        return converter.convert()


def named_leaves(structure, prefix):
    """A nested dict as a flat one: `{"memory_blocks_0_key": tensor, …}`, in tree order."""
    return {
        "_".join([prefix, *map(str, path)]): leaf
        for path, leaf in keras.tree.flatten_with_path(structure)
    }
