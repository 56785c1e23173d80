"""What every corpus is to a reader: so many of something."""


class Corpus:
    """Rows of text, or of images, with what is learned of them.

    A subclass gives `__len__`.

    Attributes:
        unit: str, what a row is called, in the plural.
    """

    unit = "rows"

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must implement __len__.")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self):,} {self.unit}>"
