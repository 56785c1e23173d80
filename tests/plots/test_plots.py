"""Pictures: what is drawn is what was given."""

import numpy as np
import pytest

from kerasseq.plots import attention_map, plot_history


def test_the_map_shows_tokens_and_weights(tmp_path):
    weights = np.array([[0.1, 0.9, 0.0], [0.7, 0.2, 0.1]])
    figure = attention_map(["fifty", "one", "</s>"], ["▁ein", "und"], weights, tmp_path / "a.svg")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["fifty", "one", "⟨end⟩"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["_ein", "und"]
    np.testing.assert_array_equal(axes.images[0].get_array(), weights)
    assert "fifty" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="a row a target token"):
        attention_map(["a"], ["b"], weights)


def test_the_curves_are_the_history(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(
        "epoch,perplexity,token_accuracy,val_perplexity,val_token_accuracy\n"
        "0,50,0.2,40,0.3\n1,20,0.4,30,0.5\n"
    )
    left, right = plot_history(path, tmp_path / "h.png").axes
    assert [list(line.get_ydata()) for line in left.lines] == [[50, 20], [40, 30]]
    assert [list(line.get_xdata()) for line in right.lines] == [[1, 2], [1, 2]]
    path.write_text("epoch,perplexity\n")
    with pytest.raises(ValueError, match="at least one epoch"):
        plot_history(path)
