"""The first thing that anybody runs does what the README says of it."""

from rich.console import Console

from kerasseq import Translator
from kerasseq.recipes.quickstart import quickstart


def test_the_quickstart_learns_numbers_and_its_exports_agree(tmp_path):
    results = quickstart(tmp_path / "run", Console(quiet=True))
    assert results["exact_match"] >= 0.995
    assert results["serving/1"] == results["float32.tflite"] == 1.0
    assert results["int8.tflite"] >= 0.98
    assert (tmp_path / "run" / "attention.png").is_file()
    looked = Translator.load(tmp_path / "run" / "translator").attention("fifty one")
    sources = [looked.source_tokens[place] for place in looked.attention.argmax(axis=1)]
    at = dict(zip(looked.tokens, sources, strict=True))
    assert at["ein"] == "one" and at["fünf"] == "fifty"  # einundfünfzig
