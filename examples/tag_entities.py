"""Named entities: an LSTM that tags every word, scored as the shared tasks score.

python examples/tag_entities.py train.conll valid.conll test.conll out/ [vectors.txt]

With vectors (word2vec's or GloVe's text) the tagger knows their first 50,000 words too.
"""

import pathlib
import sys

import keras

import kerasseq as ks


def main(train, valid, test, out, vectors=None):
    """Trains a bidirectional LSTM tagger on CoNLL files."""
    keras.utils.set_random_seed(1)
    out = pathlib.Path(out)
    train, valid, test = map(ks.data.TaggedText.from_conll, (train, valid, test))
    known = ks.text.WordVectors.words(vectors, 50_000) if vectors else []
    # Of the other words those seen once stay out, and teach what an unknown word is like.
    tokenizer = ks.text.WordTokenizer.train(
        [*train.words(), *known, *known], min_frequency=2, lowercase=True
    )
    width = 100
    if vectors:
        vectors = ks.text.WordVectors.read(vectors, tokenizer)
        width = vectors.table.shape[1]
        print(f"vectors cover {vectors.coverage:.1%} of the vocabulary")
    encoder = ks.models.RecurrentTextEncoder(
        tokenizer.vocabulary_size, embedding_dim=width, hidden_dim=128, dropout=0.5
    )
    if vectors:
        encoder.embedding.load_vectors(vectors.table)
    model = ks.models.SequenceTagger(encoder, len(train.tag_names()), dropout=0.5)
    tagger = ks.TokenClassifier(model, tokenizer, train.tag_names())
    model.compile(
        keras.optimizers.Adam(2e-3, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=["accuracy"],
    )
    best = -1.0
    for epoch in range(15):
        batches = tagger.batches(train, batch_size=16, shuffle=True, seed=epoch)
        model.fit(batches, verbose=0)
        f1 = tagger.scores(valid)["f1"]
        print(f"epoch {epoch + 1}: validation F1 {f1:.1%}", flush=True)
        if f1 > best:
            best = f1
            tagger.save(out / "tagger")
    scores = ks.TokenClassifier.load(out / "tagger").scores(test)
    print(f"test: F1 {scores['f1']:.1%}, surface F1 {scores['surface_f1']:.1%}")
    for kind, found in scores["by_kind"].items():
        print(f"  {kind}: F1 {found['f1']:.1%} of {found['entities']}")


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
