"""The properties that every text encoder keeps, under every head, in one place."""

import json

import keras
import keras_hub
import numpy as np
import pytest

from closeness import assert_close, assert_unmoved
from kerasseq.models import (
    BertEncoder,
    HubEncoder,
    MaskedLanguageModel,
    ModernBertEncoder,
    RecurrentTextEncoder,
    SequenceClassifier,
    SequenceTagger,
    SpanClassifier,
    Transformer,
    deserialize,
    serialize,
)
from kerasseq.models.span_classifier import best_spans
from kerasseq.tasks.weights import load_weights, save_weights

SIZE, SEPARATOR = 23, 3


def bert(**options):
    return BertEncoder(SIZE, 16, 2, 4, 24, max_length=12, **options)


def hub(kind, size="vocabulary_size", **options):
    sizes = {"num_layers": 2, "num_heads": 4, "hidden_dim": 16, "intermediate_dim": 24}
    backbone = getattr(keras_hub.models, kind)(
        max_sequence_length=12, **{size: SIZE} | sizes | options
    )
    return HubEncoder(backbone, SEPARATOR)


ENCODERS = {
    "bert": lambda: bert(separator_id=SEPARATOR),
    "bert-pre-norm": lambda: bert(separator_id=SEPARATOR, norm_first=True, activation="relu"),
    "distilbert": lambda: bert(),
    "mpnet": lambda: bert(relative_buckets=(8, 6)),
    "electra": lambda: bert(separator_id=SEPARATOR, embedding_dim=8),
    "albert": lambda: bert(separator_id=SEPARATOR, embedding_dim=8, num_groups=1),
    "modernbert": lambda: ModernBertEncoder(
        SIZE, 16, 3, 4, 24, dropout=0.1, max_length=12, global_every=2, window=2
    ),
    "hub-bert": lambda: hub("BertBackbone"),
    "hub-distilbert": lambda: hub("DistilBertBackbone"),
    "hub-albert": lambda: hub("AlbertBackbone", embedding_dim=8, dropout=0.1),
    "hub-deberta": lambda: hub("DebertaV3Backbone", bucket_size=4),
    "hub-roberta": lambda: hub("RobertaBackbone"),
    "hub-xlm-roberta": lambda: hub("XLMRobertaBackbone"),
    "hub-electra": lambda: hub("ElectraBackbone", "vocab_size", embedding_dim=8),
    "lstm": lambda: RecurrentTextEncoder(SIZE, 8, 16, 2),
    "gru-left-to-right": lambda: RecurrentTextEncoder(SIZE, 8, 16, cell="gru", bidirectional=False),
}
HEADS = {
    "first": lambda encoder: SequenceClassifier(encoder, 3, "first", "tanh"),
    "max": lambda encoder: SequenceClassifier(encoder, 3, "max"),
    "mean": lambda encoder: SequenceClassifier(encoder, 3, "mean", "relu"),
    "tags": lambda encoder: SequenceTagger(encoder, 3),
    "deep-tags": lambda encoder: SequenceTagger(
        encoder, 3, hidden_activation="gelu", hidden_norm="layer_no_bias", hidden_bias=False
    ),
    "spans": lambda encoder: SpanClassifier(encoder, SEPARATOR),
    "masks": lambda encoder: MaskedLanguageModel(encoder),
}
# Of KerasHub's backbones and of BERT's kin one goes under every head, the others under two.
FURTHER = [
    ("hub-distilbert", "max"), ("hub-distilbert", "spans"),
    ("hub-electra", "first"), ("hub-electra", "masks"),
    ("hub-albert", "mean"), ("hub-albert", "tags"),
    ("hub-deberta", "tags"), ("hub-deberta", "masks"),
    ("hub-roberta", "first"), ("hub-roberta", "spans"),
    ("hub-xlm-roberta", "tags"), ("hub-xlm-roberta", "masks"),
    ("mpnet", "mean"), ("mpnet", "spans"), ("electra", "tags"), ("electra", "masks"),
    ("albert", "first"), ("albert", "masks"), ("modernbert", "deep-tags"),
    ("modernbert", "masks"), ("modernbert", "mean"), ("lstm", "deep-tags"),
]  # fmt: skip
KIN = ("mpnet", "electra", "albert", "modernbert")
PAIRS = [
    (encoder, head)
    for encoder in ENCODERS
    for head in HEADS
    if (encoder, head) in FURTHER
    or encoder == "hub-bert"
    or not (
        encoder.startswith("hub")
        or encoder in KIN
        or head == "deep-tags"
        or (head == "masks" and "bert" not in encoder)
    )
]


