"""Tokens beside a vocabulary, as the files of a folder name them."""

from kerasseq.pretrained.fields import check_fields
from kerasseq.pretrained.inert import ADDED_TOKEN

LISTS = ("additional_special_tokens", "extra_special_tokens")


def added_tokens(folder, config, listed, symbols, pieces):
    """The added tokens of a folder, in the order of their ids.

    `tokenizer.json`, `added_tokens_decoder` of `tokenizer_config.json`, and `added_tokens.json`
    give them ids; further special tokens of `tokenizer_config.json` and
    `special_tokens_map.json` come behind them.

    Args:
        folder: Folder.
        config: dict, what `tokenizer_config.json` holds.
        listed: list of dict, `added_tokens` of `tokenizer.json`; None without such a file.
        symbols: str, the names of padding and the like, which are left out.
        pieces: dict from pieces to ids.

    Returns:
        dict from each token, a str, to bool: whether it is looked for in cleaned text.

    Raises:
        ValueError: when files disagree, an id leaves a gap, or for a kind of token that is not
            supported.
    """
    found = {}  # token to id and flag
    if listed is not None:
        found = _tokens("added_tokens of " + str(folder.path / "tokenizer.json"), listed)
    if "added_tokens_decoder" in config:
        where = f"added_tokens_decoder of {folder.path / 'tokenizer_config.json'}"
        decoder = config["added_tokens_decoder"]
        stated = _tokens(where, _entries(where, decoder))
        if listed is not None:
            _check_equal(where, stated, found, symbols)
        found = stated
    special, late = dict(_special_tokens(folder, "tokenizer_config.json", config, symbols)), {}
    if folder.has("special_tokens_map.json") and "added_tokens_decoder" not in config:
        name = "special_tokens_map.json"
        fields = folder.json(name)
        # Hugging Face's reader meets this list after it has read added_tokens.json.
        last = {LISTS[0]: fields.pop(LISTS[0], [])}
        special |= _special_tokens(folder, name, fields, symbols)
        late = dict(_special_tokens(folder, name, last, symbols))
    if folder.has("added_tokens.json"):
        _add_file(folder, found, special, "added_tokens_decoder" in config)
    special |= late
    by_id = sorted((i, token, flag) for token, (i, flag) in found.items())
    _check_ids(folder, by_id, pieces)
    with_ids = {token: flag for _, token, flag in by_id if token not in symbols}
    return with_ids | {token: flag for token, flag in special.items() if token not in with_ids}


def _entries(where, decoder):
    """The tokens of a dict from ids to tokens, with their ids in them."""
    if not isinstance(decoder, dict) or not all(map(str.isdecimal, decoder)):
        raise ValueError(
            f"Expected {where} to give tokens by their ids; received {decoder!r:.80}. Save the "
            "tokenizer again."
        )
    return [
        each | {"id": int(number)} if isinstance(each, dict) else each
        for number, each in decoder.items()
    ]


def _tokens(where, entries):
    """dict from tokens to id and flag, of the entries of a list."""
    found = {}
    for entry in entries if isinstance(entries, list) else [entries]:
        content = entry.get("content") if isinstance(entry, dict) else None
        if not isinstance(content, str) or type(entry.get("id")) is not int:
            raise ValueError(
                f"Expected each of {where} with an id and a content; received {entry!r:.80}. "
                "Save the tokenizer again."
            )
        found[content] = entry["id"], _flag(f"{content!r} of {where}", entry, False)
    return found


def _flag(where, entry, default):
    """Whether the token of a dict is looked for in cleaned text."""
    check_fields(
        where, entry, ("id", "content", "normalized"), {"single_word": [False]}, ADDED_TOKEN
    )
    return bool(entry.get("normalized", default))


def _check_equal(where, stated, found, symbols):
    different = sorted(token for token, _ in stated.items() ^ found.items() if token not in symbols)
    if different:
        raise ValueError(
            f"Expected {where} to name the added_tokens of tokenizer.json; received "
            f"{different[0]!r} otherwise. Save the tokenizer again."
        )


def _special_tokens(folder, name, fields, symbols):
    """Yields the further special tokens of a file, each with whether it is looked for in cleaned
    text."""
    alone = {field: [token] for field, token in fields.items() if field.endswith("_token")}
    lists = {field: fields[field] or [] for field in LISTS if field in fields}
    for field, tokens in (alone | lists).items():
        where = f"{field} of {folder.path / name}"
        tokens = list(tokens.values()) if isinstance(tokens, dict) else tokens
        for token in tokens if isinstance(tokens, list) else [tokens]:
            content = token.get("content") if isinstance(token, dict) else token
            if not isinstance(content, str | None) or not isinstance(tokens, list):
                raise ValueError(
                    f"Expected tokens in {where}; received {token!r:.80}. Save the tokenizer again."
                )
            if content is not None and content not in symbols:
                yield content, isinstance(token, dict) and _flag(where, token, False)


def _add_file(folder, found, special, complete):
    """Adds what `added_tokens.json` holds: dict from tokens to ids."""
    for token, number in folder.json("added_tokens.json").items():
        known = found.get(token, (number, token not in special))
        if type(number) is not int or known[0] != number or (complete and token not in found):
            raise ValueError(
                f"Expected {folder.path / 'added_tokens.json'} to name the added tokens of the "
                f"other files; received {token!r}: {number!r:.80} otherwise. Save the tokenizer "
                "again."
            )
        found[token] = known


def _check_ids(folder, by_id, pieces):
    following = len(pieces)
    for number, token, _ in by_id:
        expected = pieces.get(token, following)
        following += token not in pieces
        if number != expected:
            raise ValueError(
                f"Expected the added token {token!r} of {folder.path} at id {expected}, its "
                f"piece's or the next; received {number}. Save the tokenizer again."
            )
