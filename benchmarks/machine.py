"""The machine that a figure is of."""

import pathlib
import platform
import re


def processor():
    """What the machine computes with: a str."""
    path = pathlib.Path("/proc/cpuinfo")
    if not path.is_file():
        return platform.processor()
    lines = path.read_text(encoding="utf-8").splitlines()
    named = dict(re.split(r"\s*:\s*", line, maxsplit=1) for line in lines if ":" in line)
    name, family, model = (named.get(key, "?") for key in ("model name", "cpu family", "model"))
    return f"{name} (family {family}, model {model})"


def has_bfloat16():
    """Whether the processor multiplies matrices of bfloat16 itself: a bool, False where unknown.

    Without it TensorFlow converts every product, and a step takes many times as long.
    """
    path = pathlib.Path("/proc/cpuinfo")
    return path.is_file() and bool(
        re.search(r"\b(amx_bf16|avx512_bf16)\b", path.read_text(encoding="utf-8"))
    )
