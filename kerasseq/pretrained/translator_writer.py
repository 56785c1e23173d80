"""A translator on a Transformer as a folder of Hugging Face's layout, which transformers loads."""

import inspect

import numpy as np

from kerasseq.decoding import Beam, Greedy
from kerasseq.models.transformer import Transformer
from kerasseq.pretrained import t5_writer
from kerasseq.pretrained.family import NAMES
from kerasseq.pretrained.folder_writer import write_folder
from kerasseq.pretrained.piece_files import marian_files, piece_files
from kerasseq.pretrained.translator_family import AGAIN, BART, MARIAN, MBART, PEGASUS, SIZES
from kerasseq.pretrained.translator_places import translator_places
from kerasseq.pretrained.translator_weights import BIAS, EMBEDDINGS, OUTPUT, POSITIONS, SHARED
from kerasseq.pretrained.weights import array_of, tensors_of
from kerasseq.text.vocabulary import END_ID, PAD_ID, START_ID

FAMILIES = (MARIAN, BART, MBART, PEGASUS)
# Options that none of these families has another value of.
SETTINGS = ("decoder", "norm", "gated", "use_bias", "head_dim", "scale_attention", "scale_output")
SETTINGS += ("output_dropout", "begin_source", "epsilon", "first_position")
WRITES = ("out_proj", "fc2")  # layers whose outputs are added to the stream of vectors


def write_translator(model, processor, search, path):
    """Writes `config.json`, `generation_config.json`, `model.safetensors` and the tokenizer.

    The family is the one that computes what the model's settings say: Marian or BART for
    normalisations behind each sublayer, Pegasus or mBART for those before, T5 for relative
    positions. Sines and cosines that take turns come apart there: the vectors of the model are
    put in another order, which changes no answer.

    Args:
        model: Transformer.
        processor: Translations.
        search: Search, Greedy or a Beam that transformers computes alike.
        path: path of a new folder.

    Raises:
        FileExistsError: when there is something at the path.
        ValueError: for what the families do not have, by its name.
    """
    if type(model) is not Transformer:
        raise ValueError(
            "Expected a translator on a Transformer to write in Hugging Face's layout; received a "
            f"{type(model).__name__}. Save the translator, or export it."
        )
    source, target, symbols = processor.source, processor.target, processor.pair_symbols
    longest = processor.max_source_length
    if processor.replace_unknown:
        raise _other("replace_unknown", False, True)
    said = _generation(search, symbols, processor.max_length)
    kept, family = np.arange(model.config["target_vocabulary_size"]), None
    if model.config["positions"] == "relative":
        kept = t5_writer.kept_ids(model)
        config, tensors = t5_writer.describe(model, kept)
    else:
        family = _family(model.config)
        config, tensors = _config(model, family), _tensors(model, family)
    if family is MARIAN:
        if symbols.around_source:
            raise _other("source_before and source_behind", (), symbols[:2], family)
        files = marian_files(source, target, not model.config["share_embeddings"], longest)
    else:
        if source.get_config() != target.get_config() or source.files() != target.files():
            raise _other("source and target", "one tokenizer", "two", family)
        files = piece_files(source, *symbols[:2], longest, kept)
    said = _renumbered(said, kept.tolist())
    files |= {"config.json": config | said, "generation_config.json": said}
    write_folder(path, files, tensors)


def _family(config):
    """The TranslatorFamily that computes what a Transformer's settings say."""
    fields = ("norm_first", "embedding_norm", "positions")
    stated = {name: config[name] for name in fields}
    wanted = stated | {"positions": config["positions"].replace("_apart", "")}
    for family in FAMILIES:
        own = {name: getattr(family, name) for name in fields}
        if wanted == own | {"positions": own["positions"].replace("_apart", "")}:
            break
    else:
        raise _other(
            ", ".join(fields),
            '"learned" positions with a norm behind the embeddings, "sinusoidal" ones without, or '
            '"relative" ones',
            stated,
        )
    options = inspect.signature(Transformer).parameters
    for name in SETTINGS:
        if config[name] != options[name].default:
            raise _other(name, options[name].default, config[name], family)
    if config["activation"] not in NAMES:
        raise _other("activation", tuple(NAMES), config["activation"], family)
    shared = config["share_embeddings"]
    if not shared and not family.apart:
        raise _other("share_embeddings", True, shared, family)
    if shared and not config["tie_embeddings"]:
        raise _other("tie_embeddings", True, False, family)
    return family


