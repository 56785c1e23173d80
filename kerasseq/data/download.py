"""Fetching a data file once, checked before it is used."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import io
import pathlib
import urllib.request
import zipfile
import zlib

from kerasseq.files import write_file


def download(
    url: str, path: pathlib.Path, sha256: str | None = None, member: str | None = None
) -> None:
    """Fetches a text, checks it, and stores it gzipped.

    Args:
        url: str, of a plain, `.gz` or `.zip` file.
        path: pathlib.Path of the `.gz` file to write; written beside, then renamed.
        sha256: str or None, of the uncompressed text.
        member: str, the file wanted from a `.zip`.

    Raises:
        OSError: when the server cannot be reached, refuses, or breaks off.
        ValueError: when the text has another SHA-256, or its container is damaged.
    """
    from rich.console import Console
    from rich.progress import wrap_file

    request = urllib.request.Request(url, headers={"User-Agent": "kerasseq"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            size = int(response.headers.get("Content-Length", 0))
            console = Console(stderr=True)
            with wrap_file(response, size, description=path.name, console=console) as stream:
                content = stream.read()
    except (OSError, http.client.HTTPException) as error:
        raise OSError(
            f"Expected to download {url}; received {error}. Check the network, or set "
            "KERASSEQ_DATA to a folder that holds the files."
        ) from error
    try:
        if member:
            content = zipfile.ZipFile(io.BytesIO(content)).read(member)
        elif url.endswith(".gz"):
            content = gzip.decompress(content)
    except (EOFError, KeyError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"Expected {'a zip file with ' + member if member else 'a gzip file'} at {url}; "
            f"received {len(content)} bytes of something else ({error}). Try again, or set "
            "KERASSEQ_DATA to a folder that holds the files."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256:
        raise ValueError(
            f"Expected a text with SHA-256 {sha256[:12]}… from {url}; received {found[:12]}…. The "
            "file changed or was damaged: try again, or set KERASSEQ_DATA to a folder with it."
        )
    write_file(path, gzip.compress(content, mtime=0))
