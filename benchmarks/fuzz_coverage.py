"""Inputs that coverage leads to, into every reader of a file: read, or refused in one sentence.

    pip install atheris
    python benchmarks/fuzz_coverage.py FOLDER [--inputs 5000] [--only READER ...]

The readers stand in `tests/readers.py`. Atheris (libFuzzer) counts which branches of kerasseq an
input takes, and goes on from those that took new ones; half of the changes know that a file is
JSON, an archive or safetensors. FOLDER keeps what was found, reader by reader: the same command
goes on until each has had so many inputs, and prints what was counted:

    read       loaded
    refused    an error whose sentence begins with "Expected"
    traceback  any other error
    hang       more than 5 seconds
    blow-up    more than 500 MB of memory more than before
    crash      the process died

An input that was neither read nor refused is in FOLDER/READER/found, one for each place.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import zipfile

BENCHMARKS = pathlib.Path(__file__).parent
TESTS = BENCHMARKS.parent / "tests"
sys.path[:0] = [str(TESTS), str(BENCHMARKS)]

from fuzz_files import DEEP, change_value, peak, place_of  # noqa: E402

SECONDS, MEMORY = 5, 500 * 2**10  # KB
LONGEST = 1500  # characters of a sentence
OUTCOMES = ("read", "refused", "traceback", "hang", "blow-up", "crash")
AT_ONCE = 20_000  # inputs of one process


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--inputs", type=int, default=5000)
    arguments.add_argument("--only", nargs="*", default=[])
    arguments.add_argument("--within", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.within:
        fuzz(given.within, given.folder / given.within, given.inputs)
    import readers

    for name in given.only or readers.READERS:
        folder = given.folder / name
        (folder / "found").mkdir(parents=True, exist_ok=True)
        while (left := given.inputs - sum(counts_of(folder).values())) > 0:
            before = counts_of(folder)
            command = [sys.executable, __file__, str(given.folder), "--within", name]
            with (
                open(folder / "log", "wb") as log,
                tempfile.TemporaryDirectory() as place,  # a process that dies leaves its files
            ):
                code = subprocess.run(
                    [*command, "--inputs", str(min(left, AT_ONCE))],
                    stdout=log,
                    stderr=log,
                    env=os.environ | {"TMPDIR": place},
                ).returncode
            if code:
                died(folder, code)
            if counts_of(folder) == before:
                sys.exit(f"{name} could not be fuzzed: see {folder / 'log'}")
        print(row(name, counts_of(folder)), flush=True)
    print(table(given.folder), end="")


def table(folder):
    """What was counted in a folder, a line for each reader."""
    lines = [f"{'reader':<26}{'inputs':>9}" + "".join(f"{each:>11}" for each in OUTCOMES)]
    total = dict.fromkeys(OUTCOMES, 0)
    for path in sorted(folder.glob("*/counts.json")):
        counts = counts_of(path.parent)
        lines.append(row(path.parent.name, counts))
        total = {each: total[each] + counts[each] for each in OUTCOMES}
    return "\n".join([*lines, row("all", total), ""])


def row(name, counts):
    return f"{name:<26}{sum(counts.values()):>9}" + "".join(f"{counts[e]:>11}" for e in OUTCOMES)


def counts_of(folder):
    path = folder / "counts.json"
    return json.loads(path.read_text()) if path.is_file() else dict.fromkeys(OUTCOMES, 0)


def write_counts(folder, counts):
    beside = folder / "counts.part"
    beside.write_text(json.dumps(counts))
    os.replace(beside, folder / "counts.json")


def died(folder, code):
    """Counts an input that killed its process: libFuzzer has kept it."""
    counts = counts_of(folder)
    for path in folder.glob("kept-*"):
        hung = "timeout" in path.name
        counts["hang" if hung else "crash"] += 1
        os.replace(path, folder / "found" / path.name.removeprefix("kept-"))
        print(f"  {folder.name}: {path.name}, exit status {code}", flush=True)
    write_counts(folder, counts)


def fuzz(name, folder, inputs):
    """One process: gives a reader so many inputs, counts them, and ends."""
    import atheris
    import readers

    counts, begun, seen = counts_of(folder), time.time(), 0
    places = {path.name.partition("-")[0] for path in (folder / "found").iterdir()}
    with tempfile.TemporaryDirectory() as place, atheris.instrument_imports(["kerasseq"]):
        seeds, read = readers.READERS[name](pathlib.Path(place, "real"))
        for seed in seeds:
            attempt(read, seed)  # the modules that are imported late

    def look(content):
        nonlocal seen, begun
        before, clock = peak(), time.perf_counter()
        outcome, line = attempt(read, content)
        if peak() - before > MEMORY:
            outcome, line = "blow-up", f"{(peak() - before) >> 10} MB"
        elif time.perf_counter() - clock > SECONDS:
            outcome, line = "hang", f"{time.perf_counter() - clock:.0f} seconds"
        counts[outcome] += 1
        seen += 1
        if line:
            mark = hashlib.sha256(f"{outcome} {line}".encode()).hexdigest()[:8]
            if mark not in places:
                places.add(mark)
                (folder / "found" / f"{mark}-{outcome}").write_bytes(content)
                print(f"FOUND {mark}: {outcome}, {line}", flush=True)
        if seen >= inputs or time.time() - begun > 5:
            begun = time.time()
            write_counts(folder, counts)
        if seen >= inputs:
            sys.stdout.flush()
            os._exit(0)

    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = ["-timeout=60", "-rss_limit_mb=8000", f"-artifact_prefix={folder}/kept-"]
    options += [f"-seed={1 + sum(counts.values())}", "-print_final_stats=1", str(corpus)]
    with tempfile.TemporaryDirectory() as place:
        _, read = readers.READERS[name](pathlib.Path(place, "real"))
        atheris.Setup([sys.argv[0], *options], look, custom_mutator=changed)
        atheris.Fuzz()


def attempt(read, content):
    """An outcome, and what was said if it is bad."""
    try:
        read(content)
        return "read", ""
    except (ValueError, FileNotFoundError) as error:
        said = str(error)
        if said.startswith("Expected ") and len(said) < LONGEST:
            return "refused", ""
        return "traceback", place_of(error)
    except Exception as error:
        return "traceback", place_of(error)


def changed(content, longest, seed):
    """Bytes that differ: as libFuzzer changes them, or as what they are."""
    import atheris

    draw = random.Random(seed)
    if draw.random() < 0.5:
        with contextlib.suppress(Exception):  # it is something else by now
            return changed_inside(content, draw)[:longest]
    return atheris.Mutate(content, longest)


def changed_inside(content, draw):
    """A file with a value, a member, or its header changed; another raises."""
    if content[:4] == b"PK\3\4":
        return changed_archive(content, draw)
    length = int.from_bytes(content[:8], "little")
    if content[8:9] == b"{" and length < len(content):
        header = changed_json(content[8 : 8 + length], draw)
        return len(header).to_bytes(8, "little") + header + content[8 + length :]
    lines = content.split(b"\n")
    if len(lines) > 2 and lines[0][:1] == b"{" and lines[0][-1:] == b"}":
        place = draw.randrange(len(lines) - 1)
        return b"\n".join([*lines[:place], changed_json(lines[place], draw), *lines[place + 1 :]])
    return changed_json(content, draw)


def changed_json(content, draw):
    found = change_value(json.loads(content), draw)
    return json.dumps(found).replace(f'"{DEEP}"', "[" * 3000 + "]" * 3000).encode()


def changed_archive(content, draw):
    """An archive, a member of which is other, or has another name."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    name = draw.choice(sorted(parts))
    if draw.random() < 0.1:
        parts[draw.choice(("../a", "/etc/a", "a/../b", name + "/b", "\\a", "x"))] = parts.pop(name)
    elif name.endswith(".json"):
        parts[name] = changed_json(parts[name], draw)
    else:
        parts[name] = parts[name][: draw.randrange(len(parts[name]) + 1)] + draw.randbytes(3)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as f:
        for each, held in parts.items():
            f.writestr(each, held)
    return packed.getvalue()


if __name__ == "__main__":
    main()
