from .evaluate import evaluate as evaluate
from .prepare import Prepared as Prepared
from .prepare import prepare as prepare
from .recipe import list_recipes as list_recipes
from .recipe import load_recipe as load_recipe
from .recipe import write_toml as write_toml
from .tensorboard_logs import tensorboard_logs as tensorboard_logs
from .train import train as train

__all__ = [
    "Prepared",
    "evaluate",
    "list_recipes",
    "load_recipe",
    "prepare",
    "tensorboard_logs",
    "train",
    "write_toml",
]
