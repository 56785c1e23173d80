"""The captioner: from files to captions, saved, drawn and exported."""

import base64
import io
import json
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from fastapi.testclient import TestClient
from PIL import Image

from closeness import assert_close
from kerasseq import Captioner
from kerasseq.cli import COMMANDS
from kerasseq.data import CaptionedImages
from kerasseq.export import LiteCaptioner, SavedCaptioner
from kerasseq.models import ImageCaptioner
from kerasseq.serving import ServedModel, make_app
from kerasseq.text import WordTokenizer
from kerasseq.training import SequenceCrossentropy

SIZE = (24, 24)
COLOURS = {"red": (220, 30, 30), "green": (30, 170, 50), "blue": (40, 60, 220)}
PLACES = {"left": 1, "right": 13}


def encoded_image(colour, place, numbers):
    """The bytes of an image with one coloured square in the left or right half."""
    canvas = np.full((*SIZE, 3), 255, "uint8")
    top, left = numbers.integers(0, 14), PLACES[place] + numbers.integers(0, 2)
    canvas[top : top + 9, left : left + 9] = COLOURS[colour]
    content = io.BytesIO()
    Image.fromarray(canvas).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder, numbers = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    paths, captions = [], []
    for index in range(240):
        colour, place = list(COLOURS)[index % 3], list(PLACES)[index // 3 % 2]
        paths.append(folder / f"{index}.png")
        paths[-1].write_bytes(encoded_image(colour, place, numbers))
        captions.append(f"a {colour} square on the {place}")
    return CaptionedImages(paths[:200], captions[:200]), CaptionedImages(
        paths[200:], captions[200:]
    )


@pytest.fixture(scope="module", params=["bahdanau", None])
def captioner(request, images):
    keras.utils.set_random_seed(2)
    train, _ = images
    tokenizer = WordTokenizer.train(train.captions())
    model = ImageCaptioner(
        tokenizer.vocabulary_size, SIZE, filters=(12, 24), embedding_dim=16, hidden_dim=32,
        attention=request.param, dropout=0.0,
    )  # fmt: skip
    captioner = Captioner(model, tokenizer, "beam", max_length=10)
    settings = {"epochs": 16, "batch_size": 20, "learning_rate": 0.005, "label_smoothing": 0.0}
    history = captioner.fit(train, **settings, verbose=0)
    assert len(history.history["perplexity"]) == 16 and "val_bleu" not in history.history
    return captioner


def test_it_learns_what_it_sees(captioner, images):
    _, test = images
    found = captioner(test.paths)
    right = [a == b for a, b in zip(found, test.captions(), strict=True)]
    assert np.mean(right) > 0.9
    as_bytes = captioner([pathlib.Path(path).read_bytes() for path in test.paths[:5]])
    assert as_bytes == found[:5] and captioner(test.paths[0]) == found[0]


def test_a_captioner_learns_from_images_alone(captioner, images):
    train, held_out = captioner.hold_out(images[0], 0.2)
    assert len(train) + len(held_out) == 200 and 20 < len(held_out) < 60
    with pytest.raises(ValueError, match="batch_size, a number of images.*tokens_per_batch=9"):
        captioner.fit(train, tokens_per_batch=9)
    with pytest.raises(ValueError, match=r"Expected a kerasseq\.data\.CaptionedImages"):
        captioner.fit([("a.png", "a")])


def test_attention_is_a_grid_over_the_image(captioner, images, tmp_path):
    path = images[1].paths[0]
    if not captioner.model.attends:
        with pytest.raises(ValueError, match="return_attention.*received .*without attention"):
            captioner.attention(path)
        return
    found = captioner.attention(path)
    assert found.attention.shape == (len(found.tokens), 6, 6)
    assert_close(found.attention.sum((1, 2)), 1.0)
    captioner.plot_attention(path, tmp_path / "map.png")
    assert Image.open(tmp_path / "map.png").size[0] > 400
    captioner.save(tmp_path / "captioner")
    image = tmp_path / "again.png"
    COMMANDS["plot"]("attention", tmp_path / "captioner", image, str(path))
    both = (np.asarray(Image.open(path), int) for path in (image, tmp_path / "map.png"))
    assert np.abs(np.subtract(*both)).max() <= 2  # of 255, where a weight is rounded otherwise
    with pytest.raises(ValueError, match="Captioner.*received .*--heads"):
        COMMANDS["plot"]("attention", tmp_path / "captioner", image, str(path), heads=True)


def test_save_and_load(captioner, images, tmp_path):
    captioner.save(tmp_path / "captioner")
    again = Captioner.load(tmp_path / "captioner")
    assert again(images[1].paths) == captioner(images[1].paths)
    description = json.loads((tmp_path / "captioner" / "captioner.json").read_text())
    assert description["model"]["class_name"] == "ImageCaptioner"
    with pytest.raises(FileNotFoundError, match=r"Expected .*captioner\.json"):
        Captioner.load(tmp_path)
    (tmp_path / "captioner" / "captioner.json").write_text("{}")
    with pytest.raises(ValueError, match=r"captioner\.json"):
        Captioner.load(tmp_path / "captioner", verify=False)


def test_a_saved_model_reads_the_bytes_of_images(
    captioner, images, tmp_path, capsys, as_tf_serving
):
    report = captioner.export(tmp_path / "1", images[1].paths)
    assert report["identical"] == 1.0 and report["inputs"] == 40
    assert "identical to Python" in capsys.readouterr().out
    signatures = SavedCaptioner(tmp_path / "1").signatures
    contents = [pathlib.Path(path).read_bytes() for path in images[1].paths[:3]]
    if captioner.model.attends:
        served = as_tf_serving(tmp_path / "1", {"image": contents}, "caption")
        assert [text.decode() for text in served] == captioner(images[1].paths[:3])
    contents = tf.constant(contents)
    best = signatures["n_best"](image=contents)
    assert best["captions"].shape == best["scores"].shape == (3, captioner.search.beam_size)
    assert ("attention" in signatures) == captioner.model.attends
    if captioner.model.attends:
        mapped = signatures["attention"](image=contents)
        one = captioner.attention(images[1].paths[0])
        weights = mapped["attention"].numpy()[0, : len(one.tokens)]
        assert_close(weights, one.attention)


def test_it_is_served(captioner, images, tmp_path):
    captioner.export(tmp_path / "1", images[1].paths)
    model = ServedModel(tmp_path)
    model.warm_up()
    client = TestClient(make_app(model, "shapes"))

    def answer(content):
        instance = {"b64": base64.b64encode(content).decode()}
        return client.post("/v1/models/shapes:predict", json={"instances": [instance]})

    path = images[1].paths[0]
    found = answer(pathlib.Path(path).read_bytes()).json()["predictions"][0]
    assert found["caption"] == captioner(path)
    refused = answer(b"no image")
    assert refused.status_code == 400 and "can read" in refused.json()["error"]


@pytest.mark.parametrize("quantize", [None, "float16", "int8"])
def test_a_phone_answers_the_same(captioner, images, tmp_path, quantize):
    path = tmp_path / "captioner.tflite"
    report = captioner.export(path, images[1].paths, quantize=quantize)
    assert report["identical"] >= (1.0 if quantize is None else 0.9)
    lite = LiteCaptioner(path)
    operators = {detail["op_name"] for detail in lite.interpreter._get_ops_details()}
    assert not [name for name in operators if name.startswith("Flex") or name == "CUSTOM"]
    with pytest.raises(ValueError, match=r"uint8.*\(24, 24, 3\).*\(4, 4, 3\)"):
        lite([np.zeros((4, 4, 3), "uint8")])


def test_the_features_of_a_network_of_keras_applications_are_dropped_in_training():
    keras.utils.set_random_seed(3)
    model = ImageCaptioner(9, (32, 64), "VGG16", embedding_dim=4, hidden_dim=4, dropout=0.5)
    noise = np.random.default_rng(0).integers(0, 256, (1, 32, 64, 3)).astype("uint8")
    still, trained = (np.array(model.encode(noise, training=t)["values"]) for t in (False, True))
    gone = (trained == 0) & (still != 0)
    assert 0.2 < gone.sum() / (still != 0).sum() < 0.8
    assert_close(trained[~gone], 2 * still[~gone], terms=5000)  # products of 512 channels


def test_a_network_of_keras_applications_is_trained_saved_and_loaded(images, tmp_path):
    keras.utils.set_random_seed(3)
    train, test = images
    tokenizer = WordTokenizer.train(train.captions())
    model = ImageCaptioner(
        tokenizer.vocabulary_size, (64, 64), "MobileNetV2", embedding_dim=8, hidden_dim=16
    )
    model.compile(keras.optimizers.Adam(1e-3), SequenceCrossentropy())
    before = model.backbone.get_weights()
    batches = train.batches(tokenizer, 8, (64, 64))
    history = model.fit(batches.take(1), epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"][0])
    moved = zip(before, model.backbone.get_weights(), strict=True)
    assert any(not np.array_equal(a, b) for a, b in moved)
    captioner = Captioner(model, tokenizer, "greedy", max_length=6)
    captioner.save(tmp_path / "captioner")
    again = Captioner.load(tmp_path / "captioner")
    for a, b in zip(model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert again(test.paths[:3]) == captioner(test.paths[:3])
