"""Image files to arrays, inside a TensorFlow graph."""

from __future__ import annotations

import os
import pathlib
import typing
from collections.abc import Sequence

import numpy as np

if typing.TYPE_CHECKING:
    import tensorflow as tf

Image: typing.TypeAlias = str | os.PathLike[str] | bytes | np.ndarray

# A GIF of one white pixel.
WHITE = b"GIF87a\1\0\1\0\x81\0\0\xff\xff\xff\0\0\0\0\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\x08\4\0\1\4\4\0;"


def read_image(content: tf.Tensor, image_size: Sequence[int]) -> tf.Tensor:
    """Decodes one image.

    Transparent pixels are laid on white; the image is scaled to fit and centred on white.

    Args:
        content: scalar string tensor, the bytes of a PNG, JPEG, GIF (first frame) or BMP file.
        image_size: int pair `(H, W)`.

    Returns:
        uint8 tensor `(H, W, 3)`.

    Raises:
        tf.errors.InvalidArgumentError: for bytes of another kind.
    """
    import tensorflow as tf

    image = tf.io.decode_image(content, expand_animations=False)
    image.set_shape((None, None, None))
    channels = tf.shape(image)[-1]
    colours = channels - tf.cast((channels == 2) | (channels == 4), tf.int32)
    # Grey stands for red, green and blue; the last of two or four channels is the opacity.
    rgb = tf.gather(image, tf.minimum(tf.range(3), colours - 1), axis=-1)
    opaque = tf.ones_like(rgb[..., :1]) * 255
    alpha = tf.where(colours < channels, image[..., -1:], opaque)
    share = tf.cast(alpha, tf.float32) / 255
    flat = tf.cast(rgb, tf.float32) * share + 255 * (1 - share)
    # Padding is black: what is padded, and resized, is the distance from white.
    fitted = 255 - tf.image.resize_with_pad(255 - flat, *image_size, antialias=True)
    return tf.cast(tf.round(tf.clip_by_value(fitted, 0, 255)), tf.uint8)


def load_image(image: Image, image_size: Sequence[int]) -> np.ndarray:
    """An image as `read_image` decodes it, from Python; an array needs no TensorFlow.

    Args:
        image: path, bytes of an image file, or uint8 array `(H, W, 3)`.
        image_size: int pair `(H, W)`.

    Returns:
        uint8 array `(H, W, 3)`.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file or bytes that are no image, or an array of another shape.
    """
    if isinstance(image, str | pathlib.Path):
        path = pathlib.Path(image)
        if not path.is_file():
            raise FileNotFoundError(
                f"Expected an image at {path}; received no such file. Check the path."
            )
        name, content = str(path), path.read_bytes()
    elif isinstance(image, bytes):
        name, content = f"{len(image)} bytes", image
    else:
        found = np.asarray(image)
        if found.shape != (*image_size, 3) or found.dtype != np.uint8:
            raise ValueError(
                f"Expected a uint8 array of shape {(*image_size, 3)}; received {found.dtype} of "
                f"shape {found.shape}. Give a path or the file's bytes to have it scaled."
            )
        return found
    import tensorflow as tf

    try:
        return read_image(content, image_size).numpy()
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(
            f"Expected a PNG, JPEG, GIF or BMP image; received {name} of another kind. "
            "Convert it first."
        ) from error
