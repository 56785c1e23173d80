"""Exports answer as Python does: SavedModel in another process, TFLite in its runtimes."""

import copy
import warnings
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.saved_model import loader_impl

from closeness import assert_close
from kerasseq import Translator
from kerasseq.decoding import Beam, Greedy, Sampling
from kerasseq.export import LiteTranslator, SavedTranslator, parity
from kerasseq.models import AttentionSeq2Seq, Ensemble, RecurrentSeq2Seq, Transformer
from kerasseq.processing import Glossary
from kerasseq.processing.glossary import stands
from kerasseq.text import SentencePieceTokenizer, WordTokenizer

LINES = ["", "   ", "one", "unheard words", "one hundred " * 40, "nine\u2028hundred\0 two"]

MODELS = {
    "transformer": lambda s, t: Transformer(s, t, 32, 2, 4, norm_first=True),
    "lstm-luong": lambda s, t: AttentionSeq2Seq(s, t, 16, 32, 2, cell="lstm"),
    "gru-bahdanau": lambda s, t: AttentionSeq2Seq(
        s, t, 16, 32, cell="gru", attention="bahdanau", bidirectional=False
    ),
    "ensemble-without-attention": lambda s, t: Ensemble(
        [
            RecurrentSeq2Seq(s, t, 16, 32, reverse_source=True),
            RecurrentSeq2Seq(s, t, 16, 32, 1, "gru", context_every_step=True),
        ]
    ),
}


@pytest.fixture(scope="module", params=list(MODELS))
def translator(request, number_text):
    keras.utils.set_random_seed(7)
    train, validation, _ = number_text
    source = WordTokenizer.train(source for source, _ in train)
    target = SentencePieceTokenizer.train((target for _, target in train), 50)
    model = MODELS[request.param](source.vocabulary_size, target.vocabulary_size)
    # Sharper than at the start: no near-ties that rounding would decide.
    model.set_weights([2 * weight for weight in model.get_weights()])
    examples = [source for source, _ in validation[:20]]
    return Translator(model, source, target, Beam(3), 14, 24, examples=examples)


@pytest.fixture(scope="module")
def saved(translator, tmp_path_factory):
    path = tmp_path_factory.mktemp("serving") / "1"
    report = translator.export(path)
    assert report["inputs"] == 20 and report["identical"] == 1.0
    return path


def texts(translator, lines, search=None):
    return [found[0].text for found in translator.translate(lines, search)]


def test_strange_lines_and_lone_lines_get_python_s_answer(translator, saved):
    exported = SavedTranslator(saved)
    assert repr(exported) == f"<SavedTranslator of {saved}, a translator>"
    expected = texts(translator, LINES)
    assert exported(LINES) == expected
    assert [exported(line) for line in LINES] == expected
    assert expected[:2] == ["", ""]


def test_every_signature_answers_as_python(translator, saved):
    signatures = SavedTranslator(saved).signatures
    found = signatures["serving_default"](text=tf.constant(LINES))
    for name in ("finished", "truncated"):
        expected = [getattr(best, name) for best, *_ in translator.translate(LINES)]
        assert found[name].numpy().tolist() == expected, name
    lines = translator.examples[:5]
    batch = tf.constant(lines)
    several = signatures["n_best"](text=batch)
    ours = list(translator.translate(lines, Beam(3, n_best=3)))
    texts_, scores = several["translations"].numpy(), several["scores"].numpy()
    for row, best in enumerate(ours):  # fewer than three where some read alike
        empty = 3 - len(best)
        expected = [each.text for each in best] + empty * [""]
        assert [text.decode() for text in texts_[row]] == expected
        assert_close(scores[row], [each.score for each in best] + empty * [-1e9])
    assert ("attention" in signatures) == translator.model.attends
    if translator.model.attends:
        mapped = signatures["attention"](text=batch)
        for row, line in enumerate(lines):
            one = translator.attention(line)
            shape = len(one.tokens), len(one.source_tokens)
            weights = mapped["attention"].numpy()[row, : shape[0], : shape[1]]
            assert_close(weights, one.attention)
            tokens = [token.decode() for token in mapped["tokens"].numpy()[row]]
            assert tokens[: shape[0]] == one.tokens and not any(tokens[shape[0] :])
    # The last target is cut.
    targets = ["einhundert"] * 4 + ["einhundert" * 1000]
    pairs = list(zip(lines, targets, strict=True))
    scored = signatures["score"](source=batch, target=tf.constant(targets))
    np.testing.assert_allclose(scored["score"], translator.score(pairs), atol=1e-3)


