"""What every corpus is to a reader: so many of something."""

from __future__ import annotations

import copy
import itertools
import typing
from collections.abc import Iterable, Iterator

from kerasseq.notebook import table
from kerasseq.text.checks import check_tokenizers

if typing.TYPE_CHECKING:
    from kerasseq.text.tokenizer import Tokenizer


SHOWN = 5  # rows in a notebook


class Corpus:
    """Rows of text, or of images, with what is learned of them.

    A subclass gives `__len__` and `__iter__`. A notebook shows the first rows.

    Attributes:
        unit: str, what a row is called, in the plural.
        headings: tuple of str, what a row has.
    """

    unit = "rows"
    headings: tuple[str, ...] = ()

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must implement __len__.")

    def __iter__(self) -> Iterator[Iterable[typing.Any]]:
        raise NotImplementedError(f"{type(self).__name__} must implement __iter__.")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self):,} {self.unit}>"

    def _repr_html_(self) -> str:
        return table(repr(self)[1:-1], self.headings, itertools.islice(self, SHOWN))


class TextCorpus(Corpus):
    """Texts that are held as they came, and cleaned when they are read.

    Attributes:
        keep_whitespace: bool, white space stays as it stands; see `kerasseq.text.normalize`.
    """

    keep_whitespace: bool = False

    def with_whitespace(self) -> typing.Self:
        """The same rows, with their white space and line breaks, for tokenizers that keep them."""
        found = copy.copy(self)
        found.keep_whitespace = True
        return found

    def check_whitespace(self, *tokenizers: Tokenizer) -> None:
        """Refuses what is no tokenizer, and one that keeps white space where the texts have none.

        Raises:
            ValueError: see above.
        """
        check_tokenizers(*tokenizers)
        if not self.keep_whitespace and any(each.keep_whitespace for each in tokenizers):
            raise ValueError(
                "Expected texts with their white space for a tokenizer that keeps it; received a "
                f"{type(self).__name__} that cleans it. Call its with_whitespace() first."
            )