def _config(model, family):
    """`config.json`, its generation aside, as a dict."""
    config = model.config
    found = {field: config[argument] for argument, (field, *_) in SIZES.items()}
    found |= {field: found[name] for field, name in AGAIN.items()}
    found |= {
        "model_type": family.name,
        "architectures": [family.architecture],
        "dtype": "float32",
        "is_encoder_decoder": True,
        "activation_function": NAMES[config["activation"]],
        "scale_embedding": config["scale_embedding"],
        "tie_word_embeddings": config["tie_embeddings"],
        "vocab_size": config["source_vocabulary_size"],
    }
    if family.apart:
        found |= {
            "decoder_vocab_size": config["target_vocabulary_size"],
            "share_encoder_decoder_embeddings": config["share_embeddings"],
        }
    return found


def _tensors(model, family):
    """A dict from names to float32 arrays."""
    config, found = model.config, {}
    for layer, *names in translator_places(model, family):
        found |= tensors_of(layer, *names)
    tables = [array_of(model.source_embedding.table), array_of(model.target_embedding.table)]
    names = (SHARED,) if config["share_embeddings"] else EMBEDDINGS
    found |= dict(zip(names, tables, strict=False))
    if not config["tie_embeddings"]:
        found[OUTPUT] = np.ascontiguousarray(array_of(model.output_dense.kernel).T)
    if config["positions"] == "sinusoidal":
        places = np.arange(config["hidden_dim"])
        order = np.concatenate([places[::2], places[1::2]])
        found = {name: _reordered(name, array, order) for name, array in found.items()}
    if family.positions == "learned":
        sides = {"encoder": model.source_positions, "decoder": model.target_positions}
        for side, layer in sides.items():
            table = array_of(layer.table)  # (max_length, D)
            found[POSITIONS.format(side, "weight")] = np.pad(table, ((family.offset, 0), (0, 0)))
    bias = model.output_bias
    size = config["target_vocabulary_size"]
    found[BIAS] = np.zeros((1, size), "float32") if bias is None else array_of(bias)[None]
    return found


def _reordered(name, array, order):
    """A tensor for vectors `(D,)` whose numbers come in another order."""
    part = name.split(".")[-2]
    if part in WRITES:
        return array[order]
    if array.ndim == 2:
        return np.ascontiguousarray(array[:, order])
    return array[order] if "norm" in part else array


def _generation(search, symbols, max_length):
    """`generation_config.json` as a dict."""
    start = symbols.target_before[0] if symbols.target_before else START_ID
    if len(symbols.prefix) > 1:
        raise _other("target_before", "at most two ids", symbols.target_before)
    if type(search) not in (Greedy, Beam):
        raise _other("search", "Greedy or Beam", type(search).__name__)
    if search.max_length_ratio:
        raise _other("max_length_ratio", 0.0, search.max_length_ratio)
    if search.repetition_penalty != 1.0 and isinstance(search, Greedy):  # there of logits
        raise _other("repetition_penalty of Greedy", 1.0, search.repetition_penalty)
    found = {
        "pad_token_id": PAD_ID,
        "bos_token_id": START_ID,
        "eos_token_id": END_ID,
        "decoder_start_token_id": start,
        "forced_bos_token_id": symbols.prefix[0] if symbols.prefix else None,
        "forced_eos_token_id": END_ID if search.force_end else None,
        "max_length": max_length + 1,
        "min_length": search.min_length + 1 if search.min_length else 0,
        "no_repeat_ngram_size": search.no_repeat_ngram,
        "repetition_penalty": search.repetition_penalty,
        # What no search here writes.
        "suppress_tokens": [PAD_ID] if start == END_ID else sorted({PAD_ID, start}),
    }
    if isinstance(search, Beam):
        for name, allowed in (("coverage_penalty", 0.0), ("n_best", 1)):
            if getattr(search, name) != allowed:
                raise _other(name, allowed, getattr(search, name))
        if search.length_penalty and search.length_offset:
            raise _other("length_offset", 0.0, search.length_offset)
        found |= {
            "num_beams": search.beam_size,
            "length_penalty": search.length_penalty,
            "early_stopping": search.early_stopping,
        }
    return found


def _renumbered(said, kept):
    """What is said of a search, in ids that count those that are kept alone; the start symbol
    that is not is padding there."""
    places = {number: place for place, number in enumerate(kept)}

    def place(value):
        return places.get(value, PAD_ID)

    found = {
        name: place(value) if name.endswith("_token_id") and value is not None else value
        for name, value in said.items()
    }
    return found | {"suppress_tokens": sorted({*map(place, said["suppress_tokens"])})}


def _other(name, allowed, value, family=None):
    kind = f"a {family.name}" if family else "a translator"
    return ValueError(
        f"Expected {name} of {allowed} to write {kind} in Hugging Face's layout; received "
        f"{value!r:.120}. Save the translator, or export it."
    )
