from .accumulated_crossentropy import AccumulatedCrossentropy as AccumulatedCrossentropy
from .accumulated_schedule import AccumulatedSchedule as AccumulatedSchedule
from .adam import Adam as Adam
from .best_quality import BestQuality as BestQuality
from .check_run_length import CheckRunLength as CheckRunLength
from .checkpoint_average import CheckpointAverage as CheckpointAverage
from .doctor import Doctor as Doctor
from .exact_resume import ExactResume as ExactResume
from .fine_tuning import FineTuningAdamW as FineTuningAdamW
from .fine_tuning import fine_tuning_optimizer as fine_tuning_optimizer
from .frozen_parts import freeze as freeze
from .initialize_output_bias import initialize_output_bias as initialize_output_bias
from .inverse_square_root import InverseSquareRoot as InverseSquareRoot
from .linear_warmup import LinearWarmup as LinearWarmup
from .linear_warmup_decay import LinearWarmupDecay as LinearWarmupDecay
from .lora import enable_lora as enable_lora
from .lora import merged_weights as merged_weights
from .raise_on_non_finite_loss import RaiseOnNonFiniteLoss as RaiseOnNonFiniteLoss
from .sequence_crossentropy import SequenceCrossentropy as SequenceCrossentropy
from .translation_metrics import TranslationMetrics as TranslationMetrics

__all__ = [
    "AccumulatedCrossentropy",
    "AccumulatedSchedule",
    "Adam",
    "BestQuality",
    "CheckRunLength",
    "CheckpointAverage",
    "Doctor",
    "ExactResume",
    "FineTuningAdamW",
    "InverseSquareRoot",
    "LinearWarmup",
    "LinearWarmupDecay",
    "RaiseOnNonFiniteLoss",
    "SequenceCrossentropy",
    "TranslationMetrics",
    "enable_lora",
    "fine_tuning_optimizer",
    "freeze",
    "initialize_output_bias",
    "merged_weights",
]