def test_several_answers_are_python_s(translator, saved, lite_path):
    lines, exported = translator.examples[:6], SavedTranslator(saved)
    expected = translator(lines, n_best=3)
    assert exported(lines, n_best=3) == expected and exported(lines[0], n_best=3) == expected[0]
    assert [each[:2] for each in expected] == exported(lines, n_best=2)
    assert exported("", n_best=3) == translator("", n_best=3) == [""]
    assert LiteTranslator(lite_path)(lines, n_best=1) == [each[:1] for each in expected]
    for call in (exported, LiteTranslator(lite_path)):
        with pytest.raises(ValueError, match="n_best of 1 to [13].*received 4"):
            call(lines, n_best=4)
    with pytest.raises(ValueError, match="nothing beside lines"):
        exported(lines, n_best=2, prefix="ein")


@pytest.mark.parametrize("translator", ["transformer"], indirect=True)
def test_a_line_that_is_cut_is_warned_of_however_it_is_asked(translator, saved):
    """Once for all lines, of which a SavedModel answers 64 at a time."""
    long, exported = "one hundred " * 40, SavedTranslator(saved)
    said = r"received 66 of 70 that are longer, the first: 'one hundred .*max_source_length"
    for beside in ({}, {"prefix": "ein"}, {"glossary": {"one": "ein"}}, {"markup": True},
                   {"n_best": 2}):  # fmt: skip
        with pytest.warns(UserWarning, match=said) as warned:
            exported(["one"] * 4 + [long] * 66, **beside)
        assert len([each for each in warned if "longer" in str(each.message)]) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exported(["one"] * 3)
        assert exported.columns([long])["truncated"].tolist() == [True]  # says so itself


@pytest.mark.parametrize("translator", ["transformer"], indirect=True)
def test_a_term_that_is_too_long_is_refused_in_a_sentence(translator, saved):
    terms = Glossary(forbidden=["ein " * 30])
    for call in (translator, SavedTranslator(saved)):
        with pytest.raises(ValueError, match="^Expected terms .* at most 64 bytes.*Shorten it.$"):
            call("one", glossary=terms)


@pytest.mark.parametrize("translator", ["transformer"], indirect=True)
def test_a_prefix_that_is_too_long_is_refused_in_a_sentence(translator, saved, lite_path):
    most = translator.processor.longest_prefix
    said = f"^Expected a prefix of at most {most} tokens; received .*Shorten it"
    for call in (translator, SavedTranslator(saved), LiteTranslator(lite_path)):
        for beside in ({}, {"glossary": {"one": "ein"}}):
            if not (beside and isinstance(call, LiteTranslator)):
                with pytest.raises(ValueError, match=said):
                    call(["one", "two"], prefix=["ein", "ein " * (most + 1)], **beside)
        assert call("one", prefix="ein " * 3).startswith("ein ein ein")


PREFIXES = ["ein", "", "zwei und", "dreißig", "hundert"]


