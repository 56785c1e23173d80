from . import parity as parity
from .lite_task import LiteCaptioner as LiteCaptioner
from .lite_task import LiteClassifier as LiteClassifier
from .lite_task import LiteForecaster as LiteForecaster
from .lite_task import LiteQuestionAnswerer as LiteQuestionAnswerer
from .lite_task import LiteTagger as LiteTagger
from .lite_task import LiteTask as LiteTask
from .lite_task import LiteTextEncoder as LiteTextEncoder
from .lite_task import LiteTranslator as LiteTranslator
from .saved_task import SavedCaptioner as SavedCaptioner
from .saved_task import SavedClassifier as SavedClassifier
from .saved_task import SavedForecaster as SavedForecaster
from .saved_task import SavedQuestionAnswerer as SavedQuestionAnswerer
from .saved_task import SavedTagger as SavedTagger
from .saved_task import SavedTask as SavedTask
from .saved_task import SavedTextEncoder as SavedTextEncoder
from .saved_task import SavedTranslator as SavedTranslator

__all__ = [
    "LiteCaptioner",
    "LiteClassifier",
    "LiteForecaster",
    "LiteQuestionAnswerer",
    "LiteTagger",
    "LiteTask",
    "LiteTextEncoder",
    "LiteTranslator",
    "SavedCaptioner",
    "SavedClassifier",
    "SavedForecaster",
    "SavedQuestionAnswerer",
    "SavedTagger",
    "SavedTask",
    "SavedTextEncoder",
    "SavedTranslator",
    "parity",
]
