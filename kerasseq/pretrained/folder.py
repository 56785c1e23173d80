"""A folder of Hugging Face's layout: its JSON files and its tensors. Nothing in it is run."""

import os
import pathlib

from kerasseq.safetensors_file import read_tensors
from kerasseq.untrusted import decode, parse_json, read_file

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


class Folder:
    """The files of a model, by name.

    Args:
        path: path of the folder, or a name on the Hugging Face hub, which is downloaded.

    Raises:
        FileNotFoundError: for a path or name that is nowhere.
        ImportError: for a name on the hub, without `huggingface_hub`.
        ValueError: for what is no path.
    """

    def __init__(self, path):
        if not isinstance(path, str | os.PathLike):
            raise ValueError(
                f"Expected the path of a folder in Hugging Face's layout, or a name on its hub; "
                f"received a {type(path).__name__}. Of models in memory: "
                "from_transformers(model, tokenizer), or from_keras_hub(model)."
            )
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
        content = decode(self.bytes(name), self.path / name)
        return content.replace("\r\n", "\n").replace("\r", "\n")

    def bytes(self, name):
        """The bytes of a file; raises as `text`."""
        if not self.has(name):
            raise FileNotFoundError(
                f"Expected {name} in {self.path}; received no such file. Name a folder with "
                f"config.json, {WEIGHTS}, and the tokenizer's files; a pytorch_model.bin, which "
                "can run code, is not read."
            )
        return read_file(self.path / name, self.path)

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
        return parse_json(self.text(name), self.path / name)

    def list(self, name):
        """The list of objects in a JSON file; raises as `json`."""
        found = parse_json(self.text(name), self.path / name, list)
        if not all(isinstance(each, dict) for each in found):
            raise ValueError(
                f"Expected a JSON list of objects in {self.path / name}; received a list of other "
                "things. Copy the folder again."
            )
        return found

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
        return read_tensors(self.path / name, self.path)


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
