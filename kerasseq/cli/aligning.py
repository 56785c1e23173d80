"""The command that aligns the words of pairs."""

import pathlib
from typing import Annotated

import typer

from kerasseq.cli.arguments import read_pairs
from kerasseq.cli.checks import check_files, check_new
from kerasseq.extras import check_extra
from kerasseq.files import write_file


def align(
    pairs: Annotated[
        list[pathlib.Path],
        typer.Argument(help="A table (.csv, .tsv, .jsonl, .parquet), or two files of lines."),
    ],
    output: Annotated[
        pathlib.Path,
        typer.Option("--output", "-o", help="The file to write, a line of links a pair."),
    ],
    source: Annotated[
        str | None, typer.Option(help="Column of a table, by name or number.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="The same of the target.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of lines and tables; default: utf-8.")
    ] = None,
):
    """Align the words of pairs by eflomal, in Pharaoh's format: what guides attention."""
    check_new(output)
    check_extra("eflomal")
    check_files(*pairs)
    corpus = read_pairs(pairs, source, target, encoding)
    from kerasseq.data.aligner import align as aligned

    found = aligned(list(corpus))
    write_file(output, "".join(f"{line}\n" for line in found.lines()))
    print(f"{len(found)} pairs, {len(found.links)} links")
