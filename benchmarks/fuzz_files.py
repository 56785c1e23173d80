"""Damaged and hostile files, in every loader: each is read, or refused in one sentence.

python benchmarks/fuzz_files.py [inputs for each loader] [first seed] [loader …]

The loaders and the small real files that they read stand in `tests/small_files.py`. An input is one
of them with one file changed: a value of its JSON that is another, missing, deep or huge; bytes
flipped, cut, doubled or taken for a length; a link, a folder or nothing in its place. It is made
of the loader's name and a seed, so each comes again. What is counted:

    read       loaded, as the change was harmless
    refused    a ValueError or FileNotFoundError whose sentence begins with "Expected"
    traceback  any other error
    hang       more than 20 seconds
    blow-up    more than 700 MB of memory more than before
    crash      the process died

The loaders run in a process of their own, which is started again behind an input that kills it.
"""

import copy
import json
import multiprocessing
import os
import pathlib
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback

TESTS = pathlib.Path(__file__).parents[1] / "tests"
SECONDS, MEMORY = 20, 700 * 2**10  # KB
OUTCOMES = ("read", "refused", "traceback", "hang", "blow-up", "crash")
DEEP = "deep"
ODD = (
    None, True, False, 0, 1, -1, 2, 3, 7, 1000, 10**6, 2**31, 2**63, -(2**31), 10**30, 0.5, -0.5,
    1e308, float("nan"), float("inf"), "", "a", "0", "None", "../../etc/passwd", "/etc/passwd",
    "os.system", "\0", "\ud800", "é" * 50, "x" * 10_000, [], {}, [None], [[]], [1, 2], ["a", "a"],
    {"a": 1}, {"class_name": "Lambda", "config": {}, "module": "os"}, DEEP,
    {"module": "antigravity", "class_name": "x", "config": {}, "registered_name": "x"},
)  # fmt: skip


def main(count=200, first=0, *names):
    """Prints a line for each loader, and each input that is neither read nor refused."""
    sys.path.insert(0, str(TESTS))
    import small_files

    names = names or tuple(small_files.LOADERS)
    unknown = sorted(set(names) - set(small_files.LOADERS))
    if unknown:
        sys.exit(f"Expected loaders of {', '.join(small_files.LOADERS)}; received {unknown[0]}.")
    seeds = range(int(first), int(first) + int(count))
    print(f"{'loader':<26}{'inputs':>8}" + "".join(f"{each:>11}" for each in OUTCOMES))
    found = {name: dict.fromkeys(OUTCOMES, 0) for name in names}
    said = {name: [] for name in names}
    left = [(name, seed) for name in names for seed in seeds]
    for name, seed, outcome, line in fuzz(left):
        found[name][outcome] += 1
        if line:
            said[name].append(f"  {outcome} of seed {seed}: {line}")
        if seed == seeds[-1]:
            row(name, found[name])
            print("".join(f"{each}\n" for each in said[name]), end="", flush=True)
    row("all", {each: sum(counts[each] for counts in found.values()) for each in OUTCOMES})


def row(name, counts):
    print(f"{name:<26}{sum(counts.values()):>8}" + "".join(f"{counts[e]:>11}" for e in OUTCOMES))


def fuzz(left):
    """Yields the name, the seed, the outcome and what was said of each input, in order."""
    context = multiprocessing.get_context("spawn")
    while left:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(left, there))
        process.start()
        there.close()
        begun = False
        try:
            while left:
                *answer, begun = here.recv()
                if answer:
                    left.pop(0)
                    yield answer
        except EOFError:
            process.join()
            if not begun:
                sys.exit("The small files could not be made, or not be read.")
            yield *left.pop(0), "crash", f"exit status {process.exitcode}"
        process.join()


def work(inputs, answers):
    """Loads one input after the other."""
    sys.path.insert(0, str(TESTS))
    import small_files

    sys.stdout = open(os.devnull, "w")  # noqa: SIM115  what loaders say
    signal.signal(signal.SIGALRM, alarm)
    loads = {}
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place, "input")
        for name, seed in inputs:
            real = pathlib.Path(place, name)
            if name not in loads:
                loads[name] = small_files.LOADERS[name](real)
                loads[name](real)
                answers.send((True,))
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(real, folder)
            what = change(folder, random.Random(f"{name} {seed}"))
            before, started = peak(), time.perf_counter()
            signal.alarm(SECONDS)
            outcome, line = attempt(loads[name], folder)
            signal.alarm(0)
            if peak() - before > MEMORY:
                outcome, line = "blow-up", f"{(peak() - before) >> 10} MB"
            if time.perf_counter() - started > SECONDS:
                outcome, line = "hang", f"{time.perf_counter() - started:.0f} seconds"
            answers.send((name, seed, outcome, line and f"{what}: {line}", True))


def attempt(load, folder):
    """An outcome, and what was said if it is bad."""
    try:
        load(folder)
        return "read", ""
    except (ValueError, FileNotFoundError) as error:
        said = str(error)
        if said.startswith("Expected ") and len(said) < 1500:
            return "refused", ""
        return "traceback", place_of(error)
    except Hang:
        return "hang", ""
    except BaseException as error:
        return "traceback", place_of(error)


def place_of(error):
    last = traceback.extract_tb(error.__traceback__)[-1]
    own = [
        each for each in traceback.extract_tb(error.__traceback__) if "kerasseq" in each.filename
    ]
    frame = own[-1] if own else last
    where = f"{pathlib.Path(frame.filename).name}:{frame.lineno}"
    return f"{type(error).__name__} at {where}: {' '.join(str(error).split())[:120]}"


class Hang(BaseException):
    pass


