"""What the doctor finds: faults put into real text and real training, and alarms where none are.

python benchmarks/doctor.py DATA [text] [training]

DATA is a folder of data sets, as tests use it (`KERASSEQ_DATA`). `text` puts each fault into each
corpus, `training` into a small model that learns number words; both by default. A fault counts as
found when one of its names is among the findings. Thresholds were chosen on the corpora marked
"chosen"; of the clean ones all were looked at, and false alarms there raised four (equal sides, the
fewest lines that tell of alignment, what share is misaligned here and there, and when two languages
are told apart) and changed how unseen words count. So "others" are not text nobody looked at.
Seed 1.
"""

import collections
import gzip
import itertools
import json
import pathlib
import random
import sys
import time

from kerasseq.data.numbers import number_pairs
from kerasseq.data.pair_readers import PairReaders
from kerasseq.doctor import examine

ROOT = pathlib.Path(__file__).parents[1]
CHOSEN = ("multi30k en-de", "tatoeba en-sv")  # thresholds were chosen on these
ONE_LANGUAGE = ("dialogsum", "ag_news", "xquad")  # on both sides
DAMAGED = (
    "multi30k en-de train", "multi30k en-de val", "multi30k en-fr train", "multi30k de-fr train",
    "multi30k de-fr val", "multi30k en-fr tok/test", "tatoeba", "emoji", "dialogsum", "ag_news",
    "xquad", "numbers german train", "numbers french val",
)  # fmt: skip
MAX_LENGTH = 100
EPOCHS = 6  # of 40 batches
DEAD = "additive_attention", "luong_attention", "cross_attention"  # set to 0, and kept
MOST = 6000  # pairs that a fault is put into


def main(data, *parts):
    found = collections.Counter()
    for part in parts or ("text", "training"):
        {"text": text, "training": training}[part](pathlib.Path(data), found)
        print()
    seeded, seen = found["seeded"], found["found"]
    print(
        f"all: {seen} of {seeded} faults found ({seen / seeded:.1%}), {found['alarms']} false "
        f"alarms in {found['clean']} clean corpora and runs"
    )


def text(data, total):
    """Every fault in every corpus."""
    parts = dict(corpora(data))
    clean, counts, missed = [], collections.defaultdict(collections.Counter), []
    started = time.process_time()
    for name, pairs in parts.items():
        held_out = beside(parts, name)
        found = {each.name for each in examined(name, pairs, held_out)}
        clean.append(name)
        total["clean"] += 1
        total["alarms"] += bool(found)
        if found:
            print(f"false alarm: {name}: {', '.join(sorted(found))}")
        for fault, names, damage in FAULTS if name.startswith(DAMAGED) else ():
            if set(names) & {"turned", "one language", "equal sides"} and name.startswith(
                ONE_LANGUAGE
            ):
                continue  # its sides are in one language
            damaged = damage(pairs[:MOST], held_out and list(held_out), random.Random(1))
            if damaged is None:
                continue
            found = {each.name for each in examined(name, *damaged)}
            group = "chosen" if name.startswith(CHOSEN) else "others"
            seen = bool(found & set(names))
            counts[fault][group, "seeded"] += 1
            counts[fault][group, "found"] += seen
            total["seeded"] += 1
            total["found"] += seen
            if not seen:
                missed.append(f"not found: {fault}: {name}")
                print(missed[-1], sorted(found), file=sys.stderr, flush=True)
    print(f"clean, no alarm unless it stands above: {', '.join(clean)}\n")
    print(f"{'fault':<52}{'chosen':>12}{'others':>12}")
    for fault, _, _ in FAULTS:
        row = counts[fault]
        print(
            f"{fault:<52}"
            + "".join(
                f"{row[group, 'found']:>7} / {row[group, 'seeded']:<2}"
                for group in ("chosen", "others")
            )
        )
    print("\n".join(missed))
    print(f"{time.process_time() - started:.0f} s of one core")


