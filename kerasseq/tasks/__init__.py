"""A model with its tokenizers and its search: what a user calls."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "answer": ["Answer"],
        "caption": ["Caption"],
        "captioner": ["Captioner"],
        "ensemble": ["ensemble"],
        "hugging_face": ["HuggingFaceFolder"],
        "label": ["Label"],
        "labelling": ["Labelling"],
        "load": ["load"],
        "mask_filler": ["MaskFiller"],
        "rescore": ["rescore"],
        "span_finder": ["SpanFinder"],
        "text_classifier": ["TextClassifier"],
        "token_classifier": ["TokenClassifier"],
        "trace": ["Trace", "trace"],
        "translation": ["Translation"],
        "translator": ["Translator"],
    },
)
