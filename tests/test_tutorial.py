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
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
COLOURS = 32  # of a picture as it is kept: a third of the bytes
FAR = 1.5  # of 255: means of 4 x 4 pixels differ by less where only letters are drawn by another hand


@dataclass
class Cell:
    """A block of the page that is run, and where the block below it, that says what it prints, begins and ends."""

    language: str
    text: str
    wanted: str = ""
    span: tuple[int, int] | None = None
    printed: str = field(default="", compare=False)


def cells(page):
    """The cells of the page in order; a console block is one, with what it prints in itself."""
    found, last = [], None
    for block in BLOCK.finditer(page):
        language, text = block.groups()
        if language != "text":
            last = Cell(language, text)
            found.append(last)
            continue
        assert last is not None and last.span is None, "an output that stands below no cell"
        last.wanted, last.span = text, block.span(2)
    return found


def run(found, folder):
    """Run Python cells in one namespace, and commands in the folder where the pictures come to lie."""
    namespace = {"__name__": "__main__"}
    environment = {**os.environ, "COLUMNS": "100"}
    with contextlib.chdir(folder), np.printoptions():
        for cell in found:
            if cell.language == "python":
                printed = io.StringIO()
                with contextlib.redirect_stdout(printed):
                    exec(compile(cell.text, PAGE.name, "exec"), namespace)
                cell.printed = printed.getvalue()
                continue
            for line in cell.text.splitlines():
                said = line
                if line.startswith("$ carrybit "):
                    command = [sys.executable, "-m", "carrybit", *shlex.split(line)[2:]]
                    done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=100)
                    assert done.returncode == 0, done.stderr
                    cell.printed += f"{said}\n{done.stdout}"


def pictures(page):
    return re.findall(r"!\[[^\]]+\]\(tutorial/([\w-]+\.png)\)", page)


def far(one, other):
    """How far two pictures are apart, of 255: the mean over blocks of 4 x 4 pixels, which are the same for one hand."""
    from PIL import Image

    arrays = []
    for path in (one, other):
        with Image.open(path) as image:
            arrays.append(np.asarray(image.convert("RGB").reduce(4), float))
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
        wanted = cell.text if cell.language == "console" else cell.wanted
        assert cell.printed.splitlines() == wanted.splitlines(), cell.text


def test_every_picture_is_drawn_by_a_cell_and_is_as_the_page_shows_it(lesson, read):
    _, folder = lesson
    shown = pictures(read)
    assert sorted(shown) == sorted(path.name for path in folder.glob("*.png"))
    assert sorted(shown) == sorted(path.name for path in (DOCS / "tutorial").iterdir())
    for name in shown:
        assert far(DOCS / "tutorial" / name, folder / name) < FAR, f"{name}: python tests/test_tutorial.py"
        assert (DOCS / "tutorial" / name).stat().st_size < 80_000


def test_a_picture_of_another_network_would_be_noticed(lesson):
    from carrybit import figures, load, watch
    from carrybit.figures import layers, unrolled

    _, folder = lesson
    ...


def test_every_number_that_the_prose_tells_is_printed_by_a_cell(lesson, read):
    printed = " ".join(cell.printed for cell in lesson[0])
    prose = re.sub(r"`[^`]*`|\]\([^)]*\)", "", BLOCK.sub("", read))
    told = re.findall(r"\b\d+\.\d+\b|\b\d+(?= %)", prose)
    assert told
    assert [number for number in told if not re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", printed)] == []


def test_cells_are_short(read):
    found = cells(read)
    assert len(found) > 20
    assert max(len(cell.text.splitlines()) for cell in found if cell.language == "python") <= 12
    assert len(read.splitlines()) <= 420


def renew():
    """Write the outputs and the pictures of the page again."""
    import tempfile

    from PIL import Image

    page = PAGE.read_text(encoding="utf-8")
    found = cells(page)
    with tempfile.TemporaryDirectory() as folder:
        run(found, folder)
        (DOCS / "tutorial").mkdir(exist_ok=True)
        for path in sorted(Path(folder).glob("*.png")):
            with Image.open(path) as image:
                image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
                    DOCS / "tutorial" / path.name, optimize=True
                )
    for cell in reversed(found):
        if cell.span is not None:
            begin, end = cell.span
            page = page[:begin] + cell.printed + page[end:]
        elif cell.printed:
            page = page.replace(cell.text, cell.printed)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    renew()
