"""What is wrong with a corpus or a run, in plain sentences: `kerasseq.training.Doctor` and
`kerasseq doctor` say them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
