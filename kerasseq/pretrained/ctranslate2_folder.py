"""A Transformer written as a folder of CTranslate2, an engine for processors without Python."""

import inspect

import keras
import numpy as np

from kerasseq.files import new_folder
from kerasseq.layers.positions import TABLES
from kerasseq.models.transformer import Transformer

QUANTIZATIONS = (None, "int8", "int8_float32", "float16", "bfloat16")
# By their names here, and as CTranslate2 calls them.
ACTIVATIONS = {
    "relu": "RELU",
    "gelu": "GELU",
    "gelu_tanh": "GELUTanh",
    "silu": "SWISH",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
}
# Values of options that the engine computes, beside the usual one of the others.
KNOWN = {"activation": ACTIVATIONS, "positions": (*TABLES, "learned")}
# Options of which the engine computes every value, or that do not change an answer.
COMPUTED = {
    "source_vocabulary_size",
    "target_vocabulary_size",
    "hidden_dim",
    "num_layers",
    "num_decoder_layers",
    "num_heads",
    "feed_forward_dim",
    "norm_first",
    "relative_buckets",
    "max_length",
    "tie_embeddings",
    "share_embeddings",
    "begin_source",
    "epsilon",
    "scale_embedding",
    "embedding_norm",
    "output_bias",
    "embedding_initializer",
    "dropout",
    "attention_dropout",
    "activation_dropout",
    "output_dropout",
}
# The logit of a symbol that a search here never writes.
NEVER = -1e4


def write_ctranslate2(model, source, target, path, quantization=None):
    """Writes a model's weights and its two vocabularies.

    The engine takes tokens and gives tokens: `source.tokens(text)` goes in, and `target.join`
    makes a text of what comes out. Both tokenizers lie beside the model, in `source` and
    `target`, for `kerasseq.text.load_tokenizer`.

    Args:
        model: Transformer.
        source, target: Tokenizer.
        path: path of a new folder.
        quantization: str or None, how CTranslate2 keeps the matrices; None for float32.

    Raises:
        ImportError: without ctranslate2.
        FileExistsError: when there is something at the path.
        ValueError: for a model that the engine does not compute, by what it has not.
    """
    if quantization not in QUANTIZATIONS:
        raise ValueError(
            f"Expected a quantization of {', '.join(map(str, QUANTIZATIONS))}; received "
            f"{quantization!r}. Choose one."
        )
    spec = make_spec(model, source, target)
    spec.validate()
    spec.optimize(quantization=quantization)
    with new_folder(path) as beside:
        spec.save(str(beside))
        source.save(beside / "source")
        target.save(beside / "target")


def make_spec(model, source, target):
    """The model as CTranslate2's converters describe one: a TransformerSpec.

    Raises:
        ImportError, ValueError: as `write_ctranslate2`.
    """
    try:
        from ctranslate2.specs import TransformerSpec, common_spec
    except ImportError as error:
        raise ImportError(
            "Expected the package ctranslate2 to write its format; received none. Run "
            "`pip install kerasseq[ctranslate2]`."
        ) from error
    config = _check_model(model)
    spec = TransformerSpec.from_config(
        (config["num_layers"], config["num_decoder_layers"]),
        config["num_heads"],
        pre_norm=config["norm_first"],
        activation=getattr(common_spec.Activation, ACTIVATIONS[config["activation"]]),
        alignment_layer=config["alignment_layer"],
        alignment_heads=config["alignment_heads"] or config["num_heads"],
        layernorm_embedding=config["embedding_norm"],
    )
    _fill_encoder(spec.encoder, model)
    _fill_decoder(spec.decoder, model)
    _output(spec.decoder.projection, model, (target.pad_id, target.start_id))
    _say_symbols(spec, config, source, target)
    return spec


def _check_model(model):
    """The configuration of a model that the engine computes.

    Raises:
        ValueError: for another one, by its class or the option.
    """
    if type(model) is not Transformer:
        raise ValueError(
            f"Expected a Transformer for CTranslate2; received {type(model).__name__}. Export a "
            "SavedModel or a .tflite file."
        )
    options = inspect.signature(Transformer).parameters
    for name, value in model.config.items():
        known = KNOWN.get(name, (options[name].default,))
        if name not in COMPUTED and value not in tuple(known):
            raise ValueError(
                f"Expected {name} of {', '.join(map(str, known))}, which CTranslate2 computes; "
                f"received {value!r:.80}. Export a SavedModel or a .tflite file."
            )
    return model.config