def test_a_begun_translation_is_python_s(translator, saved, lite_path):
    lines = translator.examples[:5]
    expected = translator(lines, prefix=PREFIXES)
    assert all(map(str.startswith, expected, PREFIXES)) and expected[1] == translator(lines[1])
    scores = [found[0].score for found in translator.translate(lines, prefix=PREFIXES)]
    for runtime in (SavedTranslator(saved), LiteTranslator(lite_path)):
        assert runtime(lines, prefix=PREFIXES) == expected
        assert runtime(lines[0], prefix="ein") == expected[0]
        assert runtime(lines, prefix="") == translator(lines)
    given = {"text": tf.constant(lines), "prefix": tf.constant(PREFIXES)}
    found = SavedTranslator(saved).signatures["complete"](**given)
    assert_close(found["score"].numpy(), scores)
    answers = LiteTranslator(lite_path).answers(lines, prefix=PREFIXES)
    assert_close([found[0].score for found in answers], scores)


def test_a_file_has_the_translator_s_tokenizers(translator, lite_path):
    lite = LiteTranslator(lite_path)
    for ours, held in ((translator.source, lite.source), (translator.target, lite.target)):
        assert held.get_config() == ours.get_config() and held.vocabulary == ours.vocabulary


def test_a_file_without_the_signature_says_so(lite_path, monkeypatch):
    lite = LiteTranslator(lite_path)
    monkeypatch.setattr(lite.interpreter, "get_signature_list", lambda: {"translate": {}})
    with pytest.raises(ValueError, match="signature 'complete'; received .*, which has translate"):
        lite("one", prefix="ein")
    assert isinstance(lite("one", prefix=""), str)


def test_it_loads_as_tf_serving_loads_it(translator, saved, as_tf_serving):
    found = as_tf_serving(saved, {"text": translator.examples}, "translation")
    assert [text.decode() for text in found] == texts(translator, translator.examples)


def test_the_graph_has_no_foreign_operator(saved):
    meta = loader_impl.parse_saved_model(str(saved)).meta_graphs[0]
    nodes = list(meta.graph_def.node)
    for function in meta.graph_def.library.function:
        nodes += function.node_def
    assert len(nodes) > 100
    foreign = {node.op for node in nodes if node.op.startswith(("Xla", "PyFunc", "EagerPy"))}
    assert not foreign


def test_weights_are_stored_once(translator, saved):
    size = sum(file.stat().st_size for file in (saved / "variables").iterdir())
    assert size < 1.2 * 4 * translator.model.count_params() + 40_000


@pytest.fixture(scope="module")
def lite_path(translator, tmp_path_factory):
    path = tmp_path_factory.mktemp("lite") / "model.tflite"
    report = translator.export(path)
    assert report["identical"] == 1.0
    return path


def test_tflite_answers_as_python(translator, lite_path):
    lite = LiteTranslator(lite_path)
    assert repr(lite) == f"<LiteTranslator of {lite_path}, a translator>"
    with pytest.warns(UserWarning, match="at most 24 tokens; received 1 of 6"):
        assert lite(LINES) == texts(translator, LINES)
    with zipfile.ZipFile(lite_path) as archive:
        assert {"metadata.json", "source/vocabulary.txt"} <= set(archive.namelist())


@pytest.mark.parametrize(
    ("quantize", "identical", "tolerance"), [("float16", 0.9, 0.5), ("int8", 0.4, 2.0)]
)
def test_quantised_tflite_answers_about_as_python(
    translator, tmp_path, quantize, identical, tolerance, monkeypatch
):
    # Sharpened random weights tie and stray more than trained ones: these bounds are wider.
    monkeypatch.setitem(parity.LEAST_IDENTICAL, quantize, identical)
    monkeypatch.setitem(parity.SCORE_TOLERANCE, quantize, tolerance)
    report = translator.export(tmp_path / "model.tflite", quantize=quantize)
    assert report["identical"] >= identical


