"""Whole translators of a folder in Hugging Face's layout: model, tokenizers, search, languages."""

import dataclasses
import functools
import typing

from kerasseq.models.transformer import Transformer
from kerasseq.pretrained.family import ACTIVATIONS
from kerasseq.pretrained.fields import check_fields, number
from kerasseq.pretrained.folder import Folder
from kerasseq.pretrained.generation import NAMES, read_generation
from kerasseq.pretrained.inert import TRANSLATOR
from kerasseq.pretrained.marian_tokenizer import read_marian_tokenizers
from kerasseq.pretrained.numbered_tokenizers import read_numbered_tokenizers
from kerasseq.pretrained.piece_tokenizers import read_piece_tokenizers
from kerasseq.pretrained.renumbered import NEW
from kerasseq.pretrained.t5 import read_t5
from kerasseq.pretrained.t5_settings import ARCHITECTURES as T5_KINDS
from kerasseq.pretrained.tokenizer_parts import FILE as TOKENIZER
from kerasseq.pretrained.translator_family import (
    AGAIN,
    BART,
    M2M100,
    MARIAN,
    MBART,
    PEGASUS,
    SIZES,
    TOLD,
)
from kerasseq.pretrained.translator_weights import TranslatorWeights
from kerasseq.text.vocabulary import END_ID, PAD_ID, START_ID
from kerasseq.untrusted import door

MOST_POSITIONS = 2**16  # of a table that no tensor bounds
LONGEST = 100  # tokens of a translation, of a folder that says nothing of it
READ = ("model_type", "architectures", "tokenizer_class", "vocab_size", "decoder_vocab_size")
READ += ("activation_function", "scale_embedding", "tie_word_embeddings")
READ += ("share_encoder_decoder_embeddings",)


class PretrainedTranslator(typing.NamedTuple):
    """What a folder holds.

    Attributes:
        model: Seq2Seq.
        source, target: Tokenizer.
        options: dict, further arguments of Translator.
    """

    model: typing.Any
    source: typing.Any
    target: typing.Any
    options: dict


@dataclasses.dataclass(frozen=True)
class Request:
    """What a reader of one `model_type` is given.

    Attributes:
        folder: Folder.
        config: dict, what its `config.json` holds.
        languages: pair of str or None, of source and target.
        search: Search, its name, or None for the folder's own.
        dtype: precision policy of the model.
    """

    folder: Folder
    config: dict
    languages: tuple = (None, None)
    search: typing.Any = None
    dtype: typing.Any = None

    @property
    def where(self):
        """str, the path of `config.json`."""
        return str(self.folder.path / "config.json")


@door("a translator in Hugging Face's layout", "Copy the folder again.")
def read_translator(path, languages=(None, None), search=None, dtype=None):
    """A PretrainedTranslator of a folder; see `Translator.from_hugging_face`."""
    folder = Folder(path)
    config = folder.json("config.json")
    kind = config.get("model_type")
    if kind not in tuple(READERS):
        raise ValueError(
            f"Expected 'model_type' of {', '.join(READERS)} in {folder.path / 'config.json'} to "
            f"translate with; received {kind!r:.80}. Choose a folder of one of these."
        )
    folder.check_whole()
    return READERS[kind](Request(folder, config, tuple(languages), search, dtype))


def _read(family, read_tokenizers, request):
    """A PretrainedTranslator of a TranslatorFamily.

    Args:
        family: TranslatorFamily.
        read_tokenizers: function of a Request to TranslatorTokenizers.
        request: Request.
    """
    config, where = request.config, request.where
    options = _options(family, config, where)
    tokenizers = read_tokenizers(request)
    source, target = tokenizers.source, tokenizers.target
    pad, end = (int(target.order[i]) for i in (PAD_ID, END_ID))
    generation = read_generation(request.folder, config)
    generation.check_ids(pad, end)
    weights = TranslatorWeights(family, request.folder, options, _sizes(config))
    before, row = _begin(generation, tokenizers)
    model = Transformer(
        source.tokenizer.vocabulary_size,
        target.tokenizer.vocabulary_size,
        output_bias=family.output_bias or target.copies > 0 or row is not None,
        dtype=request.dtype,
        **options,
    )
    weights.fill(model, source, target, row)
    positions = options["max_length"]
    found = {
        "search": request.search or generation.search(pad, end),
        "max_source_length": positions,
        "source_before": tokenizers.source_before,
        "source_behind": tokenizers.source_behind,
        "target_before": before,
    }
    found["max_length"] = min(generation.max_length() or LONGEST, positions)
    return PretrainedTranslator(model, source.tokenizer, target.tokenizer, found)


