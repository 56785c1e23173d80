"""Numbers as people write them."""

import numpy as np
import pytest

from kerasseq.data import TimeSeries
from kerasseq.data.numerals import decimal_commas, how_to_write, marked_thousands, value_of


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["0,5", "1,25", "3"], True),
        (["-0,5", "+1,5"], True),
        (["1,000", "2,500"], False),  # thousands, or not: who knows
        (["1.5", "2.5"], False),
        (["0,5", "good"], False),
        (["0,5", "1,2,3"], False),
    ],
)
def test_a_column_has_decimal_commas(cells, expected):
    assert decimal_commas(cells) is expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["980", "1.077", "12.345"], "1.077"),
        (["980", "1,077"], "1,077"),
        (["980", "1.234.567"], "1.234.567"),
        (["0.125", "0.250"], None),  # all with three decimals
        (["1", "0.125", "0.5"], None),
        (["980", "1200"], None),
        ([980, 1.077], None),
    ],
)
def test_marks_between_thousands_are_seen_beside_whole_numbers(cells, expected):
    assert marked_thousands(cells) == expected


def test_a_cell_is_a_number_or_is_refused_with_what_to_do():
    assert [value_of(cell) for cell in ("1.5", "-1,5", 2)] == [1.5, -1.5, 2.0]
    with pytest.raises(ValueError, match="received 'x'.*Fill it in"):
        value_of("x")
    assert "decimal point, and without" in how_to_write("1.000,63")
    assert "decimal point, as" in how_to_write("1000,63")
    assert "without the marks" in how_to_write("1.000.000")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["980", "1.020", "990"] * 9, "thousands in column 'visits'.*received '1.020'"),
        (["980,5", "1020,5", "990,0"] * 9, "received '980,5'.*decimal point"),
    ],
)
def test_a_series_is_not_read_wrong(tmp_path, cells, message):
    path = tmp_path / "visits.csv"
    path.write_text("day;visits\n" + "".join(f"d{i};{c}\n" for i, c in enumerate(cells)))
    with pytest.raises(ValueError, match=message):
        TimeSeries.from_table(path, ["visits"], 4, 2)


def test_decimals_beside_whole_numbers_are_read(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("visits\n" + "1\n0.125\n0.5\n" * 9)
    found = TimeSeries.from_table(path, ["visits"], 4, 2)
    np.testing.assert_array_equal(found.steps[:3, 0], [1.0, 0.125, 0.5])
