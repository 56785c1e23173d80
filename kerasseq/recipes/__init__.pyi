from .evaluate import evaluate as evaluate
from .recipe import list_recipes as list_recipes
from .recipe import load_recipe as load_recipe
from .recipe import write_toml as write_toml
from .tensorboard_logs import tensorboard_logs as tensorboard_logs
from .train import train as train

__all__ = [
    "evaluate",
    "list_recipes",
    "load_recipe",
    "tensorboard_logs",
    "train",
    "write_toml",
]
