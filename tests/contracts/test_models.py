"""The properties that every sequence-to-sequence model keeps, in one place."""

import keras
import keras_hub
import numpy as np
import pytest
import tensorflow as tf

from closeness import assert_close, assert_unmoved, rounding
from kerasseq.decoding import Beam, Greedy
from kerasseq.models import (
    AttentionSeq2Seq,
    Ensemble,
    HubSeq2Seq,
    ImageCaptioner,
    RecurrentForecaster,
    RecurrentSeq2Seq,
    Transformer,
    deserialize,
    get,
    serialize,
)
from kerasseq.tasks.weights import load_weights, save_weights
from kerasseq.training import SequenceCrossentropy

SOURCE, TARGET = 17, 19


def transformer(**options):
    return Transformer(SOURCE, TARGET, 16, 2, 4, 32, **options)


def recurrent(**options):
    return AttentionSeq2Seq(SOURCE, TARGET, 12, 16, num_layers=2, **options)


def without_attention(**options):
    return RecurrentSeq2Seq(SOURCE, TARGET, **{"embedding_dim": 12, "hidden_dim": 16} | options)


def captioner(**options):
    sizes = {"filters": (8, 12), "embedding_dim": 12, "hidden_dim": 16}
    return ImageCaptioner(TARGET, (16, 12), **sizes | options)


T5 = {
    "positions": "relative", "relative_buckets": (6, 5), "norm": "rms", "norm_first": True,
    "gated": True, "activation": "gelu_tanh", "use_bias": False, "head_dim": 5,
    "scale_attention": False, "scale_embedding": False, "scale_output": True,
    "output_dropout": 0.1, "output_bias": True, "num_decoder_layers": 1,
}  # fmt: skip


def bart(**options):
    backbone = keras_hub.models.BartBackbone(TARGET, 2, 4, 16, 32, max_sequence_length=16)
    return HubSeq2Seq(keras_hub.models.BartSeq2SeqLM(backbone), **options)


def t5():
    backbone = keras_hub.models.T5Backbone(
        TARGET, 2, 4, 16, 32, key_value_dim=6, use_gated_activation=False
    )
    return HubSeq2Seq(keras_hub.models.T5Seq2SeqLM(backbone), silent_ids=[2])


MODELS = {
    "transformer": lambda: transformer(),
    "transformer-pre-norm": lambda: transformer(norm_first=True, activation="gelu"),
    "transformer-begun": lambda: transformer(begin_source=True),
    "transformer-aligned": lambda: transformer(
        begin_source=True, alignment_layer=-2, alignment_heads=2
    ),
    "transformer-learned": lambda: transformer(
        positions="learned", max_length=10, tie_embeddings=False
    ),
    "transformer-ssru": lambda: transformer(
        decoder="ssru", num_decoder_layers=1, output_bias=True, positions="sinusoidal_halves"
    ),
    "transformer-embedding-norm": lambda: transformer(
        embedding_norm=True, scale_embedding=False, num_decoder_layers=3
    ),
    # All that T5 has, at once.
    "transformer-t5": lambda: transformer(**T5),
    "transformer-t5-untied": lambda: transformer(
        **T5 | {"tie_embeddings": False, "scale_output": False, "gated": False}
    ),
    "lstm-bahdanau": lambda: recurrent(attention="bahdanau"),
    "gru-bahdanau-unidirectional": lambda: recurrent(
        cell="gru", attention="bahdanau", bidirectional=False
    ),
    "lstm-luong-dot-unidirectional": lambda: recurrent(attention="luong_dot", bidirectional=False),
    "lstm-luong-general": lambda: recurrent(attention="luong_general"),
    "gru-luong-general-plain": lambda: recurrent(cell="gru", input_feeding=False),
    "lstm-mean-bridge-unidirectional": lambda: recurrent(bridge="mean", bidirectional=False),
    "lstm-luong-scaled": lambda: recurrent(attention="luong_scaled"),
    "gru-luong-concat": lambda: recurrent(cell="gru", attention="luong_concat"),
    "lstm-sutskever": lambda: without_attention(reverse_source=True),
    "gru-sutskever-tied": lambda: without_attention(
        cell="gru", embedding_dim=16, tie_embeddings=True
    ),
    "gru-cho": lambda: without_attention(cell="gru", context_every_step=True),
    "lstm-cho": lambda: without_attention(context_every_step=True),
    "ensemble": lambda: Ensemble(
        [transformer(tie_embeddings=False), without_attention(), recurrent()]
    ),
    "hub-bart": lambda: bart(begin_source=2, begin_target=3),
    "hub-t5": lambda: t5(),
    "captioner-bahdanau": lambda: captioner(),
    "captioner-luong-gru": lambda: captioner(cell="gru", attention="luong_general", num_layers=2),
    "captioner-without-attention": lambda: captioner(attention=None, num_layers=2),
}


