"""Training a SentencePiece model, with every setting checked first."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterable

import sentencepiece

from kerasseq.text.checks import check_lines
from kerasseq.text.vocabulary import END_ID, PAD_ID, SPECIALS, START_ID, UNK_ID

MODEL_TYPES = ("bpe", "unigram")
RULES = ("nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity")
# Pieces of a model that keeps white space; SentencePiece itself learns no piece with a tab.
BREAKS = ("\n", "\r", "\t")


def train_model(
    lines: Iterable[str],
    vocabulary_size: int,
    *,
    clean: Callable[[str], str],
    model_type: str,
    character_coverage: float,
    lowercase: bool,
    normalization_rule_name: str | None,
    user_defined_symbols: Iterable[str],
    byte_fallback: bool,
    keep_whitespace: bool,
) -> bytes:
    """The work of `SentencePieceTokenizer.train`, which says what the arguments are.

    Args:
        clean: function from a line to what the pieces are cut from.

    Returns:
        bytes of the model.
    """
    lines = check_lines(lines)
    rule = normalization_rule_name or ("identity" if keep_whitespace else RULES[0])
    for name, given, known in (
        ("model_type", model_type, MODEL_TYPES),
        ("normalization_rule_name", rule, RULES),
    ):
        if given not in known:
            raise ValueError(
                f"Expected a {name} of {', '.join(known)}; received {given!r}. Choose one."
            )
    if keep_whitespace and rule != "identity":
        raise ValueError(
            'Expected the normalization_rule_name "identity" with keep_whitespace=True; received '
            f"{rule!r}, which writes white space as spaces. Leave it out."
        )
    symbols = check_symbols(user_defined_symbols, clean, lowercase, byte_fallback)
    cleaned = (line for line in map(clean, lines) if line)
    first = next(cleaned, None)
    if first is None:
        raise ValueError(
            "Expected text to train SentencePiece on; received no line with a character. "
            "Check the training file."
        )
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=itertools.chain([first], cleaned),
            model_writer=model,
            vocab_size=vocabulary_size,
            model_type=model_type,
            character_coverage=character_coverage,
            normalization_rule_name=rule,
            remove_extra_whitespaces=not keep_whitespace,
            user_defined_symbols=[*symbols, *BREAKS] if keep_whitespace else symbols,
            byte_fallback=byte_fallback,
            pad_id=PAD_ID,
            unk_id=UNK_ID,
            bos_id=START_ID,
            eos_id=END_ID,
            max_sentence_length=2**30,  # bytes, its most; by default long lines are left out
            minloglevel=2,
        )
    except RuntimeError as error:
        raise ValueError(
            "Expected settings that the text can fill; received vocabulary_size="
            f"{vocabulary_size}, character_coverage={character_coverage}. {_remedy(str(error))}"
        ) from error
    return model.getvalue()


def check_symbols(
    symbols: Iterable[str], clean: Callable[[str], str], lowercase: bool, byte_fallback: bool
) -> list[str]:
    """The symbols to keep whole, a list, if each can stand in a cleaned text.

    Raises:
        ValueError: for another one, or no list.
    """
    if isinstance(symbols, str | bytes):
        raise ValueError(
            f"Expected user_defined_symbols as a list of str; received {symbols!r}. Put a single "
            "one into a list."
        )
    symbols = list(symbols)
    for place, symbol in enumerate(symbols):
        as_read = isinstance(symbol, str) and symbol and clean(symbol) == symbol
        if not as_read or re.search(r"[\s▁]", symbol):
            raise ValueError(
                f"Expected user_defined_symbols as they stand in a text that was cleaned, without "
                f"spaces or ▁; received {symbol!r} with lowercase={lowercase}. Write it so."
            )
        own = symbol in SPECIALS or (byte_fallback and re.fullmatch("<0x[0-9A-F]{2}>", symbol))
        if own or symbol in symbols[:place]:
            raise ValueError(
                f"Expected user_defined_symbols that are no other piece; received {symbol!r}, "
                f"{'a piece of every such model' if own else 'twice'}. Leave it out."
            )
    return symbols


def _remedy(message):
    """What to do about a message of SentencePiece's trainer."""
    least = re.search(r"required_chars\. \d+ vs (\d+)", message)
    if least:
        return f"Ask for at least {least[1]} pieces, or lower character_coverage."
    most = re.search(r"set it to a value <= (\d+)", message)
    if most:
        return f"Ask for at most {most[1]} pieces, or give more text."
    return f"Mend what SentencePiece names: {message.strip()}"
