"""What several tests need: a trained run, and the command line in an empty folder."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

from carrybit import cli, runs
from carrybit.config import TrainConfig

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for the processes that tests start: they run side by side
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job, whose children would ignore Ctrl-C too

hypothesis.settings.register_profile("the same every time, however slow the machine", derandomize=True, deadline=None)
hypothesis.settings.load_profile("the same every time, however slow the machine")


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A run that is exact, made once for all tests."""
    folder = tmp_path_factory.mktemp("once") / "run"
    for _ in runs.record(TrainConfig(optimizer="adam", until="exact"), folder):
        pass
    return folder


@pytest.fixture
def trained(trained_once, tmp_path):
    """A copy of an exact run, to do with as a test likes."""
    return Path(shutil.copytree(trained_once, tmp_path / "trained"))


@pytest.fixture
def short(tmp_path):
    """A finished run of a few updates, which is wrong about most sums."""
    for _ in runs.record(TrainConfig(updates=50, optimizer="momentum", hidden_dim=4), tmp_path / "short"):
        pass
    return tmp_path / "short"


class Said:
    """What a command printed and how it ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def carrybit(tmp_path, monkeypatch, capsys):
    """Run a command in this process, in an empty folder: ``carrybit("train", "--bits", 8)``."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments):
        capsys.readouterr()
        code = cli.main([str(argument) for argument in arguments])
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def start(tmp_path):
    """Start a command in a process of its own; the rest of what is given goes to Popen."""
    started = []

    def run(*arguments, **options):
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": tmp_path} | options
        command = [sys.executable, "-m", "carrybit", *map(str, arguments)]
        started.append(subprocess.Popen(command, **settings))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()
