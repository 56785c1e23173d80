"""ModernBERT (Warner et al. 2024) in Hugging Face's layout."""

from kerasseq.models.modern_bert_encoder import NORM, ModernBertEncoder
from kerasseq.pretrained.bert import FIXED
from kerasseq.pretrained.family import Family, Head
from kerasseq.pretrained.fields import check_fields, number

READ = ("local_attention", "global_attn_every_n_layers", "layer_types", "rope_parameters")
READ += ("local_rope_theta", "global_rope_theta")
LAYERS = ("sliding_attention", "full_attention")
BASES = ("local", 10000.0), ("global", 160000.0)
OTHER = "of another kind of attention, or of a loss, that gives the same numbers"


def _complete(where, config, options):
    """All arguments: which layers see the whole text, how far the others see, and the angles."""
    width = options["hidden_dim"] // options["num_heads"]
    if width % 2:
        raise ValueError(
            f"Expected heads of an even width in {where}; received {width}. Copy the folder again."
        )
    options["window"] = number(where, config, "local_attention", int, 1, 128) // 2
    options["global_every"] = _global_every(where, config, options["num_layers"])
    found = config.get("rope_parameters") or {}
    for name, (kind, default) in zip(LAYERS, BASES, strict=True):
        stated = found.get(name) if isinstance(found, dict) else found
        stated = {} if stated is None else stated
        if not isinstance(stated, dict):
            raise ValueError(
                f"Expected 'rope_parameters' of {where} to say {name!r}; received {found!r:.80}. "
                "Copy the folder again."
            )
        place = f"{name} of rope_parameters of {where}"
        check_fields(place, stated, ("rope_theta",), {"rope_type": ("default",)})
        base = number(where, config, f"{kind}_rope_theta", float, 1, default)
        options[f"{kind}_base"] = number(place, stated, "rope_theta", float, 1, base)
    check_fields(f"rope_parameters of {where}", found, LAYERS)
    return options


def _global_every(where, config, count):
    """Every how many layers one sees the whole text, an int."""
    every = number(where, config, "global_attn_every_n_layers", int, 1, 3)
    kinds = config.get("layer_types")
    if kinds is None:
        return every
    kinds = kinds if isinstance(kinds, list) else [kinds]
    found = [i for i, kind in enumerate(kinds) if i and kind == LAYERS[True]]
    every = found[0] if found else count
    if kinds != [LAYERS[i % every == 0] for i in range(count)]:
        raise ValueError(
            f"Expected 'layer_types' in {where} with full_attention first and then in every layer "
            f"of a fixed number; received {kinds!r:.80}, which is not supported. Choose another "
            "model."
        )
    return every


def _rewrite(tensors):
    """The two halves of a gated layer, which the files hold as one, apart."""
    for name in [name for name in tensors if name.endswith("mlp.Wi.weight")]:
        both = tensors.pop(name)
        half = len(both) // 2 if both.ndim else 0
        base = name.removesuffix("Wi.weight")
        tensors |= {f"{base}input.weight": both[:half], f"{base}gate.weight": both[half:]}
    return tensors


def modern_bert_places(encoder, family, prefix):
    """What `encoder_places` yields, of a ModernBertEncoder."""
    yield encoder.embedding.table, prefix + family.word
    yield encoder.embedding_norm, prefix + "embeddings.norm"
    for index, block in enumerate(encoder.blocks):
        layer = prefix + family.layer.format(index)
        if block.norm_attention:
            yield block.self_residual.norm, layer + "attn_norm"
        yield block.self_attention.query_key_value, layer + family.block["query"]
        yield block.self_attention.output_dense, layer + "attn.Wo"
        yield block.feed_forward_residual.norm, layer + "mlp_norm"
        yield block.feed_forward.inner, layer + family.block["inner"]
        yield block.feed_forward.linear, layer + "mlp.gate"
        yield block.feed_forward.outer, layer + "mlp.Wo"
    yield encoder.output_norm, prefix + "final_norm"


def _head(task, output, **options):
    return Head(
        (f"ModernBertFor{task}",),
        output=output,
        dropout=("classifier_dropout",),
        default_dropout=0.0,
        hidden="head.dense",
        hidden_activation="gelu",
        norm="head.norm",
        **options,
    )


MODERN_BERT = Family(
    name="modernbert",
    encoder=ModernBertEncoder,
    places=modern_bert_places,
    sizes={
        "vocabulary_size": ("vocab_size", int, 1, None),
        "hidden_dim": ("hidden_size", int, 1, None),
        "num_layers": ("num_hidden_layers", int, 1, None),
        "num_heads": ("num_attention_heads", int, 1, None),
        "feed_forward_dim": ("intermediate_size", int, 1, None),
        "dropout": ("embedding_dropout", float, 0, 0.0),
        "activation_dropout": ("mlp_dropout", float, 0, 0.0),
        "epsilon": ("norm_eps", float, 0, 1e-5),
        "max_length": ("max_position_embeddings", int, 1, None),
    },
    activation="hidden_activation",
    complete=_complete,
    read=READ,
    fixed={name: values for name, values in FIXED.items() if name != "pad_token_id"}
    | {
        "attention_dropout": (0,),  # there it drops what the attention gives, too
        "attention_bias": (False,),
        "mlp_bias": (False,),
        "norm_bias": (False,),
        "classifier_bias": (False,),
        "decoder_bias": (True,),
        "classifier_activation": ("gelu",),
    },
    inert={
        "pad_token_id": "the tokenizer says it",
        "cls_token_id": "the tokenizer says it",
        "layer_norm_eps": "norm_eps counts",
        "position_embedding_type": "there is one kind",
        "initializer_cutoff_factor": "of new layers, which Keras' initialisers make here",
        "deterministic_flash_attn": OTHER,
        "reference_compile": OTHER,
        "repad_logits_with_grad": OTHER,
        "sparse_prediction": OTHER,
        "sparse_pred_ignore_index": OTHER,
    },
    word="embeddings.tok_embeddings.weight",
    position=None,
    wordpiece=None,
    prefix="model.",
    layer="layers.{}.",
    block={"query": "attn.Wqkv", "inner": "mlp.input"},
    rewrite=_rewrite,
    hidden={"hidden_norm": NORM, "hidden_bias": False},
    bare=("ModernBertModel", "ModernBertForMultipleChoice"),
    heads={
        "classifier": _head(
            "SequenceClassification",
            "classifier",
            pooling=("classifier_pooling", {"cls": "first", "mean": "mean"}),
        ),
        "tagger": _head("TokenClassification", "classifier"),
        "question answerer": _head("QuestionAnswering", "classifier"),
        "mask filler": _head("MaskedLM", "decoder.bias", tied="decoder.weight"),
    },
)
