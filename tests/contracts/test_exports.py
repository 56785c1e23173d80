"""Every task × every export: a new task is one line in TASKS, a new format one in FORMATS."""

import concurrent.futures
import io
import pickle
import subprocess
import sys
import typing
import warnings

import keras
import keras_hub
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.compiled_model import CompiledModel
from PIL import Image

from closeness import assert_close
from kerasseq import (
    Captioner,
    Forecaster,
    QuestionAnswerer,
    TextClassifier,
    TextEncoder,
    TokenClassifier,
    Translator,
)
from kerasseq.cli import COMMANDS
from kerasseq.decoding import Alternatives, Beam, DiverseBeam, Greedy
from kerasseq.export import LiteTask, SavedTask, parity
from kerasseq.models import (
    AttentionSeq2Seq,
    BertEncoder,
    Ensemble,
    HubEncoder,
    HubSeq2Seq,
    ImageCaptioner,
    RecurrentForecaster,
    RecurrentSeq2Seq,
    RecurrentTextEncoder,
    SentenceEncoder,
    SequenceClassifier,
    SequenceTagger,
    SpanClassifier,
    Transformer,
)
from kerasseq.text import (
    CharacterTokenizer,
    SentencePieceTokenizer,
    WordPieceTokenizer,
    WordTokenizer,
)

TEXTS = [
    "a warm film", "it was (very) cold", "nobody did, in Rome", "one two three four", "the end"
]  # fmt: skip
# Lines that end a careless reader: nothing, spaces, unknown words, breaks, and too many tokens.
STRANGE = ["", "   ", "ünheard wörds", "a\u2028warm\0 film\r", "cold " * 60]
BREAKS = [*TEXTS, "a  warm\n\tfilm\n", "\r\n the end"]
NUMBERS = np.random.default_rng(0)


def tokenizer_of(kind):
    return {
        "words": lambda: WordTokenizer.train(TEXTS, split="punctuation"),
        "characters": lambda: CharacterTokenizer.train(TEXTS),
        "pieces": lambda: WordPieceTokenizer.train(TEXTS, 60),
        "subwords": lambda: SentencePieceTokenizer.train(TEXTS, 40),
        "kept characters": lambda: CharacterTokenizer.train(BREAKS, keep_whitespace=True),
        "kept subwords": lambda: SentencePieceTokenizer.train(BREAKS, 44, keep_whitespace=True),
    }[kind]()


def translator(make, source, target, search, **options):
    """A task of a model, of two kinds of tokenizer, and of a search."""

    def build():
        sides = tokenizer_of(source), tokenizer_of(target)
        model = make(*(side.vocabulary_size for side in sides))
        return Translator(model, *sides, search, 10, 24, **options), [*BREAKS, *STRANGE]

    return build


def t5(size, _):
    """A T5 of KerasHub."""
    backbone = keras_hub.models.T5Backbone(size, 2, 2, 16, 32, key_value_dim=8)
    return HubSeq2Seq(keras_hub.models.T5Seq2SeqLM(backbone), silent_ids=[2])


def encoder_task(task, head, cut, inputs, *arguments, **options):
    """A task of a head, on a BERT for pieces (KerasHub's for "hub pieces") and on a recurrent
    encoder otherwise."""

    def build():
        tokenizer = tokenizer_of(cut.removeprefix("hub "))
        size = tokenizer.vocabulary_size
        if cut == "hub pieces":
            backbone = keras_hub.models.BertBackbone(size, 2, 2, 16, 32, max_sequence_length=24)
            encoder = HubEncoder(backbone, tokenizer.separator_id)
        elif cut == "pieces":
            separator = tokenizer.separator_id
            encoder = BertEncoder(size, 16, 2, 2, max_length=24, separator_id=separator)
        else:
            encoder = RecurrentTextEncoder(size, 8, 16, cell="gru")
        model = head(encoder, tokenizer)
        return task(model, tokenizer, *arguments, max_length=24, **options), inputs

    return build


def image():
    content = io.BytesIO()
    pixels = NUMBERS.integers(0, 256, (12, 16, 3)).astype("uint8")
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def captioner():
    tokenizer = tokenizer_of("words")
    model = ImageCaptioner(
        tokenizer.vocabulary_size, (12, 16), filters=(4, 8), embedding_dim=8, hidden_dim=16
    )
    return Captioner(model, tokenizer, Beam(2), 8), [image() for _ in range(8)]


