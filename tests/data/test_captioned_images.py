"""Images on disk to batches."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from kerasseq.data import CaptionedImages, emoji, load_image
from kerasseq.data.emoji import base_emoji
from kerasseq.text import WordTokenizer

SIZE = (16, 12)
MODES = ("RGB", "RGBA", "L", "LA", "P")


def encoded_image(mode="RGB", size=(40, 30), kind="PNG", shade=0):
    """The bytes of an image: a dark square on a light ground, transparent at its left edge."""
    canvas = np.full((*size[::-1], 4), 230, "uint8")
    canvas[8:22, 12:28, :3] = shade
    canvas[:, :, 3] = 255
    canvas[:, :6, 3] = 0
    content = io.BytesIO()
    Image.fromarray(canvas).convert(mode).save(content, kind)
    return content.getvalue()


@pytest.fixture
def folder(tmp_path):
    rows = ["image\tcaption"]
    for number in range(40):
        (tmp_path / f"{number}.png").write_bytes(encoded_image(shade=number))
        rows.append(f"{number}.png\tshade" + " very" * (number % 5) + " dark")
    (tmp_path / "captions.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("mode", MODES)
def test_every_kind_of_png_is_laid_on_white(mode):
    image = load_image(encoded_image(mode), (30, 40))
    assert image.shape == (30, 40, 3) and image.dtype == np.uint8
    assert np.all(image[15, 20] < 5) and np.all(image[3, 20] == 230)
    if "A" in mode:
        assert np.all(image[:, :6] == 255)


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "BMP"])
def test_other_formats(kind):
    image = load_image(encoded_image("RGB", kind=kind), (30, 40))
    assert np.all(image[15, 20] < 20) and np.all(np.abs(image[3, 20].astype(int) - 230) < 20)


def test_images_are_scaled_to_fit_on_white():
    image = load_image(encoded_image("RGB", (40, 10)), (20, 20))
    assert np.all(image[:7] == 255) and np.all(image[13:] == 255)
    assert image[10, 10].max() < 240


def test_batches_hold_images_and_shifted_captions(folder):
    corpus = CaptionedImages.from_tsv(folder / "captions.tsv", folder)
    tokenizer = WordTokenizer.train(corpus.captions())
    batches = corpus.batches(tokenizer, 8, SIZE, shuffle=True)
    seen, shapes = [], set()
    for inputs, following, weights in batches:
        target = inputs["target"].numpy()
        assert inputs["source"].dtype == "uint8" and inputs["source"].shape[1:] == (*SIZE, 3)
        np.testing.assert_array_equal(target[:, 1:] * (following[:, 1:] != 0), following[:, :-1]
                                      * (following[:, 1:] != 0))  # fmt: skip
        np.testing.assert_array_equal(weights.numpy(), following.numpy() != 0)
        assert np.all(target[:, 0] == 2) and np.all((following.numpy() == 3).sum(1) == 1)
        seen += [tokenizer.decode(row) for row in following.numpy()]
        shapes.add(target.shape[1])
    assert sorted(seen) == sorted(corpus.captions()) and len(shapes) <= 8
    assert len(batches) == len(list(batches))


def test_a_caption_may_be_long_and_a_file_begin_with_a_mark(folder):
    caption = "word " * 100_000 + "end"
    text = f"\ufeffimage\tcaption\n\n0.png\t{caption}\n"
    (folder / "long.tsv").write_text(text, encoding="utf-8")
    assert list(CaptionedImages.from_tsv(folder / "long.tsv", folder).captions()) == [caption]
    (folder / "short.tsv").write_text("image\tcaption\n0.png\n", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"2 columns, as in the first row, in row 2 of .*received 1"
    ):
        CaptionedImages.from_tsv(folder / "short.tsv", folder)


def test_the_order_and_the_views_change_with_every_epoch(folder):
    corpus = CaptionedImages.from_tsv(folder / "captions.tsv", folder)
    tokenizer = WordTokenizer.train(corpus.captions())

    def epochs(**options):
        batches = corpus.batches(tokenizer, 40, SIZE, **options)
        return [
            np.concatenate([inputs["source"].numpy() for inputs, _, _ in batches]) for _ in range(2)
        ]

    same = epochs()
    np.testing.assert_array_equal(*same)
    assert not np.array_equal(*epochs(shuffle=True, seed=1))
    assert not np.array_equal(*epochs(augment=True, seed=1))
    again = [epochs(shuffle=True, augment=True, seed=1)[0] for _ in range(2)]
    np.testing.assert_array_equal(*again)


def test_a_split_keeps_groups_together(folder):
    corpus = CaptionedImages.from_tsv(folder / "captions.tsv", folder)
    parts = corpus.split((0.25, 0.25), lambda path: int(path.split("/")[-1][:-4]) // 4)
    groups = [{int(path.split("/")[-1][:-4]) // 4 for path in part.paths} for part in parts]
    assert sum(map(len, parts)) == 40 and sum(map(len, groups)) == 10
    assert len(parts[0]) > len(parts[1]) > 0 < len(parts[2])


def test_a_split_is_the_same_wherever_the_folder_is(folder, tmp_path):
    corpus = CaptionedImages.from_tsv(folder / "captions.tsv", folder)
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in corpus.paths:
        (moved / path.split("/")[-1]).write_bytes(b"")
    again = CaptionedImages.from_tsv(folder / "captions.tsv", moved)
    for part, other in zip(corpus.split([0.4]), again.split([0.4]), strict=True):
        assert list(part.captions()) == list(other.captions())
        assert [path.split("/")[-1] for path in part.paths] == [
            path.split("/")[-1] for path in other.paths
        ]


def test_variants_of_an_emoji_have_one_base():
    variants = (
        "1F3C4.png", "1F3C4-1F3FD-200D-2642-FE0F.png", "1F3C4-1F3FF.png",
        "1F3C4-200D-2640-FE0F.png",
    )  # fmt: skip
    assert {base_emoji(name) for name in variants} == {"1F3C4"}
    assert base_emoji("1F468-1F3FF-200D-1F680.png") == base_emoji("1F9D1-200D-1F680.png")
    assert base_emoji("1F1F9-1F1F0.png") != base_emoji("1F1EC-1F1EB.png")
    assert base_emoji("1F3FB.png") == "1F3FB"


def test_emoji_are_read_from_the_data_folder(data_folder, tmp_path, monkeypatch):
    if data_folder is None:  # the same files, made here
        data_folder = tmp_path / "data"
        (data_folder / "emoji").mkdir(parents=True)
        names = [f"1F{number:X}.png" for number in range(0x300, 0x400)]
        with zipfile.ZipFile(data_folder / "emoji" / "images.zip", "w") as archive:
            for name in names:
                archive.writestr(name, encoded_image("RGBA"))
        rows = ["image\ten\tde\tfr", *(f"{name}\tone\teins\tun" for name in names)]
        (data_folder / "emoji" / "captions.tsv").write_text("\n".join(rows), encoding="utf-8")
    monkeypatch.setenv("KERASSEQ_DATA", str(data_folder))
    monkeypatch.setenv("KERASSEQ_CACHE", str(tmp_path / "cache"))
    found = emoji("de")
    parts = found.train, found.validation, found.test
    assert 0.85 < len(found.train) / sum(map(len, parts)) < 0.95
    bases = [set(map(base_emoji, part.paths)) for part in parts]
    assert not bases[0] & (bases[1] | bases[2]) and not bases[1] & bases[2]
    assert load_image(found.test.paths[0], (64, 64)).shape == (64, 64, 3)
    with pytest.raises(ValueError, match="received 'sv'"):
        emoji("sv")
    monkeypatch.setenv("KERASSEQ_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"Expected .*images\.zip"):
        emoji()


def test_bad_input_gets_one_sentence(folder, tmp_path):
    (tmp_path / "text.png").write_text("no image", encoding="utf-8")
    with pytest.raises(ValueError, match=r"received .*text\.png"):
        load_image(tmp_path / "text.png", SIZE)
    with pytest.raises(ValueError, match="received 0 bytes"):
        load_image(b"", SIZE)
    with pytest.raises(FileNotFoundError, match=r"Expected .*missing\.png"):
        load_image(tmp_path / "missing.png", SIZE)
    with pytest.raises(ValueError, match=r"uint8.*\(16, 12, 3\).*\(4, 4, 3\)"):
        load_image(np.zeros((4, 4, 3), "uint8"), SIZE)
    with pytest.raises(ValueError, match="received 1 images and 0"):
        CaptionedImages([folder / "0.png"], [])
    with pytest.raises(FileNotFoundError, match=r"Expected .*gone\.png"):
        CaptionedImages([folder / "gone.png"], ["a"])
    with pytest.raises(ValueError, match="'title'"):
        CaptionedImages.from_tsv(folder / "captions.tsv", folder, caption_column="title")
