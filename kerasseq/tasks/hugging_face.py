"""A BERT or DistilBERT folder in the layout of Hugging Face, read without PyTorch."""

import json
import pathlib

import numpy as np
import safetensors
from safetensors.numpy import load

from kerasseq.models.bert_encoder import BertEncoder
from kerasseq.text.wordpiece_tokenizer import WordPieceTokenizer

# Where each layout keeps what: the encoder's prefix in a model with a head, its layers, and
# the names inside a layer.
LAYOUTS = {
    "bert": {
        "prefix": "bert.",
        "layer": "encoder.layer.{}.",
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attention": "attention.output.dense",
        "attention_norm": "attention.output.LayerNorm",
        "inner": "intermediate.dense",
        "outer": "output.dense",
        "norm": "output.LayerNorm",
    },
    "distilbert": {
        "prefix": "distilbert.",
        "layer": "transformer.layer.{}.",
        "query": "attention.q_lin",
        "key": "attention.k_lin",
        "value": "attention.v_lin",
        "attention": "attention.out_lin",
        "attention_norm": "sa_layer_norm",
        "inner": "ffn.lin1",
        "outer": "ffn.lin2",
        "norm": "output_layer_norm",
    },
}
ACTIVATIONS = {"gelu": "gelu", "relu": "relu", "silu": "silu", "swish": "silu"}


