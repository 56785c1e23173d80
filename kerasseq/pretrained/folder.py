"""A folder of Hugging Face's layout: its JSON files and its tensors. Nothing in it is run."""

import json
import pathlib

from kerasseq.safetensors_file import read_tensors

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
JSON_FILES = (
    "config.json",
    "generation_config.json",
    "adapter_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "added_tokens.json",
    "special_tokens_map.json",
    "vocab.json",
    "target_vocab.json",
    "modules.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    INDEX,
)
OTHER_FILES = ("vocab.txt", "source.spm", "target.spm", "sentencepiece.bpe.model")
OTHER_FILES += ("spiece.model", "sentencepiece.model", "merges.txt")
LARGEST_TEXT = 2**27  # bytes; the largest tokenizer.json in use are a quarter of it


class Folder:
    """The files of a model, by name.

    Args:
        path: path of the folder, or a name on the Hugging Face hub, which is downloaded.

    Raises:
        FileNotFoundError: for a path or name that is nowhere.
        ImportError: for a name on the hub, without `huggingface_hub`.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        if not self.path.is_dir():
            self.path = download(str(path))

    def has(self, name):
        """Whether a file of that name is there."""
        return (self.path / name).is_file()

    def text(self, name):
        """The text of a file, a str.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for one that is too large, or not in UTF-8.
        """
        path = self._checked(name)
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(
                f"Expected text in UTF-8 in {path}; received other bytes ({error}). "
                "Copy the folder again."
            ) from error

    def bytes(self, name):
        """The bytes of a file; raises as `text`."""
        return self._checked(name).read_bytes()

    def _checked(self, name):
        """The path of a file that is there, and not too large."""
        path = self.path / name
        if not path.is_file():
            raise FileNotFoundError(
                f"Expected {name} in {self.path}; received no such file. Name a folder with "
                f"config.json, {WEIGHTS}, and the tokenizer's files; a pytorch_model.bin, which "
                "can run code, is not read."
            )
        if path.stat().st_size > LARGEST_TEXT:
            raise ValueError(
                f"Expected at most {LARGEST_TEXT} bytes in {path}; received "
                f"{path.stat().st_size}. Copy the folder again."
            )
        return path

    def check_whole(self):
        """Refuses a folder of an adapter, whose weights are not whole."""
        if self.has("adapter_config.json"):
            raise ValueError(
                f"Expected whole weights in {self.path}; received adapter_config.json, an "
                "adapter beside them. Merge it into the model and save that."
            )

    def json(self, name):
        """The object in a JSON file, a dict.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a damaged one, or one that holds no object.
        """
        return self._json(name, dict, "object")

    def list(self, name):
        """The list of objects in a JSON file; raises as `json`."""
        found = self._json(name, list, "list of objects")
        if not all(isinstance(each, dict) for each in found):
            raise self._other(name, "list of objects", "a list of other things")
        return found

    def _json(self, name, kind, what):
        text = self.text(name)
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self._other(name, what, f"{type(error).__name__}: {error}") from error
        if not isinstance(found, kind):
            raise self._other(name, what, type(found).__name__)
        return found

    def _other(self, name, what, received):
        return ValueError(
            f"Expected a JSON {what} in {self.path / name}; received something else "
            f"({received}). Copy the folder again."
        )

    def tensors(self):
        """All arrays by name, of `model.safetensors` or of the shards that its index names.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a damaged file, or an index that does not fit its shards.
        """
        if self.has(WEIGHTS) or not self.has(INDEX):
            return self._file(WEIGHTS)
        places = self.json(INDEX).get("weight_map")
        if not isinstance(places, dict) or not all(map(_is_shard, places.values())):
            raise ValueError(
                f"Expected a weight_map from tensors to .safetensors files beside it in "
                f"{self.path / INDEX}; received {places!r:.80}. Copy the folder again."
            )
        arrays, found = {}, {}
        for shard in sorted(set(places.values())):
            tensors = self._file(shard)
            arrays |= tensors
            found |= dict.fromkeys(tensors, shard)
        different = sorted(name for name, _ in places.items() ^ found.items())
        if different:
            raise ValueError(
                f"Expected every tensor of {self.path / INDEX} in the shard that it names, and "
                f"no other; received {different[0]!r} elsewhere. Copy the folder again."
            )
        return arrays

    def _file(self, name):
        if not self.has(name):
            raise FileNotFoundError(
                f"Expected {name} in {self.path}; received no such file. Name a folder with "
                f"{WEIGHTS}, or all shards of {INDEX}; a pytorch_model.bin, which can run code, "
                "is not read."
            )
        return read_tensors(self.path / name)


def _is_shard(name):
    """Whether it names a safetensors file of the same folder."""
    plain = isinstance(name, str) and not set(name) & set("/\\:\0")
    return plain and name.endswith(".safetensors")


def download(name):
    """A model of the Hugging Face hub as a local folder."""
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError(
            f"Expected a folder at {name}, or huggingface_hub to download it by that name; "
            "received neither. Check the path, or install kerasseq[hub]."
        ) from error
    files = [*JSON_FILES, *OTHER_FILES, WEIGHTS, "model-*.safetensors"]
    try:
        return pathlib.Path(huggingface_hub.snapshot_download(name, allow_patterns=files))
    except Exception as error:
        raise FileNotFoundError(
            f"Expected a folder at {name}, or a model of that name on the Hugging Face hub; "
            f"received neither ({type(error).__name__}). Check the path, the name, and the "
            "connection."
        ) from error