def _say_symbols(spec, config, source, target):
    """Registers the vocabularies, and which tokens begin and end a row.

    Raises:
        ValueError: for tokenizers whose end or unknown symbols have two names.
    """
    for side, tokenizer in (("source", source), ("target", target)):
        getattr(spec, f"register_{side}_vocabulary")(list(tokenizer.vocabulary))
    for name, key in (("end_id", "eos_token"), ("unknown_id", "unk_token")):
        tokens = {each.vocabulary[getattr(each, name)] for each in (source, target)}
        if len(tokens) > 1:
            raise ValueError(
                f"Expected one {key} for both sides, as CTranslate2 has it; received "
                f"{' and '.join(sorted(tokens))}. Train both tokenizers of one kind."
            )
        setattr(spec.config, key, tokens.pop())
    begin = config["begin_source"]
    spec.config.bos_token = source.vocabulary[begin or source.start_id]
    spec.config.add_source_bos = bool(begin)
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = target.vocabulary[target.start_id]
    spec.config.layer_norm_epsilon = config["epsilon"]


def _fill_encoder(spec, model):
    (embeddings,) = spec.embeddings
    _side(spec, embeddings, model, "source")
    if model.config["norm_first"]:
        _norm(spec.layer_norm, model.encoder_norm)
    for layer, block in zip(spec.layer, model.encoder_blocks, strict=True):
        _self_attention(layer.self_attention, block)
        _feed_forward(layer.ffn, block)


def _fill_decoder(spec, model):
    _side(spec, spec.embeddings, model, "target")
    if model.config["norm_first"]:
        _norm(spec.layer_norm, model.decoder_norm)
    for layer, block in zip(spec.layer, model.decoder_blocks, strict=True):
        _self_attention(layer.self_attention, block)
        cross = block.cross_attention
        query, key_value, output = layer.attention.linear
        _dense(query, cross.query)
        _dense(key_value, cross.key_value)
        _dense(output, cross.output_dense)
        _norm(layer.attention.layer_norm, block.cross_residual.norm)
        _feed_forward(layer.ffn, block)


def _side(spec, embeddings, model, side):
    """Embedding, positions and their normalisation, of the source or the target."""
    positions = getattr(model, f"{side}_positions")
    embeddings.weight = _array(getattr(model, f"{side}_embedding").table)
    spec.scale_embeddings = model.config["scale_embedding"]
    spec.position_encodings.encodings = _array(positions.table)
    if model.config["embedding_norm"]:
        _norm(spec.layernorm_embedding, getattr(model, f"{side}_norm"))


def _self_attention(spec, block):
    fused, output = spec.linear
    _dense(fused, block.self_attention.query_key_value)
    _dense(output, block.self_attention.output_dense)
    _norm(spec.layer_norm, block.self_residual.norm)


def _feed_forward(spec, block):
    _dense(spec.linear_0, block.feed_forward.inner)
    _dense(spec.linear_1, block.feed_forward.outer)
    _norm(spec.layer_norm, block.feed_forward_residual.norm)


def _output(spec, model, never):
    """The output layer `(V, D)`, with a bias that keeps some symbols from being written."""
    tied = model.config["tie_embeddings"]
    table = (
        model.target_embedding.table if tied else np.transpose(_array(model.output_dense.kernel))
    )
    bias = model.output_bias
    spec.weight = _array(table)
    spec.bias = np.zeros(len(spec.weight), "float32") if bias is None else _array(bias)
    spec.bias[list(never)] = NEVER


def _dense(spec, layer):
    spec.weight, spec.bias = _array(layer.kernel).T.copy(), _array(layer.bias)


def _norm(spec, layer):
    spec.gamma, spec.beta = _array(layer.gamma), _array(layer.beta)


def _array(weight):
    """A weight as a float32 NumPy array of its own."""
    return np.array(keras.ops.convert_to_numpy(weight), "float32")
