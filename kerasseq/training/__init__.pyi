from .corpus_quality import CorpusQuality as CorpusQuality
from .fine_tuning import FineTuningAdamW as FineTuningAdamW
from .fine_tuning import fine_tuning_optimizer as fine_tuning_optimizer
from .finite_loss import FiniteLoss as FiniteLoss
from .inverse_square_root import InverseSquareRoot as InverseSquareRoot
from .linear_decay import LinearDecay as LinearDecay
from .run_length import RunLength as RunLength
from .sequence_crossentropy import SequenceCrossentropy as SequenceCrossentropy
from .start_at_frequencies import start_at_frequencies as start_at_frequencies
from .weight_average import WeightAverage as WeightAverage

__all__ = [
    "CorpusQuality",
    "FineTuningAdamW",
    "FiniteLoss",
    "InverseSquareRoot",
    "LinearDecay",
    "RunLength",
    "SequenceCrossentropy",
    "WeightAverage",
    "fine_tuning_optimizer",
    "start_at_frequencies",
]
