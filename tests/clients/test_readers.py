"""The readers in JavaScript and Java answer the vectors; behind a program, too."""

import pathlib
import shutil
import subprocess
import zipfile

import pytest

CLIENTS = pathlib.Path(__file__).parents[2] / "clients"
VECTORS = CLIENTS / "vectors"


def tool(name, package):
    """The path of a program; without it the test fails."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(
            f"Expected {name}, to test the clients with; it is not installed. Install it, as "
            f"make test does: apt-get install {package}"
        )
    return found


def run(*command):
    """What a command prints; it must end well."""
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-3000:]
    return ran.stdout


def test_javascript_answers_the_vectors():
    tests = sorted((CLIENTS / "javascript" / "test").glob("*.test.js"))
    printed = run(tool("node", "nodejs"), "--test", "--test-reporter", "tap", *tests)
    tokenizers = len(list(VECTORS.glob("*.zip")))
    assert "# fail 0" in printed and "not ok" not in printed
    assert printed.count("\nok ") > 2 * tokenizers


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """The folder of the compiled Java: the reader with Java 8's language and library."""
    folder, java = tmp_path_factory.mktemp("classes"), CLIENTS / "java" / "src"
    javac = [tool("javac", "default-jdk-headless"), "-encoding", "UTF-8", "-d", folder]
    options = ["--release", "8", "-Xlint:all,-options", "-Werror"]
    run(*javac, *options, *sorted((java / "main").rglob("*.java")))
    run(*javac, "-cp", folder, *sorted((java / "test").rglob("*.java")))
    return folder


def answers(classes, folder):
    return run(tool("java", "default-jre-headless"), "-cp", classes, "kerasseq.VectorsTest", folder)


def test_java_answers_the_vectors_behind_programs(classes, tmp_path):
    """Half of the archives count their offsets from the file's first byte, as exports do."""
    shutil.copy(VECTORS / "vectors.json", tmp_path)
    for number, path in enumerate(sorted(VECTORS.glob("*.zip"))):
        made = tmp_path / path.name
        made.write_bytes(b"TFL3" * 1000)
        if number % 2:
            made.write_bytes(made.read_bytes() + path.read_bytes())
            continue
        with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as out, zipfile.ZipFile(path) as old:
            for name in old.namelist():
                out.writestr(name, old.read(name))
    assert ", 0 faults" in answers(classes, tmp_path)


def test_java_sees_a_wrong_answer(classes, tmp_path):
    for path in VECTORS.iterdir():
        shutil.copy(path, tmp_path)
    file = tmp_path / "vectors.json"
    file.write_text(file.read_text("utf-8").replace('"truncated":true', '"truncated":false', 1))
    with pytest.raises(AssertionError, match="1 faults"):
        answers(classes, tmp_path)