@pytest.fixture(params=PAIRS, ids="-".join, scope="module")
def model(request):
    encoder, head = request.param
    keras.utils.set_random_seed(3)
    model = HEADS[head](ENCODERS[encoder]())
    # Larger than at the start, so that a wrong mask moves the logits visibly.
    model.set_weights([1.5 * weight for weight in model.get_weights()])
    return model


@pytest.fixture
def tokens():
    ids = np.random.default_rng(5).integers(4, SIZE, (4, 9)).astype("int32")
    ids[:, 3] = SEPARATOR
    ids[1, 6:] = 0
    ids[2, 2:] = 0
    return ids


def logits_of(model, tokens, **options):
    inputs = {"tokens": tokens}
    if isinstance(model, MaskedLanguageModel):
        inputs["positions"] = np.tile(np.array([[0, 1]], "int32"), (len(tokens), 1))
    return keras.ops.convert_to_numpy(model(inputs, **options))


def of_real_tokens(model, logits, tokens):
    """The logits that are read: those at real tokens, where there is one a token."""
    if isinstance(model, SequenceTagger):
        return logits[tokens != 0]
    return logits[:, :, : tokens.shape[1]] if isinstance(model, SpanClassifier) else logits


def test_padding_changes_nothing(model, tokens):
    wider = np.pad(tokens, [(0, 0), (0, 3)])
    assert_close(
        of_real_tokens(model, logits_of(model, tokens), tokens),
        of_real_tokens(
            model, logits_of(model, wider)[:, : 9 if model_is_tagger(model) else None], tokens
        ),
    )


def model_is_tagger(model):
    return isinstance(model, SequenceTagger)


def test_other_rows_change_nothing(model, tokens):
    together = logits_of(model, tokens)
    alone = np.concatenate([logits_of(model, tokens[i : i + 1]) for i in range(4)])
    assert_close(together, alone)


def test_every_real_token_matters_and_logits_are_float32(model, tokens):
    assert logits_of(model, tokens).dtype == "float32"
    places = np.flatnonzero(tokens[0] != SEPARATOR)
    changed = np.tile(tokens[0], (len(places), SIZE - 4, 1))
    for row, place in zip(changed, places, strict=True):
        row[:, place] = range(4, SIZE)
    found = logits_of(model, changed.reshape(-1, 9)).reshape(len(places), SIZE - 4, -1)
    moved = np.ptp(found, axis=1).max(axis=1)
    forwards = not model.encoder.get_config().get("bidirectional", True)
    if forwards and getattr(model, "pooling", None) == "first":
        assert_unmoved(moved[1:], moved[0], terms=300)  # the first vector has read one token
    else:
        assert np.all(moved > 1e-3)


