"""What `kerasseq predict` does with a table of numbers."""

import json

from kerasseq.cli.checks import check_files


def forecast(task, path, as_json, encoding):
    """Prints the steps after a table's last row: a line a step, its numbers with tabs between.

    Args:
        task: Forecaster, or the runtime of its `.tflite` file.
        path: path of the table.
        as_json: bool, one line of JSON instead: the columns' names and the values.
        encoding: str.
    """
    check_files(path)
    from kerasseq.data.time_series import read_steps

    reads = task.processor
    if not reads.columns:
        raise ValueError(
            "Expected a forecaster that knows its columns, as a recipe trains it; received one "
            "without. Call it from Python, with arrays."
        )
    steps = read_steps(path, reads.columns, encoding=encoding)
    if len(steps) < reads.length:
        raise ValueError(
            f"Expected at least {reads.length} rows in {path}, which are read; received "
            f"{len(steps)}. Give the steps before."
        )
    past = steps[-reads.length :]
    values = task((past, past[-1, : reads.num_values]))
    names = reads.columns[: reads.num_values]
    if as_json:
        print(json.dumps({"columns": names, "values": values.tolist()}, ensure_ascii=False))
        return
    for step in values:
        print("\t".join(f"{number:.6g}" for number in step))
