"""Models that speak one protocol: encode, initial_state, decode_step, decode."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "attention_seq2seq": ["AttentionSeq2Seq"],
        "ensemble": ["Ensemble"],
        "get": ["get", "serialize"],
        "image_captioner": ["ImageCaptioner"],
        "recurrent_seq2seq": ["RecurrentSeq2Seq"],
        "seq2seq": ["Seq2Seq"],
        "transformer": ["Transformer"],
    },
)
