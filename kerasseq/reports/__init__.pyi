from .compare import compare as compare
from .comparison_page import comparison_page as comparison_page
from .examine_run import examine_recipe as examine_recipe
from .examine_run import examine_run as examine_run
from .report import report as report

__all__ = [
    "compare",
    "comparison_page",
    "examine_recipe",
    "examine_run",
    "report",
]
