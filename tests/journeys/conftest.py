"""What the journeys start from."""

import pathlib
import re
import shutil

import playwright.sync_api
import pytest
import torch
import transformers

import fresh_process
from published import MINILM

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
        return fresh_process.run(code, folder=folder)


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
    shutil.copy(MINILM / "vocab.txt", folder)
    return folder


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, the system's or Playwright's."""
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    with playwright.sync_api.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=installed)
        except playwright.sync_api.Error as error:
            pytest.fail(
                "Expected Chromium, to open the pages in; it did not start. Install it: "
                f"playwright install chromium. ({error.message.splitlines()[0]})"
            )
        yield browser
        browser.close()
