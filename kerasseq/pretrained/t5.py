"""T5 (Raffel et al. 2020), its version 1.1, flan-t5 and mT5 (Xue et al. 2021) in Hugging Face's
layout."""

import numpy as np

from kerasseq.models.transformer import Transformer
from kerasseq.pretrained.generation import read_generation
from kerasseq.pretrained.piece_tokenizers import read_piece_tokenizers
from kerasseq.pretrained.renumbered import NEW, VANISHED, rows
from kerasseq.pretrained.spiece import read_t5_tokenizer
from kerasseq.pretrained.t5_places import DISTANCES, t5_places
from kerasseq.pretrained.t5_settings import read_options
from kerasseq.pretrained.weights import Weights
from kerasseq.text.vocabulary import END_ID, PAD_ID, START_ID

SHARED, OUTPUT = "shared.weight", "lm_head.weight"
EMBEDDINGS = (SHARED, "encoder.embed_tokens.weight", "decoder.embed_tokens.weight")
# A table of distances to the source, which the first version of T5's code saved and none reads.
UNREAD = ("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",)
TRAINED = 512  # tokens of a source that T5 was trained on; distances have no end


def read_t5(request):
    """The parts of a Translator that a folder of T5, flan-t5 or mT5 holds.

    What the model does it is told in the text: a task's prefix ("translate English to German: ")
    is text that the user writes before each line.

    The decoder begins with padding: the start symbol gets its row, unless the tokenizer has one
    that it begins with. Padding, such a start, and rows of the embeddings beyond the tokens get
    no probability.

    Args:
        request: Request.

    Returns:
        Transformer; its tokenizer, for the source and for the target; and a dict, further
        arguments of Translator.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a field that is not supported, by its name, or a damaged file.
    """
    folder, config, where = request.folder, request.config, request.where
    options = read_options(config, where)
    found = read_t5_tokenizer(folder)
    tokenizer, former, _ = read_piece_tokenizers(request, found=found).source
    generation = read_generation(folder, config)
    pad, end = _check_tokens(generation, former)
    weights = Weights(folder.path, folder.tensors(), "", SHARED)
    table = _check_tensors(weights, options, config["vocab_size"])
    tied, scaled = read_output(config, weights, table, where)
    model = Transformer(
        *[len(former)] * 2, tie_embeddings=tied, scale_output=scaled, dtype=request.dtype, **options
    )
    never = former > max(found.order)
    never[PAD_ID] = True
    never[START_ID] |= former[START_ID] == NEW
    model.output_bias.assign(np.where(never, VANISHED, 0.0))
    embeddings = weights.array(table)
    model.target_embedding.table.assign(rows(embeddings, former, embeddings[pad]))
    if not tied:
        output = weights.array(OUTPUT, embeddings.shape)
        model.output_dense.kernel.assign(rows(output, former, output[pad]).T)
    for layer, *names in t5_places(model):
        weights.fill(layer, *names)
    weights.check_left(f"a {config['model_type']}", UNREAD)
    arguments = {"search": request.search or generation.search(pad, end)}
    arguments |= {"max_source_length": TRAINED}
    if (longest := generation.max_length()) is not None:
        arguments["max_length"] = longest
    return model, tokenizer, tokenizer, arguments


def _check_tokens(generation, former):
    """Refuses other symbols than the tokenizer's, and a decoder that begins otherwise.

    Args:
        generation: Generation.
        former: int array `(V,)`, the former id of each of our ids.

    Returns:
        the former ids of padding and end, two int.
    """
    pad, start, end = (int(former[i]) for i in (PAD_ID, START_ID, END_ID))
    if pad == NEW:
        raise ValueError(
            f"Expected a tokenizer with padding for {generation.where}; received one without. "
            "Choose files of one model."
        )
    generation.check_ids(pad, end)
    begins = (None, pad) if start == NEW else (start,)
    for name, allowed in (("decoder_start_token_id", begins), ("forced_bos_token_id", (None,))):
        stated, expected = generation.token(name), allowed[-1]
        if stated not in allowed:
            raise ValueError(
                f"Expected {name!r} to be {expected} in {generation.where}; received {stated}, "
                "which is not supported. Choose another model."
            )
    return pad, end


def _check_tensors(weights, options, size):
    """Holds the sizes of `config.json` against the tensors, before anything is made.

    Returns:
        str, the name of the embeddings.
    """
    width, inner = options["hidden_dim"], options["feed_forward_dim"]
    heads = options["num_heads"]
    found = [name for name in EMBEDDINGS if weights.has(name)]
    table = found[0] if found else SHARED
    weights.check(table, (size, width))
    for name in found[1:]:
        if not _same(weights, name, table):
            raise ValueError(
                f"Expected {name} to be {table} in {weights.path}; received another tensor. Choose "
                "another model."
            )
    depth = options["num_decoder_layers"] or options["num_layers"]
    for side, count, last in (("encoder", options["num_layers"], 1), ("decoder", depth, 2)):
        weights.check(DISTANCES.format(side), (options["relative_buckets"][0], heads))
        for index in range(count):
            sublayers = f"{side}.block.{index}.layer"
            query = f"{sublayers}.0.SelfAttention.q.weight"
            weights.check(query, (heads * options["head_dim"], width))
            weights.check(f"{sublayers}.{last}.DenseReluDense.wo.weight", (width, inner))
    return table


def read_output(config, weights, table, where):
    """Whether the output layer is the embeddings, and whether what it reads is scaled by `D^-½`.

    Until version 4 of transformers, 'tie_word_embeddings' said both. Since version 5 it is always
    True: the tensors say the first and 'scale_decoder_outputs' the second, which mT5 never does.

    Args:
        config: dict, what `config.json` holds.
        weights: Weights.
        table: str, the name of the embeddings.
        where: str, the path of `config.json`.

    Returns:
        two bool.

    Raises:
        ValueError: for a field that does not fit the tensors, or that the versions read apart.
    """
    kind = config["model_type"]
    stated = config.get("tie_word_embeddings", kind == "t5")
    scaled = config.get("scale_decoder_outputs")
    for name, value in (("tie_word_embeddings", stated), ("scale_decoder_outputs", scaled)):
        if value is not None and type(value) is not bool:
            raise ValueError(
                f"Expected {name!r} to be True or False in {where}; received {value!r:.80}. Copy "
                "the folder again."
            )
    tied = not weights.has(OUTPUT) or _same(weights, OUTPUT, table)
    version = str(config.get("transformers_version")).split(".")[0]
    if scaled is not None or (version.isdecimal() and int(version) >= 5):
        return tied, kind == "t5" and (stated is not False if scaled is None else scaled)
    if not ((tied and kind == "t5") if stated else weights.has(OUTPUT)):
        raise ValueError(
            f"Expected 'tie_word_embeddings' in {where} to be True for a t5 whose output layer is "
            f"the embeddings, and False for a model with {OUTPUT}; received {stated!r}, which "
            "versions of transformers read apart. Save the model with transformers 5."
        )
    return tied, bool(stated)


def _same(weights, name, table):
    """Whether a tensor is the embeddings."""
    weights.read.add(name)
    return np.array_equal(weights.tensors[name], weights.tensors[table])
