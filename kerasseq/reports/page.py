"""A self-contained HTML page: tables and figures in one file."""

import html
import io
import pathlib

import matplotlib

from kerasseq.files import write_file

PAGE = pathlib.Path(__file__).with_name("page.html")


def write_page(path, title, sections):
    """Writes a page.

    Args:
        path: path of the `.html` file.
        title: str.
        sections: dict from titles to HTML.
    """
    body = "\n".join(
        f"<section><h2>{html.escape(name)}</h2>{content}</section>"
        for name, content in sections.items()
    )
    page = PAGE.read_text(encoding="utf-8").replace("{{title}}", html.escape(title))
    write_file(path, page.replace("{{body}}", body))


def table(rows, columns=(), strong=frozenset()):
    """A table as HTML.

    Args:
        rows: dict from names to a value, or to a list of values, one a column.
        columns: iterable of str, the columns' names; empty for a table without a head.
        strong: set of pairs of a row's name and a column's int: the cells to print in bold.

    Returns:
        str.
    """
    lines = []
    if columns:
        names = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
        lines.append(f"<tr><td></td>{names}</tr>")
    for name, values in rows.items():
        values = values if isinstance(values, list) else [values]
        # A signature of sacreBLEU's may break at its bars, or it would stretch the table.
        texts = [html.escape(str(value)).replace("|", "|<wbr>") for value in values]
        cells = "".join(
            f"<td><b>{text}</b></td>" if (name, column) in strong else f"<td>{text}</td>"
            for column, text in enumerate(texts)
        )
        lines.append(f"<tr><th>{html.escape(name)}</th>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def flat(sections):
    """Flattens a dict of dicts, the keys joined by dots: rows of a table."""
    rows = {}
    for name, value in sections.items():
        inner = value if isinstance(value, dict) else {None: value}
        rows |= {name if key is None else f"{name}.{key}": each for key, each in inner.items()}
    return rows


def svg(figure):
    """A matplotlib figure as an SVG element, its text as paths: a str."""
    text = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path"}):
        figure.savefig(text, format="svg")
    return text.getvalue()[text.getvalue().index("<svg") :]
