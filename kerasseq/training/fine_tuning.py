"""The optimizer of fine-tuning a pretrained model."""

import keras
from keras import ops

from kerasseq.training.adam import Adam
from kerasseq.training.linear_warmup_decay import LinearWarmupDecay


@keras.saving.register_keras_serializable("kerasseq")
class FineTuningAdamW(Adam):
    """AdamW (Loshchilov and Hutter 2019) with a factor on the learning rate of each variable.

    Weight decay acts on matrices, not on vectors (biases and normalisations).

    Args:
        learning_rate: float or schedule.
        weight_decay: float; a step subtracts this share of a matrix, times the learning rate.
        factors: list of float, one a trainable variable: multipliers of the learning rate.
        **kwargs: as for `Adam`.

    Raises:
        ValueError: when built, for another number of trainable variables than factors.
    """

    def __init__(self, learning_rate, weight_decay, factors, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.matrix_decay = weight_decay
        self.factors = list(factors)

    def build(self, variables):
        if len(variables) != len(self.factors):
            raise ValueError(
                f"Expected {len(self.factors)} trainable variables, one a factor; received "
                f"{len(variables)}. Freeze layers before you make the optimizer."
            )
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        rate = learning_rate * self.factors[self._get_variable_index(variable)]
        if len(variable.shape) > 1:
            decay = ops.cast(rate * self.matrix_decay, variable.dtype)
            self.assign_sub(variable, ops.multiply(variable, decay))
        super().update_step(gradient, variable, rate)

    def get_config(self):
        config = super().get_config()
        config.pop("weight_decay")
        return config | {"weight_decay": self.matrix_decay, "factors": self.factors}


def fine_tuning_optimizer(
    model,
    steps,
    learning_rate=3e-5,
    warmup_steps=None,
    weight_decay=0.01,
    layer_decay=1.0,
    clip_norm=1.0,
    accumulation_steps=1,
):
    """Makes the optimizer of BERT's fine-tuning: AdamW with warm-up and linear decay.

    Args:
        model: model of this package, some layers of which may be frozen.
        steps: int, the optimizer steps of the run: batches an epoch times epochs, divided by
            `accumulation_steps`. The callback `CheckRunLength` compares them with the run's.
        learning_rate: float, the peak.
        warmup_steps: int, in steps; a tenth of them by default.
        weight_decay: float.
        layer_decay: float in (0, 1], by which the rate falls from each block to the one below
            it (Howard and Ruder 2018, section 3.2), of a model with an `encoder` of blocks; 1
            for one rate.
        clip_norm: float, the gradient's largest norm.
        accumulation_steps: int, batches whose mean gradient is one step.

    Returns:
        FineTuningAdamW.

    Raises:
        ValueError: when the warm-up does not end within the run; for a `layer_decay` out of
            range, or for a model without blocks below a head; for weights in half precision,
            which such small steps do not change.
    """
    if not 0 < layer_decay <= 1:
        raise ValueError(
            f"Expected layer_decay above 0 and at most 1; received {layer_decay}. 1 is one rate "
            "for all, 0.9 a slower one for lower layers."
        )
    kinds = {variable.dtype for variable in model.trainable_variables} - {"float32", "float64"}
    if kinds:
        raise ValueError(
            f"Expected float32 weights to train; received {', '.join(sorted(kinds))}, which small "
            "steps leave as they are. Build or load the model with dtype='mixed_bfloat16'."
        )
    warmup_steps = steps // 10 if warmup_steps is None else warmup_steps
    return FineTuningAdamW(
        LinearWarmupDecay(learning_rate, steps, warmup_steps, accumulation_steps),
        weight_decay,
        layer_factors(model, layer_decay),
        global_clipnorm=clip_norm,
        epsilon=1e-8,
        gradient_accumulation_steps=accumulation_steps if accumulation_steps > 1 else None,
    )


def layer_factors(model, layer_decay):
    """The factor of each trainable variable's rate, by the depth of its block: a list of float."""
    if layer_decay == 1:
        return [1.0] * len(model.trainable_variables)
    encoder = getattr(model, "encoder", None)
    if encoder is None:
        raise ValueError(
            f"Expected a model with an encoder below a head for layer_decay={layer_decay}; "
            f"received a {type(model).__name__}. Leave it 1."
        )
    blocks = list(getattr(encoder, "blocks", []))
    top = len(blocks) + 1
    if hasattr(encoder, "output_norm"):  # of a pre-norm encoder, above the last block
        blocks.append(encoder.output_norm)
    depths = {
        id(variable): depth
        for depth, block in enumerate(blocks, 1)
        for variable in block.trainable_variables
    }
    below = {id(variable) for variable in encoder.trainable_variables}
    return [
        layer_decay ** (top - depths.get(id(variable), 0 if id(variable) in below else top))
        for variable in model.trainable_variables
    ]
