"""What the replicas of a tf.distribute strategy know of each other: each sees a part of a batch."""

from kerasseq.lazily import keras, ops


def number_of_replicas():
    """How many replicas share a batch under the tf.distribute strategy in scope: 1 without one."""
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow as tf

    return tf.distribute.get_strategy().num_replicas_in_sync


def sum_over_replicas(values):
    """The sum over all replicas of a tensor, or of each of a list; itself outside of replicas."""
    if number_of_replicas() == 1:
        return values
    import tensorflow as tf

    context = tf.distribute.get_replica_context()  # None where Keras asks for shapes alone
    return context.all_reduce(tf.distribute.ReduceOp.SUM, values) if context else values


def mean_of_whole_batch(mean, amount):
    """The mean over the parts of all replicas, from the mean over one's own.

    Keras divides each replica's mean by their number and adds up the gradients: where one sees
    less, what it sees would count for more.

    Args:
        mean: float scalar tensor, as Keras gives it, divided by the number of replicas.
        amount: float scalar tensor, what it was divided by: tokens, or rows.

    Returns:
        float scalar tensor, whose gradients add up to the whole batch's, and whose value, times
        the number of replicas, is the whole batch's mean in each of them.
    """
    count = number_of_replicas()
    if count == 1:
        return mean
    part = mean * ops.divide_no_nan(amount * count, sum_over_replicas(amount))
    whole = sum_over_replicas(ops.stop_gradient(part)) / count
    return part + ops.stop_gradient(whole - part)


def check_rows(part):
    """Refuses a part of a batch that has no rows, as far as its shape is known.

    Args:
        part: nested tensors of one replica.

    Raises:
        ValueError: for a batch of fewer rows than there are replicas.
    """
    if number_of_replicas() > 1 and keras.tree.flatten(part)[0].shape[0] == 0:
        raise ValueError(
            f"Expected batches of at least {number_of_replicas()} rows, one for each replica; "
            "received one of less. Drop the last batch, or choose another batch size."
        )


def check_whole_batch(model):
    """Refuses what would compute of each replica's part by itself.

    Args:
        model: keras.Model, compiled.

    Raises:
        ValueError: for an optimizer of Keras' that clips gradients or accumulates them, for
            batch normalisation that is not frozen, and for several steps an execution.
    """
    if model.steps_per_execution > 1:  # TensorFlow's loop fails on the replicas' sums
        raise ValueError(
            "Expected steps_per_execution of 1 under a strategy of several replicas; received "
            f"{model.steps_per_execution}. Leave it out, or train on one device."
        )
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    for name in ("clipnorm", "global_clipnorm", "clipvalue", "gradient_accumulation_steps"):
        value = getattr(optimizer, name, None)
        clips = name == "global_clipnorm" and getattr(optimizer, "clips_whole_batch", False)
        if value and not clips:
            raise ValueError(
                f"Expected an optimizer without {name} under a strategy of several replicas, each "
                f"of which would do it by itself; received {name}={value}. Leave it out, clip by "
                "the global_clipnorm of kerasseq.training.Adam, or train on one device."
            )
    for layer in model._flatten_layers():
        # Keras' `synchronized` fails where a replica gets no rows.
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable:
            raise ValueError(
                "Expected no batch normalisation to train under a strategy of several replicas, "
                f"each of which would normalise its own part; received {layer.path}. Freeze the "
                "layers that it is in, or train on one device."
            )