@pytest.fixture(params=list(MODELS), scope="module")
def model(request):
    keras.utils.set_random_seed(3)
    model = MODELS[request.param]()
    # Larger than at the start, so that a wrong mask or gather moves the logits visibly.
    model.set_weights([1.5 * weight for weight in model.get_weights()])
    return model


@pytest.fixture
def batch(model):
    numbers = np.random.default_rng(5)
    if isinstance(model, ImageCaptioner):
        source = numbers.integers(0, 256, (4, 16, 12, 3)).astype("uint8")
    else:
        source = numbers.integers(4, SOURCE, (4, 7)).astype("int32")
        source[1, 4:] = 0
        source[2, 1:] = 0
    target = numbers.integers(4, TARGET, (4, 6)).astype("int32")
    target[:, 0] = 2
    return source, target


def logits_of(model, source, target):
    return keras.ops.convert_to_numpy(model({"source": source, "target": target}))


def test_logits_are_float32_of_the_vocabulary(model, batch):
    logits = model({"source": batch[0], "target": batch[1]})
    assert logits.shape == (4, 6, TARGET) and logits.dtype == "float32"


def test_no_future_leak_by_gradient(model, batch):
    source, target = batch
    members = model.members if isinstance(model, Ensemble) else [model]
    tables = [
        member.backbone.token_embedding.embeddings.value
        if isinstance(member, HubSeq2Seq)
        else member.target_embedding.table.value
        for member in members
    ]
    for t in range(target.shape[1]):
        # A token that stands at position t alone: its row's gradient is that position's.
        marked = np.where(target == 18, 17, target)
        marked[:, t] = 18
        with tf.GradientTape(persistent=True) as tape:
            memory = model.encode(source)
            tape.watch(tables)
            embedded_from_t = model.decode(marked, memory)
            before, after = embedded_from_t[:, :t], embedded_from_t[:, t:]
            # The output layer may share the table: keep its own column out of the sum.
            early = tf.reduce_sum(before[..., :18] ** 2)
            late = tf.reduce_sum(after[..., :18] ** 2)

        def rows(value, tape=tape):
            gradients = tape.gradient(value, tables, unconnected_gradients="zero")
            return [np.abs(tf.convert_to_tensor(each).numpy()[18]).max() for each in gradients]

        # Exactly none: whatever the order, a sum of products with zeros is zero.
        assert not any(rows(early)), f"position {t} reaches an earlier one"
        assert all(rows(late))


def test_padding_changes_nothing(model, batch):
    source, target = batch
    wider = np.pad(source, [(0, 0), (0, 5)]) if source.ndim == 2 else source
    longer = np.pad(target, [(0, 0), (0, 3)])
    found = logits_of(model, wider, longer)[:, : target.shape[1]]
    assert_close(found, logits_of(model, source, target))


def test_every_token_of_the_source_has_a_state(model, batch):
    source, _ = batch
    states = keras.ops.convert_to_numpy(model.encoder_states(source))
    assert states.shape[0] == len(source) and np.abs(states).max() > 1e-3
    if source.ndim == 4:  # an image has a state for every place of its grid
        return
    assert states.shape[:2] == source.shape
    alone = keras.ops.convert_to_numpy(model.encoder_states(source[1:2, :4]))
    assert_close(alone[0], states[1, :4])  # without its padding
    changed = source[:1].copy()
    changed[0, 2] = 4 + (changed[0, 2] - 3) % (SOURCE - 4)
    moved = keras.ops.convert_to_numpy(model.encoder_states(changed)) - states[:1]
    moved = np.abs(moved).max(axis=-1)[0]
    before = []
    if isinstance(model, RecurrentSeq2Seq):  # what was read before it knows nothing of it
        before = [3, 4, 5] if model.config["reverse_source"] else [0, 1]
    assert_unmoved(moved[before], moved[2], terms=300)


def test_other_rows_change_nothing(model, batch):
    source, target = batch
    together = logits_of(model, source, target)
    for row in range(len(source)):
        alone = logits_of(model, source[row : row + 1], target[row : row + 1])
        assert_close(alone[0], together[row])


