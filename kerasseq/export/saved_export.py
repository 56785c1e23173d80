"""Writing a SavedModel, and calling one from Python."""

import tensorflow as tf

from kerasseq.export.tracing import traced


def write_saved_model(path, model, tokenizers, signatures):
    """Writes functions, with the weights and the tables they read.

    Args:
        path: path of a folder that does not exist yet.
        model: keras.Model.
        tokenizers: list of Tokenizer.
        signatures: dict from names to pairs, a function and the list of tf.TensorSpec it takes.
    """
    # Traced here, once: `keras.export.ExportArchive` traces for the weights and again to save.
    signatures = {
        name: traced(model, function, *specs) for name, (function, specs) in signatures.items()
    }
    module = tf.Module()
    # TF Serving does not find the weights of a module that holds the Keras model itself.
    read = [variable for each in signatures.values() for variable in each.variables]
    module.weights = list({id(variable): variable for variable in read}.values())
    module.tokenizers = [tokenizer.graph for tokenizer in tokenizers]
    tf.saved_model.save(module, str(path), signatures=signatures)


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
