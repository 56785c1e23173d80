"""Image files to arrays, and other views of an image for training."""

from __future__ import annotations

from kerasseq.lazily import tf
from kerasseq.processing.images import load_image, read_image

__all__ = ["augment_image", "load_image", "read_image"]


def augment_image(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Another view of an image: shifted up to an eighth, brighter or darker, more or less vivid.

    Nothing is mirrored or turned: captions speak of left, right and up.

    Args:
        image: uint8 tensor `(H, W, 3)`.
        seed: int tensor `(2,)`.

    Returns:
        uint8 tensor `(H, W, 3)`.
    """
    height, width, _ = image.shape
    seeds = tf.unstack(tf.random.split(seed, 3))
    white = tf.pad(
        image,
        [[height // 8] * 2, [width // 8] * 2, [0, 0]],
        constant_values=tf.constant(255, "uint8"),
    )
    image = tf.image.stateless_random_crop(white, (height, width, 3), seeds[0])
    image = tf.image.stateless_random_brightness(image, 0.05, seeds[1])
    return tf.image.stateless_random_saturation(image, 0.7, 1.3, seeds[2])
