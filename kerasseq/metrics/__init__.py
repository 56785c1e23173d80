"""Measures of token predictions and of whole translations."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "answer_scores": ["answer_scores"],
        "corpus_scores": ["corpus_scores"],
        "entity_scores": ["entities", "entity_scores"],
        "label_scores": ["label_scores"],
        "perplexity": ["Perplexity"],
        "token_accuracy": ["TokenAccuracy"],
    },
)