def test_stepping_equals_the_full_pass(model, batch):
    source, target = batch
    memory = model.encode(source)
    state = model.initial_state(memory, 9)
    for t in range(target.shape[1]):
        logits, state, attention = model.decode_step(target[:, t], state, memory, t)
        full = logits_of(model, source, target)[:, t]
        assert_close(keras.ops.convert_to_numpy(logits), full)
        assert (attention is not None) == model.attends
        if model.attends:
            weights = keras.ops.convert_to_numpy(attention)
            assert_close(weights.sum(1), 1.0)
            assert source.ndim > 2 or np.all(weights[source == 0] == 0)


def test_what_alignments_guide_is_the_attention_of_every_step(model, batch):
    source, target = batch
    links = np.zeros((*target.shape, 7 if source.ndim == 2 else model.grid[0] * model.grid[1]))
    inputs = {"source": source, "target": target, "links": links}
    if not model.attends or isinstance(model, Ensemble):
        with pytest.raises(
            ValueError, match=r"Transformer or an AttentionSeq2Seq to learn from al"
        ):
            model.call(inputs)
        return
    memory = model.encode(source)
    logits, attention = map(keras.ops.convert_to_numpy, model.decode_attending(target, memory))
    assert_close(logits, logits_of(model, source, target))
    assert attention.shape == links.shape and attention.dtype == "float32"
    state = model.initial_state(memory, 9)
    for t in range(target.shape[1]):
        _, state, looked = model.decode_step(target[:, t], state, memory, t)
        assert_close(attention[:, t], keras.ops.convert_to_numpy(looked))


def test_every_leaf_of_memory_and_state_has_the_batch_first(model, batch):
    memory = model.encode(batch[0])
    state = model.initial_state(memory, 9)
    assert all(leaf.shape[0] == 4 for leaf in keras.tree.flatten((memory, state)))


def decode(model, source, search, length=12):
    memory = model.encode(source)
    found = search(model.decode_step, memory, model.initial_state(memory, length), 2, 3, length)
    return keras.ops.convert_to_numpy(found.tokens), keras.ops.convert_to_numpy(found.scores)


def test_beam_of_one_is_greedy(model, batch):
    greedy, _ = decode(model, batch[0], Greedy())
    beam, _ = decode(model, batch[0], Beam(1))
    np.testing.assert_array_equal(beam, greedy)


def test_a_beam_that_drops_nothing_finds_the_best_and_no_worse_than_greedy(model, batch):
    source = batch[0]
    _, scores = decode(model, source, Beam(TARGET, length_penalty=0.0), 2)
    _, greedy = decode(model, source, Greedy(), 2)
    assert np.all(scores >= greedy - rounding(magnitude=np.abs(greedy).max()))
    every = np.tile(np.arange(TARGET, dtype="int32"), 4)
    begun = np.stack([np.full_like(every, 2), every], axis=1)
    logits = logits_of(model, np.repeat(source, TARGET, axis=0), begun)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    log_p[..., [0, 2]] = -np.inf  # padding and start are no tokens of a translation
    first, second = log_p[::TARGET, 0], log_p[:, 1].max(-1).reshape(4, TARGET)
    second[:, 3] = 0  # nothing follows the end
    assert_close(scores[:, 0], (first + second).max(-1))


def test_a_beam_s_rows_are_independent(model, batch):
    tokens, scores = decode(model, batch[0], Beam(4, length_penalty=0.0, n_best=2))
    for row in range(4):
        alone, alone_scores = decode(
            model, batch[0][row : row + 1], Beam(4, length_penalty=0.0, n_best=2)
        )
        np.testing.assert_array_equal(alone[0], tokens[row])
        assert_close(alone_scores[0], scores[row])


def test_config_and_weights_survive_a_save(model, batch, tmp_path):
    save_weights(model, tmp_path / "model.safetensors")
    config = model.get_config()
    again = type(model).from_config(config)
    assert again.get_config() == model.get_config() == config
    load_weights(again, tmp_path / "model.safetensors")
    assert_same_model(again, model, batch)


def test_keras_saves_and_loads_the_whole_model(model, batch, tmp_path):
    model.save(tmp_path / "model.keras")
    assert_same_model(keras.models.load_model(tmp_path / "model.keras"), model, batch)


def assert_same_model(again, model, batch):
    """Weights are copied to the bit; what is computed with them may be rounded otherwise."""
    for kept, weight in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight)
    assert_close(logits_of(again, *batch), logits_of(model, *batch))


