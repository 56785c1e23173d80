"""The card of a saved task: what it is, and how it is run, for those who find it."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Mapping

from kerasseq import decoding

if typing.TYPE_CHECKING:
    from kerasseq.tasks.task import AnyTask

LONGEST_EXAMPLE = 200  # characters


def model_card(
    task: AnyTask,
    name: str,
    *,
    data: str = "",
    licence: str = "",
    scores: Mapping[str, typing.Any] | None = None,
    citation: str = "",
) -> str:
    """A card in Markdown, with the header that the Hugging Face hub reads.

    Args:
        task: Task.
        name: str, of the repository, as "me/en_de".
        data: str, what it learned from, with the licence of that text.
        licence: str, of the weights, as the hub spells it: "cc-by-4.0".
        scores: mapping from the names of scores, with their test text, to numbers or str.
        citation: str, BibTeX.
    """
    kind = type(task).__name__
    header = ["---", "library_name: kerasseq", "tags:", "- keras", f"- {task.name}"]
    header += [f"license: {licence}"] * bool(licence) + ["---"]
    parts = [
        "\n".join(header),
        f"# {name.rpartition('/')[2]}",
        f"A {kind} of kerasseq: {_made_of(task)}.",
        f"```python\nimport kerasseq as ks\n\ntask = ks.{kind}.from_hub({name!r})\n{_ask(task)}\n"
        "```",
        _table("Scores", ("score", "value"), _rounded(scores or {})),
        _section("Data", data),
        _table("Settings that are not defaults", ("setting", "value"), _settings(task)),
        _section(
            "Inside",
            f"{len(task.examples):,} held-out inputs, with which `export` checks what it writes."
            if task.examples
            else "",
        ),
        _section("Citation", f"```bibtex\n{citation}\n```" if citation else ""),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _made_of(task):
    sides = [
        f"a {type(each).__name__} of {each.vocabulary_size:,} tokens"
        + (f" ({side})" if side != "tokenizer" else "")
        for side, each in task.processor.tokenizers.items()
    ]
    model = f"a {type(task.model).__name__} of {task.model.count_params():,} weights"
    return ", ".join([model, *sides])


def _ask(task):
    """A line of Python that asks the task one of its own examples."""
    example = next(iter(task.examples), None)
    given = repr(example) if isinstance(example, str | tuple) else ""
    if not given or len(given) > LONGEST_EXAMPLE:
        return "print(task)"
    return f"print(task({given}))"


def _settings(task):
    """The settings that differ from what the classes have by default."""
    found = {}
    search = getattr(task, "search", None)
    for what, thing, config in (
        ("model", task.model, getattr(task.model, "config", {})),
        ("task", task.processor, task.processor.get_config()),
        ("search", search, decoding.serialize(search)["config"] if search else {}),
    ):
        usual = _defaults(type(thing))
        for key, value in config.items():
            default = usual.get(key)
            same = value == default or (isinstance(default, tuple) and value == list(default))
            if not same and value not in ([], None) and not isinstance(value, dict):
                found[f"{what}.{key}"] = json.dumps(value, ensure_ascii=False, default=str)
    return found


def _defaults(kind):
    """What the arguments of a class, and of those it is derived from, are by default: a dict."""
    return {
        name: each.default
        for base in reversed(kind.__mro__)
        if "__init__" in vars(base)
        for name, each in inspect.signature(base.__init__).parameters.items()
    }


def _rounded(scores):
    return {
        name: f"{each:.4g}" if isinstance(each, float) else str(each)
        for name, each in scores.items()
        if not isinstance(each, dict)
    }


def _section(title, text):
    return f"## {title}\n\n{text}" if text else ""


def _table(title, heads, rows):
    if not rows:
        return ""
    lines = [f"| {' | '.join(heads)} |", "|---|---|"]
    lines += [f"| {key} | {_cell(value)} |" for key, value in rows.items()]
    return f"## {title}\n\n" + "\n".join(lines)


def _cell(text):
    text = text if len(text) <= LONGEST_EXAMPLE else text[: LONGEST_EXAMPLE - 1] + "…"
    return text.replace("|", "\\|")
