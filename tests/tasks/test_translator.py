"""The translator as its users call it."""

import itertools
import json
import pathlib
import warnings

import keras
import numpy as np
import pytest
import sacrebleu

from closeness import assert_close
from kerasseq import Translator
from kerasseq.cli import COMMANDS
from kerasseq.decoding import Alternatives, Beam, DiverseBeam, Greedy, Sampling
from kerasseq.models import AttentionSeq2Seq, Ensemble, RecurrentSeq2Seq, Transformer
from kerasseq.processing.padding import pad, rounded
from kerasseq.tasks import ensemble, minimum_bayes_risk, rescore
from kerasseq.text import CharacterTokenizer, WordTokenizer

SAVED = pathlib.Path(__file__).parents[2] / "saved_models" / "numbers_en_de"


@pytest.fixture(scope="module")
def translator(number_text):
    keras.utils.set_random_seed(4)
    train, validation, _ = number_text
    source = WordTokenizer.train(source for source, _ in train)
    target = CharacterTokenizer.train(target for _, target in train)
    model = AttentionSeq2Seq(source.vocabulary_size, target.vocabulary_size, 8, 16, cell="gru")
    model.set_weights([3 * weight for weight in model.get_weights()])
    # With a likely end, some translations end before their last step.
    model.decoder.output_dense.bias.assign(6.0 * np.eye(target.vocabulary_size)[3])
    examples = [source for source, _ in validation[:5]]
    return Translator(model, source, target, Beam(3, n_best=2), 12, 20, examples=examples)


def test_text_list_and_iterator_in_order(translator, number_text):
    lines = [source for source, _ in number_text[0][:150]]
    together = translator(lines)
    assert isinstance(together, list) and len(set(together)) > 1
    assert translator(lines[7]) == together[7]
    assert list(translator(iter(lines))) == together
    assert translator(lines[3].encode()) == together[3]


@pytest.mark.parametrize("search", [None, Greedy(), Sampling(num_samples=2)], ids=str)
def test_a_prefix_begins_each_translation(translator, number_text, search):
    lines = [source for source, _ in number_text[0][:70]]
    prefixes = [["", "zwei", "hundertein"][i % 3] for i in range(70)]
    found = list(translator.translate(lines, search, prefix=prefixes))
    plain = list(translator.translate(lines, search))
    for line, prefix, own, without in zip(lines, prefixes, found, plain, strict=True):
        assert all(each.text.startswith(prefix) for each in own)
        alone = next(translator.translate([line], search, prefix=prefix))
        assert [each.text for each in alone] == [each.text for each in own]
        assert prefix or [each.text for each in own] == [each.text for each in without]


def test_prefixes_are_given_as_lines_are(translator, number_text):
    lines = [source for source, _ in number_text[0][:3]]
    each = translator(lines, prefix=["ein", "", "zwei"])
    assert translator(lines[0], prefix="ein") == translator(lines[:1], prefix=["ein"])[0] == each[0]
    assert list(translator(iter(lines), prefix=iter(["ein", "", "zwei"]))) == each
    assert translator([], prefix="ein") == [] and translator("", prefix="ein") == ""
    assert translator(lines, prefix=b"") == translator(lines)
    for prefix, message in (
        (["ein"], "as many prefixes as lines; received 1 prefixes and more lines"),
        (["ein"] * 4, "as many prefixes as lines; received 3 lines and more prefixes"),
        (3, "prefixes of str; received 3"),
        ([3, 3, 3], "received 3"),
        ("einundzwanzig", "prefix of at most 11 tokens; received 13"),
    ):
        with pytest.raises(ValueError, match=message):
            translator(lines, prefix=prefix)


