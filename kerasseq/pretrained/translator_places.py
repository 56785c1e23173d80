"""Which tensors of fairseq's names the layers of an encoder-decoder are, embeddings aside."""

FUSED = ("q_proj", "k_proj", "v_proj")


def translator_places(model, family):
    """Yields every layer of a Transformer's two stacks with the names of its tensors.

    Args:
        model: Transformer.
        family: TranslatorFamily.

    Yields:
        tuple of a layer, and names without "weight"; of a dense layer that fuses several linear
        ones the name of each.
    """
    for side, name in (("encoder", "source"), ("decoder", "target")):
        prefix = f"model.{side}."
        if family.embedding_norm:
            yield getattr(model, f"{name}_norm"), f"{prefix}layernorm_embedding"
        if family.norm_first:
            yield getattr(model, f"{side}_norm"), f"{prefix}layer_norm"
        for number, block in enumerate(getattr(model, f"{side}_blocks")):
            layer = f"{prefix}layers.{number}."
            attention, feed_forward = block.self_attention, block.feed_forward
            yield attention.query_key_value, *(f"{layer}self_attn.{part}" for part in FUSED)
            yield attention.output_dense, f"{layer}self_attn.out_proj"
            yield block.self_residual.norm, f"{layer}self_attn_layer_norm"
            if side == "decoder":
                cross = block.cross_attention
                query, *fused = [f"{layer}encoder_attn.{part}" for part in FUSED]
                yield cross.query, query
                yield cross.key_value, *fused
                yield cross.output_dense, f"{layer}encoder_attn.out_proj"
                yield block.cross_residual.norm, f"{layer}encoder_attn_layer_norm"
            yield feed_forward.inner, f"{layer}fc1"
            yield feed_forward.outer, f"{layer}fc2"
            yield block.feed_forward_residual.norm, f"{layer}final_layer_norm"
