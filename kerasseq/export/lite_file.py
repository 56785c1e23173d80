"""A .tflite file that carries its tokenizers and metadata; read without TensorFlow."""

from __future__ import annotations

import json
import pathlib
import tempfile
import typing
import zipfile

from kerasseq.extras import missing
from kerasseq.quiet import quietly
from kerasseq.text.load_tokenizer import load_tokenizer
from kerasseq.untrusted import parse_json, read_archive

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.text.tokenizer import Tokenizer


def write_lite_file(
    path: pathlib.Path,
    program: bytes,
    metadata: dict[str, typing.Any],
    tokenizers: dict[str, Tokenizer],
) -> None:
    """Writes a program with a zip archive at its end, which TFLite readers pass over.

    Args:
        path: path of the `.tflite` file.
        program: bytes.
        metadata: dict, stored as `metadata.json`.
        tokenizers: dict of Tokenizer, each stored as a folder of its name.
    """
    path.write_bytes(program)
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
    ):
        archive.writestr("metadata.json", json.dumps({"kerasseq": 1} | metadata, indent=1))
        for name, tokenizer in tokenizers.items():
            tokenizer.save(pathlib.Path(folder) / name)
            for part in sorted((pathlib.Path(folder) / name).iterdir()):
                archive.write(part, f"{name}/{part.name}")


def read_lite_file(path: AnyPath) -> tuple[dict[str, typing.Any], dict[str, Tokenizer]]:
    """Reads what rides along with the program.

    Args:
        path: path of the `.tflite` file.

    Returns:
        the metadata, and a dict of Tokenizer by the names they were written with.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file without this package's metadata.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise FileNotFoundError(
            f"Expected a .tflite file at {path}; received {found}. Name the file that was exported."
        )
    try:
        parts = read_archive(path, path)
        metadata = parse_json(parts.pop("metadata.json"), "metadata.json")
        if metadata.get("kerasseq") != 1:
            raise ValueError("metadata.json is not of version 1")
        with tempfile.TemporaryDirectory() as folder:
            for name, content in parts.items():
                part = pathlib.Path(folder, name)
                part.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(content)
            sides = [each for each in pathlib.Path(folder).iterdir() if each.is_dir()]
            return metadata, {side.name: load_tokenizer(side) for side in sides}
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"Expected a .tflite file that kerasseq exported; received {path} without its "
            f"metadata or tokenizers ({error}). Export it again."
        ) from error


def interpreter(path: AnyPath, num_threads: int) -> typing.Any:
    """The file in LiteRT's interpreter.

    Raises:
        ImportError: without `ai-edge-litert`.
        ValueError: for a number of threads below 1, or a file with a damaged program.
    """
    if num_threads < 1:
        raise ValueError(f"Expected num_threads of at least 1; received {num_threads}. Raise it.")
    try:
        with quietly():
            from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise missing("litert") from error
    try:
        with quietly():
            made = Interpreter(model_path=str(path), num_threads=num_threads)
            made.allocate_tensors()  # its delegate is made, and logs, here: not in an answer
        return made
    except (ValueError, RuntimeError) as error:
        raise ValueError(
            f"Expected a .tflite file that kerasseq exported; received {path} with a damaged "
            f"program ({error}). Export it again."
        ) from error
