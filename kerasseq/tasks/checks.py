"""What tasks ask of their parts."""


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


def check_encoder_task(model, head, tokenizer, max_length):
    """Refuses what a task on a text encoder cannot be made of.

    Args:
        model: keras.Model.
        head: class that the model must be of.
        tokenizer: Tokenizer.
        max_length: int, the most tokens of a row.

    Raises:
        ValueError: for another model, a tokenizer with more tokens than the encoder, or a
            `max_length` that leaves no room for a text or is more than its positions.
    """
    if not isinstance(model, head):
        raise ValueError(
            f"Expected a {head.__name__}; received a {type(model).__name__}. Put one on the "
            "encoder."
        )
    size = getattr(model.encoder, "config", {}).get("vocabulary_size")
    if size is not None and tokenizer.vocabulary_size > size:
        raise ValueError(
            f"Expected a tokenizer of at most {size} tokens, the encoder's vocabulary; received "
            f"one of {tokenizer.vocabulary_size}. Give the one it was trained with."
        )
    if max_length < 5:
        raise ValueError(
            f"Expected max_length of at least 5 tokens; received {max_length}. Raise it."
        )
    positions = getattr(model.encoder, "max_length", max_length)
    if max_length > positions:
        raise ValueError(
            f"Expected max_length of at most {positions} tokens, the encoder's positions; "
            f"received {max_length}. Lower it."
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
