"""The command line as a person meets it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from carrybit import __main__, runs
from carrybit.config import TrainConfig
from carrybit.tasks.addition import addition

GOLDEN = (Path(__file__).parent / "golden" / "tutorial_log.txt").read_text()


def assert_three_lines(said, *words, code=2):
    lines = said.err.splitlines()
    assert said.code == code, said.err
    assert len(lines) == 3, said.err
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("allowed: ")
    assert lines[2].startswith("fix: ")
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err


# train


def test_train_shows_how_it_learns_examines_and_says_what_is_next(carrybit):
    said = carrybit("train", "--updates", 3000)
    assert said.code == 0
    assert said.err == ""
    rows = [line for line in said.out.splitlines() if "% " in line]
    assert [row.split()[0] for row in rows] == ["1,000", "2,000", "3,000"]
    assert all(row.endswith(("✓", "✗")) for row in rows)
    assert "of 16,384 right" in said.out
    assert "of 10,000 right" in said.out
    assert "of 4,000 right" in said.out
    assert "first wrong: " in said.out
    assert "carrybit train --resume runs/addition-1 --until exact" in said.out
    assert 'carrybit predict runs/addition-1 "9 + 60" -v' in said.out


def test_what_train_says_is_next_works(carrybit):
    said = carrybit("train", "--updates", 20)
    for line in said.out.splitlines():
        if line.startswith("  carrybit"):
            command = line.split("   ")[0].split()
            arguments = " ".join(command[1:]).replace('"9 + 60"', "9+60").split()
            if "--until" in arguments:
                arguments += ["--updates", "30"]
            assert carrybit(*arguments).code in (0, 3, 4)


def test_every_option_of_train_reaches_the_configuration(carrybit):
    config = TrainConfig(
        task=addition(bits=9, operands=3),
        hidden_dim=5,
        recurrence="input",
        activation="tanh",
        bias=True,
        loss="cross_entropy",
        optimizer="adam",
        learning_rate=0.02,
        clip=2.5,
        batch_size=3,
        noise=0.1,
        noise_ramp=3,
        updates=12,
        until="exact",
        seed=77,
        every=6,
        precision="float32",
        start=0.5,
        engine="reference",
        recipe="provable",
    )
    options = [
        part
        for name, value in config.row().items()
        for part in ([f"--{name.replace('_', '-')}"] + ([] if value is True else [value]))
    ]
    said = carrybit("train", *options, "--out", "run")
    assert said.code == 4  # the updates ran out
    assert runs.load_run("run").config == config


def test_train_says_one_object_with_json(carrybit):
    said = carrybit("train", "--updates", 20, "--json")
    assert said.code == 0
    assert said.json["run"] == "runs/addition-1"
    assert said.json["update"] == 20
    assert not said.json["is_exact"]
    assert [marks["questions"] for marks in said.json["examination"]] == [16_384, 10_000, 4_000]
    assert "examination after 20 updates" in said.err


def test_quiet_train_says_nothing(carrybit):
    said = carrybit("train", "--updates", 20, "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_until_exact_says_it_passed(carrybit):
    said = carrybit("train", "--until", "exact", "--optimizer", "adam")
    assert said.code == 0
    assert "Right on all of it." in said.out
    assert "no proof" in said.out


@pytest.mark.parametrize("last", [20, 30, 35])
def test_reports_are_thinned_out_but_the_last_is_shown(carrybit, last):
    said = carrybit("train", "--updates", last, "--every", 1, "--hidden-dim", 2)
    shown = [int(line.split()[0]) for line in said.out.splitlines() if "% " in line]
    assert shown == [update for update in [*range(1, 10), 10, 20, 30, 35] if update <= last]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--hidden-dim", 0], ["--hidden-dim 0", "from 1 to 4,096", "--hidden-dim 16"]),
        (["--hidden-dim", -5], ["--hidden-dim -5"]),
        (["--hidden-dim", "many"], ["--hidden-dim many", "a whole number", "--hidden-dim 16"]),
        (["--bits", 0], ["--bits 0"]),
        (["--operands", 9], ["--operands 9", "from 2 to 8"]),
        (["--batch-size", 0], ["--batch-size 0"]),
        (["--updates", -1], ["--updates -1"]),
        (["--every", 0], ["--every 0"]),
        (["--seed", -1], ["--seed -1"]),
        (["--learning-rate", 0], ["--learning-rate 0"]),
        (["--learning-rate", "nan"], ["--learning-rate nan", "finite"]),
        (["--learning-rate", "inf"], ["--learning-rate inf", "finite"]),
        (["--learning-rate", "-inf"], ["finite"]),
        (["--clip", 0], ["--clip 0"]),
        (["--task", "multiplication"], ["--task multiplication", "addition"]),
        (["--loss", "squared"], ["--loss squared", "fix: use --loss squared_error"]),
        (["--optimizer", "adamw"], ["--optimizer adamw", "sgd, momentum, adam", "fix: use --optimizer adam"]),
        (["--recurrence", "output"], ["--recurrence output", "hidden, input"]),
        (["--activation", "gelu"], ["--activation gelu"]),
        (["--until", "perfect"], ["--until perfect", "exact"]),
        (["--batch-size", 65536, "--bits", 100_000], ["batch_size x bits x hidden_dim", "--batch-size 167"]),
        (["--task", "\x1b[31m"], ["\\x1b"]),
        (["--out", "x" * 300], ["File name too long"]),
        (["--learningrate", 1], ["--learningrate", "fix: use --learning-rate"]),
        (["--bits"], ["--bits"]),
        (["surplus"], ["surplus"]),
        (["--out", "/proc/nowhere/run"], ["/proc/nowhere"]),
        (["--figure", "curve.gif"], ["curve.gif", ".png"]),
        (["--figure", "nowhere/curve.png"], ["nowhere"]),
        (["--resume", "nothing"], ["nothing is no run folder", "carrybit train"]),
    ],
    ids=str,
)
def test_bad_options_of_train_are_refused_and_nothing_is_made(carrybit, options, words):
    assert_three_lines(carrybit("train", *options), *words)
    assert not list(Path.cwd().iterdir())


def test_a_taken_folder_is_refused(carrybit, short):
    before = {path: path.read_bytes() for path in short.iterdir()}
    assert_three_lines(carrybit("train", "--out", short), "there already and holds a run", f"--resume {short}")
    assert {path: path.read_bytes() for path in short.iterdir()} == before


def test_resume_takes_no_options_that_would_make_another_run(carrybit, short):
    said = carrybit("train", "--resume", short, "--hidden-dim", 8, "--seed", 3)
    assert_three_lines(said, "--hidden-dim, --seed together with --resume", "--updates and --until")


def test_a_training_that_diverges_ends_with_one(carrybit):
    options = ["--activation", "relu", "--loss", "linear_squared_error", "--learning-rate", 10]
    said = carrybit("train", *options, "--out", "run")
    assert_three_lines(said, "training diverged: update ", "synapse_", "clip", code=1)
    assert runs.load_run("run").state.update > 0


def test_ctrl_c_saves_at_once_and_says_how_to_go_on(start, tmp_path):
    for moment in (0.5, 0.9, 1.3):
        folder = tmp_path / f"run-{moment}"
        process = start("train", "--updates", 100_000_000, "--every", 1_000_000, "--out", folder)
        while not (folder / runs.MODEL).exists():
            time.sleep(0.01)
        time.sleep(moment)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        took = time.monotonic() - began
        assert process.returncode == 130
        assert f"carrybit train --resume {folder}" in out
        assert "Traceback" not in err
        assert took < 5  # a tenth of a second on a quiet machine; the others only have to be sure that it does not hang
        assert runs.load_run(folder).state.update > 0


def test_ctrl_c_does_not_wait_for_a_long_update(start, tmp_path):
    process = start("train", "--updates", 2, "--batch-size", 32_768, "--hidden-dim", 1024, "--out", "run")
    while not (tmp_path / "run" / runs.MODEL).exists():
        time.sleep(0.01)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)  # the update takes minutes
    assert process.returncode == 130
    assert "Traceback" not in err


def test_ctrl_c_in_the_examination_leaves_an_examination_to_resume(start, tmp_path):
    process = start("train", "--updates", 1, "--operands", 6, "--engine", "reference", "--out", "run")  # a slow one
    while not (tmp_path / "run" / runs.MODEL).exists():
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert not runs.load_run(tmp_path / "run").is_finished
    process = start("train", "--resume", "run", "--json")
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert runs.load_run(tmp_path / "run").is_finished


# reproduce


def test_reproduce_prints_the_log_of_2015_byte_for_byte(start):
    process = start("reproduce", text=False)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, GOLDEN.encode(), b"")


def test_reproduce_changes_what_its_options_say(carrybit):
    said = carrybit("reproduce", "--updates", 250, "--every", 100, "--bits", 5, "--hidden-dim", 3, "--seed", 9)
    assert said.code == 0
    assert said.out.count("Error:[") == 3
    assert said.out.splitlines()[1].count(" ") == 4


def test_reproduce_saves_a_run_for_the_other_verbs(carrybit):
    assert carrybit("reproduce", "--updates", 50, "--out", "run").code == 0
    assert carrybit("predict", "run", "9 + 60").code == 0
    assert carrybit("evaluate", "run", "--count", 10).code == 0
    assert runs.load_run("run").made_by == "reproduce"
    assert_three_lines(carrybit("train", "--resume", "run"), "carrybit reproduce with more --updates")
    assert_three_lines(carrybit("reproduce", "--out", "run"), "there already")


def test_reproduce_says_one_object_with_json(carrybit):
    said = carrybit("reproduce", "--updates", 20, "--every", 10, "--json")
    assert [entry["update"] for entry in said.json["log"]] == [0, 10]


@pytest.mark.parametrize(
    "options", [["--bits", 65], ["--bits", 0], ["--seed", 2**32], ["--every", 0], ["--updates", 0]]
)
def test_reproduce_refuses_what_the_tutorial_could_not_do(carrybit, options):
    assert_three_lines(carrybit("reproduce", *options), f"{options[0]} {options[1]}")


# predict


def test_predict_says_the_sum_and_whether_it_is_right(carrybit, trained):
    said = carrybit("predict", trained, "9 + 60", "1+1")
    assert said.code == 0
    assert said.out.splitlines() == ["9 + 60 = 69  ✓ right", "1 + 1 = 2  ✓ right"]


def test_predict_says_what_a_wrong_sum_should_be(carrybit, short):
    said = carrybit("predict", short, "9 + 60")
    assert said.code == 0
    assert "✗ wrong, it is 69" in said.out


def test_predict_shows_the_bits_in_columns(carrybit, trained):
    lines = carrybit("predict", trained, "3 + 5", "-v").out.splitlines()
    cells = {line.split()[0]: line.split()[-4:] for line in lines[1:] if line.strip()}
    assert cells["bit"] == ["3", "2", "1", "0"]
    assert cells["carry"] == ["1", "1", "1", "0"]
    assert (cells["3"], cells["5"]) == (["0", "0", "1", "1"], ["0", "1", "0", "1"])
    assert cells["network"] == ["1", "0", "0", "0"]
    assert all(50 <= int(cell.rstrip("%")) <= 100 for cell in cells["confidence"])


def test_predict_wraps_long_columns(carrybit, trained):
    said = carrybit("predict", trained, f"{2**40} + 1", "-v")
    assert max(map(len, said.out.splitlines())) <= 100
    assert [line.split()[1] for line in said.out.splitlines() if "bit" in line.split()[:1]][0] == "41"


def test_predict_reads_lines(start, trained):
    process = start("predict", trained, stdin=-1)
    out, err = process.communicate("9 + 60\n2 + 2\r\n 100+27 \n", timeout=20)
    assert out.splitlines() == ["9 + 60 = 69  ✓ right", "2 + 2 = 4  ✓ right", "100 + 27 = 127  ✓ right"]
    assert (process.returncode, err) == (0, "")


def test_predict_adds_numbers_of_a_hundred_thousand_digits(start, trained):
    process = start("predict", trained, stdin=-1)
    out, err = process.communicate("9" * 100_000 + " + 1\n", timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.rstrip().endswith("= 1" + "0" * 100_000 + "  ✓ right")


def test_predict_says_one_object_with_json(carrybit, trained):
    (entry,) = carrybit("predict", trained, "9 + 60", "--json").json["predictions"]
    assert (entry["question"], entry["answer"], entry["is_right"], entry["truth"]) == ("9 + 60", "69", True, "69")
    assert entry["answers"] == [1, 0, 1, 0, 0, 0, 1]
    assert entry["states"] == [0, 0, 0, 0, 1, 1, 1, 0]


def test_quiet_predict_says_only_the_sums(carrybit, trained):
    assert carrybit("predict", trained, "9 + 60", "-q").out == "9 + 60 = 69\n"


@pytest.mark.parametrize(
    "question", ["nine + 60", "-9 + 60", "9 + -60", "9.5 + 60", "", "9", "9 + 60 + 3", "1" * 100_001 + " + 1", "--9"]
)
def test_predict_refuses_what_is_no_sum(carrybit, short, question):
    said = carrybit("predict", short, question)
    assert_three_lines(said)
    assert max(map(len, said.err.splitlines())) < 200


def test_predict_refuses_an_empty_line_after_answering_the_ones_before(start, trained):
    process = start("predict", trained, stdin=-1)
    out, err = process.communicate("9 + 60\n\n1 + 1\n", timeout=20)
    assert process.returncode == 2
    assert out.splitlines() == ["9 + 60 = 69  ✓ right"]
    assert len(err.splitlines()) == 3


def test_predict_refuses_no_input_at_all(start, trained):
    process = start("predict", trained, stdin=-1)
    _, err = process.communicate("", timeout=20)
    assert process.returncode == 2
    assert "no sum" in err


# evaluate


def test_evaluate_counts(carrybit, trained):
    said = carrybit("evaluate", trained, "--bits", 64, "--count", 300, "--seed", 4)
    assert said.code == 0
    assert "300 of 300" in said.out
    assert "100.00%" in said.out
    assert "worst margin" in said.out
    assert "first wrong" not in said.out


def test_evaluate_says_one_object_with_json(carrybit, short):
    (marks,) = carrybit("evaluate", short, "--bits", 16, "--count", 200, "--json").json["marks"]
    assert marks["asked"] == marks["questions"] == 200
    assert marks["steps"] == 3200
    assert marks["worst_margin"] < 0
    assert "should be" in marks["first_wrong"]


def test_evaluate_draws_other_sums_for_another_seed(carrybit, short):
    shown = [carrybit("evaluate", short, "--count", 50, "--seed", seed, "--json").json["marks"] for seed in (0, 1, 0)]
    assert shown[0] == shown[2] != shown[1]


def test_evaluate_asks_for_as_many_numbers_as_the_network_adds(carrybit):
    assert carrybit("train", "--operands", 3, "--updates", 5, "--out", "run").code == 0
    (marks,) = carrybit("evaluate", "run", "--count", 20, "--bits", 64, "--json").json["marks"]
    assert marks["first_wrong"].split(" = ")[0].count("+") == 2


def test_evaluate_can_hold_the_whole_examination(carrybit, trained):
    marks = carrybit("evaluate", trained, "--examination", "--json").json["marks"]
    assert [m["right"] for m in marks] == [16_384, 10_000, 4_000]


@pytest.mark.parametrize(
    "options", [["--bits", 0], ["--count", 0], ["--seed", -1], ["--bits", 10**6], ["--count", "x"]]
)
def test_evaluate_refuses_what_it_cannot_ask(carrybit, short, options):
    assert_three_lines(carrybit("evaluate", short, *options), options[0])


# doctor and the rest


def test_doctor_says_what_is_there(carrybit):
    said = carrybit("doctor")
    assert said.code == 0
    for word in ("carrybit", "python", "cores", "numpy", "[figures]", "[torch]", "multiply-add", "cache"):
        assert word in said.out
    assert carrybit("doctor", "--json").json["needed"]["numpy"]


@pytest.mark.parametrize(
    "verb", ["", *"train reproduce predict evaluate quantize check extract watch sweep doctor".split()]
)
def test_everything_has_help(carrybit, verb):
    said = carrybit(*verb.split(), "--help")
    assert said.code == 0
    assert "Usage: carrybit" in said.out


def test_no_verb_at_all_is_a_question_for_help(carrybit):
    assert "train" in carrybit().out


def test_the_version_is_said(carrybit):
    assert carrybit("--version").out == "carrybit 0.1.0\n"


def test_an_unknown_verb_is_refused_with_those_there_are(carrybit):
    assert_three_lines(
        carrybit("trian"),
        "trian",
        "train, reproduce, predict, evaluate, quantize, watch, prove, extract, check, sweep, lab, doctor, tasks",
    )


def test_a_traceback_is_shown_only_when_asked_for(carrybit):
    said = carrybit("train", "--bits", 0, "--debug")
    assert "Traceback" in said.err
    assert said.code == 2


def test_a_reader_that_leaves_early_is_no_error(start):
    process = start("reproduce", "--every", 10, text=False)
    process.stdout.readline()
    process.stdout.close()
    process.wait(timeout=30)
    assert process.stderr.read() == b""


def read_all(terminal):
    """Everything a process writes to a terminal until it ends."""
    seen = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            piece = b""
        if not piece:
            os.close(terminal)
            return seen.decode(errors="replace")
        seen += piece


def test_a_terminal_gets_a_moving_bar_and_colour_unless_it_says_no(start, tmp_path):
    pytest.importorskip("pty")

    def on_a_terminal(**environment):
        import pty

        master, slave = pty.openpty()
        settings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **environment}
        process = start("train", "--updates", 400_000, stdout=slave, stderr=slave, stdin=slave, env=settings)
        os.close(slave)
        seen = read_all(master)
        process.wait(timeout=30)
        return seen

    seen = on_a_terminal()
    for word in ("update ", "error ", "bits ", "sums ", "updates/s", "left"):
        assert word in seen
    assert "\x1b[32m" in seen or "\x1b[31m" in seen
    plain = on_a_terminal(NO_COLOR="1")
    assert "\x1b[32m" not in plain
    assert "\x1b[31m" not in plain


def test_an_ascii_terminal_is_no_error(start, trained):
    process = start("predict", trained, "9 + 60", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("9 + 60 = 69")


# what a hostile stranger tried


def test_two_quick_ctrl_c_save_and_say_what_is_saved(start, tmp_path):
    process = start("train", "--updates", 100_000_000, "--hidden-dim", 200, "--optimizer", "adam", "--out", "run")
    while not (tmp_path / "run" / runs.MODEL).exists():
        time.sleep(0.01)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    reached = runs.load_run(tmp_path / "run").state.update
    assert f"stopped after {reached:,} updates, and saved" in out
    assert not list((tmp_path / "run").glob(".*.tmp"))


def test_ctrl_c_while_it_starts_shows_no_traceback(monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("carrybit.cli.main", interrupted)
    assert __main__.main() == 130


def test_names_that_a_shell_would_break_are_quoted(carrybit):
    said = carrybit("train", "--updates", 5, "--out", "my run")
    assert "carrybit predict 'my run' \"9 + 60\" -v" in said.out
    assert "--resume 'my run' --until exact" in said.out
    assert_three_lines(carrybit("train", "--out", "my run"), "--out 'my run-2'", "--resume 'my run'")


def test_advice_keeps_what_was_asked_for(carrybit):
    options = ["--operands", 3, "--bits", 6, "--hidden-dim", 2, "--updates", 5, "--until", "exact"]
    said = carrybit("train", *options)
    assert said.code == 4
    kept = "carrybit train --bits 6 --operands 3 --until exact"
    assert f"{kept} --hidden-dim 2 --seed 1 " in said.out
    assert f"{kept}   more units" in said.out
    assert f"{kept} --hidden-dim 2 --optimizer adam " in said.out


def test_a_network_that_overflows_gives_strict_json_and_no_warnings(carrybit):
    options = ["--activation", "relu", "--loss", "linear_squared_error", "--learning-rate", "1e300"]
    assert carrybit("train", *options, "--out", "run").code == 1
    for arguments in (["evaluate", "run", "--count", 10], ["predict", "run", "9 + 60"]):
        said = carrybit(*arguments, "--json")
        assert said.code == 0
        json.loads(said.out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
        assert "Warning" not in said.err


def test_long_sums_in_columns_do_not_take_for_ever(carrybit, trained):
    said = carrybit("predict", trained, f"{'7' * 3000} + 1", "-v")  # seconds; it was minutes when rows were made anew
    assert said.code == 0
    assert said.out.count("confidence") > 600


def test_unicode_digits_are_no_digits(carrybit, short):
    assert_three_lines(carrybit("predict", short, "٣ + 4"), "'٣' where a number should stand")


def test_a_bad_line_is_named_by_its_number(start, trained):
    process = start("predict", trained, stdin=-1)
    _, err = process.communicate("1 + 1\ntwo + 2\n", timeout=20)
    assert err.startswith("error: line 2: 'two'")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_full_place_to_print_to_is_said(start):
    with open("/dev/full", "w") as full:
        process = start("doctor", stdout=full)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err.startswith("error: the system says No space left on device")
    assert len(err.splitlines()) == 3


def test_garbage_on_standard_input_is_refused_in_three_lines(start, trained):
    process = start("predict", trained, stdin=-1, text=False)
    _, err = process.communicate(b"1 + 2\n\xff\xfe\n", timeout=20)
    assert process.returncode == 2
    assert len(err.splitlines()) == 3


def test_a_finished_run_can_be_drawn_without_training_on(carrybit, short):
    said = carrybit("train", "--resume", short, "--figure", "curve.png")
    assert (said.code, said.out) == (0, "drawn: curve.png\n")
    assert Path("curve.png").stat().st_size > 5_000


def test_reproduce_that_is_stopped_keeps_its_network(start, tmp_path):
    process = start("reproduce", "--updates", 1_000_000, "--out", "run")
    process.stdout.readline()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert runs.load_run(tmp_path / "run").state.update > 0


def test_the_examination_takes_no_options_of_random_sums(carrybit, short):
    assert_three_lines(carrybit("evaluate", short, "--examination", "--bits", 20), "--examination together with")


def test_a_misspelt_option_of_predict_is_no_sum(carrybit, short):
    assert_three_lines(carrybit("predict", short, "--figre", "x.png", "1 + 2"), "--figre is no option")


def test_names_that_begin_with_a_dash_stay_names(carrybit):
    said = carrybit("train", "--updates", 5, "--out", "-y")
    assert "carrybit evaluate ./-y " in said.out


def test_an_empty_argument_is_refused(carrybit):
    assert_three_lines(carrybit("train", "--out", ""), "an empty argument")
    assert not list(Path.cwd().iterdir())


def test_closed_streams_are_no_bugs(start, tmp_path):
    for verb in (["reproduce", "--updates", "10"], ["doctor"]):
        script = f'exec "$0" -m carrybit {" ".join(verb)} >&-'
        done = subprocess.run(["sh", "-c", script, sys.executable], cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
    script = 'exec "$0" -m carrybit nope 2>&-'
    assert subprocess.run(["sh", "-c", script, sys.executable], cwd=tmp_path).returncode == 2


def test_what_is_printed_moves_no_cursor(carrybit):
    said = carrybit("train", "--updates", 5, "--out", "red\x1b[31m")
    assert "\x1b" not in said.out
    assert "red\\x1b" in said.out


def test_a_figure_that_fails_comes_after_the_result(carrybit):
    Path("full.png").symlink_to("/dev/full")
    said = carrybit("train", "--updates", 5, "--figure", "full.png", "--json")
    assert said.code == 2
    assert said.json["update"] == 5


def test_a_short_option_that_is_none_is_no_sum(carrybit, short):
    assert_three_lines(carrybit("predict", short, "-x", "1 + 1"), "-x is no option")


def test_huge_margins_are_short(carrybit):
    options = ["--activation", "relu", "--loss", "linear_squared_error", "--learning-rate", 3, "--out", "run"]
    assert carrybit("train", *options).code == 1
    said = carrybit("evaluate", "run", "--count", 50)
    assert max(len(line) for line in said.out.splitlines() if "margin" in line) < 100
    said = carrybit("predict", "run", "9 + 60", "--figure", "run.png")
    assert "Warning" not in said.err


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_time_left_is_seen_at_any_width(start, width):
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    settings = {**os.environ, "TERM": "xterm", "COLUMNS": str(width), "LINES": "24"}
    process = start(
        "train", "--updates", 1_000_000, "--every", 500_000, stdout=slave, stderr=slave, stdin=slave, env=settings
    )
    os.close(slave)
    seen = read_all(master)
    process.wait(timeout=30)
    assert re.search(r"\d:\d\d\D* left", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen))


def test_lines_in_place_of_a_bar_tell_the_time_left(monkeypatch, capsys):
    from carrybit.cli import console

    now = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    lines = console._Lines(console.Console())
    lines("training", 900, 1000, "")  # a resumed run brings 900
    now[0] = 20.0
    lines("training", 940, 1000, "note")
    assert capsys.readouterr().out == "training: 94%, about 30 s left  note\n"
