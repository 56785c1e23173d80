"""What transformers holds in memory, as a folder that it saves itself."""

import contextlib
import tempfile


@contextlib.contextmanager
def saved_folder(model, tokenizer):
    """A folder of a model and its tokenizer, which is gone when the block ends.

    Args:
        model: transformers.PreTrainedModel.
        tokenizer: transformers.PreTrainedTokenizerBase.

    Yields:
        str, the path.

    Raises:
        ValueError: for other objects.
    """
    for kind, given in (("model", model), ("tokenizer", tokenizer)):
        if not callable(getattr(given, "save_pretrained", None)):
            raise ValueError(
                f"Expected a {kind} of transformers, with save_pretrained; received a "
                f"{type(given).__name__}. Load it with from_pretrained."
            )
    with tempfile.TemporaryDirectory(prefix="transformers.") as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        yield folder
