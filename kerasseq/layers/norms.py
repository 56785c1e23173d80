"""Keras' normalisations of vectors by name."""

import keras

NORMS = {"layer": keras.layers.LayerNormalization, "rms": keras.layers.RMSNormalization}


def make(kind, **options):
    """A normalisation.

    "layer": `(x - mean(x)) / √(var(x) + ε) ⊙ g + b` (Ba et al. 2016, eq. 4).
    "rms": `x / √(mean(x²) + ε) ⊙ g` (Zhang and Sennrich 2019, eq. 4).

    Args:
        kind: "layer" or "rms".
        **options: of the layer, such as `epsilon`.

    Raises:
        ValueError: for another `kind`.
    """
    if kind not in NORMS:
        raise ValueError(
            f"Expected norm to be one of {', '.join(NORMS)}; received {kind!r}. Choose one."
        )
    return NORMS[kind](**options)
