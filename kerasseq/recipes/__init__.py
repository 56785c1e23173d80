"""Recipes: everything that a run depends on in one TOML file, and the functions that run it."""

import lazy_loader

from kerasseq.renamed import with_former_names

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

FORMER_NAMES = {
    "compare": "kerasseq.reports.compare",
    "comparison_page": "kerasseq.reports.comparison_page",
    "names": "list_recipes",
    "report": "kerasseq.reports.report",
}
__getattr__ = with_former_names(__name__, __getattr__, FORMER_NAMES)
