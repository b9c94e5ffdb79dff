"""Training is a stream of events, and goes on from any of them to the same bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrybit.config import TrainConfig
from carrybit.errors import DivergedError, SettingError
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS, clip
from carrybit.spec import LOSS_NAMES
from carrybit.tasks.addition import addition
from carrybit.training import Examining, Finished, Progress, Report, first_state, train


def arrays(state):
    params = {"": state.network.params} | state.optimizer
    return {f"{group}.{name}": array for group, p in params.items() for name, array in p.arrays().items()}


def assert_same_bits(one, other):
    assert one.update == other.update
    assert one.tally == other.tally
    assert arrays(one).keys() == arrays(other).keys()
    for name, array in arrays(one).items():
        assert array.tobytes() == arrays(other)[name].tobytes(), name


def without_examination(config, state=None):
    """The events up to the final examination."""
    for event in train(config, state):
        if isinstance(event, Examining):
            return
        yield event


def last_state(config, state=None):
    return list(without_examination(config, state))[-1].state


def test_the_tutorials_training_learns_to_add():
    events = list(train(TrainConfig()))
    reports = [event for event in events if isinstance(event, Report)]
    assert [report.state.update for report in reports] == list(range(1000, 10_001, 1000))
    assert reports[0].error > 3.5
    assert reports[-1].error < 0.5
    assert reports[0].right_sequences < 0.05
    assert reports[-1].right_sequences > 0.99
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "updates"
    assert finished.state.update == 10_000
    assert [marks.questions for marks in finished.examination] == [16_384, 10_000, 4_000]
    assert finished.examination[0].is_passed


def test_until_exact_stops_when_the_examination_is_passed_and_not_before():
    config = TrainConfig(until="exact", optimizer="adam", every=500)
    *_, finished = train(config)
    assert finished.reason == "exact"
    assert all(marks.is_passed for marks in finished.examination)
    assert 500 <= finished.state.update < config.updates == 300_000
    assert finished.state.update % 500 == 0


def test_updates_that_run_out_are_said_to():
    *_, finished = train(TrainConfig(until="exact", updates=100))
    assert finished.reason == "updates"


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_going_on_from_any_event_gives_the_same_bits(data):
    config = TrainConfig(
        updates=data.draw(st.integers(60, 260)),
        every=data.draw(st.sampled_from([25, 100, 1000])),
        optimizer=data.draw(st.sampled_from(sorted(OPTIMIZERS))),
        batch_size=data.draw(st.integers(1, 3)),
        seed=data.draw(st.integers(0, 2**64 - 1)),
        task=addition(data.draw(st.integers(1, 70))),
        hidden_dim=4,
    )
    events = list(without_examination(config))
    somewhere = data.draw(st.sampled_from(events))
    rest = list(without_examination(config, somewhere.state))
    assert_same_bits(rest[-1].state if rest else somewhere.state, events[-1].state)
    later = [report_numbers(e) for e in events if isinstance(e, Report) and e.state.update >= somewhere.state.update]
    assert [report_numbers(e) for e in rest if isinstance(e, Report)] == later


def report_numbers(report):
    return report.state.update, report.error, report.right_steps, report.right_sequences, report.sample


def test_blocks_do_not_matter(monkeypatch):
    config = TrainConfig(updates=300)
    usual = last_state(config)
    monkeypatch.setattr("carrybit.training.BLOCK_SECONDS", 0.0)  # one update at a time
    assert_same_bits(last_state(config), usual)


def test_blocks_grow_so_that_events_do_not_cost_more_than_updates():
    assert sum(isinstance(event, Progress) for event in without_examination(TrainConfig(updates=2000))) < 200


def test_numpy_numbers_are_settings_too():
    config = TrainConfig(seed=np.int64(3), learning_rate=np.float64(0.5), bias=np.bool_(True))
    assert config == TrainConfig(seed=3, learning_rate=0.5, bias=True)
    assert type(config.seed) is int


def test_clipping_does_not_overflow():
    huge = first_state(TrainConfig()).network.params.map(lambda w: np.full_like(w, 1e300))
    clipped = clip(huge, 2.0)
    assert np.sqrt(sum((d * d).sum() for d in clipped.arrays().values())) == pytest.approx(2.0)


def test_an_update_is_the_gradient_step_that_the_parts_make():
    from carrybit.cells import elman
    from carrybit.losses import d_batch_loss

    config = TrainConfig(updates=1, batch_size=5, task=addition(9), engine="reference")
    before = first_state(config)
    task, spec = config.task, config.make_spec()
    words = task.sample(0, "samples", 0, 5)
    layers = elman.forward(spec, before.network.params, task.vectors[words])
    wanted = task.machine.run(words)[1][..., None]
    d = elman.backward(spec, before.network.params, layers, d_batch_loss(spec.loss, layers.layer_2, wanted))
    after = last_state(config).network.params
    for name, array in after.arrays().items():
        np.testing.assert_array_equal(array, before.network.params.arrays()[name] - 0.1 * d.arrays()[name])


def test_the_tally_is_of_the_samples_before_they_were_learned_from():
    config = TrainConfig(updates=1, batch_size=4)
    tally = last_state(config).tally
    task, network = config.task, first_state(config).network
    words = task.sample(0, "samples", 0, 4)
    layer_2 = network.run(task.vectors[words]).layer_2[..., 0]
    wanted = task.machine.run(words)[1]
    assert tally.sequences == 4
    assert tally.steps == 32
    np.testing.assert_allclose(tally.error, np.abs(wanted - layer_2).sum())
    assert tally.right_steps == ((layer_2 > 0.5) == wanted).sum()
    assert tally.right_sequences == ((layer_2 > 0.5) == wanted).all(axis=1).sum()


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_every_loss_learns(loss):
    config = TrainConfig(loss=loss, updates=5000, optimizer="adam", learning_rate=0.01, bias=True, every=500)
    reports = [event for event in without_examination(config) if isinstance(event, Report)]
    assert reports[-1].right_sequences > 0.9


def test_three_operands_are_learned():
    config = TrainConfig(task=addition(operands=3), updates=5000, optimizer="adam", every=500)
    reports = [event for event in without_examination(config) if isinstance(event, Report)]
    assert reports[-1].right_steps > 0.9


def test_training_that_diverges_names_the_update_and_the_matrix_and_keeps_the_last_good_state():
    config = TrainConfig(activation="relu", loss="linear_squared_error", learning_rate=10.0)
    reached = first_state(config)
    with pytest.raises(DivergedError, match=r"update (\d+) took synapse_\w out of the finite") as error:
        for event in train(config):
            reached = event.state
    good = error.value.state
    assert good.update >= reached.update
    assert str(good.update + 1) in error.value.received
    assert all(np.isfinite(array).all() for array in arrays(good).values())
    assert good.tally.sequences == good.update
    with pytest.raises(DivergedError, match=f"update {good.update + 1} "):
        list(train(config, good))


def test_clipping_keeps_it_finite():
    config = TrainConfig(activation="relu", loss="linear_squared_error", learning_rate=0.01, clip=0.1, updates=500)
    assert last_state(config).update == 500


def test_long_sums_can_be_trained_on():
    events = list(without_examination(TrainConfig(task=addition(10_000), updates=2, every=1)))
    assert sum(isinstance(event, Progress) for event in events) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"task": "subtractoin"},
        {"task": {"name": "addition", "bits": 0}},
        {"task": {"name": "addition", "bits": 1.5}},
        {"task": {"name": "addition", "operands": 1}},
        {"hidden_dim": 0},
        {"hidden_dim": -3},
        {"hidden_dim": 10**9},
        {"activation": "sigmoidal"},
        {"recurrence": "none"},
        {"loss": "absolute"},
        {"optimizer": "sdg"},
        {"learning_rate": 0.0},
        {"learning_rate": -0.1},
        {"learning_rate": float("nan")},
        {"learning_rate": float("inf")},
        {"clip": 0.0},
        {"clip": float("nan")},
        {"batch_size": 0},
        {"updates": 0},
        {"batch_size": 2**17},
        {"until": "perfect"},
        {"every": 0},
        {"bias": "no"},
        {"learning_rate": 10**400},
        {"seed": -1},
        {"seed": 2**64},
    ],
    ids=str,
)
def test_a_setting_that_is_not_allowed_is_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(SettingError) as error:
        TrainConfig(**wrong)
    setting = list(wrong[name])[-1] if name == "task" and isinstance(wrong[name], dict) else name
    assert str(error.value).startswith(f"{setting} = ")
    assert len(str(error.value).splitlines()) == 3
    mended = error.value.instead if setting == name else {**wrong[name], setting: error.value.instead}
    TrainConfig(**{name: mended})  # the fix is one


def test_what_does_not_fit_into_memory_is_refused_with_what_does():
    for wrong in ({"hidden_dim": 4096}, {"batch_size": 65_536}):
        with pytest.raises(SettingError, match="held in memory") as error:
            TrainConfig(task=addition(100_000), **wrong)
        if error.value.name == "bits":
            TrainConfig(task=addition(error.value.instead), **wrong)
        else:
            TrainConfig(task=addition(100_000), **{**wrong, error.value.name: error.value.instead})


def test_the_fix_for_a_misspelt_name_is_the_nearest_one():
    with pytest.raises(SettingError) as error:
        TrainConfig(optimizer="mometum")
    assert error.value.instead == "momentum"


def test_first_states_differ_by_seed_and_not_otherwise():
    a, b, c = (first_state(TrainConfig(seed=s, updates=u)) for s, u in ((1, 10), (1, 20), (2, 10)))
    assert_same_bits(a, b)
    assert (a.network.params.synapse_h != c.network.params.synapse_h).any()
    assert isinstance(a.network, Network)