def test_config_and_weights_survive_a_save(model, tokens, tmp_path):
    again = type(model).from_config(model.get_config())
    save_weights(model, tmp_path / "model.safetensors")
    load_weights(again, tmp_path / "model.safetensors")
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for each in (again, loaded):
        assert_close(logits_of(each, tokens), logits_of(model, tokens))
        for kept, weight in zip(each.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(kept, weight)


def test_keras_keeps_precision_and_what_is_frozen_and_a_description_does_not(tmp_path):
    encoder = RecurrentTextEncoder(SIZE, 8, 16, dtype="mixed_bfloat16")
    model = SequenceTagger(encoder, 3)
    encoder.trainable = False
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.dtype_policy.name == "float32"
    assert again.encoder.encoder.dtype_policy.name == "mixed_bfloat16"
    assert len(again.trainable_variables) == len(model.trainable_variables) == 2
    config = model.get_config()
    assert type(model).from_config(config).get_config() == model.get_config() == config
    plain = deserialize(serialize(model))
    assert plain.encoder.dtype_policy.name == "float32"
    assert len(plain.trainable_variables) > 2 and serialize(plain) == serialize(model)


def test_functions_as_arguments_are_described_in_json():
    bert = BertEncoder(SIZE, 12, 1, 3, activation=keras.activations.silu)
    transformer = Transformer(
        SIZE, SIZE, 12, 1, 3, activation=keras.activations.silu,
        embedding_initializer=keras.initializers.HeNormal(),
    )  # fmt: skip
    for model in (bert, transformer):
        again = deserialize(json.loads(json.dumps(serialize(model))))
        assert again.get_config()["activation"] == "silu"
        assert serialize(again) == serialize(model)


def test_dropout_acts_in_training_alone(model, tokens):
    still = [logits_of(model, tokens) for _ in range(2)]
    moved = np.abs(logits_of(model, tokens, training=True) - still[0]).max()
    assert_unmoved(still[1] - still[0], moved, terms=300)


def test_the_second_segment_begins_after_the_first_separator(tokens):
    keras.utils.set_random_seed(0)
    model = bert(separator_id=SEPARATOR)
    model.segment_embedding.table.assign(np.array([[0.0] * 16, [50.0, -50.0] * 8]))
    vectors = np.array(model({"tokens": tokens})[0])
    plain = bert()
    plain.set_weights([w for w in model.get_weights() if w.shape != (2, 16)])
    without = np.array(plain({"tokens": tokens})[0])
    assert np.abs(vectors[0] - without[0]).max() > 0.1
    assert_close(vectors[2, :2], without[2, :2])  # no separator there


def test_layers_that_share_a_block_are_counted_before_they_are_made():
    description = serialize(bert(num_groups=1))
    shapes = {str(i): w.shape for i, w in enumerate(bert(num_groups=1).weights)}
    assert len(deserialize(description, shapes).blocks) == 2
    description["config"]["num_layers"] = 1001
    with pytest.raises(ValueError, match="received num_layers 1001"):
        deserialize(description, shapes)
    with pytest.raises(ValueError, match="num_groups that divide 2 layers; received 3"):
        bert(num_groups=3)


def test_best_spans_are_those_of_a_search_over_all():
    logits = np.random.default_rng(0).normal(size=(5, 2, 12)).astype("float32")
    logits[:, :, 9:] = -1e9
    found = np.array(best_spans(logits, longest=4))
    for row, (first, last, score) in zip(logits, found, strict=True):
        spans = {
            (i, j): row[0, i] + row[1, j] for i in range(1, 12) for j in range(i, min(i + 4, 12))
        }
        best = max(spans, key=spans.get)
        assert (first, last) == best
        assert_close(score, spans[best] - row[0, 0] - row[1, 0], terms=4)


@pytest.mark.parametrize("encoder", ["bert", "mpnet", "electra", "hub-bert", "hub-electra"])
def test_frozen_layers_do_not_learn(tokens, encoder):
    model = HEADS["first"](ENCODERS[encoder]())
    model.encoder.freeze(1)
    before = [np.array(v) for v in model.encoder.weights]
    frozen = {id(v) for v in model.encoder.weights} - {
        id(v) for v in model.encoder.trainable_weights
    }
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.train_on_batch({"tokens": tokens}, np.array([0, 1, 2, 0]))
    for old, new in zip(before, model.encoder.weights, strict=True):
        assert (np.abs(old - np.array(new)).max() == 0) == (id(new) in frozen)
    assert 0 < len(frozen) < len(before)
    model.encoder.freeze(0)
    assert len(model.encoder.trainable_weights) == len(before)
