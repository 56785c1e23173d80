"""A T5 of KerasHub becomes a translator: the same logits and tokens, trained, saved, exported."""

import json
import pathlib
import shutil

import h5py
import keras
import keras_hub
import numpy as np
import pytest
from hub_models import LINES, T5_ROWS, bart, t5

from closeness import assert_close
from kerasseq import Translator
from kerasseq.data import ParallelText
from kerasseq.export import LiteTask
from kerasseq.models import HubSeq2Seq
from kerasseq.training import SequenceCrossentropy


@pytest.fixture(scope="module")
def task():
    keras.utils.set_random_seed(4)
    task = t5()
    # Larger than at the start, so that logits differ visibly.
    task.backbone.set_weights([1.5 * weight for weight in task.backbone.get_weights()])
    return task


@pytest.fixture(scope="module")
def folder(task, tmp_path_factory):
    path = tmp_path_factory.mktemp("preset") / "t5"
    task.save_to_preset(str(path))
    return path


@pytest.fixture(scope="module")
def translator(task):
    return Translator.from_keras_hub(task, "greedy", 8)


def former_ids(translator, task):
    """For each of the translator's ids the id of KerasHub's."""
    tokenizer = task.preprocessor.tokenizer
    known = {piece: i for i, piece in enumerate(tokenizer.get_vocabulary())}
    vocabulary = translator.source.vocabulary
    rows = [known.get(piece) for piece in vocabulary]
    rows[2] = known["<pad>"]  # what a target begins with
    assert [row for row in rows if row is None] == [None] * (T5_ROWS - len(known))
    rows[-(T5_ROWS - len(known)) :] = range(len(known), T5_ROWS)
    return np.array(rows)


def logits_of(task, source, target, padding=0):
    inputs = {
        "encoder_token_ids": source,
        "encoder_padding_mask": (source != padding).astype("int32"),
        "decoder_token_ids": target,
        "decoder_padding_mask": np.ones_like(target),
    }
    return keras.ops.convert_to_numpy(task(inputs))


def test_lines_are_cut_as_keras_hub_cuts_them(task, translator):
    rows = former_ids(translator, task)
    for line in [*LINES, "zebra 7 <extra_id_0>", "  two   spaces "]:
        ids = [int(i) for i in np.array(task.preprocessor.tokenizer(line))]
        assert rows[translator.source.encode(line)].tolist() == ids
        assert translator.source.decode(translator.source.encode(line)) == (
            task.preprocessor.tokenizer.detokenize(ids)
        )


def test_logits_are_those_of_keras_hub(task, translator):
    rows, numbers = former_ids(translator, task), np.random.default_rng(0)
    source = numbers.integers(3, T5_ROWS, (4, 9))
    source[1, 5:] = 0
    target = numbers.integers(3, T5_ROWS, (4, 7))
    target[:, 0] = 2
    found = translator.model({"source": source, "target": target})
    expected = logits_of(task, rows[source], rows[target])[..., rows]
    others = np.arange(len(rows)) != 2
    assert_close(np.array(found)[..., others], expected[..., others])
    assert np.all(np.array(found)[..., 2] < -1e8)  # a symbol that T5 does not have


def test_greedy_tokens_are_those_of_keras_hub(task, translator):
    rows = former_ids(translator, task)
    for line in LINES:
        source = rows[[*translator.source.encode(line), 3]][None]
        target = np.array([[0]])
        while target.shape[1] < 9 and target[0, -1] != 1:
            logits = logits_of(task, source, target)[0, -1]
            logits[0] = -np.inf  # padding is no token of a translation
            target = np.append(target, [[logits.argmax()]], axis=1)
        found = next(translator.answers([line]))[0]
        ids = [translator.target.vocabulary.index(token) for token in found.tokens]
        assert rows[ids].tolist() == target[0, 1:].tolist()


