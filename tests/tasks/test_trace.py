"""A trace says what the search did, in the model's own numbers."""

import itertools
import json
import re

import keras
import numpy as np
import pytest

from closeness import assert_close
from kerasseq import Translator
from kerasseq.models import AttentionSeq2Seq, RecurrentSeq2Seq, Transformer
from kerasseq.plots import step_player
from kerasseq.tasks import trace
from kerasseq.text import SentencePieceTokenizer, WordTokenizer

MODELS = {
    "transformer": lambda s, t: Transformer(s, t, 16, 2, 2),
    "luong": lambda s, t: AttentionSeq2Seq(s, t, 8, 16),
    "without-attention": lambda s, t: RecurrentSeq2Seq(s, t, 8, 16),
}


@pytest.fixture(scope="module", params=list(MODELS))
def model(request, number_text):
    keras.utils.set_random_seed(7)
    source = WordTokenizer.train(source for source, _ in number_text[0])
    target = SentencePieceTokenizer.train((target for _, target in number_text[0]), 50)
    model = MODELS[request.param](source.vocabulary_size, target.vocabulary_size)
    model.set_weights([2 * weight for weight in model.get_weights()])
    return model, source, target


@pytest.mark.parametrize("search", ["greedy", "beam"])
def test_every_number_is_the_search_s(model, search, tmp_path):
    translator = Translator(*model, search=search, max_length=10)
    line = "two hundred fifty one"
    found = trace(translator, line)
    best = next(translator.translate([line]))[0]
    assert found.translations[0].text == best.text
    assert found.translations[0].score == pytest.approx(best.score, abs=1e-4)
    path = [found.nodes[i] for i in found.paths[0]]
    assert [node.token for node in path[1:]] == best.tokens[: len(path) - 1]
    assert path[0].parent is None and path[0].token == "<s>"
    for before, node in itertools.pairwise(path):
        assert found.nodes[node.parent] is before
        assert node.score == pytest.approx(before.score + node.log_probability, abs=1e-4)
        likely = dict(before.candidates)
        if node.token in likely:
            assert np.exp(node.log_probability) == pytest.approx(likely[node.token], abs=1e-4)
    # The sum of its tokens' log-probabilities is the translation's, as the model scores it.
    if best.tokens[-1] == "</s>":
        last = dict(path[-1].candidates).get("</s>")
        total = path[-1].score + np.log(last)
        assert total == pytest.approx(translator.score([(line, best.text)])[0], abs=1e-2)
    if translator.model.attends:
        attention = np.stack([node.attention for node in path])
        assert_close(attention, translator.attention(line).attention[: len(path)])
    widths = [len(step) for step in found.steps]
    assert widths[0] == 1 and max(widths) == (4 if search == "beam" else 1)
    step_player(found, tmp_path / "steps.html")
    page = (tmp_path / "steps.html").read_text(encoding="utf-8")
    (data,) = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page)
    data = json.loads(data)
    assert [node["score"] for node in data["nodes"]] == [node.score for node in found.nodes]
    ids = keras.ops.convert_to_tensor([translator.source_ids(line)], "int32")
    states = keras.ops.convert_to_numpy(translator.model.encoder_states(ids))[0]
    assert len(states) == len(found.source_tokens)
    np.testing.assert_allclose(data["states"], states, atol=6e-5)
    assert data["translations"][0]["path"] == found.paths[0]
    assert "http://www.w3.org/2000/svg" in page  # the name of a format, the one address in it
    assert len(re.findall("https?://", page)) == len(re.findall("http://www.w3.org/2000/svg", page))
