"""Measures of token predictions and of whole translations."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "corpus_scores": ["corpus_scores"],
        "entity_scores": ["entities", "entity_scores"],
        "perplexity": ["Perplexity"],
        "token_accuracy": ["TokenAccuracy"],
    },
)
