"""The benchmarks' own parts, on small files."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from kerasseq.data import ParallelText
from kerasseq.models import AttentionSeq2Seq
from kerasseq.recipes import train
from kerasseq.reports import compare
from kerasseq.synthetic import Given

BENCHMARKS = pathlib.Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def reproductions(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import reproductions

    yield reproductions
    for name in ("reproductions", "runs"):
        del sys.modules[name]


def small(recipe, text, folder):
    """A recipe made small: files of a few pairs, each twice, and a few steps of training."""
    recipe["data"] = {}
    for part, pairs in zip(("train", "validation", "test"), text, strict=True):
        for side, lines in zip(("source", "target"), zip(*pairs[:12], strict=True), strict=True):
            path = folder / f"{part}.{side}"
            path.write_text("".join(2 * f"{line}\n" for line in lines), encoding="utf-8")
            recipe["data"][f"{part}_{side}"] = str(path)
    recipe["batches"] = {"batch_size": 12}
    recipe["training"] |= {"epochs": 1, "warmup_steps": 0}
    recipe["translation"]["max_length"] = 5
    return recipe


def test_attention_is_all_that_luong_deep_adds(reproductions, number_text, tmp_path):
    recipe, plain = (reproductions.recipe_of(name, 1) for name in ("luong_deep", "sutskever"))
    same = {"cell", "embedding_dim", "hidden_dim", "num_layers", "dropout"}
    assert {recipe["model"][key] == plain["model"][key] for key in same} == {True}
    assert recipe["model"]["num_layers"] == 2 and not recipe["model"]["bidirectional"]
    assert all(recipe[part] == plain[part] for part in recipe if part != "model")
    run = tmp_path / "luong_deep.1"
    translator = train(small(recipe, number_text, tmp_path), run)
    assert isinstance(translator.model, AttentionSeq2Seq)
    assert int(translator.model.optimizer.iterations) >= 2
    together = tmp_path / "luong_deep.ensemble"
    reproductions.measure_ensemble([run, run], together, recipe)
    assert reproductions.is_measured(together)
    assert compare([together])["runs"] == ["luong_deep.ensemble"]


def test_a_line_of_a_race_becomes_a_row_of_the_history(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import bench

    lines = {
        "greedy, batch  1: Python                   43  (40-45) sentences/s   ×0.48": (
            "greedy, batch 1: Python", "43", "sentences/s", "0.48",
        ),
        "beam 4, batch 32, 7 + 1 blocks:    184  (182-185) sentences/s   ×1.40": (
            "beam 4, batch 32, 7 + 1 blocks", "184", "sentences/s", "1.40",
        ),
        "kerasseq, float32              1234 target tokens/s   ×0.99": (
            "kerasseq, float32", "1234", "target tokens/s", "0.99",
        ),
    }  # fmt: skip
    for line, expected in lines.items():
        assert tuple(bench.row_of(line + "\n").values()) == expected
    assert bench.row_of("Intel Xeon, one thread, median (spread) of 5 turns") is None
    monkeypatch.setattr(bench, "HISTORY", tmp_path / "speed.csv")
    monkeypatch.setattr(bench, "PICTURE", tmp_path / "speed.png")
    for _ in range(2):
        bench.keep([{"table": "decoding", **bench.row_of(line)} for line in lines])
    assert len((tmp_path / "speed.csv").read_text().splitlines()) == 7
    bench.plot()
    assert (tmp_path / "speed.png").is_file()
    assert all((BENCHMARKS / script).is_file() for script, *_ in bench.TABLES.values())
    del sys.modules["bench"]


def test_ways_take_turns_and_their_table_is_read_by_the_history(monkeypatch, capsys):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import bench

    import turns

    now, called = [0.0], []

    def way(name, *seconds):
        left = iter(seconds)

        def go(*batch):
            called.append((name, *batch))
            now[0] += next(left)

        return go

    ways = {"greedy, batch  1: A": way("a", 90, 1, 2, 4), "beam 4: B": way("b", 50, 4, 4, 3)}
    found = turns.in_turns(ways, 3, lambda: now[0])
    assert found == {"greedy, batch  1: A": [1, 2, 4], "beam 4: B": [4, 4, 3]}
    assert [name for name, *_ in called] == ["a", "b"] * 4
    turns.print_rates(found, "lines/s", dict.fromkeys(found, "beam 4: B"))
    rows = [tuple(bench.row_of(line).values()) for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        ("greedy, batch 1: A", "2", "lines/s", "0.50"), ("beam 4: B", "4", "lines/s", "1.00"),
    ]  # fmt: skip

    batches, called[:] = [(each,) for each in range(3 * turns.BATCHES)], []
    rates = turns.training_rates({"t": lambda each: called.append(each)}, batches, lambda each: 1)
    assert called[: len(batches)] == list(range(len(batches)))
    assert called[len(batches) :] == [
        each % len(batches) for each in range(turns.TURNS * turns.BATCHES)
    ]
    assert len(rates["t"]) == turns.TURNS
    for name in ("bench", "turns"):
        del sys.modules[name]


def test_the_costs_that_the_docs_show_are_what_the_benchmark_prints(monkeypatch, capsys):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import costs

    costs.main([])
    page = (BENCHMARKS.parent / "docs" / "scaling.md").read_text(encoding="utf-8")
    assert f"```text\n{capsys.readouterr().out}```" in page
    hours = {name: amount for name, amount, *_ in costs.rows(costs_of(costs, pairs=3.6e6, bulk=10))}
    assert hours["translate each line"] == 100
    with pytest.raises(SystemExit, match="Expected NAME=NUMBER"):
        costs.main(["cores"])
    del sys.modules["costs"]


def costs_of(costs, **given):
    return {name: each[0] for name, each in (costs.RATES | costs.ASKED).items()} | given


def test_the_race_on_a_card_runs_small_on_a_processor():
    command = [sys.executable, BENCHMARKS / "gpu.py", "--small"]
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
    environment["PYTHONPATH"] = str(BENCHMARKS.parent)
    found = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr[-3000:]
    assert found.stdout.count("×") == 3 and "% of the peak" in found.stdout


def test_the_worst_by_their_score_and_the_others_are_all_lines(monkeypatch, number_text):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import sifting

    from kerasseq import Translator

    teacher = Translator.load(BENCHMARKS.parent / "saved_models" / "numbers_en_de")
    said = list(sifting.measure(teacher, *zip(*number_text[1][:20], strict=True)))
    assert said[0].startswith("all: 20 lines") and said[0].endswith("chrF 100.0")
    assert [line.split(": ")[1].split(",")[0] for line in said[-3:]] == [
        "4 lines", "16 lines", "4 lines",
    ]  # fmt: skip


def test_training_text_is_written_again_and_kept(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import diversification

    pairs = ParallelText.from_pairs([("seven", "sieben"), ("forty two", "vierzigzwei")])
    given = Given(pairs, pairs.take(1), pairs.take(1))
    monkeypatch.setattr(diversification, "read_given", lambda *_, **__: given)
    numbers = str(BENCHMARKS.parent / "saved_models" / "numbers_en_de")
    for _ in range(2):  # the second time nothing is translated
        weights = diversification.write_data([numbers], [numbers], [], tmp_path)
        kept = {path.name: path.read_text("utf-8").splitlines() for path in tmp_path.glob("*l")}
        monkeypatch.delattr(diversification, "Translator", raising=False)
    assert {*weights, "validation.jsonl", "test.jsonl"} == {*kept}
    assert [json.loads(row) for row in kept["forward.jsonl"]] == [
        {"source": "forty two", "target": "zweiundvierzig"}
    ]
    back = [json.loads(row) for row in kept["backward.jsonl"]]
    assert {row["target"] for row in back} == {"sieben", "vierzigzwei"}
    assert len({row["source"] for row in back if row["target"] == "sieben"}) > 1
    assert len(kept["original.jsonl"]) == 2
    (tmp_path / "forward.1.json").write_text(
        json.dumps([["sieben", "sieb"], ["vierzig zwei", "vierzi", "vi" * 9]])
    )
    (tmp_path / "backward.1.json").write_text(json.dumps([["seven"], ["sevenseven"]]))
    weights = diversification.write_data([numbers] * 2, [numbers] * 2, [], tmp_path)
    assert weights["backward.jsonl"] == 0.075
    rows = [json.loads(row) for row in (tmp_path / "forward.jsonl").read_text("utf-8").splitlines()]
    found = [row["target"] for row in rows if row["source"] == "seven"]
    assert "sieben" not in found and len(found) == 3  # the reference is among the pairs anyway
    assert "vi" * 9 not in {row["target"] for row in rows}
    back = (tmp_path / "backward.jsonl").read_text("utf-8")
    assert '"sevenseven"' in back and '"source": "seven"' not in back
    for name in ("diversification", "machine"):
        del sys.modules[name]
