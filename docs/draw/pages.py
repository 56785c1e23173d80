"""Screenshots of the pages that kerasseq writes and serves, a film, runs compared.

python docs/draw/pages.py

Needs a Chromium: the system's, or what `playwright install chromium` fetches.
"""

import contextlib
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import PIL.Image
import PIL.ImageSequence
from playwright.sync_api import sync_playwright
from rich.console import Console

import kerasseq as ks
from kerasseq.plots import plot_quality_by_length, step_movie, step_player
from kerasseq.plots.step_frames import StepFrames
from kerasseq.recipes import load_recipe, train
from kerasseq.recipes.evaluate_run import evaluate_run
from kerasseq.reports import compare, comparison_page, report
from kerasseq.tasks import trace

ROOT = pathlib.Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
PORT = 8599
SENTENCE = "zwei kinder spielen im schnee ."


def shoot(page, name):
    """Takes a screenshot."""
    with PIL.Image.open(io.BytesIO(page.screenshot())) as image:
        store(image, name)


def store(image, name):
    """Writes an image with few colours."""
    path = IMAGES / f"{name}.png"
    few = image.convert("RGB").quantize(128, dither=PIL.Image.Dither.NONE)
    few.save(path, optimize=True)
    print(path)


def shoot_player(page, folder):
    """The player and the film in the middle of a translation."""
    translator = ks.Translator.load(ROOT / "saved_models" / "numbers_en_de")
    found = trace(translator, "fifty one thousand two")
    store(PIL.Image.fromarray(StepFrames(found).draw(9)).resize((800, 450)), "step_movie")
    step_player(found, folder / "player.html")
    page.set_viewport_size({"width": 900, "height": 520})
    page.goto((folder / "player.html").as_uri())
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(600)
    shoot(page, "step_player")


def film(folder):
    """One translation as the README shows it: a small film of few colours."""
    translator = ks.Translator.load("multi30k_de_en")
    step_movie(trace(translator, SENTENCE), folder / "film.gif")
    with PIL.Image.open(folder / "film.gif") as film:
        frames, durations = [], []
        for frame in PIL.ImageSequence.Iterator(film):
            durations.append(frame.info["duration"])
            frames.append(frame.convert("RGB").resize((960, 540), PIL.Image.Resampling.LANCZOS))
    few = frames[-1].quantize(32)
    first, *rest = (each.quantize(palette=few, dither=PIL.Image.Dither.NONE) for each in frames)
    path = IMAGES / "translation.gif"
    first.save(path, save_all=True, append_images=rest, duration=durations, loop=0, optimize=True)
    print(path)


def shoot_runs(page, folder):
    """Two small runs side by side, and the report of one."""
    runs = []
    for name in ("vector", "attention"):
        run = folder / name
        recipe = load_recipe(ROOT / "docs" / "draw" / f"{name}.toml")
        translator = train(recipe, run, console=Console(stderr=True))
        for part, scores in evaluate_run(translator, recipe, run):
            print(f"{name}, {part}: BLEU {scores['bleu']:.1f}")
        runs.append(run)
    found = compare(runs, width=2)
    plot_quality_by_length(found, IMAGES / "compare.png")
    page.set_viewport_size({"width": 900, "height": 1000})
    page.goto(report(runs[1]).resolve().as_uri())
    shoot(page, "report")
    page.goto(comparison_page(runs, found, folder / "comparison.html").as_uri())
    shoot(page, "comparison_page")


@contextlib.contextmanager
def served(model):
    """The address of `kerasseq serve --page` while it runs."""
    address = f"http://127.0.0.1:{PORT}"
    command = [sys.executable, "-m", "kerasseq", "serve", model, "--page", "--port", str(PORT)]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(address):
                break
            time.sleep(1)
        yield address
    finally:
        server.terminate()
        server.wait()


def shoot_page(page):
    """The page after a sentence was typed, one word pointed at."""
    page.set_viewport_size({"width": 820, "height": 660})
    with served("saved_models/multi30k_de_en") as address:
        page.goto(address)
        page.wait_for_timeout(500)
        page.fill("#source", SENTENCE)
        page.wait_for_selector("#others:not([hidden])", timeout=60_000)
        page.hover("#words .token >> nth=1")
        page.wait_for_timeout(300)
        shoot(page, "serve_page")


def main():
    """Writes the images and prints their paths."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page()
        film(pathlib.Path(folder))
        shoot_player(page, pathlib.Path(folder))
        shoot_page(page)
        shoot_runs(page, pathlib.Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
