"""Trained tasks as files that other programs run: SavedModel and TFLite."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "export": ["export"],
        "lite_translator": ["LiteTranslator"],
        "parity": ["compare"],
        "saved_model": ["export_saved_model"],
        "tflite": ["export_tflite"],
    },
)