class HuggingFaceFolder:
    """`config.json`, `model.safetensors` and `vocab.txt` of BERT or DistilBERT.

    Nothing in the folder is run.

    Args:
        path: path of the folder, or a name on the Hugging Face hub, which is downloaded.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for another kind of model, or a damaged file.
        ImportError: for a name on the hub, without `huggingface_hub`.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        if not self.path.is_dir():
            self.path = download(str(path))
        try:
            self.config = json.loads(self._file("config.json").read_text(encoding="utf-8"))
            self.kind = self.config["model_type"]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"Expected {self.path / 'config.json'} to describe a model; received something "
                f"else ({type(error).__name__}: {error}). Copy the folder again."
            ) from error
        if self.kind not in LAYOUTS:
            raise ValueError(
                f"Expected a model of {', '.join(LAYOUTS)} in {self.path}; received "
                f"{self.kind!r}. Choose a folder of one of these."
            )
        self.layout = LAYOUTS[self.kind]
        try:
            tensors = load(self._file("model.safetensors").read_bytes())
        except safetensors.SafetensorError as error:
            raise ValueError(
                f"Expected a safetensors file in {self.path}; received damaged data ({error}). "
                "Copy it again."
            ) from error
        self.tensors = {_modern(name): tensor for name, tensor in tensors.items()}
        word = "embeddings.word_embeddings.weight"
        self.prefix = self.layout["prefix"] if self.layout["prefix"] + word in self.tensors else ""

    def _file(self, name):
        path = self.path / name
        if not path.is_file():
            raise FileNotFoundError(
                f"Expected {name} in {self.path}; received no such file. Name a folder with "
                "config.json, model.safetensors and vocab.txt; a pytorch_model.bin, which can "
                "run code, is not read."
            )
        return path

    def tokenizer(self):
        """The WordPieceTokenizer of `vocab.txt`."""
        lines = self._file("vocab.txt").read_text(encoding="utf-8").split("\n")
        settings = {}
        if (self.path / "tokenizer_config.json").is_file():
            settings = json.loads((self.path / "tokenizer_config.json").read_text("utf-8"))
        return WordPieceTokenizer(
            lines[:-1] if lines[-1] == "" else lines,
            settings.get("do_lower_case", True),
            settings.get("strip_accents"),
        )

    def encoder(self, tokenizer, dtype=None):
        """The BertEncoder, with the folder's weights.

        Args:
            tokenizer: WordPieceTokenizer, whose separator ends a segment.
            dtype: precision policy of the encoder.

        Raises:
            ValueError: for a tensor that is missing or of another shape, by name; an activation
                or positions of another kind.
        """
        options = self._options()
        segments = self.config.get("type_vocab_size", 0) if self.kind == "bert" else 0
        encoder = BertEncoder(
            separator_id=tokenizer.separator_id if segments else None, dtype=dtype, **options
        )
        names = self.layout
        self.assign(encoder.embedding.table, "embeddings.word_embeddings.weight")
        self.assign(encoder.positions.table, "embeddings.position_embeddings.weight")
        if segments:
            self.assign(encoder.segment_embedding.table, "embeddings.token_type_embeddings.weight")
        self.assign_norm(encoder.embedding_norm, "embeddings.LayerNorm")
        for number, block in enumerate(encoder.blocks):
            layer = names["layer"].format(number)
            fused = [layer + names[part] for part in ("query", "key", "value")]
            self.assign_dense(block.self_attention.query_key_value, *fused)
            self.assign_dense(block.self_attention.output_dense, layer + names["attention"])
            self.assign_norm(block.self_residual.norm, layer + names["attention_norm"])
            self.assign_dense(block.feed_forward.inner, layer + names["inner"])
            self.assign_dense(block.feed_forward.outer, layer + names["outer"])
            self.assign_norm(block.feed_forward_residual.norm, layer + names["norm"])
        return encoder

    def _options(self):
        config = self.config
        distilled = self.kind == "distilbert"
        activation = config["activation" if distilled else "hidden_act"]
        positions = config.get("position_embedding_type", "absolute")
        if activation not in ACTIVATIONS or positions != "absolute":
            raise ValueError(
                f"Expected an activation of {', '.join(ACTIVATIONS)} and absolute positions in "
                f"{self.path}; received {activation!r} and {positions!r}. Choose another model."
            )
        return {
            "vocabulary_size": config["vocab_size"],
            "hidden_dim": config["dim" if distilled else "hidden_size"],
            "num_layers": config["n_layers" if distilled else "num_hidden_layers"],
            "num_heads": config["n_heads" if distilled else "num_attention_heads"],
            "feed_forward_dim": config["hidden_dim" if distilled else "intermediate_size"],
            "dropout": config["dropout" if distilled else "hidden_dropout_prob"],
            "attention_dropout": config[
                "attention_dropout" if distilled else "attention_probs_dropout_prob"
            ],
            "activation": ACTIVATIONS[activation],
            "epsilon": config.get("layer_norm_eps", 1e-12),
            "max_length": config["max_position_embeddings"],
        }

    def labels(self, head):
        """The names of a head's labels: list of str.

        Raises:
            ValueError: when the folder holds no such head.
        """
        if not self.has(f"{head}.weight"):
            raise ValueError(
                f"Expected labels for a new {head}, of which {self.path} holds no weights; "
                "received none. Give labels=[…], and train with fit."
            )
        names = self.config.get("id2label", {})
        count = self.tensor(f"{head}.weight").shape[0]
        return [str(names.get(str(number), f"LABEL_{number}")) for number in range(count)]

    def kind_of_labels(self):
        """ "single_label", "multi_label" or "regression", as the folder's config says it."""
        kind = self.config.get("problem_type") or "single_label_classification"
        return kind.removesuffix("_classification")

    def has(self, name):
        """Whether a tensor of that name is there."""
        return name in self.tensors or self.prefix + name in self.tensors

    def tensor(self, name):
        """A float32 array by its name, with or without the encoder's prefix."""
        found = self.tensors.get(self.prefix + name, self.tensors.get(name))
        if found is None:
            raise ValueError(
                f"Expected the tensor {name!r} in {self.path / 'model.safetensors'}; received "
                f"{len(self.tensors)} others. Choose a folder whose weights fit its config.json."
            )
        return found.astype("float32")

    def assign(self, weight, *names, transposed=False):
        """Sets a weight to a tensor, or to several beside each other on the last axis."""
        arrays = [self.tensor(name) for name in names]
        array = np.concatenate([a.T if transposed else a for a in arrays], axis=-1)
        if array.shape != tuple(weight.shape):
            raise ValueError(
                f"Expected {' and '.join(names)} in {self.path / 'model.safetensors'} to make "
                f"{tuple(weight.shape)}; received {array.shape}. Choose a folder whose weights "
                "fit its config.json."
            )
        weight.assign(array)

    def assign_dense(self, dense, *names):
        """Sets a dense layer to a linear one, or to several that it fuses."""
        self.assign(dense.kernel, *(f"{name}.weight" for name in names), transposed=True)
        self.assign(dense.bias, *(f"{name}.bias" for name in names))

    def assign_norm(self, norm, name):
        """Sets a layer normalisation."""
        self.assign(norm.gamma, f"{name}.weight")
        self.assign(norm.beta, f"{name}.bias")


def _modern(name):
    """Checkpoints made before 2019 call a normalisation's weight and bias gamma and beta."""
    return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace(
        "LayerNorm.beta", "LayerNorm.bias"
    )


def download(name):
    """A model of the Hugging Face hub as a local folder."""
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError(
            f"Expected a folder at {name}, or huggingface_hub to download it by that name; "
            "received neither. Check the path, or install kerasseq[hub]."
        ) from error
    files = ["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"]
    try:
        return pathlib.Path(huggingface_hub.snapshot_download(name, allow_patterns=files))
    except Exception as error:
        raise FileNotFoundError(
            f"Expected a folder at {name}, or a model of that name on the Hugging Face hub; "
            f"received neither ({type(error).__name__}). Check the path, the name, and the "
            "connection."
        ) from error