def forecaster():
    series = [
        (NUMBERS.standard_normal((6, 3)).astype("float32"), NUMBERS.standard_normal(2))
        for _ in range(8)
    ]
    return Forecaster(RecurrentForecaster(3, 2, 8), 6, 4), series


PAIRS = [(a, b) for a in ["who did?", "where?", ""] for b in [*TEXTS[1:3], " ".join(TEXTS * 6), ""]]
LABELS = ["bad", "good", "so, so"]

TASKS = {
    "transformer": translator(
        lambda s, t: Transformer(s, t, 16, 2, 2, norm_first=True), "subwords", "words", Beam(3)
    ),
    "transformer-to-pieces": translator(
        lambda s, t: Transformer(s, t, 16, 1, 2, begin_source=2), "pieces", "pieces",
        DiverseBeam(4, groups=2),
    ),
    "transformer-ssru": translator(
        lambda s, t: Transformer(
            s, t, 16, 2, 2, num_decoder_layers=1, decoder="ssru", output_bias=True,
            positions="sinusoidal_halves",
        ),
        "subwords", "subwords", Alternatives(2),
    ),
    "transformer-between-languages": translator(
        lambda s, t: Transformer(
            s, t, 16, 2, 2, positions="sinusoidal_apart", first_position=2, max_length=40
        ),
        "subwords", "words", Beam(3, length_offset=0.0, early_stopping=True, force_end=True),
        source_before=[4], source_behind=[5], target_before=[3, 6],
    ),
    "transformer-t5": translator(
        lambda s, t: Transformer(
            s, t, 16, 2, 2, positions="relative", relative_buckets=(8, 12), norm="rms",
            norm_first=True, gated=True, activation="gelu_tanh", use_bias=False, head_dim=5,
            scale_attention=False, scale_embedding=False, scale_output=True, output_bias="fixed",
            tie_embeddings=False,
        ),
        "subwords", "subwords", Beam(2),
    ),
    "hub-t5": translator(t5, "subwords", "subwords", Beam(2)),
    "lstm-luong": translator(
        lambda s, t: AttentionSeq2Seq(s, t, 8, 16, 2), "words", "subwords",
        Beam(3, no_repeat_ngram=2, repetition_penalty=1.2, max_length_ratio=1.5),
    ),
    "gru-bahdanau-copying": translator(
        lambda s, t: AttentionSeq2Seq(s, t, 8, 16, cell="gru", attention="bahdanau"),
        "words", "words", Greedy(min_length=3, no_repeat_ngram=1), replace_unknown=True,
    ),
    "ensemble-without-attention": translator(
        lambda s, t: Ensemble([RecurrentSeq2Seq(s, t, 8, 16), RecurrentSeq2Seq(s, t, 8, 16, 1)]),
        "kept characters", "kept subwords", Beam(2),
    ),
    "captioner": captioner,
    "classifier": encoder_task(
        TextClassifier, lambda e, _: SequenceClassifier(e, 3), "subwords", [*TEXTS, *STRANGE],
        LABELS,
    ),
    "classifier-of-pairs": encoder_task(
        TextClassifier, lambda e, _: SequenceClassifier(e, 3, "first", "tanh"), "pieces", PAIRS,
        LABELS, kind="multi_label",
    ),
    "hub-classifier": encoder_task(
        TextClassifier, lambda e, _: SequenceClassifier(e, 3, "first", "tanh"), "hub pieces", PAIRS,
        LABELS,
    ),
    "regression": encoder_task(
        TextClassifier, lambda e, _: SequenceClassifier(e, 1), "characters", [*TEXTS, *STRANGE],
        ["value"], kind="regression",
    ),
    "tagger": encoder_task(
        TokenClassifier, lambda e, _: SequenceTagger(e, 3), "pieces", [*TEXTS, *STRANGE],
        ["O", "B-x", "I-x"],
    ),
    "question_answerer": encoder_task(
        QuestionAnswerer, lambda e, t: SpanClassifier(e, t.separator_id), "pieces", PAIRS,
        overlap=4, longest=5, threshold=None,
    ),
    "text_encoder": encoder_task(
        TextEncoder, lambda e, _: SentenceEncoder(e), "pieces", [*TEXTS, *STRANGE]
    ),
    "forecaster": forecaster,
}  # fmt: skip


