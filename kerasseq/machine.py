"""How training uses a processor: settings that are made before TensorFlow is loaded."""

from __future__ import annotations

import ctypes
import os
import sys

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
KEEP_PAGES = "KERASSEQ_KEEP_PAGES"
# Of glibc's malloc.h: below what size, in bytes, memory comes from the heap (it takes no more),
# and how much of the heap may lie free.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_OF_HEAP, FREE_HEAP = 32 * 2**20, 2**30


def for_training() -> None:
    """Lets training use the processor well, but for what the environment says already.

    TensorFlow computes with oneDNN, which it leaves off on processors without AVX-512: its matrix
    products are faster there too (`TF_ENABLE_ONEDNN_OPTS=0` refuses it). The process keeps the
    memory of a step for the next one, in place of giving it to the system and asking for it again
    thousands of times a step (`KERASSEQ_KEEP_PAGES=0` refuses it; glibc alone can).

    It changes nothing of oneDNN once TensorFlow is loaded.
    """
    if "tensorflow" not in sys.modules:
        os.environ.setdefault(ONEDNN, "1")
    if os.environ.setdefault(KEEP_PAGES, "1") == "1" and not _keep_pages():
        os.environ[KEEP_PAGES] = "0"


def settings() -> dict[str, str]:
    """The settings that this process has, by the names of their variables; "" for one that
    nobody made."""
    return {name: os.environ.get(name, "") for name in (ONEDNN, KEEP_PAGES)}


def _keep_pages() -> bool:
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):  # another C library
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST_OF_HEAP) and mallopt(M_TRIM_THRESHOLD, FREE_HEAP))
