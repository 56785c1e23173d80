"""Models: the sequence-to-sequence ones speak one protocol, `Seq2Seq`."""

import lazy_loader

from kerasseq.renamed import with_former_names

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

FORMER_NAMES = {
    "Forecaster": "RecurrentForecaster",
}
__getattr__ = with_former_names(__name__, __getattr__, FORMER_NAMES)
