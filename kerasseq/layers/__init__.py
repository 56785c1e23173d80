"""Layers of the sequence models, each with its reference in the tests."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "additive_attention": ["AdditiveAttention"],
        "attention_cell": ["AttentionCell"],
        "attention_decoder": ["AttentionDecoder"],
        "cross_attention": ["CrossAttention"],
        "decoder_block": ["DecoderBlock"],
        "encoder_block": ["EncoderBlock"],
        "feed_forward": ["FeedForward"],
        "image_encoder": ["ImageEncoder"],
        "luong_attention": ["LuongAttention"],
        "maxout": ["Maxout"],
        "position_encoding": ["PositionEncoding"],
        "recurrent_decoder": ["RecurrentDecoder"],
        "recurrent_encoder": ["RecurrentEncoder"],
        "residual": ["Residual"],
        "self_attention": ["SelfAttention"],
        "token_embedding": ["TokenEmbedding"],
    },
)
