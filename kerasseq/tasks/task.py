"""What every task is: a model, what goes in and comes out, and held-out examples."""

from __future__ import annotations

import json
import pathlib
import typing
from collections.abc import Callable, Iterable

from kerasseq import models
from kerasseq.compiled import compiled
from kerasseq.data.corpus_kind import check_kind
from kerasseq.lazily import keras, ops
from kerasseq.manifest import check_manifest, finish, with_manifest, write_all
from kerasseq.processing import Answering
from kerasseq.processing.answering import Each, Found, One, Said
from kerasseq.processing.padding import by_size
from kerasseq.safetensors_file import read_shapes
from kerasseq.saved_models import described, model_folder
from kerasseq.tasks.hub import OnHub
from kerasseq.tasks.summary import Summarised
from kerasseq.tasks.weights import load_weights, weights_file
from kerasseq.text import load_tokenizer
from kerasseq.text.checks import check_whole
from kerasseq.untrusted import read_json, reading

if typing.TYPE_CHECKING:
    import numpy as np

    from kerasseq.doctor import Finding
    from kerasseq.files import AnyPath
    from kerasseq.processing.processor import Processor, Settings
    from kerasseq.tensors import Tensor

# A task of any kind, whatever it takes and says.
AnyTask: typing.TypeAlias = "Task[typing.Any, typing.Any, typing.Any, typing.Any]"


