"""What a notebook shows of an object: small pieces of HTML, for light pages and dark ones."""

from __future__ import annotations

import html
import typing
from collections.abc import Iterable, Sequence

LONGEST = 200  # characters of a cell
INK = "55, 120, 220"  # of attention, in red, green and blue


def table(title: str, columns: Sequence[str], rows: Iterable[Iterable[typing.Any]]) -> str:
    """A table of texts under a title; a long text is cut, and its rest says so with "…".

    Args:
        title: str.
        columns: list of str, the heads.
        rows: iterable of rows of anything, shown as str.
    """
    left = 'style="text-align:left;vertical-align:top;overflow-wrap:anywhere"'
    head = "".join(f"<th {left}>{html.escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f'<td dir="auto" {left}>{_cell(each)}</td>' for each in row) + "</tr>"
        for row in rows
    )
    return (
        f"<p>{html.escape(title)}</p><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def line(text: str, remark: str) -> str:
    """A text, and a remark in small behind it."""
    return f'<p dir="auto"><b>{html.escape(text)}</b> <small>{html.escape(remark)}</small></p>'


def attention_table(
    source_tokens: Sequence[str], tokens: Sequence[str], attention: typing.Any
) -> str:
    """A row for each token that was written, tinted by where it looked.

    Args:
        source_tokens, tokens: lists of `S` and `T` str.
        attention: float array `(T, S)`, of 0 to 1.
    """
    upright = (
        'style="writing-mode:vertical-rl;transform:rotate(180deg);text-align:left;'
        'vertical-align:bottom;font-weight:normal;padding:4px 0"'
    )
    head = "".join(f"<th {upright}>{html.escape(token)}</th>" for token in source_tokens)
    body = "".join(
        f'<tr><td style="text-align:right;white-space:nowrap">{html.escape(token)}</td>'
        + "".join(
            _tint(float(weight), looked) for weight, looked in zip(row, source_tokens, strict=True)
        )
        + "</tr>"
        for token, row in zip(tokens, attention, strict=True)
    )
    return (
        '<div style="overflow-x:auto"><table style="font-size:90%">'
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def frame(page: str, height: int) -> str:
    """A whole page of its own inside a cell, `height` pixels high."""
    return (
        f'<iframe srcdoc="{html.escape(page)}" sandbox="allow-scripts" '
        f'style="width:100%;height:{height}px;border:0"></iframe>'
    )


def _cell(value: typing.Any) -> str:
    words = isinstance(value, list) and all(isinstance(each, str) for each in value)
    text = " ".join(value) if words else str(value)
    return html.escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def _tint(weight: float, looked: str) -> str:
    title = html.escape(f"{looked}: {weight:.2f}")
    return f'<td title="{title}" style="min-width:1.2em;background:rgba({INK},{weight:.2f})"></td>'
