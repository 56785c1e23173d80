"""Labels of `.jsonl` and `.parquet` files are read as those of tables are."""

import json

import pandas as pd
import pytest

from kerasseq.data import LabelledText, read_corpus


@pytest.mark.parametrize(
    ("labels", "read_label", "expected"),
    [
        (["0.5", "2"], float, [0.5, 2.0]),
        ([0.5, 2.0], float, [0.5, 2.0]),
        (["b a", "c"], str.split, [["a", "b"], ["c"]]),
        ([["b", "a"], ["c"]], str.split, [["a", "b"], ["c"]]),
        ([1, 0], str, ["1", "0"]),
        (["good", "bad"], str, ["good", "bad"]),
    ],
)
def test_every_ending_reads_alike(labels, read_label, expected, tmp_path):
    rows = [{"text": f"text {i}", "label": label} for i, label in enumerate(labels)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pd.DataFrame(rows).to_parquet(tmp_path / "rows.parquet")
    for path in sorted(tmp_path.iterdir()):
        found = read_corpus("LabelledText", path, read_label=read_label)
        assert [sorted(e) if isinstance(e, list) else e for e in found.labels()] == expected, path


def test_a_label_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"text": "a", "label": "many"}\n')
    with pytest.raises(ValueError, match="a label as 'label' in .*received 'many'.*Mend the row"):
        LabelledText.from_jsonl(tmp_path / "rows.jsonl", read_label=float)
