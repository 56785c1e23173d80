"""The optimizers of recipes and of fine-tuning, step by step against PyTorch's."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from kerasseq.models import BertEncoder, SequenceClassifier
from kerasseq.recipes.build import build_optimizer
from kerasseq.training import Adam, fine_tuning_optimizer

STEPS, PEAK, WARMUP = 12, 0.02, 4
numbers = np.random.default_rng(0)
# Of unlike size from step to step and from variable to variable: clipped by value, or each
# variable by its own norm, Adam would go elsewhere.
SIZES = 10.0 ** numbers.uniform(-1.5, 1, (STEPS, 2))


def steps(optimizer, reference, clip=None, rates=None, shapes=((3, 4), (5,))):
    """Gives both the same gradients, and compares the variables after every step."""
    starts = [numbers.standard_normal(shape) for shape in shapes]
    variables = [keras.Variable(start) for start in starts]
    leaves = [torch.tensor(start, requires_grad=True) for start in starts]
    optimizer.build(variables)
    theirs = reference(leaves)
    clipped = 0
    for step in range(STEPS):
        # None near 0, where Keras and PyTorch add epsilon at different places.
        drawn = [numbers.standard_normal(start.shape) for start in starts]
        gradients = [
            SIZES[step, i % 2] * (each + 0.3 * np.sign(each)) for i, each in enumerate(drawn)
        ]
        optimizer.apply([keras.ops.convert_to_tensor(g.astype("float32")) for g in gradients])
        for leaf, gradient in zip(leaves, gradients, strict=True):
            leaf.grad = torch.tensor(gradient)
        if clip:
            clipped += bool(torch.nn.utils.clip_grad_norm_(leaves, clip) > clip)
        for group in theirs.param_groups:
            group["lr"] = rates(step + 1) if rates else PEAK
        theirs.step()
        for variable, leaf in zip(variables, leaves, strict=True):
            np.testing.assert_allclose(
                variable.numpy(), leaf.detach().numpy(), atol=2e-5, err_msg=f"step {step + 1}"
            )
    assert not clip or 0 < clipped < STEPS


def vaswani(step):
    """Vaswani et al. 2017, eq. 3, its peak named: a warm-up, then a fall."""
    return PEAK * min(step / WARMUP, (WARMUP / step) ** 0.5)


def cosine(step):
    """A warm-up, then half a cosine (Loshchilov and Hutter 2017, eq. 5) to nothing."""
    done = step - 1
    if done < WARMUP:
        return PEAK * done / WARMUP
    return PEAK * (1 + np.cos(np.pi * (done - WARMUP) / (STEPS - WARMUP))) / 2


ADAM = {"betas": (0.9, 0.999), "eps": 1e-8}


@pytest.mark.parametrize(
    ("section", "reference", "rates"),
    [
        ({}, lambda p: torch.optim.Adam(p, **ADAM), None),
        ({"clip_norm": 1.0}, lambda p: torch.optim.Adam(p, **ADAM), None),
        ({"beta_2": 0.9}, lambda p: torch.optim.Adam(p, betas=(0.9, 0.9)), None),
        ({"weight_decay": 0.3}, lambda p: torch.optim.AdamW(p, weight_decay=0.3), None),
        ({"optimizer": "sgd", "clip_norm": 2.0}, lambda p: torch.optim.SGD(p), None),
        (
            {"schedule": "inverse_square_root", "warmup_steps": WARMUP},
            lambda p: torch.optim.Adam(p),
            vaswani,
        ),
        ({"schedule": "cosine", "warmup_steps": WARMUP}, lambda p: torch.optim.Adam(p), cosine),
        (
            {"schedule": "inverse_square_root", "warmup_steps": WARMUP, "optimizer": "sgd"},
            lambda p: torch.optim.SGD(p),
            vaswani,
        ),
    ],
    ids=["adam", "clip", "beta_2", "decay", "sgd", "inverse_root", "cosine", "sgd_inverse_root"],
)
def test_a_recipe_s_optimizer_is_pytorch_s(section, reference, rates):
    section = {"epochs": 4, "learning_rate": PEAK} | section
    steps(build_optimizer(section, STEPS), reference, section.get("clip_norm"), rates)


def test_a_recipe_s_epsilon_is_keras_own():
    # Keras adds it before the bias correction, so that it counts more in the first steps.
    optimizer = build_optimizer({"epochs": 1, "learning_rate": PEAK, "epsilon": 0.1}, STEPS)
    variable = keras.Variable(np.zeros(3))
    optimizer.build([variable])
    gradient = np.array([0.01, 0.1, 1.0])
    optimizer.apply([keras.ops.convert_to_tensor(gradient.astype("float32"))])
    expected = -PEAK * gradient / (gradient + 0.1 / np.sqrt(1 - 0.999))
    np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-4)


def test_a_recipe_s_moving_average_holds_its_share():
    optimizer = build_optimizer({"epochs": 1, "learning_rate": PEAK, "ema": 0.7}, STEPS)
    variable = keras.Variable(np.ones(3))
    optimizer.build([variable])
    average = None
    for _ in range(3):
        optimizer.apply([keras.ops.ones(3)])
        now = variable.numpy()
        average = now if average is None else 0.7 * average + 0.3 * now
    optimizer.finalize_variable_values([variable])
    np.testing.assert_allclose(variable.numpy(), average, rtol=1e-5)


@pytest.mark.parametrize("clip_norm", [1.0, 3.0])
def test_the_fine_tuning_optimizer_is_pytorch_s_adamw(clip_norm):
    """Clipped by the global norm; matrices decay; a warm-up, then a line to nothing."""
    encoder = BertEncoder(9, 4, 1, 2, max_length=5)
    model = SequenceClassifier(encoder, 2)
    shapes = [variable.shape for variable in model.trainable_variables]
    optimizer = fine_tuning_optimizer(
        model, STEPS, learning_rate=PEAK, warmup_steps=WARMUP, weight_decay=0.3, clip_norm=clip_norm
    )

    def rates(step):
        return PEAK * min(step / WARMUP, (STEPS - step + 1) / (STEPS - WARMUP), 1)

    def reference(leaves):
        groups = [
            {"params": [leaf for leaf in leaves if (leaf.ndim > 1) == decays], "weight_decay": rate}
            for decays, rate in ((True, 0.3), (False, 0.0))
        ]
        return torch.optim.AdamW(groups, **ADAM)

    steps(optimizer, reference, clip_norm, rates, shapes)


def variable_and_gradients(rows=7):
    """A table, and the gradients of three steps."""
    drawn = np.random.default_rng(1).standard_normal((4, rows, 3)).astype("float32")
    return keras.Variable(drawn[0]), [keras.ops.convert_to_tensor(each) for each in drawn[1:]]


@pytest.mark.parametrize("options", [{}, {"amsgrad": True}, {"weight_decay": 0.1}])
@pytest.mark.parametrize("way", ["eager", "graph", "xla"])
def test_adam_is_keras_own_but_for_rounding(options, way):
    after = []
    for kind in (keras.optimizers.Adam, Adam):
        variable, gradients = variable_and_gradients()
        optimizer = kind(PEAK, beta_1=0.8, epsilon=1e-3, **options)
        optimizer = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
        assert type(optimizer) is kind
        optimizer.build([variable])
        step = lambda gradient: optimizer.apply([gradient])  # noqa: B023, E731
        if way != "eager":
            step = tf.function(step, jit_compile=way == "xla")
        for gradient in gradients:
            step(gradient)
        after.append([variable.numpy(), *(each.numpy() for each in optimizer.variables)])
    for keras_own, ours in zip(*after, strict=True):
        np.testing.assert_allclose(ours, keras_own, rtol=1e-5, atol=1e-6)


def test_a_step_of_adam_is_one_operation_a_variable():
    variable, gradients = variable_and_gradients()
    optimizer = Adam(PEAK)
    optimizer.build([variable])
    graph = tf.function(lambda gradient: optimizer.apply([gradient])).get_concrete_function(
        gradients[0]
    )
    kinds = [each.type for each in graph.graph.get_operations()]
    assert kinds.count("ResourceApplyAdam") == 1
    assert not {"Square", "Sqrt", "AssignSubVariableOp"} & set(kinds)


def test_adam_takes_the_sum_of_what_a_row_gets():
    """Of a gradient by rows, in which one stands twice."""
    after = []
    for sparse in (False, True):
        variable, _ = variable_and_gradients()
        rows = tf.IndexedSlices(
            tf.constant(SIZES[:3, :1] * np.ones(3), "float32"), [2, 5, 2], (7, 3)
        )
        optimizer = Adam(PEAK, global_clipnorm=0.5)
        optimizer.build([variable])
        optimizer.apply([rows if sparse else tf.convert_to_tensor(rows)])
        after.append(variable.numpy())
    np.testing.assert_allclose(*after, rtol=1e-6)
