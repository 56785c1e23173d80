"""A small convolutional network for images."""

import keras


@keras.saving.register_keras_serializable("kerasseq")
class ImageEncoder(keras.layers.Layer):
    """Turns images into a grid of features; trained from scratch.

    Each stage halves the height and the width with a strided 3 × 3 convolution. A second
    convolution has a shortcut around it (He et al. 2016). Batch normalisation and ReLU follow
    both.

    Args:
        filters: list of int, the number of features of each stage; the last is `M`.
        dropout: float, dropped share of whole feature maps after the last stage.

    Call arguments:
        images: float or uint8 tensor `(B, H, W, 3)`, values 0 to 255.
        training: bool.

    Returns:
        float tensor `(B, H / 2^N, W / 2^N, M)` for `N` stages, each quotient rounded up.
    """

    def __init__(self, filters=(32, 64, 128, 256), dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.filters = list(filters)
        policy = self.dtype_policy
        self.rescaling = keras.layers.Rescaling(1 / 127.5, offset=-1, dtype=policy)
        # Images are (H, W, 3), whatever keras.config.set_image_data_format says.
        last = {"data_format": "channels_last", "dtype": policy}
        options = {"padding": "same", "use_bias": False} | last
        self.stages = [
            {
                "halve": keras.layers.Conv2D(count, 3, strides=2, **options),
                "halve_norm": keras.layers.BatchNormalization(momentum=0.9, dtype=policy),
                "refine": keras.layers.Conv2D(count, 3, **options),
                "refine_norm": keras.layers.BatchNormalization(momentum=0.9, dtype=policy),
            }
            for count in self.filters
        ]
        self.dropout = keras.layers.SpatialDropout2D(dropout, **last)

    def build(self, input_shape):
        shape = tuple(input_shape)
        for stage in self.stages:
            stage["halve"].build(shape)
            shape = stage["halve"].compute_output_shape(shape)
            for name in ("halve_norm", "refine", "refine_norm"):
                stage[name].build(shape)

    def call(self, images, training=False):
        x = self.rescaling(images)
        for stage in self.stages:
            x = stage["halve"](x)  # (B, height / 2, width / 2, count)
            x = keras.ops.relu(stage["halve_norm"](x, training=training))
            refined = stage["refine"](x)
            x = keras.ops.relu(x + stage["refine_norm"](refined, training=training))
        return self.dropout(x, training=training)

    def compute_output_shape(self, input_shape):
        shape = tuple(input_shape)
        for stage in self.stages:
            shape = stage["halve"].compute_output_shape(shape)
        return shape

    def get_config(self):
        return super().get_config() | {"filters": self.filters, "dropout": self.dropout.rate}
