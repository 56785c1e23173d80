"""Trained tasks as files that other programs run: SavedModel and TFLite."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["parity"],
    submod_attrs={
        "forecaster": ["export_forecaster"],
        "lite_captioner": ["LiteCaptioner"],
        "lite_classifier": ["LiteClassifier"],
        "lite_labelling": ["LiteLabelling"],
        "lite_span_finder": ["LiteSpanFinder"],
        "lite_tagger": ["LiteTagger"],
        "lite_translator": ["LiteTranslator"],
        "saved_captioner": ["SavedCaptioner"],
        "saved_classifier": ["SavedClassifier"],
        "saved_export": ["SavedExport"],
        "saved_model": ["SavedTranslator"],
        "saved_span_finder": ["SavedSpanFinder"],
        "saved_tagger": ["SavedTagger"],
    },
)
