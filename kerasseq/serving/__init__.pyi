from .app import check_name as check_name
from .app import make_app as make_app
from .limits import Limits as Limits
from .served_model import ServedModel as ServedModel

__all__ = [
    "Limits",
    "ServedModel",
    "check_name",
    "make_app",
]
