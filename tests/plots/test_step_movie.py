"""Figures and films of a translation show the numbers of its trace."""

import sys
import warnings

import matplotlib
import numpy as np
import PIL.Image
import pytest

from kerasseq.plots import fonts, step_movie
from kerasseq.plots.step_frames import WIDEST_RIBBON, StepFrames
from kerasseq.processing.translations import Translation
from kerasseq.tasks.trace import Node, Trace

SOURCE = ["▁eins", "▁zwei", "</s>"]
TOKENS = ["▁one", "▁$two", "$", "</s>"]
LOOKS = np.array([[0.7, 0.29, 0.01], [0.1, 0.8, 0.1], [0.0, 0.5, 0.5], [0.2, 0.2, 0.6]])


def traced(source=SOURCE, tokens=TOKENS, looks=LOOKS):
    """A search that wrote these tokens, each with probability 0.6, and looked on for better."""
    nodes = [
        Node(
            i - 1 if i else None,
            ["<s>", *tokens][i],
            np.log(0.6) if i else 0.0,
            i * np.log(0.6),
            [(token, 0.6), ("▁other", 0.3 / (i + 1))],
            None if looks is None else looks[i],
        )
        for i, token in enumerate(tokens)
    ]
    found = Translation("the whole text", -0.5, tokens, source, looks)
    places = list(range(len(nodes)))
    steps = [[place] for place in [*places, 1, 1]]
    states = np.zeros((len(source), 4))
    return Trace(source, states, steps, nodes, [found], [places])


@pytest.fixture(autouse=True)
def as_in_a_film():
    with matplotlib.rc_context(fonts.settings("")):
        yield


def texts(frames):
    return [text.get_text() for text in frames.axes.texts]


def ribbons(frames):
    found = [patch for patch in frames.axes.patches if patch.get_gid()]
    return {patch.get_gid(): patch.get_linewidth() / WIDEST_RIBBON for patch in found}


def test_every_moment_shows_the_numbers_of_the_trace():
    frames = StepFrames(traced())
    assert frames.moments == 4 + 4 and frames.draw(0).shape == (720, 1280, 4)
    assert not {"eins", "zwei"} & set(texts(frames))
    frames.draw(2)
    assert texts(frames)[1:3] == ["eins", "zwei"] and "one" not in texts(frames)
    written = ["one", "$two", "$", "⟨end⟩"]
    for step in range(4):
        moment = frames.reading + step
        half, whole = frames.draw(moment, 0.5), frames.draw(moment)
        assert (half != whole).any()
        drawn = {f"ribbon {i}": w for i, w in enumerate(LOOKS[step]) if w >= 0.02}
        assert ribbons(frames) == pytest.approx(drawn)
        said = texts(frames)
        begin, end = map(said.index, ("Translation so far", "The likeliest next tokens"))
        assert said[begin + 1 : end] == written[: step + 1]
        assert said[end + 1] == written[step]
        assert "60.0 %" in said and f"{30 / (step + 1):.1f} %" in said
        if step < 3:
            assert f"{(step + 1) * np.log(0.6):.2f}" in said
            assert ["one", "one $two", "one $two$"][step] in said[end:]
    assert "the whole text" in texts(frames) and "-0.50" in texts(frames)
    assert not any(text.get_parse_math() for text in frames.axes.texts)


def test_what_does_not_attend_has_no_ribbons_and_much_text_gets_smaller():
    many = [f"▁word{i}" for i in range(60)]
    frames = StepFrames(traced(many, TOKENS, None))
    frames.draw(frames.moments - 1)
    assert not ribbons(frames)
    sizes = {text.get_text(): text.get_size() for text in frames.axes.texts}
    assert sizes["word59"] < sizes["one"]
    for chip in frames.axes.patches:
        assert chip.get_window_extent().x1 <= 1280


@pytest.mark.parametrize(
    ("script", "tokens"),
    [
        ("Greek", ["▁το", "▁χιόνι"]),
        ("Arabic", ["▁كلب", "▁يركض"]),
        ("Devanagari", ["▁बर्फ", "▁में"]),
        ("Chinese", ["雪", "地"]),
    ],
)
def test_a_script_is_drawn_or_its_font_is_asked_for(script, tokens):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        settings = fonts.settings(tokens)
    # A machine without a font is told so, once, before a box is drawn.
    assert all("KERASSEQ_FONTS" in str(each.message) for each in said) and len(said) < 2
    with warnings.catch_warnings(), matplotlib.rc_context(settings):
        # matplotlib warns of a glyph that it has not
        warnings.simplefilter("ignore" if said else "error")
        frames = StepFrames(traced(tokens, [*tokens, "</s>"], np.eye(3, len(tokens))))
        frames.draw(frames.moments - 1)
    first, second = frames.source[0], frames.source[1]
    assert (first[1] > second[1]) == (script == "Arabic")  # read from right to left


def test_a_gif_shows_each_moment_for_its_time(tmp_path):
    step_movie(traced(), tmp_path / "steps.gif")
    assert [path.name for path in tmp_path.iterdir()] == ["steps.gif"]
    with PIL.Image.open(tmp_path / "steps.gif") as film:
        assert film.size == (1280, 720) and film.n_frames == 4 + 4 * 4
        durations = []
        for place in range(film.n_frames):
            film.seek(place)
            durations.append(film.info["duration"])
        assert durations[:4] == [250] * 4 and durations[-1] == 2500
        assert sum(durations[4:8]) == pytest.approx(1000, abs=30)
        last = np.asarray(film.convert("RGB"), int)
    frames = StepFrames(traced())
    expected = frames.draw(frames.moments - 1)[..., :3].astype(int)
    assert np.abs(last - expected).mean() < 1


def test_an_mp4_is_as_long(tmp_path, monkeypatch):
    import imageio_ffmpeg

    step_movie(traced(), tmp_path / "steps.mp4")
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(tmp_path / "steps.mp4")
    assert frames == 4 * 2 + 3 * 8 + 3 + 20 and seconds == pytest.approx(frames / 8, abs=0.2)
    reader = imageio_ffmpeg.read_frames(tmp_path / "steps.mp4")
    assert next(reader)["size"] == (1280, 720)
    first = np.frombuffer(next(reader), "uint8").reshape(720, 1280, 3).astype(int)
    reader.close()
    assert np.abs(first - StepFrames(traced()).draw(0)[..., :3]).mean() < 3
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ImportError, match=r"kerasseq\[movie\]"):
        step_movie(traced(), tmp_path / "other.mp4")
    with pytest.raises(ValueError, match=r"received steps\.avi"):
        step_movie(traced(), tmp_path / "steps.avi")
