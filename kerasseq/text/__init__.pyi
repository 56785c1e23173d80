from .byte_pair_tokenizer import BytePairTokenizer as BytePairTokenizer
from .character_tokenizer import CharacterTokenizer as CharacterTokenizer
from .load_tokenizer import load_tokenizer as load_tokenizer
from .ngram_model import NGramModel as NGramModel
from .normalize import normalize as normalize
from .normalize import normalize_graph as normalize_graph
from .sentencepiece_tokenizer import SentencePieceTokenizer as SentencePieceTokenizer
from .tokenizer import Tokenizer as Tokenizer
from .vocabulary import Vocabulary as Vocabulary
from .word_tokenizer import WordTokenizer as WordTokenizer
from .word_vectors import WordVectors as WordVectors
from .wordpiece_tokenizer import WordPieceTokenizer as WordPieceTokenizer

__all__ = [
    "BytePairTokenizer",
    "CharacterTokenizer",
    "NGramModel",
    "SentencePieceTokenizer",
    "Tokenizer",
    "Vocabulary",
    "WordPieceTokenizer",
    "WordTokenizer",
    "WordVectors",
    "load_tokenizer",
    "normalize",
    "normalize_graph",
]
