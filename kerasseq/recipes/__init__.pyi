from .compare import compare as compare
from .comparison_page import comparison_page as comparison_page
from .evaluate import evaluate as evaluate
from .recipe import list_recipes as list_recipes
from .recipe import load_recipe as load_recipe
from .recipe import write_toml as write_toml
from .report import report as report
from .tensorboard_logs import tensorboard_logs as tensorboard_logs
from .train import train as train

__all__ = [
    "compare",
    "comparison_page",
    "evaluate",
    "list_recipes",
    "load_recipe",
    "report",
    "tensorboard_logs",
    "train",
    "write_toml",
]
