"""Scores of a translator on pairs that it was not trained on, and their files."""

from __future__ import annotations

import json
import pathlib
import typing
from collections.abc import Iterable

from kerasseq.doctor import check_outputs, warn
from kerasseq.files import write_file
from kerasseq.metrics import corpus_scores, rouge_scores, share_repeating
from kerasseq.metrics.bleu_tokenizers import check_tokenize, warn_of_references
from kerasseq.metrics.rouge_scores import check_rouge
from kerasseq.recipes.corpora import build_data
from kerasseq.recipes.recipe import load_recipe
from kerasseq.recipes.sections import kind_of
from kerasseq.text.checks import check_pairs

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Search
    from kerasseq.files import AnyPath
    from kerasseq.tasks.translator import Translator


def evaluate(
    translator: Translator,
    corpus: Iterable[tuple[str, str]],
    *,
    tokenize: str = "13a",
    lowercase: bool = False,
    rouge: bool = False,
    search: Search | str | None = None,
    run: AnyPath | None = None,
    name: str = "",
) -> dict[str, typing.Any]:
    """Translates a corpus and scores it.

    Args:
        translator: Translator.
        corpus: ParallelText, or an iterable of pairs of str.
        tokenize: sacreBLEU's tokenizer; "none" for text that is tokenised already.
        lowercase: bool, compare without case.
        rouge: bool, score summaries too: see `kerasseq.metrics.rouge_scores`.
        search: Search or name; the translator's own by default.
        run: path of a run folder for the files `{name}.hypotheses.txt` (a line
            each, a JSON string where it has line breaks or begins with a quote) and
            `{name}.scores.json`; None to write none.
        name: str, the part's name, for the files.

    Returns:
        dict of `bleu`, `chrf`, `exact_match`, `lines`, `signature`, `perplexity` a target
        token with the end symbol, and `repeating`, the share of translations that repeat
        themselves (`kerasseq.metrics.repeats_itself`); with `rouge` also `rouge1`, `rouge2` and
        `rougeL`.

    Raises:
        ImportError: for `rouge` without `rouge-score`.
        ValueError: for a tokenizer that sacreBLEU does not have or that cannot run here, or for
            no pairs of texts, before anything is translated.
    """
    check_tokenize(tokenize)
    if rouge:
        check_rouge()
    pairs = list(check_pairs(corpus))
    if not pairs:
        raise ValueError("Expected pairs to score a translator on; received none. Check the list.")
    sources, references = map(list, zip(*pairs, strict=True))
    warn_of_references(references, tokenize, lowercase, translator.target.lowercase)
    hypotheses = [found[0].text for found in translator.translate(sources, search)]
    warn(check_outputs(sources, hypotheses, references))
    scores = corpus_scores(hypotheses, references, tokenize, lowercase)
    if rouge:
        scores |= rouge_scores(hypotheses, references)
    scores["perplexity"] = translator.perplexity(pairs)
    scores["repeating"] = share_repeating(hypotheses)
    if run is not None:
        run = pathlib.Path(run)
        write_file(run / f"{name}.hypotheses.txt", "".join(map(_as_line, hypotheses)))
        write_file(run / f"{name}.scores.json", json.dumps(scores, indent=1) + "\n")
    return scores


def read_evaluation(
    run: AnyPath, part: typing.Literal["validation", "test"]
) -> tuple[list[str], list[str], list[str]]:
    """Reads the translations that `evaluate_run` wrote.

    Args:
        run: path of a run folder that `evaluate_run` filled.
        part: "validation" or "test".

    Returns:
        lists of str: sources, references, hypotheses.

    Raises:
        FileNotFoundError: for a run that was not evaluated, or whose data has no such part.
        ValueError: for a run of another task than a translator.
    """
    path = pathlib.Path(run) / f"{part}.hypotheses.txt"
    recipe = load_recipe(path.with_name("recipe.toml"))
    if kind_of(recipe) != "translator":
        raise ValueError(
            f"Expected the run of a translator; received {run}, of a {kind_of(recipe)}, which "
            f"translates nothing. See its {part}.scores.json."
        )
    if not path.is_file() and path.with_name("validation.hypotheses.txt").is_file():
        raise FileNotFoundError(
            f"Expected a {part} part of the data of {run}; received validation alone. Read part "
            "validation (--part validation), or evaluate other lines: kerasseq evaluate."
        )
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected {path}; received a folder without it. Evaluate the run: kerasseq train."
        )
    corpus = build_data(recipe["data"], [part])
    sources, references = map(list, zip(*getattr(corpus, part), strict=True))
    lines = path.read_bytes().decode("utf-8").split("\n")[:-1]
    return sources, references, list(map(_of_line, lines))


def _as_line(text):
    """A translation as a line of a file; one with line breaks, or in quotes, as a JSON string."""
    if any(each in text for each in "\n\r") or text.startswith('"'):
        text = json.dumps(text, ensure_ascii=False)
    return f"{text}\n"


def _of_line(line):
    try:
        found = json.loads(line) if line.startswith('"') else line
    except ValueError:  # a run of a version that wrote quotes as they stand
        return line
    return found
