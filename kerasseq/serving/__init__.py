"""An exported model behind a REST API that speaks TF Serving's dialect."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