def test_a_bart_is_read_with_its_begins(tmp_path):
    """Logits and greedy tokens behind `</s> <s>`, the same as KerasHub's."""
    keras.utils.set_random_seed(6)
    hub = bart()
    hub.backbone.set_weights([2 * weight for weight in hub.backbone.get_weights()])
    hub.save_to_preset(str(tmp_path / "bart"))
    translator = Translator.from_keras_hub(tmp_path / "bart", "greedy", 6)
    assert translator(LINES) == Translator.from_keras_hub(hub, "greedy", 6)(LINES)
    known = hub.preprocessor.tokenizer
    vocabulary = translator.source.vocabulary
    size = known.vocabulary_size()
    rows = np.array([known.vocabulary.get(token, -1) for token in vocabulary])
    rows[rows < 0] = [size, size + 1]
    for line in LINES:
        ids = [int(i) for i in np.array(known(line))]
        assert rows[translator.source.encode(line)].tolist() == ids
        assert translator.source.decode(translator.source.encode(line)) == line
        source = np.array([[0, *ids, 2]])
        target = np.array([[2, 0]])
        while target.shape[1] < 8 and (target[0, -1] != 2):
            logits = logits_of(hub, source, target, padding=1)[0, -1]
            logits[[0, 1]] = -np.inf  # neither start nor padding is a token of a translation
            target = np.append(target, [[logits.argmax()]], axis=1)
        found = next(translator.answers([line]))[0]
        assert rows[[vocabulary.index(token) for token in found.tokens]].tolist() == (
            target[0, 2:].tolist()
        )
        inputs = {
            "source": np.array([[*translator.source.encode(line), 3]]),
            "target": np.array([[2, *(vocabulary.index(token) for token in found.tokens)]]),
        }
        expected = logits_of(hub, source, target, padding=1)[:, 1:, rows]
        assert_close(np.array(translator.model(inputs)), expected)
    assert translator.export(tmp_path / "bart.tflite", LINES)["identical"] == 1.0


