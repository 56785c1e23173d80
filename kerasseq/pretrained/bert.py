"""BERT (Devlin et al. 2019) and DistilBERT (Sanh et al. 2019) in Hugging Face's layout."""

from kerasseq.pretrained.family import Family, Head

FIXED = {
    "pad_token_id": (0, None),
    "is_decoder": (False, None),
    "is_encoder_decoder": (False, None),
    "add_cross_attention": (False, None),
    "pruned_heads": ({}, None),
    # Of older versions of sentence-transformers: see CROSS_ENCODER of hugging_face.py.
    "sbert_ce_default_activation_function": (None, "torch.nn.modules.linear.Identity"),
}
_DROPOUT = ("classifier_dropout", "hidden_dropout_prob")

BERT = Family(
    name="bert",
    sizes={
        "vocabulary_size": ("vocab_size", int, 1, None),
        "hidden_dim": ("hidden_size", int, 1, None),
        "num_layers": ("num_hidden_layers", int, 1, None),
        "num_heads": ("num_attention_heads", int, 1, None),
        "feed_forward_dim": ("intermediate_size", int, 1, None),
        "dropout": ("hidden_dropout_prob", float, 0, 0.1),
        "attention_dropout": ("attention_probs_dropout_prob", float, 0, 0.1),
        "epsilon": ("layer_norm_eps", float, 0, 1e-12),
        "max_length": ("max_position_embeddings", int, 1, None),
    },
    activation="hidden_act",
    fixed=FIXED | {"type_vocab_size": (2,), "position_embedding_type": ("absolute", None)},
    segments="embeddings.token_type_embeddings.weight",
    prefix="bert.",
    layer="encoder.layer.{}.",
    block={
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attention": "attention.output.dense",
        "attention_norm": "attention.output.LayerNorm",
        "inner": "intermediate.dense",
        "outer": "output.dense",
        "norm": "output.LayerNorm",
    },
    bare=("BertModel", "BertForNextSentencePrediction", "BertForMultipleChoice"),
    heads={
        "classifier": Head(
            ("BertForSequenceClassification",),
            output="classifier",
            dropout=_DROPOUT,
            hidden="{}pooler.dense",
            hidden_activation="tanh",
        ),
        "tagger": Head(("BertForTokenClassification",), output="classifier", dropout=_DROPOUT),
        "question answerer": Head(("BertForQuestionAnswering",), output="qa_outputs"),
        "mask filler": Head(
            ("BertForMaskedLM", "BertForPreTraining"),
            output="cls.predictions.bias",
            hidden="cls.predictions.transform.dense",
            norm="cls.predictions.transform.LayerNorm",
            tied="cls.predictions.decoder.weight",
            ignored=("cls.seq_relationship.", "cls.predictions.decoder.bias"),
        ),
    },
)

DISTILBERT = Family(
    name="distilbert",
    sizes={
        "vocabulary_size": ("vocab_size", int, 1, None),
        "hidden_dim": ("dim", int, 1, None),
        "num_layers": ("n_layers", int, 1, None),
        "num_heads": ("n_heads", int, 1, None),
        "feed_forward_dim": ("hidden_dim", int, 1, None),
        "dropout": ("dropout", float, 0, 0.1),
        "attention_dropout": ("attention_dropout", float, 0, 0.1),
        "max_length": ("max_position_embeddings", int, 1, None),
    },
    activation="activation",
    fixed=FIXED,
    prefix="distilbert.",
    layer="transformer.layer.{}.",
    block={
        "query": "attention.q_lin",
        "key": "attention.k_lin",
        "value": "attention.v_lin",
        "attention": "attention.out_lin",
        "attention_norm": "sa_layer_norm",
        "inner": "ffn.lin1",
        "outer": "ffn.lin2",
        "norm": "output_layer_norm",
    },
    bare=("DistilBertModel", "DistilBertForMultipleChoice"),
    heads={
        "classifier": Head(
            ("DistilBertForSequenceClassification",),
            output="classifier",
            dropout=("seq_classif_dropout",),
            default_dropout=0.2,
            hidden="pre_classifier",
            hidden_activation="relu",
        ),
        "tagger": Head(
            ("DistilBertForTokenClassification",), output="classifier", dropout=("dropout",)
        ),
        "question answerer": Head(
            ("DistilBertForQuestionAnswering",), output="qa_outputs", dropout=("qa_dropout",)
        ),
        "mask filler": Head(
            ("DistilBertForMaskedLM",),
            output="vocab_projector.bias",
            hidden="vocab_transform",
            norm="vocab_layer_norm",
            tied="vocab_projector.weight",
        ),
    },
)
