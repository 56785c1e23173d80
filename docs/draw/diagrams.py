"""The diagrams of the story: encoder-decoder, attention, Transformer, BERT.

python docs/draw/diagrams.py
"""

import pathlib

import matplotlib.figure
import matplotlib.patches

IMAGES = pathlib.Path(__file__).parents[1] / "images"
INK, DIM, LINE = "#1c1e21", "#6a7079", "#9aa3af"
READS, WRITES, VECTOR, FRAME = "#e6eaf0", "#dbe7fb", "#2463c4", "#f6f7f9"
SOURCE = ["nice", "to", "meet", "you"]
TARGET = ["ravi", "de", "vous", "rencontrer"]


class Diagram:
    """A diagram of boxes and arrows, in inches from the lower left corner.

    Args:
        name: str, of the `.png` file.
        width, height: float, inches.
    """

    def __init__(self, name, width, height):
        self.path = IMAGES / f"{name}.png"
        self.figure = matplotlib.figure.Figure(figsize=(width, height))
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
        self.axes.set_axis_off()

    def box(self, x, y, text, width=0.9, height=0.42, colour=READS, ink=INK, size=13):
        """A box around the point `(x, y)`, with a text in it."""
        corner = (x - width / 2, y - height / 2)
        shape = "round,pad=0,rounding_size=0.08"
        patch = matplotlib.patches.FancyBboxPatch(
            corner, width, height, boxstyle=shape, facecolor=colour, edgecolor="none"
        )
        self.axes.add_patch(patch)
        self.text(x, y, text, ink, size)

    def text(self, x, y, text, colour=INK, size=13, **options):
        """A text around the point `(x, y)`."""
        options = {"ha": "center", "va": "center_baseline", "linespacing": 1.4} | options
        self.axes.text(x, y, text, color=colour, fontsize=size, **options)

    def arrow(self, start, end, colour=LINE, width=1.4, bend=0.0):
        """An arrow from point to point; `bend` bows it."""
        self.axes.annotate(
            "",
            end,
            start,
            arrowprops={
                "arrowstyle": "-|>,head_width=0.16,head_length=0.3",
                "color": colour,
                "linewidth": width,
                "shrinkA": 0,
                "shrinkB": 0,
                "connectionstyle": f"arc3,rad={bend}",
            },
        )

    def save(self):
        """Writes the file."""
        self.figure.savefig(self.path, dpi=110)
        print(self.path)


def recurrent(name, attention):
    """An encoder-decoder unrolled; joined by one vector, or by attention at one step."""
    diagram = Diagram(name, 9.6, 2.75)
    reads = [0.7 + 1.05 * i for i in range(4)]
    writes = [5.6 + 1.05 * i for i in range(4)]
    for places, words, colour, ink in (
        (reads, SOURCE, READS, INK),
        (writes, ["⟨start⟩", *TARGET[:3]], WRITES, DIM),
    ):
        for x, word in zip(places, words, strict=True):
            diagram.box(x, 1.4, "", colour=colour)
            diagram.text(x, 0.67, word, ink)
            diagram.arrow((x, 0.84), (x, 1.17))
        for x in places[:-1]:
            diagram.arrow((x + 0.46, 1.4), (x + 0.59, 1.4))
    # With attention, one step is shown: what it looks at, what it writes.
    for x, word in list(zip(writes, TARGET, strict=True))[3 * attention :]:
        diagram.text(x, 2.15, word)
        diagram.arrow((x, 1.63), (x, 1.98))
    diagram.text(2.27, 0.2, "the encoder reads", DIM, 11)
    diagram.text(7.17, 0.2, "the decoder writes", DIM, 11)
    if attention:
        for x, weight in zip(reads, (0.05, 0.1, 0.8, 0.05), strict=True):
            end = (writes[3] - 0.3, 1.64)
            diagram.arrow((x, 1.64), end, VECTOR, 0.6 + 3.5 * weight, bend=-0.2)
        diagram.text(4.3, 2.55, "at every step, a look at all that was read", VECTOR, 11)
    else:
        diagram.arrow((4.34, 1.4), (5.12, 1.4), VECTOR, 3)
        diagram.text(4.72, 1.75, "one vector", VECTOR, 11)
    diagram.save()


def blocks(diagram, x, bottom, kinds, colour, width=2.3):
    """A column of boxes from the bottom up, each after an arrow; framed; returns
    their heights."""
    heights = [bottom + 0.72 * i for i in range(len(kinds))]
    height = heights[-1] - bottom + 0.66
    diagram.box(x, bottom + height / 2 - 0.33, "", width + 0.3, height, FRAME)
    diagram.text(x + width / 2 + 0.45, bottom - 0.15, "× N", DIM)
    for y, kind in zip(heights, kinds, strict=True):
        diagram.box(x, y, kind, width, colour=colour, size=11)
        diagram.arrow((x, y - 0.5), (x, y - 0.22))
    return heights


def transformer():
    """Encoder and decoder blocks, side by side, and what crosses."""
    diagram = Diagram("transformer", 8.2, 4.4)
    read = blocks(diagram, 2.2, 1.42, ["self-attention", "feed-forward"], READS)
    kinds = ["causal self-attention", "attention to the source", "feed-forward"]
    write = blocks(diagram, 6.0, 1.42, kinds, WRITES)
    for x, words, colour in ((2.2, SOURCE, INK), (6.0, ["⟨start⟩", *TARGET[:3]], DIM)):
        diagram.text(x, 0.24, "  ".join(words), colour)
        diagram.arrow((x, 0.41), (x, 0.6))
        diagram.text(x, 0.75, "embedding + position", DIM, 11)
    diagram.arrow((2.2, read[-1] + 0.22), (2.2, 2.76))
    diagram.text(2.2, 2.93, "memory: key and value of every word", VECTOR, 11)
    diagram.arrow((3.75, 2.9), (4.82, write[1]), VECTOR, 2.2, bend=-0.25)
    diagram.arrow((6.0, write[-1] + 0.22), (6.0, 3.62))
    diagram.text(6.0, 3.78, "logits over the vocabulary", DIM, 11)
    diagram.text(6.0, 4.15, "  ".join(TARGET))
    diagram.save()


def bert():
    """Both sides of a mask enter; a vector a token comes out, for two kinds of heads."""
    diagram = Diagram("bert", 8.2, 3.1)
    words = ["[CLS]", "fifty", "one", "[MASK]", "two", "[SEP]"]
    places = [0.95 + 1.26 * i for i in range(len(words))]
    for x, word in zip(places, words, strict=True):
        masked = word == "[MASK]"
        diagram.box(x, 0.4, word, 1.0, colour=VECTOR if masked else READS,
                    ink="white" if masked else INK)  # fmt: skip
        diagram.arrow((x, 0.63), (x, 1.02))
        diagram.box(x, 2.02, "", 0.5, 0.26, colour=VECTOR if x in (places[0], places[3]) else READS)
        diagram.arrow((x, 1.54), (x, 1.87))
    diagram.box(4.1, 1.28, "blocks of self-attention and feed-forward: every token sees both sides",
                7.3, 0.5, WRITES, size=11)  # fmt: skip
    for x, said in ((places[0], "a label\n(fine-tuning)"), (places[3], "thousand\n(pretraining)")):
        diagram.arrow((x, 2.17), (x, 2.45), VECTOR)
        diagram.text(x, 2.75, said, VECTOR)
    diagram.save()


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    recurrent("encoder_decoder", attention=False)
    recurrent("encoder_decoder_attention", attention=True)
    transformer()
    bert()
