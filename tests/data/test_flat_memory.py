"""A long file needs no more memory than a short one."""

import subprocess
import sys

ITERATE = """
import re, sys
from kerasseq.data import ParallelText
from kerasseq.text import WordTokenizer

corpus = ParallelText.from_files(sys.argv[1], sys.argv[1])
words = WordTokenizer(["<pad>", "<unk>", "<s>", "</s>", *map(str, range(100))])
pairs = sum(1 for _ in corpus)
for x, _, _ in corpus.batches(
    words, words, tokens_per_batch=4096, shuffle=True, shuffle_buffer=1000
):
    pass
# The process' own peak: ru_maxrss would begin with that of the process it was forked from.
with open("/proc/self/status") as status:
    print(pairs, int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1]) // 1024)
"""


def peak_memory(path):
    run = subprocess.run([sys.executable, "-c", ITERATE, str(path)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    pairs, megabytes = map(int, run.stdout.split())
    return pairs, megabytes


def test_ten_times_the_lines_take_the_same_memory(tmp_path):
    peaks = {}
    for lines in (10_000, 100_000):
        path = tmp_path / f"{lines}.txt"
        with path.open("w") as file:
            for number in range(lines):
                file.write(" ".join(str(number * k % 100) for k in range(3 + number % 9)) + "\n")
        pairs, peaks[lines] = peak_memory(path)
        assert pairs == lines
    # Token ids kept for all would take about 85 MB more.
    assert peaks[100_000] - peaks[10_000] < 40