def training(data, total):
    """Every fault of a small model that learns number words, and models that learn well."""
    import keras
    import numpy as np

    from kerasseq import Translator
    from kerasseq.data import ParallelText
    from kerasseq.models import AttentionSeq2Seq, Transformer
    from kerasseq.reports import examine_run
    from kerasseq.text import WordTokenizer
    from kerasseq.training import Doctor, InverseSquareRoot, LinearWarmup, TranslationMetrics

    train, held_out, _ = (ParallelText.from_pairs(part) for part in number_pairs(train=2000))
    source, target = (
        WordTokenizer.train(lines) for lines in (train.sources(), map(spaced, train.targets()))
    )
    pairs = [(one, spaced(other)) for one, other in train]
    held_out = [(one, spaced(other)) for one, other in held_out.take(40)]
    train, answers = ParallelText.from_pairs(pairs), dict(held_out)

    def right(lines):
        return [answers[line] for line in lines]

    class BlowUp(keras.callbacks.Callback):
        """Makes the output layer 1,000 times as large in the middle of the run."""

        def on_epoch_begin(self, epoch, logs=None):
            if epoch == EPOCHS // 2:
                decoder = getattr(self.model, "decoder", None)
                kernel = (
                    decoder.output_dense.kernel if decoder else self.model.target_embedding.table
                )
                kernel.assign(1000 * kernel)

    def run(
        optimizer, model="transformer", translate=None, epochs=EPOCHS, writes=False, dead=False,
        blown=False,
    ):  # fmt: skip
        """The names of what the doctor says of a run."""
        keras.utils.set_random_seed(1)
        sizes = source.vocabulary_size, target.vocabulary_size
        made = {
            "gru": lambda: AttentionSeq2Seq(*sizes, 32, 64, cell="gru", attention="bahdanau"),
            "transformer": lambda: Transformer(
                *sizes, hidden_dim=64, num_layers=1, num_heads=2, feed_forward_dim=128
            ),
        }[model]()
        translator = Translator(made, source, target, search="greedy", max_length=30)
        if dead:
            for variable in list(made.trainable_variables):
                if any(each in variable.path for each in DEAD):
                    variable.assign(np.zeros(variable.shape))
                    variable.trainable = False
        made.compile(optimizer, **translator.objective())
        told = []
        quality = TranslationMetrics(
            translate or (translator if writes else right), held_out, every=2
        )
        doctor = Doctor(translator, held_out, quality, say=told.extend)
        batches = train.batches(source, target, batch_size=50, shuffle=True, cache=True)
        callbacks = [quality, doctor, *([BlowUp()] if blown else [])]
        made.fit(batches, epochs=epochs, callbacks=callbacks, verbose=0)
        return {each.name for each in told}

    adam, sgd, schedules = keras.optimizers.Adam, keras.optimizers.SGD, keras.optimizers.schedules

    good = {
        "Transformer, Adam, warm-up": lambda: run(adam(LinearWarmup(3e-3, 40)), writes=True),
        "Transformer, Adam, clipped, cosine": lambda: run(
            adam(
                schedules.CosineDecay(0.0, 200, warmup_target=3e-3, warmup_steps=40),
                global_clipnorm=1.0,
            )
        ),
        "Transformer, SGD": lambda: run(sgd(0.3)),
        "GRU, Adam": lambda: run(adam(1e-2), "gru", writes=True),
    }
    for name, go in good.items():
        _clean(total, name, go())
    for folder in sorted((ROOT / "docs" / "results").iterdir()):
        if (folder / "recipe.toml").is_file():
            _clean(total, f"docs/results/{folder.name}", {e.name for e in examine_run(folder)})

    def says(translate):
        return lambda: run(adam(3e-3), translate=translate, epochs=2)

    faults = {
        "warm-up": [
            lambda: run(adam(LinearWarmup(3e-3, 4000)), epochs=2),
            lambda: run(adam(InverseSquareRoot(3e-3, 4000)), epochs=2),
        ],
        "loss": [
            lambda: run(adam(1e-9)),
            lambda: run(adam(3.0)),
            lambda: run(adam(schedules.PiecewiseConstantDecay([120], [3e-3, 3.0]))),
        ],
        "gradients": [
            lambda: run(sgd(0.3), blown=True),
            lambda: run(adam(3e-3), blown=True),
        ],
        "attention": [
            lambda: run(adam(3e-3), dead=True),
            lambda: run(adam(1e-2), "gru", dead=True),
        ],
        "copies": [says(list)],
        "repeats": [says(lambda lines: [f"{line[0]} ein" * 9 for line in lines])],
        "one output": [says(lambda lines: ["ein und"] * len(lines))],
        "empty outputs": [says(lambda lines: [""] * len(lines))],
    }
    for name, runs in faults.items():
        seen = [name in go() for go in runs]
        total["seeded"] += len(seen)
        total["found"] += sum(seen)
        print(f"{name:<52}{sum(seen):>7} / {len(seen)}", flush=True)


