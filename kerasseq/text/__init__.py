"""Tokenizers that answer the same in Python and inside a TensorFlow graph."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
