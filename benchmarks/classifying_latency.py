"""Milliseconds from one sentence to its label: LiteRT files beside transformers with PyTorch.

python benchmarks/classifying_latency.py FOLDER sentences.txt

FOLDER is a BERT in Hugging Face's layout; its head is new, which costs the same. Lines hold a
label, a space and a sentence. Every way reads strings and runs on one thread; they take turns,
sentence by sentence, after each has read all of them once.
"""

import pathlib
import statistics
import sys
import tempfile
import time

import torch
import transformers

import kerasseq as ks

SENTENCES, MAX_LENGTH = 200, 64


def torch_way(folder):
    """A function from a sentence to the number of its label."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.BertForSequenceClassification.from_pretrained(folder).eval()

    @torch.inference_mode()
    def classify(sentence):
        inputs = tokenizer(sentence, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
        return int(model(**inputs).logits.argmax())

    return classify


def lite_way(path):
    """The same with a `.tflite` file."""
    classifier = ks.export.LiteClassifier(path)
    return lambda sentence: classifier([sentence])


def main(folder, path):
    """Prints the table."""
    torch.set_num_threads(1)
    lines = list(ks.data.LabelledText.from_lines(path).take(SENTENCES).texts())
    classifier = ks.TextClassifier.from_hugging_face(folder, ["no", "yes"], MAX_LENGTH, head="new")
    ways = {"transformers, PyTorch": torch_way(folder)}
    with tempfile.TemporaryDirectory() as out:
        for quantize in (None, "int8"):
            file = pathlib.Path(out) / f"{quantize}.tflite"
            classifier.export(file, lines[:50], quantize=quantize)
            ways[f"LiteRT, {quantize or 'float32'}"] = lite_way(file)
        times = {name: [] for name in ways}
        for classify in ways.values():
            for line in lines:
                classify(line)
        for line in lines:
            for name, classify in ways.items():
                started = time.perf_counter()
                classify(line)
                times[name].append(1000 * (time.perf_counter() - started))
    base = statistics.median(times["transformers, PyTorch"])
    print(f"| one sentence of {len(lines)}, one thread | median ms | 95th percentile | ratio |")
    print("|---|---|---|---|")
    for name, found in times.items():
        middle, late = statistics.median(found), sorted(found)[int(0.95 * len(found))]
        print(f"| {name} | {middle:.1f} | {late:.1f} | ×{middle / base:.2f} |")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
