"""The memory of a process that answers from a translator's SavedModel, by what it has loaded.

python benchmarks/memory_of_export.py EXPORT "a line" [module ...]

EXPORT is the folder that `kerasseq export` wrote. Printed is the resident set, and how much of it
is the process' own: the rest is files of libraries, which processes share. TensorFlow imports what
it finds beside it, such as JAX and pandas; modules that are named stand for an environment without
them.
"""

import sys

from machine import memory


def told(what):
    """Prints the memory, in MiB, once something is loaded."""
    print(f"{what:32}{memory():7,} MiB resident{memory('RssAnon'):7,} MiB its own")


def main(path, line, *without):
    """Prints a line for each part."""
    sys.modules.update(dict.fromkeys(without))
    import tensorflow_text  # noqa: F401  with TensorFlow

    told("TensorFlow and tensorflow-text")
    from kerasseq.export import SavedTranslator

    saved = SavedTranslator(path)
    told("the SavedModel")
    saved(line)
    told("one line answered")
    saved([line] * 64)
    told("64 lines answered")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
