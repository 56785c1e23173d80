"""The settings of Marian's models, and what they say of a Transformer.

A field that stands in none of these tables is refused, unless it is empty.
"""

import yaml

from kerasseq.pretrained.fields import check_fields, number

LARGEST = 2**16  # of a settings text; real ones have some 50 lines

# Arguments of Transformer: field, kind, least.
SIZES = {
    "hidden_dim": ("dim-emb", int, 4),
    "num_layers": ("enc-depth", int, 1),
    "num_decoder_layers": ("dec-depth", int, 1),
    "num_heads": ("transformer-heads", int, 1),
    "feed_forward_dim": ("transformer-dim-ffn", int, 1),
}
# Fields whose values choose an argument, and what they choose.
CHOICES = {
    "activation": ("transformer-ffn-activation", {"relu": "relu", "swish": "silu"}),
    "decoder": ("transformer-decoder-autoreg", {"rnn": "ssru", "self-attention": "attention"}),
    # n is a normalisation, d is dropout, a is the residual.
    "embedding_norm": (
        "transformer-postprocess-emb",
        {"": False, "d": False, "n": True, "nd": True, "dn": True},
    ),
}
READ = {field for field, *_ in [*SIZES.values(), *CHOICES.values()]} | {
    "dim-vocabs", "tied-embeddings", "tied-embeddings-all", "tied-embeddings-src",
}  # fmt: skip
FIXED = {
    "type": ("transformer",),
    "transformer-preprocess": ("",),
    "transformer-postprocess": ("dan", "an"),
    "transformer-postprocess-top": ("",),
    "transformer-ffn-depth": (2,),
    "transformer-decoder-dim-ffn": (0,),
    "transformer-decoder-ffn-depth": (0,),
    "factors-dim-emb": (0,),
    "lemma-dim-emb": (0,),
}
_RECURRENT = "of recurrent encoders and decoders, which this one is not"
_AVERAGE = "of average attention, which transformer-decoder-autoreg chooses"
_TRAINING = "of training"
_OTHER = "of a part that is off"
INERT = {
    "dec-cell-base-depth": _RECURRENT,
    "dec-cell-high-depth": _RECURRENT,
    "dim-rnn": _RECURRENT,
    "enc-cell": _RECURRENT,
    "enc-cell-depth": _RECURRENT,
    "enc-type": _RECURRENT,
    "transformer-aan-activation": _AVERAGE,
    "transformer-aan-depth": _AVERAGE,
    "transformer-aan-nogate": _AVERAGE,
    "transformer-dim-aan": _AVERAGE,
    "transformer-guided-alignment-layer": _TRAINING,
    "bert-train-type-embeddings": _OTHER,
    "bert-type-vocab-size": _OTHER,
    "factors-combine": _OTHER,
    "ulr-dim-emb": _OTHER,
    "ulr-trainable-transformation": _OTHER,
    "version": "a record of who wrote the file",
}

_SEARCH = "of the search, which the argument search says"
_ENGINE = "how Marian's engine computes the same numbers, or nearly the same"
CONFIG_INERT = {
    "relative-paths": "files are looked for in the folder alone",
    "alignment": _SEARCH,
    "beam-size": _SEARCH,
    "max-length-break": _SEARCH,
    "max-length-factor": _SEARCH,
    "normalize": _SEARCH,
    "word-penalty": _SEARCH,
    "cpu-threads": _ENGINE,
    "gemm-precision": _ENGINE,
    "maxi-batch": _ENGINE,
    "maxi-batch-sort": _ENGINE,
    "mini-batch": _ENGINE,
    "mini-batch-words": _ENGINE,
    "quiet": _ENGINE,
    "quiet-translation": _ENGINE,
    "shortlist": _ENGINE,
    "skip-cost": _ENGINE,
    "workspace": _ENGINE,
}


def mapping(text, where):
    """The settings of a YAML text, a dict from str. Nothing in it is run.

    Args:
        text: str or bytes.
        where: str, the file, for messages.

    Raises:
        ValueError: for other text, or a huge one.
    """
    if len(text) > LARGEST:
        raise ValueError(
            f"Expected settings of at most {LARGEST} characters in {where}; received {len(text)}. "
            "Copy the folder again."
        )
    try:
        # A name for a value that stands elsewhere, which Marian never writes: a few lines of them
        # are more values than any memory holds.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise yaml.YAMLError("an alias")
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ValueError(
            f"Expected settings in YAML in {where}; received something else "
            f"({type(error).__name__}). Copy the folder again."
        ) from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise ValueError(
            f"Expected settings by name in {where}; received {found!r:.80}. Copy the folder again."
        )
    return found


def read_settings(text, where):
    """What a model's settings say.

    Args:
        text: str, `special:model.yml`.
        where: str, the file, for messages.

    Returns:
        dict of arguments of Transformer, and the sizes of the source and target vocabularies.

    Raises:
        ValueError: for text that is no such settings, or what is not supported, by its name.
    """
    found = mapping(text, where)
    options, fixed = {}, dict(FIXED)
    for name, (field, values) in CHOICES.items():
        fixed[field] = tuple(values)
        _require(where, found, field, fixed)
        options[name] = values[found[field]]
    if options["decoder"] == "ssru":
        fixed["dec-cell"] = ("ssru",)
    elif "dec-cell" in found:
        fixed["dec-cell"] = (found["dec-cell"],)  # of a decoder that it does not have
    for field in ("type", "transformer-postprocess"):
        _require(where, found, field, fixed)
    check_fields(where, found, READ, fixed, INERT)
    options |= {name: number(where, found, *field) for name, field in SIZES.items()}
    if options["hidden_dim"] % options["num_heads"] or options["hidden_dim"] % 2:
        raise ValueError(
            f"Expected an even width that the heads divide in {where}; received "
            f"{options['hidden_dim']} and {options['num_heads']} heads. Copy the file again."
        )
    return options | {"share_embeddings": _shares(where, found)}, _vocabulary_sizes(where, found)


def _require(where, found, field, fixed):
    check_fields(where, {field: found.get(field)}, fixed={field: fixed[field]})


def _shares(where, found):
    """Whether both sides and the output share one embedding; the output shares the target's."""
    tied = [found.get(f"tied-embeddings{part}") is True for part in ("", "-src", "-all")]
    if tied[2] or tied[:2] == [True, True]:
        return True
    if tied[:2] != [True, False]:
        raise ValueError(
            f"Expected 'tied-embeddings' or 'tied-embeddings-all' to be True in {where}; received "
            "neither, an output layer of its own, which is not supported. Choose another model."
        )
    return False


def _vocabulary_sizes(where, found):
    sizes = found.get("dim-vocabs")
    if not isinstance(sizes, list) or len(sizes) != 2 or not all(type(n) is int for n in sizes):
        raise ValueError(
            f"Expected two sizes in 'dim-vocabs' of {where}; received {sizes!r:.80}. Choose "
            "another model."
        )
    return sizes
