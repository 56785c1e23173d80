"""Models that other libraries saved: read exactly, or refused by name."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "folder": ["Folder"],
        "heads": ["read_classifier", "read_mask_filler", "read_question_answerer", "read_tagger"],
        "hugging_face": ["HuggingFaceFolder"],
    },
)