def test_several_answers_are_different_texts(translator, number_text):
    lines = [source for source, _ in number_text[0][:30]]
    several = translator(lines, n_best=5)
    assert all(len(set(each)) == len(each) <= 5 for each in several)
    assert max(map(len, several)) == 5
    beam = translator.translate(lines, Beam(5, n_best=5))  # wider than the translator's own
    assert several == [[each.text for each in found] for found in beam]
    assert translator(lines[3], n_best=5) == several[3]
    assert list(translator(iter(lines[:3]), n_best=5)) == several[:3]
    # A beam that is wide enough stays as it is.
    assert [each[0] for each in translator(lines, n_best=2)] == translator(lines)
    begun = translator(lines[:4], n_best=2, prefix="ein")
    assert all(text.startswith("ein") for each in begun for text in each)
    drawn = translator(lines[0], n_best=4, search=Sampling(2.0, num_samples=2))
    assert len(set(drawn)) == len(drawn) > 2
    assert translator(lines[0], n_best=1, search="greedy") == translator(lines[:1], search="greedy")
    for given, message in (
        ({"n_best": 0}, "received 0"),
        ({"n_best": 2, "search": "greedy"}, r"n_best=2; received Greedy\(\), which finds one"),
    ):
        with pytest.raises(ValueError, match=message):
            translator(lines, **given)


def test_a_prefix_that_no_token_can_write_is_told(translator, number_text):
    line = number_text[0][0][0]
    with pytest.warns(UserWarning, match="tokens can write; received '日ein', which they write"):
        assert translator(line, prefix="日ein").startswith("<unk>ein")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        translator(line, prefix="ein")


def test_the_sample_most_like_the_others_is_chosen(translator, number_text):
    lines = [source for source, _ in number_text[0][:4]]
    search = Sampling(num_samples=12, seed=3)
    found = minimum_bayes_risk(translator, lines, search)
    chrf, drawn = sacrebleu.CHRF(), translator.translate(lines, search, distinct=False)
    for samples, ranked in zip(drawn, found, strict=True):
        texts = [each.text for each in samples]
        assert {text for text, _ in ranked} == set(texts)
        for text, utility in ranked:
            scores = [chrf.sentence_score(text, [each]).score for each in texts]
            assert utility == pytest.approx(np.mean(scores))
        assert ranked == sorted(ranked, key=lambda pair: -pair[1])
    assert minimum_bayes_risk(translator, [], search) == []
    with pytest.raises(ValueError, match=r"several hypotheses a line; received"):
        minimum_bayes_risk(translator, lines, Beam(1))
    for search, count in ((Alternatives(3), 3), (Beam(4), 4), (DiverseBeam(4, groups=2), 4)):
        assert search.all_best().count == count
        assert sum(len(each) for each in minimum_bayes_risk(translator, lines[:1], search)) > 1


def test_a_search_and_a_score_are_traced_once_for_every_size(translator, monkeypatch):
    traced = []
    encode = AttentionSeq2Seq.encode

    def counted(model, source, **options):
        traced.append(source.shape)
        return encode(model, source, **options)

    monkeypatch.setattr(AttentionSeq2Seq, "encode", counted)
    parts = translator.model, translator.source, translator.target
    fresh = Translator(*parts, Greedy(), 5)
    for call in (fresh, lambda line: fresh.score([(line, "ein")])):
        traced.clear()
        for line in ("one two", "two one", "three hundred", "one two three", "one"):
            call(line)
        assert len(traced) == 1


def test_an_endless_iterator_streams(translator):
    endless = (f"one hundred {'two ' * (i % 5)}" for i in itertools.count())
    assert len(list(itertools.islice(translator(endless), 3000))) == 3000


@pytest.mark.parametrize("line", ["", "   ", "\0", "\ufeff", "\u2028", "\r\n"])
def test_a_line_without_a_token_is_empty(translator, line):
    assert translator(line) == ""
    assert translator([line, "one"]) == ["", translator("one")]


