"""Tokenizers made on the spot and saved through transformers, as the published ones are."""

import gzip
import io
import itertools
import random

import sentencepiece
import tensorflow as tf
import tokenizers
import transformers

from kerasseq.text import normalize

T5_IDS = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}


def read_lines(data_folder, number_text):
    """10,000 lines of English, German and French, or of number words."""
    if data_folder is None:
        pairs = list(itertools.chain(*number_text))
        return [" ".join(side for side in pair) for pair in pairs] * 10
    lines = []
    for language, number in (("en", 3400), ("de", 3300), ("fr", 3300)):
        path = data_folder / "multi30k" / f"train.{language}.gz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines += [line.strip() for line in itertools.islice(file, number)]
    return lines


def train_pieces(lines, kind, size, **options):
    """The bytes of a SentencePiece model."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, vocab_size=size, model_type=kind,
        minloglevel=2, hard_vocab_limit=False, **options,
    )  # fmt: skip
    return model.getvalue()


def save(folder, kind, name, model, **options):
    """Saves a tokenizer of a class of transformers, made of a SentencePiece model.

    Returns:
        the folder.
    """
    source = folder / "source"
    source.mkdir(parents=True)
    (source / name).write_bytes(model)
    getattr(transformers, kind).from_pretrained(source, **options).save_pretrained(folder / "saved")
    return folder / "saved"


def save_byte_level(folder, lines, kind, size=1500, **options):
    """Saves a byte-level tokenizer of a class of transformers, trained by `tokenizers`.

    Returns:
        the folder; `vocab.json` and `merges.txt` stand beside it in "source".
    """
    trained = tokenizers.Tokenizer(tokenizers.models.BPE())
    trained.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    trained.train_from_iterator(lines, trainer)
    source = folder / "source"
    source.mkdir()
    trained.model.save(str(source))
    files = {"vocab": str(source / "vocab.json"), "merges": str(source / "merges.txt")}
    getattr(transformers, kind)(**files, **options).save_pretrained(folder / "saved")
    return folder / "saved"


def save_wordpiece(folder, lines, kind, size=500, before=(), behind=(), **options):
    """Saves a WordPiece tokenizer of a class of transformers, trained by `tokenizers`.

    Args:
        before, behind: tokens that stand before and behind the pieces.

    Returns:
        the folder.
    """
    trained = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    trained.normalizer = tokenizers.normalizers.BertNormalizer()
    trained.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    trainer = tokenizers.trainers.WordPieceTrainer(vocab_size=size, show_progress=False)
    trained.train_from_iterator(lines, trainer)
    pieces = trained.get_vocab()
    pieces = [*before, *sorted(pieces, key=pieces.get), *behind]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    made = getattr(transformers, kind)(vocab=vocabulary, **options)
    made.save_pretrained(folder / "saved")
    return folder / "saved"


def hard_texts(tokenizer, seed=5, number=2000):
    """Texts of added tokens, words, spaces and characters that tables write as others."""
    added = list(getattr(tokenizer, "added_ids", {}))
    parts = [*added[:2], *added[-2:], *"aeé¨½ﬁＡx漢!²…🎉ß", "\u0301", " ", "  ", "dog", " man"]
    parts += [" 12", "'s", "'ll", " a", "\t", "the", "sieben", "</s>x"[4:]]
    numbers = random.Random(seed)
    return ["".join(numbers.choices(parts, k=numbers.randint(1, 12))) for _ in range(number)]


def check_equal(found, folder, texts):
    """Checks ids and texts against `tokenizers`, in Python and in the graph."""
    reference = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    texts = [normalize(text) for text in texts]
    expected = [one.ids for one in reference.encode_batch(texts, add_special_tokens=False)]
    ids = [found.tokenizer.encode(text) for text in texts]
    order = found.order.tolist()
    wrong = [
        (text, [order[i] for i in row], wanted)
        for text, row, wanted in zip(texts, ids, expected, strict=True)
        if [order[i] for i in row] != wanted
    ]
    assert wrong[:3] == []
    in_graph = found.tokenizer.tokenize(tf.constant(texts))
    assert in_graph.to_list() == ids
    decoded = reference.decode_batch(expected, skip_special_tokens=False)
    assert [found.tokenizer.decode(row) for row in ids] == decoded
    back = found.tokenizer.detokenize(in_graph.to_tensor()).numpy()
    assert [text.decode("utf-8") for text in back] == decoded
    return {i for row in ids for i in row}
