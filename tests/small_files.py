"""Small files of every kind that kerasseq loads, as the real tools write them.

Each function writes one into a new folder and returns the function that loads it again. It imports
its tools itself: a tokenizer's needs neither TensorFlow nor PyTorch.
"""

import importlib.util
import json
import pathlib
import shutil

LINES = ["a man walks his dog", "two dogs run through the snow", "the old house by the sea"]
SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
}


def translator(folder):
    """A saved translator: a Transformer on words and SentencePiece."""
    from kerasseq import Translator
    from kerasseq.decoding import Beam
    from kerasseq.models import Transformer
    from kerasseq.text import SentencePieceTokenizer, WordTokenizer

    source, target = WordTokenizer.train(LINES), SentencePieceTokenizer.train(LINES, 40)
    model = Transformer(source.vocabulary_size, target.vocabulary_size, 16, 1, 2, max_length=32)
    Translator(model, source, target, Beam(2), 12, 24, examples=LINES).save(folder)
    return Translator.load


def classifier(folder):
    """A saved classifier: a BERT on word pieces."""
    from kerasseq import TextClassifier
    from kerasseq.models import BertEncoder, SequenceClassifier
    from kerasseq.text import WordPieceTokenizer

    tokenizer = WordPieceTokenizer.train(LINES, 60)
    encoder = BertEncoder(tokenizer.vocabulary_size, 16, 1, 2, max_length=24)
    model = SequenceClassifier(encoder, 2)
    TextClassifier(model, tokenizer, ["bad", "good"], 24, examples=LINES).save(folder)
    return TextClassifier.load


def word_tokenizer(folder):
    """A saved tokenizer of words."""
    from kerasseq.text import WordTokenizer, load_tokenizer

    WordTokenizer.train(LINES).save(folder)
    return load_tokenizer


def character_tokenizer(folder):
    """A saved tokenizer of characters, its vocabulary in JSON."""
    from kerasseq.text import CharacterTokenizer, load_tokenizer

    CharacterTokenizer.train(LINES, keep_whitespace=True).save(folder)
    return load_tokenizer


def wordpiece_tokenizer(folder):
    """A saved tokenizer of word pieces."""
    from kerasseq.text import WordPieceTokenizer, load_tokenizer

    WordPieceTokenizer.train(LINES, 60).save(folder)
    return load_tokenizer


def sentencepiece_tokenizer(folder):
    """A saved tokenizer of SentencePiece's pieces."""
    from kerasseq.text import SentencePieceTokenizer, load_tokenizer

    SentencePieceTokenizer.train(LINES, 40).save(folder)
    return load_tokenizer


def byte_pair_tokenizer(folder):
    """A saved tokenizer of byte pairs."""
    import tokenizers

    from kerasseq.text import BytePairTokenizer, load_tokenizer

    trained = tokenizers.ByteLevelBPETokenizer()
    specials = ["<pad>", "<unk>", "<s>", "</s>"]
    trained.train_from_iterator(LINES, 290, special_tokens=specials, show_progress=False)
    found = json.loads(trained.to_str())["model"]
    merges = [tuple(pair) for pair in found["merges"]]
    BytePairTokenizer.from_merges(list(found["vocab"]), merges).save(folder)
    return load_tokenizer


def lite(folder):
    """A `.tflite` file of a translator."""
    from kerasseq import Translator
    from kerasseq.decoding import Beam
    from kerasseq.export import LiteTask
    from kerasseq.models import Transformer
    from kerasseq.text import SentencePieceTokenizer, WordTokenizer

    source, target = WordTokenizer.train(LINES), SentencePieceTokenizer.train(LINES, 40)
    model = Transformer(source.vocabulary_size, target.vocabulary_size, 8, 1, 1, max_length=32)
    task = Translator(model, source, target, Beam(1), 4, 8, examples=LINES)
    folder.mkdir(parents=True)
    task.export(folder / "model.tflite", LINES)
    return lambda folder: LiteTask(folder / "model.tflite")


