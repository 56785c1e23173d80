"""What every kind of task says of its inputs and its answers."""

from __future__ import annotations

import importlib
import pathlib
import pkgutil
import typing
from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np

from kerasseq.processing.padding import pad
from kerasseq.text.checks import check_line, check_lines, check_pair

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from kerasseq.processing.exportable import Exportable
    from kerasseq.text.tokenizer import Tokenizer

# From the names of arguments to functions that read them from JSON.
Settings: typing.TypeAlias = dict[str, Callable[[typing.Any], typing.Any]]


class Row(typing.NamedTuple):
    """What a model reads at once.

    Attributes:
        ids: list of int, the tokens with their symbols.
        cut: int, how many tokens of the text did not fit and were left out.
        begun: list of int, the tokens that its answer begins with, of a task that writes.
        terms: pair of lists, of terms that its answer must have and must not have; see
            `kerasseq.processing.glossary.batch`.
    """

    ids: list[int]
    cut: int = 0
    begun: Sequence[int] = ()
    terms: tuple[list[list[int]], list[list[int]]] = ([], [])


class Processor:
    """The way in and the way out of one kind of task, made of tokenizers and numbers.

    The way in: `clean` checks one input, `rows` makes of it what the model reads. The way out:
    `read` makes a list of answers, best first, of the model's numbers; `say` is what a call
    returns of them, `summary` the one text and score by which two runtimes are compared.
    `signatures` is the same in a TensorFlow graph, strings in and strings out, and `served` reads
    what it returned.

    `get_config` and the tokenizers are all it is made of: they stand in the JSON of a saved
    task and in the metadata of a `.tflite` file.

    A subclass sets the attributes, and gives `rows`, `read` and `signatures`.

    Attributes:
        name: str, the kind, by which a saved task and a `.tflite` file name it.
        sides: tuple of str, the constructor's tokenizers and the folders that hold them.
        settings: dict from the other arguments' names to functions that read them from JSON.
        added: set of settings that older files lack; they then have their default.
        derived: set of settings that follow from the model: a saved task does not name them.
        program: str, the signature of a `.tflite` file that answers one row.
        input_name: str, the name of that signature's input.
        texts: tuple of str, the inputs of a SavedModel's `serving_default`.
        output: str, its output.
        blank: bytes, a string that any of its signatures reads: a server without rows reads it.
        pairs: bool, whether an input may be a tuple of two texts.
        beside: tuple of str, what may be given beside inputs, one for each: arguments of `check`.
        window: int, how many inputs are made ready at once.
        remedy: str, what to do about an input that is too long.
    """

    name = None
    sides: tuple[str, ...] = ("tokenizer",)
    settings: typing.ClassVar[Settings] = {}
    added: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    program: str = "read"
    input_name: str = "tokens"
    texts: tuple[str, ...] = ("text",)
    output: str = "text"
    blank = b""
    pairs = False
    beside: tuple[str, ...] = ()
    window = 2048
    remedy = "Raise max_length, or split them."
    kinds: typing.ClassVar[dict[str, type[Processor]]] = {}

    def __init_subclass__(cls, **options: typing.Any) -> None:
        super().__init_subclass__(**options)
        if "name" in cls.__dict__:
            Processor.kinds[cls.name] = cls

    @property
    def tokenizers(self) -> dict[str, Tokenizer]:
        """dict of Tokenizer by side."""
        return {side: getattr(self, side) for side in self.sides}

    def get_config(self) -> dict[str, typing.Any]:
        """The settings: a dict of JSON values."""
        return {name: read(getattr(self, name)) for name, read in self.settings.items()}

    @classmethod
    def read_config(
        cls, found: dict[str, typing.Any], without: Collection[str] = ()
    ) -> dict[str, typing.Any]:
        """The constructor's settings of a dict that `get_config` made.

        Args:
            found: dict of JSON values; others among them are passed over.
            without: collection of settings that are not looked for.

        Raises:
            KeyError, TypeError, ValueError: for one that is missing or of another kind.
        """
        absent = {*without} | (cls.added - {*found})
        wanted = {key: read for key, read in cls.settings.items() if key not in absent}
        return {key: read(found[key]) for key, read in wanted.items()}

    def replace(self, **settings: typing.Any) -> typing.Self:
        """The same processor with some settings changed."""
        return type(self)(**(self.tokenizers | self.get_config() | settings))

    @property
    def symbols(self) -> dict[str, int]:
        """The ids that begin and end a target: a dict, empty for a kind without a target."""
        return {}

    @classmethod
    def is_one(cls, inputs: object) -> bool:
        """Whether what was given is one input, and no collection of them."""
        return isinstance(inputs, (str, bytes, tuple) if cls.pairs else (str, bytes))

    @classmethod
    def check(cls, inputs: typing.Any) -> Iterable[typing.Any]:
        """What a collection of inputs holds, one after the other; refuses what is none."""
        return check_lines(inputs, cls.pairs)

    def clean(self, given: typing.Any) -> typing.Any:
        """One input, checked: what `rows` and `read` take."""
        return given

    def rows(self, given: typing.Any) -> list[typing.Any]:
        """What the model reads of one cleaned input: a list of Row, mostly of one."""
        raise NotImplementedError(f"{type(self).__name__} must implement rows.")

    def size(self, row: typing.Any) -> int:
        """By what rows are batched with their like: the number of tokens."""
        return len(row.ids)

    def batch(self, rows: list[typing.Any]) -> dict[str, np.ndarray]:
        """Rows as the arrays that the model takes: a dict.

        Token ids get a rounded shape, so that few shapes are compiled: more rows and columns
        than were given.
        """
        return {self.input_name: pad([row.ids for row in rows])}

    def one(self, row: typing.Any) -> dict[str, np.ndarray]:
        """One row as the arrays of a `.tflite` file's static shape: a dict."""
        ids = np.zeros((1, self.row_length), "int32")
        ids[0, : len(row.ids)] = row.ids
        return {self.input_name: ids}

    def program_of(self, row: typing.Any) -> str:
        """The signature of a `.tflite` file that answers one row."""
        return self.program

    @property
    def row_length(self) -> int:
        """int, the most tokens of a row."""
        return self.max_length

    @property
    def limit(self) -> str:
        """str, what is read of one input, in words: a warning of a longer one begins so."""
        return f"inputs of at most {self.row_length} tokens"

    def read(
        self, given: typing.Any, rows: list[typing.Any], outputs: list[dict[str, np.ndarray]]
    ) -> list[typing.Any]:
        """The answers to one input.

        Args:
            given: the input, cleaned.
            rows: list of Row of it.
            outputs: list of dicts of arrays, what the model answered to each row.

        Returns:
            list of answers, best first.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement read.")

    def distinct(self, found: list[typing.Any]) -> list[typing.Any]:
        """The best of answers that read alike; all of them for a kind that does not search."""
        return found

    def say(self, found: list[typing.Any]) -> typing.Any:
        """What a call returns for one input, of its answers."""
        return found[0].text

    def summary(self, found: list[typing.Any]) -> tuple[typing.Any, float | None]:
        """The text and the score of one input's answers: what an export is compared by."""
        return found[0].text, found[0].score

    def signatures(
        self, task: Exportable
    ) -> dict[str, tuple[Callable[..., typing.Any], list[tf.TensorSpec]]]:
        """The signatures of a SavedModel.

        Args:
            task: the task; its `outputs` and `model` are called.

        Returns:
            dict from names to pairs: a function from tensors to a dict of tensors, and the list
            of tf.TensorSpec it takes.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement signatures.")

    @classmethod
    def served_inputs(cls, inputs: Sequence[typing.Any]) -> tuple[str, dict[str, typing.Any]]:
        """The name of a SavedModel's signature for a list of inputs, and what it takes of them:
        a dict of columns."""
        return "serving_default", {cls.texts[0]: list(map(served_text, inputs))}

    @classmethod
    def served(
        cls, found: dict[str, np.ndarray], inputs: Sequence[typing.Any]
    ) -> Iterable[tuple[typing.Any, float | None]]:
        """Pairs of text and score, of a batch of arrays that a signature returned to inputs."""
        texts = (text.decode("utf-8") for text in found[cls.output])
        return zip(texts, map(float, found["score"]), strict=True)


class ArrayProcessor(Processor):
    """A kind of task whose answers are arrays, with an attribute `values`."""

    def say(self, found: list[typing.Any]) -> np.ndarray:
        return found[0].values

    def summary(self, found: list[typing.Any]) -> tuple[np.ndarray, None]:
        return found[0].values, None

    @classmethod
    def served(
        cls, found: dict[str, np.ndarray], inputs: Sequence[typing.Any]
    ) -> Iterable[tuple[np.ndarray, None]]:
        return ((values, None) for values in found[cls.output])


def was_cut(rows: list[typing.Any]) -> bool:
    """Whether an input was longer than what its rows hold: the `truncated` of its answers."""
    return any(getattr(row, "cut", 0) for row in rows)


def find_processor(name: str) -> type[Processor]:
    """The Processor class of a name: one of this package's, or one that was defined since.

    Raises:
        ValueError: for another name.
    """
    for module in pkgutil.iter_modules([pathlib.Path(__file__).parent]):  # each registers its own
        importlib.import_module(f"kerasseq.processing.{module.name}")
    if name not in tuple(Processor.kinds):
        raise ValueError(
            f"Expected a task of {', '.join(sorted(Processor.kinds))}; received {name!r}. Import "
            "the module that defines it first."
        )
    return Processor.kinds[name]


def strings(*names: str) -> list[tf.TensorSpec]:
    """The tf.TensorSpecs of batches of strings."""
    import tensorflow as tf

    return [tf.TensorSpec((None,), tf.string, name=name) for name in names]


def served_text(text: str | bytes) -> bytes:
    """One text as a SavedModel takes it.

    Raises:
        ValueError: for what is no text.
    """
    check_line(text)
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def columns(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, list[bytes]]:
    """A list of pairs of texts as a dict of two lists, as a SavedModel takes them.

    Raises:
        ValueError: for what is no pair of texts.
    """
    for pair in pairs:
        check_pair(pair)
    sides = zip(*pairs, strict=True)
    return {name: list(map(served_text, side)) for name, side in zip(names, sides, strict=True)}
