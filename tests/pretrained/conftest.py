"""Small students of Firefox Translations, of every layout, with random weights."""

import io
import struct
import types

import numpy as np
import pytest
import sentencepiece
import yaml

SETTINGS = {
    "type": "transformer", "dim-emb": 16, "enc-depth": 3, "dec-depth": 2, "transformer-heads": 4,
    "transformer-dim-ffn": 24, "transformer-ffn-activation": "relu", "dec-cell": "ssru",
    "transformer-decoder-autoreg": "rnn", "transformer-postprocess-emb": "d",
    "transformer-postprocess": "dan", "transformer-preprocess": "", "version": "v1.9.56",
    "tied-embeddings": False, "tied-embeddings-src": False, "tied-embeddings-all": True,
}  # fmt: skip
TEXT = ["a man walks his dog", "two dogs run through the snow", "the old house by the sea"]


def vocabulary(size, **ids):
    """The bytes of a SentencePiece model with Bergamot's ids."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT * 9), model_writer=model, vocab_size=size, minloglevel=2,
        **{"unk_id": 1, "eos_id": 0, "bos_id": -1, "pad_id": -1} | ids,
    )  # fmt: skip
    return model.getvalue()


def random_weights(settings):
    """The tensors of a student, by name."""
    numbers, width = np.random.default_rng(4), settings["dim-emb"]
    inner, tensors = settings["transformer-dim-ffn"], {}

    def add(name, *shape):
        tensors[name] = (numbers.standard_normal(shape) * 0.4).astype("float32")

    def linear(name, part, rows=width, columns=width, bias=True):
        add(f"{name}_W{part}", rows, columns)
        if bias:
            add(f"{name}_b{part}", 1, columns)

    def norm(name, suffix=""):
        add(f"{name}_ln_scale{suffix}", 1, width)
        add(f"{name}_ln_bias{suffix}", 1, width)

    def attention(name):
        for part in "qkvo":
            linear(name, part)
        norm(f"{name}_Wo")

    shared = settings["tied-embeddings-all"]
    for name, size in zip(("encoder_Wemb", "decoder_Wemb"), settings["dim-vocabs"], strict=True):
        add("Wemb" if shared else name, size, width)
    add("decoder_ff_logit_out_b", 1, settings["dim-vocabs"][1])
    for side, depth in (("encoder", settings["enc-depth"]), ("decoder", settings["dec-depth"])):
        if "n" in settings["transformer-postprocess-emb"]:
            norm(f"{side}_emb", "_pre")
        for layer in range(1, depth + 1):
            name = f"{side}_l{layer}"
            if side == "encoder" or settings["transformer-decoder-autoreg"] != "rnn":
                attention(f"{name}_self")
            else:
                linear(f"{name}_rnn", "f")
                linear(f"{name}_rnn", "", bias=False)
                norm(f"{name}_rnn_ffn")
            if side == "decoder":
                attention(f"{name}_context")
            linear(f"{name}_ffn", "1", width, inner)
            linear(f"{name}_ffn", "2", inner, width)
            norm(f"{name}_ffn_ffn")
    return tensors


def quantised(name, array):
    """An item of intgemm8."""
    multiplier = np.float32(127 / np.abs(array).max())
    rounded = np.round(array * multiplier).astype("i1")
    rounded = rounded if "Wemb" in name else rounded.T
    return 0x4101, array.shape, rounded.tobytes() + multiplier.tobytes()


def write_items(path, items, version=1):
    """Writes Marian's file of items as `read_items` returns them."""
    padded = [data + b"\0" * (-len(data) % 256) for _, _, data in items.values()]
    names = [name.encode() + b"\0" for name in items]
    content = struct.pack("<QQ", version, len(items))
    for name, (kind, shape, _), data in zip(names, items.values(), padded, strict=True):
        content += struct.pack("<4Q", len(name), kind, len(shape), len(data))
    content += b"".join(names)
    content += b"".join(struct.pack(f"<{len(s)}i", *s) for _, s, _ in items.values())
    gap = -(len(content) + 8) % 256
    path.write_bytes(content + struct.pack("<Q", gap) + b"\0" * gap + b"".join(padded))


def write_student(folder, int8=False, **changed):
    """Writes a small student's folder."""
    settings = SETTINGS | changed
    sizes = (27, 27) if settings["tied-embeddings-all"] else (28, 25)
    settings = {"dim-vocabs": list(sizes)} | settings
    items = {}
    for name, array in random_weights(settings).items():
        is_matrix = array.shape[0] > 1
        items[name] = (
            quantised(name, array) if int8 and is_matrix else (0x404, array.shape, array.tobytes())
        )
        if int8 and is_matrix:
            items[f"{name}_QuantMultA"] = 0x404, (1, 1), np.float32(9).tobytes()
    text = yaml.safe_dump(settings).encode() + b"\0"
    items["special:model.yml"] = 0x101, (len(text),), text
    write_items(folder / "model.xxyy.bin", dict(sorted(items.items())))
    names = ["vocab.xxyy.spm"] * 2
    if sizes[0] != sizes[1]:
        names = ["srcvocab.xx.spm", "trgvocab.yy.spm"]
    for name, size in zip(names, sizes, strict=True):
        (folder / name).write_bytes(vocabulary(size))
    return folder


@pytest.fixture
def students():
    """What writes small students: `write(folder, **settings)`, `write_items(path, items)`, and
    the lines that their vocabularies were trained on."""
    return types.SimpleNamespace(
        write=write_student, write_items=write_items, vocabulary=vocabulary, lines=TEXT
    )
