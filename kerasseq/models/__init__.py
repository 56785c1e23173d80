"""Models: the sequence-to-sequence ones speak one protocol, `Seq2Seq`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "bert_encoder": ["BertEncoder"],
        "encoder_head": ["EncoderHead"],
        "ensemble": ["Ensemble"],
        "get": ["get", "serialize"],
        "image_captioner": ["ImageCaptioner"],
        "masked_language_model": ["MaskedLanguageModel"],
        "recurrent_forecaster": ["RecurrentForecaster"],
        "recurrent_seq2seq": ["AttentionSeq2Seq", "RecurrentSeq2Seq"],
        "recurrent_text_encoder": ["RecurrentTextEncoder"],
        "seq2seq": ["Seq2Seq"],
        "sequence_classifier": ["SequenceClassifier"],
        "sequence_tagger": ["SequenceTagger"],
        "span_classifier": ["SpanClassifier"],
        "transformer": ["Transformer"],
    },
)
