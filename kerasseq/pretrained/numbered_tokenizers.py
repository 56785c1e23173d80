"""The tokenizer of M2M100: a SentencePiece model numbered by `vocab.json`, and languages' codes."""

from kerasseq.pretrained import inert
from kerasseq.pretrained.fields import check_fields
from kerasseq.pretrained.marian_tokenizer import contents
from kerasseq.pretrained.numbered_pieces import (
    TranslatorTokenizers,
    numbered,
    read_numbers,
    rows_of_table,
)
from kerasseq.pretrained.piece_tokenizers import code_of

NUMBERS, SPM = "vocab.json", "sentencepiece.bpe.model"
CODE = "__{}__"
# fairseq's order, which numbers them behind the pieces.
LANGUAGES = {
    "m2m100": (
        "af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl "
        "gu ha he hi hr ht hu hy id ig ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml "
        "mn mr ms my ne nl no ns oc or pa pl ps pt ro ru sd si sk sl so sq sr ss su sv sw ta th "
        "tl tn tr uk ur uz vi wo xh yi yo zh zu"
    ),
    "wmt21": "en ha is ja cs ru zh de",
}
FIXED = {
    "tokenizer_class": ("M2M100Tokenizer", None),
    "bos_token": ("<s>", None),
    "eos_token": ("</s>", None),
    "sep_token": ("</s>", None),
    "pad_token": ("<pad>", None),
    "unk_token": ("<unk>", None),
    "sp_model_kwargs": ({}, None),
    "padding_side": ("right",),
    "truncation_side": ("right",),
    "split_special_tokens": (False,),
}
INERT = inert.TOKENIZER | {
    "num_madeup_words": "config.json's vocab_size counts them",
    "spm_file": "a record of where the files come from",
}


def read_numbered_tokenizers(request):
    """The TranslatorTokenizers of a folder with `sentencepiece.bpe.model` and `vocab.json`.

    Args:
        request: Request.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a damaged file, files that do not fit `config.json`, a setting that is not
            supported, or a language that the vocabulary does not have.
    """
    folder, name = request.folder, "tokenizer_config.json"
    settings = folder.json(name) if folder.has(name) else {}
    read = ("src_lang", "tgt_lang", "language_codes", "added_tokens_decoder")
    read += ("additional_special_tokens", "extra_special_tokens")
    check_fields(str(folder.path / name), contents(settings), read, FIXED, INERT)
    known = settings.get("language_codes", "m2m100")
    if known not in tuple(LANGUAGES):
        raise ValueError(
            f"Expected 'language_codes' of {', '.join(LANGUAGES)} in {folder.path / name}; "
            f"received {known!r:.80}. Choose another model."
        )
    ids = read_numbers(folder, NUMBERS)
    codes = {language: len(ids) + i for i, language in enumerate(LANGUAGES[known].split())}
    named = {CODE.format(language): i for language, i in codes.items()}
    size = rows_of_table(request, "vocab_size", len(ids) + len(codes), NUMBERS)
    source, target = numbered(folder, [SPM] * 2, ids | named, size, tuple(named))
    codes = {language: target.id_of(i) for language, i in codes.items()}
    spoken, wanted = request.languages
    spoken = code_of(folder, "source_language", spoken or settings.get("src_lang"), codes)
    language = (code_of(folder, "target_language", wanted, codes),) if wanted else ()
    return TranslatorTokenizers(source, target, (spoken,), (), language, codes)
