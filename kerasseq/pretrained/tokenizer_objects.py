"""Tokenizers that KerasHub and transformers hold in memory, as this package's."""

import pathlib
import tempfile

from kerasseq.pretrained import hub_tokenizers
from kerasseq.pretrained.family import WordPieces
from kerasseq.pretrained.folder import Folder
from kerasseq.pretrained.hub_preset import PACKAGES, describe_tokenizer
from kerasseq.pretrained.mpnet import MPNET
from kerasseq.pretrained.tokenizer_parts import FILE, read_file
from kerasseq.pretrained.tokenizers import read_encoder_tokenizer, read_tokenizer
from kerasseq.pretrained.wordpiece import read_tokenizer as read_wordpiece
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.untrusted import reading

HUB_KINDS = (
    *hub_tokenizers.WORDPIECES, *hub_tokenizers.PIECES, *hub_tokenizers.BYTE_PAIRS,
)  # fmt: skip
AGAIN = "Load the tokenizer again with from_pretrained."


def convert_tokenizer(given):
    """A tokenizer of this package that cuts texts as one of KerasHub or transformers does.

    It is for new models: its ids are its own, so a pretrained model comes with its tokenizer by
    `from_keras_hub`, `from_hugging_face` or `from_transformers` of a task. What is given stays as
    it is.

    Args:
        given: keras_hub.tokenizers.Tokenizer of a BERT, DistilBERT, ELECTRA, ALBERT, DeBERTa v3,
            RoBERTa, XLM-R, BART or T5; or transformers.PreTrainedTokenizerBase with a
            `tokenizer.json`.

    Returns:
        WordPieceTokenizer, SentencePieceTokenizer or BytePairTokenizer.

    Raises:
        ValueError: for another object, or a part that is not supported, by its name.
    """
    if isinstance(given, Tokenizer):
        return given
    name = type(given).__name__
    if type(given).__module__.split(".")[0] in PACKAGES and callable(
        getattr(given, "save_assets", None)
    ):
        if name not in HUB_KINDS:
            raise ValueError(
                f"Expected a tokenizer of KerasHub of {', '.join(HUB_KINDS)}; received a {name}. "
                "Train one of kerasseq.text on your text."
            )
        with reading(f"the {name}", f"a {name}", AGAIN):
            found = describe_tokenizer(given)
            return hub_tokenizers.read_hub_tokenizer(found, given.vocabulary_size()).tokenizer
    if not callable(getattr(given, "save_pretrained", None)) or not hasattr(given, "get_vocab"):
        raise ValueError(
            f"Expected a tokenizer of KerasHub or transformers; received {given!r:.60} ({name}). "
            "Load it with from_preset or from_pretrained, or train one of kerasseq.text."
        )
    with tempfile.TemporaryDirectory(prefix="transformers.") as path:
        given.save_pretrained(path)
        with reading(f"the {name}", f"a {name}", AGAIN):
            return _of_folder(Folder(path), name)


def _of_folder(folder, name):
    if not folder.has(FILE):
        raise ValueError(
            f"Expected a tokenizer that transformers writes as {FILE}; received a {name}, which "
            f"writes {', '.join(sorted(p.name for p in pathlib.Path(folder.path).iterdir()))}. "
            "Bring it in with its model, by from_transformers, or train one of kerasseq.text."
        )
    found = read_file(folder)
    if found.get("model", {}).get("type") == "WordPiece":
        form = MPNET.wordpiece if name.startswith("MPNet") else WordPieces()
        return read_wordpiece(folder, form, segments=False, named=name)[0]
    pairs = read_tokenizer(folder).rows.between  # an encoder's; one that writes has nothing there
    return (read_encoder_tokenizer if pairs else read_tokenizer)(folder).tokenizer
