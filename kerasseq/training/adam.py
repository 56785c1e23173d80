"""Adam, whose step goes over the weights once."""

import keras
from keras import ops

from kerasseq.fused import apply_adam, dense
from kerasseq.replicas import sum_over_replicas


@keras.saving.register_keras_serializable("kerasseq")
class Adam(keras.optimizers.Adam):
    """Keras' Adam (Kingma and Ba 2015, algorithm 1) in one pass over the weights a step.

    Under TensorFlow one operation moves a variable and both of its moments; Keras' Adam takes
    twelve, each of which reads and writes all of them. JAX joins such operations by itself, and
    there and under PyTorch this is Keras' Adam. The numbers are the same but for rounding. A
    `global_clipnorm` cuts the gradient of the whole batch, where replicas share one.
    Its arguments are those of `keras.optimizers.Adam`; with a `weight_decay` it is Keras' AdamW.
    """

    clips_whole_batch = True  # its global_clipnorm, where replicas share a batch

    def _clip_gradients(self, grads):
        # Keras would clip what each replica sees by itself, and what an embedding gets of each
        # occurrence of a token.
        grads = [None if each is None else dense(each) for each in grads]
        if not self.global_clipnorm:
            return super()._clip_gradients(grads)
        total = sum_over_replicas([each for each in grads if each is not None])
        norm = ops.sqrt(sum(ops.sum(ops.square(each)) for each in total))
        factor = ops.minimum(1.0, self.global_clipnorm / ops.maximum(norm, 1e-30))
        return [None if each is None else each * factor for each in grads]

    def update_step(self, gradient, variable, learning_rate):
        if keras.backend.backend() != "tensorflow" or self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        apply_adam(
            variable,
            self._momentums[index],
            self._velocities[index],
            gradient,
            self.iterations + 1,
            learning_rate,
            (self.beta_1, self.beta_2),
            self.epsilon,
        )
