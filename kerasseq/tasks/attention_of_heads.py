"""The attention of every layer and head to one source."""

from keras import ops


def attention_of_heads(translator, text, found):
    """Reads a translation again, with every head's attention.

    Args:
        translator: Translator.
        text: str, the source.
        found: Translation of it.

    Returns:
        float32 array `(layers, heads, T, S)`.

    Raises:
        ValueError: for a model that has no heads.
    """
    model = translator.model
    if not hasattr(model, "attention"):
        raise ValueError(
            f"Expected a Transformer to show the heads of; received {type(model).__name__}. Leave "
            "heads out."
        )
    vocabulary = {token: i for i, token in enumerate(translator.target.vocabulary)}
    target = translator.processor.given_ids([vocabulary[token] for token in found.tokens])
    ids = (ops.convert_to_tensor([row]) for row in (translator.source_ids(text), target))
    return ops.convert_to_numpy(model.attention(*ids))[0]
