"""Recipes that are written for data at hand, with a comment on what may be changed."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator

from kerasseq.recipes.recipe import write_toml

if typing.TYPE_CHECKING:
    from kerasseq.recipes.measures import Measures

    # A comment, a section's name, and its keys.
    Drafted: typing.TypeAlias = tuple[str, str, dict[str, typing.Any]]

LENGTHS = (32, 64, 100, 128, 200, 256, 384, 512)  # tokens, of which one is chosen
PIECES = 32_000  # of a tokenizer, at most
# Pairs up to which a Transformer is so wide and has so many blocks.
SIZES = ((10_000, 128, 2), (100_000, 128, 4), (1_000_000, 256, 4), (float("inf"), 512, 6))
KEPT = "The epoch that is best on the validation part is kept."
BATCHES = "Smaller batches want less memory."


def translator_draft(measures: Measures, start: str | None = None) -> str:
    """A recipe for pairs, in TOML with comments.

    Args:
        measures: Measures of the pairs.
        start: path of a translator to go on with; None for a new one.
    """
    return _toml(measures, translator_sections(measures, start), start, {})


def classifier_draft(measures: Measures, start: str | None = None) -> str:
    """A recipe for labelled texts, in TOML with comments.

    Args:
        measures: Measures of the texts.
        start: path of a pretrained BERT to fine-tune; None for an LSTM from scratch.
    """
    return _toml(measures, _classifier(measures, start), start, {"head": "new"})


def translator_sections(measures: Measures, start: str | None = None) -> Iterator[Drafted]:
    """The sections of `translator_draft`, each behind its comment and its name."""
    length = _length(max(measures.longest), 1.5)
    width, blocks = next(each[1:] for each in SIZES if measures.count <= each[0])
    epochs = 3 if start else min(40, max(8, 600_000 // measures.count))
    yield _data("pairs", source="source", target="target")
    if start is None:
        yield from _tokenizers(measures)
        yield (
            f"A Transformer of {blocks} blocks, {width} wide. More text wants more.",
            "model",
            {
                "kind": "Transformer",
                "hidden_dim": width,
                "num_layers": blocks,
                "num_heads": width // 32,
                "feed_forward_dim": 4 * width,
                "norm_first": True,
                "dropout": 0.25 if measures.count < SIZES[1][0] else 0.1,
                "share_embeddings": _joint(measures),
            },
        )
    yield (
        f"Longer lines are left out, which the log says. {BATCHES}",
        "batches",
        {"tokens_per_batch": max(1536, 2 * length), "max_length": length},
    )
    peak = 1e-4 if start else 2e-3 if width < 256 else 7e-4
    yield (
        f"{KEPT} After five without a better one training\nends. Every quality_every epochs BLEU "
        "is measured.",
        "training",
        {
            "epochs": epochs,
            "patience": 5,
            "seed": 1,
            "learning_rate": peak,
            "schedule": "cosine",
            "warmup_steps": _warmup(measures, epochs),
            "clip_norm": 1.0,
            "label_smoothing": 0.1,
            "quality_every": max(1, epochs // 8),
        },
    )
    yield (
        'How translations are written: "greedy" is faster, a wider beam a little better.',
        "search",
        {"kind": "beam", "beam_size": 4},
    )
    counted = measures.spaces[-1] and measures.usual[-1] > 3  # BLEU counts runs of four words
    yield (
        'BLEU\'s tokenizer: "13a" for words with spaces between, "zh", "ja-mecab", or "char".',
        "translation",
        {"max_length": length, "bleu_tokenize": "13a" if counted else "char"},
    )


def _classifier(measures, start) -> Iterator[Drafted]:
    words, length = all(measures.spaces), sum(measures.longest)
    yield (
        "What is read of a text, in tokens: the rest is cut, which the log says.",
        "task",
        {
            "kind": "classifier",
            "labels": measures.labels,
            "max_length": _length(length, 1.3 if words and start is None else 1.8),
        },
    )
    yield _data("labelled texts", columns=[*measures.columns, "label"])
    if start is None:
        yield (
            _words(measures)
            if words
            else (
                "Pieces of words, for a script without spaces.",
                "tokenizer",
                _pieces(max(measures.letters), sum(measures.words), 8000),
            )
        )
        yield (
            "An LSTM from scratch, small and quick. A pretrained BERT knows more: begin again\n"
            "with kerasseq new … --from FOLDER, which holds one in Hugging Face's layout.",
            "encoder",
            {
                "kind": "RecurrentTextEncoder",
                "embedding_dim": 128,
                "hidden_dim": 128,
                "dropout": 0.5,
            },
        )
        yield "", "model", {"pooling": "max", "dropout": 0.5}
    yield BATCHES, "batches", {"batch_size": 32}
    new = {"epochs": 10, "patience": 3, "seed": 1, "learning_rate": 1e-3, "clip_norm": 1.0}
    tuned = {"epochs": 3, "seed": 1, "optimizer": "adamw", "learning_rate": 5e-5}
    tuned |= {"schedule": "linear", "weight_decay": 0.01, "clip_norm": 1.0}
    yield KEPT, "training", tuned if start else new


def _toml(measures, drafted, start, head):
    drafted = [*drafted]
    if start is not None:
        drafted.append(("What the run starts from.", "start", {"folder": start} | head))
    return commented(measures.sentence, drafted)


def commented(heading: str, drafted: Iterable[Drafted]) -> str:
    """Sections as TOML below a heading, each behind its comment."""
    parts = ["\n".join(f"# {line}" for line in heading.split("\n"))]
    for comment, section, values in drafted:
        lines = [f"# {line}\n" for line in comment.split("\n") if line]
        parts.append("".join(lines) + write_toml({section: values}))
    return "\n".join(parts)


def _data(what, **options) -> Drafted:
    files = {part: f"{part}.jsonl" for part in ("train", "validation", "test")}
    comment = f"The {what}, in three parts that share no text; the folder is that of this file."
    return comment, "data", {"folder": "."} | files | options


def _joint(measures):
    """Whether both sides share a script."""
    return measures.scripts[0] == measures.scripts[1]


def _tokenizers(measures) -> Iterator[Drafted]:
    """One section for both sides where they share a script, otherwise two."""
    if _joint(measures):
        pieces = _pieces(max(measures.letters), sum(measures.words), PIECES)
        yield "Pieces of words, one vocabulary for both sides.", "joint_tokenizer", pieces
        return
    sides = zip(("source", "target"), measures.letters, measures.words, strict=True)
    for side, letters, words in sides:
        pieces = _pieces(letters, words, PIECES // 2)
        yield f"Pieces of words of the {side}.", f"{side}_tokenizer", pieces


def _words(measures) -> Drafted:
    options = {"kind": "word", "lowercase": True, "split": "punctuation", "joiners": False}
    options["min_frequency"] = 1 if measures.count < 2000 else 2
    return "Rarer words are read as unknown: so the model learns about those.", "tokenizer", options


def _pieces(letters, words, most):
    """A tokenizer of so many pieces as the text can fill: letters, symbols, parts of words."""
    found = min(most, letters + 8 + words // 6)
    size = found if found < 1000 else found // 100 * 100
    return {"kind": "sentencepiece", "model_type": "bpe", "vocabulary_size": size}


def _length(words, pieces_a_word):
    """The least usual length that nearly all texts fit into, of their words."""
    return next((each for each in LENGTHS if each >= words * pieces_a_word + 2), LENGTHS[-1])


def _warmup(measures, epochs):
    """A tenth of the steps, at most 400."""
    steps = measures.count * epochs * max(measures.usual) // 1536
    return max(1, min(400, steps // 10))
