"""Which tensors of a folder the layers of an encoder and of its head are."""

from kerasseq.models.masked_language_model import MaskedLanguageModel


def encoder_places(encoder, family, prefix):
    """Yields every layer or weight of a BertEncoder with the names of its tensors.

    Args:
        encoder: BertEncoder.
        family: Family.
        prefix: str, before the names.

    Yields:
        tuple of a layer or a weight, and one name, without "weight" and "bias" for a layer; of a
        dense layer that fuses several linear ones the name of each.
    """
    yield encoder.embedding.table, prefix + family.word
    yield encoder.positions.table, prefix + family.position
    if family.segments:
        yield encoder.segment_embedding.table, prefix + family.segments
    yield encoder.embedding_norm, prefix + "embeddings.LayerNorm"
    if encoder.config["embedding_dim"] is not None:
        yield encoder.embedding_dense, prefix + family.projection
    if family.distances:
        yield encoder.distances.table, prefix + family.distances
    for index, block in enumerate(dict.fromkeys(encoder.blocks)):
        layer = prefix + family.layer.format(index)
        names = {part: layer + name for part, name in family.block.items()}
        attention, feed_forward = block.self_attention, block.feed_forward
        yield attention.query_key_value, names["query"], names["key"], names["value"]
        yield attention.output_dense, names["attention"]
        yield block.self_residual.norm, names["attention_norm"]
        yield feed_forward.inner, names["inner"]
        yield feed_forward.outer, names["outer"]
        yield block.feed_forward_residual.norm, names["norm"]


def head_places(model, head, prefix):
    """The same for the layers of a head.

    Args:
        model: EncoderHead.
        head: Head.
        prefix: str, before the encoder's names.
    """
    if head.hidden:
        yield model.hidden_dense, head.hidden.format(prefix)
    if head.norm:
        yield model.norm, head.norm
    if isinstance(model, MaskedLanguageModel):  # whose output layer is the embedding and a bias
        yield model.output_bias, head.output
    else:
        yield model.output_dense, head.output
