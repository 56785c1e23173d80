"""Writes constraints.txt: the versions that the tests ran with.

python .ci/constraints.py

They are read from what is installed in this Python, so run it behind `make test`.
"""

from installed import ROOT, asked_for, with_all_they_ask_for

HEAD = """\
# The versions that the tests ran with: written by .ci/constraints.py.
# pip install -e '.[test]' -c constraints.txt    or    make test CONSTRAINTS=constraints.txt
"""


def main():
    found = with_all_they_ask_for(asked_for()["test"] + asked_for()[""])
    # "+cpu" names a build, which the index of packages does not have.
    lines = [f"{name}=={each.version.partition('+')[0]}\n" for name, each in found.items()]
    (ROOT / "constraints.txt").write_text(HEAD + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
