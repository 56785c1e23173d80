"""Whole models of a folder: its encoder, and the head that it holds or that is asked for."""

import typing

from kerasseq.models.masked_language_model import MaskedLanguageModel
from kerasseq.models.sequence_classifier import SequenceClassifier
from kerasseq.models.sequence_tagger import SequenceTagger
from kerasseq.models.span_classifier import SpanClassifier
from kerasseq.pretrained.fields import number
from kerasseq.pretrained.hugging_face import HuggingFaceFolder
from kerasseq.pretrained.labels import kind_of_labels, names_of_labels
from kerasseq.pretrained.places import head_places
from kerasseq.untrusted import door


class Pretrained(typing.NamedTuple):
    """What a task is made of.

    Attributes:
        model: keras.Model.
        tokenizer: WordPieceTokenizer.
        labels: list of str, or None.
        kind: "single_label", "multi_label" or "regression", or None.
    """

    model: object
    tokenizer: object
    labels: list | None = None
    kind: str | None = None


@door("a folder of Hugging Face's layout", "Copy the folder again.")
def read_classifier(path, labels=None, kind=None, head=None, dtype=None):
    """A SequenceClassifier of a folder; see `TextClassifier.from_hugging_face`."""
    reader = Reader(path, "classifier", head, dtype)
    labels = names_of_labels(reader.folder, reader.layout.output, labels, reader.new)
    kind = kind or kind_of_labels(reader.folder, len(labels), reader.new)
    model = SequenceClassifier(
        reader.encoder,
        len(labels),
        pooling=reader.pooling(),
        dtype=dtype,
        dropout=reader.dropout(),
        **reader.hidden(),
    )
    reader.fill(model)
    return Pretrained(model, reader.done(), labels, kind)


@door("a folder of Hugging Face's layout", "Copy the folder again.")
def read_tagger(path, labels=None, head=None, dtype=None):
    """A SequenceTagger of a folder; see `TokenClassifier.from_hugging_face`."""
    reader = Reader(path, "tagger", head, dtype)
    labels = names_of_labels(reader.folder, reader.layout.output, labels, reader.new)
    model = SequenceTagger(
        reader.encoder, len(labels), dtype=dtype, dropout=reader.dropout(), **reader.hidden()
    )
    reader.fill(model)
    return Pretrained(model, reader.done(), labels)


@door("a folder of Hugging Face's layout", "Copy the folder again.")
def read_question_answerer(path, head=None, dtype=None):
    """A SpanClassifier of a folder; see `QuestionAnswerer.from_hugging_face`."""
    reader = Reader(path, "question answerer", head, dtype)
    separator_id = reader.tokenizer.separator_id
    model = SpanClassifier(
        reader.encoder, separator_id, dtype=dtype, dropout=reader.dropout(), **reader.hidden()
    )
    reader.fill(model)
    return Pretrained(model, reader.done())


@door("a folder of Hugging Face's layout", "Copy the folder again.")
def read_mask_filler(path, head=None, dtype=None):
    """A MaskedLanguageModel of a folder; see `MaskFiller.from_hugging_face`."""
    reader = Reader(path, "mask filler", head, dtype)
    folder, layout, tokenizer = reader.folder, reader.layout, reader.tokenizer
    options = folder.options
    if tokenizer.vocabulary_size != options["vocabulary_size"]:
        raise ValueError(
            f"Expected 'vocab_size' {tokenizer.vocabulary_size}, a row for each token, in "
            f"{folder.where}; received {options['vocabulary_size']}. Choose another model."
        )
    if folder.config.get("tie_word_embeddings", True) is not True:
        raise ValueError(
            f"Expected 'tie_word_embeddings' to be True in {folder.where}; received "
            f"{folder.config['tie_word_embeddings']!r}. Choose another model."
        )
    hidden = reader.hidden()
    activation = hidden.pop("hidden_activation")
    model = MaskedLanguageModel(reader.encoder, activation, dtype=dtype, **hidden)
    reader.fill(model)
    weights = folder.weights
    if not reader.new and weights.has(layout.tied):
        embeddings = weights.array(weights.prefix + folder.family.word)
        if (weights.array(layout.tied, embeddings.shape) != embeddings).any():
            raise ValueError(
                f"Expected {layout.tied} to be the embeddings in {folder.path}; received others. "
                "Choose another model."
            )
    return Pretrained(model, reader.done())


