"""One translation as frames of a film, one for each step of encoder and decoder."""

import bisect
import unicodedata

import matplotlib.backends.backend_agg
import matplotlib.colors
import matplotlib.figure
import matplotlib.patches
import matplotlib.path
import numpy as np

from kerasseq.plots.words import words_of

PAPER, INK, DIM, CHIP, SOFT, GLOW = (
    "#ffffff", "#1c1e21", "#6a7079", "#eef1f5", "#dbe7fb", "#2463c4",
)  # fmt: skip
WIDTH, HEIGHT, MARGIN = 1280, 720, 48  # pixels
DPI = 100
SIZES = (20, 17, 14, 11, 8, 6)  # points, the first that fits
ROOM = 110  # pixels of height for the chips of a side
SOURCE_TOP, OUTPUT_TOP, LOWER_TOP = 72, 272, 452
LINE = 40  # pixels between the lines of the lower half
WIDEST_RIBBON = 14  # points, of a weight of 1
SHOWN_WEIGHT = 0.02
ALIVE = 5  # hypotheses listed


class StepFrames:
    """Draws a frame of any moment of a translation.

    Above are the source and the translation so far, and between them ribbons for the attention
    of the current token; below, the likeliest next tokens and the hypotheses of the search.

    Args:
        trace: `kerasseq.tasks.Trace`.

    Attributes:
        size: pair of int, the pixels of a frame, width and height.
        reading: int, moments in which the encoder reads a token; the first shows none.
        moments: int, of the whole; each after the reading writes a token.
    """

    def __init__(self, trace):
        self.size = WIDTH, HEIGHT
        self.trace = trace
        self.best = trace.translations[0]
        self.figure = matplotlib.figure.Figure((WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
        self.canvas = matplotlib.backends.backend_agg.FigureCanvasAgg(self.figure)
        self.reading = len(trace.source_tokens) + 1
        self.moments = self.reading + len(self.best.tokens)
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self.axes.axis("off")
        self.drawn = []
        self.source = self._places([shown(each) for each in trace.source_tokens], SOURCE_TOP)
        self.output = self._places([shown(each) for each in self.best.tokens], OUTPUT_TOP)

    def draw(self, moment, grown=1.0):
        """Draws one moment.

        Args:
            moment: int from 0, see `reading` and `moments`.
            grown: float, the part of the ribbons that is there.

        Returns:
            uint8 array `(720, 1280, 4)` of red, green, blue and opacity.
        """
        while self.drawn:
            self.drawn.pop().remove()
        self._upper(moment, grown)
        self._lower(moment - self.reading, grown)
        self.canvas.draw()
        return np.array(self.canvas.buffer_rgba())

    def _upper(self, moment, grown):
        step = moment - self.reading
        self._text(MARGIN, SOURCE_TOP - 26, "Source", color=DIM)
        self._chips(self.source, range(min(moment, len(self.source))), moment - 1)
        self._text(MARGIN, OUTPUT_TOP - 26, "Translation so far", color=DIM)
        self._chips(self.output, range(step + (grown == 1)), step)
        node = self._node(step)
        if node and node.attention is not None:
            self._ribbons(node.attention, self.output[step], grown)

    def _lower(self, step, grown):
        node = self._node(step)
        if node:
            self._candidates(node.candidates, self.best.tokens[step])
        if step >= 0:
            self._hypotheses(step + (grown == 1))

    def _node(self, step):
        """The best translation's node from which a step goes on, if there is one."""
        path = self.trace.paths[0]
        return self.trace.nodes[path[step]] if 0 <= step < len(path) else None

    def _places(self, texts, top):
        """Each chip's text, left edge, top edge, width, height and size, rows wrapped."""
        side = -1 if _right_to_left("".join(texts)) else 1
        for size in SIZES:
            high, gap = 2.0 * size, 0.5 * size
            x, row, places = MARGIN, 0, []
            for text in texts:
                wide = self._width(text, size) + size
                if x + wide > WIDTH - MARGIN and x > MARGIN:
                    x, row = MARGIN, row + 1
                left = x if side > 0 else WIDTH - x - wide
                places.append((text, left, top + row * (high + gap), wide, high, size))
                x += wide + gap
            if (row + 1) * (high + gap) <= ROOM:
                break
        return places

    def _chips(self, places, there, now):
        for i in there:
            text, left, top, wide, high, size = places[i]
            patch = matplotlib.patches.FancyBboxPatch(
                (left + 4, top + 4),
                wide - 8,
                high - 8,
                boxstyle="round,pad=4,rounding_size=7",
                linewidth=0,
                facecolor=GLOW if i == now else CHIP,
            )
            self._add(patch)
            color = PAPER if i == now else INK
            self._text(left + wide / 2, top + high / 2, text, size, color=color, ha="center")

    def _ribbons(self, weights, target, grown):
        """Curves from the source's chips to the token in work, as wide as their weights."""
        _, left, top, wide, _, _ = target
        for i, weight in enumerate(weights):
            if weight < SHOWN_WEIGHT:
                continue
            _, from_left, from_top, from_wide, from_high, _ = self.source[i]
            start = np.array([from_left + from_wide / 2, from_top + from_high])
            end = np.array([left + wide / 2, top])
            middle = (start[1] + end[1]) / 2
            points = np.stack([start, [start[0], middle], [end[0], middle], end])
            patch = matplotlib.patches.PathPatch(
                matplotlib.path.Path(_begin(points, grown), [1, 4, 4, 4]),
                facecolor="none",
                edgecolor=GLOW,
                alpha=0.45,
                linewidth=WIDEST_RIBBON * weight,
                zorder=0.5,  # below the chips
                gid=f"ribbon {i}",
            )
            self._add(patch)

    def _candidates(self, candidates, chosen):
        """The likeliest next tokens, each with a bar and its probability."""
        self._text(MARGIN, LOWER_TOP, "The likeliest next tokens", color=DIM)
        names = [self._fitting(shown(token), 170) for token, _ in candidates]
        left = MARGIN + 16 + max(self._width(name, 14) for name in names)
        for row, ((token, probability), name) in enumerate(zip(candidates, names, strict=True), 1):
            y = LOWER_TOP + row * LINE
            best = token == chosen
            self._text(MARGIN, y, name, 14, color=GLOW if best else INK)
            wide = 250 * probability
            color = GLOW if best else SOFT
            self._add(matplotlib.patches.Rectangle((left, y - 10), wide, 20, color=color))
            self._text(left + wide + 12, y, f"{100 * probability:.1f} %", 12, DIM)

    def _hypotheses(self, step):
        """Draws the hypotheses after a step, or, at the end, the translations that are returned."""
        trace, left = self.trace, WIDTH / 2 + MARGIN
        if step < len(self.best.tokens):
            title = "Hypotheses, with their log-probabilities"
            alive = sorted(trace.steps[step], key=lambda i: -trace.nodes[i].score)
            lines = [(i in trace.paths[0], self._so_far(i), trace.nodes[i].score) for i in alive]
        else:
            title = "Translations, with their scores"
            lines = [(not i, each.text, each.score) for i, each in enumerate(trace.translations)]
        self._text(left, LOWER_TOP, title, color=DIM)
        for row, (best, text, score) in enumerate(lines[:ALIVE], 1):
            y = LOWER_TOP + row * LINE
            color = GLOW if best else DIM
            self._text(left + 56, y, f"{score:z.2f}", 12, color, ha="right")
            room = WIDTH - MARGIN - left - 76
            self._text(left + 76, y, self._fitting(text, room, keep_end=True), 14, color)

    def _so_far(self, i):
        tokens = []
        while i is not None:
            tokens.append(self.trace.nodes[i].token)
            i = self.trace.nodes[i].parent
        return " ".join(words_of(tokens[-2::-1])) or "⟨start⟩"

    def _text(self, x, y, text, size=12, color=INK, **options):
        options = {"va": "center_baseline"} | options
        self.drawn.append(self.axes.text(x, y, text, size=size, color=color, **options))

    def _add(self, patch):
        self.drawn.append(self.axes.add_artist(patch))

    def _width(self, text, size):
        """Pixels that a text takes."""
        artist = self.figure.text(0, 0, text, size=size)
        wide = artist.get_window_extent(self.canvas.get_renderer()).width
        artist.remove()
        return wide

    def _fitting(self, text, room, keep_end=False):
        """The text, or as much of its begin or end as fits into so many pixels."""

        def cut(length):
            if length == len(text):
                return text
            return "…" + text[len(text) - length :] if keep_end else text[:length] + "…"

        lengths = range(len(text) + 1)
        fits = bisect.bisect_right(lengths, room, key=lambda each: self._width(cut(each), 14))
        return cut(max(fits - 1, 0))


def palette():
    """The colours of all frames, at most 256: a uint8 array `(colours, 3)`."""
    # A soft edge is a mixture of the two colours that meet there. Coarse steps: Pillow takes
    # colours that are less than 4 apart for one.
    lines = np.array(
        [
            [matplotlib.colors.to_rgb(begin), matplotlib.colors.to_rgb(end)]
            for begin, end in ((PAPER, INK), (PAPER, DIM), (PAPER, GLOW), (CHIP, INK), (SOFT, GLOW))
        ]
    )
    parts = np.linspace(0, 1, 24)[:, None, None]
    mixtures = (1 - parts) * lines[:, 0] + parts * lines[:, 1]
    return np.round(255 * mixtures).astype("uint8").reshape(-1, 3)


def shown(token):
    """A token as a chip shows it: the end symbol as ⟨end⟩; SentencePiece's mark of a word's
    beginning, "▁", where it stands alone."""
    named = {"</s>": "⟨end⟩", "<s>": "⟨start⟩", "<unk>": "⟨unk⟩"}
    text = named.get(token) or token.replace("▁", " ").strip()
    return text or ("▁" if "▁" in token else "·")


def _begin(points, part):
    """The begin of a cubic Bézier curve `(4, 2)` (de Casteljau's subdivision)."""
    begun = [points[0]]
    while len(points) > 1:
        points = (1 - part) * points[:-1] + part * points[1:]
        begun.append(points[0])
    return np.stack(begun)


def _right_to_left(text):
    letters = [unicodedata.bidirectional(each) for each in text if each.isalpha()]
    return sum(each in ("R", "AL") for each in letters) * 2 > len(letters)