def _options(family, config, where):
    """The arguments of Transformer, of a `config.json` that is checked field by field."""
    architectures = config.get("architectures")
    if architectures != [family.architecture]:
        raise ValueError(
            f"Expected 'architectures' of {family.architecture} in {where} for a translator; "
            f"received {architectures!r:.80}. Choose a folder with an output layer."
        )
    options = {argument: number(where, config, *field) for argument, field in SIZES.items()}
    told = {field: (getattr(family, name), None) for field, name in TOLD.items()}
    told["static_position_embeddings"] = (family.positions != "learned", None)
    again = {field: (config[name],) for field, name in AGAIN.items()}
    read = {*READ, *NAMES, *(field for field, *_ in SIZES.values())} - family.fixed.keys()
    fixed = {"is_encoder_decoder": (True,), "is_decoder": (False, None)}
    fixed |= {"add_bias_logits": (False, None)} | told | again | family.fixed
    check_fields(where, config, read, fixed, TRANSLATOR)
    activation = config.get("activation_function")
    if activation not in tuple(ACTIVATIONS):
        raise ValueError(
            f"Expected 'activation_function' in {where} to be an activation of "
            f"{', '.join(ACTIVATIONS)}; received {activation!r:.80}. Choose another model."
        )
    flags = {"scale_embedding": False, "tie_word_embeddings": True}
    flags |= {"share_encoder_decoder_embeddings": True} if family.apart else {}
    for name in flags:
        flags[name] = config.get(name, flags[name])
        if flags[name] not in (True, False):
            raise ValueError(
                f"Expected {name!r} to be True or False in {where}; received "
                f"{flags[name]!r:.80}. Copy the folder again."
            )
    tied, shared = flags["tie_word_embeddings"], flags.get("share_encoder_decoder_embeddings", True)
    if shared and not tied:
        raise ValueError(
            f"Expected 'tie_word_embeddings' to be True in {where}, whose embeddings are one "
            "table; received False, which is not supported. Choose another model."
        )
    if options["hidden_dim"] % options["num_heads"] or options["max_length"] > MOST_POSITIONS:
        raise ValueError(
            f"Expected heads that divide the width {options['hidden_dim']}, and at most "
            f"{MOST_POSITIONS} positions, in {where}; received {options['num_heads']} and "
            f"{options['max_length']}. Copy the folder again."
        )
    return options | {
        "activation": ACTIVATIONS[activation],
        "scale_embedding": flags["scale_embedding"],
        "tie_embeddings": tied,
        "share_embeddings": shared,
        "norm_first": family.norm_first,
        "embedding_norm": family.embedding_norm,
        "positions": family.positions,
        "first_position": 0 if family.positions == "learned" else family.offset,
    }


def _sizes(config):
    """The rows of the source's and of the target's embeddings, as `config.json` says them."""
    return config.get("vocab_size"), config.get("decoder_vocab_size") or config.get("vocab_size")


def _begin(generation, tokenizers):
    """What a target begins with.

    Args:
        generation: Generation.
        tokenizers: TranslatorTokenizers.

    Returns:
        `target_before` of the translator; and the former id whose row the start symbol gets,
        None for the start symbol's own.
    """
    target, codes = tokenizers.target, tokenizers.codes
    found = {}
    for name in ("decoder_start_token_id", "forced_bos_token_id"):
        former = generation.token(name)
        found[name] = None if former is None else target.id_of(former)
        if former is not None and found[name] is None:
            raise ValueError(
                f"Expected {name!r} of a token in {generation.where}; received {former}. Choose "
                "files of one model."
            )
    start, first = found.values()
    code = (
        tokenizers.target_code
        or tuple(each for each in (first, start) if each in codes.values())[:1]
    )
    if codes and not code:
        raise ValueError(
            f"Expected a target_language of {', '.join(sorted(codes))}, since "
            f"{generation.where} forces none; received None. Name one of these."
        )
    if codes and (start is None or start in codes.values()):  # a code is what it begins with
        return code, None
    if start is None:
        raise ValueError(
            f"Expected 'decoder_start_token_id' in {generation.where}; received none. Choose "
            "another model."
        )
    prefix = code or (() if first is None else (first,))
    if target.order[START_ID] == NEW:
        former = generation.token("decoder_start_token_id")
        return ((START_ID, *prefix) if prefix else ()), former
    if start == PAD_ID:
        raise ValueError(
            f"Expected a 'decoder_start_token_id' that is no padding in {generation.where}, since "
            f"the tokenizer has a start symbol; received {start}. Choose another model."
        )
    return ((start, *prefix) if prefix or start != START_ID else ()), None


def _many_tokenizers(request):
    """Of NLLB's `tokenizer.json`, or of M2M100's numbered pieces."""
    if request.folder.has(TOKENIZER):
        return read_piece_tokenizers(request, M2M100.codes)
    return read_numbered_tokenizers(request)


def _t5(request):
    return PretrainedTranslator(*read_t5(request))


# From model_type to a function of a Request to a PretrainedTranslator.
READERS = {
    MARIAN.name: functools.partial(_read, MARIAN, read_marian_tokenizers),
    BART.name: functools.partial(_read, BART, read_piece_tokenizers),
    MBART.name: functools.partial(
        _read, MBART, functools.partial(read_piece_tokenizers, pattern=MBART.codes)
    ),
    M2M100.name: functools.partial(_read, M2M100, _many_tokenizers),
    PEGASUS.name: functools.partial(_read, PEGASUS, read_piece_tokenizers),
} | dict.fromkeys(T5_KINDS, _t5)
