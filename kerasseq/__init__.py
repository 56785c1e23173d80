"""kerasseq: sequence-to-sequence models for Keras 3, from text files to a served translator.

Nothing heavy is imported here: every room and class is loaded on first use.
"""

import lazy_loader

from kerasseq.quiet import in_a_notebook_be_quiet
from kerasseq.renamed import with_former_names

in_a_notebook_be_quiet()

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

FORMER_NAMES = {
    "SpanFinder": "QuestionAnswerer",
}
__getattr__ = with_former_names(__name__, __getattr__, FORMER_NAMES)
