"""Which tensors of a folder the layers of a T5 are, embeddings and output layer aside."""

DISTANCES = "{}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"


def t5_places(model):
    """Yields every layer or weight of a Transformer's two stacks with the names of its tensors.

    Args:
        model: Transformer.

    Yields:
        tuple of a layer or a weight, and one name, without "weight" for a layer; of a dense layer
        that fuses several linear ones the name of each.
    """
    yield model.source_positions.table, DISTANCES.format("encoder")
    yield model.target_positions.table, DISTANCES.format("decoder")
    for side in ("encoder", "decoder"):
        for index, block in enumerate(getattr(model, f"{side}_blocks")):
            sublayers = f"{side}.block.{index}.layer"
            yield from _self_attention(block, f"{sublayers}.0")
            if side == "decoder":
                yield from _cross_attention(block, f"{sublayers}.1")
            yield from _feed_forward(block, f"{sublayers}.{1 if side == 'encoder' else 2}")
        yield getattr(model, f"{side}_norm"), f"{side}.final_layer_norm"


def _self_attention(block, name):
    attention = block.self_attention
    yield attention.query_key_value, *(f"{name}.SelfAttention.{part}" for part in "qkv")
    yield attention.output_dense, f"{name}.SelfAttention.o"
    yield block.self_residual.norm, f"{name}.layer_norm"


def _cross_attention(block, name):
    attention = block.cross_attention
    yield attention.query, f"{name}.EncDecAttention.q"
    yield attention.key_value, *(f"{name}.EncDecAttention.{part}" for part in "kv")
    yield attention.output_dense, f"{name}.EncDecAttention.o"
    yield block.cross_residual.norm, f"{name}.layer_norm"


def _feed_forward(block, name):
    network, inner = block.feed_forward, f"{name}.DenseReluDense.wi"
    if network.gated:
        yield network.inner, f"{inner}_0"
        yield network.linear, f"{inner}_1"
    else:
        yield network.inner, inner
    yield network.outer, f"{name}.DenseReluDense.wo"
    yield block.feed_forward_residual.norm, f"{name}.layer_norm"
