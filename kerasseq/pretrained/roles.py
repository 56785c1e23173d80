"""Which tokens of a folder are padding, unknown, start and end, and which it adds."""

import typing

from kerasseq.pretrained.added_tokens import added_tokens
from kerasseq.pretrained.fields import check_fields
from kerasseq.text.vocabulary import SPECIALS

CONFIG, MAP = "tokenizer_config.json", "special_tokens_map.json"
# The fields that name each of the house's four specials, and what it is called without them.
FIELDS = (("pad_token",), ("unk_token",), ("bos_token", "cls_token"), ("eos_token", "sep_token"))
FLAGS = ("lstrip", "rstrip")


class AddedToken(typing.NamedTuple):
    """How an added token is found.

    Attributes:
        normalized: bool, looked for in cleaned text.
        lstrip, rstrip: bool, whether a space before it, and one behind it, goes with it.
    """

    normalized: bool
    lstrip: bool
    rstrip: bool

    def side(self, always=""):
        """The side on which a space goes with it: its own, and what is `always` so."""
        left = self.lstrip or always in ("left", "both")
        right = self.rstrip or always in ("right", "both")
        return "both" if left and right else "left" if left else "right" if right else ""


def read_roles(folder, numbers):
    """The names of a folder's padding, unknown, start and end tokens; None for one it lacks.

    Args:
        folder: Folder.
        numbers: dict from each token, a str, to its id.

    Raises:
        ValueError: for a token that the vocabulary lacks, or two in one place.
    """
    named, where = {}, f"the tokenizer's files of {folder.path}"
    for name in (MAP, CONFIG):
        if folder.has(name):
            named |= {
                field: token for field, token in folder.json(name).items() if token is not None
            }
    roles = []
    for fields, usual in zip(FIELDS, SPECIALS, strict=True):
        contents = {field: _content(named[field]) for field in fields if field in named}
        for field, content in contents.items():
            if not isinstance(content, str) or content not in numbers:
                raise ValueError(
                    f"Expected {field!r} in {where} to be a token of the vocabulary; received "
                    f"{content!r:.80}. Save the tokenizer again."
                )
        found = sorted(set(contents.values())) or [usual] * (usual in numbers)
        if len(found) > 1:
            raise ValueError(
                f"Expected one token for {' and '.join(contents)} in {where}; received "
                f"{' and '.join(map(repr, found))}, which is not supported. Choose another "
                "tokenizer."
            )
        roles.append(found[0] if found else None)
    present = [role for role in roles if role is not None]
    if roles[3] is None or roles[1] is None or len(set(present)) < len(present):
        raise ValueError(
            f"Expected an unknown token and an end token in {where}, and each of padding, unknown, "
            f"start and end another token; received {roles}. Choose another tokenizer."
        )
    return roles


def read_mask(folder):
    """What stands for a token that was taken away, a str; None for a tokenizer without."""
    found = [folder.json(name).get("mask_token") for name in (CONFIG, MAP) if folder.has(name)]
    return next((_content(token) for token in found if token is not None), None)


def _content(token):
    return token.get("content") if isinstance(token, dict) else token


def ids_of_added(found):
    """The added tokens that `tokenizer.json` lists, a dict from each to its id.

    Args:
        found: dict, what `tokenizer.json` holds.
    """
    listed = found.get("added_tokens")
    tokens = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    ids = [(token.get("content"), token.get("id")) for token in tokens]
    return {token: i for token, i in ids if isinstance(token, str) and type(i) is int}


def read_added_tokens(folder, found, roles, numbers):
    """The added tokens, beside the four specials, in the order of their ids.

    Args:
        folder: Folder.
        found: dict, what `tokenizer.json` holds.
        roles: list, as `read_roles` gives it.
        numbers: dict from each piece of the vocabulary, a str, to its id.

    Returns:
        dict from each token, a str, to its AddedToken.

    Raises:
        ValueError: when the files disagree, or for a kind of token that is not supported.
    """
    config = folder.json(CONFIG) if folder.has(CONFIG) else {}
    listed = found.get("added_tokens") or []
    if not isinstance(listed, list):
        raise ValueError(
            f"Expected a list of added_tokens in tokenizer.json of {folder.path}; received "
            f"{listed!r:.80}. Save the tokenizer again."
        )
    names = added_tokens(folder, config, listed, tuple(filter(None, roles)), numbers)
    flags = {each["content"]: [each.get(name, False) for name in FLAGS] for each in listed}
    for name in names:
        if name not in flags:
            raise ValueError(
                f"Expected every added token in tokenizer.json of {folder.path}; received "
                f"{name!r:.80} in another file. Save the tokenizer again."
            )
        check_fields(
            f"{name!r} of added_tokens of {folder.path}",
            dict(zip(FLAGS, flags[name], strict=True)),
            fixed=dict.fromkeys(FLAGS, (True, False)),
        )
    return {name: AddedToken(cleaned, *flags[name]) for name, cleaned in names.items()}
