"""Every command says in one line what is wrong, before it loads the backend where it can."""

import builtins
import errno
import io
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from kerasseq.cli import COMMANDS
from kerasseq.cli.saying import take_debug

SAVED = str(pathlib.Path(__file__).parents[2] / "saved_models" / "numbers_en_de")
# By command: its arguments with "{}" where a path stands that is given wrong.
WITHOUT_BACKEND = [
    "translate {} one",
    f"translate {SAVED} --file {{}}",
    "predict {} one",
    f"predict {SAVED} --file {{}}",
    "bulk {} lines out",
    f"evaluate {SAVED} {{}} {{}}",
    "evaluate {} {} {}",
    "new fresh {}",
    "new fresh {} {}",
    "train {}",
    "train numbers --from {}",
    "prepare {}",
    "compare {} {}",
    "ensemble new {} {}",
    f"ensemble new {SAVED} {{}}",
    "distil new {} --data numbers",
    f"distil new {SAVED} --data {{}}",
    f"backtranslate new {{}} {SAVED} --data numbers",
    "export {} new",
    f"export {SAVED} new --lines {{}}",
    "serve {}",
    "plot attention {} a.png --text one",
    "plot steps {} a.html --text one",
    "plot history {} a.png",
    "report {}",
    "push {} me/one",
    "doctor {}",
    "doctor {} {}",
    "align {} {} -o new",
]
# By command: arguments with which it goes on until it loads the backend, or writes.
RIGHT = {
    "quickstart": "--run new",
    "train": "numbers --run new --quiet",
    "prepare": "numbers --set data.prepared=new",
    "translate": f"{SAVED} one",
    "predict": f"{SAVED} one",
    "bulk": "{export} {text} out",
    "evaluate": f"{SAVED} {{text}} {{text}}",
    "compare": "{run} {run}",
    "ensemble": f"new {SAVED} {SAVED}",
    "distil": f"new {SAVED} --data numbers --quiet",
    "backtranslate": f"new {{text}} {SAVED} --data numbers --quiet",
    "export": f"{SAVED} new",
    "serve": SAVED,
    "plot": f"attention {SAVED} a.png --text one",
    "report": "{run}",
    "push": f"{SAVED} me/one",
    "models": "",
    "data": "numbers",
    "doctor": "{text} {text}",
}
MODULES = (
    "", ".answering", ".evaluating", ".examining", ".looking", ".serving", ".sharing", ".teaching",
    ".training",
)  # fmt: skip
# Whatever is wrong, and the backend is not imported for it.
RUN = """
import sys
import kerasseq.cli
sys.argv = ["kerasseq", *sys.argv[1:]]
try:
    kerasseq.cli.main()
finally:
    loaded = sorted({"keras", "tensorflow", "torch", "jax"} & set(sys.modules))
    print(loaded, file=sys.stderr) if loaded else None
"""


def run(arguments, code=RUN, **options):
    """A command in a process of its own."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    """Paths by what is wrong with them."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "empty").touch()
    (folder / "binary").write_bytes(bytes(range(256)) * 4)
    (folder / "locked").write_text("one\n")
    (folder / "folder").mkdir()
    (folder / "locked_folder").mkdir()
    kinds = ("missing", "empty", "binary", "folder", "locked", "locked_folder")
    return {each: folder / each for each in kinds}


def lock(paths, monkeypatch):
    """Makes paths such as this user may not open, whoever the user is: root may open all."""

    def guarded(real):
        def opened(path=".", *arguments, **options):
            if isinstance(path, str | os.PathLike) and pathlib.Path(path) in paths:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path, *arguments, **options)

        return opened

    for module, name in ((builtins, "open"), (io, "open"), (os, "listdir"), (os, "scandir")):
        monkeypatch.setattr(module, name, guarded(getattr(module, name)))


@pytest.mark.parametrize("command", WITHOUT_BACKEND)
def test_a_wrong_path_is_one_line_before_the_backend(command, wrong, tmp_path, monkeypatch, capsys):
    """In this process: every command and path. `main` ends as a process would."""
    import kerasseq.cli

    def loaded():
        raise AssertionError("the backend")

    monkeypatch.chdir(tmp_path)
    for module in MODULES:
        monkeypatch.setattr(f"kerasseq.cli{module}.load_backend", loaded)
    lock([wrong["locked"], wrong["locked_folder"]], monkeypatch)
    for kind, path in wrong.items():
        if kind in ("empty", "binary") and ("--file" in command or command.count("{}") == 2):
            continue  # a text, which is read before
        monkeypatch.setattr(sys, "argv", ["kerasseq", *command.format(*[path] * 3).split()])
        with pytest.raises(SystemExit) as end:
            kerasseq.cli.main()
        said = capsys.readouterr()
        assert end.value.code == 1 and said.out == ""
        (line,) = said.err.splitlines()
        assert line.startswith("kerasseq: Expected ") and "the backend" not in line, (kind, line)
    assert not list(tmp_path.iterdir())


