"""kerasseq: sequence-to-sequence models for Keras 3, from text files to a served translator.

Nothing heavy is imported here: every room and class is loaded on first use.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "data",
        "decoding",
        "export",
        "layers",
        "metrics",
        "models",
        "plots",
        "processing",
        "recipes",
        "serving",
        "tasks",
        "tensors",
        "text",
        "training",
    ],
    submod_attrs={
        "tasks": [
            "Captioner",
            "Forecaster",
            "MaskFiller",
            "QuestionAnswerer",
            "TextClassifier",
            "TokenClassifier",
            "Translator",
        ]
    },
)
