"""Every reader of what others wrote, as a function of the bytes of one file.

Each function makes what else the reader needs in a new folder, and returns real contents of the
file and the function that reads others. What these bytes may do is read, or be refused.
"""

import gzip
import hashlib
import io
import json
import pathlib
import zipfile

import numpy as np
import small_files

READERS = {}


def reader(function):
    READERS[function.__name__] = function
    return function


def of_folder(loader, name, load=None):
    """The reader of one file of a folder that `small_files` makes; whoever changed it changed the
    hashes of it too."""

    def make(folder):
        read = small_files.LOADERS[loader](folder)
        path, described = folder / name, folder / "tokenizer.json"
        (folder / "manifest.json").unlink(missing_ok=True)
        real = path.read_bytes()
        description = json.loads(described.read_bytes()) if described.is_file() else {}

        def read_content(content):
            path.write_bytes(content)
            if name in description.get("files", {}):
                description["files"][name] = hashlib.sha256(content).hexdigest()
                described.write_text(json.dumps(description))
            return (load or read)(folder)

        return [real], read_content

    return make


def of_file(load, *contents, name="file"):
    """The reader of a single file."""

    def make(folder):
        folder.mkdir(parents=True)
        path = folder / name

        def read_content(content):
            path.write_bytes(content)
            return load(path)

        return list(contents), read_content

    return make


@reader
def json_text(folder):
    from kerasseq.untrusted import parse_json

    seeds = [b'{"a": [1, 2.5, "x", null, {"b": true}]}', '{"ä": "\\ud83d\\ude00"}'.encode()]
    return seeds, lambda content: parse_json(content, "there")


@reader
def safetensors(folder):
    import ml_dtypes
    from safetensors.numpy import save

    from kerasseq.safetensors_file import read_shapes, read_tensors

    arrays = {
        "a": np.ones((2, 3), "float32"),
        "b": np.ones(4, ml_dtypes.bfloat16),
        "c": np.array(7),
        "none": np.zeros((0, 2), "float16"),
    }

    def load(path):
        shapes = read_shapes(path)
        found = read_tensors(path)
        assert {name: each.shape for name, each in found.items()} == shapes

    return of_file(load, save(arrays), save({}, {"format": "np"}))(folder)


@reader
def hdf5(folder):
    import h5py

    from kerasseq.hdf5_file import count_numbers

    contents = [io.BytesIO(), io.BytesIO()]
    for linked, content in enumerate(contents):
        with h5py.File(content, "w") as file:
            file["layers/dense/vars/0"] = np.ones((3, 4), "float32")
            file["layers/dense/vars/1"] = np.ones(4, "float32")
            if linked:
                file["layers/link"] = h5py.SoftLink("/layers/dense")
                file.create_dataset("packed", (100,), "float32", chunks=(10,), compression="gzip")
    return of_file(count_numbers, *(each.getvalue() for each in contents))(folder)


@reader
def manifest(folder):
    from kerasseq.manifest import check_manifest, write_manifest

    folder.mkdir(parents=True)
    (folder / "a").write_bytes(b"1")
    write_manifest(folder, ["a"])
    path = folder / "manifest.json"
    real = path.read_bytes()

    def load(content):
        path.write_bytes(content)
        check_manifest(folder)

    return [real], load


@reader
def tflite_archive(folder):
    """The archive behind the program."""
    from kerasseq.export.lite_file import read_lite_file, write_lite_file
    from kerasseq.text import CharacterTokenizer, WordTokenizer

    sides = {
        "source": WordTokenizer.train(small_files.LINES),
        "target": CharacterTokenizer.train(small_files.LINES),
    }
    folder.mkdir(parents=True)
    path = folder / "model.tflite"
    write_lite_file(path, b"", {"task": "Translator", "max_length": 8}, sides)
    packed, plain = path.read_bytes(), io.BytesIO()
    with zipfile.ZipFile(path) as file, zipfile.ZipFile(plain, "w") as other:
        for name in file.namelist():
            other.writestr(name, file.read(name))

    def load(archive):
        path.write_bytes(b"TFL3" + archive)
        read_lite_file(path)

    return [plain.getvalue(), packed], load


@reader
def tflite_metadata(folder):
    from kerasseq.export import LiteTask

    small_files.lite(folder)
    path = folder / "model.tflite"
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    content = path.read_bytes()
    program = content[: content.index(b"PK\3\4")]

    def load(metadata):
        path.write_bytes(program)
        with zipfile.ZipFile(path, "a") as file:
            for name, held in (parts | {"metadata.json": metadata}).items():
                file.writestr(name, held)
        LiteTask(path)

    return [parts["metadata.json"]], load


