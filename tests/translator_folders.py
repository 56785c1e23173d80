"""Small translators of random weights, as transformers saves them, with tokenizers made here."""

import io
import json
import random
import re

import numpy as np
import sentencepiece
import tokenizers
import torch
import transformers
from tokenizer_folders import T5_IDS, train_pieces
from tokenizer_folders import save as save_tokenizer

TEXT = [
    "a man walks his dog in the park", "two dogs run through the white snow",
    "the old house by the sea is blue", "she reads a quiet book under a tree",
    "children play football on green grass", "ein Mann geht mit seinem Hund",
    "zwei Hunde laufen durch den Schnee", "das alte Haus am Meer ist blau",
]  # fmt: skip
SIZES = {
    "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    "max_position_embeddings": 40,
}  # fmt: skip


def random_lines(count, seed=0):
    """Lines of 1 to 9 words, some of them unknown."""
    words = [*sorted({word for line in TEXT for word in line.split()}), "zqx", "Tag", "éa"]
    chosen = random.Random(seed)
    return [" ".join(chosen.choices(words, k=chosen.randint(1, 9))) for _ in range(count)]


def sentencepiece_model(lines, size, **options):
    """The bytes of a model with SentencePiece's own ids."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines * 9), model_writer=model, vocab_size=size, minloglevel=2,
        hard_vocab_limit=False,
        **options,
    )  # fmt: skip
    return model.getvalue()


def pieces_of(model):
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    return [processor.id_to_piece(i) for i in range(3, processor.get_piece_size())]


def randomized(model, seed, end=3.0):
    """The model with every weight drawn, the end symbol's `end` times as large; ready to be
    asked. A seed is one with which lines get answers of their own, of several lengths."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name:
                weight.normal_(*((1.0, 0.3) if name.endswith("weight") else (0.0, 0.2)))
            elif "embed_positions" not in name or weight.requires_grad:
                weight.normal_(0.0, 0.2 if name.endswith("bias") else 0.35)
            if name.endswith(("shared.weight", "decoder.embed_tokens.weight", "lm_head.weight")):
                weight[model.config.eos_token_id] *= end
        for name, buffer in model.named_buffers():
            if name == "final_logits_bias":
                buffer.normal_(0.0, 1.0)
    return model.eval()


def marian(
    folder, apart=False, codes=("fra", "deu"), max_shard_size="5GB", seed=4, end=3.0, **config
):
    """Writes an OPUS-MT model; the target's pieces are few, and some of the source's unknown."""
    source, target = sentencepiece_model(TEXT, 80), sentencepiece_model(TEXT[5:], 45)
    known = [piece for piece in pieces_of(source) if piece not in ("▁dog", "▁a", "oo")]
    sides = [known, pieces_of(target)] if apart else [[*known, *pieces_of(target)]]
    named, size = [f">>{code}<<" for code in codes], max(map(len, sides))
    fillers = [[f"filler{i}" for i in range(size - len(side))] for side in sides]
    numbers = [
        {piece: i for i, piece in enumerate(dict.fromkeys(["</s>", "<unk>", *all_of, "<pad>"]))}
        for all_of in ([*side, *named, *more] for side, more in zip(sides, fillers, strict=True))
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("source.spm", source), ("target.spm", target)):
        (folder / name).write_bytes(content)
    for name, found in zip(("vocab.json", "target_vocab.json"), numbers, strict=False):
        (folder / name).write_text(json.dumps(found), encoding="utf-8")
    tokenizer = transformers.MarianTokenizer(
        *(str(folder / name) for name in ("source.spm", "target.spm", "vocab.json")),
        target_vocab_file=str(folder / "target_vocab.json") if apart else None,
        separate_vocabs=apart, source_lang="en", target_lang="de",
    )  # fmt: skip
    rows = [len(found) for found in numbers]
    pad = numbers[-1]["<pad>"]
    config = SIZES | {
        "vocab_size": rows[0], "decoder_vocab_size": rows[-1], "pad_token_id": pad,
        "decoder_start_token_id": pad, "eos_token_id": 0, "forced_eos_token_id": 0,
        "share_encoder_decoder_embeddings": not apart, "activation_function": "swish",
        "scale_embedding": True,
    } | config  # fmt: skip
    made = transformers.MarianMTModel(transformers.MarianConfig(**config))
    model = randomized(made, seed, end)
    model.generation_config.bad_words_ids = [[pad]]
    return save(folder, model, tokenizer, max_shard_size=max_shard_size)


