"""Faults put into text are found, and nothing is found in text that is right."""

import pathlib
import random
import runpy

import pytest

from kerasseq.cli import main
from kerasseq.data import ParallelText
from kerasseq.data.numbers import number_pairs
from kerasseq.doctor import DoctorWarning, check_outputs, check_tokenizers, examine, warn
from kerasseq.doctor.sample import Sampler
from kerasseq.text import CharacterTokenizer, WordTokenizer

BENCHMARK = runpy.run_path(str(pathlib.Path(__file__).parents[2] / "benchmarks" / "doctor.py"))
FAULTS = BENCHMARK["FAULTS"]


@pytest.fixture(scope="module")
def text():
    """Number words, German ones cut apart: pairs to train on and to validate with."""
    parts = number_pairs(train=600, validation=150, test=1)[:2]
    return [[(one, BENCHMARK["spaced"](other)) for one, other in part] for part in parts]


def names(*given):
    return [each.name for each in examine(*given, longest=100)]


def test_nothing_is_wrong_with_text_that_is_right(text):
    assert names(*text) == [] == names([pair[::-1] for pair in text[0]])
    assert examine(*text, longest=24) == []  # tokens: some have more characters
    whole = number_pairs(train=600, validation=150, test=1)[:2]  # whose German words are all new
    assert names(*whole) == []


def test_nothing_is_wrong_with_real_text(data_folder):
    if data_folder is None:
        pytest.skip("No data folder.")
    for target in ("de", "fr"):
        parts = [
            ParallelText.from_files(
                data_folder / f"multi30k/{part}.en.gz", data_folder / f"multi30k/{part}.{target}.gz"
            )
            for part in ("test_2016_flickr", "val")
        ]
        assert names(*parts) == []


@pytest.mark.parametrize("what,kinds,damage", FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_found(what, kinds, damage, text):
    damaged = damage(list(text[0]), list(text[1]), random.Random(1))
    assert set(kinds) & set(names(*damaged))


def test_a_missing_line_is_told_with_its_place(text):
    pairs = number_pairs(train=1200, validation=1, test=1)[0]
    sources, targets = map(list, zip(*pairs, strict=True))
    del targets[600]
    (found,) = examine(list(zip(sources, targets, strict=False)))
    assert found.name == "misaligned" and "between the lines 601 and 1,199" in found.sentence
    assert "They fit what stands 1 line earlier on the target's side" in found.sentence


def test_few_pairs_say_nothing():
    assert names([("one", "one")] * 99) == []
    assert names([("one", "one")] * 100) == ["equal sides", "repetitions"]
    assert names([("", "")] * 100) == ["empty sides", "repetitions"]


@pytest.mark.parametrize("count", [1, 99, 100, 250, 2999, 3000, 3001, 12345])
def test_a_sample_is_of_runs_and_loses_nothing(count):
    sampler = Sampler(count)
    pairs = [(str(i), str(i)) for i in range(1, count + 1)]
    assert list(sampler.watch(pairs)) == pairs
    assert all(run.pairs[0][0] == str(run.line) for run in sampler.runs)
    assert len(sampler.runs) <= 30 or count <= 3100
    if count <= 3000:
        assert [pair for run in sampler.runs for pair in run.pairs] == pairs


def test_tokenizers_of_other_sides_and_small_vocabularies_are_told(text):
    pairs, _ = text
    source, target = (CharacterTokenizer.train(side) for side in zip(*pairs, strict=True))
    words = WordTokenizer.train(one for one, _ in pairs)
    turned = [pair[::-1] for pair in pairs]
    assert check_tokenizers(pairs, words, target) == []
    assert [e.name for e in check_tokenizers(turned, words, target)] == ["turned"]
    few = WordTokenizer.train(["ein und"])
    assert [e.name for e in check_tokenizers(pairs, source, few)] == ["unknown words"]
    assert check_tokenizers(pairs[:40], source, few) == []


def test_answers_are_held_against_their_references():
    sources = [f"{i} red cats" for i in range(20)]
    references = [f"{i} rote Katzen" for i in range(20)]

    def said(answers, references=references):
        return [each.name for each in check_outputs(sources, answers, references)]

    assert said(references) == said(references[::-1]) == []
    assert said(sources) == ["copies"] and said(sources, sources) == []
    assert said(["Katzen"] * 20) == ["one output"] and said(["Katzen"] * 20, ["Katzen"] * 20) == []
    assert said([""] * 20) == ["empty outputs"]
    assert said([f"{i} rote {'und Katzen ' * 5}" for i in range(20)]) == ["repeats"]
    assert said([f"{i}{'猫' * 12}" for i in range(20)]) == ["repeats"]
    assert said([f"{i} ja ja ja" for i in range(20)]) == []
    assert check_outputs(sources[:9], sources[:9], references[:9]) == []


def test_a_finding_is_a_warning_of_its_own(text):
    with pytest.warns(DoctorWarning, match="Expected two languages; received 600 of 600"):
        warn(examine([(one, one) for one, _ in text[0]]))


def test_the_command_reads_tables_and_files_without_tensorflow(text, tmp_path, monkeypatch, capsys):
    import kerasseq.cli.examining

    def loaded():
        raise AssertionError("the backend")

    monkeypatch.setattr(kerasseq.cli.examining, "load_backend", loaded)
    pairs, _ = text
    paths = [tmp_path / name for name in ("a.en", "a.de", "a.tsv", "a.jsonl")]
    for path, side in zip(paths, zip(*pairs, strict=True), strict=False):
        path.write_text("".join(f"{line}\n" for line in side), encoding="utf-8")
    paths[2].write_text("".join(f"{one}\t{one}\n" for one, _ in pairs), encoding="utf-8")
    paths[3].write_text(
        "".join(f'{{"en": "{one}", "de": "{other}"}}\n' for one, other in pairs), encoding="utf-8"
    )

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["kerasseq", "doctor", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return end.value.code, said.out, said.err

    columns = ("--source", "en", "--target", "de")
    assert run(paths[0], paths[1]) == (0, "", "nothing found\n")
    assert run(paths[3], *columns) == (0, "", "nothing found\n")
    code, out, _ = run(paths[2])
    assert code == 1 and out.startswith("equal sides: Expected two languages; received 600 of 600")
    code, out, _ = run(paths[0], paths[1], "--validation", paths[0], "--validation", paths[1])
    assert code == 1 and out.startswith("overlap: ")
    for wrong in ([paths[0]], [paths[3]], [*paths[:3]]):
        code, out, error = run(*wrong)
        assert code == 1 and out == "" and error.startswith("kerasseq: Expected ")
