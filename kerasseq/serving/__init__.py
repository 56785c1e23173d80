"""An exported model behind a REST API that speaks TF Serving's dialect."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "app": ["check_name", "make_app"],
        "limits": ["Limits"],
        "served_model": ["ServedModel"],
    },
)