class Format(typing.NamedTuple):
    """An export: its path, what it is quantised to, what runs it, and how alike it must be.

    Sharpened random weights tie and stray more than trained ones: these bounds are wider than
    the package's own.
    """

    name: str
    quantize: str | None
    runtime: type
    identical: float = 1.0
    score: float = 1e-3


FORMATS = {
    "saved_model": Format("1", None, SavedTask),
    "float32": Format("model.tflite", None, LiteTask),
    "float16": Format("model.tflite", "float16", LiteTask, 0.7, 0.5),
    "int8": Format("model.tflite", "int8", LiteTask, 0.3, 2.0),
}


@pytest.fixture(scope="module", params=TASKS)
def made(request):
    keras.utils.set_random_seed(5)
    task, inputs = TASKS[request.param]()
    # Sharper than at the start: no near-ties that rounding would decide.
    task.model.set_weights([2 * weight for weight in task.model.get_weights()])
    return task, inputs


@pytest.fixture(scope="module", params=FORMATS)
def exported(request, made, tmp_path_factory):
    """A task, its inputs, the path of its export, the format, and the export's report."""
    (task, inputs), chosen = made, FORMATS[request.param]
    path = tmp_path_factory.mktemp("export") / chosen.name
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if chosen.quantize:
            patch.setitem(parity.LEAST_IDENTICAL, chosen.quantize, chosen.identical)
            patch.setitem(parity.SCORE_TOLERANCE, chosen.quantize, chosen.score)
        report = task.export(path, inputs, quantize=chosen.quantize)
    return task, inputs, path, chosen, report


def said(answers):
    """What is compared of a list of answers: arrays by their numbers, all else as it is."""
    return [each.round(3).tolist() if isinstance(each, np.ndarray) else each for each in answers]


