"""The prose is tested: every code block of the README is run, and prints what the README says it prints."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import carrybit

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def blocks(language):
    return [text for name, text in BLOCKS if name == language]


def commands(consoles):
    """Every command of some blocks, after its dollar sign, with the lines that it should print."""
    for block in consoles:
        assert block.startswith("$ ")
        yield from (part.splitlines() for part in ("\n" + block).split("\n$ ")[1:])


def print_what_they_say(consoles, tour):
    """Run the commands of some blocks, and compare; an … at the end stands for the rest."""
    for command, *wanted in commands(consoles):
        done = subprocess.run(command, shell=True, **tour)
        assert done.returncode == 0, done.stderr
        printed = done.stdout.splitlines()
        if wanted and wanted[-1] == "…":
            printed = [*printed[: len(wanted) - 1], "…"]
        assert [line.rstrip() for line in printed if line] == [line for line in wanted if line], command


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """An empty folder in which this Python's ``carrybit`` is a command."""
    folder = tmp_path_factory.mktemp("tour")
    scripts = folder / "bin"
    scripts.mkdir()
    command = scripts / "carrybit"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m carrybit "$@"\n')
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
    (folder / "here").mkdir()
    (folder / "here" / "examples").symlink_to(ROOT / "examples")  # the tour is made from a clone
    return {"cwd": folder / "here", "env": environment, "text": True, "capture_output": True, "timeout": 300}


def test_every_kind_of_block_is_run_by_a_test():
    assert {name for name, _ in BLOCKS} == {"bash", "console", "python"}


def test_the_tour_prints_what_it_says(tour):
    print_what_they_say(blocks("console"), tour)
    for drawn in ("memory.png", "sum.html"):
        assert (tour["cwd"] / "runs" / drawn).stat().st_size > 10_000


def test_the_page_on_watching_says_what_is_printed(tour, tmp_path):
    page = (ROOT / "docs" / "watch.md").read_text(encoding="utf-8")
    here = {**tour, "cwd": tmp_path}
    print_what_they_say(re.findall(r"^```console\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL), here)
    (block,) = re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", block], **here)
    assert done.returncode == 0, done.stderr
    shape, arrays, sums, measured, law = done.stdout.splitlines()
    assert (shape, sums, law) == ("(1, 8, 16)", "True", "True")
    for name in re.findall(r"`([a-z_]\w+)`", page.rsplit("| array |", 1)[1].split("`contributions()`")[0]):
        assert f"'{name}'" in arrays
    derivative, by_nudge = map(float, measured.split())
    assert derivative == pytest.approx(by_nudge, rel=1e-6)
    for film in ("forward", "backward", "training"):
        kept = (ROOT / "docs" / "watch" / f"{film}.gif").stat().st_size
        assert (tmp_path / f"{film}.gif").stat().st_size == pytest.approx(kept, rel=0.2)  # fonts differ a little


def test_the_page_on_machines_says_what_is_printed(tour, tmp_path):
    page = (ROOT / "docs" / "machines.md").read_text(encoding="utf-8")
    here = {**tour, "cwd": tmp_path}
    print_what_they_say(re.findall(r"^```console\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL), here)
    (block,) = re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", block], **here)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == re.findall(r"  # (.+)$", block, flags=re.MULTILINE)


def test_the_page_on_proofs_says_what_is_printed(tour, tmp_path):
    page = (ROOT / "docs" / "prove.md").read_text(encoding="utf-8")
    here = {**tour, "cwd": tmp_path}
    print_what_they_say(re.findall(r"^```console\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL), here)
    (block,) = re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", block], **here)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Checked(")


def test_the_python_block_says_what_its_comments_say(tour):
    (block,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", block], **tour)
    assert done.returncode == 0, done.stderr
    counter = "('0 so far', '1 so far', '2 so far', '3 so far', '4 so far')"
    assert done.stdout.splitlines()[-4:] == ["(1, 5, 8)", "[1 0 0 1]", counter, "[8, 12]"]


def test_the_stream_of_the_engines_page_adds(tour, trained_once):
    page = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    block = page.rsplit("```python\n", 1)[1].split("```")[0].replace("runs/adder", str(trained_once))
    done = subprocess.run([sys.executable, "-c", block], **tour)
    assert done.stdout.split() == ["1", "0", "0", "1"], done.stderr


def test_the_excerpt_of_the_engines_page_is_the_twin(tour):
    page = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    excerpt = page.split("```python\n", 1)[1].split("```")[0].split()
    twin = (ROOT / "src" / "carrybit" / "cells" / "elman_cpu.py").read_text(encoding="utf-8")
    assert " ".join(excerpt) in " ".join(twin.split())


def test_the_example_of_the_package_runs(tour):
    example = textwrap.dedent("    import" + carrybit.__doc__.split("    import", 1)[1].split("\n\nNames are", 1)[0])
    done = subprocess.run([sys.executable, "-c", example], **tour)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "True"
    assert done.stdout.splitlines()[-1].startswith("Spec(input_dim=2, hidden_dim=16")


def test_every_verb_and_option_has_its_words_in_the_docs(tour):
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for verb in "train reproduce predict evaluate quantize prove check extract watch sweep lab tasks doctor".split():
        assert f"\n## {verb}\n" in page
        shown = subprocess.run([sys.executable, "-m", "carrybit", verb, "--help"], **tour).stdout
        options = set(re.findall(r"--[a-z][a-z-]+", shown))
        assert len(options) >= 4
        assert {option for option in options if f"`{option}`" not in page} == set()


def test_the_two_commands_install_train_and_find_the_tests(tmp_path):
    if "-e" not in blocks("bash")[0]:
        pytest.fail("the second command must install what is here, not a copy")
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if files.returncode:
        pytest.skip("not a git checkout")
    for name in files.stdout.splitlines():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    first, second = blocks("bash")[0].splitlines()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PYTHON"))}
    done = subprocess.run(first, shell=True, cwd=tmp_path, env=clean, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert "examination after 10,000 updates" in done.stdout
    assert (tmp_path / "runs" / "addition-1" / "model.safetensors").exists()
    only_look = {**clean, "PYTEST_ADDOPTS": "--collect-only -q"}  # all of them run here already, in the test you read
    done = subprocess.run(second, shell=True, cwd=tmp_path, env=only_look, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests collected" in done.stdout


def test_the_links_of_the_pages_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert link.startswith("http") or (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_example_of_all_tasks_runs():
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "03_tasks.py", "1"], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    exact = [line for line in done.stdout.splitlines() if "1 of 1" in line]
    assert len(exact) >= 36  # of 38; all ten seeds are exact in the table of docs/tasks.md


def test_the_example_of_many_seeds_runs():
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "02_seeds.py", "1"], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "1 of 1 exact" in done.stdout
    shown = (ROOT / "docs" / "addition.md").read_text()
    assert done.stdout.splitlines()[1] in shown  # the line of seed 0
