"""How one kind of encoder-decoder stands in a folder, as data."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class TranslatorFamily:
    """A kind of encoder-decoder that `Transformer` computes, of fairseq's names of tensors.

    Attributes:
        name: str, `model_type` of `config.json`.
        architecture: str, the class of Hugging Face's with an output layer.
        norm_first: bool, pre-norm, with a normalisation behind each stack.
        embedding_norm: bool, a normalisation behind embeddings and positions.
        positions: str, of `PositionEncoding`.
        offset: int, the rows of a learned table before the first position, or the first position
            of a sinusoidal one.
        output_bias: bool, logits have a bias, which may be missing.
        apart: bool, source and target may have embeddings of their own.
        codes: str, a regular expression of the pieces that are languages' codes, or None.
        fixed: dict from fields to the values that are computed.
    """

    name: str
    architecture: str
    norm_first: bool
    embedding_norm: bool
    positions: str
    offset: int = 0
    output_bias: bool = True
    apart: bool = False
    codes: str | None = None
    fixed: dict = dataclasses.field(default_factory=dict)


MARIAN = TranslatorFamily(  # Junczys-Dowmunt et al. 2018, as OPUS-MT trains it
    "marian",
    "MarianMTModel",
    norm_first=False,
    embedding_norm=False,
    positions="sinusoidal_apart",
    apart=True,
)
BART = TranslatorFamily(  # Lewis et al. 2020
    "bart",
    "BartForConditionalGeneration",
    norm_first=False,
    embedding_norm=True,
    positions="learned",
    offset=2,
)
MBART = TranslatorFamily(  # Liu et al. 2020
    "mbart",
    "MBartForConditionalGeneration",
    norm_first=True,
    embedding_norm=True,
    positions="learned",
    offset=2,
    codes="[a-z]{2}_[A-Z]{2}",
)
M2M100 = TranslatorFamily(  # Fan et al. 2021, and NLLB (Costa-jussà et al. 2022)
    "m2m_100",
    "M2M100ForConditionalGeneration",
    norm_first=True,
    embedding_norm=False,
    positions="sinusoidal_halves",
    offset=2,
    output_bias=False,
    codes="[a-z]{3}_[A-Z][a-z]{3}",
    fixed={"pad_token_id": (1,)},  # positions begin behind it
)
PEGASUS = TranslatorFamily(  # Zhang et al. 2020
    "pegasus",
    "PegasusForConditionalGeneration",
    norm_first=True,
    embedding_norm=False,
    positions="sinusoidal_apart",
)

# Arguments of Transformer: see `kerasseq.pretrained.fields.number`.
SIZES = {
    "hidden_dim": ("d_model", int, 4, None),
    "num_layers": ("encoder_layers", int, 1, None),
    "num_decoder_layers": ("decoder_layers", int, 1, None),
    "num_heads": ("encoder_attention_heads", int, 1, None),
    "feed_forward_dim": ("encoder_ffn_dim", int, 1, None),
    "max_length": ("max_position_embeddings", int, 1, None),
    "dropout": ("dropout", float, 0, 0.1),
    "attention_dropout": ("attention_dropout", float, 0, 0.0),
    "activation_dropout": ("activation_dropout", float, 0, 0.0),
}
# Fields that say again what another says.
AGAIN = {
    "decoder_attention_heads": "encoder_attention_heads",
    "num_attention_heads": "encoder_attention_heads",
    "decoder_ffn_dim": "encoder_ffn_dim",
    "num_hidden_layers": "encoder_layers",
    "hidden_size": "d_model",
}
# What fairseq's code read and Hugging Face's does not: `model_type` says it.
TOLD = {
    "normalize_before": "norm_first",
    "add_final_layer_norm": "norm_first",
    "normalize_embedding": "embedding_norm",
}
