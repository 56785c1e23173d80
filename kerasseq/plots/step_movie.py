"""One translation as a film, for slides."""

import os
import pathlib

import matplotlib
import PIL.Image

from kerasseq.extras import missing
from kerasseq.plots.fonts import settings
from kerasseq.plots.step_frames import StepFrames, palette

FPS = 8
READ, GROW, REST, END = 2, 4, 5, 20  # frames: a source token, a token's two halves, the end


def step_movie(trace, path):
    """Writes an animated `.gif` or an `.mp4` of a search, one second a token.

    It shows what `step_player` shows, but for the encoder's states: attention as ribbons, the
    likeliest next tokens with their probabilities, the translation so far, and the search's
    hypotheses.

    Args:
        trace: `kerasseq.tasks.Trace`.
        path: path of the `.gif` or `.mp4` file, of 1280 × 720 pixels.

    Raises:
        ValueError: for another ending.
        ImportError: for an `.mp4` without ffmpeg.
    """
    path = pathlib.Path(path)
    writers = {".gif": _write_gif, ".mp4": _write_mp4}
    if path.suffix not in writers:
        raise ValueError(
            f"Expected a path that ends in .gif or .mp4; received {path.name}. Rename it."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.stem}.part{path.suffix}")
    texts = [*trace.source_tokens, *(node.token for node in trace.nodes), "…⟨⟩"]
    texts += [token for node in trace.nodes for token, _ in node.candidates]
    with matplotlib.rc_context(settings(texts)):
        writers[path.suffix](StepFrames(trace), beside)
    os.replace(beside, path)


def _timeline(frames):
    """Each moment, the part of its ribbons that is there, and for how many frames."""
    for moment in range(frames.reading):
        yield moment, 1.0, READ
    for moment in range(frames.reading, frames.moments):
        for tick in range(1, GROW):
            yield moment, tick / GROW, 1
        last = moment == frames.moments - 1
        yield moment, 1.0, END if last else REST


def _write_gif(frames, path):
    colours = PIL.Image.new("P", (1, 1))
    colours.putpalette(palette().tobytes())
    timeline = list(_timeline(frames))
    frames_drawn = (
        PIL.Image.fromarray(frames.draw(moment, grown))
        .convert("RGB")
        .quantize(palette=colours, dither=PIL.Image.Dither.NONE)
        for moment, grown, _ in timeline
    )
    next(frames_drawn).save(
        path,
        save_all=True,
        append_images=frames_drawn,
        duration=[1000 * times // FPS for _, _, times in timeline],
        loop=0,
    )


def _write_mp4(frames, path):
    try:
        import imageio_ffmpeg
    except ImportError as error:
        raise missing("movie") from error
    writer = imageio_ffmpeg.write_frames(path, frames.size, pix_fmt_in="rgba", fps=FPS)
    writer.send(None)
    for moment, grown, times in _timeline(frames):
        frame = frames.draw(moment, grown)
        for _ in range(times):
            writer.send(frame)
    writer.close()
