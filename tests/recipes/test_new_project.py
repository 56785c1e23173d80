"""Projects that begin with the user's own texts: what is found, written, refused."""

import gzip
import json
import subprocess
import sys
import warnings

import pandas
import pytest

from kerasseq.cli import COMMANDS
from kerasseq.data.numbers import number_pairs
from kerasseq.recipes import load_recipe
from kerasseq.recipes.columns import choose_labelled, choose_pair, look
from kerasseq.recipes.courses import course_of
from kerasseq.recipes.project import new_project

PAIRS = number_pairs(train=300, validation=10, test=10)[0]
LABELLED = [(f"a {'warm' if i % 3 else 'dull'} film, number {i}", i % 3 > 0) for i in range(90)]


def write(path, rows, delimiter, header=()):
    lines = [*([header] if header else []), *rows]
    path.write_text("".join(delimiter.join(map(str, row)) + "\n" for row in lines))
    return path


def parts(project):
    """The rows of each part, as the recipe reads them."""
    data = course_of(load_recipe(project.recipe)).data()
    return [list(part) for part in (data.train, data.validation, data.test)]


@pytest.mark.parametrize("kind", ["tsv", "txt", "gz", "two", "jsonl", "nested", "parquet"])
def test_pairs_of_every_kind_are_split_and_read_back(tmp_path, kind):
    given = [(*pair, "CC BY") for pair in PAIRS]
    if kind == "two":
        files = [tmp_path / "a.en", tmp_path / "a.de"]
        for path, side in zip(files, zip(*PAIRS, strict=True), strict=True):
            path.write_text("".join(f"{line}\n" for line in side))
    elif kind in ("tsv", "txt"):
        files = [write(tmp_path / f"pairs.{kind}", given, "\t")]
    elif kind == "gz":
        files = [tmp_path / "pairs.tsv.gz"]
        with gzip.open(files[0], "wt") as file:
            file.writelines("\t".join(row) + "\n" for row in given)
    elif kind == "parquet":
        files = [tmp_path / "pairs.parquet"]
        pandas.DataFrame(PAIRS, columns=["en", "de"]).to_parquet(files[0])
    else:
        files = [tmp_path / "pairs.jsonl"]
        rows = [{"en": a, "de": b} for a, b in PAIRS]
        rows = (
            [{"id": i, "translation": row} for i, row in enumerate(rows)]
            if kind == "nested"
            else rows
        )
        files[0].write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    project = new_project(tmp_path / "numbers", files)
    assert project.recipe == tmp_path / "numbers" / "numbers.toml"
    assert project.parts == {"train": 240, "validation": 30, "test": 30}
    found = parts(project)
    assert sorted(row for part in found for row in part) == sorted(PAIRS)
    sources, targets = ([{row[side] for row in part} for part in found] for side in (0, 1))
    for side in (sources, targets):
        assert not side[0] & side[1] and not side[0] & side[2] and not side[1] & side[2]
    recipe = load_recipe(project.recipe)
    assert recipe["model"]["kind"] == "Transformer" and "joint_tokenizer" in recipe
    course_of(recipe).train_tokenizers(course_of(recipe).data().train)  # so many pieces fit


@pytest.mark.parametrize(
    ("delimiter", "header", "ending", "columns"),
    [
        (";", ("review", "stars"), "csv", "columns review and stars"),
        (",", ("a_text", "a_mark"), "csv", "columns a_text and a_mark"),
        ("\t", (), "tsv", "columns 0 and 1"),
    ],
)
def test_labelled_tables_are_recognised(tmp_path, delimiter, header, ending, columns):
    rows = [(f'"{text}"' if ending == "csv" else text, int(each)) for text, each in LABELLED]
    path = write(tmp_path / f"films.{ending}", rows, delimiter, header)
    project = new_project(tmp_path / "films", [path])
    assert project.columns == columns and "2 labels (0, 1)" in project.sentence
    found = parts(project)
    assert [len(part) for part in found] == [72, 9, 9]
    # Each part has its share of each label.
    assert [sum(label == "0" for _, label in part) for part in found] == [24, 3, 3]
    assert {text for part in found for text, _ in part} == {text for text, _ in LABELLED}
    recipe = load_recipe(project.recipe)
    assert recipe["task"]["kind"] == "classifier" and recipe["tokenizer"]["kind"] == "word"


