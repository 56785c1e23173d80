"""A process that answers from SavedModels as TF Serving does, and knows TensorFlow alone.

It reads requests from standard input, pickled: a SavedModel's path, inputs by name, and an
output's name. It writes to standard output, pickled, whether it has an answer, and the answer or
what went wrong.
"""

import ctypes
import pathlib
import pickle
import sys
import traceback

import tensorflow as tf
import tensorflow_text  # noqa: F401, its operations are TF Serving's too


def answer(path, inputs, output):
    """Loads a model as TF Serving does, with the loader of sessions, and asks it."""
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], path)
        signature = meta.signature_def["serving_default"]
        feed = {signature.inputs[name].name: value for name, value in inputs.items()}
        found = session.run(signature.outputs[output].name, feed)
    assert not any(name.startswith("kerasseq") for name in sys.modules)
    return found


def main():
    """Answers until no more requests come."""
    # TF Serving's way on a CPU: with XLA off.
    library = ctypes.CDLL(str(next(pathlib.Path(tf.__file__).parent.glob("libtensorflow_cc.so*"))))
    library._ZN10tensorflow21DisableXlaCompilationEv()
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            reply = True, answer(*request)
        except Exception:
            reply = False, traceback.format_exc()
        pickle.dump(reply, sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
