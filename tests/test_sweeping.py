"""A sweep: the same table wherever it is computed, however often it is stopped."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest

from carrybit import sweeping
from carrybit.config import TrainConfig
from carrybit.errors import SaveError, SettingError, UsageError
from carrybit.plan import Plan, version
from carrybit.sweeping import Standing, follow, run_shard, sweep
from carrybit.table import Table
from carrybit.tasks.addition import addition
from carrybit.training import train

QUICK = TrainConfig(updates=300, every=100, until="exact", optimizer="adam")


def bits(table):
    """All that a table says but how long it took."""
    return [{name: value for name, value in row.items() if name != "seconds"} for row in table.rows]


@pytest.fixture(scope="module")
def here():
    """A small sweep on this machine, in memory."""
    return sweep({"hidden_dim": [3, 8], "bits": [6, 8]}, config=QUICK, replicas=70, threads=1)


def test_every_point_of_the_grid_and_every_seed_has_a_row(here):
    assert len(here.rows) == 4 * 70
    points = [(row["hidden_dim"], row["bits"], row["seed"]) for row in here.rows]
    assert points == [(hidden, bits, seed) for hidden in (3, 8) for bits in (6, 8) for seed in range(70)]


def test_a_row_is_the_network_that_its_settings_train_alone(here):
    row = here.rows[70 * 3 + 69]
    config = TrainConfig(**{name: row[name] for name in vars(QUICK)})
    *_, finished = train(config)
    assert (row["fate"], row["updates_made"]) == (finished.reason, finished.state.update)
    assert row["digest"] == sweeping.Replica(0, finished.state).digest


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_leave_no_trace(here, threads):
    assert bits(sweep(here.plan.grid, config=QUICK, replicas=70, threads=threads)) == bits(here)


def test_shards_leave_no_trace(here, monkeypatch):
    monkeypatch.setattr("carrybit.plan.SHARD", 9)
    assert bits(sweep(here.plan.grid, config=QUICK, replicas=70)) == bits(here)


def test_any_executor_will_do(here):
    with ThreadPoolExecutor(2) as executor:
        assert bits(sweep(here.plan.grid, config=QUICK, replicas=70, executor=executor)) == bits(here)


def test_a_sweep_that_is_stopped_goes_on_and_trains_nothing_twice(here, tmp_path, monkeypatch):
    plan, folder = here.plan, tmp_path / "sweep"
    with closing(follow(plan, folder, threads=1)) as events:
        for event in events:
            if event.ended >= 64:
                break
    kept = set(os.listdir(folder / "shards"))
    assert 0 < len(kept) < len(plan.shards)
    assert not (folder / "table.csv").exists()
    trained = []
    whole = sweeping._train
    monkeypatch.setattr(sweeping, "_train", lambda shard, *rest: (trained.append(shard.name), whole(shard, *rest))[1])
    table = sweep(plan.grid, config=QUICK, replicas=70, folder=folder, threads=2)
    assert bits(table) == bits(here)
    assert {f"{name}.json" for name in trained}.isdisjoint(kept)
    assert len(trained) + len(kept) == len(plan.shards)
    trained.clear()
    assert sweep(plan.grid, config=QUICK, replicas=70, folder=folder).rows == table.rows
    assert not trained


@pytest.mark.parametrize("spoil", [b"", b"[", b"[]", b'[{"seed": 0}]', b"3", b"null", b"\xff\xfe"])
def test_a_shard_that_makes_no_sense_is_trained_again(tmp_path, spoil):
    first = sweep({}, config=QUICK, replicas=3, folder=tmp_path)
    (shard,) = (tmp_path / "shards").iterdir()
    shard.write_bytes(spoil)
    assert bits(sweep({}, config=QUICK, replicas=3, folder=tmp_path)) == bits(first)


def test_a_shard_that_was_changed_is_trained_again(tmp_path):
    first = sweep({}, config=QUICK, replicas=3, folder=tmp_path)
    (shard,) = (tmp_path / "shards").iterdir()
    shard.write_text(shard.read_text().replace('"is_exact": false', '"is_exact": true'))
    (tmp_path / "sweep.json").write_text("not json")
    assert bits(sweep({}, config=QUICK, replicas=3, folder=tmp_path)) == bits(first)


@pytest.mark.parametrize("executor", [3, "cluster", object()], ids=["number", "text", "object"])
def test_what_is_no_executor_is_refused(executor):
    with pytest.raises(UsageError, match="an executor that is"):
        sweep({}, config=QUICK, executor=executor)


def test_a_table_says_in_a_line_what_it_is(here):
    assert repr(here).startswith("<Table of 280 networks, exact: ")
    assert len(repr(here)) < 200


def test_the_table_on_disk_says_the_same_twice(tmp_path):
    table = sweep({"bias": [False, True], "clip": [None, 1.0]}, config=QUICK, replicas=2, folder=tmp_path)
    assert json.loads((tmp_path / "table.json").read_text()) == list(table.rows)
    with open(tmp_path / "table.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert [row["clip"] for row in rows] == ["", "", "1.0", "1.0"] * 2
    assert [row["digest"] for row in rows] == [row["digest"] for row in table.rows]
    assert json.loads((tmp_path / "sweep.json").read_text())["grid"] == {"bias": [False, True], "clip": [None, 1.0]}


def test_the_summary_counts_what_the_rows_say(here):
    for k, summed in enumerate(here.summary()):
        rows = here.rows[70 * k : 70 * (k + 1)]
        assert summed["exact"] == sum(row["is_exact"] for row in rows)
        assert summed["exact_share_low"] <= summed["exact_share"] <= summed["exact_share_high"]
        if summed["updates_median"] is not None:
            assert summed["updates_median_low"] <= summed["updates_median"] <= summed["updates_median_high"]
    curve = here.curves()[3]
    assert curve.name == "8, 8"
    assert curve.updates == [0, 100, 200, 300]
    assert curve.shares[-1] == here.summary()[3]["exact_share"]


def test_without_until_a_curve_ends_with_those_that_pass_at_the_end():
    table = sweep({}, config=TrainConfig(updates=3000, optimizer="adam"), replicas=8)
    (summed,), (curve,) = table.summary(), table.curves()
    assert summed["exact"] > 0
    assert curve.shares == [0.0, 0.0, 0.0, summed["exact_share"]]


def test_a_grid_may_be_of_numpys_numbers(tmp_path):
    config = TrainConfig(updates=3)
    numbers = {"hidden_dim": np.arange(2, 4), "bias": np.array([False, True]), "learning_rate": np.array([0.5])}
    table = sweep(numbers, config=config, folder=tmp_path)
    plain = {"hidden_dim": [2, 3], "bias": [False, True], "learning_rate": [0.5]}
    assert bits(table) == bits(sweep(plain, config=config, folder=tmp_path))
    assert bits(table) == bits(sweep({"hidden_dim": range(2, 4), **plain}, config=config))


def test_another_sweep_in_the_folder_of_one_is_refused_and_more_seeds_are_not(tmp_path):
    config = TrainConfig(updates=3)
    first = sweep({"hidden_dim": [2, 3]}, config=config, replicas=2, folder=tmp_path)
    for grid, other in (({"hidden_dim": [2]}, config), ({"hidden_dim": [2, 3]}, TrainConfig(updates=4))):
        with pytest.raises(UsageError, match="holds another sweep"):
            sweep(grid, config=other, replicas=2, folder=tmp_path)
    more = sweep({"hidden_dim": [2, 3]}, config=config, replicas=3, folder=tmp_path)
    assert bits(more)[:2] == bits(first)[:2]
    assert len(json.loads((tmp_path / "table.json").read_text())) == 6


def test_threads_are_of_this_machine():
    with ThreadPoolExecutor(1) as executor, pytest.raises(UsageError, match="threads together with"):
        sweep({}, config=QUICK, executor=executor, threads=2)


def test_a_full_disk_says_how_to_go_on(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("carrybit.files.whole.os.fsync", full)
    with pytest.raises(SaveError, match="the same command again"):
        sweep({}, config=TrainConfig(updates=1), folder=tmp_path / "sweep")


@pytest.mark.parametrize(
    ("config", "replicas"),
    [
        ({}, 64),
        ({"hidden_dim": 4096}, 1),
        ({"hidden_dim": 300}, 46),
        ({"task": addition(100_000)}, 41),
        ({"task": addition(1000), "batch_size": 1000}, 4),
    ],
    ids=str,
)
def test_a_shard_is_no_larger_than_memory_likes(config, replicas):
    plan = Plan({}, TrainConfig(**config), 1000)
    assert plan.shards[0].replicas == replicas
    assert sum(shard.replicas for shard in plan.shards) == 1000


def test_an_optimizer_of_the_grid_brings_its_own_rate():
    plan = Plan({"optimizer": ["sgd", "adam"]}, TrainConfig())
    assert [point.learning_rate for point in plan.points] == [0.1, 0.03]
    plan = Plan({"optimizer": ["sgd", "adam"]}, TrainConfig(learning_rate=0.05))
    assert [point.learning_rate for point in plan.points] == [0.05, 0.05]
    plan = Plan({"learning_rate": [0.5], "optimizer": ["sgd", "adam"]}, TrainConfig())
    assert [point.learning_rate for point in plan.points] == [0.5, 0.5]


def test_a_network_that_diverges_is_a_row_of_its_own():
    config = TrainConfig(activation="relu", loss="linear_squared_error", updates=200, every=100)
    table = sweep({"learning_rate": [0.01, 10.0]}, config=config, replicas=5)
    diverged = [row["fate"] for row in table.rows[5:]].count("diverged")
    assert diverged > 0
    assert json.loads(json.dumps(table.rows, allow_nan=False)) == list(table.rows)
    assert table.summary()[1]["diverged"] == diverged


@pytest.mark.parametrize(
    "grid",
    [
        {"hiden_dim": [1]},
        {"seed": [1, 2]},
        {"hidden_dim": []},
        {"hidden_dim": [2, 2]},
        {"hidden_dim": [0]},
        {"hidden_dim": 8},
        {"hidden_dim": [[2]]},
        {"optimizer": "adam"},
    ],
    ids=str,
)
def test_a_grid_that_makes_no_sense_is_refused_before_anything_is_trained(grid, tmp_path):
    with pytest.raises(SettingError):
        sweep(grid, folder=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "diary.txt").write_text("dear diary")
    with pytest.raises(UsageError, match="holds no sweep"):
        sweep({}, config=QUICK, folder=tmp_path)
    with pytest.raises(UsageError):
        sweep({}, config=QUICK, folder=tmp_path / "diary.txt")
    assert os.listdir(tmp_path) == ["diary.txt"]


def test_how_far_it_has_come_never_goes_back(here):
    events = list(follow(here.plan, threads=2))
    standings = [event for event in events if isinstance(event, Standing)]
    assert [s.ended for s in standings] == sorted(s.ended for s in standings)
    assert standings[-1].ended == standings[-1].replicas == 280
    assert standings[-1].share == 1.0
    assert isinstance(events[-1], Table)


# a cluster


class Cluster:
    """A Dask scheduler and two workers, each a process of its own."""

    def __init__(self, folder):
        self.file = folder / "scheduler.json"
        command = [sys.executable, "-m", "distributed.cli"]
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        wide = ["--scheduler-file", str(self.file)]
        scheduler = [*command[:2], "distributed.cli.dask_scheduler", *wide, "--port", "0", "--no-dashboard"]
        self.processes = [subprocess.Popen([*scheduler, "--host", "127.0.0.1"], **options)]
        while not self.file.exists():
            time.sleep(0.05)
        worker = [*command[:2], "distributed.cli.dask_worker", *wide, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        self.workers = [subprocess.Popen([*worker, "--host", "127.0.0.1"], **options) for _ in range(2)]
        self.address = json.loads(self.file.read_text())["address"]

    def close(self):
        for process in [*self.workers, *self.processes]:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    pytest.importorskip("distributed")
    started = Cluster(tmp_path)
    yield started
    started.close()


@pytest.mark.filterwarnings("default")  # what others warn of is not ours to mend
def test_a_cluster_that_loses_a_worker_makes_the_same_table(cluster, tmp_path):
    from distributed import Client

    config = TrainConfig(updates=4000, every=1000, until="exact", optimizer="adam")
    plan = Plan({"hidden_dim": [3, 8]}, config, replicas=200)
    assert len(plan.shards) == 8
    killed = False
    with Client(cluster.address, timeout=60) as client:
        client.wait_for_workers(2, timeout=60)
        for event in follow(plan, tmp_path / "sweep", executor=client.get_executor()):
            if isinstance(event, Standing) and 0 < event.ended < event.replicas and not killed:
                cluster.workers[0].send_signal(signal.SIGKILL)
                killed = True
    assert killed
    assert isinstance(event, Table)
    assert bits(event) == bits(sweep(plan.grid, config=config, replicas=200))


@pytest.mark.filterwarnings("default")
def test_the_command_line_takes_the_address_of_a_cluster(cluster, carrybit):
    said = carrybit("sweep", "--cluster", cluster.address, "--grid", "updates=200", "--replicas", 3, "--json")
    assert said.code == 0
    assert said.json["summary"][0]["replicas"] == 3


def test_what_a_worker_gets_and_gives_can_travel():
    import pickle

    (shard,) = Plan({}, QUICK, 2).shards
    again = pickle.loads(pickle.dumps(shard))
    assert again.name == shard.name
    rows = pickle.loads(pickle.dumps(run_shard(again, version())))
    assert [row["seed"] for row in rows] == [0, 1]


def test_a_worker_with_other_sources_is_refused():
    (shard,) = Plan({}, QUICK, 2).shards
    with pytest.raises(UsageError, match="a worker with other sources"):
        run_shard(shard, "0123456789abcdef")