def test_tflite_has_only_built_in_operators_and_steps_like_its_search(translator, tmp_path):
    path = tmp_path / "greedy.tflite"
    greedy = Translator(
        translator.model, translator.source, translator.target, Greedy(), 14, 24,
        examples=translator.examples,
    )  # fmt: skip
    greedy.export(path)
    lite = LiteTranslator(path)
    names = {detail["op_name"] for detail in lite.interpreter._get_ops_details()}
    assert not [name for name in names if name.startswith("Flex") or name == "CUSTOM"]
    encode = lite.interpreter.get_signature_runner("encode")
    step = lite.interpreter.get_signature_runner("decode_step")
    for line in translator.examples[:5]:
        (row,) = lite.processor.rows(line)
        leaves = encode(**lite.processor.one(row))
        token, tokens = 2, []
        for position in range(14):
            found = step(
                token=np.array([token], "int32"), step=np.array(position, "int32"), **leaves
            )
            logits = found.pop("logits")[0]
            logits[[0, 2]] = -np.inf
            if translator.model.attends:
                assert_close(found.pop("attention").sum(), 1.0)
            leaves |= found
            token = int(logits.argmax())
            tokens.append(token)
            if token == 3:
                break
        assert lite.processor.target.decode(tokens) == lite(line)


# Sampling and precision are the search's and the export's own: one model and an ensemble show it.
A_MODEL_AND_AN_ENSEMBLE = pytest.mark.parametrize(
    "translator", ["transformer", "ensemble-without-attention"], indirect=True
)


@A_MODEL_AND_AN_ENSEMBLE
def test_samples_are_drawn_everywhere_alike(translator, tmp_path):
    drawing = copy.copy(translator)
    drawing.search = Sampling(num_samples=2, seed=3)
    for name in ("1", "model.tflite"):
        assert drawing.export(tmp_path / name)["identical"] == 1.0
    lines = translator.examples[:5]
    alone = [texts(drawing, [line], drawing.search)[0] for line in lines]
    assert SavedTranslator(tmp_path / "1")(lines) == alone


def test_unknown_words_are_copied_everywhere(number_text, tmp_path):
    keras.utils.set_random_seed(3)
    train, validation, _ = number_text
    tokenizer = WordTokenizer.train((source for source, _ in train), vocabulary_size=12)
    model = AttentionSeq2Seq(12, 12, 16, 32)
    model.set_weights([3 * weight for weight in model.get_weights()])
    # The unknown word comes often, the end late.
    model.decoder.output_dense.bias.assign(5.0 * np.eye(12)[1])
    search = Beam(3, min_length=6)
    examples = [f"Ünit{i} {source}" for i, (source, _) in enumerate(validation[:20])]
    copying = Translator(
        model, tokenizer, tokenizer, search, 14, 24, replace_unknown=True, examples=examples
    )
    copying.save(tmp_path / "copying")
    copying = Translator.load(tmp_path / "copying")
    plain = Translator(model, tokenizer, tokenizer, search, 14, 24)
    for line, before, after in zip(examples, plain(examples), copying(examples), strict=True):
        pairs = list(zip(before.split(), after.split(), strict=True))
        assert all(a == b for a, b in pairs if a != "<unk>")
        assert all(b in line.split() for a, b in pairs if a == "<unk>")
    assert "<unk>" in " ".join(plain(examples)) and "Ünit" in " ".join(copying(examples))
    lines = ["", *examples]
    for exported in ("1", "float32.tflite"):
        assert copying.export(tmp_path / exported, lines)["identical"] == 1.0
    with pytest.raises(ValueError, match="replace_unknown.*received .*SentencePieceTokenizer"):
        pieces = SentencePieceTokenizer.train((target for _, target in train), 50)
        Translator(AttentionSeq2Seq(12, 50, 16, 32), tokenizer, pieces, replace_unknown=True)


def in_bfloat16(model):
    """The same model in mixed precision; of an ensemble the members alone are."""
    if isinstance(model, Ensemble):
        return Ensemble([in_bfloat16(member) for member in model.members])
    again = type(model).from_config(model.get_config() | {"dtype": "mixed_bfloat16"})
    again.set_weights(model.get_weights())
    return again


