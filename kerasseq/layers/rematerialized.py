"""A layer whose inner activations are computed again for the gradient, and not kept for it."""

import contextlib

import keras
from keras import ops


def call(rematerialize, layer, *arguments, training=False, **options):
    """Calls a layer, in training within `keras.remat` if that is asked for.

    What the layer computes is then computed again for the gradient, and not kept (Chen et al. 2016,
    "Training deep nets with sublinear memory cost"). Under `keras.RematScope` each dropout would
    draw again the second time, and the gradient be that of another function: here it draws once.

    Args:
        rematerialize: bool.
        layer: keras.layers.Layer.
        *arguments, training, **options: as the layer is called with.

    Returns:
        what the layer returns.
    """
    options["training"] = training
    if not (rematerialize and training):
        return layer(*arguments, **options)
    generators = [
        each.seed_generator
        for each in layer._flatten_layers()
        if isinstance(each, keras.layers.Dropout) and each.rate
    ]
    seeds = [each.next() for each in generators]
    given = keras.tree.flatten((arguments, options))
    # Only what has a gradient is an argument of the function: TensorFlow cannot take a bool.
    places = [
        place
        for place, each in enumerate(given)
        if ops.is_tensor(each) and keras.backend.is_float_dtype(each.dtype)
    ]

    def run(*tensors):
        now = list(given)
        for place, tensor in zip(places, tensors, strict=True):
            now[place] = tensor
        inner, named = keras.tree.pack_sequence_as((arguments, options), now)
        with _drawn(generators, seeds):
            return layer(*inner, **named)

    return keras.remat(run)(*(given[place] for place in places))


@contextlib.contextmanager
def _drawn(generators, seeds):
    """Lets generators give seeds that are drawn already."""
    for each, seed in zip(generators, seeds, strict=True):
        each.next = lambda ordered=True, seed=seed: seed
    try:
        yield
    finally:
        for each in generators:
            del each.next