def spaced(number):
    """A German number word as words, for a tokenizer of words."""
    for word in ("und", "hundert", "tausend", "zig"):
        number = number.replace(word, f" {word} ")
    return " ".join(number.split())


def _clean(total, name, found):
    total["clean"] += 1
    total["alarms"] += bool(found)
    print(f"{name}: {', '.join(sorted(found)) or 'nothing found'}", flush=True)


def examined(name, pairs, held_out):
    return examine(
        pairs, held_out or None, longest=None if name.startswith(ONE_LANGUAGE) else MAX_LENGTH
    )


def corpora(data):
    """Names and lists of pairs."""
    for folder in ("", "tok/"):
        for one, other in itertools.combinations(("en", "de", "fr"), 2):
            for part in ("train", "val", "test_2016_flickr"):
                paths = (data / f"multi30k/{folder}{part}.{each}.gz" for each in (one, other))
                yield f"multi30k {one}-{other} {folder}{part}", list(PairReaders.from_files(*paths))
    tatoeba = PairReaders.from_tsv(data / "tatoeba_en_sv/pairs.tsv.gz", header=False)
    yield "tatoeba en-sv", list(tatoeba)
    yield "tatoeba sv-en", [pair[::-1] for pair in tatoeba]
    for one, other in itertools.combinations(("en", "de", "fr"), 2):
        captions = PairReaders.from_tsv(data / "emoji/captions.tsv", one, other)
        yield f"emoji {one}-{other}", list(captions)
    for part in ("dev", "test"):
        path = data / f"dialogsum/{part}.jsonl.gz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            keys = json.loads(file.readline())
        summary = "summary" if "summary" in keys else "summary1"
        yield f"dialogsum {part}", list(PairReaders.from_jsonl(path, "dialogue", summary))
    news = PairReaders.from_csv(data / "ag_news/test.csv.gz", 1, 2, header=False)
    yield "ag_news titles", list(news)
    with gzip.open(data / "xquad/en.json.gz", "rt", encoding="utf-8") as file:
        paragraphs = [each for article in json.load(file)["data"] for each in article["paragraphs"]]
    yield (
        "xquad questions",
        list(
            PairReaders.from_pairs(
                (each["question"], paragraph["context"])
                for paragraph in paragraphs
                for each in paragraph["qas"]
            )
        ),
    )
    for language in ("german", "french"):
        for part, pairs in zip(("train", "val", "test"), number_pairs(language), strict=True):
            yield f"numbers {language} {part}", list(PairReaders.from_pairs(pairs))


def beside(parts, name):
    """The validation part of a training part."""
    return parts.get(name.replace("train", "val")) if name.endswith("train") else None


def some(pairs, share, draw):
    return draw.sample(range(len(pairs)), max(1, round(share * len(pairs))))


def turned(share):
    def damage(pairs, held_out, draw):
        for row in some(pairs, share, draw):
            pairs[row] = pairs[row][::-1]
        return pairs, None

    return damage


def turned_end(pairs, held_out, draw):
    half = 3 * len(pairs) // 4
    return pairs[:half] + [pair[::-1] for pair in pairs[half:]], None


def turned_validation(pairs, held_out, draw):
    return held_out and (pairs, [pair[::-1] for pair in held_out])


def copied(share):
    def damage(pairs, held_out, draw):
        for row in some(pairs, share, draw):
            pairs[row] = pairs[row][0], pairs[row][0]
        return pairs, None

    return damage


def other_source(pairs, held_out, draw):
    for row in some(pairs, 0.2, draw):
        pairs[row] = pairs[row][0], draw.choice(pairs)[0]
    return pairs, None


