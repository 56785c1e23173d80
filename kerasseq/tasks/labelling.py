"""What the text classifier, the token classifier and the span finder have in common."""

import keras
from keras import ops

from kerasseq.compiled import compiled
from kerasseq.tasks.checks import check_encoder_task
from kerasseq.tasks.padding import by_length, pad
from kerasseq.tasks.saved_task import load_task, save_task
from kerasseq.tasks.self_attention import plot_self_attention, self_attention
from kerasseq.training import fine_tuning_optimizer


class Labelling:
    """A model that reads rows of tokens, its tokenizer, and the most tokens read.

    A subclass sets `name`, the name of its JSON file, `head`, the class of its model, and
    `corpus`, the name of the class it learns from; implements `batches`, `row` and
    `outputs_of_ids`; and names in `options` and `read_options` what else it is made of.

    Args:
        model: keras.Model, from a dict of `tokens` `(B, S)` to logits.
        tokenizer: Tokenizer.
        max_length: int, the most tokens read.
        examples: list, held-out inputs, with which an export is checked.

    Raises:
        ValueError: for parts that do not fit: another model, a tokenizer with more tokens than
            the encoder, or a `max_length` without room for a text or beyond its positions.
    """

    def __init__(self, model, tokenizer, max_length, examples):
        check_encoder_task(model, self.head, tokenizer, max_length)
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.examples = list(examples)
        self._compiled = compiled(self.outputs_of_ids, model)

    def fit(
        self,
        corpus,
        epochs=3,
        batch_size=32,
        learning_rate=3e-5,
        validation=None,
        seed=0,
        **options,
    ):
        """Trains the model on labelled text, as BERT is fine-tuned.

        The optimizer is `kerasseq.training.fine_tuning_optimizer`, its steps are counted here.
        For another, compile and fit `model` with `batches`.

        Args:
            corpus: LabelledText, TaggedText or AnsweredText, as the task reads.
            epochs: int.
            batch_size: int, the most texts of a batch. Texts of like length share one, so
                that few is padding; of a small corpus many batches are smaller.
            learning_rate: float, the peak; an encoder that was not pretrained wants more, 1e-3.
            validation: corpus to measure after every epoch, or None.
            seed: int, of the batches' order.
            **options: as for `keras.Model.fit`: `callbacks`, `verbose`.

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: for another corpus or other labels than the task reads, or for weights
                in half precision.
        """
        for name, value in (("epochs", epochs), ("batch_size", batch_size)):
            if value < 1:
                raise ValueError(f"Expected {name} of at least 1; received {value}. Raise it.")
        train = self.batches(corpus, batch_size, shuffle=True, seed=seed)
        optimizer = fine_tuning_optimizer(self.model, epochs * len(train), learning_rate)
        self.model.compile(optimizer, **self.objective())
        held_out = None if validation is None else self.batches(validation, batch_size)
        return self.model.fit(
            train, validation_data=held_out, epochs=epochs, shuffle=False, **options
        )

    def check_corpus(self, corpus):
        """Refuses what is not the task's kind of corpus."""
        if self.corpus not in [kind.__name__ for kind in type(corpus).__mro__]:
            raise ValueError(
                f"Expected a kerasseq.data.{self.corpus}; received {corpus!r:.60} "
                f"({type(corpus).__name__}). Make one of your texts."
            )

    def batches(self, corpus, batch_size, shuffle=False, seed=0):
        """Padded batches of a labelled corpus, for `model.fit`; see the corpus' own."""
        raise NotImplementedError(f"{type(self).__name__} must implement batches.")

    def objective(self):
        """The loss and the metrics of `fit`: a dict of arguments for `model.compile`."""
        loss = keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        )
        return {"loss": loss, "weighted_metrics": ["accuracy"]}

    def predict(self, inputs):
        """The answer to each input: the same as a call."""
        return self(inputs)

    def row(self, text):
        """The row of ids that the model reads of one input."""
        raise NotImplementedError(f"{type(self).__name__} must implement row.")

    def attention(self, text):
        """Where every head of the encoder looks when it reads one input.

        Args:
            text: one input, as a call takes it; of a long context the first part is read.

        Returns:
            list of `S` str, the tokens, and float32 array `(N, H, S, S)`, layers and heads:
            what `kerasseq.plots.attention_heads(tokens, tokens, attention)` draws.

        Raises:
            ValueError: for an encoder without attention.
        """
        return self_attention(self, self.row(text))

    def plot_attention(self, text, path=None, words=False, heads=False):
        """Draws what the tokens of one input look at, through all layers together (rollout).

        Args:
            text: one input, as for a call.
            path: path of a `.png`, `.svg` or `.pdf` to write, or None.
            words: bool, join the pieces of words.
            heads: bool, a map for each layer and head.

        Returns:
            matplotlib.figure.Figure; see `kerasseq.plots`.

        Raises:
            ValueError: when the encoder does not attend.
        """
        return plot_self_attention(*self.attention(text), path, words, heads)

    def outputs_of_ids(self, tokens):
        """Padded ids `(B, S)` to what is read from the model's logits, `(B, …)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement outputs_of_ids.")

    def rows_of_ids(self, ids, batch_size):
        """Reads lists of ids, batched by length; a list of float32 arrays, in order."""
        found = [None] * len(ids)
        for places in by_length(map(len, ids), batch_size):
            batch = self._compiled(pad([ids[i] for i in places]))
            rows = ops.convert_to_numpy(batch)[: len(places)]
            for i, row in zip(places, rows, strict=True):
                found[i] = row
        return found

    def options(self):
        """What the task is made of beside model and tokenizer: a dict of JSON values."""
        return {"max_length": self.max_length, "examples": self.examples}

    @classmethod
    def read_options(cls, found):
        """The constructor's arguments of a dict of `options`, checked."""
        return {"max_length": int(found["max_length"]), "examples": inputs(found["examples"])}

    def save(self, folder, dtype="float32"):
        """Writes the description in JSON, `tokenizer/` and `model.safetensors`.

        Args:
            folder: path.
            dtype: "float32", or "float16" for half the size.
        """
        tokenizers = {"tokenizer": self.tokenizer}
        save_task(folder, self.name, self.model, tokenizers, self.options(), dtype)

    @classmethod
    def load(cls, folder):
        """Loads what `save` wrote. No code from the folder is run.

        Raises:
            FileNotFoundError: when a file is missing.
            ValueError: when a file is damaged or no such task of this package.
        """
        model, (tokenizer,), options = load_task(folder, cls.name, ["tokenizer"], cls.read_options)
        return cls(model, tokenizer, **options)


def inputs(examples):
    """Examples as JSON holds them: a pair was written as a list."""
    return [each if isinstance(each, str) else tuple(each) for each in examples]


def check_labels(labels, count):
    """The labels as a list; refuses those that do not name `count` outputs."""
    labels = label_list(labels)
    if count != len(labels) or len(set(labels)) != len(labels):
        raise ValueError(
            f"Expected {count} different labels, one a logit; received {', '.join(labels)}. Give "
            "the list that the model was trained with."
        )
    return labels


def label_list(labels):
    """The labels as a list of str; refuses anything else."""
    names = [] if isinstance(labels, str) or not hasattr(labels, "__iter__") else list(labels)
    if names and all(isinstance(name, str) for name in names):
        return names
    raise ValueError(
        f"Expected labels as a list of str; received {labels!r:.60} ({type(labels).__name__}). "
        "Give the label of each logit its name."
    )
