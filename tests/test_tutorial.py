"""The tutorial is tested: its cells run one after the other, print what the page says, and draw what it shows.

``python tests/test_tutorial.py`` writes the outputs and the pictures of the page again; look at what has changed.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
LARGEST = 80 * 1024  # bytes of a picture, as it is kept: in as many colours as fit
FAR = 3.0  # of 255: to keep fewer colours makes 1, a pixel aside 2, another network 4 and more


@dataclass
class Cell:
    """A block of the page that is run; what it is to print, which stands below it, and from where to where."""

    language: str
    text: str
    wanted: str = ""
    span: tuple[int, int] = (0, 0)
    printed: str = ""


def cells(page):
    """The cells of the page in order. A console block is one, with what it prints in itself."""
    found = []
    for block in BLOCK.finditer(page):
        language, text = block.groups()
        if language == "text":
            assert found[-1].wanted == "", "an output that stands below no cell of its own"
            found[-1].wanted, found[-1].span = text, block.span(2)
        else:
            assert language in ("python", "console")
            found.append(Cell(language, text, "", (block.end(), block.end())))
            if language == "console":
                found[-1].wanted, found[-1].span = text, block.span(2)
    return found


def run(found, folder):
    """Run Python cells in one namespace, and commands in the folder in which they draw."""
    namespace = {"__name__": "__main__"}
    with contextlib.chdir(folder), np.printoptions():
        for cell in found:
            if cell.language == "console":
                cell.printed = "".join(
                    f"{line}\n{command(line)}" for line in cell.text.splitlines() if line.startswith("$ ")
                )
                continue
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(cell.text, PAGE.name, "exec"), namespace)
            cell.printed = printed.getvalue()


def command(line):
    """What ``$ carrybit …`` prints."""
    _, program, *arguments = shlex.split(line)
    assert program == "carrybit"
    asked = [sys.executable, "-m", program, *arguments]
    done = subprocess.run(asked, env={**os.environ, "COLUMNS": "100"}, text=True, capture_output=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pictures(page):
    return re.findall(r"!\[[^\]]+\]\(tutorial/([\w-]+\.png)\)", page)


def far(one, other):
    """How far two pictures are apart, of 255: the mean over blocks of 8 x 8 pixels, which blur how letters are set."""
    from PIL import Image

    arrays = []
    for path in (one, other):
        with Image.open(path) as image:
            arrays.append(np.asarray(image.convert("RGB").reduce(8), float))
    assert arrays[0].shape == arrays[1].shape, f"{other.name} is of another size than the page shows"
    return np.abs(arrays[0] - arrays[1]).mean()


@pytest.fixture(scope="module")
def read():
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def lesson(read, tmp_path_factory):
    """The cells of the page after they were run, and the folder with what they drew."""
    folder = tmp_path_factory.mktemp("lesson")
    found = cells(read)
    run(found, folder)
    return found, folder


def test_every_cell_prints_what_the_page_says(lesson):
    for cell in lesson[0]:
        assert cell.printed.splitlines() == cell.wanted.splitlines(), cell.text


def test_every_picture_is_drawn_by_a_cell_and_is_as_the_page_shows_it(lesson, read):
    _, folder = lesson
    shown = pictures(read)
    assert sorted(shown) == sorted(path.name for path in folder.glob("*.png"))
    assert sorted(shown) == sorted(path.name for path in (DOCS / "tutorial").iterdir())
    for name in shown:
        assert far(DOCS / "tutorial" / name, folder / name) < FAR, f"{name}: python tests/test_tutorial.py"
        assert (DOCS / "tutorial" / name).stat().st_size < LARGEST


def test_a_picture_of_something_else_would_be_noticed(lesson, tmp_path):
    from carrybit import figures, load, watch
    from carrybit.figures import unrolled
    from carrybit.tasks.addition import addition

    other = watch(load(lesson[1] / "runs" / "adder"), addition(), "9 + 60")  # the same sum, after learning
    figure, ax = figures.blank(*unrolled.size(other))
    unrolled.draw_unrolled(other, ax)
    figures.save(figure, tmp_path / "other.png")
    assert far(DOCS / "tutorial" / "network.png", tmp_path / "other.png") > FAR


def test_every_number_that_the_prose_tells_is_printed_in_the_same_section(lesson, read):
    ran, checked = iter(lesson[0]), 0
    for section in re.split(r"^## ", read, flags=re.MULTILINE):
        printed = " ".join(next(ran).printed for _ in cells(section))
        prose = re.sub(r"`[^`]*`|\]\([^)]*\)", "", BLOCK.sub("", section))
        for number in re.findall(r"\b\d+\.\d+\b|\b\d+(?= %)", prose):
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", printed), f"{number} in {section[:30]}"
            checked += 1
    assert checked >= 4


def test_cells_are_short(read):
    found = cells(read)
    assert len(found) > 20
    assert max(len(cell.text.splitlines()) for cell in found if cell.language == "python") <= 12


def keep(drawn, kept):
    """Keep a picture in as many colours as fit into a small file."""
    from PIL import Image

    with Image.open(drawn) as image:
        for colours in (256, 128, 64, 48, 32, 24):
            few = image.convert("RGB").quantize(colours, kmeans=2, dither=Image.Dither.NONE)
            few.save(kept, optimize=True)
            if kept.stat().st_size < LARGEST:
                return print(f"{kept.name}: {colours} colours, {kept.stat().st_size:,} bytes")
    raise SystemExit(f"{kept.name} is too large: draw it smaller")


def renew():
    """Write the outputs and the pictures of the page again."""
    page = PAGE.read_text(encoding="utf-8")
    found = cells(page)
    with tempfile.TemporaryDirectory() as folder:
        run(found, folder)
        (DOCS / "tutorial").mkdir(exist_ok=True)
        for path in sorted(Path(folder).glob("*.png")):
            keep(path, DOCS / "tutorial" / path.name)
    for cell in reversed(found):
        begin, end = cell.span
        is_new = cell.printed and begin == end and not page.startswith("```", begin)
        page = page[:begin] + (f"\n```text\n{cell.printed}```" if is_new else cell.printed) + page[end:]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    renew()
