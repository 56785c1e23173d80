"""What a translator asks of its parts, and of what it is called with."""


def check_parts(model, source, target, replace_unknown):
    """Refuses tokenizers that do not fit a model, or cannot copy words.

    Raises:
        ValueError: see above.
    """
    if replace_unknown and not (model.attends and source.cuts_words and target.cuts_words):
        raise ValueError(
            "Expected a model that attends and two word tokenizers with replace_unknown=True; "
            f"received {type(model).__name__}, {type(source).__name__} and "
            f"{type(target).__name__}. Leave it False."
        )
    for side, tokenizer in (("source", source), ("target", target)):
        size = model.config[f"{side}_vocabulary_size"]
        if tokenizer.vocabulary_size != size:
            raise ValueError(
                f"Expected a {side} tokenizer of {size} tokens, the model's vocabulary; received "
                f"one of {tokenizer.vocabulary_size}. Give those it was trained with, source first."
            )


def check_lines(texts):
    """Refuses what is no iterable of lines: a number, or a single line.

    Raises:
        ValueError: see above.
    """
    if isinstance(texts, str | bytes) or not hasattr(texts, "__iter__"):
        raise ValueError(
            f"Expected an iterable of str; received {texts!r}. Put a single line into a list."
        )


def read_examples(path):
    """The lines of a translator's `examples.txt`.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file that is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8").split("\n")[:-1]
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"Expected held-out lines at {path}; received no such file. Copy or save the "
            "translator again."
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected UTF-8 text at {path}; received damaged data ({error}). Copy or save the "
            "translator again."
        ) from error
