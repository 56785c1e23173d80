"""What a comparison of an export with Python says."""

import pytest

from kerasseq.export.parity import compare, describe


def answered(count, wrong, wrongly="der kleine Hund schlief"):
    """Inputs, Python's answers, and an export's that differ at some places."""
    ours = [(f"der kleine Hund schläft {i}", -1.0) for i in range(count)]
    theirs = [(wrongly, -1.0) if i in wrong else each for i, each in enumerate(ours)]
    return [f"line {i}" for i in range(count)], ours, theirs


def test_an_export_that_differs_says_where_how_far_and_what_to_try():
    report = compare(*answered(100, range(40, 60)), translations=True)
    assert report["identical"] == pytest.approx(0.8)
    assert report["differing"] == list(range(41, 61)) and len(report["examples"]) == 3
    assert 80 < report["bleu"] < 100 and 80 < report["chrf"] < 100
    said = describe(report, "small.tflite")
    assert "80.0% of 100" in said and "41, 42, 43, 44, 45, 46, 47, 48, 49, 50 and 10 more" in said
    assert "'line 40': 'der kleine Hund schläft 40' in Python, 'der kleine Hund schlief'" in said
    assert f"BLEU {report['bleu']:.1f}" in said and f"chrF {report['chrf']:.1f}" in said
    assert "float16" in said
    worse = compare(*answered(100, range(40, 60), "nichts davon"), translations=True)
    assert worse["bleu"] < report["bleu"] and worse["chrf"] < report["chrf"]


def test_labels_have_no_bleu_and_few_differences_no_list():
    report = compare(*answered(10, [3]))
    assert "bleu" not in report and "BLEU" not in describe(report, "a")
    assert "inputs 4" in describe(report, "a")
    assert "\n" not in describe(compare(*answered(100, [3]), translations=True), "a")
