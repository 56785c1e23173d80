"""What a captioner looked at, on a picture that it never saw.

KERASSEQ_DATA=folder python examples/caption_pictures.py out/
KERASSEQ_DATA=folder python docs/draw/captioner.py out/captioner
"""

import pathlib
import sys

import kerasseq as ks

IMAGES = pathlib.Path(__file__).parents[1] / "images"
ELF = "1F9DD-1F3FE-200D-2640-FE0F"  # "woman elf: medium-dark skin tone"


def main(folder):
    """Writes the picture and prints its path."""
    (picture,) = (path for path, _ in ks.data.emoji().validation if pathlib.Path(path).stem == ELF)
    path = IMAGES / "attention_picture.png"
    ks.Captioner.load(folder).plot_attention(picture, path)
    print(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
