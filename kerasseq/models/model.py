"""The base class of every model that is trained: keras.Model, but for how it is trained."""

import keras
from keras import ops

from kerasseq.positions import check_batch, told_plainly
from kerasseq.replicas import (
    check_rows,
    check_whole_batch,
    mean_of_whole_batch,
    number_of_replicas,
)
from kerasseq.tensors import wide_float


class Model(keras.Model):
    """A keras.Model with one output, which learns the same however a batch is shared.

    Under a `tf.distribute` strategy its loss is the mean over the whole batch, whatever each
    replica sees of it. It is not compiled with XLA unasked. What it learns from is no longer
    than it has positions.

    Attributes:
        longest: dict from the names of inputs of ids to the most tokens that the model has
            positions for, or None where there is no most.
        on_compile: function that is called whenever a training step is compiled, as for a batch of
            another shape; None for none. Under PyTorch, which compiles nothing, at every step.
    """

    on_compile = None

    longest = {}  # noqa: RUF012  a subclass has a property

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        # Keras would compile a TensorFlow graph with XLA for every new batch shape: minutes
        # of compiling and no faster steps on a CPU. JAX always compiles.
        self.supports_jit = keras.backend.backend() != "tensorflow"

    def compile(self, *arguments, **options):
        """As `keras.Model.compile`.

        Raises:
            ValueError: in another scope than the model was made in; under a strategy of several
                replicas, for what each would compute of its part of a batch by itself, see
                `kerasseq.replicas.check_whole_batch`.
        """
        strategy = getattr(self, "_distribute_strategy", None)  # of TensorFlow's models alone
        made, here = getattr(strategy, "num_replicas_in_sync", 1), number_of_replicas()
        if made != here:
            raise ValueError(
                f"Expected a model to be trained where it was made; received one of {made} "
                f"replicas to compile for {here}. Make it, and compile it or call a task's fit, "
                "inside one strategy.scope()."
            )
        usual = keras.config.floatx()
        keras.config.set_floatx(wide_float())  # of the mean of losses: float16 would end at 65,504
        try:
            super().compile(*arguments, **options)
        finally:
            keras.config.set_floatx(usual)
        if here > 1:
            check_whole_batch(self)

    def fit(self, *arguments, **options):
        """As `keras.Model.fit`, without its warning that it does not shuffle a data set.

        Raises:
            ValueError: for a batch that is longer than the model has positions.
        """
        if hasattr(next(iter(arguments), options.get("x")), "element_spec"):  # a tf.data.Dataset
            options.setdefault("shuffle", False)
        with told_plainly():
            return super().fit(*arguments, **options)

    def evaluate(self, *arguments, **options):
        """As `keras.Model.evaluate`; raises as `fit`."""
        with told_plainly():
            return super().evaluate(*arguments, **options)

    def train_step(self, *given):
        if self.on_compile is not None:
            self.on_compile()
        self._check(given[-1])  # after JAX's state
        return super().train_step(*given)

    def test_step(self, *given):
        self._check(given[-1])
        return super().test_step(*given)

    def _check(self, batch):
        check_rows(batch)
        inputs, _, _ = keras.utils.unpack_x_y_sample_weight(batch)
        check_batch(inputs, self.longest)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """As `keras.Model.compute_loss`, of the whole batch that several replicas share."""
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        return self.of_whole_batch(loss, y_pred, sample_weight)

    def of_whole_batch(self, loss, y_pred, sample_weight):
        """A loss of the batch that several replicas share, from that of one's own part of it.

        Args:
            loss: float scalar, as Keras gives it: divided by the number of replicas.
            y_pred, sample_weight: as of `compute_loss`.
        """
        if number_of_replicas() == 1:
            return loss
        reduction = getattr(self.loss, "reduction", "sum_over_batch_size")
        if reduction in ("sum", "none", None):
            return loss
        # What Keras divided by: weights, or numbers, of which each row has as many.
        weighted = reduction == "mean_with_sample_weight" and sample_weight is not None
        amount = ops.sum(sample_weight) if weighted else ops.shape(y_pred)[0]
        return mean_of_whole_batch(loss, ops.cast(amount, loss.dtype))

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Builds metrics and loss, under a strategy of several replicas, on one's part of a batch.

        Keras takes the mean of the replicas' parts, which is no batch of ids, and fails where
        one has a row more.
        """
        strategy = self.distribute_strategy
        if iterator is not None and strategy.num_replicas_in_sync > 1:
            _, _, batches = next(iter(iterator))
            data_batch = keras.tree.map_structure(
                lambda part: strategy.experimental_local_results(part)[0], next(batches)
            )
            iterator = None
        super()._maybe_symbolic_build(iterator, data_batch)
