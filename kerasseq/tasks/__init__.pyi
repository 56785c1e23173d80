from .captioner import Captioner as Captioner
from .decoder_language_model import DecoderLanguageModel as DecoderLanguageModel
from .encoder_task import EncoderTask as EncoderTask
from .ensemble import ensemble as ensemble
from .forecaster import Forecaster as Forecaster
from .load import load as load
from .mask_filler import MaskFiller as MaskFiller
from .minimum_bayes_risk import minimum_bayes_risk as minimum_bayes_risk
from .noisy_channel import Evidence as Evidence
from .noisy_channel import LanguageModel as LanguageModel
from .noisy_channel import NoisyChannel as NoisyChannel
from .question_answerer import QuestionAnswerer as QuestionAnswerer
from .rescore import rescore as rescore
from .task import Task as Task
from .text_classifier import TextClassifier as TextClassifier
from .text_encoder import TextEncoder as TextEncoder
from .token_classifier import TokenClassifier as TokenClassifier
from .trace import Trace as Trace
from .trace import trace as trace
from .translator import Translator as Translator
from .writing_task import WritingTask as WritingTask

__all__ = [
    "Captioner",
    "DecoderLanguageModel",
    "EncoderTask",
    "Evidence",
    "Forecaster",
    "LanguageModel",
    "MaskFiller",
    "NoisyChannel",
    "QuestionAnswerer",
    "Task",
    "TextClassifier",
    "TextEncoder",
    "TokenClassifier",
    "Trace",
    "Translator",
    "WritingTask",
    "ensemble",
    "load",
    "minimum_bayes_risk",
    "rescore",
    "trace",
]
