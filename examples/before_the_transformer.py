"""Cho, Sutskever, Bahdanau and Luong on number words, one after the other, then together.

python examples/before_the_transformer.py [pairs] [epochs]

English to French. Printed are the exact matches on unseen numbers, short and long, of each system,
of an ensemble, and of lists that another model chose from again.
"""

import sys

import keras

import kerasseq as ks
from kerasseq.tasks import ensemble, rescore

MODELS = ks.models
SYSTEMS = {
    "Cho 2014": (MODELS.RecurrentSeq2Seq, {"cell": "gru", "context_every_step": True}),
    "Sutskever 2014": (MODELS.RecurrentSeq2Seq, {"num_layers": 2, "reverse_source": True}),
    "Bahdanau 2015": (MODELS.AttentionSeq2Seq, {"cell": "gru", "attention": "bahdanau"}),
    "Luong 2015": (MODELS.AttentionSeq2Seq, {"attention": "luong_general"}),
}


def train(system, data, source, target, epochs, seed):
    """A Translator of one system."""
    keras.utils.set_random_seed(seed)
    kind, options = SYSTEMS[system]
    sizes = source.vocabulary_size, target.vocabulary_size
    model = kind(*sizes, embedding_dim=64, hidden_dim=128, dropout=0.1, **options)
    model.compile(
        keras.optimizers.Adam(4e-3, global_clipnorm=1.0), loss=ks.training.SequenceCrossentropy()
    )
    batches = data.batches(source, target, tokens_per_batch=1024, shuffle=True, cache=True)
    model.fit(batches, epochs=epochs, shuffle=False, verbose=0)
    return ks.Translator(model, source, target, search="beam", max_length=60)


def exact(found, references):
    """The share of right lines: all, those of up to 6 words, and the longer ones."""
    right = [(a == b, len(b.split()) > 6) for a, b in zip(found, references, strict=True)]
    parts = [[hit for hit, long in right if long in kind] for kind in ((0, 1), (0,), (1,))]
    return "  ".join(f"{sum(part) / len(part):6.1%}" for part in parts)


def main(pairs=8000, epochs=8):
    """Trains and compares."""
    data = ks.data.load("numbers", target="french")
    text = data.train.take(pairs)
    source = ks.text.WordTokenizer.train(text.sources())
    target = ks.text.WordTokenizer.train(text.targets())
    lines, references = map(list, zip(*data.test.take(500), strict=True))
    print(f"{'':24} {'all':>6}  {'short':>6}  {'long':>6}")
    trained = {}
    for system in SYSTEMS:
        trained[system] = train(system, text, source, target, epochs, seed=1)
        print(f"{system:24} {exact(trained[system](lines), references)}", flush=True)
    first, luong = trained["Sutskever 2014"], trained["Luong 2015"]
    both = ensemble([first, train("Sutskever 2014", text, source, target, epochs, seed=2)])
    print(f"{'two of Sutskever':24} {exact(both(lines), references)}")
    lists = first.translate(lines, first.search.replace(n_best=4))
    given = [[(each.text, each.score) for each in found] for found in lists]
    chosen = [best[0][0] for best in rescore(lines, given, [luong])]
    print(f"{'Sutskever, then Luong':24} {exact(chosen, references)}")
    found = next(luong.translate(lines[:1], luong.search.replace(return_attention=True)))[0]
    print(f"{lines[0]} → {found.text} ({found.alignment()})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
