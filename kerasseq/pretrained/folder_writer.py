"""A folder of Hugging Face's layout, written."""

import json

import safetensors.numpy

from kerasseq.files import new_folder


def write_folder(path, files, tensors):
    """Writes files and `model.safetensors`; a folder that fails leaves nothing.

    Args:
        path: path of a new folder.
        files: dict from names to a str, to bytes, or to what their JSON holds.
        tensors: dict from names to arrays.

    Raises:
        FileExistsError: when there is something at the path.
    """
    with new_folder(path) as beside:
        for name, content in files.items():
            if not isinstance(content, str | bytes):
                content = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
            (beside / name).parent.mkdir(exist_ok=True)
            content = content.encode("utf-8") if isinstance(content, str) else content
            (beside / name).write_bytes(content)
        safetensors.numpy.save_file(
            tensors, beside / "model.safetensors", metadata={"format": "pt"}
        )
