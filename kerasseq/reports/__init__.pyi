from .compare import compare as compare
from .comparison_page import comparison_page as comparison_page
from .report import report as report

__all__ = [
    "compare",
    "comparison_page",
    "report",
]