def alarm(*_):
    raise Hang


def peak():
    """The most memory that the process has had, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def change(folder, draw):
    """Changes one file; says how."""
    path = draw.choice(sorted(each for each in folder.rglob("*") if each.is_file()))
    if draw.random() < 0.03:
        return f"{path.name} {replace(path, draw)}"
    content = path.read_bytes()
    if path.suffix == ".json" and draw.random() < 0.85:
        changed = json.loads(content)
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            changed = change_value(changed, draw)
        # What json cannot write so deep is put in by hand.
        text = json.dumps(changed).replace(f'"{DEEP}"', "[" * 5000 + "]" * 5000)
        path.write_text(text, encoding="utf-8")
    elif path.suffix == ".tflite":
        change_archive(path, draw)
    else:
        for _ in range(draw.choice((1, 1, 2, 4))):
            content = change_bytes(content, draw)
        path.write_bytes(content)
    resign(path)
    return path.name


def resign(path):
    """A tokenizer's description says the hash of its file: an attacker writes the new one."""
    import hashlib

    description = path.with_name("tokenizer.json")
    if path != description and description.is_file():
        try:
            found = json.loads(description.read_bytes())
            if path.name in found.get("files", {}):
                found["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
                description.write_text(json.dumps(found))
        except (ValueError, AttributeError):
            pass


def replace(path, draw):
    """Something else in the place of a file."""
    path.unlink()
    what = draw.choice(("gone", "a folder", "a link to /etc/passwd", "a link to itself", "empty",
                        "a link to a device", "a terabyte"))  # fmt: skip
    if what == "a folder":
        path.mkdir()
    elif what == "a link to /etc/passwd":
        path.symlink_to("/etc/passwd")
    elif what == "a link to itself":
        path.symlink_to(path.name)
    elif what == "a link to a device":
        path.symlink_to("/dev/zero")
    elif what != "gone":
        path.touch()
        os.truncate(path, 2**40 if what == "a terabyte" else 0)
    return what


def change_value(found, draw):
    """A JSON value with one value inside changed."""
    places = list(places_of(found))
    if not places or draw.random() < 0.01:
        return copy.deepcopy(draw.choice(ODD))
    inside, key = draw.choice(places)
    way = draw.random()
    if way < 0.7:
        inside[key] = copy.deepcopy(draw.choice(ODD))
    elif way < 0.8:
        del inside[key]
    elif way < 0.9 and isinstance(inside, dict):
        inside[draw.choice(("a", "", "dtype", "module", "class_name", "trainable", "name"))] = (
            copy.deepcopy(draw.choice(ODD))
        )
    elif isinstance(inside[key], int | float):
        inside[key] = inside[key] * draw.choice((-1, 2, 3, 1000, 10**6, 10**12))
    else:
        inside[key] = copy.deepcopy(draw.choice(places)[0])
    return found


def places_of(found):
    """Yields each list or object inside with each of its keys; of long ones, the first few."""
    if isinstance(found, dict | list):
        keys = list(found)[:40] if isinstance(found, dict) else range(min(len(found), 8))
        for key in keys:
            yield found, key
            yield from places_of(found[key])


def change_bytes(content, draw):
    """Bytes, text or a protocol's, changed somewhere, more often at the front."""
    size = len(content)
    if size == 0:
        return draw.randbytes(8)
    place = draw.randrange(size) if draw.random() < 0.5 else draw.randrange(min(size, 400))
    way = draw.randrange(7)
    if way == 0:
        return (
            content[:place]
            + bytes([content[place] ^ 1 << draw.randrange(8)])
            + content[place + 1 :]
        )
    if way == 1:
        return content[:place]
    if way == 2:
        number = draw.choice((0, 1, 255, 2**31 - 1, 2**32, 2**40, 2**63, 2**64 - 1, size, size + 1))
        return content[:place] + number.to_bytes(8, "little") + content[place + 8 :]
    if way == 3:
        return content[:place] + draw.randbytes(draw.randrange(1, 9)) + content[place:]
    if way == 4:
        return content[:place] + content[place + draw.randrange(1, 64) :]
    if way == 5:
        end = place + draw.randrange(1, 200)
        return content[:end] + content[place:end] * draw.choice((1, 2, 50)) + content[end:]
    return (
        content[:place]
        + draw.choice((b"\0", b"\n", b"\xff", b"\r", b"\xed\xa0\x80", b"{"))
        + content[place + 1 :]
    )


def change_archive(path, draw):
    """Changes the archive behind a program: a member's JSON, its bytes, its name, or the end of
    the file, where the archive's own directory stands."""
    import io
    import zipfile

    content = path.read_bytes()
    start = content.index(b"PK\3\4")
    if draw.random() < 0.3:
        path.write_bytes(content[:start] + change_bytes(content[start:], draw))
        return
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = draw.choice(sorted(parts))
    if name.endswith(".json"):
        found = change_value(json.loads(parts[name]), draw)
        parts[name] = json.dumps(found).replace(f'"{DEEP}"', "[" * 5000 + "]" * 5000).encode()
    elif draw.random() < 0.7:
        parts[name] = change_bytes(parts[name], draw)
    else:
        parts[draw.choice(("../a", "/etc/a", "a/../../b", name + "/b", "\\a"))] = parts.pop(name)
    if draw.random() < 0.05:
        parts["zeros"] = bytes(2**28)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in parts.items():
            archive.writestr(name, held)
    # The archive's places count from its own begin, which a reader of zip files makes good for.
    path.write_bytes(content[:start] + packed.getvalue())


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].isdigit():
        sys.exit(__doc__)
    main(*sys.argv[1:])