@pytest.mark.parametrize("call", [Translator.__call__, Translator.translate])
def test_what_is_no_line_gets_one_sentence_at_once(translator, call):
    with pytest.raises(ValueError, match="received 3"):
        call(translator, 3)
    with pytest.raises(ValueError, match=r"received 'one' \(str\)"):
        translator.translate("one")
    with pytest.raises(ValueError, match="pairs.*received none"):
        translator.perplexity([])


def test_tokenizers_that_do_not_fit_the_model_are_refused(translator):
    source, target = translator.source.vocabulary_size, translator.target.vocabulary_size
    with pytest.raises(ValueError, match=f"source tokenizer.* {source} .*received .* {target}"):
        Translator(translator.model, translator.target, translator.source)
    with pytest.raises(ValueError, match=f"target tokenizer.* {target} .*received .* {source}"):
        Translator(translator.model, translator.source, translator.source)


def test_a_line_of_100_000_tokens_is_cut(translator):
    with pytest.warns(UserWarning, match="at most 20 tokens; received 1 of 1"):
        cut = next(translator.translate(["one " * 100_000]))[0]
    whole = next(translator.translate(["one " * 19]))[0]
    assert cut.text == whole.text and cut.truncated and not whole.truncated


def test_broken_bytes_are_read(translator):
    assert translator(b"one \xff\xfe two") == translator("one \ufffd two")


def test_n_best_attention_and_scores_fit_together(translator):
    first, second = next(translator.translate(["twenty one"]))
    assert first.score >= second.score and first.source_tokens == ["twenty", "one", "</s>"]
    mapped = translator.attention("twenty one")
    assert mapped.text == first.text
    assert mapped.attention.shape == (len(mapped.tokens), 3)
    assert_close(mapped.attention.sum(1), 1.0)


def test_an_n_best_list_holds_different_texts():
    """Other pieces of one text filled two places of eight."""
    translator = Translator.load(SAVED)
    found = next(translator.translate(["seven"], Beam(8, n_best=8)))
    texts = [each.text for each in found]
    assert len({*texts}) == len(texts) < 8 and texts[0] == "sieben"
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    every = next(translator.translate(["seven"], Beam(8, n_best=8), distinct=False))
    assert len(every) == 8 and list({each.text: 0 for each in every}) == texts


def test_score_is_the_searchs_own_score(translator):
    greedy = [row[0] for row in translator.translate(translator.examples, Greedy())]
    ended = [
        (line, f)
        for line, f in zip(translator.examples, greedy, strict=True)
        if f.tokens[-1] == "</s>"
    ]
    assert ended
    found = translator.score([(line, f.text) for line, f in ended])
    assert_close(found, [f.score for _, f in ended])
    tokens = sum(len(f.tokens) for _, f in ended)
    expected = np.exp(-sum(found) / tokens)
    perplexity = translator.perplexity([(line, f.text) for line, f in ended])
    assert perplexity == pytest.approx(expected, rel=1e-4)


def test_a_target_is_scored_up_to_the_longest_translation(translator):
    # Twelve tokens count: the end symbol is one of the first target's, and of no other's.
    whole, longer, endless = translator.score([("one", "e" * n) for n in (11, 12, 100_000)])
    assert longer == pytest.approx(endless, rel=1e-4) and longer > -1000
    assert longer != pytest.approx(whole, rel=1e-3)
    expected = np.exp(-endless / 12)
    perplexity = translator.perplexity([("one", "e" * 100_000)])
    assert perplexity == pytest.approx(expected, rel=1e-4)


def test_save_and_load_give_the_same_translator(translator, tmp_path):
    translator.save(tmp_path / "t")
    again = Translator.load(tmp_path / "t")
    assert again(translator.examples) == translator(translator.examples)
    assert again.examples == translator.examples and again.max_length == 12
    assert again.search.get_config() == translator.search.get_config()
    assert not list((tmp_path / "t").rglob("*.part"))
    translator.save(tmp_path / "half", dtype="float16")
    size = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("t", "half")]
    assert size[1] < 0.6 * size[0]
    Translator.load(tmp_path / "half")
    with pytest.raises(ValueError, match="dtype.*received 'int8'"):
        translator.save(tmp_path / "int8", dtype="int8")