def test_several_labels_values_pairs_of_texts_and_labelled_lines(tmp_path):
    several = tmp_path / "several.jsonl"
    rows = [{"text": text, "labels": ["a", "b"][: i % 3]} for i, (text, _) in enumerate(LABELLED)]
    several.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    scored = [(text, f"{i / 7:.3f}") for i, (text, _) in enumerate(LABELLED)]
    values = write(tmp_path / "values.tsv", scored, "\t", ("text", "score"))
    pairs = write(tmp_path / "pairs.csv", [(int(each), t, f"{t} again") for t, each in LABELLED],
                  "|")  # fmt: skip
    lines = write(tmp_path / "lines.txt", [(each, text) for text, each in LABELLED], " ")
    kinds = {several: "multi_label", values: "regression", pairs: "single_label",
             lines: "single_label"}  # fmt: skip
    for path, kind in kinds.items():
        project = new_project(tmp_path / path.stem, [path])
        recipe = load_recipe(project.recipe)
        assert recipe["task"]["labels"] == kind
        corpus = course_of(recipe).data()
        assert corpus.train.kind == kind and len(corpus.test) == 9
    assert isinstance(
        next(iter(course_of(load_recipe(tmp_path / "pairs" / "pairs.toml")).data().train))[0], tuple
    )


def test_what_is_empty_or_stands_there_twice_is_left_out_and_said(tmp_path, capsys):
    rows = [*PAIRS[:100], *PAIRS[:7], ("", "leer"), ("one two", " ")]
    path = write(tmp_path / "pairs.tsv", rows, "\t")
    COMMANDS["new"](tmp_path / "numbers", [str(path)])
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("100 pairs in Latin letters, mostly of")
    assert said[1:3] == ["left out: 2 without text", "left out: 7 that stood there before"]
    assert said[-1] == f"next: kerasseq train {tmp_path}/numbers/numbers.toml"
    labelled = write(tmp_path / "films.tsv", [*LABELLED, ("", LABELLED[0][1])], "\t")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is not said in two ways
        made = new_project(tmp_path / "films", [labelled])
    assert made.left_out["without text"] == 1


def test_misaligned_pairs_are_told_by_the_doctor(tmp_path):
    pairs = number_pairs(train=400, validation=10, test=10)[0]
    sources, targets = zip(*pairs, strict=True)
    path = write(tmp_path / "pairs.tsv", zip(sources, targets[1:] + targets[:1], strict=True), "\t")
    moved = new_project(tmp_path / "moved", [path])
    assert "misaligned" in [each.name for each in moved.findings]
    turned = [pair[::-1] if i % 4 == 0 else pair for i, pair in enumerate(pairs)]
    project = new_project(tmp_path / "turned", [write(path, turned, "\t")])
    assert "turned" in [each.name for each in project.findings]


def test_other_scripts_get_other_tokenizers(tmp_path):
    digits = str.maketrans(
        "abcdefghijklmnopqrstuvwxyz ", "一二三四五六七八九十百千万天地人山川日月水火木金土石の"
    )
    path = write(tmp_path / "pairs.tsv", [(a, a.translate(digits)) for a, _ in PAIRS], "\t")
    recipe = load_recipe(new_project(tmp_path / "chinese", [path]).recipe)
    assert {"source_tokenizer", "target_tokenizer"} < set(recipe)
    assert recipe["translation"]["bleu_tokenize"] == "char"
    rows = [(text.translate(digits), label) for text, label in LABELLED]
    recipe = load_recipe(new_project(tmp_path / "marks", [write(path, rows, "\t")]).recipe)
    assert recipe["tokenizer"]["kind"] == "sentencepiece"


def test_a_model_to_start_from_stands_in_the_recipe(tmp_path):
    path = write(tmp_path / "films.tsv", LABELLED, "\t")
    recipe = load_recipe(new_project(tmp_path / "films", [path], start="/bert").recipe)
    assert recipe["start"] == {"folder": "/bert", "head": "new"} and "encoder" not in recipe
    path = write(tmp_path / "pairs.tsv", PAIRS, "\t")
    recipe = load_recipe(new_project(tmp_path / "pairs", [path], start="/old").recipe)
    assert recipe["start"] == {"folder": "/old"} and "model" not in recipe


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (PAIRS, {"texts": ["0"], "label": "3"}, "column of .*, 0, 1; received '3'"),
        (PAIRS, {"texts": ["0"], "source": "1"}, "or of pairs .*received both: 0, 1"),
        (PAIRS, {"source": "1", "target": "1"}, "different columns of .*received 1 twice"),
        (PAIRS, {"texts": ["0"], "label": "0"}, "different columns of .*received 0 twice"),
        (PAIRS, {"source": "1"}, "columns of a text and its label, or of a text and its transl"),
        ([(str(i), str(i + 1)) for i in range(50)], {}, "numbers, a row a step.*train forecast"),
        (PAIRS[:19], {}, "at least 20 different rows"),
    ],
)
def test_what_cannot_be_told_is_refused_and_nothing_is_written(tmp_path, rows, options, message):
    path = write(tmp_path / "rows.tsv", rows, "\t")
    with pytest.raises(ValueError, match=message):
        new_project(tmp_path / "new", [path], **options)
    assert [each.name for each in tmp_path.iterdir()] == ["rows.tsv"]


