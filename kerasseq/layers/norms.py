"""Keras' normalisations of vectors by name."""

import functools

import keras

NORMS = {
    "layer": keras.layers.LayerNormalization,
    "layer_no_bias": functools.partial(keras.layers.LayerNormalization, center=False),
    "rms": keras.layers.RMSNormalization,
}


def make(kind, epsilon, **options):
    """A normalisation; of None a layer that returns what it is given.

    "layer": `(x - mean(x)) / √(var(x) + ε) ⊙ g + b` (Ba et al. 2016, eq. 4).
    "layer_no_bias": the same without `b`.
    "rms": `x / √(mean(x²) + ε) ⊙ g` (Zhang and Sennrich 2019, eq. 4).

    Args:
        kind: "layer", "layer_no_bias", "rms" or None.
        epsilon: float, `ε`.
        **options: of the layer.

    Raises:
        ValueError: for another `kind`.
    """
    if kind is None:
        return keras.layers.Identity(**options)
    if kind not in NORMS:
        raise ValueError(
            f"Expected norm to be one of {', '.join(NORMS)}; received {kind!r}. Choose one."
        )
    return NORMS[kind](epsilon=epsilon, **options)
