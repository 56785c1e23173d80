"""The texts that are translated: each once, and none that is held out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from kerasseq.bulk.formats import Refused
from kerasseq.text.normalize import normalize

EMPTY = "without text"
REPEATED = "that stood there before"
HELD_OUT = "that stand in a part held out"


def each_once(
    texts: Iterable[str | Refused], held_out: Iterable[str], keep_whitespace: bool = False
) -> Iterator[str | Refused]:
    """Yields texts, cleaned, and Refused for each that is not to be translated.

    A digest of 16 bytes of each text is held in memory.

    Args:
        texts: iterable of str, or of Refused where a row has no text.
        held_out: iterable of str, the texts to measure with later: what is learned has none of
            them.
        keep_whitespace: bool; see `kerasseq.text.normalize`.
    """
    kept = {_digest(normalize(text)) for text in held_out}
    seen = set()
    for given in texts:
        text = "" if isinstance(given, Refused) else normalize(given)
        digest = _digest(text)
        reason = (
            EMPTY
            if not text
            else HELD_OUT
            if digest in kept
            else REPEATED
            if digest in seen
            else None
        )
        seen.add(digest)
        if reason is not None:
            yield Refused(reason)
        else:
            yield normalize(given, keep_whitespace=True) if keep_whitespace else text


def count_and_hash(texts: Iterable[str | Refused]) -> tuple[int, str]:
    """How many there are, and the SHA-256 of what they are."""
    count, found = 0, hashlib.sha256()
    for text in texts:
        count += 1
        found.update((json.dumps(text) + "\n").encode())
    return count, found.hexdigest()


def _digest(text):
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
