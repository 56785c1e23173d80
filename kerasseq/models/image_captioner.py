"""Images to text (Vinyals et al. 2015, Karpathy and Li 2015, Xu et al. 2015)."""

import keras
from keras import ops

from kerasseq.layers.attention_decoder import AttentionDecoder
from kerasseq.layers.image_encoder import ImageEncoder
from kerasseq.layers.recurrent_decoder import RecurrentDecoder
from kerasseq.models.recurrent_seq2seq import RecurrentBase, state_layers

# Networks of keras.applications, and the module of each that scales its images.
BACKBONES = {
    "DenseNet121": "densenet",
    "EfficientNetB0": "efficientnet",
    "EfficientNetV2B0": "efficientnet_v2",
    "InceptionV3": "inception_v3",
    "MobileNetV2": "mobilenet_v2",
    "MobileNetV3Small": "mobilenet_v3",
    "ResNet50": "resnet50",
    "VGG16": "vgg16",
}


@keras.saving.register_keras_serializable("kerasseq")
class ImageCaptioner(RecurrentBase):
    """A convolutional encoder and the recurrent decoder of the translators.

    The mean over the feature grid, through one dense layer for each state, starts the decoder
    (Xu et al. 2015, section 3.1.2). With attention the decoder also attends to the cells of the
    grid at every word; without attention it receives the mean alone.

    Args:
        target_vocabulary_size: int `V`.
        image_size: int pair `(H, W)`, of every image.
        backbone: "small", a network trained from scratch (see `ImageEncoder`), or a model of
            `keras.applications`: "DenseNet121", "EfficientNetB0", "EfficientNetV2B0",
            "InceptionV3", "MobileNetV2", "MobileNetV3Small", "ResNet50" or "VGG16".
        backbone_weights: for a named backbone: None for random weights, "imagenet", which
            Keras downloads, or the path of a weights file. A saved captioner contains the
            weights, so its configuration says None.
        filters: list of int, the stages of the small backbone.
        embedding_dim: int `E`.
        hidden_dim: int `D`, units of each decoder cell.
        num_layers: int, of the decoder.
        cell: "lstm" or "gru".
        attention: a kind of `AttentionCell`, or None.
        dropout: float, on whole feature maps, and in the decoder.

    Call arguments:
        inputs: dict of `source`, float or uint8 images `(B, H, W, 3)` with values 0 to 255,
            and `target` `(B, T)`, int32 ids that begin with the start symbol.
        training: bool.

    Returns:
        float32 logits `(B, T, V)`: position `t` scores the token after `target[:, t]`.

    Memory and state: see `AttentionDecoder` and `RecurrentDecoder`; the `S` positions of the
    memory are the cells of the grid, row by row.

    Raises:
        ValueError: for an unknown cell, attention or backbone; for a named backbone while Keras
            reads images as channels_first.
    """

    def __init__(
        self,
        target_vocabulary_size,
        image_size=(64, 64),
        backbone="small",
        backbone_weights=None,
        filters=(32, 64, 128, 256),
        embedding_dim=128,
        hidden_dim=256,
        num_layers=1,
        cell="lstm",
        attention="bahdanau",
        dropout=0.3,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.config = {
            "target_vocabulary_size": target_vocabulary_size,
            "image_size": list(image_size),
            "backbone": backbone,
            "backbone_weights": None,
            "filters": list(filters),
            "embedding_dim": embedding_dim,
            "hidden_dim": hidden_dim,
            "num_layers": num_layers,
            "cell": cell,
            "attention": attention,
            "dropout": dropout,
        }
        policy = self.dtype_policy
        shape = (*image_size, 3)
        if backbone == "small":
            self.backbone = ImageEncoder(filters, dropout, dtype=policy)
            self.backbone.build((None, *shape))
        elif backbone in BACKBONES:
            if keras.config.image_data_format() != "channels_last":
                raise ValueError(
                    f"Expected Keras to read images as channels_last for {backbone}; received "
                    f"{keras.config.image_data_format()}. Call "
                    'keras.config.set_image_data_format("channels_last") before.'
                )
            make = getattr(keras.applications, backbone)
            self.backbone = make(input_shape=shape, include_top=False, weights=backbone_weights)
            self.dropout = keras.layers.SpatialDropout2D(
                dropout, data_format="channels_last", dtype=policy
            )
        else:
            raise ValueError(
                f'Expected a backbone of "small", {", ".join(BACKBONES)}; received {backbone!r}. '
                "Choose one."
            )
        self.grid = tuple(self.backbone.compute_output_shape((None, *shape))[1:])
        self.starts = state_layers(cell, hidden_dim, num_layers, policy)
        options = {"dropout": dropout, "dtype": policy}
        sizes = target_vocabulary_size, embedding_dim, hidden_dim, num_layers, cell
        if attention is None:
            self.decoder = RecurrentDecoder(*sizes, **options)
            self.decoder.build((None, None))
        else:
            self.decoder = AttentionDecoder(*sizes, attention, **options)
            self.decoder.build((None, None), (None, None, self.grid[-1]))
        self.build()

    def build(self, input_shape=None):
        """Creates every weight, by one pass over one image and two tokens."""
        if not self.built:
            self.built = True
            image = ops.zeros((1, *self.config["image_size"], 3), "float32")
            self.call({"source": image, "target": ops.ones((1, 2), "int32")})

    def inputs_spec(self):
        image = keras.InputSpec("float32", (None, *self.config["image_size"], 3))
        return super().inputs_spec() | {"source": image}

    def encode(self, source, training=False):
        values = self._look(source, training)  # (B, S, D)
        mean = ops.mean(values, axis=1)  # (B, D)
        states = [[dense(mean) for dense in layer] for layer in self.starts]
        if not self.attends:
            return self.decoder.memory(states)
        mask = ops.ones_like(values[..., 0], dtype="bool")
        return self.decoder.memory(values, mask, states)

    def encoder_states(self, source):
        """The features of every cell of the grid, row by row: `(B, S, D)`."""
        return self._look(source)

    def _look(self, source, training=False):
        """The features `(B, S, D)` of images `(B, H, W, 3)`."""
        images = ops.cast(source, self.compute_dtype)
        if self.config["backbone"] == "small":
            grid = self.backbone(images, training=training)
        else:
            module = getattr(keras.applications, BACKBONES[self.config["backbone"]])
            scaled = module.preprocess_input(images, data_format="channels_last")
            grid = self.backbone(scaled, training=training)
            grid = self.dropout(grid, training=training)
        height, width, features = self.grid  # of grid (B, height, width, D)
        return ops.reshape(ops.cast(grid, self.compute_dtype), (-1, height * width, features))

    def get_config(self):
        return super().get_config() | self.config
