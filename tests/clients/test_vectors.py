"""What other programs are held against is what kerasseq answers."""

import json
import pathlib
import runpy

CLIENTS = pathlib.Path(__file__).parents[2] / "clients"


def test_the_vectors_are_what_kerasseq_answers():
    vectors = runpy.run_path(str(CLIENTS / "vectors.py"))
    known = json.loads(vectors["FILE"].read_text(encoding="utf-8"))
    found = json.loads(json.dumps(vectors["answers"]()))
    assert found.keys() == known.keys()
    assert found["cleaned"] == known["cleaned"]
    for part in ("tokenizers", "tasks"):
        assert found[part].keys() == known[part].keys()
        for name, each in found[part].items():
            assert each == known[part][name], name
    assert sum(len(each["ids"]) for each in known["tokenizers"].values()) >= 500


def test_the_vectors_have_every_kind_of_tokenizer():
    from kerasseq.export.lite_file import read_lite_file
    from kerasseq.text.load_tokenizer import TOKENIZERS

    bundles = [read_lite_file(path) for path in (CLIENTS / "vectors").glob("*.zip")]
    kinds = {type(each).__name__ for _, sides in bundles for each in sides.values()}
    assert kinds == set(TOKENIZERS)
