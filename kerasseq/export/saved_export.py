"""Writing a SavedModel, and calling one from Python."""

import keras
import tensorflow as tf


def new_archive(model, tokenizers):
    """An archive that saves a model's functions, and the graphs of its tokenizers."""
    use_portable_kernels(model)
    archive = keras.export.ExportArchive()
    # The weights are found through the functions; tracking the model would store them twice.
    for tokenizer in {id(each): each for each in tokenizers}.values():
        archive.track(tokenizer.graph)
    return archive


def use_portable_kernels(model):
    """Turns the cuDNN kernels off: they exist only where a GPU is."""
    for layer in model._flatten_layers():
        if hasattr(layer, "use_cudnn"):
            layer.use_cudnn = False


class SavedExport:
    """An exported SavedModel, called from Python.

    A subclass names the `input` and the `output` of `serving_default`, or says itself how to
    `run` it and what it `answers`.

    Args:
        path: path of the folder.

    Call arguments:
        inputs: list of what the signature takes a batch of.

    Returns:
        list of str and list of float scores.
    """

    def __init__(self, path):
        import tensorflow_text  # noqa: F401  registers the SentencePiece operations

        self.loaded = tf.saved_model.load(str(path))
        self.signatures = self.loaded.signatures

    def __call__(self, inputs, batch_size=64):
        texts, scores = [], []
        for start in range(0, len(inputs), batch_size):
            found = self.run(inputs[start : start + batch_size])
            answers = self.answers({name: value.numpy() for name, value in found.items()})
            for text, score in answers:
                texts.append(text)
                scores.append(float(score))
        return texts, scores

    def run(self, inputs):
        """A list of inputs to the signature's dict of tensors."""
        return self.signatures["serving_default"](**{self.input: tf.constant(inputs)})

    def answers(self, found):
        """A batch of the signature's arrays to pairs of text and score."""
        texts = (text.decode("utf-8") for text in found[self.output])
        return zip(texts, found["score"], strict=True)
