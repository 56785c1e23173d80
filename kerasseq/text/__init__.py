"""Tokenizers that answer the same in Python and inside a TensorFlow graph."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "character_tokenizer": ["CharacterTokenizer"],
        "load_tokenizer": ["load_tokenizer"],
        "normalize": ["normalize", "normalize_graph"],
        "sentencepiece_tokenizer": ["SentencePieceTokenizer"],
        "tokenizer": ["Tokenizer"],
        "vocabulary": ["Vocabulary"],
        "word_vectors": ["WordVectors"],
        "word_tokenizer": ["WordTokenizer"],
        "wordpiece_tokenizer": ["WordPieceTokenizer"],
    },
)
