from . import bulk as bulk
from . import data as data
from . import decoding as decoding
from . import doctor as doctor
from . import export as export
from . import layers as layers
from . import metrics as metrics
from . import models as models
from . import plots as plots
from . import pretrained as pretrained
from . import processing as processing
from . import recipes as recipes
from . import reports as reports
from . import serving as serving
from . import synthetic as synthetic
from . import tasks as tasks
from . import tensors as tensors
from . import text as text
from . import training as training
from .tasks import Captioner as Captioner
from .tasks import Forecaster as Forecaster
from .tasks import MaskFiller as MaskFiller
from .tasks import QuestionAnswerer as QuestionAnswerer
from .tasks import TextClassifier as TextClassifier
from .tasks import TextEncoder as TextEncoder
from .tasks import TokenClassifier as TokenClassifier
from .tasks import Translator as Translator

__all__ = [
    "Captioner",
    "Forecaster",
    "MaskFiller",
    "QuestionAnswerer",
    "TextClassifier",
    "TextEncoder",
    "TokenClassifier",
    "Translator",
    "bulk",
    "data",
    "decoding",
    "doctor",
    "export",
    "layers",
    "metrics",
    "models",
    "plots",
    "pretrained",
    "processing",
    "recipes",
    "reports",
    "serving",
    "synthetic",
    "tasks",
    "tensors",
    "text",
    "training",
]

__version__: str
