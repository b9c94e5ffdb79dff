"""Take the pictures of the page and of the walk: ``python docs/watch/shoot.py RUN`` puts them beside this file.

RUN is a folder in which an adder was trained: ``carrybit train --until exact``. It needs Chromium and the packages
playwright and pillow, which carrybit itself never asks for.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from carrybit.attribution import attribute
from carrybit.runs import load_run
from carrybit.view.html import save_page
from carrybit.walk.screen import Walk
from carrybit.watching import watch

HERE = Path(__file__).parent
SIZE = {"width": 1200, "height": 900}
WALK = ["b", *["right"] * 11, "c"]  # the gradient of step 3, checked
TERMINAL = (100, 32)  # columns and lines
KEYS = {"light": ["2", "ArrowLeft", "ArrowLeft"], "dark": ["ArrowRight"] * 4}  # provenance; the way back


def shoot(run, question="9 + 60"):
    """Write page-light.png, page-dark.png and walk.png beside this file."""
    loaded = load_run(run)
    trace = watch(loaded.network, loaded.config.task, question)
    drawn = asyncio.run(walk(trace, loaded.config.learning_rate))
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
            keep(page, f"page-{scheme}.png")
        page = browser.new_page(viewport={"width": 1240, "height": 835})
        page.set_content(f'<body style="margin: 0">{drawn.replace("<svg", "<svg width=1240", 1)}</body>')
        keep(page, "walk.png")
        browser.close()


def keep(page, name):
    """Keep what a page shows, in as few colours as do."""
    page.screenshot(path=HERE / name)
    Image.open(HERE / name).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(HERE / name, optimize=True)


async def walk(trace, learning_rate):
    """Return what the terminal shows, as SVG."""
    app = Walk(trace, learning_rate)
    async with app.run_test(size=TERMINAL) as pilot:
        for key in WALK:
            await pilot.press(key)
        await pilot.pause(0.5)
        return app.export_screenshot(title="carrybit watch")


if __name__ == "__main__":
    shoot(*sys.argv[1:])
