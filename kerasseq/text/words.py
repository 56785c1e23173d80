"""A line cut into words at white space, the same in Python and in a graph."""

from kerasseq.text.normalize import normalize, normalize_graph


def split_words(text):
    """Normalises a line (str, or bytes in UTF-8) and cuts it at its spaces: a list of str."""
    return [word for word in normalize(text).split(" ") if word]


def split_words_graph(texts):
    """The same for TensorFlow strings `(B,)`: ragged strings `(B, None)`."""
    import tensorflow as tf

    return tf.strings.split(normalize_graph(texts))
