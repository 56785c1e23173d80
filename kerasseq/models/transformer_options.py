"""Which options of a Transformer go together."""

from kerasseq.layers.ssru import SSRUDecoderBlock
from kerasseq.layers.transformer_blocks import DecoderBlock

DECODER_BLOCKS = {"attention": DecoderBlock, "ssru": SSRUDecoderBlock}


def check_options(config):
    """Refuses options that do not go together, as `Transformer` says.

    Args:
        config: dict of all options.
    """
    decoder, positions = config["decoder"], config["positions"]
    if decoder not in DECODER_BLOCKS or (decoder == "ssru" and positions == "relative"):
        raise ValueError(
            f"Expected decoder to be one of {', '.join(DECODER_BLOCKS)}, the first with "
            f"relative positions; received {decoder!r}, {positions!r}. Choose one."
        )
    source, target = (config[f"{side}_vocabulary_size"] for side in ("source", "target"))
    if config["share_embeddings"] and source != target:
        raise ValueError(
            "Expected one vocabulary for both sides with share_embeddings=True; received "
            f"{source} source and {target} target tokens. Train a joint tokenizer, or set "
            "share_embeddings=False."
        )
    layers, most = config["num_decoder_layers"], config["num_heads"]
    layer, heads = config["alignment_layer"], config["alignment_heads"]
    if not -layers <= layer < layers or not (heads is None or 1 <= heads <= most):
        raise ValueError(
            f"Expected an alignment_layer from {-layers} to {layers - 1} and alignment_heads from "
            f"1 to {most}, or None; received {layer} and {heads}. Choose a layer and heads that "
            "the decoder has."
        )
