"""What the text classifier and the token classifier have in common."""

from keras import ops

from kerasseq.compiled import compiled
from kerasseq.tasks.padding import pad
from kerasseq.tasks.saved_task import load_task, save_task


class Labelling:
    """A model, a tokenizer and the names of the model's logits.

    A subclass sets `name`, the name of its JSON file.

    Args:
        model: model with `num_labels` logits a text, or a token.
        tokenizer: Tokenizer.
        labels: list of `L` str, in the order of the logits.
        max_length: int, the most tokens read.
        examples: list of str, held-out lines, with which an export is checked.

    Raises:
        ValueError: when the labels do not fit the model.
    """

    def __init__(self, model, tokenizer, labels, max_length=256, examples=()):
        if model.num_labels != len(labels) or len(set(labels)) != len(labels):
            raise ValueError(
                f"Expected {model.num_labels} different labels, one a logit; received "
                f"{', '.join(labels)}. Give the list that the model was trained with."
            )
        self.model = model
        self.tokenizer = tokenizer
        self.labels = list(labels)
        self.max_length = max_length
        self.examples = list(examples)
        self._compiled = compiled(self.probabilities_of_ids, model)

    def probabilities_of_ids(self, tokens):
        """Padded ids `(B, S)` to probabilities, `(B, L)` or `(B, S, L)`."""
        return ops.softmax(self.model({"tokens": tokens}, training=False), axis=-1)

    def rows_of_ids(self, ids, batch_size):
        """Reads lists of ids, batched by length; a list of float32 arrays, in order."""
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        found = [None] * len(ids)
        for start in range(0, len(order), batch_size):
            places = order[start : start + batch_size]
            batch = self._compiled(pad([ids[i] for i in places]))
            rows = ops.convert_to_numpy(batch)[: len(places)]
            for i, row in zip(places, rows, strict=True):
                found[i] = row
        return found

    def save(self, folder, dtype="float32"):
        """Writes the description in JSON, `tokenizer/` and `model.safetensors`.

        Args:
            folder: path.
            dtype: "float32", or "float16" for half the size.
        """
        options = {
            "labels": self.labels,
            "max_length": self.max_length,
            "examples": self.examples,
        }
        save_task(folder, self.name, self.model, {"tokenizer": self.tokenizer}, options, dtype)

    @classmethod
    def load(cls, folder):
        """Loads what `save` wrote. No code from the folder is run.

        Raises:
            FileNotFoundError: when a file is missing.
            ValueError: when a file is damaged or no such task of this package.
        """
        model, (tokenizer,), options = load_task(
            folder,
            cls.name,
            ["tokenizer"],
            lambda found: (
                list(found["labels"]),
                int(found["max_length"]),
                list(found["examples"]),
            ),
        )
        return cls(model, tokenizer, *options)
