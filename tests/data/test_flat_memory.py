"""A long file needs no more memory than a short one."""

import subprocess
import sys

ITERATE = """
import re, sys
from kerasseq.data import ParallelText
from kerasseq.text import WordTokenizer

words = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", *map(str, range(100))])
for path in sys.argv[1:]:
    corpus = ParallelText.from_files(path, path)
    pairs = sum(1 for _ in corpus)
    for x, _, _ in corpus.batches(
        words, words, tokens_per_batch=4096, shuffle=True, shuffle_buffer=1000
    ):
        pass
    # The process' own peak: ru_maxrss would begin with that of the process it was forked from.
    with open("/proc/self/status") as status:
        print(pairs, int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1]) // 1024)
"""


def test_ten_times_the_lines_take_the_same_memory(tmp_path):
    counts = (10_000, 100_000)
    paths = [tmp_path / f"{lines}.txt" for lines in counts]
    for path, lines in zip(paths, counts, strict=True):
        with path.open("w") as file:
            for number in range(lines):
                file.write(" ".join(str(number * k % 100) for k in range(3 + number % 9)) + "\n")
    run = subprocess.run([sys.executable, "-c", ITERATE, *paths], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    (short, before), (long, after) = (map(int, line.split()) for line in run.stdout.splitlines())
    assert (short, long) == counts
    # Token ids kept for all would take about 85 MB more.
    assert after - before < 40
