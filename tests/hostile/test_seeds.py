"""What fuzzing found is read or refused in one sentence ever since.

The files of `seeds` are named by the readers of `readers.py`; `benchmarks/fuzz_coverage.py` finds
more of them.
"""

import pathlib

import pytest
from readers import READERS

SEEDS = sorted((pathlib.Path(__file__).parent / "seeds").glob("*/*"))


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_seed_is_read_or_refused_in_one_sentence(path, tmp_path):
    seeds, read = READERS[path.parent.name](tmp_path / "real")
    read(seeds[0])
    try:
        read(path.read_bytes())
    except (ValueError, FileNotFoundError) as error:
        said = str(error)
        assert said.startswith("Expected ") and "\n" not in said and len(said) < 1500, said
