"""Searches over a step function: greedy, beam, sampling."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "beam": ["Beam"],
        "get": ["get", "serialize"],
        "greedy": ["Greedy"],
        "sampling": ["Sampling"],
        "search": ["Decoded", "Search"],
    },
)
