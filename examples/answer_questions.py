"""Questions about a text, answered with its own words.

python examples/answer_questions.py folder squad.json out/

The folder is a BERT or DistilBERT in Hugging Face's layout; the file is in SQuAD's format. The
last tenth of its articles is held out.
"""

import pathlib
import sys

import keras

import kerasseq as ks


def main(folder, path, out, learning_rate=1e-4):
    """Fine-tunes, measures and exports a question answerer."""
    keras.utils.set_random_seed(1)
    out = pathlib.Path(out)
    corpus = ks.data.QuestionAnswers.from_squad(path)
    titles = corpus.titles()
    cut = len(titles) - max(1, len(titles) // 10)
    train, test = corpus.of_titles(titles[:cut]), corpus.of_titles(titles[cut:])
    finder = ks.QuestionAnswerer.from_hugging_face(folder, 256, head="new", threshold=None)
    finder.examples = list(test.pairs())[:50]
    finder.fit(train, epochs=3, batch_size=16, learning_rate=learning_rate, verbose=2)
    scores = finder.scores(test)
    print(f"exact match {scores['exact_match']:.1%}, F1 {scores['f1']:.1%} of {len(test)}")
    for question, context in finder.examples[:3]:
        print(f"{question} {finder((question, context))!r}")
    finder.save(out / "finder")
    finder.export(out / "serving" / "1")
    finder.export(out / "finder.tflite", quantize="int8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
