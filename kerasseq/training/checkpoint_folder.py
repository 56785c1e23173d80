"""The checkpoints of a run: each a folder that is whole, or is not counted."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import typing
import warnings

import numpy as np
import safetensors.numpy

from kerasseq.files import new_folder
from kerasseq.manifest import check_manifest, write_manifest
from kerasseq.untrusted import read_json

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

NAME = re.compile(r"epoch-(\d{4,})-batch-(\d{6,})")
FILES = ("state.json", "state.safetensors")
Arrays: typing.TypeAlias = dict[str, np.ndarray]


class CheckpointFolder:
    """Checkpoints by their place in a run, the newest and the one before it.

    A checkpoint is written beside, onto the disk, with the SHA-256 of its files, and renamed; older
    ones go once it was read back.

    Args:
        path: path of the folder.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path: pathlib.Path = pathlib.Path(path)

    def write(self, epoch: int, batch: int, state: dict[str, typing.Any], arrays: Arrays) -> None:
        """Writes a checkpoint.

        Args:
            epoch: int, whole epochs before it.
            batch: int, batches of the next epoch before it.
            state: dict of JSON values.
            arrays: dict of arrays.

        Raises:
            OSError: when it cannot be written; the ones before stay.
        """
        path = self.path / f"epoch-{epoch:04d}-batch-{batch:06d}"
        shutil.rmtree(path, ignore_errors=True)  # a damaged one, which the run goes on before
        plain = {name: _plain(array) for name, array in arrays.items()}
        dtypes = {name: str(array.dtype) for name, array in arrays.items()}
        try:
            with new_folder(path) as beside:
                text = json.dumps(state | {"dtypes": dtypes})
                (beside / "state.json").write_text(text, encoding="utf-8")
                (beside / "state.safetensors").write_bytes(safetensors.numpy.save(plain))
                write_manifest(beside, FILES)
        except OSError as error:
            raise type(error)(
                error.errno,
                f"Expected to write a checkpoint; received an error ({error.strerror}). What was "
                "saved before is whole: make room, and start the run again",
                str(path),
            ) from error
        check_manifest(path)
        for old in self._found()[:-2]:
            shutil.rmtree(old, ignore_errors=True)

    def newest(self) -> tuple[dict[str, typing.Any], Arrays] | None:
        """The newest checkpoint that is whole; a warning names each that is not.

        Returns:
            pair of the state and the arrays, None where there is no checkpoint.

        Raises:
            ValueError: when there are checkpoints, and all are damaged.
        """
        found = self._found()
        for path in reversed(found):
            try:
                check_manifest(path)
                state = read_json(path / "state.json", folder=path)
                arrays = safetensors.numpy.load((path / "state.safetensors").read_bytes())
            except (OSError, ValueError, safetensors.SafetensorError) as error:
                warnings.warn(f"A checkpoint is passed over. {error}", stacklevel=2)
                continue
            for name, dtype in state.pop("dtypes").items():
                arrays[name] = arrays[name].view(_dtype(dtype))
            return state, arrays
        if found:
            raise ValueError(
                f"Expected a whole checkpoint in {self.path}; received {len(found)} damaged ones. "
                "Put a copy back, or remove the folder to begin anew."
            )
        return None

    def tidy(self) -> None:
        """Removes what a process that was killed had begun to write."""
        for path in self.path.glob("epoch-*"):
            if not NAME.fullmatch(path.name):
                shutil.rmtree(path, ignore_errors=True)

    def _found(self):
        """The checkpoints' paths, oldest first."""
        found = [(NAME.fullmatch(path.name), path) for path in self.path.glob("epoch-*")]
        places = [(int(name[1]), int(name[2]), path) for name, path in found if name]
        return [path for *_, path in sorted(places)]


def _plain(array):
    """An array in a dtype of numpy's own: others, as bfloat16, as their bits."""
    array = np.asarray(array, order="C")
    return array if array.dtype.isbuiltin == 1 else array.view(f"u{array.dtype.itemsize}")


def _dtype(name):
    import ml_dtypes

    return np.dtype(getattr(ml_dtypes, name, name))
