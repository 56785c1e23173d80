"""The tokenizers of an OPUS-MT folder: two SentencePiece models, numbered by `vocab.json`."""

from kerasseq.pretrained import inert
from kerasseq.pretrained.fields import check_fields
from kerasseq.pretrained.numbered_pieces import (
    TranslatorTokenizers,
    numbered,
    read_numbers,
    rows_of_table,
)

SPM = ("source.spm", "target.spm")
NUMBERS, TARGET_NUMBERS = "vocab.json", "target_vocab.json"
FIXED = {
    "tokenizer_class": ("MarianTokenizer", None),
    "unk_token": ("<unk>", None),
    "eos_token": ("</s>", None),
    "pad_token": ("<pad>", None),
    "bos_token": (None, "<s>"),
    "sp_model_kwargs": ({}, None),
    "padding_side": ("right",),
    "truncation_side": ("right",),
    "split_special_tokens": (False,),
}
CODE = ">>{}<<"


def read_marian_tokenizers(request):
    """The TranslatorTokenizers of a folder with `source.spm`, `target.spm` and `vocab.json`.

    Args:
        request: Request. The language of the target is a code at the beginning of each source,
            in a model of several.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a damaged file, files that do not fit `config.json`, a setting that is not
            supported, or a language that the vocabulary does not have.
    """
    folder, config = request.folder, request.config
    apart = _check_settings(folder, config)
    ids = read_numbers(folder, NUMBERS)
    codes = sorted(piece for piece in ids if piece.startswith(">>") and piece.endswith("<<"))
    size = rows_of_table(request, "vocab_size", len(ids), NUMBERS)
    if apart:
        target_ids = read_numbers(folder, TARGET_NUMBERS)
        target_size = rows_of_table(request, "decoder_vocab_size", len(target_ids), TARGET_NUMBERS)
        (source,) = numbered(folder, SPM[:1], ids, size, codes)
        (target,) = numbered(folder, SPM[1:], target_ids, target_size)
    else:
        source, target = numbered(folder, SPM, ids, size, codes)
    return TranslatorTokenizers(source, target, _code(request, source, ids, codes))


def _check_settings(folder, config):
    """Refuses what is not supported; returns whether the vocabularies are apart."""
    name = "tokenizer_config.json"
    settings = folder.json(name) if folder.has(name) else {}
    read = ("source_lang", "target_lang", "separate_vocabs", "added_tokens_decoder")
    read += ("target_vocab_file",)
    check_fields(str(folder.path / name), contents(settings), read, FIXED, inert.TOKENIZER)
    if folder.has("special_tokens_map.json"):
        found = contents(folder.json("special_tokens_map.json"))
        check_fields(str(folder.path / "special_tokens_map.json"), found, (), FIXED)
    apart = settings.get("separate_vocabs", False)
    if apart is not (not config.get("share_encoder_decoder_embeddings", True)):
        raise ValueError(
            f"Expected 'separate_vocabs' of {folder.path / name} to be "
            f"{not apart}, as 'share_encoder_decoder_embeddings' of config.json says; received "
            f"{apart!r:.80}. Choose files of one model."
        )
    return apart


def contents(settings):
    """The fields, each token that is written as an object as its content."""
    return {
        name: value["content"] if isinstance(value, dict) and "content" in value else value
        for name, value in settings.items()
    }


def _code(request, source, ids, codes):
    """The code of the target's language, which a source begins with: a tuple of one id or none."""
    spoken, language = request.languages
    if spoken is not None:
        raise ValueError(
            f"Expected no source_language for {request.folder.path}, which has no codes of them; "
            f"received {spoken!r:.80}. Leave it out."
        )
    if not codes and language is None:
        return ()
    code = language if language in codes else CODE.format(language)
    if code not in codes:
        known = ", ".join(each.strip("><") for each in codes) or "none: it has one"
        raise ValueError(
            f"Expected a target_language of {request.folder.path}, {known}; received "
            f"{language!r:.80}. " + ("Name one of these." if codes else "Leave it out.")
        )
    return (source.id_of(ids[code]),)
