"""What the `config.json` of a T5 says of its Transformer."""

from kerasseq.pretrained.family import ACTIVATIONS
from kerasseq.pretrained.fields import check_fields, number
from kerasseq.pretrained.generation import NAMES
from kerasseq.pretrained.inert import TRANSLATOR

# From model_type to the architectures with an output layer.
ARCHITECTURES = {
    "t5": ("T5ForConditionalGeneration", "T5WithLMHeadModel"),
    "mt5": ("MT5ForConditionalGeneration",),
}
# Arguments of Transformer: see `kerasseq.pretrained.fields.number`.
SIZES = {
    "hidden_dim": ("d_model", int, 1, None),
    "num_layers": ("num_layers", int, 1, None),
    "num_heads": ("num_heads", int, 1, None),
    "head_dim": ("d_kv", int, 1, None),
    "feed_forward_dim": ("d_ff", int, 1, None),
    "dropout": ("dropout_rate", float, 0, 0.1),
    "epsilon": ("layer_norm_epsilon", float, 0, 1e-6),
}
BUCKETS = (
    ("relative_attention_num_buckets", int, 4, 32),
    ("relative_attention_max_distance", int, 1, 128),
)
MOST, FARTHEST = 2**10, 2**16  # of both, of which a table is made
# What every T5 has.
PARTS = {
    "positions": "relative",
    "norm": "rms",
    "norm_first": True,
    "use_bias": False,
    "scale_attention": False,
    "scale_embedding": False,
    "share_embeddings": True,
    "output_bias": "fixed",  # none but for what is never written
}
READ = ("model_type", "architectures", "vocab_size", "num_decoder_layers", "feed_forward_proj")
READ += ("tie_word_embeddings", "scale_decoder_outputs", *NAMES)
FIXED = {
    "is_encoder_decoder": (True,),
    "is_decoder": (False, None),
    "tokenizer_class": (None, "T5Tokenizer", "T5TokenizerFast", "PreTrainedTokenizerFast"),
}
INERT = TRANSLATOR | {
    "n_positions": "how long the texts of its training were: distances have no end",
    "initializer_factor": "of new layers, which Keras' initialisers make here",
}


def read_options(config, where):
    """The arguments of Transformer that `config.json` tells, checked field by field.

    Args:
        config: dict, what the file holds.
        where: str, its path.

    Raises:
        ValueError: for a field that is not supported, by its name.
    """
    allowed = ARCHITECTURES[config["model_type"]]
    architectures = config.get("architectures")
    if architectures not in [[name] for name in allowed]:
        raise ValueError(
            f"Expected 'architectures' of {' or '.join(allowed)} in {where} for a translator; "
            f"received {architectures!r:.80}. Choose a folder with an output layer."
        )
    activation, gated = _activation(config, where)
    read = [*READ, *(field for field, *_ in (*SIZES.values(), *BUCKETS))]
    again = {"is_gated_act": (gated, None), "dense_act_fn": (activation, None)}
    check_fields(where, config, read, FIXED | again, INERT)
    options = {argument: number(where, config, *field) for argument, field in SIZES.items()}
    depth = config.get("num_decoder_layers")
    if depth is not None:
        depth = number(where, config, "num_decoder_layers", int, 1)
    buckets = [number(where, config, *field) for field in BUCKETS]
    if buckets[0] > MOST or not buckets[0] // 2 < buckets[1] <= FARTHEST:
        raise ValueError(
            f"Expected at most {MOST} for {BUCKETS[0][0]!r}, and for {BUCKETS[1][0]!r} more than "
            f"half of it and at most {FARTHEST}, in {where}; received {buckets[0]} and "
            f"{buckets[1]}. Copy the folder again."
        )
    dropped = ("attention_dropout", "activation_dropout", "output_dropout")
    return (
        options
        | PARTS
        | dict.fromkeys(dropped, options["dropout"])
        | {
            "num_decoder_layers": depth,
            "relative_buckets": buckets,
            "activation": ACTIVATIONS[activation],
            "gated": gated,
        }
    )


def _activation(config, where):
    """Hugging Face's name of the activation, and whether it is a gate's."""
    stated = config.get("feed_forward_proj", "relu")
    name = stated.removeprefix("gated-") if isinstance(stated, str) else None
    gated = name != stated
    name = "gelu_new" if stated == "gated-gelu" else name  # as the code of T5 has it
    if name not in tuple(ACTIVATIONS):
        raise ValueError(
            f"Expected 'feed_forward_proj' in {where} to be an activation of "
            f"{', '.join(ACTIVATIONS)}, or gated- and one; received {stated!r:.80}. Choose another "
            "model."
        )
    return name, gated