def test_a_folder_is_read_as_its_task(folder, translator):
    read = Translator.from_keras_hub(str(folder), "greedy", 8)
    assert read(LINES) == translator(LINES)
    for one, other in zip(read.model.get_weights(), translator.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_trained_saved_loaded_and_exported(folder, tmp_path):
    translator = Translator.from_keras_hub(folder, "greedy", 10, 24, examples=LINES)
    batches = ParallelText.from_pairs([(line, "a dog") for line in LINES] * 4).batches(
        translator.source, translator.target, tokens_per_batch=100
    )
    before = translator.model.get_weights()
    translator.model.compile(keras.optimizers.Adam(0.01), SequenceCrossentropy())
    losses = translator.model.fit(batches, epochs=40, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    after = translator.model.get_weights()
    assert all((one != other).any() for one, other in zip(before, after, strict=True))
    translator.save(tmp_path / "saved")
    again = Translator.load(tmp_path / "saved")
    assert type(again.model) is HubSeq2Seq and again(LINES) == translator(LINES)
    assert again.export(tmp_path / "model.tflite")["identical"] == 1.0
    assert LiteTask(tmp_path / "model.tflite")(LINES) == translator(LINES)
    half = Translator.from_keras_hub(folder, dtype="mixed_bfloat16")
    assert half.model.backbone.dtype_policy.name == "mixed_bfloat16"
    assert half.model.dtype_policy.name == "mixed_bfloat16"


def change(path, name, **fields):
    """Sets fields of a JSON file, dotted names inside its config; None takes one out."""
    found = json.loads((path / name).read_text())
    for field, value in fields.items():
        inside = found if field in found else found["config"]
        inside[field] = value
    (path / name).write_text(json.dumps(found))


def truncate(path):
    content = (path / "model.weights.h5").read_bytes()
    (path / "model.weights.h5").write_bytes(content[: len(content) // 2])


def hide_a_size(path):
    with h5py.File(path / "model.weights.h5", "a") as file:
        file.create_dataset("large", (2**40,), "float32", chunks=(2**20,))


def other_weights(path):
    with h5py.File(path / "model.weights.h5", "a") as file:
        del file["layers/t5_layer_norm/vars/0"]
        file["layers/t5_layer_norm/vars/0"] = np.zeros(7, "float32")


WRONG = {
    "a folder that is none": (lambda path: shutil.rmtree(path), FileNotFoundError, "received none"),
    "no config.json": (lambda path: (path / "config.json").unlink(), FileNotFoundError, "config"),
    "another class": (
        lambda path: change(path, "config.json", class_name="GemmaBackbone"),
        ValueError, "keras_hub>T5Backbone",
    ),
    "another backbone": (
        lambda path: change(
            path, "config.json", class_name="GemmaBackbone",
            registered_name="keras_hub>GemmaBackbone",
        ),
        ValueError, "GemmaBackbone",
    ),
    "code of one's own": (
        lambda path: change(path, "config.json", module="os", registered_name=None),
        ValueError, "'os'",
    ),
    "a lambda": (
        lambda path: change(
            path, "config.json",
            activation={"class_name": "__lambda__", "config": {"value": "4wAA"}},
        ),
        ValueError, "activation.*__lambda__",
    ),
    "a size": (
        lambda path: change(path, "config.json", vocabulary_size=2**40),
        ValueError, "vocabulary_size.*1099511627776",
    ),
    "layers": (
        lambda path: change(path, "config.json", num_layers=10**9), ValueError, "num_layers",
    ),
    "an unknown argument": (
        lambda path: change(path, "config.json", config={"depth": 3}), ValueError, "arguments",
    ),
    "a quantised model": (
        lambda path: change(path, "config.json", dtype={"class_name": "DTypePolicyMap"}),
        ValueError, "quantised",
    ),
    "another task": (
        lambda path: change(
            path, "task.json", class_name="T5Other", registered_name="keras_hub>T5Other"
        ),
        ValueError, "T5Other",
    ),
    "no weights": (lambda path: (path / "model.weights.h5").unlink(), FileNotFoundError, "weights"),
    "shards": (
        lambda path: (path / "model.weights.h5").rename(path / "model.weights.json"),
        ValueError, "several files",
    ),
    "half a file": (truncate, ValueError, "HDF5"),
    "numbers that are not there": (hide_a_size, ValueError, "shorter"),
    "a weight of another shape": (other_weights, ValueError, "weights of a T5Backbone"),
    "no tokenizer": (lambda path: (path / "tokenizer.json").unlink(), ValueError, "preprocessor"),
    "another tokenizer": (
        lambda path: change(
            path, "tokenizer.json", class_name="BertTokenizer",
            registered_name="keras_hub>BertTokenizer",
        ),
        ValueError, "BertTokenizer",
    ),
    "a start of its own": (
        lambda path: change(path, "tokenizer.json", add_eos=True), ValueError, "add_eos",
    ),
    "no pieces": (
        lambda path: (path / "assets/tokenizer/vocabulary.spm").unlink(), ValueError, "spm",
    ),
    "pieces that are none": (
        lambda path: (path / "assets/tokenizer/vocabulary.spm").write_bytes(b"what"),
        ValueError, "SentencePiece",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_folder_gets_one_sentence(folder, tmp_path, name):
    spoil, error, said = WRONG[name]
    copy = pathlib.Path(shutil.copytree(folder, tmp_path / "copy"))
    spoil(copy)
    with pytest.raises(error, match=said):
        Translator.from_keras_hub(copy)


def test_a_model_of_another_kind_gets_one_sentence(task):
    bare = keras_hub.models.T5Seq2SeqLM(task.backbone)
    with pytest.raises(ValueError, match="preprocessor"):
        Translator.from_keras_hub(bare)
    with pytest.raises(ValueError, match="received the Functional"):
        ids = keras.Input((3,))
        Translator.from_keras_hub(keras.Model(ids, ids + 1))
    with pytest.raises(ValueError, match="BartSeq2SeqLM, T5Seq2SeqLM; received 'Functional'"):
        HubSeq2Seq(keras.Model(ids, ids + 1))
