"""The machine that a figure is of."""

import pathlib
import platform
import re

CPUINFO = pathlib.Path("/proc/cpuinfo")


def processor():
    """What the machine computes with: a str."""
    if not CPUINFO.is_file():
        return platform.processor()
    lines = CPUINFO.read_text(encoding="utf-8").splitlines()
    named = dict(re.split(r"\s*:\s*", line, maxsplit=1) for line in lines if ":" in line)
    name, family, model = (named.get(key, "?") for key in ("model name", "cpu family", "model"))
    return f"{name} (family {family}, model {model})"


def has_bfloat16():
    """Whether the processor multiplies matrices of bfloat16 itself: a bool, False where unknown.

    Without it TensorFlow converts every product, and a step takes many times as long.
    """
    flags = CPUINFO.read_text(encoding="utf-8") if CPUINFO.is_file() else ""
    return bool(re.search(r"\b(amx_bf16|avx512_bf16)\b", flags))


def memory(name="VmRSS"):
    """The process' resident memory in MiB; its peak (VmHWM), or what is its own (RssAnon)."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) // 1024
