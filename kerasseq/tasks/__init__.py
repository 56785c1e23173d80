"""A model with its tokenizers and its search: what a user calls."""

import lazy_loader

from kerasseq.renamed import with_former_names

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

FORMER_NAMES = {
    "Answer": "kerasseq.processing.Answer",
    "Caption": "kerasseq.processing.Caption",
    "HuggingFaceFolder": "kerasseq.pretrained.HuggingFaceFolder",
    "Label": "kerasseq.processing.Label",
    "Labelling": "EncoderTask",
    "SpanFinder": "QuestionAnswerer",
    "Translation": "kerasseq.processing.Translation",
}
__getattr__ = with_former_names(__name__, __getattr__, FORMER_NAMES)
