"""Examination: counted right, whichever way the network is wrong."""

import numpy as np
import pytest

from carrybit.examination import examine, is_exact, sit
from carrybit.network import Network
from carrybit.params import Params
from carrybit.spec import Spec
from carrybit.tasks.addition import addition
from carrybit.tasks.paper import Paper
from carrybit.tasks.task import decide, margins, targets


def an_adder(sharpness=20.0):
    """A full adder with weights set by hand: three sharp sigmoids count bits + carry, the answer is their parity."""
    ones = np.ones((2, 3))
    synapse_h = np.zeros((3, 3))
    synapse_h[1] = 1  # the second unit is on where at least two are: it is the carry
    return Network(
        Spec(hidden_dim=3, bias=True),
        Params(
            synapse_0=sharpness * ones,
            synapse_h=sharpness * synapse_h,
            synapse_1=sharpness * np.array([[1.0], [-1.0], [1.0]]),
            bias_1=-sharpness * np.array([0.5, 1.5, 2.5]),
            bias_2=-sharpness * np.array([0.5]),
        ),
    )


def a_forgetful_adder(after):
    """The adder, with a carry that leaks away; it holds one for about ``after`` steps more the larger the number."""
    adder = an_adder()
    weak = adder.params.synapse_h.copy()
    weak[1] *= after
    return Network(adder.spec, Params(**{**adder.params.arrays(), "synapse_h": weak}))


def complete(network, task, paper):
    return list(sit(network, task, paper))[-1]


def test_an_adder_made_by_hand_passes_everything():
    network, task = an_adder(), addition()
    marks = [marks for marks in examine(network, task) if marks.is_complete]
    assert [m.right for m in marks] == [16_384, 10_000, 4_000]
    assert all(m.is_passed and m.first_wrong is None and m.right_steps == m.steps for m in marks)
    assert min(m.worst_margin for m in marks) > 0.4
    assert is_exact(network, task)


def test_an_untrained_network_fails_and_the_first_wrong_sum_is_shown():
    network, task = Network.first(Spec(), seed=0), addition()
    assert not is_exact(network, task)
    for marks in examine(network, task):
        if marks.is_complete:
            assert not marks.is_passed
            assert marks.worst_margin < 0
            assert "should be" in marks.first_wrong


@pytest.mark.parametrize("network", [Network.first(Spec(), 0), an_adder(), a_forgetful_adder(0.52)])
def test_beginnings_are_graded_as_if_each_were_asked_alone(network):
    task = addition()
    words = task.machine.holding_words(30)
    paper = Paper.of("chains", words, ending=(0,))
    marks = complete(network, task, paper)
    right, wrong = 0, []
    for length in range(1, 31):
        for word in words:
            question = np.append(word[:length], 0)
            answers = decide(network.run(task.vectors[question][None]).layer_2)[0]
            if (answers == task.machine.run(question[None])[1][0]).all():
                right += 1
            else:
                wrong.append(task.correct(question, answers))
    assert marks.questions == marks.asked == 120
    assert marks.right == right
    assert marks.first_wrong == (wrong[0] if wrong else None)


def test_chains_of_three_numbers_end_with_room_for_their_whole_carry():
    task = addition(operands=3)
    chains = list(task.examination())[2]
    assert chains.ending == (0, 0)
    for word in chains.words(0, chains.count):
        question = np.append(word[:20], chains.ending)
        answers = task.machine.run(question[None])[1][0]
        assert sum(int(bit) << t for t, bit in enumerate(answers)) == sum(task.numbers(question))


def test_a_paper_in_pieces_has_the_marks_of_the_whole(monkeypatch):
    network, task = Network.first(Spec(), seed=0), addition(12)
    paper = task.random_paper(0, "evaluation", 500)
    whole = complete(network, task, paper)
    monkeypatch.setattr("carrybit.examination.NUMBERS_AT_ONCE", 12 * 16 * 7)
    pieces = list(sit(network, task, paper))
    assert len(pieces) == 72
    assert pieces[-1] == whole
    assert [m.is_complete for m in pieces] == [False] * 71 + [True]


def test_one_unit_decides_at_one_half_and_several_by_the_highest():
    assert decide(np.array([[[0.4], [0.5], [0.6]]])).tolist() == [[0, 0, 1]]
    assert decide(np.array([[[0.2, 0.5, 0.3]]])).tolist() == [[1]]
    assert decide(np.array([[[np.nan]]])).tolist() == decide(np.array([[[0.2, np.nan]]])).tolist() == [[-1]]


def test_margins_are_distances_to_the_wrong_side():
    one = margins(np.array([[[0.9], [0.9], [0.2]]]), np.array([[1, 0, 0]]))
    np.testing.assert_allclose(one, [[0.4, -0.4, 0.3]])
    two = margins(np.array([[[0.1, 0.9], [0.1, 0.9]]]), np.array([[1, 0]]))
    np.testing.assert_allclose(two, [[0.4, -0.4]])


def test_targets_are_bits_for_one_unit_and_one_hot_for_several():
    answers = np.array([[0, 1]])
    assert targets(Spec(output_dim=1), answers).tolist() == [[[0.0], [1.0]]]
    assert targets(Spec(output_dim=2), answers).tolist() == [[[1.0, 0.0], [0.0, 1.0]]]


def test_a_network_of_nothing_but_nan_is_not_exact():
    network = Network(Spec(), Network.first(Spec(), 0).params.map(lambda w: w * np.nan))
    assert not is_exact(network, addition())
    marks = complete(network, addition(), addition().random_paper(0, "evaluation", 10))
    assert (marks.right, marks.right_steps, marks.worst_margin) == (0, 0, -np.inf)