def save(folder, model, tokenizer, **options):
    """Saves both, asking for a beam of 4; returns the folder and both."""
    model.generation_config.num_beams = 4
    model.generation_config.max_length = 15
    model.save_pretrained(folder, **options)
    tokenizer.save_pretrained(folder)
    return folder, model, tokenizer


def of_pieces(
    folder, kind, file, config, ids=None, rows=0, tokenizer=None, size=90, seed=3, **options
):
    """Writes a model with a SentencePiece tokenizer of a class of transformers.

    Args:
        folder: path.
        kind: str, what the classes of configuration and model begin with.
        file: str, that of the SentencePiece model.
        config: dict, of the configuration.
        ids: dict, options of SentencePiece's trainer.
        rows: int, rows of the embeddings beside the tokenizer's.
        tokenizer: str, its class.
        seed: int, of the weights.
        **options: of the tokenizer.
    """
    model = train_pieces(TEXT * 9, "unigram", size, **(ids or {}))
    folder = save_tokenizer(folder, tokenizer or f"{kind}Tokenizer", file, model, **options)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return of_tokenizer(folder, kind, tokenizer, len(tokenizer) + rows, config, seed)


def of_tokenizer(folder, kind, tokenizer, rows, config, seed):
    """Writes a model beside a tokenizer."""
    config = SIZES | {"vocab_size": rows} | config
    made = getattr(transformers, f"{kind}Config")(**config)
    model = getattr(transformers, f"{kind}ForConditionalGeneration")(made)
    return save(folder, randomized(model, seed), tokenizer)


def bart(folder):
    """Writes a BART, whose decoder begins with the end symbol, and then with the start symbol."""
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained = tokenizers.ByteLevelBPETokenizer()
    trained.train_from_iterator(TEXT * 9, 330, show_progress=False, special_tokens=specials)
    found = json.loads(trained.to_str())["model"]
    tokenizer = transformers.BartTokenizer(
        vocab=found["vocab"], merges=[tuple(pair) for pair in found["merges"]]
    )
    config = {"forced_bos_token_id": 0, "activation_function": "gelu"}
    folder.mkdir(parents=True)
    return of_tokenizer(folder, "Bart", tokenizer, len(tokenizer), config, seed=8)


def nllb(folder):
    """Writes an NLLB: an M2M100 with byte-pair encoding that marks words, and 202 codes."""
    model = train_pieces(TEXT * 9, "bpe", 90)
    codes = transformers.models.nllb.tokenization_nllb.FAIRSEQ_LANGUAGE_CODES
    folder = save_tokenizer(
        folder, "NllbTokenizer", "sentencepiece.bpe.model", model, extra_special_tokens=codes
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return of_tokenizer(folder, "M2M100", tokenizer, len(tokenizer) + 3, {}, seed=4)


def m2m100(folder, **config):
    """Writes an M2M100, whose vocab.json leaves out pieces of its model."""
    content = sentencepiece_model(TEXT, 80)
    pieces = [piece for piece in pieces_of(content) if piece not in ("▁dog", "▁a", "oo")]
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *pieces]
    folder.mkdir(parents=True)
    (folder / "sentencepiece.bpe.model").write_bytes(content)
    numbers = json.dumps({piece: i for i, piece in enumerate(pieces)})
    (folder / "vocab.json").write_text(numbers, encoding="utf-8")
    tokenizer = transformers.M2M100Tokenizer(
        str(folder / "vocab.json"), str(folder / "sentencepiece.bpe.model"), src_lang="en"
    )
    return of_tokenizer(folder, "M2M100", tokenizer, len(pieces) + 100 + 8, config, seed=4)


def t5(folder):
    """Writes a T5, which has no symbols of its own around a text."""
    model = train_pieces(TEXT * 9, "unigram", 90, **T5_IDS)
    folder = save_tokenizer(folder, "T5Tokenizer", "spiece.model", model, extra_ids=5)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    sizes = {"d_model": 32, "d_kv": 6, "d_ff": 48, "num_layers": 2, "num_heads": 4}
    made = transformers.T5Config(vocab_size=len(tokenizer) + 3, **sizes)
    return save(folder, randomized(transformers.T5ForConditionalGeneration(made), 3), tokenizer)


def former_ids(tokenizer, vocabulary):
    """The id of each of our pieces, as theirs numbers them, and which of the pieces it has."""
    rows = [re.fullmatch(r"<row (\d+)>", piece) for piece in vocabulary]  # without a piece
    ids = np.array(
        [
            int(row[1]) if row else tokenizer.convert_tokens_to_ids(piece)
            for row, piece in zip(rows, vocabulary, strict=True)
        ]
    )
    return ids, (ids != tokenizer.unk_token_id) | (np.array(vocabulary) == "<unk>")