def of_run(name):
    """The reader of one file of a run's folder."""

    def make(folder):
        from safetensors.numpy import save

        from kerasseq.reports import examine_run
        from kerasseq.reports.run_scores import run_scores

        (folder / "translator").mkdir(parents=True)
        (folder / "translator" / "translator.json").write_text("{}")
        (folder / "translator" / "model.safetensors").write_bytes(save({"a": np.ones(3)}))
        (folder / "test.hypotheses.txt").write_text("eins\n")
        results = pathlib.Path(__file__).parents[1] / "docs" / "results" / "numbers"
        for path in results.iterdir():
            if path.is_file():
                (folder / path.name).write_bytes(path.read_bytes())
        path = folder / name
        real = path.read_bytes()

        def read_content(content):
            path.write_bytes(content)
            run_scores(folder, "test")
            examine_run(folder)

        return [real], read_content

    return make


def hub_tokenizer(folder):
    from kerasseq.pretrained.hugging_face import HuggingFaceFolder

    return HuggingFaceFolder(folder).tokenizer()


def marian_file(folder):
    from kerasseq.pretrained.marian_file import read_marian
    from kerasseq.pretrained.marian_settings import read_settings

    path = folder / "model.xxyy.bin"
    read_settings(read_marian(path)[1], str(path))


@reader
def marian_settings(folder):
    from kerasseq.pretrained.marian_file import read_marian
    from kerasseq.pretrained.marian_settings import read_settings

    small_files.bergamot(folder)
    text = read_marian(folder / "model.xxyy.bin")[1]
    return [text.encode()], lambda content: read_settings(
        content.decode("utf-8", "replace"), "there"
    )


@reader
def recipe(folder):
    from kerasseq.recipes import load_recipe
    from kerasseq.recipes.recipe import FOLDER

    seeds = [path.read_bytes() for path in sorted(FOLDER.glob("*.toml"))]
    return of_file(load_recipe, *seeds, name="recipe.toml")(folder)


TABLE = b'label,text\ngood,"a warm, funny ""film"""\nbad,dull\ngood,fine and clear\n'
ROWS = [{"text": "a warm film", "label": "good"}, {"text": "dull", "label": "bad"}]
WORDS = [{"words": ["Ann", "runs"], "tags": ["B-PER", "O"]}, {"words": ["no"], "tags": ["O"]}]
SQUAD = {
    "version": "1.1",
    "data": [
        {
            "title": "Ann",
            "paragraphs": [
                {
                    "context": "Ann walks her dog in Bern.",
                    "qas": [
                        {
                            "id": "1",
                            "question": "Where?",
                            "answers": [{"text": "Bern", "answer_start": 21}],
                        }
                    ],
                }
            ],
        }
    ],
}


def lines_of(rows):
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def parquet_of(rows):
    import pyarrow
    from pyarrow import parquet

    content = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), content)
    return content.getvalue()


def corpus(kind, name, *contents):
    """The reader of a kind of corpus: all of it is looked at."""

    def make(folder):
        from kerasseq.data.read_corpus import read_corpus

        made = [each() if callable(each) else each for each in contents]
        return of_file(lambda path: list(read_corpus(kind, path)), *made, name=name)(folder)

    return make


def pairs(name, *contents):
    """The reader of pairs of lines."""

    def make(folder):
        from kerasseq.data import ParallelText

        return of_file(lambda path: list(ParallelText.from_table(path)), *contents, name=name)(
            folder
        )

    return make


def packed_lines(folder):
    from kerasseq.data import ParallelText

    content = gzip.compress(b"a man walks\ntwo dogs run\n", mtime=0)
    return of_file(lambda path: list(ParallelText.from_files(path, path)), content, name="a.gz")(
        folder
    )


def word_vectors(kind, *contents):
    """The reader of a kind of word vectors."""

    def make(folder):
        from kerasseq.text import WordTokenizer, WordVectors

        tokenizer = WordTokenizer.train(["a man walks"])
        return of_file(lambda path: WordVectors.read(path, tokenizer, kind), *contents)(folder)

    return make