def test_a_folder_that_is_there_stays(tmp_path):
    path = write(tmp_path / "pairs.tsv", PAIRS, "\t")
    with pytest.raises(FileExistsError, match="path of a new folder"):
        new_project(tmp_path, [path])


def test_columns_may_be_named(tmp_path):
    rows = [(a, b, i % 2) for i, (a, b) in enumerate(PAIRS)]
    path = write(tmp_path / "rows.csv", rows, ",", ("english", "german", "odd"))
    columns = look(path).columns
    assert choose_labelled(columns) == (["english", "german"], "odd")
    assert choose_pair(columns) == ("english", "german")
    project = new_project(tmp_path / "pairs", [path], source="german", target="english")
    assert sorted(row for part in parts(project) for row in part) == sorted(
        (b, a) for a, b in PAIRS
    )


def test_columns_that_are_named_tell_that_the_first_row_has_names(tmp_path):
    path = write(tmp_path / "rows.csv", PAIRS, ",", ("en", "de"))
    with pytest.raises(ValueError, match=r"whether row 1 of .*'en', 'de'\. Name the columns"):
        new_project(tmp_path / "pairs", [path])
    project = new_project(tmp_path / "pairs", [path], source="de", target="en")
    assert sorted(row for part in parts(project) for row in part) == sorted(
        (b, a) for a, b in PAIRS
    )
    with pytest.raises(ValueError, match="a column of .*, en, de; received 'fr'"):
        new_project(tmp_path / "other", [path], source="de", target="fr")


def test_a_project_begins_without_the_backend(tmp_path):
    path = write(tmp_path / "pairs.tsv", PAIRS, "\t")
    code = "import sys, pathlib; from kerasseq.cli import COMMANDS\n"
    code += "COMMANDS['new'](pathlib.Path(sys.argv[1]), sys.argv[2:])\n"
    code += "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    command = [sys.executable, "-c", code, str(tmp_path / "new"), str(path)]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


DAYS = [f"{1 + i % 28:02}.{1 + i // 28:02}.2021" for i in range(60)]
WORDS = [("Ada", "B-PER"), ("lives", "O"), ("in", "O"), ("Oslo", "B-LOC"), (".", "O")] * 20


@pytest.mark.parametrize(
    ("name", "rows", "delimiter", "said", "command"),
    [
        ("tags.conll", WORDS, "\t", "words and their tags", "train wnut17 --set data.folder="),
        ("tags.txt", WORDS, " ", "words and their tags", "data.train=tags.txt"),
        (
            "seen.csv",
            [("image", "caption"), *((f"{i}.png", f"picture {i}") for i in range(30))],
            ",",
            "images and their captions. Train a captioner: kerasseq",
            "train caption --set data.train=",
        ),
        (
            "seen.tsv",
            [("file", "title"), *((f"{i}.JPG", f"circle {i % 2}") for i in range(30))],
            "\t",
            "called image and caption, not file and title",
            "train caption",
        ),
        (
            "visits.csv",
            [("day", "visits"), *((day, f"{i},{i:02}") for i, day in enumerate(DAYS))],
            ";",
            "numbers, a row a step",
            "train forecast --set data.train=",
        ),
    ],
)
def test_what_is_no_text_is_refused_with_the_command_for_it(
    tmp_path, name, rows, delimiter, said, command
):
    path = tmp_path / name
    path.write_text("".join(delimiter.join(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(ValueError) as raised:
        new_project(tmp_path / "new", [path])
    assert said in str(raised.value) and command in str(raised.value)
    assert not (tmp_path / "new").exists()


def test_decimal_commas_are_values(tmp_path):
    rows = [("text", "score"), *((f"number {i} of them", f"{i / 8:.2f}") for i in range(40))]
    for decimal in ".,":
        path = write(tmp_path / "scores.csv", [(a, b.replace(".", decimal)) for a, b in rows], ";")
        made = new_project(tmp_path / f"new{decimal}", [path])
        assert "a value each" in made.sentence
        of_parts = [
            json.loads(line)["label"]
            for part in ("train", "validation", "test")
            for line in (made.recipe.parent / f"{part}.jsonl").read_text().splitlines()
        ]
        assert sorted(of_parts) == sorted(round(i / 8, 2) for i in range(40))
