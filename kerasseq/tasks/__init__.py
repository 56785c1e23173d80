"""A model with its tokenizers and its search: what a user calls."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "captioner": ["Captioner"],
        "encoder_task": ["EncoderTask"],
        "ensemble": ["ensemble"],
        "forecaster": ["Forecaster"],
        "hugging_face": ["HuggingFaceFolder"],
        "load": ["load"],
        "mask_filler": ["MaskFiller"],
        "rescore": ["rescore"],
        "question_answerer": ["QuestionAnswerer"],
        "task": ["Task"],
        "text_classifier": ["TextClassifier"],
        "token_classifier": ["TokenClassifier"],
        "trace": ["Trace", "trace"],
        "translator": ["Translator"],
        "writing_task": ["WritingTask"],
    },
)
