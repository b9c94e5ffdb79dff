"""The drawing of the house: arrows point down, heavy things load late, the public names are whole."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import carrybit

SOURCE = Path(carrybit.__file__).parent
FLOORS = [  # from the top; a file may import from its own floor and from those below
    ["__main__", "cli"],
    ["files", "figures", "labs", "runs", "sweeping", "table", "view", "walk"],
    [
        "attribution",
        "nudges",
        "integer",
        "fidelity",
        "projection",
        "proof",
        "tracing",
        "watching",
        "training",
        "config",
        "plan",
        "examination",
        "prediction",
        "replicas",
        "reproduction",
        "network",
        "answers",
        "generation",
        "responses",
        "scoring",
    ],
    ["cells", "losses", "optimizers", "activations", "tasks", "machines", "data", "randomness"],
    ["kernels"],
    ["caption", "exhibits", "params", "spec", "checks", "intervals", "shell", "errors"],
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def room(path):
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path):
    """The rooms of carrybit that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that they can be read here"
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "carrybit":
            inner = node.module.split(".")[1:]
            yield from inner[:1] or [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("carrybit."):
                    yield alias.name.split(".")[1]


def test_every_file_has_a_floor():
    assert {room(path) for path in FILES} == set(FLOOR)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_arrows_point_down(path):
    for name in imports(path):
        assert FLOOR[room(path)] <= FLOOR[name], f"{path.relative_to(SOURCE)} imports {name}, which is upstairs"


def test_public_names_are_whole_and_load():
    for name in carrybit.__all__:
        assert getattr(carrybit, name) is not None
    assert carrybit.__all__ == sorted(carrybit.__all__)
    tree = ast.parse((SOURCE / "__init__.py").read_text())
    (for_checkers,) = [node for node in tree.body if isinstance(node, ast.If)]
    named = {alias.name: node.module for node in for_checkers.body for alias in node.names}
    assert named == {name: f"carrybit.{home}" for name, home in carrybit._HOME.items()}


def test_no_public_name_is_hidden_by_a_file_of_the_same_name():
    assert not {path.stem for path in SOURCE.glob("*.py")} & set(carrybit.__all__)
    assert not {path.name for path in SOURCE.iterdir() if path.is_dir()} & set(carrybit.__all__)


@pytest.mark.parametrize("name", carrybit.__all__)
def test_everything_public_has_a_docstring(name):
    value = getattr(carrybit, name)
    if callable(value):
        assert len(value.__doc__ or "") > 20
        assert not value.__doc__.startswith(f"{name}(")  # what dataclasses write by themselves


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = carrybit.nothing_of_the_kind


def loaded_by(code):
    script = f"import sys\n{code}\nprint(*sorted(name for name in sys.modules if '.' not in name))"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()


def test_importing_the_package_loads_nothing_heavy():
    heavy = {"numpy", "llvmlite", "safetensors", "rich", "typer", "matplotlib", "torch"}
    assert not heavy & set(loaded_by("import carrybit"))


def test_the_command_line_loads_no_numpy_before_it_needs_it():
    assert not {"numpy", "llvmlite", "matplotlib", "torch"} & set(loaded_by("import carrybit.cli"))


def test_training_loads_neither_matplotlib_nor_torch():
    names = "carrybit.record; carrybit.reproduce; carrybit.sweep"
    assert not {"matplotlib", "torch", "jax", "distributed"} & set(loaded_by(f"import carrybit; {names}"))


def test_the_reference_needs_no_compiler():
    trained = "import carrybit; list(carrybit.train(carrybit.TrainConfig(updates=1, engine='reference')))"
    assert "llvmlite" not in loaded_by(trained)


def test_no_file_is_too_long_to_read():
    assert max(len(path.read_text().splitlines()) for path in FILES) <= 400