def test_an_ensemble_keeps_the_precision_of_its_members(tmp_path):
    half = without_attention(dtype="mixed_bfloat16")
    ensemble = Ensemble([half, without_attention()])
    ensemble.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    policies = [each.dtype_policy.name for each in again.members]
    assert policies == ["mixed_bfloat16", "float32"]
    assert get(ensemble) is ensemble and type(get(serialize(ensemble))) is Ensemble
    plain = deserialize(serialize(ensemble))
    assert {each.dtype_policy.name for each in plain.members} == {"float32"}


def test_dropout_acts_in_training_alone(model, batch):
    inputs = {"source": batch[0], "target": batch[1]}
    once, twice = (keras.ops.convert_to_numpy(model(inputs, training=True)) for _ in range(2))
    still = logits_of(model, *batch) - logits_of(model, *batch)
    assert_unmoved(still, np.abs(once - twice).max(), terms=300)


def test_bfloat16_learns_and_gives_float32_logits():
    keras.utils.set_random_seed(0)
    model = Transformer(SOURCE, TARGET, 16, 1, 4, 32, dtype="mixed_bfloat16")
    source, target = np.random.default_rng(0).integers(4, SOURCE, (2, 16, 6)).astype("int32")
    inputs = {"source": source, "target": target}
    model.compile(keras.optimizers.Adam(0.01), SequenceCrossentropy())
    history = model.fit(inputs, np.roll(target, -1, axis=1), epochs=8, verbose=0).history
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    logits = model(inputs)
    assert logits.dtype == "float32" and np.all(np.isfinite(logits))
    assert model.encoder_states(source).dtype == "bfloat16"
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}


def test_score_is_the_sum_of_log_probabilities(model, batch):
    source, target = batch
    following = np.concatenate([target[:, 1:], np.full((4, 1), 3, "int32")], axis=1)
    following[3, 4:] = 0
    logits = logits_of(model, source, target).astype("float64")
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    picked = np.take_along_axis(log_p, following[..., None], -1)[..., 0]
    expected = (picked * (following != 0)).sum(1)
    found = keras.ops.convert_to_numpy(model.score(source, target, following))
    assert_close(found, expected)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Transformer(9, 9, 10, 1, 4), "received width 10 and num_heads=4"),
        (
            lambda: Transformer(9, 8, 8, 1, 4, share_embeddings=True),
            "share_embeddings.*received 9 .* 8 ",
        ),
        (lambda: Transformer(9, 8, 8, 1, 4, positions="rotary"), "sinusoidal.*received 'rotary'"),
        (lambda: Transformer(9, 8, 8, 1, 4, decoder="aan"), "attention, ssru, .*received 'aan'"),
        (
            lambda: Transformer(9, 8, 8, 1, 4, decoder="ssru", positions="relative"),
            "the first with relative positions; received 'ssru', 'relative'",
        ),
        (lambda: Transformer(9, 8, 8, 1, 4, norm="batch"), "layer, .*rms; received 'batch'"),
        (lambda: AttentionSeq2Seq(9, 9, 8, 9), "hidden_dim.*received 9"),
        (
            lambda: AttentionSeq2Seq(9, 9, 8, 16, tie_embeddings=True),
            "hidden_dim.*tie_embeddings.*received 8 and 16",
        ),
        (lambda: AttentionSeq2Seq(9, 9, 8, 16, attention="cosine"), "luong_general.*'cosine'"),
        (lambda: AttentionSeq2Seq(9, 9, 8, 16, bridge="max"), "mean.*received 'max'"),
        (
            lambda: RecurrentSeq2Seq(9, 9, 8, 16, tie_embeddings=True),
            "hidden_dim.*tie_embeddings.*received 8 and 16",
        ),
        (lambda: RecurrentSeq2Seq(9, 9, 8, 16, cell="rnn"), "gru.*received 'rnn'"),
        (lambda: captioner(backbone="ResNet9000"), "MobileNetV2.*received 'ResNet9000'"),
        (lambda: captioner(cell="rnn"), "gru.*received 'rnn'"),
        (lambda: captioner(attention="cosine"), "luong_general.*'cosine'"),
        (lambda: Ensemble([]), "received no model"),
        (
            lambda: Ensemble([RecurrentSeq2Seq(9, size, 8, 16) for size in (8, 9)]),
            r"received \[\(9, 8\), \(9, 9\)\]",
        ),
        (lambda: Ensemble([captioner(), captioner()]), "received ImageCaptioner"),
        (lambda: Ensemble([RecurrentForecaster(2, 1, 4)]), "received RecurrentForecaster"),
    ],
)
def test_a_wrong_argument_gets_one_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make()
