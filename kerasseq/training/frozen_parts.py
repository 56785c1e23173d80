"""The parts of a sequence-to-sequence model that training may leave as they are."""

# Attributes of this package's models. Embeddings inside a part are a part of their own.
PARTS = {
    "encoder": (
        "encoder", "encoder_blocks", "source_norm", "encoder_norm", "bridge", "backbone", "starts",
    ),
    "decoder": ("decoder", "decoder_blocks", "target_norm", "decoder_norm", "output_dense"),
    "source_embedding": ("source_embedding", "source_positions"),
    "target_embedding": ("target_embedding", "target_positions"),
}  # fmt: skip
EMBEDDINGS = ("source_embedding", "target_embedding")


def freeze(model, parts):
    """Freezes parts of a model: their weights stay as they are in training.

    An embedding that both sides share, or that is tied to the output layer, is frozen for all.

    Args:
        model: Seq2Seq.
        parts: iterable of str, of "encoder", "decoder", "source_embedding", "target_embedding",
            and "embeddings" for both. Encoder and decoder are without embeddings; of an
            `ImageCaptioner` the encoder is its backbone.

    Raises:
        ValueError: for another part, or one that the model does not have; for parts that leave
            nothing to train.
    """
    parts = [parts] if isinstance(parts, str) else list(parts)
    found = {part: [*_layers(model, part)] for part in PARTS}
    known = [*(part for part in PARTS if found[part]), "embeddings"]
    unknown = next((part for part in parts if part not in known), None)
    if unknown is not None:
        raise ValueError(
            f"Expected freeze to name parts of a {type(model).__name__}, {', '.join(known)}; "
            f"received {unknown!r}. Choose of these."
        )
    names = [*parts, *(EMBEDDINGS if "embeddings" in parts else ())]
    frozen = [layer for part in names for layer in found.get(part, ())]
    # Embeddings that stand inside a part that is frozen without them.
    spared = [layer for part in EMBEDDINGS for layer in found[part]]
    spared = [(each, each.trainable) for each in spared if not any(each is one for one in frozen)]
    for layer in frozen:
        layer.trainable = False
    for layer, trainable in spared:
        layer.trainable = trainable
    if not model.trainable_variables:
        raise ValueError(
            f"Expected something to train; received freeze={parts}, which leaves no weight of the "
            f"{type(model).__name__} to change. Freeze fewer parts."
        )


def _layers(model, part):
    """The layers of a part, as far as a model has them."""
    for name in PARTS[part]:
        value = getattr(model, name, None)
        values = value if isinstance(value, list | tuple) else [value]
        for layer in values:
            if isinstance(layer, list | tuple):
                yield from layer
            elif layer is not None:
                yield layer
