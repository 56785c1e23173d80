"""A T5 as Hugging Face's layout has it: what `t5.py` reads."""

import numpy as np

from kerasseq.pretrained.family import NAMES
from kerasseq.pretrained.renumbered import VANISHED
from kerasseq.pretrained.t5 import OUTPUT, SHARED
from kerasseq.pretrained.t5_places import t5_places
from kerasseq.pretrained.t5_settings import ARCHITECTURES, BUCKETS, PARTS, SIZES
from kerasseq.pretrained.weights import array_of, tensors_of
from kerasseq.text.vocabulary import PAD_ID, START_ID


def kept_ids(model):
    """The ids that get some probability, and padding: an int array `(K,)`.

    The others are no tokens of a T5: rows of the embeddings without a piece, and the start
    symbol, in whose place a T5 has padding.
    """
    bias = model.output_bias
    silent = None if bias is None else array_of(bias) <= VANISHED / 2
    kept = np.ones(model.config["target_vocabulary_size"], bool) if bias is None else ~silent
    kept[PAD_ID] = True
    return np.flatnonzero(kept)


def describe(model, kept):
    """`config.json`, its generation aside, and the tensors: two dict.

    Args:
        model: Transformer of relative positions.
        kept: int array `(K,)`, as `kept_ids` gives it.

    Raises:
        ValueError: for a setting that T5 does not have, by its name.
    """
    config = model.config
    dropped = ("attention_dropout", "activation_dropout", "output_dropout")
    wanted = PARTS | dict.fromkeys(dropped, config["dropout"]) | {"decoder": "attention"}
    wanted |= {"begin_source": False, "embedding_norm": False, "output_bias": config["output_bias"]}
    for name, allowed in wanted.items():
        if config[name] != allowed:
            raise _other(name, allowed, config[name])
    if config["head_dim"] is None:
        config = config | {"head_dim": config["hidden_dim"] // config["num_heads"]}
    if config["activation"] not in NAMES:
        raise _other("activation", tuple(NAMES), config["activation"])
    activation = NAMES[config["activation"]]
    if activation == "gelu" and config["gated"]:  # a gated-gelu is another there
        raise _other("activation", "gelu_tanh with a gate", "gelu")
    bias = model.output_bias
    wrong = np.zeros(0) if bias is None else array_of(bias)[kept[1:]]
    if wrong.any():
        raise _other("output_bias", "0, since T5 has none", float(wrong[wrong != 0][0]))
    gated = "gated-" * config["gated"]
    found = {field: config[argument] for argument, (field, *_) in SIZES.items()} | {
        "model_type": "t5",
        "architectures": [ARCHITECTURES["t5"][0]],
        "dtype": "float32",
        "is_encoder_decoder": True,
        "vocab_size": len(kept),
        "num_decoder_layers": config["num_decoder_layers"],
        "feed_forward_proj": gated + ("gelu" if gated and activation == "gelu_new" else activation),
        "tie_word_embeddings": config["tie_embeddings"],
        "scale_decoder_outputs": config["scale_output"],
        "transformers_version": "5.0.0",  # since when the two fields above are two
    }
    found |= dict(zip((field for field, *_ in BUCKETS), config["relative_buckets"], strict=True))
    table = array_of(model.target_embedding.table)  # (V, D)
    if START_ID not in kept:
        table[PAD_ID] = table[START_ID]
    tensors = {SHARED: table[kept]}
    if not config["tie_embeddings"]:
        tensors[OUTPUT] = array_of(model.output_dense.kernel).T[kept]
    for layer, *names in t5_places(model):
        tensors |= tensors_of(layer, *names)
    return found, tensors


def _other(name, allowed, value):
    return ValueError(
        f"Expected {name} of {allowed} to write a T5 in Hugging Face's layout; received "
        f"{value!r:.80}. Save the translator, or export it."
    )
