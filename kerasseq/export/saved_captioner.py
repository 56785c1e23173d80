"""A captioner as a SavedModel: the bytes of a picture in, text out."""

import tensorflow as tf

from kerasseq.data.images import read_image
from kerasseq.export.saved_export import SavedExport, write_saved_model
from kerasseq.export.saved_model import all_best


def export_saved_captioner(captioner, path):
    """Writes a SavedModel that needs only tensorflow and tensorflow_text to run.

    Signatures, with a batch `B` of the bytes of PNG, JPEG, GIF or BMP files:

    - `serving_default`: `image` `(B,)` to `caption` `(B,)` and `score` `(B,)`;
    - `n_best`: `image` to `captions` and `scores` `(B, N)`, every hypothesis of the beam;
    - `attention`: `image` to `caption`, `tokens` `(B, T)` and `attention` `(B, T, h, w)` over
      the cells of the picture, of a model that attends.

    Args:
        captioner: Captioner.
        path: path of a folder that does not exist yet.
    """
    image_size = captioner.model.config["image_size"]
    words = tf.constant(captioner.tokenizer.vocabulary)
    spec = tf.TensorSpec((None,), tf.string, name="image")

    def decode(contents, search):
        images = tf.map_fn(
            lambda content: read_image(content, image_size),
            contents,
            fn_output_signature=tf.TensorSpec((*image_size, 3), tf.uint8),
        )
        decoded = captioner.decode_images(images, search)
        flat = tf.reshape(decoded.tokens, (-1, captioner.max_length))
        count = tf.shape(decoded.tokens)[1]
        return decoded, tf.reshape(captioner.tokenizer.detokenize(flat), (-1, count))

    def caption(contents):
        decoded, found = decode(contents, captioner.search)
        return {"caption": found[:, 0], "score": decoded.scores[:, 0]}

    def n_best(contents):
        decoded, found = decode(contents, all_best(captioner.search))
        return {"captions": found, "scores": decoded.scores}

    def attention(contents):
        decoded, found = decode(contents, captioner.search.changed(return_attention=True))
        longest = tf.reduce_max(decoded.lengths[:, 0])
        tokens = decoded.tokens[:, 0, :longest]
        weights = decoded.attention[:, 0, :longest]
        return {
            "caption": found[:, 0],
            "tokens": tf.where(tokens == 0, "", tf.gather(words, tokens)),
            "attention": tf.reshape(weights, (-1, longest, *captioner.model.grid[:2])),
        }

    signatures = {"serving_default": (caption, [spec]), "n_best": (n_best, [spec])}
    if captioner.model.attends:
        signatures["attention"] = attention, [spec]
    write_saved_model(path, captioner.model, [captioner.tokenizer], signatures)


class SavedCaptioner(SavedExport):
    """An exported captioner; called with a list of bytes, picture files. See `SavedExport`."""

    input, output = "image", "caption"
