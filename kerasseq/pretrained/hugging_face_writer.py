"""A task on a BertEncoder as a folder of Hugging Face's layout, which transformers loads."""

import inspect

import numpy as np

from kerasseq.models.bert_encoder import BertEncoder
from kerasseq.models.dense_head import DenseHead
from kerasseq.models.masked_language_model import MaskedLanguageModel
from kerasseq.models.sentence_encoder import SentenceEncoder
from kerasseq.models.sequence_classifier import SequenceClassifier
from kerasseq.models.sequence_tagger import SequenceTagger
from kerasseq.models.span_classifier import SpanClassifier
from kerasseq.pretrained.bert import BERT, DISTILBERT
from kerasseq.pretrained.electra import ELECTRA
from kerasseq.pretrained.family import NAMES
from kerasseq.pretrained.folder_writer import write_folder
from kerasseq.pretrained.labels import PROBLEMS
from kerasseq.pretrained.mpnet import BUCKETS, MPNET
from kerasseq.pretrained.places import encoder_places, head_places
from kerasseq.pretrained.sentences import sentence_files
from kerasseq.pretrained.weights import tensors_of
from kerasseq.pretrained.wordpiece_files import file_order, wordpiece_files
from kerasseq.text import WordPieceTokenizer

# A SentenceEncoder has no layers of its own.
HEADS = {
    SequenceClassifier: "classifier",
    SequenceTagger: "tagger",
    SpanClassifier: "question answerer",
    MaskedLanguageModel: "mask filler",
    SentenceEncoder: None,
}


def write_hugging_face(model, tokenizer, path, max_length, labels=None, kind=None):
    """Writes `config.json`, `model.safetensors` and the tokenizer's files.

    An encoder with segments becomes a BERT, or an ELECTRA where its embeddings have a width of
    their own; one without a DistilBERT, or an MPNet where it has biases of distances. What Hugging
    Face's classes do not compute is refused.

    Args:
        model: EncoderHead.
        tokenizer: Tokenizer.
        path: path of a new folder.
        max_length: int, the most tokens that are read of a text.
        labels: list of str, the names of the logits, or None.
        kind: str, a classifier's "single_label", "multi_label" or "regression", or None.

    Raises:
        FileExistsError: when there is something at the path.
        ValueError: for another encoder, head or tokenizer, by what it has.
    """
    _check_kinds(model, tokenizer)
    family = _family(model.encoder.config)
    head = family.heads.get(HEADS[type(model)])
    _check_encoder(model.encoder, family)
    _check_head(model, head, tokenizer)
    _check("specials", tokenizer.specials, (family.wordpiece.specials,), family)
    prefix = family.prefix if head else ""
    places = [*encoder_places(model.encoder, family, prefix)]
    places += head_places(model, head, prefix) if head else []
    tensors = {}
    for layer, *names in places:
        tensors |= tensors_of(layer, *names)
    order = file_order(tokenizer.vocabulary_size, family)
    masks = [head.output] if isinstance(model, MaskedLanguageModel) else []
    for name in (prefix + family.word, *masks):
        tensors[name] = np.concatenate([tensors[name][order], tensors[name][len(order) :]])
    positions = prefix + family.position
    tensors[positions] = np.pad(tensors[positions], ((family.first_position, 0), (0, 0)))
    config = _config(model, family, head) | _labels(labels, kind)
    files = {"config.json": config} | wordpiece_files(tokenizer, family, max_length)
    if isinstance(model, SentenceEncoder):
        files |= sentence_files(model, max_length)
    write_folder(path, files, tensors)


def _family(config):
    """The Family that computes what a BertEncoder of these settings does."""
    if config["separator_id"] is not None:
        return BERT if config["embedding_dim"] is None else ELECTRA
    return DISTILBERT if config["relative_buckets"] is None else MPNET


def _check_kinds(model, tokenizer):
    """Refuses another head, encoder or tokenizer."""
    for expected, found in (
        (tuple(HEADS), model),
        ((BertEncoder,), model.encoder),
        ((WordPieceTokenizer,), tokenizer),
    ):
        if type(found) not in expected:
            raise ValueError(
                f"Expected a {' or '.join(each.__name__ for each in expected)} to write in Hugging "
                f"Face's layout; received {type(found).__name__}. Save the task, or export it."
            )


def _check_encoder(encoder, family):
    """Refuses options that the family's class has not."""
    options = inspect.signature(BertEncoder).parameters
    for name, value in encoder.config.items():
        if name == "activation":
            allowed = tuple(NAMES)
        elif name in family.options:
            allowed = (list(family.options[name]),)
        elif name in family.sizes or name == "separator_id":
            continue
        else:
            allowed = (options[name].default,)
        _check(name, value, allowed, family)


def _check_head(model, head, tokenizer):
    """Refuses a head that computes something else, and tokens that it would read otherwise."""
    config, separator = model.encoder.config, tokenizer.separator_id
    _check("separator_id", config["separator_id"], (None, separator))
    if isinstance(model, SequenceClassifier):
        _check("pooling", model.pooling, ("first",))
    if isinstance(model, DenseHead):
        _check("hidden_activation", model.hidden_activation, (head.hidden_activation,))
        _check("hidden_norm", model.hidden["hidden_norm"], (None,))
        _check("hidden_bias", model.hidden["hidden_bias"], (True,))
    if isinstance(model, SpanClassifier):
        _check("separator_id", model.separator_id, (separator,))
    if isinstance(model, MaskedLanguageModel):
        own = model.get_config()
        activation = head.hidden_activation or config["activation"]
        _check("activation", own["activation"], (activation,))
        _check("epsilon", own["epsilon"], (config["epsilon"],))
        _check("hidden_norm", own["hidden_norm"], ("layer",))
        _check("hidden_bias", own["hidden_bias"], (True,))


def _check(name, value, allowed, what="the head"):
    if value not in allowed:
        raise ValueError(
            f"Expected {name} of {' or '.join(map(str, allowed))} to write "
            f"{getattr(what, 'name', what)} in Hugging Face's layout; received {value!r:.80}. Save "
            "the task, or export it."
        )


def _config(model, family, head):
    """`config.json` as a dict."""
    config = model.encoder.config
    return (
        {
            "model_type": family.name,
            "architectures": [head.architectures[0] if head else family.bare[0]],
            "dtype": "float32",
            "pad_token_id": max(family.first_position - 1, 0),
            "tie_word_embeddings": True,
            family.activation: NAMES[config["activation"]],
        }
        | {field: config[argument] for argument, (field, *_) in family.sizes.items()}
        | {family.sizes["max_length"][0]: config["max_length"] + family.first_position}
        | ({"type_vocab_size": 2} if family.segments else {})
        | ({"relative_attention_num_buckets": BUCKETS} if family.distances else {})
        | ({head.dropout[0]: model.dropout.rate} if head and head.dropout else {})
    )


def _labels(labels, kind):
    """What `config.json` says of a head's labels: a dict."""
    if labels is None:
        return {}
    found = {
        "id2label": {str(number): label for number, label in enumerate(labels)},
        "label2id": {label: number for number, label in enumerate(labels)},
    }
    problems = {ours: theirs for theirs, ours in PROBLEMS.items()}
    return found | ({"problem_type": problems[kind]} if kind else {})
