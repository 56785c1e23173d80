from .answering import Answering as Answering
from .captions import Caption as Caption
from .captions import Captions as Captions
from .forecasts import Forecast as Forecast
from .forecasts import Forecasts as Forecasts
from .glossary import Glossary as Glossary
from .images import load_image as load_image
from .images import read_image as read_image
from .labels import Label as Label
from .labels import Labels as Labels
from .masks import Masks as Masks
from .processor import Processor as Processor
from .processor import find_processor as find_processor
from .spans import Answer as Answer
from .spans import Spans as Spans
from .tags import Tagging as Tagging
from .tags import Tags as Tags
from .translation import Translation as Translation
from .translations import Translations as Translations
from .vectors import Vector as Vector
from .vectors import Vectors as Vectors

__all__ = [
    "Answer",
    "Answering",
    "Caption",
    "Captions",
    "Forecast",
    "Forecasts",
    "Glossary",
    "Label",
    "Labels",
    "Masks",
    "Processor",
    "Spans",
    "Tagging",
    "Tags",
    "Translation",
    "Translations",
    "Vector",
    "Vectors",
    "find_processor",
    "load_image",
    "read_image",
]
