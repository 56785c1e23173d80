"""Models: the sequence-to-sequence ones speak one protocol, `Seq2Seq`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
