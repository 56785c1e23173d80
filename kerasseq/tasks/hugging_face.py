"""A BERT or DistilBERT folder in the layout of Hugging Face, read without PyTorch."""

import json
import pathlib

import numpy as np

from kerasseq.models.bert_encoder import BertEncoder
from kerasseq.tasks.weights import read_tensors
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
        self.config = self._json("config.json")
        self.kind = self._setting("model_type")
        if self.kind not in LAYOUTS:
            raise ValueError(
                f"Expected a model of {', '.join(LAYOUTS)} in {self.path}; received "
                f"{self.kind!r}. Choose a folder of one of these."
            )
        self.layout = LAYOUTS[self.kind]
        tensors = read_tensors(self._file("model.safetensors"))
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

    def _text(self, name):
        try:
            return self._file(name).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(
                f"Expected text in UTF-8 in {self.path / name}; received other bytes ({error}). "
                "Copy the folder again."
            ) from error

    def _json(self, name):
        text = self._text(name)
        try:
            return dict(json.loads(text))
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"Expected a JSON object in {self.path / name}; received something else "
                f"({type(error).__name__}: {error}). Copy the folder again."
            ) from error

    def _setting(self, name):
        if name not in self.config:
            raise ValueError(
                f"Expected {name!r} in {self.path / 'config.json'} to describe a model; received "
                f"{', '.join(self.config) or 'nothing'}. Copy the folder again."
            )
        return self.config[name]

    def tokenizer(self):
        """The WordPieceTokenizer of `vocab.txt`.

        Raises:
            ValueError: for a damaged file.
        """
        lines = self._text("vocab.txt").split("\n")
        found = (self.path / "tokenizer_config.json").is_file()
        settings = self._json("tokenizer_config.json") if found else {}
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
            ValueError: for a tensor that is missing, of another shape or too many, by name; a
                setting that is missing; more tokens than embeddings; an activation or positions
                of another kind.
        """
        options = self._options()
        if tokenizer.vocabulary_size > options["vocabulary_size"]:
            raise ValueError(
                f"Expected at most {options['vocabulary_size']} lines, one an embedding, in "
                f"{self.path / 'vocab.txt'}; received {tokenizer.vocabulary_size}. Choose a "
                "folder whose files fit its config.json."
            )
        self._check_no_layer_above(options["num_layers"])
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

    def _check_no_layer_above(self, count):
        layer = self.prefix + self.layout["layer"].format(count)
        more = next((name for name in self.tensors if name.startswith(layer)), None)
        if more is not None:
            raise ValueError(
                f"Expected {count} layers in {self.path / 'model.safetensors'}, as its "
                f"config.json says; received {more!r} too. Choose a folder whose weights fit."
            )

    def _options(self):
        setting, distilled = self._setting, self.kind == "distilbert"
        activation = setting("activation" if distilled else "hidden_act")
        positions = self.config.get("position_embedding_type", "absolute")
        if activation not in ACTIVATIONS or positions != "absolute":
            raise ValueError(
                f"Expected an activation of {', '.join(ACTIVATIONS)} and absolute positions in "
                f"{self.path}; received {activation!r} and {positions!r}. Choose another model."
            )
        return {
            "vocabulary_size": setting("vocab_size"),
            "hidden_dim": setting("dim" if distilled else "hidden_size"),
            "num_layers": setting("n_layers" if distilled else "num_hidden_layers"),
            "num_heads": setting("n_heads" if distilled else "num_attention_heads"),
            "feed_forward_dim": setting("hidden_dim" if distilled else "intermediate_size"),
            "dropout": setting("dropout" if distilled else "hidden_dropout_prob"),
            "attention_dropout": setting(
                "attention_dropout" if distilled else "attention_probs_dropout_prob"
            ),
            "activation": ACTIVATIONS[activation],
            "epsilon": self.config.get("layer_norm_eps", 1e-12),
            "max_length": setting("max_position_embeddings"),
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
