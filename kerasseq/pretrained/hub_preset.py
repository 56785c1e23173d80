"""What KerasHub holds: a task, a backbone, or the folder that its `save_to_preset` wrote."""

import contextlib
import os
import pathlib
import tempfile
import typing

import keras

from kerasseq.hdf5_file import count_numbers
from kerasseq.models.keras_hub_objects import LEFT_OUT, build_backbone, check_kind, check_plain
from kerasseq.pretrained.fields import check_fields
from kerasseq.pretrained.folder import Folder
from kerasseq.pretrained.hub_weights import check_numbers, check_sizes, load
from kerasseq.untrusted import door, read_file

CONFIG, TASK, TOKENIZER = "config.json", "task.json", "tokenizer.json"
WEIGHTS, SHARDS = "model.weights.h5", "model.weights.json"
TASK_WEIGHTS = "task.weights.h5"
ASSETS = "assets/tokenizer"
VOCABULARIES = ("vocabulary.txt", "vocabulary.spm", "vocabulary.json", "merges.txt")
OBJECT = ("module", "class_name", "config", "registered_name")  # of what Keras serialises
PACKAGES = ("keras_hub", "keras_nlp")  # the latter is KerasHub's former name
FLOATS = ("float32", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16", "float64")


class Described(typing.NamedTuple):
    """One of KerasHub's objects as a file describes it.

    Attributes:
        where: str, the file or the object, for messages.
        name: str, its class.
        config: dict, its arguments.
        files: dict of bytes, its assets.
    """

    where: str
    name: str
    config: dict
    files: dict = {}  # noqa: RUF012 (never written)


class HubPreset(typing.NamedTuple):
    """A pretrained model of KerasHub.

    Attributes:
        where: str, the folder or the object, for messages.
        backbone: keras_hub.models.Backbone, with its weights.
        task: str, the task's class name, or None for a backbone alone.
        tokenizer: Described, or None.
        head: keras_hub.models.Task of that name, with its weights, or None.
    """

    where: str
    backbone: keras.Model
    task: str | None
    tokenizer: Described | None
    head: keras.Model | None


@door("a model that KerasHub's save_to_preset wrote", "Save it there again.")
def read_preset(given, backbones, heads=()):
    """A task or backbone of KerasHub, or a folder of one.

    Of a folder nothing is run: its JSON files name a class of KerasHub and plain arguments, and
    its weights are numbers.

    Args:
        given: keras_hub.models.Task or Backbone, or the path of a folder.
        backbones: class names of the backbones that are allowed.
        heads: class names of the tasks whose layers above the backbone are read too.

    Returns:
        HubPreset.

    Raises:
        FileNotFoundError: for a missing folder or file.
        ValueError: for another kind of model, a damaged file, or anything that is not supported,
            by its name.
    """
    if not isinstance(given, keras.Model | str | os.PathLike):
        raise ValueError(
            f"Expected a task or backbone of KerasHub, or a folder of one; received a "
            f"{type(given).__name__}. Of a model of transformers: from_transformers(model, "
            "tokenizer)."
        )
    if not isinstance(given, keras.Model):
        return _read_folder(pathlib.Path(given), backbones, heads)
    backbone = getattr(given, "backbone", None)
    task = None if backbone is None else type(given).__name__
    backbone = given if backbone is None else backbone
    where = f"the {type(given).__name__}"
    _check_class(where, type(backbone), backbones)
    preprocessor = getattr(given, "preprocessor", None)
    tokenizer = getattr(preprocessor, "tokenizer", None)
    tokenizer = tokenizer and describe_tokenizer(tokenizer)
    return HubPreset(where, backbone, task, tokenizer, given if task in tuple(heads) else None)


def describe_tokenizer(tokenizer):
    """A tokenizer of KerasHub as Described.

    Raises:
        ValueError: for another object.
    """
    if not callable(getattr(tokenizer, "save_assets", None)):
        raise ValueError(
            f"Expected a tokenizer of KerasHub, or of kerasseq.text; received a "
            f"{type(tokenizer).__name__}. Convert one of transformers: "
            "kerasseq.pretrained.convert_tokenizer(tokenizer)."
        )
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_assets(folder)
        files = {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}
    name = type(tokenizer).__name__
    return Described(f"the {name}", name, tokenizer.get_config(), files)


def _check_class(where, kind, allowed):
    """Refuses an object that is none of KerasHub's own classes of these names."""
    if kind.__name__ not in allowed or kind.__module__.split(".")[0] not in PACKAGES:
        raise ValueError(
            f"Expected a model of KerasHub on a {', '.join(allowed)}; received {where}. Choose a "
            "model of these."
        )


def _read_folder(path, backbones, heads):
    if not path.is_dir():
        raise FileNotFoundError(
            f"Expected a folder of KerasHub's save_to_preset at {path}; received none. Check the "
            "path; what is on the net is fetched with KerasHub's from_preset first."
        )
    folder = Folder(path)
    if not folder.has(CONFIG):
        raise FileNotFoundError(
            f"Expected {CONFIG} in {path}, as KerasHub's save_to_preset writes it; received no "
            "such file. Name a folder that it wrote."
        )
    found = described(folder, CONFIG)
    check_kind(found.name, backbones)
    task = described(folder, TASK) if folder.has(TASK) else None
    config = dict(found.config)
    _check_policy(found.where, config.get("dtype"))
    config = {name: value for name, value in config.items() if name not in LEFT_OUT}
    weights = _weights(path)
    count = count_numbers(weights, path)
    check_sizes(found.where, config, weights, count)
    description = {"class_name": found.name, "config": config}
    with _arguments(found):
        backbone = build_backbone(description, backbones, keras.DTypePolicy("float32"))
    load(backbone.load_weights, weights, backbone, count)
    head = _read_head(path, task, backbone) if task and task.name in tuple(heads) else None
    tokenizer = None
    if folder.has(TOKENIZER):
        tokenizer = described(folder, TOKENIZER)._replace(files=_vocabularies(path / ASSETS))
    return HubPreset(str(path), backbone, task and task.name, tokenizer, head)


def _read_head(path, task, backbone):
    """The task of a folder around its backbone.

    Args:
        path: path of the folder.
        task: Described.
        backbone: keras_hub.models.Backbone.
    """
    import keras_hub

    config = {
        name: value
        for name, value in task.config.items()
        if name not in ("backbone", "preprocessor", *LEFT_OUT)
    }
    check_plain({"class_name": task.name, "config": config})
    weights = path / TASK_WEIGHTS
    if not weights.is_file():
        raise FileNotFoundError(
            f"Expected {TASK_WEIGHTS} in {path}, the weights of its {task.name}; received no such "
            "file. Copy it there."
        )
    count = count_numbers(weights, path)
    check_numbers(task.where, config, weights, count)
    with _arguments(task):
        head = getattr(keras_hub.models, task.name)(backbone, compile=False, **config)
    load(head.load_task_weights, weights, head, None)
    return head


@contextlib.contextmanager
def _arguments(found):
    """Says which file holds arguments that a class does not have."""
    try:
        yield
    except TypeError as error:
        raise ValueError(
            f"Expected the arguments of a {found.name} in {found.where}; received others "
            f"({error!s:.200}). Save the model again with this KerasHub."
        ) from error


def _vocabularies(folder):
    """The files of a tokenizer by name, as bytes."""
    paths = [folder / name for name in VOCABULARIES if (folder / name).is_file()]
    return {path.name: read_file(path, folder) for path in paths}


def described(folder, name):
    """The object that a file of a folder describes.

    Args:
        folder: Folder.
        name: str, of the file.

    Raises:
        ValueError: for a file that describes no object of KerasHub.
    """
    where, found = str(folder.path / name), folder.json(name)
    kind, config = found.get("class_name"), found.get("config")
    package = str(found.get("module")).split(".")[0]
    registered = [f"{each}>{kind}" for each in PACKAGES]
    own = package in PACKAGES and found.get("registered_name") in registered
    if not own or not isinstance(kind, str) or not isinstance(config, dict):
        raise ValueError(
            f"Expected one of KerasHub's own classes in {where}; received {kind!r:.80} of "
            f"{found.get('module')!r:.80}, registered as {found.get('registered_name')!r:.80}. "
            "Save the model with KerasHub's save_to_preset."
        )
    check_fields(where, found, OBJECT)
    return Described(where, kind, config)


def _check_policy(where, dtype):
    """Refuses a precision that is no plain float's."""
    name = dtype
    if isinstance(dtype, dict) and dtype.get("class_name") == "DTypePolicy":
        config = dtype.get("config")
        name = config.get("name") if isinstance(config, dict) else config
    if name is not None and name not in tuple(FLOATS):
        raise ValueError(
            f"Expected 'dtype' of {', '.join(FLOATS)} in {where}; received {dtype!r:.80}, which "
            "is not supported. Save the model before it is quantised."
        )


def _weights(path):
    """The path of a folder's weights."""
    if (path / WEIGHTS).is_file():
        return path / WEIGHTS
    if (path / SHARDS).is_file():
        raise ValueError(
            f"Expected {WEIGHTS} in {path}; received weights in several files. Save the model "
            "with save_to_preset(…, max_shard_size=None)."
        )
    raise FileNotFoundError(f"Expected {WEIGHTS} in {path}; received no such file. Copy it there.")


def plain_config(found, read, fixed):
    """The arguments of a tokenizer that are read, each other one checked.

    Args:
        found: Described.
        read: names of the arguments that the caller reads.
        fixed: dict from further names to the values that are supported.
    """
    fixed = {"dtype": None} | fixed
    config = {name: value for name, value in found.config.items() if name != "dtype"}
    check_fields(found.where, config, read, fixed, ("name", "trainable", "config_file"))
    return {name: config[name] for name in read if name in config}
