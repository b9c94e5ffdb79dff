"""Take the pictures of the page, in the light and in the dark: ``python docs/watch/shoot.py RUN`` beside this file.

RUN is a folder in which an adder was trained: ``carrybit train --until exact --optimizer adam``. It needs Chromium and
the packages playwright and pillow, which carrybit itself never asks for.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from carrybit.attribution import attribute
from carrybit.runs import load_run
from carrybit.view.html import save_page
from carrybit.watching import watch

HERE = Path(__file__).parent
SIZE = {"width": 1200, "height": 900}
KEYS = {"light": ["2", "ArrowLeft", "ArrowLeft"], "dark": ["ArrowRight"] * 4}  # provenance; the way back


def shoot(run, question="9 + 60"):
    """Write page-light.png and page-dark.png beside this file."""
    loaded = load_run(run)
    trace = watch(loaded.network, loaded.config.task, question)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        save_page(trace, attribute(trace), Path(folder) / "page.html")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme, keys in KEYS.items():
            page = browser.new_page(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
            page.goto((Path(folder) / "page.html").as_uri())
            page.locator(".strip[data-frames]").wait_for()
            for key in keys:
                page.keyboard.press(key)
            page.wait_for_timeout(300)
            path = HERE / f"page-{scheme}.png"
            page.screenshot(path=path)
            Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
        browser.close()


if __name__ == "__main__":
    shoot(*sys.argv[1:])