def test_a_damaged_folder_gets_one_sentence(translator, tmp_path):
    folder = tmp_path / "t"
    translator.save(folder)
    weights = folder / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-5])
    with pytest.raises(ValueError, match=r"model\.safetensors"):
        Translator.load(folder, verify=False)
    weights.write_bytes(content)
    description = json.loads((folder / "translator.json").read_text())
    lines = description.pop("examples")
    older = folder / "examples.txt"  # where folders kept them before
    (folder / "translator.json").write_text(json.dumps(description))
    with pytest.raises(FileNotFoundError, match=r"Expected .*examples\.txt"):
        Translator.load(folder, verify=False)
    older.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"examples\.txt"):
        Translator.load(folder, verify=False)
    older.write_text("\n".join([*lines, ""]))
    assert Translator.load(folder, verify=False).examples == translator.examples
    translator.save(folder)
    weights.unlink()
    with pytest.raises(FileNotFoundError, match=r"Expected .*model\.safetensors"):
        Translator.load(folder, verify=False)
    weights.write_bytes(content)
    description = json.loads((folder / "translator.json").read_text())
    description["model"]["config"]["hidden_dim"] = 32
    (folder / "translator.json").write_text(json.dumps(description))
    with pytest.raises(ValueError, match=r"model\.safetensors; received .*shape"):
        Translator.load(folder, verify=False)
    description["model"]["class_name"] = "os.system"
    (folder / "translator.json").write_text(json.dumps(description))
    with pytest.raises(ValueError, match=r"received 'os\.system'"):
        Translator.load(folder, verify=False)
    with pytest.raises(FileNotFoundError, match=r"Expected .*translator\.json"):
        Translator.load(tmp_path)


def test_an_ensemble_is_saved_and_loaded_and_shows_no_attention(translator, tmp_path):
    sizes = translator.source.vocabulary_size, translator.target.vocabulary_size
    members = [RecurrentSeq2Seq(*sizes, 8, 16, layers, "gru") for layers in (1, 2)]
    both = Translator(Ensemble(members), translator.source, translator.target, "beam", 12, 20)
    both.save(tmp_path / "both")
    again = Translator.load(tmp_path / "both")
    assert [type(each) for each in again.model.members] == [RecurrentSeq2Seq] * 2
    lines = translator.examples
    assert again(lines) == both(lines)
    with pytest.raises(ValueError, match="return_attention.*received .*without attention"):
        both.attention("one")
    with pytest.raises(ValueError, match="return_attention.*received .*without attention"):
        COMMANDS["plot"]("attention", tmp_path / "both", tmp_path / "map.png", "one")
    with pytest.raises(ValueError, match="return_attention.*received .*without attention"):
        COMMANDS["translate"](tmp_path / "both", ["one"], alignments=True)


def test_an_error_inside_the_compiled_search_is_one_sentence(translator):
    with pytest.raises(ValueError, match="received beam_size=1000") as error:
        next(translator.translate(["one"], Beam(1000)))
    assert str(error.value).startswith("Expected") and "\n" not in str(error.value)


def test_alignments_are_the_attentions_peaks(translator):
    found = translator.attention("one hundred two")
    pairs = [tuple(map(int, pair.split("-"))) for pair in found.alignment().split()]
    words = [token for token in found.tokens if token != "</s>"]
    assert [target for _, target in pairs] == list(range(len(words)))
    for source, target in pairs:
        assert source < 3 and found.attention[target, source] == found.attention[target, :3].max()
    assert translator.attention("").alignment() == ""
    with pytest.raises(ValueError, match="attention; received .*without"):
        next(translator.translate(["one"]))[0].alignment()