def shifted(begin, by):
    """Targets of the lines from a share of the corpus on, some lines later or earlier.

    The lines are mixed before: a corpus that is sorted has like neighbours."""

    def damage(pairs, held_out, draw):
        draw.shuffle(pairs)
        place = round(begin * len(pairs))
        sources, targets = map(list, zip(*pairs, strict=True))
        if by > 0:
            del targets[place : place + by]
        else:
            targets[place:place] = targets[:-by]
        return list(zip(sources, targets, strict=False)), None

    return damage


def mixed_block(share):
    def damage(pairs, held_out, draw):
        size = round(share * len(pairs))
        begin = draw.randrange(len(pairs) - size + 1)
        targets = [target for _, target in pairs[begin : begin + size]]
        draw.shuffle(targets)
        for row, target in enumerate(targets, begin):
            pairs[row] = pairs[row][0], target
        return pairs, None

    return damage


def mixed(share):
    def damage(pairs, held_out, draw):
        rows = some(pairs, share, draw)
        targets = [pairs[row][1] for row in rows]
        draw.shuffle(targets)
        for row, target in zip(rows, targets, strict=True):
            pairs[row] = pairs[row][0], target
        return pairs, None

    return damage


def emptied(pairs, held_out, draw):
    for row in some(pairs, 0.05, draw):
        pairs[row] = pairs[row][0], ""
    return pairs, None


def joined(pairs, held_out, draw):
    if max(len(side.split()) for pair in pairs for side in pair) >= MAX_LENGTH:
        return None  # dialogues and articles
    for row in some(pairs, 0.03, draw):
        pairs[row] = tuple(
            " ".join([side] * (MAX_LENGTH // len(side.split()) + 1)) for side in pairs[row]
        )
    return pairs, None


def doubled(pairs, held_out, draw):
    pairs += [pairs[row] for row in some(pairs, 0.25, draw)]
    draw.shuffle(pairs)
    return pairs, None


def overlapping(pairs, held_out, draw):
    return held_out and (pairs, held_out + [pairs[row] for row in some(held_out, 0.05, draw)])


def cut_otherwise(pairs, held_out, draw):
    """Words in pieces, as subword tools write them."""

    def cut(text):
        return " ".join(
            f"{word[:3]}@@ {word[3:]}" if len(word) > 4 else word for word in text.split()
        )

    return held_out and (pairs, [tuple(map(cut, pair)) for pair in held_out])


def other_language(pairs, held_out, draw):
    """Targets with every word of more than three letters spelt backwards: a language never seen."""

    def turn(text):
        return " ".join(word[::-1] if len(word) > 3 else word for word in text.split())

    return held_out and (pairs, [(source, turn(target)) for source, target in held_out])


FAULTS = [
    ("5 % of the pairs turned", ("turned",), turned(0.05)),
    ("half of the pairs turned", ("turned",), turned(0.5)),
    ("the last quarter turned", ("turned",), turned_end),
    ("validation turned", ("turned",), turned_validation),
    ("all targets are their source", ("equal sides",), copied(1.0)),
    ("15 % of the targets are their source", ("equal sides",), copied(0.15)),
    ("20 % of the targets are other sources", ("one language",), other_source),
    ("a line is missing at the first", ("misaligned",), shifted(0, 1)),
    ("a line is missing in the middle", ("misaligned",), shifted(0.5, 1)),
    ("two lines too many at three quarters", ("misaligned",), shifted(0.75, -2)),
    ("all targets mixed", ("misaligned",), mixed(1.0)),
    ("targets of a block of 20 % mixed", ("misaligned",), mixed_block(0.2)),
    ("40 % of the targets mixed, here and there", ("misaligned",), mixed(0.4)),
    ("5 % of the targets empty", ("empty sides",), emptied),
    ("3 % of the pairs of 100 words", ("long lines",), joined),
    ("20 % of the pairs stand twice", ("repetitions",), doubled),
    ("5 % of the validation pairs from training", ("overlap",), overlapping),
    ("validation cut into pieces", ("unseen words",), cut_otherwise),
    ("validation in another language", ("unseen words",), other_language),
]  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
