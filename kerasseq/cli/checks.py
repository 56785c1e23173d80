"""What is seen to be wrong before the backend is loaded, which takes seconds."""

import pathlib
import socket

from kerasseq.data.tables import ending_of
from kerasseq.export.target import TARGETS
from kerasseq.recipes.corpora import alignments_file, check_parts, files_of
from kerasseq.saved_models import described
from kerasseq.untrusted import check_place

SEARCHES = ("beam", "greedy", "sampling")
QUANTIZATIONS = tuple(filter(None, TARGETS[".tflite"].quantizations))


def check_translators(*folders):
    """Refuses a folder that holds no saved translator."""
    for folder in folders:
        _check_folder(folder)
        if not (folder / "translator.json").is_file():
            raise FileNotFoundError(
                f"Expected a saved translator in {folder}; received "
                f"{_instead_of(folder, 'translator.json')}. Name the folder that save wrote."
            )


def check_start(folder, kind):
    """Refuses a folder that holds no model from which a task of a kind can start."""
    _check_folder(folder)
    if kind in ("captioner", "forecaster"):
        if next(described(folder), None) != kind:
            raise FileNotFoundError(
                f"Expected a saved {kind} in {folder}; received a folder without {kind}.json. Name "
                "the folder that save wrote."
            )
        return
    ending, what = ("model*.bin", "a Bergamot model") if kind == "translator" else (
        "config.json", "a pretrained BERT in Hugging Face's layout"
    )  # fmt: skip
    if not (folder / f"{kind}.json").is_file() and not any(folder.glob(ending)):
        raise FileNotFoundError(
            f"Expected a saved {kind} or {what} in {folder}; received a folder with neither "
            f"{kind}.json nor {ending.replace('model*', 'model.*')}. Save the {kind}, and name its "
            "folder."
        )


def check_task(folder):
    """Refuses a folder that holds no saved task; returns the name of the one that it holds."""
    _check_folder(folder)
    found = next(described(folder), None)
    if found is None:
        raise FileNotFoundError(
            f"Expected a saved task in {folder}; received {_instead_of(folder, 'its .json file')}. "
            "Name the folder that save wrote."
        )
    return found


def check_served(folder):
    """Refuses a folder that holds no SavedModel, versions of one, or saved task."""
    _check_folder(folder)
    if not any(folder.glob("*.json")) and not _has_export(folder):
        raise FileNotFoundError(
            f"Expected a SavedModel in {folder}, or in a folder named by a number below it, or a "
            "saved task; received none. Export a task there first."
        )


def check_port(host, port, option="--port"):
    """Refuses an address where nothing can listen, as one where another program does."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise ValueError(
            f"Expected an address to listen at; received {host}, port {port}: {error.strerror}. "
            f"Choose another by {option}, or end the program that listens there."
        ) from error


def check_export(folder):
    """Refuses a folder that holds no SavedModel, or versions of one; returns that of the last."""
    _check_folder(folder)
    numbered = [each for each in folder.glob("[0-9]*") if each.name.isdecimal()]
    for each in (folder, *sorted(numbered, key=lambda path: -int(path.name))):
        if (each / "saved_model.pb").is_file():
            return each
    raise FileNotFoundError(
        f"Expected a SavedModel in {folder}, or in a folder named by a number below it; received "
        "none. Export a translator there first."
    )


def check_bulk(source, output):
    """Refuses a file of rows, and where its translations cannot be written, or would be another
    kind of file."""
    check_files(source)
    check_new(output)
    if output.exists():
        raise FileExistsError(
            f"Expected the path of a new file; received {output}, which exists. Remove it, or name "
            "another."
        )
    kind = ending_of(source)
    if ending_of(output) != kind:
        raise ValueError(
            f"Expected an output that ends as {source.name} does, in {kind or 'no file of columns'}"
            f"; received {output.name}. Rename it."
        )


def check_processes(count, index, coordinator):
    """Refuses several processes without one's number among them and a place to meet."""
    host, _, port = (coordinator or "").rpartition(":")
    right = index is not None and index < count and host and port.isdecimal()
    if count > 1 and not right:
        raise ValueError(
            f"Expected --process from 0 to {count - 1} and --coordinator HOST:PORT with "
            f"--processes {count}; received {'none' if index is None else index} and "
            f"{coordinator or 'none'}. Give each process its own number, and all one place."
        )


def check_run(*folders):
    """Refuses a folder that holds no run."""
    for folder in folders:
        _check_folder(folder)
        if not (folder / "recipe.toml").is_file():
            raise FileNotFoundError(
                f"Expected the folder of a run at {folder}; received one without recipe.toml. "
                "Name the folder that train wrote."
            )


def _instead_of(folder, file):
    """What a folder is that lacks the file of a saved task."""
    if _has_export(folder):
        return "an export, which kerasseq serve and, in Python, kerasseq.export read"
    return f"a folder without {file}"


def _has_export(folder):
    versions = (folder, *folder.glob("[0-9]*"))
    return any((each / "saved_model.pb").is_file() for each in versions)


def _check_folder(folder):
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        advice = "Check the path."
        if found == "a file" and folder.suffix == ".tflite":
            advice = "Name what it was exported from; predict and translate read the file itself."
        raise FileNotFoundError(f"Expected a folder at {folder}; received {found}. {advice}")
    next(folder.iterdir(), None)  # opens it


def check_files(*paths):
    """Refuses what is no file that opens; None is passed over."""
    for path in paths:
        if path is not None:
            check_place(path)
            path.open("rb").close()


def check_new(path, endings=None):
    """Refuses a path where nothing can be written.

    Args:
        path: path of a new file or folder, or None.
        endings: tuple of str, of which it must have one; None for any.
    """
    if path is None:
        return
    if endings and path.suffix not in endings:
        raise ValueError(
            f"Expected a path that ends in {', '.join(endings)}; received {path.name}. Rename it."
        )
    there = path.parent
    while not there.exists():
        there = there.parent
    if not there.is_dir():
        raise ValueError(
            f"Expected a path inside a folder; received {path}, below {there}, which is a file. "
            "Name another."
        )


def check_choice(name, value, allowed):
    """Refuses a value that is none of some; None is passed over."""
    if value is not None and value not in allowed:
        raise ValueError(
            f"Expected {name} of {', '.join(allowed)}; received {value!r}. Choose one."
        )


def check_data(section):
    """Refuses a recipe's `data` section without files, or with some that are not there.

    Args:
        section: dict.
    """
    check_parts(section)
    named = files_of(section).values()
    paths = [path for runs in named for run in runs for path in run]
    paths += [alignments_file(section)] if "alignments" in section else []
    folder = pathlib.Path(section.get("folder", "."))
    missing = [path for path in paths if not path.exists()]
    if missing and not folder.is_absolute() and "folder" in section:
        raise FileNotFoundError(
            f"Expected a file at {missing[0]}; received none. Name the folder that holds it, by "
            f"--set data.folder=…, or by the variable KERASSEQ_DATA the one that holds {folder}."
        )
    check_files(*paths)
