"""Pictures of what a model does."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "attention_heads": ["attention_heads", "rollout"],
        "attention_map": ["attention_map"],
        "attention_over_image": ["attention_over_image"],
        "history": ["plot_histories", "plot_history"],
        "pace": ["plot_pace"],
        "quality_by_length": ["plot_quality_by_length"],
        "step_movie": ["step_movie"],
        "step_player": ["step_player"],
        "words": ["join_pieces"],
    },
)
