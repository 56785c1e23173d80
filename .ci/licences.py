"""Writes docs/licences.md: under which licences stand what the package needs, and its models.

python .ci/licences.py

Licences are what the installed packages say of themselves; those of models what their cards say.
"""

import re
from importlib import metadata

from installed import ROOT, asked_for, with_all_they_ask_for
from packaging.utils import canonicalize_name

LONGEST = 100  # characters of a licence's name; a longer text is the licence itself
KINDS = {"": "always", "test": "tests"}
HEAD = """\
# Licences

kerasseq is Apache-2.0. This page is written by `python .ci/licences.py` from what the
packages say of themselves where they are installed, and from the models' cards; it is no legal
advice.

## Models that come with it

| model | licence |
|---|---|
"""


def main():
    lines = [HEAD]
    for card in sorted((ROOT / "saved_models").glob("*/CARD.md")):
        said = re.search(r"\*\*Data and licence\.\*\* (.+)", card.read_text(encoding="utf-8"))
        lines.append(f"| `{card.parent.name}` | {said[1]} |\n")
    direct = {}
    for name, several in asked_for().items():
        for each in several:
            direct.setdefault(canonicalize_name(each.name), name)
    needed = with_all_they_ask_for(asked_for()[""])
    everything = with_all_they_ask_for(asked_for()["test"] + asked_for()[""])
    installed = {canonicalize_name(each.name): each for each in metadata.distributions()}
    alone = direct.keys() & installed.keys()  # Beam, without what it asks for
    everything = dict(sorted((everything | {name: installed[name] for name in alone}).items()))
    for title, found in (
        ("What it needs", needed),
        ("What extras and tests need", {n: d for n, d in everything.items() if n not in needed}),
    ):
        lines.append(f"\n## {title}\n\n| package | asked for by | licence |\n|---|---|---|\n")
        for name, each in found.items():
            extra = direct.get(name, "others")
            by = KINDS.get(extra, extra)
            lines.append(f"| {each.metadata['Name']} | {by} | {licence(each.metadata)} |\n")
    (ROOT / "docs" / "licences.md").write_text("".join(lines), encoding="utf-8")


def licence(said):
    """The licence that a package says it has, in one line."""
    classified = [
        each.rpartition(" :: ")[2]
        for each in said.get_all("Classifier", [])
        if each.startswith("License ::")
    ]
    named = " ".join((said["License"] or "").split())
    if said["License-Expression"]:
        return said["License-Expression"]
    if named and len(named) <= LONGEST and named.lower() != "unknown":
        return named
    return ", ".join(classified) or "says none"


if __name__ == "__main__":
    main()