class Reader:
    """One folder on its way to a model.

    Args:
        path: path of the folder, or a name on the Hugging Face hub.
        task: str, which of the family's heads.
        head: None for the folder's own head, "new" for an untrained one.
        dtype: precision policy.

    Raises:
        ValueError: for a folder of another task, or another `head`.
    """

    def __init__(self, path, task, head, dtype):
        if head not in (None, "new"):
            raise ValueError(
                f'Expected head="new", or None for the folder\'s own; received {head!r:.80}. '
                "Choose one."
            )
        self.folder = HuggingFaceFolder(path)
        self.layout = self.folder.family.heads[task]
        self.task, self.new = task, head == "new"
        self._check_architectures(task)
        self.tokenizer = self.folder.tokenizer()
        self.encoder = self.folder.encoder(self.tokenizer, dtype)
        self.made, self.taken = [], ["the encoder"]

    def _check_architectures(self, task):
        """`architectures` of config.json decides what a folder is."""
        found, family = self.folder.config.get("architectures"), self.folder.family
        self.found = found[0] if isinstance(found, list) and len(found) == 1 else found
        if self.new:
            own = [name for each in family.heads.values() for name in each.architectures]
            allowed, advice = [*family.bare, *own], "Choose a folder of one of these."
        else:
            allowed = self.layout.architectures
            advice = (
                "Open the folder as the task that it was trained for, or give "
                'head="new" for new, untrained layers on its encoder and train them with fit.'
            )
        if self.found not in allowed and not (self.new and self.found is None):
            raise ValueError(
                f"Expected 'architectures' of {', '.join(allowed)} in {self.folder.where} for a "
                f"{task}; received {self.found!r:.80}. {advice}"
            )

    def dropout(self):
        """The share that is dropped before the last layer, as `config.json` says it."""
        config, where, layout = self.folder.config, self.folder.where, self.layout
        for name in layout.dropout:
            if config.get(name) is not None:
                return number(where, config, name, float, 0)
        return layout.default_dropout

    def pooling(self):
        """How a classifier pools, as `config.json` says it."""
        if self.layout.pooling is None:
            return "first"
        (field, poolings), config = self.layout.pooling, self.folder.config
        stated = config.get(field, next(iter(poolings)))
        if stated not in tuple(poolings):
            raise ValueError(
                f"Expected {field!r} of {', '.join(poolings)} in {self.folder.where}; received "
                f"{stated!r:.80}, which is not supported. Choose another model."
            )
        return poolings[stated]

    def hidden(self):
        """What the layer before the last one is, arguments of the model: a dict."""
        options, layout = self.folder.options, self.layout
        if not layout.hidden:
            return {}
        activation = layout.hidden_activation or options["activation"]
        said = {"hidden_activation": activation, "epsilon": options.get("epsilon", 1e-12)}
        return said | self.folder.family.hidden

    def fill(self, model):
        """Sets the layers of the head; a new one for labels takes over a hidden layer that is
        there."""
        weights, layout = self.folder.weights, self.layout
        places = [*head_places(model, layout, weights.prefix)]
        hidden = [] if self.task == "mask filler" else [name for _, name in places[:-1]]
        for layer, name in places:
            if not self.new or (name in hidden and weights.has(f"{name}.weight")):
                weights.fill(layer, name)
                self.taken.append(name)
            else:
                self.made.append(name)

    def done(self):
        """The tokenizer, when every tensor was read; says what is new."""
        weights, unread = self.folder.weights, self.folder.family.unread
        if self.new:
            beside = sorted({name.rsplit(".", 1)[0] for name in weights.left(unread)})
            print(
                f"{self.folder.path} ({self.found or 'no architectures'}): taken over "
                f"{', '.join(self.taken)}; new and untrained {', '.join(self.made)}; left out "
                f"{', '.join(beside) or 'nothing'}."
            )
            return self.tokenizer
        weights.check_left(f"a {self.found}", unread + self.layout.ignored)
        return self.tokenizer
