from .given import Given as Given
from .given import read_given as read_given
from .make import backtranslate as backtranslate
from .make import distil as distil
from .write import Made as Made

__all__ = [
    "Given",
    "Made",
    "backtranslate",
    "distil",
    "read_given",
]
