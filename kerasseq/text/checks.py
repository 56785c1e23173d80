"""What is given as text: one line, a pair, or many."""


def check_lines(texts, pairs=False):
    """Refuses what is no iterable of lines: a number, or a single line.

    Args:
        texts: what was given.
        pairs: bool, a tuple is one pair of texts, so refused too.

    Raises:
        ValueError: see above.
    """
    single = (str, bytes, tuple) if pairs else (str, bytes)
    if isinstance(texts, single) or not hasattr(texts, "__iter__"):
        raise ValueError(
            f"Expected an iterable of {'texts' if pairs else 'str'}; received {texts!r:.60} "
            f"({type(texts).__name__}). Put a single one into a list."
        )


def check_line(text):
    """Refuses what is no line of text.

    Raises:
        ValueError: see above.
    """
    if not isinstance(text, str | bytes):
        raise ValueError(
            f"Expected a text, str or bytes in UTF-8; received {text!r:.60} "
            f"({type(text).__name__}). Give the text itself."
        )


def check_pair(pair):
    """Refuses what is no pair of texts.

    Raises:
        ValueError: see above.
    """
    if (
        not isinstance(pair, tuple | list)
        or len(pair) != 2
        or not all(isinstance(text, str | bytes) for text in pair)
    ):
        raise ValueError(
            f"Expected a pair of texts, (str, str); received {pair!r:.60} "
            f"({type(pair).__name__}). Give both texts in a tuple."
        )
