"""The attention maps of the story, from the models in saved_models.

python docs/draw/maps.py
"""

import pathlib

import matplotlib.figure
import numpy as np

import kerasseq as ks

ROOT = pathlib.Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
LADDER = "ein mann in einem blauen hemd steht auf einer leiter und putzt ein fenster ."


def plot_step(translator, line, written, path):
    """Draws the scores and the weights with which Bahdanau's attention looks at one step."""
    model = translator.model
    ids = translator.source_ids(line)
    memory = model.encode(np.array([ids]))
    state = model.initial_state(memory, translator.max_length)
    given = translator.processor.given_ids(translator.processor.target_ids(written))
    for step, token in enumerate(given):
        query = state["cells"][-1][0]
        _, state, weights = model.decode_step(np.array([token]), state, memory, step)
    attention = model.decoder.cell.attention
    compared = np.tanh(attention.query(query)[:, None] + memory["keys"])
    scores = np.array(attention.energy(compared))[0, :, 0]

    words = [translator.source.vocabulary[i].replace("</s>", "⟨end⟩") for i in ids]
    figure = matplotlib.figure.Figure(figsize=(6.4, 1.9), layout="constrained")
    panels = (("scores", scores, "0.75"), ("weights", np.array(weights)[0], "#2463c4"))
    for axes, (title, values, colour) in zip(figure.subplots(1, 2), panels, strict=True):
        bars = axes.barh(words, values, color=colour, height=0.6)
        axes.bar_label(bars, fmt="%.2f", padding=4, fontsize=9)
        axes.set_title(title, loc="left", fontsize=10)
        axes.invert_yaxis()
        axes.margins(x=0.2)
        axes.axvline(0, color="0.7", linewidth=1)
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    figure.savefig(path, dpi=130)


def main():
    """Writes the images and prints their paths."""
    numbers = ks.Translator.load(ROOT / "saved_models" / "numbers_en_de")
    plot_step(numbers, "fifty one", "einund", IMAGES / "attention_step.png")
    sentence = "three hundred fifty one thousand two"
    numbers.plot_attention(sentence, IMAGES / "attention_numbers.png")
    numbers.plot_attention("fifty one", IMAGES / "attention.png")
    german = ks.Translator.load(ROOT / "saved_models" / "multi30k_de_en")
    german.plot_attention(LADDER, IMAGES / "attention_sentence.png", words=True)
    line = "ein hund rennt durch den schnee ."
    german.plot_attention(line, IMAGES / "attention_heads.png", words=True, heads=True)
    print(*sorted(IMAGES.glob("attention*.png")), sep="\n")


if __name__ == "__main__":
    main()