@pytest.mark.filterwarnings("ignore:Expected inputs of at most")
class TestExport:
    """What holds for every task in every format."""

    def test_it_answers_as_python(self, exported):
        _, inputs, _, chosen, report = exported
        assert report["inputs"] == len(inputs)
        if "difference" in report:
            assert report["difference"] <= parity.VALUE_TOLERANCE[chosen.quantize]
        else:
            assert report["identical"] >= chosen.identical
            assert report["score_difference"] <= chosen.score

    def test_an_answer_does_not_depend_on_its_batch(self, exported):
        task, inputs, path, chosen, _ = exported
        runtime = chosen.runtime(path, kind=type(task.processor))
        together = runtime(inputs)
        assert said(together) == said([runtime(each) for each in inputs])
        assert runtime([]) == [] == task([])

    def test_what_is_cut_is_marked(self, exported):
        task, inputs, path, chosen, _ = exported
        kind = type(task.processor)
        if kind.name in ("captioner", "forecaster"):
            return  # which read all
        long = "cold " * 300
        inputs = [*inputs, (long, "a film") if isinstance(inputs[0], tuple) else long]
        expected = [best.truncated for best, *_ in task.answers(inputs)]
        if chosen.runtime is SavedTask:
            name, columns = kind.served_inputs(inputs)
            columns = {key: tf.constant(column) for key, column in columns.items()}
            found = SavedTask(path, kind).signatures[name](**columns)["truncated"].numpy().tolist()
        else:
            found = [best.truncated for best, *_ in LiteTask(path).answers(inputs)]
            if kind.name == "translator":  # its file reads less of a line
                assert all(b or not a for a, b in zip(expected, found, strict=True))
                expected = found
        assert found == expected
        assert found[-1] and not found[0]
        for runtime in (task, chosen.runtime(path, kind=kind)):
            with pytest.warns(UserWarning, match="of at most .*received 1 of 2 that are longer"):
                runtime([inputs[0], inputs[-1]])

    def test_what_it_cannot_read_is_refused_in_a_sentence(self, exported):
        task, inputs, path, chosen, _ = exported
        kind = type(task.processor)
        if chosen.runtime is not SavedTask or kind.name not in ("captioner", "forecaster"):
            return  # a text is read whatever it is
        wrong, said = b"no image", "received others .Unknown image file format"
        if kind.name == "forecaster":
            series, last = inputs[0]
            wrong, said = (series[1:], last), "source of shape .*received .1, 5, 3"
        with pytest.raises(ValueError, match=f"Expected .*{said}.*Change"):
            SavedTask(path, kind)(wrong)

    def test_threads_share_a_runtime(self, exported):
        """A file's takes turns, a SavedModel's and the task itself run side by side."""
        task, inputs, path, chosen, _ = exported
        shared = [chosen.runtime(path, kind=type(task.processor))]
        for runtime in [*shared, task] if chosen.runtime is SavedTask else shared:
            expected = said(runtime(inputs))
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                for found in pool.map(lambda _, each=runtime: said(each(inputs)), range(6)):
                    assert found == expected

    def test_it_runs_alone(self, exported, as_tf_serving):
        """A SavedModel as TF Serving loads it, a file without TensorFlow and Keras."""
        task, inputs, path, chosen, _ = exported
        kind = type(task.processor)
        if chosen.runtime is SavedTask:
            name, columns = kind.served_inputs(inputs)
            if name != "serving_default":  # the loader asks for the default signature alone
                columns = {kind.texts[0]: next(iter(columns.values()))}
            expected = SavedTask(path, kind).signatures["serving_default"](
                **{key: keras.ops.convert_to_tensor(column) for key, column in columns.items()}
            )[kind.output]
            found = as_tf_serving(path, columns, kind.output)
            if found.dtype == "float32":
                assert_close(found, expected)
            else:
                assert found.tolist() == expected.numpy().tolist()
            return
        if kind.name == "captioner":
            inputs = [task.processor.clean(each) for each in inputs]
        code = """
import pickle, sys, warnings
warnings.simplefilter("ignore")
from kerasseq.export import LiteTask
path, inputs = pickle.load(sys.stdin.buffer)
found = LiteTask(path)(inputs)
assert not {"tensorflow", "keras"} & set(sys.modules)
sys.stdout.buffer.write(pickle.dumps(found))
"""
        ran = subprocess.run(
            [sys.executable, "-c", code],
            input=pickle.dumps((str(path), inputs)),
            capture_output=True,
        )
        assert ran.returncode == 0, ran.stderr.decode()[-2000:]
        assert said(pickle.loads(ran.stdout)) == said(LiteTask(path)(inputs))

    def test_a_saved_model_carries_a_request_of_each_signature(self, exported):
        """Read with TF Serving's own messages, and made as it makes them."""
        from tensorflow_serving.apis import prediction_log_pb2

        _, _, path, chosen, _ = exported
        if chosen.runtime is not SavedTask:
            return
        signatures = tf.saved_model.load(str(path)).signatures
        file = path / "assets.extra" / "tf_serving_warmup_requests"
        made = []
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            log = prediction_log_pb2.PredictionLog.FromString(record)
            assert log.WhichOneof("log_type") == "predict_log"
            request = log.predict_log.request
            made.append(request.model_spec.signature_name)
            given = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
            signature = signatures[made[-1]]
            for size in (1, 0):  # as it is, and of an empty batch
                rows = {key: tf.constant(value[:size]) for key, value in given.items()}
                assert {len(found) for found in signature(**rows).values()} == {size}
        assert sorted(made) == sorted(signatures)

    def test_a_file_has_built_in_operators_and_plain_numbers_alone(self, exported):
        _, _, path, chosen, _ = exported
        if chosen.runtime is SavedTask:
            return
        interpreter = LiteTask(path).interpreter
        operators = {detail["op_name"] for detail in interpreter._get_ops_details()}
        assert not [name for name in operators if name.startswith("Flex") or name == "CUSTOM"]
        for name, signature in interpreter._get_full_signature_list().items():
            outputs = signature["outputs"].values()
            assert len(set(outputs)) == len(outputs), f"{name} names one tensor twice"
            runner = interpreter.get_signature_runner(name)
            details = [runner.get_input_details(), runner.get_output_details()]
            kinds = {np.dtype(each["dtype"]).name for side in details for each in side.values()}
            assert kinds <= {"float32", "int32", "uint8"}

    def test_both_runtimes_of_litert_answer_each_signature_alike(self, exported):
        """The Interpreter and the CompiledModel, which knows an output by its buffer."""
        task, inputs, path, chosen, _ = exported
        if chosen.runtime is SavedTask:
            return
        lite, compiled = LiteTask(path), CompiledModel.from_file(str(path))
        processor, interpreter = task.processor, lite.interpreter
        given = lite.processor.one(processor.rows(processor.clean(inputs[0]))[0])
        signatures = interpreter.get_signature_list()
        names = compiled.get_signature_list()
        assert set(names) == set(signatures)
        if "encode" in signatures:  # what a step is given
            given |= interpreter.get_signature_runner("encode")(**given)
            given |= {"token": np.array([lite.metadata["start_id"]], "int32")}
            given |= {"step": np.array(0, "int32")}
        if "complete" in signatures:
            prefix = np.zeros((1, processor.longest_prefix), "int32")
            prefix[0, :2] = 4, 5
            given |= {"prefix": prefix}
        for name, signature in signatures.items():
            for side in ("inputs", "outputs"):
                assert sorted(names[name][side]) == sorted(signature[side])
            expected = interpreter.get_signature_runner(name)(
                **{key: given[key] for key in signature["inputs"]}
            )
            taken = {
                key: compiled.create_input_buffer_by_name(name, key) for key in signature["inputs"]
            }
            found = {
                key: compiled.create_output_buffer_by_name(name, key)
                for key in signature["outputs"]
            }
            for key, buffer in taken.items():
                buffer.write(given[key])
            compiled.run_by_name(name, taken, found)
            details = compiled.get_output_tensor_details(name)
            for key, array in expected.items():
                assert details[key]["dtype"] == array.dtype.name
                read = found[key].read(array.size, array.dtype).reshape(array.shape)
                assert_close(read, array)


