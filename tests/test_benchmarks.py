"""The benchmarks run, whoever of the peers is installed."""

import json
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def run(script, *arguments, folder):
    command = [sys.executable, BENCHMARKS / script, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


def test_a_workload_is_timed_printed_kept_and_drawn(tmp_path):
    done = run("run.py", "stream", "--runs", "1", "--json", "times.json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "NOT THE SAME" not in done.stdout
    (case,) = json.loads((tmp_path / "times.json").read_text())["cases"]
    assert [time["who"] for time in case["times"]][:2] == ["ours", "NumPy"]
    drawn = run("draw.py", "times.json", "picture.png", folder=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "picture.png").read_bytes()[:4] == b"\x89PNG"
    assert run("draw.py", "times.json", "picture.png", "shapes", folder=tmp_path).returncode == 2


def test_an_unknown_workload_is_refused_with_those_there_are(tmp_path):
    done = run("run.py", "everything", folder=tmp_path)
    assert done.returncode == 2
    assert "tutorial, replicas, shapes, stream, process" in done.stderr


def test_what_watching_takes_is_told(tmp_path):
    done = run("watch.py", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["steps", "units", "trace", "shapley", "page", "bytes"]
    assert [row.split()[0] for row in rows] == ["7", "16", "16", "64", "200", "1000"]
    assert all(int(row.split()[-1].replace(",", "")) < 2_000_000 for row in rows)
