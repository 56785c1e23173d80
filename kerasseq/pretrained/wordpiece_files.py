"""The files of a WordPiece tokenizer in Hugging Face's layout, as `wordpiece.py` reads them."""

from kerasseq.pretrained.tokenizer_json import CLS, SEP, rows
from kerasseq.pretrained.wordpiece import ROLES
from kerasseq.text.wordpiece_tokenizer import SPECIALS

CLASSES = {"bert": "BertTokenizer", "distilbert": "DistilBertTokenizer"}


def wordpiece_files(tokenizer, family, max_length):
    """`tokenizer.json`, `tokenizer_config.json` and `vocab.txt`.

    Args:
        tokenizer: WordPieceTokenizer.
        family: Family of the encoder.
        max_length: int, the most tokens that are read of a text.

    Returns:
        dict from names of files to a str, or to what their JSON holds.
    """
    added = {
        tokenizer.token_ids[token]: {
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": normalized,
            "special": token in SPECIALS,
        }
        for token, normalized in (dict.fromkeys(SPECIALS, False) | tokenizer.added_tokens).items()
    }
    cleaning = {
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": tokenizer.strip_accents,
        "lowercase": tokenizer.lowercase,
    }
    inputs = ["input_ids", *(["token_type_ids"] if family.segments else []), "attention_mask"]
    config = ROLES | {
        "tokenizer_class": CLASSES[family.name],
        "do_lower_case": tokenizer.lowercase,
        "strip_accents": tokenizer.strip_accents,
        "tokenize_chinese_chars": True,
        "model_input_names": inputs,
        "model_max_length": max_length,
        "added_tokens_decoder": {str(index): entry for index, entry in sorted(added.items())},
    }
    model = {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": tokenizer.longest_word,
        "vocab": tokenizer.pieces,
    }
    symbols = {
        name: {"id": name, "ids": [tokenizer.pieces[name]], "tokens": [name]} for name in (CLS, SEP)
    }
    whole = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": index} | entry for index, entry in sorted(added.items())],
        "normalizer": {"type": "BertNormalizer"} | cleaning,
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "special_tokens": symbols} | rows(),
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": model,
    }
    return {
        "tokenizer.json": whole,
        "tokenizer_config.json": config,
        "vocab.txt": "".join(f"{piece}\n" for piece in tokenizer.pieces),
    }
