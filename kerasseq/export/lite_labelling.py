"""What the runtimes of classifiers, taggers and span finders have in common."""

import numpy as np

from kerasseq.export.lite_file import interpreter, read_lite_file


class LiteLabelling:
    """Drives a `.tflite` file through `ai-edge-litert`; imports no TensorFlow, no Keras.

    A subclass sets `task`, the name of the task that the file was exported from.

    Args:
        path: path of the file.
        num_threads: int.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a file without this package's metadata, or of another task.
        ImportError: without `ai-edge-litert`.
    """

    def __init__(self, path, num_threads=1):
        self.metadata, (self.tokenizer,) = read_lite_file(path, ["tokenizer"])
        found = self.metadata.get("task", self.task)  # older files do not say
        if found != self.task:
            raise ValueError(
                f"Expected the .tflite file of a {self.task}; received {path}, of a {found}. "
                "Open it with the class of its task."
            )
        self.interpreter = interpreter(path, num_threads)
        self.read = self.interpreter.get_signature_runner("read")

    def outputs_of_ids(self, ids):
        """What the program answers to a list of ids."""
        filler = [0] * (self.metadata["max_length"] - len(ids))
        return self.read(tokens=np.array([ids + filler], "int32"))["outputs"][0]
