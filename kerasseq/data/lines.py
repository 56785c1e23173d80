"""Reading lines: cut at "\\n" alone, from plain or gzipped files, as a stream.

Python and `tf.data` read the same lines.
"""

import contextlib
import gzip
import pathlib
import zlib

import tensorflow as tf


def is_gzip(path):
    """Whether a path names a gzipped file."""
    return pathlib.Path(path).suffix == ".gz"


@contextlib.contextmanager
def opened(path):
    """A file, plain or gzipped, open for reading bytes.

    Raises:
        FileNotFoundError: for a missing file or a folder.
        ValueError: for a damaged gzip file.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise FileNotFoundError(
            f"Expected a text file at {path}; received {found}. Check the path."
        )
    with (gzip.open if is_gzip(path) else open)(path, "rb") as file:
        try:
            yield file
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(
                f"Expected a gzip file at {path}; received damaged data ({error}). "
                "Download or compress it again."
            ) from error


def read_lines(path):
    """Streams the lines of a file as bytes, without the line end.

    U+2028 and other Unicode line breaks do not cut a line; every "\\r" is dropped, as
    `tf.data.TextLineDataset` does.

    Raises:
        FileNotFoundError: for a missing file or a folder.
        ValueError: for a damaged gzip file.
    """
    with opened(path) as file:
        for line in file:
            text = line.replace(b"\r", b"")
            if text:  # after the last "\n" stands no further, empty line
                yield text.removesuffix(b"\n")


def read_text_lines(path):
    """The same as str, without a byte order mark before a line."""
    return (line.decode("utf-8-sig", "replace") for line in read_lines(path))


def count_lines(path):
    """The number of lines of a file.

    Raises:
        ValueError: for a file without a line.
    """
    count = sum(1 for _ in read_lines(path))
    if not count:
        raise ValueError(
            f"Expected at least one line in {path}; received an empty file. Check how it was made."
        )
    return count


def line_dataset(path):
    """The lines of a file as a `tf.data.Dataset` of strings."""
    return tf.data.TextLineDataset(str(path), compression_type="GZIP" if is_gzip(path) else "")
