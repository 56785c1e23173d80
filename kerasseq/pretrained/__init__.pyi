from .bergamot import read_bergamot as read_bergamot
from .ctranslate2_folder import write_ctranslate2 as write_ctranslate2
from .folder import Folder as Folder
from .heads import read_classifier as read_classifier
from .heads import read_mask_filler as read_mask_filler
from .heads import read_question_answerer as read_question_answerer
from .heads import read_tagger as read_tagger
from .hub_heads import HubReader as HubReader
from .hub_heads import read_hub_classifier as read_hub_classifier
from .hub_heads import read_hub_mask_filler as read_hub_mask_filler
from .hub_heads import read_hub_question_answerer as read_hub_question_answerer
from .hub_heads import read_hub_tagger as read_hub_tagger
from .hub_heads import read_hub_text_encoder as read_hub_text_encoder
from .hub_translator import read_hub_translator as read_hub_translator
from .hugging_face import HuggingFaceFolder as HuggingFaceFolder
from .hugging_face_writer import write_hugging_face as write_hugging_face
from .sentences import read_text_encoder as read_text_encoder
from .tokenizer_objects import convert_tokenizer as convert_tokenizer
from .transformers_objects import saved_folder as saved_folder
from .translator_writer import write_translator as write_translator
from .translators import read_translator as read_translator

__all__ = [
    "Folder",
    "HubReader",
    "HuggingFaceFolder",
    "convert_tokenizer",
    "read_bergamot",
    "read_classifier",
    "read_hub_classifier",
    "read_hub_mask_filler",
    "read_hub_question_answerer",
    "read_hub_tagger",
    "read_hub_text_encoder",
    "read_hub_translator",
    "read_mask_filler",
    "read_question_answerer",
    "read_tagger",
    "read_text_encoder",
    "read_translator",
    "saved_folder",
    "write_ctranslate2",
    "write_hugging_face",
    "write_translator",
]