class Task(Summarised, OnHub, Answering[One, Each, Said, Found]):
    """A model and its processor: it answers, is saved, loaded and exported.

    Threads may share it, and are answered side by side; not while it learns.

    A subclass sets `processing` and `head`; `load` finds it by its name. Its constructor takes
    the model, the tokenizers by the names of `processing.sides`, the processor's settings and
    the task's own by their names, and `examples`. It gives `outputs`, and `programs` to be
    exported to a `.tflite` file.

    Attributes:
        processing: subclass of Processor.
        name: str, of the JSON file of a saved task; by default its processing's.
        head: the model's class, or its name in `kerasseq.models`; any model by default.
        settings: dict from the names of further arguments to functions that read them from
            JSON.
        corpus: str, the name of the class that it learns from.

    Args:
        model: keras.Model of the class `head`.
        processor: Processor.
        examples: iterable of inputs, held out, with which an export is checked.

    Raises:
        ValueError: for another model, or lengths that are no whole numbers of at least 1.
    """

    processing: type[Processor]
    name: str
    head: str | type[keras.Model] | None = None
    settings: typing.ClassVar[Settings] = {}
    corpus: str | None = None
    kinds: typing.ClassVar[dict[str, type[AnyTask]]] = {}

    def __init_subclass__(cls, **options: typing.Any) -> None:
        super().__init_subclass__(**options)
        if "processing" in cls.__dict__ and "name" not in cls.__dict__:
            cls.name = cls.processing.name
        if "name" in cls.__dict__:
            Task.kinds[cls.name] = cls

    def __init__(
        self, model: keras.Model, processor: Processor, examples: Iterable[typing.Any] = ()
    ) -> None:
        head = self.head or keras.Model
        head = getattr(models, head) if isinstance(head, str) else head
        if not isinstance(model, head):
            raise ValueError(
                f"Expected a {head.__name__}; received {type(model).__name__}. Give a model "
                "of that class."
            )
        for name, read in processor.settings.items():
            if read is int:
                check_whole(name, getattr(processor, name))
        self.model = model
        self.processor = processor
        # A tuple of examples is one pair to a task that reads pairs.
        given = examples if isinstance(examples, tuple) else processor.check(examples)
        self.examples: list[typing.Any] = list(given)
        self._compiled = {}

    def __repr__(self) -> str:
        sides = (f"{side}={each!r}" for side, each in self.processor.tokenizers.items())
        inside = ", ".join([f"{type(self.model).__name__}", *sides])
        return f"<{type(self).__name__} of {inside}; {self.model.count_params():,} weights>"

    @property
    def max_length(self) -> int:
        """int, the most tokens of a row; of a task that writes, of what it writes."""
        return self.processor.max_length

    def outputs(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """What the processor reads of the model's answer, in `keras.ops`.

        Args:
            inputs: dict of tensors `(B, …)`, as `Processor.batch` makes them.

        Returns:
            dict of tensors `(B, …)`.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement outputs.")

    def programs(self) -> dict[str, tuple[Callable[..., typing.Any], dict[str, keras.KerasTensor]]]:
        """The functions of numbers that an export without TensorFlow runs.

        Returns:
            dict from names to pairs: a function of tensors by name to a dict of tensors, and a
            dict of keras.KerasTensor, their static shapes.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement programs.")

    def numbers(
        self,
        rows: list[typing.Any],
        batch_size: int = 64,
        progress: Callable[[int], object] | None = None,
    ) -> list[dict[str, np.ndarray]]:
        """Reads rows in batches of like sizes; see `Answering.numbers`.

        Args:
            rows: list of what `Processor.rows` makes.
            batch_size: int, rows read at once.
            progress: function called with the number of rows done since the last call.

        Returns:
            list of dicts of arrays, in order.
        """
        return self.run(self.function("outputs", self.outputs), rows, batch_size, progress)

    def run(
        self,
        function: Callable[..., dict[str, Tensor]],
        rows: list[typing.Any],
        batch_size: int = 64,
        progress: Callable[[int], object] | None = None,
    ) -> list[dict[str, np.ndarray]]:
        """Calls a function of batches on rows; see `numbers`."""
        processor, found = self.processor, [None] * len(rows)
        for places in by_size(map(processor.size, rows), batch_size):
            batch = function(tensors(processor.batch([rows[i] for i in places])))
            arrays = {name: ops.convert_to_numpy(leaf) for name, leaf in batch.items()}
            for row, i in enumerate(places):
                found[i] = {name: array[row] for name, array in arrays.items()}
            if progress:
                progress(len(places))
        return found

    def check_corpus(self, corpus: object) -> None:
        """Refuses what is not the task's kind of corpus."""
        check_kind(corpus, self.corpus)

    def examine(self, corpus: typing.Any, validation: typing.Any = None) -> list[Finding]:
        """What is wrong with a corpus to learn from, and to validate with; see `kerasseq.doctor`.

        A task whose corpus the doctor knows overrides this: of others nothing is said.
        """
        return []

    def function(self, key: str, function: Callable[..., typing.Any]) -> Callable[..., typing.Any]:
        """A function of the model, compiled once for each key."""
        if key not in self._compiled:
            self._compiled[key] = compiled(function, self.model)
        return self._compiled[key]

    def options(self) -> dict[str, typing.Any]:
        """What the task is made of beside model, processor and examples: a dict of JSON values,
        one for each of `settings`."""
        return {}

    def save(
        self, folder: AnyPath, *, dtype: typing.Literal["float32", "float16"] = "float32"
    ) -> None:
        """Writes the description in JSON, a folder for each tokenizer, `model.safetensors`, and the
        hashes of them all, `manifest.json`.

        All are written, or none: whenever it is killed, the folder loads as it was, or as it is.

        Args:
            folder: path.
            dtype: "float32", or "float16" for half the size.

        Raises:
            ValueError: for a folder that holds a task of another kind.
        """
        folder = pathlib.Path(folder)
        others = [name for name in described(folder) if name != self.name]
        if others:
            raise ValueError(
                f"Expected a folder without another task; received {folder}, which holds a "
                f"{others[0]}. Name another folder."
            )
        config = self.processor.get_config()
        description = {"model": models.serialize(self.model)}
        description |= {key: config[key] for key in config if key not in self.processor.derived}
        description |= self.options() | {"examples": self.examples}
        files = {
            f"{side}/{name}": content
            for side, tokenizer in self.processor.tokenizers.items()
            for name, content in tokenizer.saved_files().items()
        }
        files["model.safetensors"] = weights_file(self.model, dtype)
        files[f"{self.name}.json"] = (json.dumps(description, indent=1) + "\n").encode()
        write_all(folder, with_manifest(files))

    @classmethod
    def load(cls, folder: AnyPath, *, verify: bool = True) -> typing.Self:
        """Loads what `save` wrote. No code from the folder is run.

        Args:
            folder: path, or the name of an installed model.
            verify: bool, compare the files with their hashes, where the folder has them.

        Raises:
            FileNotFoundError: when a file is missing.
            ValueError: when a file is damaged or no such task of this package.
        """
        folder = model_folder(folder)
        finish(folder)
        path = folder / f"{cls.name}.json"
        if not path.is_file():
            raise FileNotFoundError(
                f"Expected a saved {cls.name} in {folder}; received a folder without "
                f"{path.name}. Name the folder that save wrote."
            )
        if verify:
            check_manifest(folder, required=False)
        weights = folder / "model.safetensors"
        with reading(path, f"a saved {cls.name}", f"Save it again with {cls.__name__}.save."):
            found = read_json(path, folder=folder)
            shapes = read_shapes(weights, folder)
            model = models.deserialize(found["model"], shapes)
            arguments = cls.arguments(folder, found)
            load_weights(model, weights)
            sides = {side: load_tokenizer(folder / side) for side in cls.processing.sides}
            return cls(model, **sides, **arguments)

    @classmethod
    def arguments(cls, folder: AnyPath, found: dict[str, typing.Any]) -> dict[str, typing.Any]:
        """The constructor's arguments of a saved description, checked.

        Args:
            folder: path, that it was read from.
            found: dict of JSON values.
        """
        wanted = cls.processing.read_config(found, cls.processing.derived)
        wanted |= {name: read(found[name]) for name, read in cls.settings.items()}
        return wanted | {"examples": [_example(each) for each in found.get("examples", ())]}

    def export(
        self,
        path: AnyPath,
        inputs: Iterable[Each] | None = None,
        *,
        quantize: typing.Literal["float16", "int8"] | None = None,
    ) -> dict[str, typing.Any]:
        """Writes a SavedModel, or a `.tflite` file; see `kerasseq.export.export`.

        Args:
            path: path of a new folder, or of a `.tflite` file.
            inputs: iterable of inputs, held out, to check it with; by default `examples`.
            quantize: for `.tflite`: None, "float16" or "int8".
        """
        from kerasseq.export.export import export

        inputs = self.examples if inputs is None else self.processor.check(inputs)
        return export(self, path, list(inputs), quantize)


def tensors(arrays: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """A dict of arrays as the backend's tensors; JAX takes arrays as they are."""
    if keras.backend.backend() == "jax":
        return arrays
    return {name: ops.convert_to_tensor(array) for name, array in arrays.items()}


def _example(each):
    """An example as JSON holds it: a pair was written as a list."""
    return tuple(each) if isinstance(each, list) else each