@A_MODEL_AND_AN_ENSEMBLE
def test_a_model_trained_in_bfloat16_leaves_in_float32(translator, tmp_path):
    mixed = copy.copy(translator)
    mixed.model = in_bfloat16(translator.model)
    for name in ("1", "model.tflite"):
        # Export itself refuses a float32 score, a sum over the tokens, that is 1e-3 apart.
        assert mixed.export(tmp_path / name)["identical"] == 1.0
    lines = translator.examples
    assert LiteTranslator(tmp_path / "model.tflite")(lines) == texts(translator, lines)


def test_markup_is_put_back_as_in_python(translator, saved, lite_path, tmp_path):
    lines = [f"<b>{line}</b> {{0}} <i>one</i> 12" for line in translator.examples[:3]]
    exported = SavedTranslator(saved)
    if not translator.model.attends:
        with pytest.raises(ValueError, match="a model that attends"):
            translator(lines, markup=True)
        with pytest.raises(ValueError, match="of a model that attends for markup"):
            exported(lines, markup=True)
        return
    found = translator(lines, markup=True)
    assert exported(lines, markup=True) == found
    for text in found:
        assert all(text.count(each) == 1 for each in ("<b>", "</b>", "{0}", "<i>", "</i>", "12"))
    assert exported([lines[0], "one"], markup=True)[1] == translator("one")
    with pytest.raises(ValueError, match="no prefix and no glossary with markup"):
        exported(lines, markup=True, prefix="ein")
    with pytest.raises(ValueError, match="search has return_attention=True"):
        LiteTranslator(lite_path)(lines, markup=True)
    with pytest.raises(ValueError, match="no markup with a stream"):
        next(translator.stream(lines[0], markup=True))


@pytest.mark.parametrize("translator", ["transformer"], indirect=True)
def test_a_glossary_is_python_s(translator, saved, lite_path):
    lines, exported = translator.examples[:5], SavedTranslator(saved)
    first = lines[0].split()[0]
    terms = {first: ["vier", "neun"], "no such": "zehn"}
    plain = translator(lines)
    glossaries = [
        Glossary(terms), {}, Glossary(required=["zwei", "hundert"]),
        Glossary(forbidden=[plain[3].split()[0]]), Glossary(terms, required=["drei"]),
    ]  # fmt: skip
    for beside in ({}, {"prefix": "ein"}):
        found = [best for best, *_ in translator.translate(lines, glossary=glossaries, **beside)]
        expected = [best.text for best in found]
        assert all(not best.missing for best in found)
        for best, glossary, line in zip(found, glossaries, lines, strict=True):
            for entry in Glossary.of(glossary).of_line(line):
                assert any(stands(term, best.text) for term in entry.targets) == entry.wanted
        assert exported(lines, glossary=glossaries, **beside) == expected
        if not beside:
            assert expected[0] != plain[0] and expected[1] == plain[1] and expected[3] != plain[3]
            assert exported(lines[:1], glossary=terms) == expected[:1]
            assert exported(lines, glossary={}) == plain
    signature = exported.signatures["with_glossary"]
    texts = [Glossary.of(each).text for each in glossaries]
    given = {"text": lines, "prefix": ["ein"] * 5, "glossary": texts}
    answers = signature(**{name: tf.constant(column) for name, column in given.items()})
    assert_close(answers["score"].numpy(), [best.score for best in found])
    assert answers["missing"].numpy().tolist() == [b""] * 5
    lost = Glossary(required=["日本"])
    with pytest.warns(UserWarning, match="'日本' of the glossary"):
        assert translator(lines[0], glossary=lost) == plain[0]
    with pytest.warns(UserWarning, match="'日本' of the glossary"):
        assert exported(lines[0], glossary=lost) == plain[0]
    with pytest.raises(ValueError, match="no glossary for a .tflite file"):
        LiteTranslator(lite_path)(lines, glossary=glossaries)
    with pytest.raises(ValueError, match=r"a beam with a glossary; received Greedy"):
        translator(lines, glossary=glossaries, search="greedy")
    with pytest.raises(ValueError, match="as many glossaries as lines"):
        translator(lines, glossary=glossaries[:2])
