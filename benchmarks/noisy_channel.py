"""BLEU of ten best translations, chosen again by a noisy channel: Multi30k, both directions.

python benchmarks/noisy_channel.py language FOLDER    trains the decoders that are language models
python benchmarks/noisy_channel.py FOLDER             prints the table

The translators are `saved_models/multi30k_en_de` and `multi30k_de_en`, each the other's channel.
Language models see the target side of the training text and no more: words by kenlm (order 4), and
a decoder whose source never changes, left out where it is not trained. Weights are tuned on the
validation text; test 2016 is read once, with the weights that were found. What a beam of ten found
is kept in FOLDER, and training goes on where it was.
"""

import hashlib
import json
import math
import pathlib
import sys

import sacrebleu

import kerasseq as ks
from kerasseq.files import write_file
from kerasseq.recipes import train
from kerasseq.tasks import DecoderLanguageModel, Evidence, NoisyChannel
from kerasseq.text import NGramModel
from machine import processor

DIRECTIONS = ("de", "en"), ("en", "de")
ORDER = 4
LANGUAGE_MODEL = {
    "source_tokenizer": {"kind": "word"},
    "target_tokenizer": {"kind": "sentencepiece", "model_type": "bpe", "vocabulary_size": 4000},
    "batches": {"tokens_per_batch": 1536, "max_length": 100},
    "model": {
        "kind": "Transformer", "hidden_dim": 128, "num_layers": 1, "num_decoder_layers": 3,
        "num_heads": 4, "feed_forward_dim": 512, "norm_first": True, "dropout": 0.2,
    },
    "training": {
        "epochs": 3, "seed": 1234, "learning_rate": 2.5e-3, "schedule": "cosine",
        "warmup_steps": 300, "beta_2": 0.98, "clip_norm": 1.0,
    },
    "translation": {"bleu_tokenize": "none"},
}  # fmt: skip


class Kept(NoisyChannel):
    """One whose hypotheses are found once, with what both translators say of them.

    Args:
        folder: pathlib.Path.
        *arguments: as of `NoisyChannel`.
    """

    def __init__(self, folder, *arguments):
        super().__init__(*arguments)
        self.folder = folder

    def evidence(self, lines):
        lines = list(lines)
        path = self.folder / f"{hashlib.sha256(repr(lines).encode()).hexdigest()[:16]}.json"
        if not path.is_file():
            bare = NoisyChannel(self.translator, self.channel, search=self.search)
            write_file(path, json.dumps(bare.evidence(lines), ensure_ascii=False))
        found = [[Evidence(*each) for each in row] for row in json.loads(path.read_text())]
        if self.language_model is None:
            return found
        said = iter(self.language_model.score(each.text for row in found for each in row))
        sizes = [len(self.translator.source_ids(line)) for line in lines]
        return [
            [each._replace(language=next(said) / size) for each in row]
            for row, size in zip(found, sizes, strict=True)
        ]


def train_language_models(folder):
    """A run for each language, of lines whose source is one full stop."""
    for source, language in DIRECTIONS:
        corpus = ks.data.load("multi30k", source, language, tokenized=True)
        section = {}
        for part in ("train", "validation"):
            pairs = list(DecoderLanguageModel.pairs(getattr(corpus, part).targets()))
            for side, lines in zip(("source", "target"), zip(*pairs, strict=True), strict=True):
                path = folder / f"{part}.{language}.{side}"
                write_file(path, "".join(f"{line}\n" for line in lines))
                section[f"{part}_{side}"] = str(path)
        train(LANGUAGE_MODEL | {"data": section}, folder / f"language_{language}")


def bleu(chosen, references):
    """BLEU of tokenised text."""
    return sacrebleu.corpus_bleu(chosen, [references], tokenize="none", force=True).score


def measure(folder, source, target):
    """Prints the rows of one direction."""
    corpus = ks.data.load("multi30k", source, target, tokenized=True)
    both = [
        ks.Translator.load(f"saved_models/multi30k_{a}_{b}")
        for a, b in ((source, target), (target, source))
    ]
    words = NGramModel.estimate(corpus.train.targets(), folder / f"{target}.arpa", ORDER)
    models = {"n-grams": words}
    run = folder / f"language_{target}" / "translator"
    if run.is_dir():
        models["decoder"] = DecoderLanguageModel(ks.Translator.load(run))
    lines = list(corpus.validation.targets())
    count = sum(len(line.split()) + 1 for line in lines)
    print(f"\n{source} to {target}. Perplexity a word of the validation text:")
    for name, model in models.items():
        print(f"  {name:32} {math.exp(-sum(model.score(lines)) / count):6.2f}")
    print(f"  {'BLEU':32} {'validation':>10} {'test 2016':>10}")
    parts = [list(map(list, zip(*part, strict=True))) for part in (corpus.validation, corpus.test)]
    bare = Kept(folder, *both, None, (0.0, 0.0))
    found = [[row[0].text for row in bare.evidence(lines)] for lines, _ in parts]
    show("beam of ten, its best", found, parts)
    show("mean log p", [chosen(bare, lines) for lines, _ in parts], parts)
    for name, model in ({"": None} | models).items():
        noisy = Kept(folder, *both, model)
        noisy.tune(corpus.validation, tokenize="none")
        show(f"channel {name}", [chosen(noisy, lines) for lines, _ in parts], parts, noisy.weights)


def chosen(noisy, lines):
    """The best text of each line."""
    return [best[0][0] for best in noisy(lines)]


def show(name, texts, parts, weights=None):
    """A row: BLEU of the parts, and the weights."""
    scores = [bleu(own, references) for own, (_, references) in zip(texts, parts, strict=True)]
    said = f"   weights {weights}" if weights else ""
    print(f"  {name:32} {scores[0]:10.2f} {scores[1]:10.2f}{said}", flush=True)


def main(folder):
    """Prints the table."""
    print(f"{processor()}; seed 1234")
    for direction in DIRECTIONS:
        measure(folder, *direction)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[1:-1] not in ([], ["language"]):
        sys.exit(__doc__)
    place = pathlib.Path(sys.argv[-1])
    place.mkdir(parents=True, exist_ok=True)
    (train_language_models if len(sys.argv) == 3 else main)(place)
