"""Small models of KerasHub with real tokenizers, made on the spot."""

import io
import json

import keras_hub
import sentencepiece
import tokenizers

from kerasseq.text import WordPieceTokenizer

LINES = [
    "a warm film", "it was (very) cold", "nobody did, in Rome", "one two three four", "the end",
    "Two Men, outside!", "three warm films in the cold", "was it one?",
]  # fmt: skip
T5_ROWS = 50  # of the embeddings: more than pieces, as T5 has it


def t5():
    """A T5Seq2SeqLM with its preprocessor, its output apart from its embeddings."""
    model = sentencepiece_model(pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    tokenizer = keras_hub.models.T5Tokenizer(proto=model)
    backbone = keras_hub.models.T5Backbone(
        T5_ROWS, 1, 2, 16, 32, key_value_dim=6, activation="gelu", tie_embedding_weights=False
    )
    preprocessor = keras_hub.models.T5Seq2SeqLMPreprocessor(tokenizer, 32, 32)
    return keras_hub.models.T5Seq2SeqLM(backbone, preprocessor)


def byte_pairs():
    """A vocabulary and merges of byte-level byte-pair encoding, BART's and RoBERTa's specials."""
    trained = tokenizers.ByteLevelBPETokenizer()
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator(LINES * 3, 300, special_tokens=specials, show_progress=False)
    found = json.loads(trained.to_str())["model"]
    return found["vocab"], [" ".join(pair) for pair in found["merges"]]


def bart():
    """A BartSeq2SeqLM with its preprocessor."""
    tokenizer = keras_hub.models.BartTokenizer(*byte_pairs())
    backbone = keras_hub.models.BartBackbone(
        tokenizer.vocabulary_size() + 2, 2, 2, 16, 32, max_sequence_length=32
    )
    preprocessor = keras_hub.models.BartSeq2SeqLMPreprocessor(tokenizer, 24, 24)
    return keras_hub.models.BartSeq2SeqLM(backbone, preprocessor)


def wordpiece():
    """The pieces of a WordPiece vocabulary."""
    return WordPieceTokenizer.train(LINES, 60).vocabulary


# As the families train theirs: the ids of special pieces, and further pieces.
SENTENCEPIECE = {
    "Albert": {
        "pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1,
        "control_symbols": ["[CLS]", "[SEP]", "[MASK]"],
    },
    "DebertaV3": {
        "pad_id": 0, "bos_id": 1, "eos_id": 2, "unk_id": 3,
        "pad_piece": "[PAD]", "bos_piece": "[CLS]", "eos_piece": "[SEP]", "unk_piece": "[UNK]",
    },
    "XLMRoberta": {"unk_id": 0, "bos_id": 1, "eos_id": 2, "pad_id": -1},
}  # fmt: skip


def sentencepiece_model(**options):
    """The bytes of a unigram model."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES * 3), model_writer=model, vocab_size=46,
        model_type="unigram", minloglevel=2, hard_vocab_limit=False, **options,
    )  # fmt: skip
    return model.getvalue()


def tokenizer_of(kind):
    """The tokenizer of KerasHub of a family."""
    made = getattr(keras_hub.models, f"{kind}Tokenizer")
    if kind == "Roberta":
        return made(*byte_pairs())
    if kind in SENTENCEPIECE:
        return made(sentencepiece_model(**SENTENCEPIECE[kind]))
    return made(wordpiece(), lowercase=True)


def backbone(kind, size=None, **options):
    """A backbone of a family, of as many tokens as its tokenizer's by default."""
    sizes = {"num_layers": 2, "num_heads": 2, "hidden_dim": 16, "intermediate_dim": 32}
    name = "vocab_size" if kind == "Electra" else "vocabulary_size"
    sizes |= {name: size or tokenizer_of(kind).vocabulary_size(), "max_sequence_length": 24}
    if kind in ("Albert", "Electra"):
        sizes["embedding_dim"] = 8
    return getattr(keras_hub.models, f"{kind}Backbone")(**sizes | options)


def preprocessed(kind, task, **options):
    """A task of KerasHub with its preprocessor: "Bert", "MaskedLM"."""
    preprocessor = getattr(keras_hub.models, f"{kind}{task}Preprocessor")(tokenizer_of(kind), 24)
    made = getattr(keras_hub.models, f"{kind}{task}")
    return made(backbone(kind), preprocessor=preprocessor, **options)
