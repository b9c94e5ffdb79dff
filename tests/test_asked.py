"""What a task asks: only moves on symbols that may come are told and drawn."""

import pytest

from carrybit.machines.arrows import arrows
from carrybit.machines.listing import listing
from carrybit.tasks import make_task


def test_a_song_is_told_and_drawn_as_a_ring():
    task = make_task("song", {})
    assert task.asked.sum() == 7
    shown = arrows(task.machine, asked=task.asked)
    assert [(arrow.source, arrow.target) for arrow in shown] == [(k, (k + 1) % 7) for k in range(7)]
    assert len(listing(task.machine, asked=task.asked)) == 1 + 7
    assert len(arrows(task.machine)) > 20


def test_a_silent_alphabet_hears_letters_only_at_first():
    task = make_task("alphabet", {})
    assert len(arrows(task.machine, asked=task.asked)) == 26 + 26


@pytest.mark.parametrize("name", ["addition", "comparison", "parity", "dyck", "latch"])
def test_other_tasks_may_ask_anything(name):
    assert make_task(name, {}).asked is None
