"""What TensorFlow has as one operation, where Keras composes many."""

from kerasseq.lazily import keras


def dense(gradient):
    """A gradient as one tensor. TensorFlow gives an embedding's as rows, one an occurrence, and
    `ops.convert_to_tensor` leaves them so."""
    if keras.backend.backend() != "tensorflow":
        return gradient
    import tensorflow as tf

    return tf.convert_to_tensor(gradient)


def apply_adam(variable, first, second, gradient, step, rate, betas, epsilon):
    """Adam's step in place, TensorFlow's `ResourceApplyAdam`.

    Args:
        variable: tf.Variable.
        first, second: keras.Variable like it, the moments.
        gradient: tensor like it, `dense`.
        step: int scalar tensor, from 1 on.
        rate: float or scalar tensor.
        betas: pair of float.
        epsilon: float.
    """
    import tensorflow as tf

    dtype = variable.dtype
    beta_1, beta_2 = (tf.cast(each, dtype) for each in betas)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=first.value.handle,
        v=second.value.handle,
        beta1_power=tf.pow(beta_1, tf.cast(step, dtype)),
        beta2_power=tf.pow(beta_2, tf.cast(step, dtype)),
        lr=tf.cast(rate, dtype),
        beta1=beta_1,
        beta2=beta_2,
        epsilon=tf.cast(epsilon, dtype),
        grad=tf.cast(gradient, dtype),
    )
