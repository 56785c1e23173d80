"""The captioner: a model that sees, a tokenizer and a search."""

import itertools
import json
import pathlib

import numpy as np

from kerasseq import decoding
from kerasseq.compiled import compiled
from kerasseq.data.images import load_image
from kerasseq.decoding.search import check_attends
from kerasseq.tasks.caption import Caption
from kerasseq.tasks.saved_task import load_task, save_task
from kerasseq.text.vocabulary import END_ID, START_ID


class Captioner:
    """Says what pictures show, with a trained model.

    Args:
        model: ImageCaptioner.
        tokenizer: Tokenizer of the captions.
        search: Search, or its name.
        max_length: int, the most tokens of a caption.

    Call arguments:
        images: a picture (path, bytes of a picture file, or uint8 array `(H, W, 3)`), or a
            list of pictures.

    Returns:
        a str for one picture, a list of str for a list.
    """

    def __init__(self, model, tokenizer, search="beam", max_length=40):
        self.model = model
        self.tokenizer = tokenizer
        self.search = decoding.get(search)
        self.max_length = max_length
        self._compiled = {}

    def __call__(self, images):
        if isinstance(images, list | tuple):
            return [hypotheses[0].text for hypotheses in self.caption(images)]
        return next(self.caption([images]))[0].text

    def caption(self, images, search=None, batch_size=32):
        """Captions pictures and yields all that the search returns, in order.

        Args:
            images: iterable of pictures, as above.
            search: Search or name; the captioner's own by default.
            batch_size: int, pictures decoded at once.

        Yields:
            list of Caption for each picture, best first.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a file or bytes that are no picture, or an array of another shape.
        """
        search = self.search if search is None else decoding.get(search)
        check_attends(self.model.attends or not search.return_attention)
        function = self._function(search)
        pictures = (load_image(image, self.model.config["image_size"]) for image in images)
        while batch := list(itertools.islice(pictures, batch_size)):
            decoded = function(np.stack(batch)).to_numpy()
            for row in range(len(batch)):
                yield self._captions(decoded, row)

    def attention(self, image):
        """Captions one picture and returns its best Caption with attention.

        Raises:
            ValueError: when the model does not attend.
        """
        return next(self.caption([image], self.search.changed(return_attention=True)))[0]

    def decode_images(self, images, search=None):
        """Decodes pictures `(B, H, W, 3)`, values 0 to 255; returns Decoded."""
        search = search or self.search
        memory = self.model.encode(images)
        state = self.model.initial_state(memory, self.max_length)
        return search(self.model.decode_step, memory, state, START_ID, END_ID, self.max_length)

    def _function(self, search):
        key = json.dumps(decoding.serialize(search))
        if key not in self._compiled:
            self._compiled[key] = compiled(
                lambda images: self.decode_images(images, search), self.model
            )
        return self._compiled[key]

    def _captions(self, decoded, row):
        captions = []
        for n, score in enumerate(decoded.scores[row]):
            length = decoded.lengths[row, n]
            ids = [int(i) for i in decoded.tokens[row, n, :length]]
            attention = decoded.attention
            if attention is not None:
                attention = attention[row, n, :length].reshape(length, *self.model.grid[:2])
            tokens = [self.tokenizer.vocabulary[i] for i in ids]
            captions.append(Caption(self.tokenizer.decode(ids), float(score), tokens, attention))
        return captions

    def save(self, folder, dtype="float32"):
        """Writes `captioner.json`, `tokenizer/` and `model.safetensors`.

        Args:
            folder: path.
            dtype: "float32", or "float16" for half the size.
        """
        options = {
            "search": decoding.serialize(self.search),
            "max_length": self.max_length,
        }
        save_task(folder, "captioner", self.model, {"tokenizer": self.tokenizer}, options, dtype)

    @classmethod
    def load(cls, folder):
        """Loads what `save` wrote. No code from the folder is run.

        Raises:
            FileNotFoundError: when a file is missing.
            ValueError: when a file is damaged or no captioner of this package.
        """
        model, (tokenizer,), options = load_task(
            folder,
            "captioner",
            ["tokenizer"],
            lambda found: (decoding.get(found["search"]), int(found["max_length"])),
        )
        return cls(model, tokenizer, *options)

    def export(self, path, images, quantize=None):
        """Writes a SavedModel, or a `.tflite` file; see `kerasseq.export.export`.

        Args:
            path: path of a new folder, or of a `.tflite` file.
            images: list of paths, or of bytes of picture files, held out to check it with.
            quantize: for `.tflite`: None, "float16" or "int8".
        """
        from kerasseq.export.export import export

        held_out = [
            image if isinstance(image, bytes) else pathlib.Path(image).read_bytes()
            for image in images
        ]
        if pathlib.Path(path).suffix == ".tflite":
            size = self.model.config["image_size"]
            held_out = [load_image(content, size) for content in held_out]
        return export(self, path, held_out, quantize)

    def plot_attention(self, image, path=None):
        """Draws where each word looked; see `kerasseq.plots.attention_over_image`."""
        from kerasseq.plots import attention_over_image

        found = self.attention(image)
        picture = load_image(image, self.model.config["image_size"])
        return attention_over_image(picture, found.tokens, found.attention, path)
