"""Losses, schedules and callbacks for `model.compile` and `model.fit`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "corpus_quality": ["CorpusQuality"],
        "fine_tuning": ["FineTuningAdamW", "fine_tuning_optimizer"],
        "finite_loss": ["FiniteLoss"],
        "inverse_square_root": ["InverseSquareRoot"],
        "linear_decay": ["LinearDecay"],
        "run_length": ["RunLength"],
        "sequence_crossentropy": ["SequenceCrossentropy"],
        "start_at_frequencies": ["start_at_frequencies"],
        "weight_average": ["WeightAverage"],
    },
)
