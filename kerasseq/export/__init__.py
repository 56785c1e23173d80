"""Trained tasks as files that other programs run: SavedModel and TFLite."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["parity"],
    submod_attrs={
        "lite_task": [
            "LiteCaptioner",
            "LiteClassifier",
            "LiteForecaster",
            "LiteQuestionAnswerer",
            "LiteTagger",
            "LiteTask",
            "LiteTranslator",
        ],
        "saved_task": [
            "SavedCaptioner",
            "SavedClassifier",
            "SavedForecaster",
            "SavedQuestionAnswerer",
            "SavedTagger",
            "SavedTask",
            "SavedTranslator",
        ],
    },
)
