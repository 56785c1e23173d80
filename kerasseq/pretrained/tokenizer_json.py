"""`tokenizer.json`, Hugging Face's whole tokenizer in one file: WordPiece, part by part."""

from kerasseq.pretrained import inert
from kerasseq.pretrained.fields import check_fields
from kerasseq.pretrained.rows import Rows, read_rows
from kerasseq.pretrained.tokenizer_parts import pieces_in_order

CLS, SEP = "[CLS]", "[SEP]"


def read_wordpiece(folder, form):
    """The WordPiece tokenizer of a `tokenizer.json`.

    Args:
        folder: Folder.
        form: WordPieces.

    Returns:
        list of str, the pieces in id order; dict of `do_lower_case`, `strip_accents` and
        `tokenize_chinese_chars`, by their names in `tokenizer_config.json`; and the list of
        added tokens.

    Raises:
        ValueError: for a damaged file, or a part that is not supported, by its name.
    """
    path = folder.path / "tokenizer.json"
    found = folder.json("tokenizer.json")
    parts = ("model", "normalizer", "pre_tokenizer", "post_processor", "decoder")
    parts += ("added_tokens", "truncation", "padding")
    check_fields(f"{path}", found, parts, {"version": ["1.0"]})
    pad, unknown, *_ = form.specials
    pieces = _pieces(path, found, unknown)
    _check_part(path, found, "pre_tokenizer", "BertPreTokenizer")
    _check_part(path, found, "decoder", "WordPiece", {"prefix": ["##"]}, ["cleanup"])
    (_check_rows if form.separators == 1 else _check_pairs)(path, found, pieces, form)
    if found.get("truncation") is not None:
        sides = {"direction": ["Right"]}
        _check_fields(path, found, "truncation", sides, inert.TRUNCATION)
    if found.get("padding") is not None:
        first = [pieces.index(pad)] if pad in pieces else []
        fixed = {"direction": ["Right"], "pad_id": first}
        _check_fields(path, found, "padding", fixed, inert.PADDING)
    added = found.get("added_tokens") or []
    return pieces, _cleaning(path, found), added


def _check_part(path, found, name, kind, fixed=None, ignored=(), read=()):
    """A part of the tokenizer, which must be of one kind."""
    received = _type(found, name)
    if received != kind:
        raise ValueError(
            f"Expected a {name} of type {kind} in {path}; received {received!r:.80}, which is "
            "not supported. Choose a WordPiece tokenizer of BERT's."
        )
    _check_fields(path, found, name, fixed, ignored, ("type", *read))
    return found[name]


def _type(found, name):
    """What a part says that it is; what stands there in its place, when that is no object."""
    part = found.get(name)
    return part.get("type") if isinstance(part, dict) else part


def _check_fields(path, found, name, fixed=None, ignored=(), read=()):
    part = found[name]
    if not isinstance(part, dict):
        raise ValueError(
            f"Expected {name} of {path} as an object; received {part!r:.80}. Save the tokenizer "
            "again."
        )
    check_fields(f"{name} of {path}", part, read, fixed, ignored)


def _pieces(path, found, unknown):
    model = found.get("model")
    if isinstance(model, dict) and "type" not in model and "max_input_chars_per_word" in model:
        model["type"] = "WordPiece"  # files of before 2020 do not say it
    fixed = {
        "unk_token": [unknown],
        "continuing_subword_prefix": ["##"],
        "max_input_chars_per_word": [100],
    }
    vocabulary = _check_part(path, found, "model", "WordPiece", fixed, read=["vocab"]).get("vocab")
    return pieces_in_order(path, vocabulary)


def _cleaning(path, found):
    """The cleaning's settings, by their names in `tokenizer_config.json`."""
    names = {
        "lowercase": "do_lower_case",
        "strip_accents": "strip_accents",
        "handle_chinese_chars": "tokenize_chinese_chars",
    }
    part = _check_part(
        path, found, "normalizer", "BertNormalizer", {"clean_text": [True]}, read=names
    )
    return {names[name]: value for name, value in part.items() if name in names}


def _check_pairs(path, found, pieces, form):
    """Rows must be `start A separator` and `start A separator … B separator`, with as many
    separators between as the form says."""
    *_, start, separator, _ = form.specials
    numbers = {piece: number for number, piece in enumerate(pieces)}
    expected = Rows((start,), (separator,), (separator,) * form.separators)
    rows = read_rows(str(path), found, numbers)
    if rows != expected:
        raise ValueError(
            f"Expected a post_processor of {path} that makes {expected}; received {rows}. Save the "
            "tokenizer again."
        )


def _check_rows(path, found, pieces, form):
    """Rows must be `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, B of the second segment."""
    where = f"post_processor of {path}"
    kind = _type(found, "post_processor")
    ids = {symbol: pieces.index(symbol) for symbol in (CLS, SEP) if symbol in pieces}
    if kind == "BertProcessing":
        fixed = {"cls": [[CLS, ids.get(CLS)]], "sep": [[SEP, ids.get(SEP)]]}
        _check_part(path, found, "post_processor", kind, fixed)
        return

    fixed = {name: [row] for name, row in rows().items()}
    read = ["special_tokens"]
    part = _check_part(path, found, "post_processor", "TemplateProcessing", fixed, read=read)
    for name in ("single", "pair"):
        if name not in part:
            raise ValueError(f"Expected {name!r} in {where}; received none. Save it again.")
    stated = part.get("special_tokens")
    for name, number in ids.items():
        entry = stated.get(name) if isinstance(stated, dict) else stated
        if not isinstance(entry, dict) or entry.get("ids") != [number]:
            raise ValueError(
                f"Expected {name} at id {number}, its piece's, in {where}; received "
                f"{entry!r:.80}. Save the tokenizer again."
            )


def rows():
    """The rows of `TemplateProcessing` that BERT reads: dict of `single` and `pair`."""

    def symbol(name, segment):
        return {"SpecialToken": {"id": name, "type_id": segment}}

    def text(name, segment):
        return {"Sequence": {"id": name, "type_id": segment}}

    single = [symbol(CLS, 0), text("A", 0), symbol(SEP, 0)]
    return {"single": single, "pair": [*single, text("B", 1), symbol(SEP, 1)]}
