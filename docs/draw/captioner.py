"""What a captioner looked at, on an image that it never saw.

KERASSEQ_DATA=folder python examples/caption_images.py out/
KERASSEQ_DATA=folder python docs/draw/captioner.py out/captioner
"""

import pathlib
import sys

import kerasseq as ks

IMAGES = pathlib.Path(__file__).parents[1] / "images"
ELF = "1F9DD-1F3FE-200D-2640-FE0F"  # "woman elf: medium-dark skin tone"


def main(folder):
    """Writes the image and prints its path."""
    (image,) = (path for path, _ in ks.data.emoji().validation if pathlib.Path(path).stem == ELF)
    path = IMAGES / "attention_image.png"
    ks.Captioner.load(folder).plot_attention(image, path)
    print(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
