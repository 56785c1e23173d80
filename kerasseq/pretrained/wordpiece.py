"""The WordPiece tokenizer of a folder, of `tokenizer.json` or `vocab.txt`."""

import numpy as np

from kerasseq.pretrained import inert
from kerasseq.pretrained.added_tokens import LISTS, added_tokens
from kerasseq.pretrained.fields import check_fields
from kerasseq.pretrained.tokenizer_json import read_wordpiece
from kerasseq.text.wordpiece_tokenizer import WordPieceTokenizer

ROLES = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
# They clean text as tokenizer.json says; a family's own as tokenizer_config.json says.
GENERIC_CLASSES = ("PreTrainedTokenizer", "TokenizersBackend")
CLEANING = ("do_lower_case", "strip_accents", "tokenize_chinese_chars")
FIXED = {
    "do_basic_tokenize": [True],
    "never_split": [None, []],
    "padding_side": ["right"],
    "truncation_side": ["right"],
    "split_special_tokens": [False],
    "init_inputs": [[]],
}


def read_tokenizer(folder, form, segments, named=None):
    """The WordPieceTokenizer of a folder, its padding first, as the house has it.

    `tokenizer.json` is read where it is, otherwise `vocab.txt`. Where
    `tokenizer_config.json` says otherwise how text is cleaned, it counts, as for Hugging
    Face's BertTokenizer.

    Args:
        folder: Folder.
        form: WordPieces.
        segments: bool, whether the model tells a pair's second text from the first.
        named: str, the tokenizer's class in `config.json`, or None.

    Returns:
        WordPieceTokenizer; and the folder's id of each of its tokens, an int array `(V,)`.

    Raises:
        FileNotFoundError: when neither file is there.
        ValueError: for a damaged file, or a setting that is not supported, by its name.
    """
    config = folder.json("tokenizer_config.json") if folder.has("tokenizer_config.json") else {}
    named = config.get("tokenizer_class") or named
    generic = _check_config(folder, config, form, segments, named)
    if folder.has("tokenizer.json") or generic:
        pieces, cleaning, listed = read_wordpiece(folder, form)
    else:
        pieces, cleaning, listed = _lines(folder), {}, None
    if not generic:
        cleaning |= {name: config[name] for name in CLEANING if name in config}
    _check_cleaning(folder, cleaning)
    numbers = {piece: number for number, piece in enumerate(pieces)}
    added = added_tokens(folder, config, listed, form.specials, numbers)
    pad, _, start, separator, mask = form.specials
    pieces = [pad] * (pad in numbers) + [piece for piece in pieces if piece != pad]
    lowercase, accents = cleaning.get("do_lower_case", True), cleaning.get("strip_accents")
    try:
        tokenizer = WordPieceTokenizer(pieces, lowercase, accents, added, form.specials)
    except ValueError as error:
        raise ValueError(f"{error} The tokenizer is that of {folder.path}.") from error
    if form.separators > 1:
        between = [separator] * form.separators
        tokenizer = tokenizer.with_row([start], between, [separator], [mask])
    former = [numbers.get(token, number) for number, token in enumerate(tokenizer.vocabulary)]
    return tokenizer, np.array(former)


def _lines(folder):
    lines = folder.text("vocab.txt").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _check_config(folder, config, form, segments, kind):
    """Refuses what is not supported; returns whether the tokenizer's class is a generic one."""
    where = str(folder.path / "tokenizer_config.json")
    bare = str(kind or form.classes[0]).removesuffix("Fast")
    if bare not in form.classes + GENERIC_CLASSES:
        raise ValueError(
            f"Expected a tokenizer_class of {', '.join(form.classes + GENERIC_CLASSES)} in "
            f"{where}; received {kind!r:.80}, which is not supported. Choose another model."
        )
    specials = zip(ROLES, form.specials, strict=True)
    roles = {name: [symbol, None] for name, symbol in specials}
    further = [name for name in config if name.endswith("_token") and name not in ROLES]
    read = ("tokenizer_class", "added_tokens_decoder", "model_input_names")
    read += (*LISTS, *CLEANING, *further)
    check_fields(where, _contents(config), read, FIXED | roles, inert.TOKENIZER)
    names = config.get("model_input_names")
    known = isinstance(names, list) and "token_type_ids" in names
    if segments and names is not None and not known:
        raise ValueError(
            f"Expected 'model_input_names' with token_type_ids in {where}; received {names!r:.80}, "
            "by which pairs of texts have one segment. Choose another model."
        )
    if folder.has("special_tokens_map.json"):
        found = _contents(folder.json("special_tokens_map.json"))
        further = [name for name in found if name.endswith("_token") and name not in ROLES]
        where = str(folder.path / "special_tokens_map.json")
        check_fields(where, found, (*LISTS, *further), roles)
    return bare in GENERIC_CLASSES


def _contents(config):
    """The fields, each symbol that is written as an object as its content."""
    return {
        name: value["content"] if name in ROLES and isinstance(value, dict) and "content" in value
        else value
        for name, value in config.items()
    }  # fmt: skip


def _check_cleaning(folder, cleaning):
    where = f"the tokenizer's files of {folder.path}"
    fixed = {
        "do_lower_case": [True, False],
        "strip_accents": [None, True, False],
        "tokenize_chinese_chars": [True],
    }
    check_fields(where, cleaning, fixed=fixed)
