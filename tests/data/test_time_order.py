"""A series stands in the order of time, or is refused."""

import datetime
import json

import pandas as pd
import pytest

from kerasseq.data import TimeSeries
from kerasseq.data.time_order import times_of

FORMS = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"]
DAYS = [datetime.datetime(2021, 1, 1) + datetime.timedelta(days=n) for n in range(100)]


def table(path, column, order=None):
    """A table of a column and of values, in some order of rows; `.csv`, `.jsonl` or `.parquet`."""
    frame = pd.DataFrame({"when": column, "value": [float(n) for n in range(len(column))]})
    frame = frame if order is None else frame.iloc[order]
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".jsonl":
        lines = (json.dumps({**row, "when": str(row["when"])}) for row in frame.to_dict("records"))
        path.write_text("\n".join(lines))
    else:
        frame.to_parquet(path)
    return path


def read(path):
    return TimeSeries.from_table(path, ["value"], 5, 2)


@pytest.mark.parametrize("form", FORMS)
def test_rows_in_order_are_read_and_others_refused(tmp_path, form):
    column = [day.strftime(form) for day in DAYS]
    path = tmp_path / "series.csv"
    assert len(read(table(path, column)).steps) == 100
    for order in ([*range(99, -1, -1)], [*range(0, 100, 2), *range(1, 100, 2)]):
        with pytest.raises(ValueError, match=r"order of time.*'when' of row .*Sort the rows"):
            read(table(path, column, order))


@pytest.mark.parametrize("name", ["series.jsonl", "series.parquet"])
def test_so_are_rows_of_other_files(tmp_path, name):
    column = DAYS if name.endswith("parquet") else [str(day.date()) for day in DAYS]
    assert len(read(table(tmp_path / name, column)).steps) == 100
    with pytest.raises(ValueError, match=r"column 'when' of (line|row) 2 of"):
        read(table(tmp_path / name, column, [*range(99, -1, -1)]))


def test_a_clock_that_is_put_back_is_no_disorder(tmp_path):
    start = datetime.datetime(2021, 10, 31, 0)
    column = [start + datetime.timedelta(minutes=30 * n) for n in range(6)]
    column = [*column, *(each - datetime.timedelta(hours=0.5) for each in column[4:]), *column[6:]]
    column += [start + datetime.timedelta(hours=3 + n) for n in range(12)]
    assert len(read(table(tmp_path / "series.csv", [str(each) for each in column])).steps) == 20


@pytest.mark.parametrize(
    "column",
    [
        [f"step {n}" for n in range(20, 0, -1)],
        [str(n) for n in range(20, 0, -1)],
        [str(201_599 - 13 * n) for n in range(20)],  # people in a town
        [f"{20 - n}.5" for n in range(20)],
        ["monday", "tuesday"] * 10,
    ],
)
def test_what_is_no_time_says_nothing_of_order(tmp_path, column):
    assert times_of(column) == []
    assert len(read(table(tmp_path / "series.csv", column)).steps) == 20


def test_one_column_in_order_is_enough(tmp_path):
    path = tmp_path / "series.csv"
    rows = [f"{day.date()},{days.date()},1" for day, days in zip(DAYS, DAYS[::-1], strict=True)]
    path.write_text("\n".join(["due,day,value", *(row for row in rows)]))
    assert len(read(path).steps) == 100
    path.write_text("\n".join(["due,day,value", *(row for row in rows[50:] + rows[:50])]))
    with pytest.raises(ValueError, match="leave it out of the file if it tells no order"):
        read(path)
