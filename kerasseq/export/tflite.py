"""A .tflite file with encoder, decoder step and the whole search inside."""

import json
import pathlib
import tempfile
import zipfile

import keras
import tensorflow as tf

from kerasseq.export.saved_model import use_portable_kernels
from kerasseq.files import write_file
from kerasseq.text.vocabulary import END_ID, START_ID

QUANTIZATIONS = (None, "float16", "int8")
LONGEST_SOURCE = 64


def export_tflite(translator, path, quantize=None):
    """Writes one file of built-in operators and static shapes, batch 1.

    Signatures, with `S` = the longest source and `T` = `max_length`, both in the metadata:

    - `translate`: `source` `(1, S)` int32 to `tokens` `(1, N, T)`, `lengths` and `scores`
      `(1, N)`, and, where the search returns it, `attention` `(1, N, T, S)`;
    - `encode`: `source` to the leaves of memory and of the first state, by name;
    - `decode_step`: `token` `(1,)`, `step` `()`, memory and state to `logits` `(1, V)`,
      the new state, and `attention` `(1, S)` of a model that attends.

    The tokenizers' files and `metadata.json` ride along as a zip archive at the end of the
    file, which TFLite readers pass over.

    Args:
        translator: Translator.
        path: path of the `.tflite` file.
        quantize: None, "float16" or "int8".

    Raises:
        ValueError: for another `quantize`.
    """
    if quantize not in QUANTIZATIONS:
        raise ValueError(
            f"Expected quantize to be one of {QUANTIZATIONS}; received {quantize!r}. Choose one."
        )
    use_portable_kernels(translator.model)
    length = min(translator.max_source_length, LONGEST_SOURCE)
    content = _convert(translator, length, quantize)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        file = folder / "model.tflite"
        file.write_bytes(content)
        translator.source.save(folder / "source")
        translator.target.save(folder / "target")
        metadata = {
            "kerasseq": 1,
            "max_source_length": length,
            "max_length": translator.max_length,
            "start_id": START_ID,
            "end_id": END_ID,
            "quantize": quantize,
            "replace_unknown": translator.replace_unknown,
            "search": translator.search.get_config(),
        }
        with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("metadata.json", json.dumps(metadata, indent=1))
            for side in ("source", "target"):
                for part in sorted((folder / side).iterdir()):
                    archive.write(part, f"{side}/{part.name}")
        write_file(path, file.read_bytes())


def _convert(translator, length, quantize):
    model, max_length = translator.model, translator.max_length
    source = tf.TensorSpec((1, length), tf.int32, name="source")

    def encode(source):
        memory = model.encode(source)
        state = model.initial_state(memory, max_length)
        return named_leaves(memory, "memory") | named_leaves(state, "state")

    example = encode(tf.fill((1, length), END_ID))
    memory = model.encode(tf.fill((1, length), END_ID))
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

    search = translator.search
    if translator.replace_unknown:
        search = search.changed(return_attention=True)

    def translate(source):
        decoded = translator.decode_ids(source, search)._asdict()
        return {name: leaf for name, leaf in decoded.items() if leaf is not None}

    leaves = {
        name: tf.TensorSpec(leaf.shape, leaf.dtype, name=name) for name, leaf in example.items()
    }
    token = tf.TensorSpec((1,), tf.int32, name="token")
    step = tf.TensorSpec((), tf.int32, name="step")
    module = tf.Module()
    module.held = [variable.value for variable in model.variables]
    signatures = {
        "encode": tf.function(encode).get_concrete_function(source),
        "decode_step": tf.function(decode_step).get_concrete_function(token, step, **leaves),
        "translate": tf.function(translate).get_concrete_function(source),
    }
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