def test_a_wrong_request_gets_one_sentence(made, tmp_path):
    task, inputs = made
    (tmp_path / "1").mkdir()
    (tmp_path / "a.tflite").mkdir()
    (tmp_path / "file").touch()
    wrong = [
        ("1", inputs, None, "exists"),
        ("a.tflite", inputs, None, "is a folder"),
        ("file", inputs, None, "exists"),
        ("file/1", inputs, None, "file is a file"),
        ("file/new/model.tflite", inputs, None, "file is a file"),
        ("2", [], None, "held-out inputs"),
        ("model.onnx", inputs, None, r"received model\.onnx"),
        ("model.TFLITE", inputs, None, r"received model\.TFLITE"),
        ("model.tflite.", inputs, None, r"received model\.tflite\."),
        (".tflite", inputs, None, r"received \.tflite"),
        ("2", inputs, "int8", r"ending in \.tflite"),
        ("model.tflite", inputs, "int4", "int4"),
    ]
    for name, given, quantize, said in wrong:
        with pytest.raises(ValueError, match=said):
            task.export(tmp_path / name, given, quantize=quantize)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["1", "a.tflite", "file"]


def test_any_task_is_exported_from_the_command_line(tmp_path, capsys):
    classifier, _ = TASKS["classifier"]()
    classifier.save(tmp_path / "saved")
    (tmp_path / "lines").write_text("".join(f"{text}\n" for text in TEXTS))
    path = tmp_path / "model.tflite"
    COMMANDS["export"](tmp_path / "saved", path, lines=tmp_path / "lines")
    assert "of 5 held-out inputs identical" in capsys.readouterr().out
    assert LiteTask(path)(TEXTS) == classifier(TEXTS)
    with pytest.raises(ValueError, match="longest-source; received .*saved, a classifier"):
        COMMANDS["export"](tmp_path / "saved", path, longest_source=7)


def test_a_user_s_own_task_is_saved_loaded_and_exported(tmp_path):
    class Shouter(Translator):
        """A translator with a name of its own."""

        name = "shouter"

    plain, lines = TASKS["lstm-luong"]()
    task = Shouter(plain.model, plain.source, plain.target, "greedy", 10, 24, examples=lines[:3])
    task.save(tmp_path / "saved")
    from kerasseq.tasks import load

    again = load(tmp_path / "saved")
    assert type(again) is Shouter and again(lines[:3]) == task(lines[:3])
    for name, runtime in (("1", SavedTask), ("m.tflite", LiteTask)):
        assert again.export(tmp_path / name)["identical"] == 1.0
        assert runtime(tmp_path / name, kind=type(task.processor))(lines[0]) == task(lines[0])
