"""Emoji: small real images with captions in three languages."""

from __future__ import annotations

import os
import pathlib
import shutil
import typing
import zipfile

from kerasseq.data.captioned_images import CaptionedImages
from kerasseq.data.dataset import Dataset

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath

LANGUAGES = ("en", "de", "fr")
# Parts of a file name that make a variant of an image, not another one.
SKIN_TONES = {"1F3FB", "1F3FC", "1F3FD", "1F3FE", "1F3FF"}
SIGNS = {"200D", "FE0F", "2640", "2642", "27A1"}  # joiner, style, woman, man, facing right
PEOPLE = {"1F468": "1F9D1", "1F469": "1F9D1"}  # man and woman to person


def emoji(language: str = "en") -> Dataset:
    """3,786 images of 64 × 64 pixels with short captions.

    Variants of one emoji (skin tone, gender, direction) are in one part.

    The folder `emoji` is looked for where `KERASSEQ_DATA` points: `images.zip` and
    `captions.tsv` with the columns image, en, de and fr. The images are unpacked once into
    the cache (`KERASSEQ_CACHE`, by default `~/.cache/kerasseq`).

    Args:
        language: "en", "de" or "fr".

    Returns:
        Dataset of CaptionedImages, about 90, 5 and 5 % of the images.

    Raises:
        ValueError: for another language.
        FileNotFoundError: without the folder.
    """
    if language not in LANGUAGES:
        raise ValueError(
            f"Expected a language of {', '.join(LANGUAGES)} for emoji; received {language!r}."
        )
    folder = pathlib.Path(os.environ.get("KERASSEQ_DATA", "")) / "emoji"
    if not (folder / "images.zip").is_file():
        raise FileNotFoundError(
            f"Expected images.zip and captions.tsv in {folder}; received no such files. Set "
            "KERASSEQ_DATA to the folder that holds emoji/."
        )
    images = _unpacked(folder / "images.zip")
    every = CaptionedImages.from_tsv(folder / "captions.tsv", images, caption_column=language)
    return Dataset(
        *every.split((0.05, 0.05), base_emoji),
        "images: Twemoji, CC BY 4.0; captions: emojibase, MIT",
    )


def base_emoji(path: AnyPath) -> str:
    """The emoji that an image is a variant of, as code points joined with "-"."""
    points = pathlib.Path(path).stem.split("-")
    kept = [PEOPLE.get(point, point) for point in points if point not in SKIN_TONES | SIGNS]
    return "-".join(kept or points)


def _unpacked(archive):
    """The folder of the archive's files, unpacked beside and renamed at first use."""
    cache = pathlib.Path(os.environ.get("KERASSEQ_CACHE", "~/.cache/kerasseq")).expanduser()
    folder = cache / "emoji" / f"{archive.stat().st_size}"
    if not folder.is_dir():
        beside = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        shutil.rmtree(beside, ignore_errors=True)
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(beside)
        try:
            os.replace(beside, folder)
        except OSError:  # another process was faster
            shutil.rmtree(beside)
    return folder
