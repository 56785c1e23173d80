"""Fields that change no number and no token, each with the reason.

A field that is neither here nor read is refused, unless it is empty.
"""

_GENERATION = "of text generation, which no encoder does"
_TENSORFLOW = "of the TensorFlow code that BERT was released with; Hugging Face's does not read it"
_RECORD = "a record of where the files come from"
_OUTPUTS = "what a call gives beside the answer, or how it computes the same numbers"

CONFIG = {
    "_name_or_path": _RECORD,
    "name_or_path": _RECORD,
    "transformers_version": _RECORD,
    "_commit_hash": _RECORD,
    "finetuning_task": _RECORD,
    "dtype": "how the numbers are stored; the dtype argument says how they are computed",
    "torch_dtype": "the older name of dtype",
    "initializer_range": "of new layers, which Keras' initialisers make here",
    "label2id": "id2label names the logits",
    "_num_labels": "an older name of num_labels; id2label names the logits",
    "xla_device": _OUTPUTS,
    "attn_implementation": _OUTPUTS,
    "_attn_implementation_autoset": _OUTPUTS,
    "chunk_size_feed_forward": _OUTPUTS,
    "gradient_checkpointing": _OUTPUTS,
    "output_attentions": _OUTPUTS,
    "output_hidden_states": _OUTPUTS,
    "output_past": _OUTPUTS,
    "return_dict": _OUTPUTS,
    "torchscript": _OUTPUTS,
    "use_cache": _OUTPUTS,
    "use_return_dict": _OUTPUTS,
    "use_bfloat16": _OUTPUTS,
    "tf_legacy_loss": "of a loss in TensorFlow that is not used here",
    "sinusoidal_pos_embds": "how the position table began; the weights hold it",
    "tie_weights_": "an older name of tie_word_embeddings that is always true",
    "directionality": _TENSORFLOW,
    "pooler_fc_size": _TENSORFLOW,
    "pooler_num_attention_heads": _TENSORFLOW,
    "pooler_num_fc_layers": _TENSORFLOW,
    "pooler_size_per_head": _TENSORFLOW,
    "pooler_type": _TENSORFLOW,
    "bos_token_id": _GENERATION,
    "eos_token_id": _GENERATION,
    "eos_token_ids": _GENERATION,
    "sep_token_id": _GENERATION,
    "decoder_start_token_id": _GENERATION,
    "task_specific_params": _GENERATION,
    "prefix": _GENERATION,
} | dict.fromkeys(
    (
        "bad_words_ids", "begin_suppress_tokens", "diversity_penalty", "do_sample",
        "early_stopping", "encoder_no_repeat_ngram_size", "encoder_repetition_penalty",
        "epsilon_cutoff", "eta_cutoff", "exponential_decay_length_penalty",
        "forced_bos_token_id", "forced_eos_token_id", "length_penalty", "max_length",
        "min_length", "no_repeat_ngram_size", "num_beam_groups", "num_beams",
        "num_return_sequences", "output_scores", "remove_invalid_values", "repetition_penalty",
        "return_dict_in_generate", "suppress_tokens", "temperature", "top_k", "top_p",
        "typical_p",
    ),
    _GENERATION,
)  # fmt: skip

_FAIRSEQ = "of fairseq's code, where the models come from; Hugging Face's does not read it"
_CLASSES = "of a head that tells classes, which a translator does not have"
# Of a translator's config.json: what is generated is read by kerasseq.pretrained.generation.
TRANSLATOR = {name: why for name, why in CONFIG.items() if why != _GENERATION} | {
    "init_std": "of new layers, which Keras' initialisers make here",
    "encoder_layerdrop": "of training, which here uses every layer",
    "decoder_layerdrop": "of training, which here uses every layer",
    "classif_dropout": _CLASSES,
    "classifier_dropout": _CLASSES,
    "id2label": _CLASSES,
    "num_labels": _CLASSES,
    "problem_type": _CLASSES,
    "extra_pos_embeddings": _FAIRSEQ,
    "task_specific_params": "what a caller may say of another task",
    "prefix": "what a caller may write before a text",
    "bos_token_id": "decoder_start_token_id is what a decoder begins with",
}

_CALL = "a default of a call: max_length of the task says how much is read"
_PADDING = "of padding, which is masked"

TOKENIZER = {
    "name_or_path": _RECORD,
    "_commit_hash": _RECORD,
    "processor_class": _RECORD,
    "special_tokens_map_file": _RECORD,
    "tokenizer_file": _RECORD,
    "vocab_file": _RECORD,
    "backend": _RECORD,
    "is_local": _RECORD,
    "local_files_only": _RECORD,
    "trust_remote_code": _RECORD,
    "use_fast": _RECORD,
    "model_max_length": _CALL,
    "max_len": _CALL,
    "max_length": _CALL,
    "stride": _CALL,
    "truncation": _CALL,
    "truncation_strategy": _CALL,
    "pad_to_multiple_of": _PADDING,
    "pad_token_type_id": _PADDING,
    "padding": _PADDING,
    "clean_up_tokenization_spaces": "of text made from tokens, which an encoder does not make",
    "chat_template": "of conversations, which an encoder does not have",
}
ADDED_TOKEN = {
    "__type": _RECORD,
    "special": "of text made from tokens; here a token is found alike",
    "lstrip": "white space beside a token is in no token of WordPiece",
    "rstrip": "white space beside a token is in no token of WordPiece",
}
TRUNCATION = {name: _CALL for name in ("max_length", "strategy", "stride")}
PADDING = {
    name: _PADDING for name in ("strategy", "pad_to_multiple_of", "pad_type_id", "pad_token")
}