def test_every_command_is_among_them():
    others = {"quickstart", "data", "models"}  # without a path that is read
    assert {each.split()[0] for each in WITHOUT_BACKEND} | others == set(COMMANDS)
    assert {*RIGHT, "new", "align"} == set(COMMANDS)  # these two have written before they speak


ENDS = {
    "Ctrl-C": (KeyboardInterrupt(), 130, "kerasseq: interrupted.\n"),
    "a closed pipe": (BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)), 141, ""),
    "a full disk": (
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        1,
        "kerasseq: Expected room to write the output; received: No space left on device. "
        "Make some.\n",
    ),
}


@pytest.mark.parametrize("command", RIGHT)
@pytest.mark.parametrize("kind", ENDS)
def test_every_command_ends_in_a_line(command, kind, tmp_path, monkeypatch, capsys):
    """In this process: what goes wrong where it loads the backend, or where it first writes."""
    import kerasseq.cli

    error, status, said = ENDS[kind]

    def fails(*_, **__):
        raise error

    class Output(io.StringIO):
        write = flush = fails

    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.toml").write_text("")
    (tmp_path / "text").write_text("".join(f"{i} the same\n" for i in range(200)))
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "saved_model.pb").touch()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for module in MODULES:
        monkeypatch.setattr(f"kerasseq.cli{module}.load_backend", fails)
    monkeypatch.setattr("kerasseq.cli.in_bulk.translate_file", fails)
    monkeypatch.setattr(os, "dup2", lambda *_: None)  # of the process' own output
    paths = {name: tmp_path / name for name in ("run", "text", "export")}
    monkeypatch.setattr(sys, "argv", ["kerasseq", command, *RIGHT[command].format(**paths).split()])
    monkeypatch.setattr(sys, "stdout", Output())
    with pytest.raises(SystemExit) as end:
        kerasseq.cli.main()
    assert (end.value.code, capsys.readouterr().err) == (status, said)
    assert not list(pathlib.Path().iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        [f"plot attention {SAVED} a.png"],
        ["plot nothing a b.png"],
        [f"plot steps {SAVED} a.txt --text one"],
        [f"plot steps {SAVED} a.gif --text one --words"],
        ["data nothing"],
        ["train numbers --set nothing"],
        ["train numbers --processes 2 --process 2 --coordinator localhost:1"],
        ["train numbers --processes 2 --process 0"],
        ["train numbers --set training.epochs=many"],
        ["train fine_tune_tagger --set start.folder=."],
        ["new fresh"],
        [f"translate {SAVED} one --search nothing"],
        [f"predict {SAVED} one --pair two"],
        ["bulk {export} in.jsonl out.jsonl"],
        ["bulk {export} in.jsonl out.txt --column text"],
        [f"export {SAVED} new --quantize int3"],
        [f"export {SAVED} new --quantize int8"],
        [f"export {SAVED} new.onnx"],
        [f"export {SAVED} {{export}}"],
        [f"export {SAVED} in.jsonl/new"],
        [f"evaluate {SAVED} in.jsonl --column text --column other"],
        [f"evaluate {SAVED} in.jsonl in.csv"],
        [f"plot attention {SAVED} a.txt --text one"],
        ["plot history {export} a.txt"],
        ["compare {export} {export} --plot a.txt"],
        [f"push {SAVED} nobody"],
        [f"serve {SAVED} --name a/b"],
        ["data numbers --source german"],
        ["data multi30k --source xx"],
        ["ensemble new one"],
        [f"distil new {SAVED}"],
        [f"distil new {SAVED} --data numbers --search nothing"],
        [f"distil new {SAVED} --data sst2"],
        [f"distil new {SAVED} --data in.jsonl --set training.epochs=1"],
        [f"distil {{export}} {SAVED} --data numbers"],
        [f"backtranslate new in.jsonl {SAVED} --data numbers"],
    ],
)
def test_a_wrong_value_is_one_line_before_the_backend(arguments, tmp_path):
    (tmp_path / "saved_model.pb").touch()
    (tmp_path / "in.jsonl").write_text('{"text": "one"}\n')
    (tmp_path / "in.csv").write_text("one\ntwo\n")
    (tmp_path / "recipe.toml").touch()
    found = run(arguments[0].format(export=tmp_path).split(), cwd=tmp_path)
    assert found.returncode == 1 and found.stdout == ""
    assert found.stderr.startswith("kerasseq: Expected ") and found.stderr.count("\n") == 1


