"""The mask filler: a pretrained encoder and what it expects behind a mask."""

import numpy as np
from keras import ops

from kerasseq.compiled import compiled
from kerasseq.models.masked_language_model import MaskedLanguageModel
from kerasseq.tasks.checks import check_encoder_task
from kerasseq.tasks.label import ranked
from kerasseq.tasks.padding import pad
from kerasseq.tasks.saved_task import load_task, save_task
from kerasseq.tasks.self_attention import plot_self_attention, self_attention
from kerasseq.text.checks import check_line

MASK = "[MASK]"


class MaskFiller:
    """Says what stands behind the masks of a text.

    Its `model.encoder` and `tokenizer` are what a classifier is fine-tuned from.

    Args:
        model: MaskedLanguageModel.
        tokenizer: WordPieceTokenizer.
        max_length: int, the most tokens of a text.

    Call arguments:
        text: str with one "[MASK]" or several.
        count: int, how many tokens to name for each.

    Returns:
        for each mask a list of `count` Label, likeliest first.

    Raises:
        ValueError: for a text without a mask, or too long; for parts that do not fit together.
    """

    def __init__(self, model, tokenizer, max_length=128):
        check_encoder_task(model, MaskedLanguageModel, tokenizer, max_length)
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = max_length
        self._compiled = compiled(self._probabilities, model)

    def __call__(self, text, count=5):
        ids = self.ids(text)
        places = [i for i, token in enumerate(ids) if token == self.tokenizer.mask_id]
        if not places or len(ids) > self.max_length:
            raise ValueError(
                f"Expected a text of at most {self.max_length} tokens with {MASK} in it; received "
                f"{len(ids)} tokens and {len(places)} masks. Change the text."
            )
        found = ops.convert_to_numpy(self._compiled(pad([ids]), pad([places])))[0]
        names = self.tokenizer.vocabulary
        return [self._best(names, row, count) for row in found[: len(places)]]

    def _best(self, names, row, count):
        best = np.argsort(-row, kind="stable")[:count]
        return ranked([names[i] for i in best], row[best])

    def _probabilities(self, tokens, positions):
        inputs = {"tokens": tokens, "positions": positions}
        return ops.softmax(self.model(inputs, training=False), axis=-1)

    def ids(self, text):
        """The ids of a text, its masks as symbols."""
        check_line(text)
        text = text if isinstance(text, str) else text.decode("utf-8", "replace")
        ids = list(self.tokenizer.lead_ids)
        for number, part in enumerate(text.split(MASK)):
            ids += [self.tokenizer.mask_id] * bool(number) + self.tokenizer.encode(part)
        return [*ids, *self.tokenizer.close_ids]

    def attention(self, text):
        """The tokens of a text, and the attention between them; see `self_attention`."""
        return self_attention(self, self.ids(text))

    def plot_attention(self, text, path=None, words=False, heads=False):
        """Draws what the tokens of a text look at; see `Labelling.plot_attention`."""
        return plot_self_attention(*self.attention(text), path, words, heads)

    def save(self, folder, dtype="float32"):
        """Writes `mask_filler.json`, `tokenizer/` and `model.safetensors`.

        Args:
            folder: path.
            dtype: "float32", or "float16" for half the size.
        """
        options = {"max_length": self.max_length}
        save_task(folder, "mask_filler", self.model, {"tokenizer": self.tokenizer}, options, dtype)

    @classmethod
    def load(cls, folder):
        """Loads what `save` wrote. No code from the folder is run.

        Raises:
            FileNotFoundError: when a file is missing.
            ValueError: when a file is damaged or no such task of this package.
        """
        model, (tokenizer,), options = load_task(
            folder,
            "mask_filler",
            ["tokenizer"],
            lambda found: {"max_length": int(found["max_length"])},
        )
        return cls(model, tokenizer, **options)
