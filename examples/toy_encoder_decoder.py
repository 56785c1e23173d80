"""One sentence, step by step: what an encoder-decoder reads, believes and chooses.

python examples/toy_encoder_decoder.py

Teacher forcing feeds the true previous word at every step, free running the model's own choice.
"""

import keras
import numpy as np
from rich.console import Console
from rich.table import Table

import kerasseq as ks

PAIRS = [
    ("nice to meet you", "ravi de vous rencontrer"),
    ("nice to see you", "ravi de vous voir"),
    ("I want to meet you", "je veux vous rencontrer"),
    ("I see you", "je vous vois"),
]


def steps(model, source, target, start_id, forced):
    """Decodes one target; yields the word that goes in and the distribution that comes out."""
    memory = model.encode(source)
    state = model.initial_state(memory, len(target))
    token = start_id
    for step, right in enumerate(target):
        logits, state, _ = model.decode_step(np.array([token]), state, memory, step)
        probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits))[0]
        yield token, probabilities
        token = right if forced else int(probabilities.argmax())


def show(title, model, source, target, tokenizer):
    """Prints both modes side by side, the three likeliest words of every step."""
    table = Table("step", "in", "teacher forcing", "in", "free running", title=title)
    words, start = tokenizer.vocabulary, tokenizer.start_id
    modes = [list(steps(model, source, target, start, forced)) for forced in (True, False)]
    for number, both in enumerate(zip(*modes, strict=True), 1):
        cells = []
        for token, probabilities in both:
            best = probabilities.argsort()[::-1][:3]
            believed = "  ".join(f"{words[i]} {probabilities[i]:.2f}" for i in best)
            cells += [words[token], believed]
        table.add_row(str(number), *cells)
    table.add_row("", "", "right: " + " ".join(words[i] for i in target), "", "")
    Console(width=132).print(table)


def main():
    """Shows one sentence before and after training on four."""
    keras.utils.set_random_seed(1)
    corpus = ks.data.ParallelText.from_pairs(PAIRS)
    source = ks.text.WordTokenizer.train(corpus.sources())
    target = ks.text.WordTokenizer.train(corpus.targets())
    model = ks.models.RecurrentSeq2Seq(
        source.vocabulary_size, target.vocabulary_size, 16, 32, num_layers=1, dropout=0.0
    )
    ids = np.array([[*source.encode(PAIRS[0][0]), source.end_id]])
    right = [*target.encode(PAIRS[0][1]), target.end_id]
    show(f"{PAIRS[0][0]} — before training", model, ids, right, target)
    model.compile(keras.optimizers.Adam(0.02), loss=ks.training.SequenceCrossentropy())
    batches = corpus.batches(source, target, batch_size=4)
    history = model.fit(batches, epochs=60, verbose=0).history["loss"]
    print(f"\ncross-entropy: {history[0]:.2f} → {history[-1]:.3f} nats a word\n")
    show(f"{PAIRS[0][0]} — after training", model, ids, right, target)
    translator = ks.Translator(model, source, target, search="greedy", max_length=8)
    for line, _ in PAIRS:
        print(f"{line} → {translator(line)}")


if __name__ == "__main__":
    main()
