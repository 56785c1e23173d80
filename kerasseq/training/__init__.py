"""Losses, schedules and callbacks for `model.compile` and `model.fit`."""

import lazy_loader

from kerasseq.renamed import with_former_names

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

FORMER_NAMES = {
    "CorpusQuality": "TranslationMetrics",
    "FiniteLoss": "RaiseOnNonFiniteLoss",
    "LinearDecay": "LinearWarmupDecay",
    "RunLength": "CheckRunLength",
    "WeightAverage": "CheckpointAverage",
    "start_at_frequencies": "initialize_output_bias",
}
__getattr__ = with_former_names(__name__, __getattr__, FORMER_NAMES)
