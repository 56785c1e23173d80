"""Layers of the sequence models, each with its reference in the tests."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "attention": ["CrossAttention", "SelfAttention"],
        "attention_decoder": ["AttentionCell", "AttentionDecoder"],
        "embeddings": ["PositionEncoding", "TokenEmbedding"],
        "image_encoder": ["ImageEncoder"],
        "recurrent_decoder": ["Maxout", "RecurrentDecoder"],
        "recurrent_memory": ["AdditiveAttention", "LuongAttention", "RecurrentEncoder"],
        "transformer_blocks": ["DecoderBlock", "EncoderBlock", "FeedForward", "Residual"],
    },
)
