from .formats import open_rows as open_rows
from .handler import Part as Part
from .handler import TranslatorHandler as TranslatorHandler
from .translate_file import translate_file as translate_file

__all__ = [
    "Part",
    "TranslatorHandler",
    "open_rows",
    "translate_file",
]