def test_debug_shows_the_traceback_and_is_no_text():
    found = run(["translate", "nowhere", "--debug", "one"])
    assert found.returncode == 1 and found.stderr.startswith("Traceback")
    assert found.stderr.splitlines()[-1].startswith("kerasseq: Expected a path, or the name of an")
    assert take_debug(["a", "--", "--debug"]) == (["a", "--", "--debug"], False)


def test_a_fault_of_the_package_is_one_line_too(monkeypatch, capsys):
    from kerasseq.cli.saying import spoken

    def fails():
        {}["a\nb"]

    with pytest.raises(SystemExit):
        spoken(fails)()
    (line,) = capsys.readouterr().err.splitlines()
    assert "KeyError" in line and line.endswith("Run it again with --debug to see where.")


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_another_locale_and_a_narrow_terminal_give_no_traceback(environment):
    environment = os.environ | environment | {"COLUMNS": "10", "TERM": "dumb"}
    for arguments in (["--help"], ["models"], ["translate", "ä→", "one"], []):
        found = run(arguments, env=environment)
        assert "Traceback" not in found.stderr and found.stdout + found.stderr
    every = "import sys, kerasseq.cli\n"
    every += "for sys.argv in [['kerasseq', name, '--help'] for name in kerasseq.cli.COMMANDS]:\n"
    every += "    try:\n        kerasseq.cli.main()\n"
    every += "    except SystemExit as end:\n        assert not end.code, sys.argv\n"
    found = run([], every, env=environment)
    assert found.returncode == 0 and found.stderr == ""
    assert found.stdout.count("Usage:") == len(COMMANDS)


def test_a_closed_pipe_a_full_disk_and_closed_streams_give_no_traceback():
    code = "import sys; from kerasseq.cli.saying import spoken, prepare_streams\n"
    code += "prepare_streams()\n"
    code += "spoken(lambda: [print('x' * 99) for _ in range(10**5)])()\n"
    command = f'{sys.executable} -c "$CODE" | head -n 1; echo ${{PIPESTATUS[0]}}'
    environment = os.environ | {"CODE": code}
    found = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=environment, timeout=60
    )
    assert found.stdout.splitlines()[1] == "141" and found.stderr == ""
    for full in ("models >/dev/full", "--help >/dev/full", "models >/dev/full 2>/dev/full"):
        found = subprocess.run(
            ["bash", "-c", f'{sys.executable} -c "$CODE" {full}; echo $?'], capture_output=True,
            text=True, env=os.environ | {"CODE": RUN}, timeout=60,
        )  # fmt: skip
        assert found.stdout == "1\n" and found.stderr.count("\n") == ("2>" not in full)
        assert not found.stderr or found.stderr.startswith("kerasseq: Expected room to write")
    for closed in (">&-", "2>&-", "<&-", ">&- 2>&- <&-"):
        command = f'{sys.executable} -c "$CODE" translate {SAVED}-no one {closed}; echo $? >&3'
        found = subprocess.run(
            ["bash", "-c", f"exec 3>&1; {command}"], capture_output=True, text=True,
            env=os.environ | {"CODE": RUN}, timeout=60,
        )  # fmt: skip
        assert found.stdout.strip() == "1" and "Traceback" not in found.stderr


def test_ctrl_c_is_one_line():
    code = "import signal, time; from kerasseq.cli.saying import spoken\n"
    # A shell that starts the tests in the background has it ignored.
    code += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "def wait():\n    print('ready', flush=True); time.sleep(60)\nspoken(wait)()\n"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130 and said == "kerasseq: interrupted.\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("tra", "train translate"),
        ("train fine_tune_", "fine_tune_answers fine_tune_classifier fine_tune_tagger"),
        ("export numbers_e", "numbers_en_de"),
        ("train --js", "--json"),
    ],
)
def test_a_shell_completes_commands_recipes_models_and_options(words, found):
    completed = {"_KERASSEQ_COMPLETE": "complete_bash", "COMP_WORDS": f"kerasseq {words}"}
    completed["COMP_CWORD"] = str(len(words.split()))
    code = RUN.replace('["kerasseq", *sys.argv[1:]]', '["kerasseq"]')
    assert run([], code, env=os.environ | completed).stdout.split() == found.split()


def test_the_version_is_said():
    from importlib import metadata

    assert run(["--version"]).stdout == f"kerasseq {metadata.version('kerasseq')}\n"
