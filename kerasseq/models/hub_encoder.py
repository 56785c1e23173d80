"""The text backbones of KerasHub."""

import keras
from keras import ops

from kerasseq.models.bert_encoder import segments
from kerasseq.models.keras_hub_objects import (
    build_backbone,
    check_kind,
    describe_backbone,
    policy_of,
)
from kerasseq.tensors import padding_mask

# FNet is none of them: its Fourier transform mixes padding into every vector.
BACKBONES = (
    "AlbertBackbone",
    "BertBackbone",
    "DebertaV3Backbone",
    "DistilBertBackbone",
    "ElectraBackbone",
    "RobertaBackbone",
    "XLMRobertaBackbone",
)


@keras.saving.register_keras_serializable("kerasseq")
class HubEncoder(keras.Model):
    """A text backbone of KerasHub, read as `BertEncoder` is: tokens in, a vector for each out.

    Where the backbone has segments, the second begins after the first separator. What it makes
    beside the vectors, as BERT's pooled output, is left out with its weights. It gives no
    attention to draw.

    Args:
        backbone: keras_hub.models.AlbertBackbone, BertBackbone, DebertaV3Backbone,
            DistilBertBackbone, ElectraBackbone, RobertaBackbone or XLMRobertaBackbone, which is
            taken as it is, or the description in `get_config`.
        separator_id: int, the token between two segments; None for one segment alone.
        dtype: precision policy for a description; a backbone keeps its own.

    Call arguments:
        inputs: dict of `tokens`, int tensor `(B, S)` padded with 0.
        training: bool.

    Returns:
        float tensor `(B, S, D)` and bool mask `(B, S)`, True for a real token.

    Raises:
        ValueError: for another kind of model.
    """

    def __init__(self, backbone, separator_id=None, dtype=None, **kwargs):
        super().__init__(dtype=policy_of(backbone, dtype), **kwargs)
        if not isinstance(backbone, keras.Model):
            backbone = build_backbone(backbone, BACKBONES, self.dtype_policy)
        check_kind(type(backbone).__name__, BACKBONES)
        self.arguments = {"backbone": describe_backbone(backbone), "separator_id": separator_id}
        self.config = self.arguments | {"vocabulary_size": backbone.token_embedding.input_dim}
        found = backbone.output
        vectors = found["sequence_output"] if isinstance(found, dict) else found
        self.network = keras.Model(backbone.input, vectors)
        self.token_embedding = backbone.token_embedding
        self.blocks = keras.tree.flatten(backbone.transformer_layers)  # ALBERT groups them
        self.max_length = backbone.max_sequence_length
        self.output_dim = backbone.hidden_dim
        self.built = True

    @property
    def embedding_dim(self):
        """int, the width of the token embeddings."""
        return self.token_embedding.output_dim

    def token_logits(self, x):
        """Inner products of `x` `(…, E)` with the embedding of every token: `(…, V)`."""
        return self.token_embedding(x, reverse=True)

    def freeze(self, blocks):
        """Freezes the embeddings and the lowest `blocks` (int) blocks in training.

        Call it before `compile`. 0 unfreezes everything.
        """
        for layer in self.network.layers:
            layer.trainable = blocks == 0
        for number, block in enumerate(self.blocks):
            block.trainable = number >= blocks

    def call(self, inputs, training=False):
        tokens = inputs["tokens"]
        mask = padding_mask(tokens)
        given = {"token_ids": tokens, "padding_mask": ops.cast(mask, "int32")}
        if "segment_ids" in self.network.input:
            separator_id = self.config["separator_id"]
            given["segment_ids"] = (
                ops.zeros_like(tokens) if separator_id is None else segments(tokens, separator_id)
            )
        return self.network(given, training=training), mask

    def get_config(self):
        return super().get_config() | self.arguments