def hugging_face_bert(folder):
    """A BERT classifier that transformers saved, with its tokenizer.json."""
    import torch
    import transformers

    from kerasseq import TextClassifier
    from kerasseq.text import WordPieceTokenizer

    pieces = WordPieceTokenizer.train(LINES, 60).vocabulary
    torch.manual_seed(1)
    config = transformers.BertConfig(vocab_size=len(pieces), max_position_embeddings=128, **SIZES)
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("".join(f"{piece}\n" for piece in pieces))
    transformers.BertTokenizer(vocab=str(vocabulary)).save_pretrained(folder)
    return TextClassifier.from_hugging_face


def hugging_face_vocabulary(folder):
    """The encoder of such a folder, its tokenizer in vocab.txt alone."""
    from kerasseq import TextEncoder

    hugging_face_bert(folder)
    (folder / "tokenizer.json").unlink()
    return lambda folder: TextEncoder.from_hugging_face(folder, pooling="mean")


def hugging_face_roberta(folder):
    """A RoBERTa's masked language model that transformers saved, with byte pairs."""
    import tokenizers
    import torch
    import transformers

    from kerasseq import MaskFiller

    trained = tokenizers.ByteLevelBPETokenizer()
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator(LINES, 300, special_tokens=specials, show_progress=False)
    folder.mkdir(parents=True)
    trained.save_model(str(folder))
    tokenizer = transformers.RobertaTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    config = transformers.RobertaConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=130,
        type_vocab_size=1,
        pad_token_id=1,
        **SIZES,
    )
    transformers.RobertaForMaskedLM(config).save_pretrained(folder)
    return MaskFiller.from_hugging_face


def hugging_face_marian(folder):
    """A MarianMTModel that transformers saved, on SentencePiece."""
    import translator_folders

    from kerasseq import Translator

    translator_folders.marian(folder)
    return lambda folder: Translator.from_hugging_face(folder, target_language="deu")


def hugging_face_t5(folder):
    """A T5 that transformers saved."""
    import translator_folders

    from kerasseq import Translator

    translator_folders.t5(folder)
    shutil.rmtree(folder / "source")
    return lambda folder: Translator.from_hugging_face(folder / "saved")


def hub_bert(folder):
    """A BertTextClassifier that KerasHub saved."""
    from hub_models import preprocessed

    from kerasseq import TextClassifier

    preprocessed("Bert", "TextClassifier", num_classes=2).save_to_preset(str(folder))
    return lambda folder: TextClassifier.from_keras_hub(folder, labels=["bad", "good"])


def hub_t5(folder):
    """A T5Seq2SeqLM that KerasHub saved."""
    from hub_models import t5

    from kerasseq import Translator

    t5().save_to_preset(str(folder))
    return lambda folder: Translator.from_keras_hub(folder)


def bergamot(folder):
    """A student of Firefox Translations in Marian's layout."""
    from kerasseq import Translator

    students = pathlib.Path(__file__).parent / "pretrained" / "conftest.py"
    spec = importlib.util.spec_from_file_location("students", students)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder.mkdir(parents=True)
    module.write_student(folder, int8=True)
    (folder / "config.yml").write_text("models: [model.xxyy.bin]\nvocabs: [vocab.xxyy.spm]\n")
    return lambda folder: Translator.from_bergamot(folder)


LOADERS = {
    each.__name__: each
    for each in (
        translator,
        classifier,
        word_tokenizer,
        character_tokenizer,
        wordpiece_tokenizer,
        sentencepiece_tokenizer,
        byte_pair_tokenizer,
        lite,
        hugging_face_bert,
        hugging_face_vocabulary,
        hugging_face_roberta,
        hugging_face_marian,
        hugging_face_t5,
        hub_bert,
        hub_t5,
        bergamot,
    )
}
