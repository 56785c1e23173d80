"""The token classifier: a tag for every word."""

import json
import pathlib

import numpy as np
from keras import ops

from kerasseq import models
from kerasseq.compiled import compiled
from kerasseq.files import write_file
from kerasseq.metrics import entity_scores
from kerasseq.tasks.padding import pad
from kerasseq.tasks.saved_task import read_description
from kerasseq.tasks.weights import load_weights, save_weights
from kerasseq.text import load_tokenizer
from kerasseq.text.vocabulary import UNK_ID


class TokenClassifier:
    """Tags words with a trained model.

    Args:
        model: SequenceTagger with a logit for each tag.
        tokenizer: WordTokenizer, which keeps words whole.
        tags: list of `L` str, in the order of the logits.
        max_length: int, the most words tagged of a sentence; the rest is tagged "O".

    Call arguments:
        sentences: a list of words, or a list of such lists.

    Returns:
        a list of tags, or a list of such lists.

    Raises:
        ValueError: when the tags do not fit the model.
    """

    def __init__(self, model, tokenizer, tags, max_length=256):
        if model.num_labels != len(tags) or len(set(tags)) != len(tags):
            raise ValueError(
                f"Expected {model.num_labels} different tags, one a logit; received "
                f"{', '.join(tags)}. Give the list that the model was trained with."
            )
        self.model = model
        self.tokenizer = tokenizer
        self.tags = list(tags)
        self.max_length = max_length
        self._compiled = compiled(lambda tokens: model({"tokens": tokens}, training=False), model)

    def __call__(self, sentences):
        if sentences and isinstance(sentences[0], str):
            return self([sentences])[0]
        return self.tag(sentences)

    def tag(self, sentences, batch_size=64):
        """Tags a list of lists of words, `batch_size` sentences at once."""
        ids = [self.ids(words[: self.max_length]) for words in sentences]
        order = sorted((i for i in range(len(ids)) if ids[i]), key=lambda i: len(ids[i]))
        found = [["O"] * len(words) for words in sentences]
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            logits = ops.convert_to_numpy(self._compiled(pad([ids[i] for i in rows])))[: len(rows)]
            for i, numbers in zip(rows, np.argmax(logits, axis=-1), strict=True):
                found[i][: len(ids[i])] = [self.tags[n] for n in numbers[: len(ids[i])]]
        return found

    def ids(self, words):
        """One id for each word; a word that the vocabulary does not have, or that is cut into
        several tokens, is the unknown one."""
        rows = [self.tokenizer.encode(word) for word in words]
        return [row[0] if len(row) == 1 else UNK_ID for row in rows]

    def scores(self, corpus):
        """`kerasseq.metrics.entity_scores` of a TaggedText."""
        return entity_scores(corpus.sentences, self.tag(corpus.sentences), corpus.tags)

    def save(self, folder, dtype="float32"):
        """Writes `tagger.json`, `tokenizer/` and `model.safetensors`.

        Args:
            folder: path.
            dtype: "float32", or "float16" for half the size.
        """
        folder = pathlib.Path(folder)
        self.tokenizer.save(folder / "tokenizer")
        save_weights(self.model, folder / "model.safetensors", dtype)
        description = {
            "model": models.serialize(self.model),
            "tags": self.tags,
            "max_length": self.max_length,
        }
        write_file(folder / "tagger.json", json.dumps(description, indent=1) + "\n")

    @classmethod
    def load(cls, folder):
        """Loads what `save` wrote. No code from the folder is run.

        Raises:
            FileNotFoundError: when a file is missing.
            ValueError: when a file is damaged or no tagger of this package.
        """
        folder = pathlib.Path(folder)
        model, tags, max_length = read_description(
            folder,
            "tagger",
            lambda found: (
                models.get(found["model"]),
                list(found["tags"]),
                int(found["max_length"]),
            ),
        )
        load_weights(model, folder / "model.safetensors")
        return cls(model, load_tokenizer(folder / "tokenizer"), tags, max_length)
