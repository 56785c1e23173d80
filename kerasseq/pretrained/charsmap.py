"""Normalizers of a `tokenizer.json` that change letters, as one table of SentencePiece's."""

import io
import pathlib
import sys
import tempfile
import unicodedata

from kerasseq.text.piece_messages import piece_messages

QUOTES = ({"String": "``"}, {"String": "''"})
FORMS = ("NFD", "NFKD")  # with the marks that they set apart taken away
# Characters that a text does not hold: NUL, halves of pairs, and what Unicode has not assigned.
UNUSED = ("Cs", "Cn", "Co")


def letters_first(parts):
    """The first normalizers of a list, which change letters, and the rest.

    Args:
        parts: list of Part.

    Returns:
        list of Part, and list of Part: those of ALBERT, `Replace` of quotes, `NFKD` (or `NFD`) with
        `StripAccents`, and `Lowercase`, in this order and each where it is; `NFC`, which a cleaned
        text is in, among them.
    """
    kinds, place = [each.kind for each in parts], 0
    while kinds[place : place + 1] == ["Replace"] and parts[place].fields.get("pattern") in QUOTES:
        place += 1
    if kinds[place : place + 1] == ["NFC"]:
        place += 1
    if kinds[place : place + 1] and kinds[place] in FORMS:
        if kinds[place + 1 : place + 2] != ["StripAccents"]:
            raise parts[place].refuse(f"{kinds[place]} with StripAccents behind it")
        place += 2
    if kinds[place : place + 1] == ["Lowercase"]:
        place += 1
    return parts[:place], parts[place:]


def composed(letters, charsmap):
    """One table of what the normalizers and then a table make of each letter.

    Args:
        letters: list of Part, as `letters_first` gives them.
        charsmap: bytes, SentencePiece's table, or none.

    Returns:
        bytes, SentencePiece's table.
    """
    quotes = [each.check(("pattern", "content")) for each in letters if each.kind == "Replace"]
    kinds = [each.kind for each in letters if each.kind != "Replace" and each.check() is not None]
    if not letters or kinds == ["NFC"]:
        return charsmap
    table = _reader(charsmap)

    def change(text):
        for form in FORMS:
            text = unicodedata.normalize(form, text) if form in kinds else text
        if "StripAccents" in kinds:
            text = "".join(each for each in text if unicodedata.category(each) != "Mn")
        if "Lowercase" in kinds:
            text = "".join(each.lower() for each in text)
        return "".join(map(table, text))

    rules = {each["pattern"]["String"]: change(each["content"]) for each in quotes}
    for character in map(chr, range(1, sys.maxunicode + 1)):
        if unicodedata.category(character) not in UNUSED:
            made = change(character)
            if made != character:
                rules[character] = made
    return _compiled(rules)


def _reader(charsmap):
    """A function from a character to what a table makes of it, each looked up once."""
    from sentencepiece import SentencePieceNormalizer

    if not charsmap:
        return str
    proto = piece_messages().ModelProto()
    proto.normalizer_spec.name = "precompiled"
    proto.normalizer_spec.precompiled_charsmap = charsmap
    reader = SentencePieceNormalizer(
        model_proto=proto.SerializeToString(),
        add_dummy_prefix=False,
        escape_whitespaces=False,
        remove_extra_whitespaces=False,
    )
    found = {}

    def look_up(character):
        if character not in found:
            found[character] = reader.normalize(character)
        return found[character]

    return look_up


def _compiled(rules):
    """SentencePiece's table of a dict from texts to texts."""
    from sentencepiece import SentencePieceTrainer

    def written(text):
        return " ".join(f"{ord(each):X}" for each in text)

    model = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rules.tsv"
        path.write_text(
            "".join(f"{written(key)}\t{written(made)}\n" for key, made in rules.items()), "ascii"
        )
        SentencePieceTrainer.train(
            sentence_iterator=iter(["a"]), model_writer=model, model_type="char", vocab_size=5,
            hard_vocab_limit=False, normalization_rule_tsv=str(path), minloglevel=2,
        )  # fmt: skip
    proto = piece_messages().ModelProto.FromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap
