from .attention_heads import attention_heads as attention_heads
from .attention_heads import rollout as rollout
from .attention_map import attention_map as attention_map
from .attention_over_image import attention_over_image as attention_over_image
from .history import plot_histories as plot_histories
from .history import plot_history as plot_history
from .pace import plot_pace as plot_pace
from .quality_by_length import plot_quality_by_length as plot_quality_by_length
from .step_movie import step_movie as step_movie
from .step_player import step_player as step_player
from .words import join_pieces as join_pieces

__all__ = [
    "attention_heads",
    "attention_map",
    "attention_over_image",
    "join_pieces",
    "plot_histories",
    "plot_history",
    "plot_pace",
    "plot_quality_by_length",
    "rollout",
    "step_movie",
    "step_player",
]
