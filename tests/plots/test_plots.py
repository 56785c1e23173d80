"""Figures: what is drawn is what was given."""

import itertools
import time
import types
import warnings

import keras
import numpy as np
import pytest

from closeness import assert_close
from kerasseq import Translator
from kerasseq.models import AttentionSeq2Seq, Transformer
from kerasseq.plots import (
    attention_heads,
    attention_map,
    attention_over_image,
    fonts,
    join_pieces,
    plot_histories,
    plot_history,
    plot_pace,
    plot_quality_by_length,
    rollout,
)
from kerasseq.recipes.progress import Progress
from kerasseq.recipes.run_log import RunLog, epoch_seconds
from kerasseq.text import SentencePieceTokenizer, WordTokenizer


def test_the_map_shows_tokens_and_weights(tmp_path):
    weights = np.array([[0.1, 0.9, 0.0], [0.7, 0.2, 0.1]])
    figure = attention_map(["fifty", "one", "</s>"], ["▁ein", "und"], weights, tmp_path / "a.svg")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["fifty", "one", "⟨end⟩"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["_ein", "und"]
    np.testing.assert_array_equal(axes.images[0].get_array(), weights)
    assert "fifty" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert [axes.get_xlabel(), axes.get_ylabel()] == ["source", "translation"]
    with pytest.raises(ValueError, match=r"\(1, 1\).*received \(2, 3\)"):
        attention_map(["a"], ["b"], weights)


def test_a_map_in_gurmukhi_is_written_as_pdf_or_names_the_script(tmp_path):
    words = ["ਪੰਜਾਬੀ", "ਭਾਸ਼ਾ"]
    installed = any(set("".join(words)) <= fonts.covered(path) for path in fonts._installed())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure = attention_map(words, ["</s>"], np.ones((1, 2)), tmp_path / "a.pdf")
    said = [str(each.message) for each in caught]
    assert not said if installed else "font for Gurmukhi characters" in said[0]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == words
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")


def test_the_labels_of_a_map_of_sixty_tokens_do_not_overlap():
    tokens = [f"▁Haus{i}" for i in range(60)]
    figure = attention_map(tokens, tokens, np.eye(60))
    figure.draw_without_rendering()
    axes = figure.axes[0]
    down = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert len(down) == 60
    assert not any(one.overlaps(two) for one, two in itertools.pairwise(down))
    # Turned by 45 degrees, neighbours stand clear where a line is lower than their distance.
    across = axes.get_xticklabels()
    apart = [label.get_window_extent().x0 for label in across]
    assert len(across) == 60 and {label.get_rotation() for label in across} == {45.0}
    for label in across:
        label.set_rotation(0)
    lines = [label.get_window_extent().height for label in across]
    assert np.diff(apart).min() * np.sin(np.pi / 4) > max(lines)


def test_the_pace_shows_the_rates_and_the_speed_of_every_epoch(tmp_path):
    rates = [(0, 1e-4), (10, 1e-3), (20, 5e-4)]
    left, right = plot_pace(rates, [900.0, 1200.0], tmp_path / "pace.svg").axes
    assert list(zip(*left.lines[0].get_data(), strict=True)) == rates
    assert [bar.get_height() for bar in right.patches] == [900.0, 1200.0]
    assert [bar.get_x() + bar.get_width() / 2 for bar in right.patches] == [1, 2]
    assert [left.get_title(loc="left"), left.get_xlabel()] == ["learning rate", "step"]
    assert [right.get_title(loc="left"), right.get_xlabel()] == ["target tokens a second", "epoch"]
    assert left.get_ylim()[0] == right.get_ylim()[0] == 0
    assert "learning rate" in (tmp_path / "pace.svg").read_text(encoding="utf-8")


def test_the_seconds_of_an_epoch_are_those_that_progress_logged(tmp_path, monkeypatch):
    log = RunLog(tmp_path)
    progress = Progress(log)
    progress.set_params({"epochs": 12, "steps": 1})
    log("training on 400 pairs, epoch 1 of 12")
    for epoch, seconds in ((0, 7.4), (10, 1234.0)):
        progress.on_train_begin()
        monkeypatch.setattr(time, "time", lambda: 100.0)
        progress.on_epoch_begin(epoch)
        progress.on_train_batch_end(0)
        monkeypatch.setattr(time, "time", lambda seconds=seconds: 100.0 + seconds)
        progress.on_epoch_end(epoch, {"perplexity": 3.0, "val_perplexity": 4.0})
    assert epoch_seconds(tmp_path) == [7, 1234]


def test_a_dollar_is_a_dollar(tmp_path):
    figure = attention_map(
        ["$10/$20", "$\\frac$"], ["$^$"], np.ones((1, 2)), tmp_path / "a.svg", "text", "itself"
    )
    assert [figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()] == ["text", "itself"]
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "$10/$20" in drawn and "$\\frac$" in drawn and "$^$" in drawn


def test_a_run_of_any_name_is_in_the_legend(tmp_path):
    bins = [{"words": (1, 9), "lines": 5, "bleu": [1, 2]}]
    found = {"runs": ["_a", "$b$"], "lowercase": [True, True], "bins": bins}
    axes = plot_quality_by_length(found, tmp_path / "l.svg").axes[0]
    assert axes.get_ylabel() == "BLEU, lower case"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["_a", "$b$"]
    assert "$b$" in (tmp_path / "l.svg").read_text(encoding="utf-8")
    mixed = plot_quality_by_length(found | {"lowercase": [True, False]}).axes[0]
    names = [text.get_text() for text in mixed.get_legend().get_texts()]
    assert names == ["_a, lower case", "$b$, capitals count"] and mixed.get_ylabel() == "BLEU"


@pytest.mark.parametrize("width", [8, 24])
def test_the_titles_over_an_image_fit(width, tmp_path):
    words = ["▁Donaudampfschifffahrtsgesellschaft", "￭,", "</s>"]
    weights = np.random.default_rng(0).dirichlet(np.ones(4), size=3).reshape(3, 2, 2)
    image = np.zeros((8, width, 3), "uint8")
    figure = attention_over_image(image, words, weights, tmp_path / "p.png")
    figure.draw_without_rendering()
    titles = [axes.title.get_window_extent() for axes in figure.axes]
    assert figure.axes[1].get_title().split("\n") == [
        "_Donaudampfschifffahrtsgesellschaft", f"{weights[0].max():.2f}",
    ]  # fmt: skip
    assert figure.axes[2].get_title().split("\n")[0] == ","  # the joiner is in few fonts
    assert not any(one.overlaps(two) for one, two in itertools.combinations(titles, 2))
    assert all(figure.bbox.y1 >= title.y1 and figure.bbox.x1 >= title.x1 for title in titles)


def test_the_curves_are_the_history(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(
        "epoch,loss,perplexity,token_accuracy,val_loss,val_perplexity,val_token_accuracy,val_bleu\n"
        "0,4,50,0.2,3,40,0.3,7\n1,2,20,0.4,1,30,0.5,9\n"
    )
    panels = plot_history(path, tmp_path / "h.png").axes
    assert [axes.get_title(loc="left") for axes in panels] == [
        "loss", "perplexity", "token accuracy", "BLEU",
    ]  # fmt: skip
    assert [[list(line.get_ydata()) for line in axes.lines] for axes in panels] == [
        [[4, 2], [3, 1]], [[50, 20], [40, 30]], [[0.2, 0.4], [0.3, 0.5]], [[7, 9]],
    ]  # fmt: skip
    assert [list(line.get_xdata()) for line in panels[2].lines] == [[1, 2], [1, 2]]
    path.write_text(
        "epoch,perplexity,token_accuracy,val_perplexity,val_token_accuracy\n"
        "0,50,0.2,40,0.3\n1,20,0.4,30,0.5\n"
    )
    other = tmp_path / "other.csv"
    other.write_text(path.read_text().replace("40", "44") + "2,10,0.6,20,0.7\n")
    both, _ = plot_histories({"_a": path, "b": other}, tmp_path / "b.png").axes
    assert [list(line.get_ydata()) for line in both.lines] == [
        [40, 30], [50, 20], [44, 30, 20], [50, 20, 10],
    ]  # fmt: skip
    assert [text.get_text() for text in both.figure.legends[0].get_texts()] == ["_a", "b"]
    colors = [line.get_color() for line in both.lines]
    assert colors[0] == colors[1] != colors[2] == colors[3]
    path.write_text("epoch,perplexity\n")
    with pytest.raises(ValueError, match=r"epoch .*history\.csv; received none"):
        plot_history(path)


def test_pieces_are_joined_to_words():
    source = ["▁ein", "und", "▁Haus", "</s>"]
    target = ["[CLS]", "token", "##ization", "!", "[SEP]"]
    weights = np.random.default_rng(0).dirichlet(np.ones(4), size=(2, 5))
    sources, words, joined = join_pieces(source, target, weights)
    assert sources == ["einund", "Haus", "</s>"]
    assert words == ["[CLS]", "tokenization", "!", "[SEP]"]
    assert joined.shape == (2, 4, 3)
    np.testing.assert_allclose(joined.sum(axis=-1), 1)
    np.testing.assert_allclose(joined[:, 1, 0], weights[:, 1:3, :2].sum(axis=(1, 2)) / 2)
    np.testing.assert_allclose(joined[:, 0, 1], weights[:, 0, 2])


def test_every_head_gets_a_map_and_each_layer_and_all_their_mean(tmp_path):
    weights = np.random.default_rng(0).dirichlet(np.ones(3), size=(2, 4, 2))
    figure = attention_heads(["a", "b", "c"], ["x", "y"], weights, tmp_path / "h.png")
    *panels, whole, bar = figure.axes
    panels = np.reshape(panels, (2, 5))
    assert bar.get_ylabel() == "attention weight"
    assert [figure.get_supxlabel(), figure.get_supylabel()] == ["source", "translation"]
    np.testing.assert_array_equal(panels[1, 2].images[0].get_array(), weights[1, 2])
    np.testing.assert_allclose(panels[0, 4].images[0].get_array(), weights[0].mean(axis=0))
    np.testing.assert_allclose(whole.images[0].get_array(), weights.mean(axis=(0, 1)))
    # No corner stays empty: it is as high as both rows together.
    figure.draw_without_rendering()
    top, low, tall = (each.get_position() for each in (panels[0, 4], panels[1, 4], whole))
    assert (tall.y0, tall.y1) == pytest.approx((low.y0, top.y1), abs=0.01)
    assert [row[0].get_ylabel() for row in panels[:2]] == ["layer 1", "layer 2"]
    assert whole.get_title() == "mean of all layers"
    assert len(attention_heads(["a", "b", "c"], ["x", "y"], weights[:1]).axes) == 6
    with pytest.raises(ValueError, match=r"2, 3\).*received \(4, 2, 3\)"):
        attention_heads(["a", "b", "c"], ["x", "y"], weights[0])


def test_rollout_follows_attention_through_the_layers():
    # The second layer's last position looks at the first, which looked at the middle one.
    first, second = np.zeros((2, 1, 3, 3))
    first[0, :, 1], second[0, :, 0] = 1, 1
    found = rollout(np.stack([first, second]))
    np.testing.assert_allclose(found.sum(axis=-1), 1)
    np.testing.assert_allclose(found[2], [0.25, 0.5, 0.25])


def test_a_missing_script_is_named(monkeypatch):
    assert fonts.settings(["plain", "Ελληνικά"])["font.family"] == ["DejaVu Sans"]
    monkeypatch.setattr(fonts, "_installed", list)
    fonts._families.cache_clear()
    monkeypatch.setattr(fonts, "SAID", set())
    with pytest.warns(UserWarning, match="Devanagari"):
        fonts.settings(["नमस्ते"])
    fonts._families.cache_clear()


def test_fonts_are_found_by_their_files_names(monkeypatch, tmp_path):
    plain = ["/a-b/NotoSansDevanagari[wght].ttf", "/f/wqy-zenhei.ttc", "/f/A-Regular.ttf"]
    styled = ["/f/A-SemiBold.ttf", "/f/A-Italic.otf", "/f/A-Sans-CondensedLight.ttf"]
    monkeypatch.setattr(fonts.matplotlib.font_manager, "findSystemFonts", lambda: plain + styled)
    fonts._installed.cache_clear()
    assert fonts._installed() == sorted(plain)
    fonts._installed.cache_clear()
    (tmp_path / "damaged.ttf").write_bytes(b"no font")
    assert fonts.covered(str(tmp_path / "damaged.ttf")) == frozenset()
    bitmaps = types.SimpleNamespace(scalable=False, get_charmap=lambda: {0x1F600: 1})
    monkeypatch.setattr(fonts.matplotlib.ft2font, "FT2Font", lambda path: bitmaps)
    assert fonts.covered("colour-emoji.ttf") == frozenset()


@pytest.mark.parametrize("begin_source", [False, True])
def test_a_transformer_s_heads_average_to_its_map(number_text, begin_source, tmp_path):
    keras.utils.set_random_seed(1)
    source = WordTokenizer.train(source for source, _ in number_text[0])
    target = SentencePieceTokenizer.train((target for _, target in number_text[0]), 60)
    sizes = source.vocabulary_size, target.vocabulary_size
    model = Transformer(*sizes, 16, 2, 2, begin_source=begin_source)
    translator = Translator(model, source, target, "greedy", max_length=8)
    one = translator.plot_attention("one hundred two").axes[0].images[0].get_array()
    grid = translator.plot_attention("one hundred two", tmp_path / "h.svg", heads=True)
    panels = np.reshape(grid.axes[:-2], (2, 3))
    assert panels[1, 0].images[0].get_array().shape == one.shape
    if not begin_source:  # the mean of what remains is not what remains of the mean
        assert_close(panels[1, 2].images[0].get_array(), one)
    words = translator.plot_attention("one hundred two", words=True).axes[0].images[0].get_array()
    assert words.shape[1] == 4 and words.shape[0] <= one.shape[0]
    recurrent = Translator(AttentionSeq2Seq(*sizes, 8, 8), source, target, max_length=8)
    with pytest.raises(ValueError, match="Transformer.*received AttentionSeq2Seq"):
        recurrent.plot_attention("one", heads=True)


def test_many_epochs_are_lines_and_long_names_stand_above(tmp_path):
    for name, epochs in (("few", 20), ("many", 60)):
        rows = "".join(f"{epoch},{1 / (epoch + 1)},0.5\n" for epoch in range(epochs))
        (tmp_path / name).write_text("epoch,loss,val_loss\n" + rows)
        (axes,) = plot_history(tmp_path / name).axes
        assert {line.get_marker() for line in axes.lines} == {"o" if name == "few" else ""}
        assert axes.get_legend() is not None
    runs = {"a name of a run that is long": tmp_path / "few", "another one": tmp_path / "many"}
    figure = plot_histories(runs)
    figure.draw_without_rendering()
    (legend,), (axes,) = figure.legends, figure.axes
    assert [each.get_text() for each in legend.texts] == list(runs)
    assert not legend.get_window_extent().overlaps(axes.get_window_extent())
    assert legend.get_window_extent().x1 <= figure.bbox.x1
