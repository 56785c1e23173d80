"""The attention map of the page on captions, as the page's own code draws it.

python docs/draw/captions.py
"""

import contextlib
import pathlib
import re
import shutil
import tempfile

DOCS = pathlib.Path(__file__).resolve().parents[1]


def main():
    """Runs the page's code in a folder of its own, and keeps the map that it draws."""
    page = (DOCS / "story" / "captions.md").read_text(encoding="utf-8")
    path = DOCS / "images" / "attention_caption.png"
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        exec("\n".join(re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)), {})
        shutil.copy("map.png", path)
    print(path)


if __name__ == "__main__":
    main()
