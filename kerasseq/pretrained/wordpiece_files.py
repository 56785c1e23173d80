"""The files of a WordPiece tokenizer in Hugging Face's layout, as `wordpiece.py` reads them."""

from kerasseq.pretrained.tokenizer_json import CLS, SEP, rows
from kerasseq.pretrained.wordpiece import ROLES

CLASSES = {"distilbert": "DistilBertTokenizer", "mpnet": "MPNetTokenizer"}


def file_order(size, family):
    """Our id of each of a file's, a list of `size` int: padding stands where the family has it."""
    place = max(family.first_position - 1, 0)
    return [*range(1, place + 1), 0, *range(place + 1, size)]


def wordpiece_files(tokenizer, family, max_length):
    """`tokenizer.json`, `tokenizer_config.json` and `vocab.txt`.

    Args:
        tokenizer: WordPieceTokenizer.
        family: Family of the encoder.
        max_length: int, the most tokens that are read of a text.

    Returns:
        dict from names of files to a str, or to what their JSON holds.
    """
    pieces = list(tokenizer.pieces)
    pieces = [pieces[i] for i in file_order(len(pieces), family)]
    ids = {token: index for index, token in enumerate(tokenizer.vocabulary)}
    ids |= {piece: index for index, piece in enumerate(pieces)}
    specials = tokenizer.specials
    _, unknown, start, separator, _ = specials
    added = {
        ids[token]: {
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": normalized,
            "special": token in specials,
        }
        for token, normalized in (dict.fromkeys(specials, False) | tokenizer.added_tokens).items()
    }
    cleaning = {
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": tokenizer.strip_accents,
        "lowercase": tokenizer.lowercase,
    }
    inputs = ["input_ids", *(["token_type_ids"] if family.segments else []), "attention_mask"]
    config = dict(zip(ROLES, specials, strict=True)) | {
        "tokenizer_class": CLASSES.get(family.name, "BertTokenizer"),
        "do_lower_case": tokenizer.lowercase,
        "strip_accents": tokenizer.strip_accents,
        "tokenize_chinese_chars": True,
        "model_input_names": inputs,
        "model_max_length": max_length,
        "added_tokens_decoder": {str(index): entry for index, entry in sorted(added.items())},
    }
    model = {
        "type": "WordPiece",
        "unk_token": unknown,
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": tokenizer.longest_word,
        "vocab": {piece: index for index, piece in enumerate(pieces)},
    }
    whole = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": index} | entry for index, entry in sorted(added.items())],
        "normalizer": {"type": "BertNormalizer"} | cleaning,
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": _roberta(ids, start, separator)
        if family.wordpiece.separators > 1
        else _bert(ids),
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": model,
    }
    return {
        "tokenizer.json": whole,
        "tokenizer_config.json": config,
        "vocab.txt": "".join(f"{piece}\n" for piece in pieces),
    }


def _bert(ids):
    symbols = {name: {"id": name, "ids": [ids[name]], "tokens": [name]} for name in (CLS, SEP)}
    return {"type": "TemplateProcessing", "special_tokens": symbols} | rows()


def _roberta(ids, start, separator):
    symbols = {"cls": [start, ids[start]], "sep": [separator, ids[separator]]}
    return {"type": "RobertaProcessing", "trim_offsets": True, "add_prefix_space": False} | symbols
