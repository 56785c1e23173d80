from .check_run_length import CheckRunLength as CheckRunLength
from .checkpoint_average import CheckpointAverage as CheckpointAverage
from .fine_tuning import FineTuningAdamW as FineTuningAdamW
from .fine_tuning import fine_tuning_optimizer as fine_tuning_optimizer
from .initialize_output_bias import initialize_output_bias as initialize_output_bias
from .inverse_square_root import InverseSquareRoot as InverseSquareRoot
from .linear_warmup import LinearWarmup as LinearWarmup
from .linear_warmup_decay import LinearWarmupDecay as LinearWarmupDecay
from .raise_on_non_finite_loss import RaiseOnNonFiniteLoss as RaiseOnNonFiniteLoss
from .sequence_crossentropy import SequenceCrossentropy as SequenceCrossentropy
from .translation_metrics import TranslationMetrics as TranslationMetrics

__all__ = [
    "CheckRunLength",
    "CheckpointAverage",
    "FineTuningAdamW",
    "InverseSquareRoot",
    "LinearWarmup",
    "LinearWarmupDecay",
    "RaiseOnNonFiniteLoss",
    "SequenceCrossentropy",
    "TranslationMetrics",
    "fine_tuning_optimizer",
    "initialize_output_bias",
]
