"""The run folder: saved whole or not at all, distrusted when read, and gone on with to the same bits."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from carrybit import runs
from carrybit.config import TrainConfig
from carrybit.errors import DivergedError, RunError, SaveError, UsageError
from carrybit.files import safetensors
from carrybit.network import Network
from carrybit.spec import Spec
from carrybit.training import Finished, Report, first_state, train

MODEL, METRICS = runs.MODEL, runs.METRICS


def rewrite(path, change):
    """Change the JSON object of a file and write it with a checksum that fits, as a careful forger would."""
    arrays = load_file(path)
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    about = json.loads(header["__metadata__"][safetensors.KEY])
    change(about)
    about["checksum"] = safetensors.checksum(arrays, about)
    save_file(arrays, path, {safetensors.KEY: json.dumps(about)})


def without_seconds(run):
    return [{key: value for key, value in line.items() if key != "seconds"} for line in run.metrics]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("bias", [False, True])
def test_saving_and_loading_is_the_identity(tmp_path, optimizer, bias):
    config = TrainConfig(updates=20, optimizer=optimizer, bias=bias, hidden_dim=5, recurrence="input", clip=1.0)
    *_, last = runs.record(config, tmp_path / "run")
    run = runs.load_run(tmp_path / "run")
    assert run.config == config
    assert run.is_finished
    assert run.made_by == "train"
    assert run.state.update == 20
    assert run.state.tally == last.state.tally
    assert run.network.spec == config.make_spec()
    for name, array in run.network.params.arrays().items():
        np.testing.assert_array_equal(array, last.state.network.params.arrays()[name])
    for group, params in run.state.optimizer.items():
        for name, array in params.arrays().items():
            np.testing.assert_array_equal(array, last.state.optimizer[group].arrays()[name])


def test_the_file_keeps_the_names_of_the_house(short):
    assert set(load_file(short / MODEL)) == {
        *(f"{group}synapse_{k}" for group in ("", "optimizer.velocity.") for k in "01h")
    }


def test_transposed_arrays_are_saved_as_they_look(tmp_path):
    array = np.arange(12.0).reshape(3, 4).T
    safetensors.write(tmp_path / "file", {"w": array, "strided": np.arange(12.0)[::3]}, {})
    arrays, _ = safetensors.read(tmp_path / "file", lambda about: {"w": (4, 3), "strided": (4,)})
    np.testing.assert_array_equal(arrays["w"], array)
    np.testing.assert_array_equal(arrays["strided"], [0, 3, 6, 9])


def test_metrics_are_one_object_a_line(short):
    lines = [json.loads(line) for line in (short / METRICS).read_text().splitlines()]
    assert [line["event"] for line in lines] == ["report", "finished"]
    assert set(lines[0]) == {"event", "update", "error", "right_steps", "right_sequences", "seconds"}
    assert [marks["questions"] for marks in lines[1]["examination"]] == [16_384, 10_000, 4_000]


def test_load_gives_a_network_that_runs(trained):
    network = runs.load(str(trained))
    assert isinstance(network, Network)
    assert network.run(np.zeros((1, 3, 2))).layer_2.shape == (1, 3, 1)


def test_folders_are_numbered_when_no_name_is_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = [runs.create(TrainConfig()) for _ in range(3)]
    assert [str(folder) for folder in made] == ["runs/addition-1", "runs/addition-2", "runs/addition-3"]


# going on


def test_a_closed_stream_is_saved_and_goes_on_to_the_same_bits(tmp_path):
    config = TrainConfig(updates=900, every=100)
    for _ in runs.record(config, tmp_path / "whole"):
        pass
    events = runs.record(config, tmp_path / "parts")
    for stop in (3, 5, 2):
        for _ in range(stop):
            reached = next(events).state.update
        events.close()
        assert runs.load_run(tmp_path / "parts").state.update == reached
        events = runs.resume(tmp_path / "parts")
    for _ in events:
        pass
    whole, parts = runs.load_run(tmp_path / "whole"), runs.load_run(tmp_path / "parts")
    assert (tmp_path / "whole" / MODEL).read_bytes() == (tmp_path / "parts" / MODEL).read_bytes()
    assert without_seconds(whole) == without_seconds(parts)


def test_a_new_end_goes_on_where_the_old_one_was(tmp_path):
    for _ in runs.record(TrainConfig(updates=300), tmp_path / "longer"):
        pass
    for _ in runs.resume(tmp_path / "longer", updates=700):
        pass
    for _ in runs.record(TrainConfig(updates=700), tmp_path / "at once"):
        pass
    assert (tmp_path / "longer" / MODEL).read_bytes() == (tmp_path / "at once" / MODEL).read_bytes()


def test_until_exact_can_be_asked_of_a_finished_run(short):
    events = list(runs.resume(short, until="exact", updates=60))
    assert isinstance(events[-1], Finished)
    assert events[-1].state.update == 60


def test_a_finished_run_wants_a_new_end(short):
    with pytest.raises(RunError, match=r"(?s)finished, after 50 updates.*--until exact"):
        runs.resume(short)
    with pytest.raises(UsageError, match="updates = 10"):
        runs.resume(short, updates=10)


def test_two_trainings_in_one_folder_are_one_too_many(tmp_path):
    events = runs.record(TrainConfig(updates=50), tmp_path / "run")
    next(events)
    with pytest.raises(RunError, match="busy"):
        next(runs.resume(tmp_path / "run"))
    events.close()
    list(runs.resume(tmp_path / "run"))


def test_a_run_that_diverges_keeps_its_last_good_state(tmp_path):
    config = TrainConfig(activation="relu", loss="linear_squared_error", learning_rate=10.0)
    with pytest.raises(DivergedError) as error:
        list(runs.record(config, tmp_path / "run"))
    run = runs.load_run(tmp_path / "run")
    assert run.state.update == error.value.state.update
    assert all(np.isfinite(array).all() for array in run.network.params.arrays().values())


def test_a_training_in_memory_and_on_disk_are_the_same(tmp_path):
    config = TrainConfig(updates=200, every=50)
    *_, in_memory = train(config)
    *_, on_disk = runs.record(config, tmp_path / "run")
    assert in_memory.examination == on_disk.examination
    for name, array in in_memory.state.network.params.arrays().items():
        np.testing.assert_array_equal(array, on_disk.state.network.params.arrays()[name])


TRAINING = ["--updates", "600000", "--every", "150000", "--quiet", "--optimizer", "momentum", "--hidden-dim", "6"]


def killed_and_resumed(start, folder, seed):
    """Kill a training at a random moment, once or more often, then let it come to its end."""
    random_moment = random.Random(seed)
    while not (folder / MODEL).exists():  # killed before there was anything to go on with: begin again
        process = start("train", *TRAINING, "--out", folder)
        time.sleep(random_moment.uniform(0.15, 0.9))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    while not runs.load_run(folder).is_finished:
        process = start("train", "--quiet", "--resume", folder)
        if random_moment.random() < 0.4:
            time.sleep(random_moment.uniform(0.15, 0.9))
            process.send_signal(signal.SIGKILL)
        _, err = process.communicate(timeout=60)
        assert process.returncode in (0, -signal.SIGKILL), err
    return folder


def test_fifty_runs_killed_at_random_moments_end_with_the_bits_of_an_unbroken_one(start, tmp_path):
    process = start("train", *TRAINING, "--out", "unbroken")
    process.communicate(timeout=60)
    unbroken = runs.load_run(tmp_path / "unbroken")
    with ThreadPoolExecutor(2) as two:
        folders = list(two.map(lambda n: killed_and_resumed(start, tmp_path / f"killed-{n}", n), range(50)))
    for folder in folders:
        assert (folder / MODEL).read_bytes() == (tmp_path / "unbroken" / MODEL).read_bytes()
        assert without_seconds(runs.load_run(folder)) == without_seconds(unbroken)


# files that cannot be trusted


def load_error(folder):
    with pytest.raises(RunError) as error:
        runs.load_run(folder)
    assert len(str(error.value).splitlines()) == 3
    return str(error.value)


def test_what_is_no_run_is_said_to_be_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("hello")
    for name in ("empty", "file", "missing"):
        assert "no run folder" in load_error(tmp_path / name)
    runs.create(TrainConfig())
    assert "runs/addition-1" in load_error(tmp_path / "missing")


def test_a_file_cut_off_anywhere_is_refused(short):
    octets = (short / MODEL).read_bytes()
    for length in [0, 1, 7, 8, 9, 100, *range(200, len(octets), 97), len(octets) - 1]:
        (short / MODEL).write_bytes(octets[:length])
        assert "truncated" in load_error(short)
    (short / MODEL).write_bytes(octets + b"more")
    load_error(short)


def test_a_single_flipped_bit_anywhere_is_refused_or_changes_nothing(short):
    octets = (short / MODEL).read_bytes()
    good = runs.load_run(short)
    flips = random.Random(0)
    for _ in range(400):
        place, bit = flips.randrange(len(octets)), 1 << flips.randrange(8)
        (short / MODEL).write_bytes(octets[:place] + bytes([octets[place] ^ bit]) + octets[place + 1 :])
        try:
            run = runs.load_run(short)
        except RunError:
            continue
        assert run.config == good.config
        assert run.state.update == good.state.update
        for name, array in run.network.params.arrays().items():
            assert array.tobytes() == good.network.params.arrays()[name].tobytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda about: about.update(format=2, library="9.0"), "format 2, written by carrybit 9.0"),
        (lambda about: about.update(format="one"), "no format number"),
        (lambda about: about["spec"].update(hidden_dim=10**9), "hidden_dim = 1000000000"),
        (lambda about: about["spec"].update(hidden_dim=5), "not the one of the config"),
        (lambda about: about["config"].update(hidden_dim=5), "not the one of the config"),
        (lambda about: about["config"].update(optimizer="adam"), "optimizer.first_moment"),
        (lambda about: about["config"].update(rate=1), "makes no sense"),
        (lambda about: about["config"]["task"].update(bits="8"), "bits = '8'"),
        (lambda about: about["tally"].update(errors=1), "makes no sense"),
        (lambda about: about.pop("tally"), "makes no sense"),
        (lambda about: about.update(update=-1), "makes no sense"),
        (lambda about: about.update(update=None), "makes no sense"),
        (lambda about: about.update(spec=[]), "makes no sense"),
        (lambda about: about.update(made_by=7), "makes no sense"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(short, change, words):
    rewrite(short / MODEL, change)
    assert words in load_error(short)


def test_a_foreign_file_is_refused(short):
    save_file({"weight": np.zeros(3)}, short / MODEL)
    assert "foreign" in load_error(short)
    save_file({"weight": np.zeros(3)}, short / MODEL, {safetensors.KEY: "not json"})
    assert "damaged" in load_error(short)


def test_a_file_of_another_kind_of_number_is_refused(short):
    arrays = {name: array.astype(np.float32) for name, array in load_file(short / MODEL).items()}
    with open(short / MODEL, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    save_file(arrays, short / MODEL, header["__metadata__"])
    load_error(short)


def test_an_oversized_file_is_refused_without_being_read(short):
    os.truncate(short / MODEL, safetensors.LARGEST_FILE + 1)  # sparse: it takes no room
    assert "4,294,967,297 bytes" in load_error(short)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "run" / MODEL).mkdir(parents=True)
    load_error(tmp_path / "run")


def test_lost_or_torn_metrics_do_not_stop_anyone(short):
    with open(short / METRICS, "a") as file:
        file.write('{"event": "report", "upd')
    assert runs.load_run(short).is_finished
    (short / METRICS).unlink()
    assert list(runs.resume(short))  # not known to be finished: it is examined again
    assert runs.load_run(short).is_finished


# disks that will not take it


def test_a_taken_folder_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("do not lose me")
    with pytest.raises(UsageError, match="there already"):
        runs.create(TrainConfig(), tmp_path / "taken")
    assert [path.name for path in tmp_path.rglob("*")] == ["taken", "thesis.txt"]


def test_an_empty_folder_may_be_used(tmp_path):
    (tmp_path / "empty").mkdir()
    runs.create(TrainConfig(), tmp_path / "empty")
    assert runs.load_run(tmp_path / "empty").state.update == 0


def test_a_place_where_no_folder_can_be_made_is_refused_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="no run folder can be made"):
        runs.create(TrainConfig(), tmp_path / "file" / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_failure_to_write_leaves_nothing_of_a_new_run(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(UsageError, match="No space left"):
        runs.create(TrainConfig(), tmp_path / "deep" / "er" / "run")
    assert not list(tmp_path.iterdir())


def no_space(_):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_disk_that_fills_up_leaves_the_old_checkpoint(tmp_path, monkeypatch, function):
    events = runs.record(TrainConfig(updates=400), tmp_path / "run")
    next(events)
    before = (tmp_path / "run" / MODEL).read_bytes()
    monkeypatch.setattr(os, function, lambda *_: no_space(_))
    monkeypatch.setattr(runs, "SECONDS_BETWEEN_SAVES", 0.0)
    with pytest.raises(SaveError, match="No space left on device"):
        list(events)
    monkeypatch.undo()
    assert (tmp_path / "run" / MODEL).read_bytes() == before
    assert runs.load_run(tmp_path / "run").state.update == 1
    assert not list((tmp_path / "run").glob(".*.tmp"))


def test_a_real_limit_on_file_size_leaves_the_old_checkpoint(tmp_path):
    folder = runs.create(TrainConfig(updates=300, hidden_dim=64), tmp_path / "run")
    limit = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
from carrybit.cli import main
sys.exit(main(["train", "--quiet", "--resume", sys.argv[1]]))
"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run([sys.executable, "-c", limit, folder], capture_output=True, text=True)
    assert done.returncode == 1
    assert "could not save" in done.stderr
    assert len(done.stderr.splitlines()) == 3
    assert runs.load_run(folder).state.update == 0
    for _ in runs.resume(folder, updates=20):  # and with room again it goes on
        pass
    assert runs.load_run(folder).state.update == 20


def test_the_events_of_a_recorded_run_are_those_of_training(tmp_path):
    config = TrainConfig(updates=120, every=40)
    kinds = [type(event) for event in runs.record(config, tmp_path / "run")]
    assert kinds.count(Report) == 3
    assert kinds[-1] is Finished


def test_a_run_made_by_reproduce_is_not_trained_on(tmp_path):
    config = TrainConfig()
    runs.create(config, tmp_path / "run", first_state(config), made_by="reproduce")
    with pytest.raises(RunError, match="another random stream"):
        runs.resume(tmp_path / "run")
    assert runs.load(tmp_path / "run").spec == Spec()


def test_finished_means_that_the_finished_network_is_on_disk(tmp_path):
    config = TrainConfig(updates=60, every=20)
    for _ in runs.record(config, tmp_path / "run"):
        pass
    runs.save(tmp_path / "run", config, first_state(config))  # as if the last checkpoint had been lost
    assert not runs.load_run(tmp_path / "run").is_finished
    for _ in runs.resume(tmp_path / "run"):
        pass
    assert runs.load_run(tmp_path / "run").state.update == 60


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"event": "report", "update": "x"}',
        '{"event": "report", "update": null, "error": 1}',
        '{"event": "report", "update": 1}',
        '{"update": 50}',
        "[1, 2]\nnull\n7",
    ],
    ids=lambda text: text[:20],
)
def test_garbage_among_the_metrics_is_passed_over(short, text):
    with open(short / METRICS, "a") as file:
        file.write(text + "\n")
    run = runs.load_run(short)
    assert [line["event"] for line in run.metrics] == ["report", "finished"]
    for _ in runs.resume(short, updates=60):
        pass


def test_metrics_that_are_a_folder_stop_nobody_from_reading(short):
    (short / METRICS).unlink()
    (short / METRICS).mkdir()
    assert runs.load_run(short).metrics == ()
    with pytest.raises(SaveError):
        list(runs.resume(short, updates=60))


def test_a_pipe_in_place_of_the_file_is_refused_at_once(short):
    (short / MODEL).unlink()
    os.mkfifo(short / MODEL)
    assert "no ordinary file" in load_error(short)


def test_a_description_nested_too_deep_is_refused(short):
    save_file({"w": np.zeros(1)}, short / MODEL, {safetensors.KEY: "[" * 100_000})
    assert "damaged" in load_error(short)


def test_an_empty_folder_may_be_this_one_or_a_link(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for folder in (".", "../link"):
        for _ in runs.record(TrainConfig(updates=5), folder):
            pass
        assert runs.load_run(folder).is_finished


def test_metrics_are_strict_json_even_of_infinite_errors(tmp_path):
    config = TrainConfig(activation="relu", loss="linear_squared_error", learning_rate=1e300, every=1)
    with pytest.raises(DivergedError):
        for _ in runs.record(config, tmp_path / "run"):
            pass
    for line in (tmp_path / "run" / METRICS).read_text().splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_a_pipe_in_place_of_the_metrics_keeps_nobody_waiting(short):
    (short / METRICS).unlink()
    os.mkfifo(short / METRICS)
    assert runs.load_run(short).metrics == ()


def test_a_slow_save_is_not_repeated_when_somebody_wants_to_stop(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "QUICK_SAVE", 0.0)
    events = runs.record(TrainConfig(updates=3000), tmp_path / "run")
    for _ in range(4):
        reached = next(events).state.update
    events.close()
    assert 0 < runs.load_run(tmp_path / "run").state.update < reached


def test_an_iterator_that_comes_too_late_does_not_undo_what_another_has_done(tmp_path):
    runs.create(TrainConfig(updates=300), tmp_path / "run")
    late = runs.resume(tmp_path / "run")
    for _ in runs.resume(tmp_path / "run"):
        pass
    with pytest.raises(RunError, match="has changed since it was read"):
        next(late)
    assert runs.load_run(tmp_path / "run").state.update == 300


def test_many_runs_can_be_made_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(8) as several:
        folders = list(several.map(lambda seed: runs.create(TrainConfig(seed=seed)), range(24)))
    assert sorted(runs.load_run(folder).config.seed for folder in folders) == list(range(24))
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {folder.name for folder in folders}


def test_what_a_kill_left_behind_is_removed(short):
    (short / f".{MODEL}.123.tmp").write_bytes(b"half a file")
    for _ in runs.resume(short, updates=60):
        pass
    assert not list(short.glob(".*.tmp"))


def test_a_folder_that_cannot_be_synced_is_no_failure(tmp_path, monkeypatch):
    def not_here(folder):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr("carrybit.files.whole._sync_folder", not_here)
    runs.create(TrainConfig(), tmp_path / "run")
    assert runs.load_run(tmp_path / "run").state.update == 0


def test_a_new_end_without_a_number_is_further_than_what_is_done(short):
    assert runs.reopen(short, until="exact").config.updates == 300_000


def test_the_file_says_which_version_wrote_it(short):
    import carrybit

    with open(short / MODEL, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    assert json.loads(header["__metadata__"][safetensors.KEY])["library"] == carrybit.__version__


def test_a_report_without_a_finite_error_is_kept(short):
    lines = (short / METRICS).read_text().splitlines()
    report = {**json.loads(lines[0]), "update": 7, "error": None}
    (short / METRICS).write_text("\n".join([json.dumps(report), *lines]) + "\n")
    for _ in runs.resume(short, updates=60):
        pass
    assert [line["update"] for line in runs.load_run(short).metrics] == [7, 60, 60]
