"""Named set-ups, and the plain functions that run them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "compare": ["compare"],
        "comparison_page": ["comparison_page"],
        "evaluate": ["evaluate"],
        "recipe": ["load_recipe", "names", "write_toml"],
        "report": ["report"],
        "tensorboard_logs": ["tensorboard_logs"],
        "train": ["train"],
    },
)