def test_translators_are_joined_when_their_tokenizers_agree(translator):
    both = ensemble([translator, translator])
    # Twice the same model decodes as the model alone.
    assert both(translator.examples) == translator(translator.examples)
    other = WordTokenizer.train(["other words"])
    model = RecurrentSeq2Seq(other.vocabulary_size, translator.target.vocabulary_size, 8, 16)
    with pytest.raises(ValueError, match="source tokenizer"):
        ensemble([translator, Translator(model, other, translator.target)])


def test_rescoring_adds_the_models_opinion(translator):
    lines = translator.examples[:3]
    lists = [[("ein", -1.0), ("zwei", -2.0), ("hundert", -3.0)]] * 3
    scores = translator.score([(line, text) for line in lines for text, _ in lists[0]])
    for row, best in enumerate(rescore(lines, lists, [translator])):
        expected = {
            text: (given + scores[3 * row + i]) / 2 for i, (text, given) in enumerate(lists[0])
        }
        assert dict(best) == pytest.approx(expected, rel=1e-4)
        ranked = [score for _, score in best]
        assert ranked == sorted(ranked, reverse=True)
    unchanged = rescore(lines, lists, [translator], [1.0, 0.0])
    assert unchanged == lists
    with pytest.raises(ValueError, match="3 lines.*received 2 "):
        rescore(lines, lists[:2], [translator])


def test_sampling_through_the_translator(translator):
    drawing = Sampling(num_samples=4, seed=1)
    found = next(translator.translate(["one"], drawing, distinct=False))
    assert len(found) == 4 and len({each.text for each in found}) > 1


def test_padding_rounds_to_few_shapes():
    assert [rounded(n) for n in (1, 2, 3, 4, 5, 6, 7, 9, 13, 17, 25, 60)] == [
        1, 2, 3, 4, 6, 6, 8, 12, 16, 24, 32, 64,
    ]  # fmt: skip
    assert pad([[5, 3], [4, 4, 4, 4, 3], [3]]).shape == (3, 6)


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
def test_lengths_beyond_the_positions_are_refused(translator, positions, tmp_path):
    parts = translator.source, translator.target
    sizes = [part.vocabulary_size for part in parts]
    options = {"positions": positions, "max_length": 20}
    plain = Transformer(*sizes, 8, 1, 2, **options)
    begun = Transformer(*sizes, 8, 1, 2, begin_source=True, **options)
    for model, longest in ((plain, 20), (begun, 19), (Ensemble([translator.model, begun]), 19)):
        whole = Translator(model, *parts, "greedy", 20, longest)
        with pytest.raises(ValueError, match=rf"source_length.* {longest} .*{longest + 1}\. Low"):
            Translator(model, *parts, "greedy", 20, longest + 1)
        with pytest.raises(ValueError, match=r"max_length of at most 20 .*received 21\. Lower"):
            Translator(model, *parts, "greedy", 21, longest)
    with pytest.raises(ValueError, match="received 256"):
        Translator(plain, *parts, max_length=20)
    whole.save(tmp_path / "whole")
    assert Translator.load(tmp_path / "whole").processor.max_source_length == 19
    endless = Transformer(*sizes, 8, 1, 2, positions="relative", max_length=20)
    assert Translator(endless, *parts, "greedy", 21, 300).processor.max_length == 21


def test_weights_beyond_float16_are_not_saved_in_it(translator, tmp_path):
    before = translator.model.get_weights()
    try:
        translator.model.set_weights([weight * 0 + 1e5 for weight in before])
        with pytest.raises(ValueError, match=r"65504; received 1e\+05 in 0000.*float32"):
            translator.save(tmp_path / "half", dtype="float16")
        assert not list(tmp_path.rglob("*.safetensors"))
        translator.save(tmp_path / "whole")
        translator.model.set_weights([weight * 0 + 65504 for weight in before])
        translator.save(tmp_path / "half", dtype="float16")
    finally:
        translator.model.set_weights(before)
