"""What int8 changes of a saved translator's `.tflite` file: its size, and what it says.

python benchmarks/int8_files.py TRANSLATOR LINES [REFERENCES] [COUNT]

Both are text files, a line a sentence, `.gz` too. Printed are the sizes of the float32 and the
int8 file; how many of the first lines (200 by default) each says as kerasseq does in Python; chrF
of int8's text to float32's; and with references, a line a sentence too, BLEU of each (sacrebleu,
texts as they stand: `tokenize=none`). COUNT is a number, so references may be left out before it.
"""

import gzip
import itertools
import pathlib
import sys
import tempfile

import sacrebleu

import kerasseq as ks
from kerasseq.export import LiteTranslator


def read(path, count):
    """The first lines of a file: a list of str."""
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [line.strip() for line in itertools.islice(file, count)]


def measure(translator, lines, references=None):
    """Yields a line of text for each figure."""
    expected, said = translator(lines), {}
    with tempfile.TemporaryDirectory() as made:
        for name, quantize in (("float32", None), ("int8", "int8")):
            path = pathlib.Path(made) / f"{name}.tflite"
            translator.export(path, quantize=quantize)
            said[name] = LiteTranslator(path)(lines)
            same = sum(a == b for a, b in zip(said[name], expected, strict=True))
            size = path.stat().st_size / 1e6
            yield f"{name}: {size:.2f} MB, {same} of {len(lines)} lines as in Python"
    chrf = sacrebleu.corpus_chrf(said["int8"], [said["float32"]]).score
    same = sum(a == b for a, b in zip(said["int8"], said["float32"], strict=True))
    yield f"int8 to float32: {same} of {len(lines)} lines identical, chrF {chrf:.2f}"
    for name, texts in said.items() if references else ():
        bleu = sacrebleu.corpus_bleu(texts, [references], tokenize="none").score
        yield f"{name}: BLEU {bleu:.2f}"


def main(folder, path, *further):
    """Prints the figures."""
    counts = [int(each) for each in further if each.isdecimal()]
    count = counts[0] if counts else 200
    files = [each for each in further if not each.isdecimal()]
    lines = read(path, count)
    references = read(files[0], count) if files else None
    for line in measure(ks.Translator.load(folder), lines, references):
        print(line, flush=True)


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
