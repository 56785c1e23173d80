"""Fetching a data file once, checked before it is used."""

import gzip
import hashlib
import io
import urllib.error
import urllib.request
import zipfile

from kerasseq.files import write_file


def download(url, path, sha256=None, member=None):
    """Fetches a text, checks it, and stores it gzipped.

    Args:
        url: str, of a plain, `.gz` or `.zip` file.
        path: pathlib.Path of the `.gz` file to write; written beside, then renamed.
        sha256: str or None, of the uncompressed text.
        member: str, the file wanted from a `.zip`.

    Raises:
        OSError: when the server cannot be reached or refuses.
        ValueError: when the text has another SHA-256.
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
    except urllib.error.URLError as error:
        raise OSError(
            f"Expected to download {url}; received {error}. Check the network, or set "
            "KERASSEQ_DATA to a folder that holds the files."
        ) from error
    if member:
        content = zipfile.ZipFile(io.BytesIO(content)).read(member)
    elif url.endswith(".gz"):
        content = gzip.decompress(content)
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256:
        raise ValueError(
            f"Expected a text with SHA-256 {sha256[:12]}… from {url}; received {found[:12]}…. The "
            "file changed or was damaged: try again, or set KERASSEQ_DATA to a folder with it."
        )
    write_file(path, gzip.compress(content, mtime=0))