def request_body(folder):
    """The body of a request to a server: what it asks is answered too."""
    from kerasseq import Translator
    from kerasseq.decoding import Beam
    from kerasseq.models import Transformer
    from kerasseq.serving import Limits, ServedModel
    from kerasseq.serving.bad_request import BadRequest
    from kerasseq.serving.predict import read_question, write_answer
    from kerasseq.text import WordTokenizer

    words = WordTokenizer.train(small_files.LINES)
    model = Transformer(words.vocabulary_size, words.vocabulary_size, 8, 1, 1, max_length=32)
    Translator(model, words, words, Beam(1), 4, 8, examples=small_files.LINES).export(folder)
    served, limits = ServedModel(folder), Limits(body=20_000, text=200, batch=8)

    def ask(body):
        try:
            question = read_question(served, body, limits)
            outputs = served.run(question.signature, question.tensors)
        except BadRequest as error:
            raise ValueError(str(error)) from error
        from kerasseq.serving.served_model import plain

        outputs = {name: plain(array) for name, array in outputs.items()}
        json.dumps(write_answer(outputs, question.by_row))

    seeds = [
        b'{"instances": ["a man walks", {"b64": "YSBtYW4="}]}',
        b'{"inputs": {"text": ["two dogs"]}, "signature_name": "serving_default"}',
        b'{"instances": [{"source": "a man", "target": "his dog"}], "signature_name": "score"}',
    ]
    return seeds, ask


for each in (packed_lines, request_body):
    reader(each)
VECTORS = b"2 2\na " + bytes(8) + b"\nman " + np.ones(2, "float32").tobytes() + b"\n"
READERS |= {
    "word2vec": word_vectors(None, b"3 2\na 0.5 1\nman 1 -2e-1\nthe 0 0\n"),
    "word2vec_binary": word_vectors("word2vec-binary", VECTORS),
    "glove": word_vectors("glove", b"a 0.5 1\nman 1 2\n"),
    "run_history": of_run("history.csv"),
    "run_batches": of_run("batches.json"),
    "run_scores": of_run("test.scores.json"),
    "run_log": of_run("log.txt"),
    "word_vocabulary": of_folder("word_tokenizer", "vocabulary.txt"),
    "word_description": of_folder("word_tokenizer", "tokenizer.json"),
    "character_vocabulary": of_folder("character_tokenizer", "vocabulary.json"),
    "wordpiece_vocabulary": of_folder("wordpiece_tokenizer", "vocab.txt"),
    "byte_pair_model": of_folder("byte_pair_tokenizer", "sentencepiece.model"),
    "byte_pair_description": of_folder("byte_pair_tokenizer", "tokenizer.json"),
    "sentencepiece_model": of_folder("sentencepiece_tokenizer", "sentencepiece.model"),
    "bert_tokenizer": of_folder("hugging_face_bert", "tokenizer.json", hub_tokenizer),
    "bert_tokenizer_config": of_folder("hugging_face_bert", "tokenizer_config.json", hub_tokenizer),
    "bert_config": of_folder("hugging_face_bert", "config.json"),
    "bert_weights": of_folder("hugging_face_bert", "model.safetensors"),
    "roberta_tokenizer": of_folder("hugging_face_roberta", "tokenizer.json", hub_tokenizer),
    "marian_config": of_folder("hugging_face_marian", "config.json"),
    "marian_generation": of_folder("hugging_face_marian", "generation_config.json"),
    "marian_vocabulary": of_folder("hugging_face_marian", "vocab.json"),
    "marian_file": of_folder("bergamot", "model.xxyy.bin", marian_file),
    "bergamot_config": of_folder("bergamot", "config.yml"),
    "hub_config": of_folder("hub_bert", "config.json"),
    "hub_weights": of_folder("hub_bert", "model.weights.h5"),
    "translator_description": of_folder("translator", "translator.json"),
    "translator_weights": of_folder("translator", "model.safetensors"),
    "labelled_csv": corpus("LabelledText", "a.csv", TABLE),
    "labelled_tsv": corpus("LabelledText", "a.tsv", b'good\ta "film"\nbad\tdull\n'),
    "labelled_jsonl": corpus("LabelledText", "a.jsonl", lines_of(ROWS)),
    "labelled_parquet": corpus("LabelledText", "a.parquet", lambda: parquet_of(ROWS)),
    "labelled_lines": corpus("LabelledText", "a.txt", b"good a warm film\nbad dull\n"),
    "tagged_conll": corpus("TaggedText", "a.conll", b"-DOCSTART- O\n\nAnn B-PER\nruns O\n\nno O\n"),
    "tagged_jsonl": corpus("TaggedText", "a.jsonl", lines_of(WORDS)),
    "squad": corpus("QuestionAnswers", "a.json", json.dumps(SQUAD).encode()),
    "pairs_tsv": pairs("a.tsv", b"a man\tein Mann\ntwo dogs\tzwei Hunde\n"),
    "pairs_csv": pairs("a.csv", b'source,target\na man,"ein Mann, alt"\n'),
}
