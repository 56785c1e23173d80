from .app import make_app as make_app
from .connections import run as run
from .limits import Limits as Limits
from .name import check_name as check_name
from .served_model import ServedModel as ServedModel
from .versions import Versions as Versions

__all__ = [
    "Limits",
    "ServedModel",
    "Versions",
    "check_name",
    "make_app",
    "run",
]
