"""The walk in the terminal: keys there and back, undo, checks, entries, and terminals of any size."""

import asyncio
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from textual.widgets import Input, Static

from carrybit.caption import Caption
from carrybit.walk.cells import shades
from carrybit.walk.screen import Help, Walk
from test_walk import drawn

SIZES = [(80, 24), (120, 40), (200, 60), (76, 18), (40, 10), (20, 6), (8, 3), (1, 1)]


def walked(made, does, size=(80, 24), learning_rate=0.1):
    """What ``does(app, pilot)`` returns, of a walk through a trace."""

    async def go():
        app = Walk(made, learning_rate)
        async with app.run_test(size=size) as pilot:
            return await does(app, pilot)

    return asyncio.run(go())


def seen(app):
    """The page with its colours, as it is on the screen."""
    return app.drawn.markup


async def asked(pilot, *keys):
    """Press keys, and wait for what is measured."""
    await pilot.press(*keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def test_keys_walk_there_and_back_and_undo_brings_every_page_back_exactly():
    made = drawn(2, steps=3)

    async def does(app, pilot):
        there = [seen(app)]
        for number in range(1, 19):
            await pilot.press(("right", "space", "n")[number % 3])
            assert app.place == number
            there.append(seen(app))
        await pilot.press("right")
        assert app.place == 18
        back = [seen(app)]
        for number in range(17, -1, -1):
            await pilot.press(("left", "u", "p")[number % 3])
            assert app.place == number
            back.append(seen(app))
        await pilot.press("left")
        assert app.place == 0
        return there, back

    there, back = walked(made, does)
    assert there == back[::-1]
    assert len(set(there)) == 19
    assert "forward" in there[0] and "backward" in there[9] and "Only now do the weights change." in there[18]
    for page, scene in zip(there, Walk(made, 0.1).script, strict=True):
        assert scene.title in page


def test_undo_brings_back_what_was_checked_and_the_chosen_unit():
    async def does(app, pilot):
        await asked(pilot, "down", "c")
        before = seen(app)
        await pilot.press("right", "left")
        assert "by a nudge" in before
        assert seen(app) == before

    walked(drawn(0, hidden=5), does)


def test_keys_jump():
    async def does(app, pilot):
        places = []
        for key in (
            "pagedown",
            "right",
            "pagedown",
            "pageup",
            "right",
            "pageup",
            "b",
            "end",
            "pageup",
            "home",
            "pageup",
        ):
            await pilot.press(key)
            places.append(app.place)
        return places

    assert walked(drawn(0), does) == [3, 4, 6, 3, 4, 3, 15, 30, 27, 0, 0]


def test_units_are_chosen_up_and_down_and_go_round_and_outputs_apart_from_hidden_ones():
    made = drawn(0, hidden=5, outputs=3)

    async def does(app, pilot):
        first = app.unit
        await pilot.press("down")
        assert app.unit == (first + 1) % 5
        assert f"layer_1[{app.unit}] = sigmoid(" in app.drawn.plain and f"unit {app.unit}" in app.drawn.plain
        await pilot.press(*["up"] * 3)
        hidden = app.unit
        assert hidden == (first - 2) % 5
        await pilot.press("right", "up")
        assert app.unit in range(3) and f"layer_2[{app.unit}]" in app.drawn.plain
        await pilot.press("pagedown")
        assert app.unit == hidden
        await pilot.press("0")
        assert app.unit == app.scene.unit

    walked(made, does)


@pytest.mark.parametrize("number", [0, 3, 10, 13])
def test_the_check_agrees_at_every_stop(number):
    async def does(app, pilot):
        for place in range(len(app.script)):
            app.go_to(place)
            await asked(pilot, "c")
            text = app.drawn.plain
            assert "by a nudge" in text and "✗ NOT THE SAME" not in text, place
            (said,) = [lines for (at, _), lines in app.said.items() if at == place]
            assert all(line.startswith("✓ d_") for line in said)

    walked(drawn(number, steps=2), does, size=(100, 50))


def test_a_wrong_derivative_is_caught():
    made = drawn(0, hidden=5)
    planted = made.d_pre_1.copy()
    planted[0, 4, 2] += 0.02

    async def does(app, pilot):
        await pilot.press("b", "right")
        app.chosen[False] = 1
        await asked(pilot, "c")
        assert "✗ NOT" not in app.drawn.plain and "✓ d_pre_1[1]" in app.drawn.plain
        await asked(pilot, "down", "c")
        assert "✗ NOT THE SAME: d_pre_1[2] at step 4" in app.drawn.plain
        assert "✓ d_layer_1[2]" in app.drawn.plain

    walked(replace(made, d_pre_1=planted), does, size=(100, 40))


def test_any_gradient_can_be_asked_for():
    made = drawn(0, hidden=8)

    async def does(app, pilot):
        await pilot.press("g")
        entry = app.query_one("#entry", Input)
        assert entry.has_focus and entry.display
        await asked(pilot, *"synapse_h", "space", "3", "space", "7", "enter")
        assert not entry.display
        assert f"✓ d_synapse_h[3,7] = {made.gradient.synapse_h[3, 7]:.7g}, by a nudge" in app.drawn.plain
        await pilot.press("right")
        assert app.place == 1

    walked(made, does, size=(100, 30))


@pytest.mark.parametrize("entry", ["synapse_9 1 1", "synapse_h 90 0", "[bold]x[/bold]", "[/]", "layer_1", "x" * 300])
def test_a_bad_entry_gets_a_clear_line(entry):
    async def does(app, pilot):
        await pilot.press("g")
        app.query_one("#entry", Input).value = entry
        await asked(pilot, "enter")
        assert "✗" in app.drawn.plain and "allowed: " in app.drawn.plain and "such as " in app.drawn.plain
        assert entry[:20] in app.drawn.plain or "nothing at 90 0" in app.drawn.plain or "is no place" in app.drawn.plain
        await pilot.press("right", "left", "escape")
        assert "allowed: " not in app.drawn.plain

    walked(drawn(0, hidden=8), does, size=(100, 40))


def test_an_empty_entry_and_escape_put_the_entry_away():
    async def does(app, pilot):
        for key in ("enter", "escape"):
            await pilot.press("g", "space", key, "right")
            assert not app.query_one("#entry", Input).display
        assert app.place == 2 and not app.said

    walked(drawn(0), does)


def test_help_opens_and_closes_and_q_quits():
    async def does(app, pilot):
        await pilot.press("question_mark")
        assert isinstance(app.screen, Help)
        await pilot.resize_terminal(40, 10)
        await pilot.press("escape")
        assert not isinstance(app.screen, Help)
        await pilot.press("right")
        assert app.place == 1
        await pilot.press("q")
        return app.return_code

    assert walked(drawn(0), does) == 0


@pytest.mark.parametrize("number", [1, 4, 7, 10, 14])
def test_no_size_is_too_small_and_every_line_fits(number):
    made = drawn(number, hidden=70 if number == 7 else None)

    async def does(app, pilot):
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            for place in range(len(app.script)):
                app.go_to(place)
                lines = app.drawn.split("\n")
                assert len(lines) <= max(3, height - 1), (width, height)
                assert all(line.cell_len <= max(10, width) for line in lines)
            await pilot.pause()
            app.export_screenshot()

    walked(made, does)


def test_a_tiny_terminal_still_says_where_we_are_and_what_happens():
    made = drawn(0)

    async def does(app, pilot):
        for scene in app.script:
            app.go_to(scene.number)
            text = app.drawn.plain
            assert scene.title[:20] in text and "step" in text
            assert scene.numbers(app.unit)[0].split(" ")[0] in text

    walked(made, does, size=(40, 10))


def test_the_steps_are_in_the_order_of_reading_and_the_present_one_is_marked():
    made = drawn(0)
    backwards = replace(made, captions=(replace(made.caption, is_read_backwards=True),))

    async def does(app, pilot):
        await pilot.press("pagedown", "pagedown")
        return next(line.split("  ")[1:] for line in app.drawn.plain.splitlines() if line.startswith("step"))

    forwards, back = (" ".join(walked(each, does, size=(120, 40))).split()[:5] for each in (made, backwards))
    assert forwards == ["0", "1", "[2]", "3", "4"]
    assert back == forwards[::-1]


def test_what_is_not_yet_made_is_not_shown():
    made = drawn(0, hidden=4)
    caption = replace(made.caption, answers=tuple("abcde"), truth=tuple("ABCDE"), right=(False,) * 5, title="?")

    async def does(app, pilot):
        pages = {}
        for place in (0, 4, 5, 14):
            app.go_to(place)
            pages[place] = app.drawn.plain
        return pages

    pages = walked(replace(made, captions=(caption,)), does, size=(120, 40))
    answered = {
        place: [mark for mark in "abcde" if f" {mark} " in page or f" {mark}✗" in page] for place, page in pages.items()
    }
    assert answered == {0: [], 4: ["a", "b"], 5: ["a", "b"], 14: list("abcde")}
    assert " B " not in pages[4] and " B " in pages[5]
    assert "b✗" not in pages[4] and "b✗" in pages[5]


def test_the_gradient_fills_up_on_the_way_back():
    async def does(app, pilot):
        titles = []
        for place in (0, 15, 17, 29, 30):
            app.go_to(place)
            titles += [line for line in app.drawn.plain.splitlines() if "weights: " in line or "gradient" in line][:1]
        return [title.strip().rsplit("   ", 1)[-1].strip() for title in titles]

    assert walked(drawn(0), does, size=(120, 40)) == [
        "weights: they do not change yet",
        "gradient: nothing is added yet",
        "gradient so far, of step 4",
        "gradient so far, steps 4 to 0",
        "gradient, of all steps",
    ]


def test_weights_are_shown_one_by_one_where_there_is_room_and_else_the_largest_of_each_block():
    made = drawn(0, hidden=16)

    async def does(app, pilot):
        lines = app.drawn.plain.splitlines()
        row = next(re.search("synapse_h ([░▒▓█·]+)", line)[1] for line in lines if "synapse_h " in line)
        return row, next(re.search("synapse_1 ([░▒▓█·]+)", line)[1] for line in lines if "synapse_1 " in line)

    sizes = np.abs(made.params.synapse_h) / np.abs(made.params.synapse_h).max()
    assert walked(made, does, size=(160, 60))[0] == "".join(mark * 3 for mark in shades(sizes[0]))
    assert len(walked(made, does)[0]) == 16
    assert len(walked(drawn(0, hidden=64), does)[0]) == 15 + 1


def test_a_caption_is_shown_and_never_obeyed():
    made = drawn(0, outputs=2)
    mean = "[bold red]x[/]\x1b[2J\n\u202e"
    shown = "[bold red]x[/]\\x1b[2J\\n\\u202e"
    caption = Caption(
        title=mean, rows=((mean, (mean,) * 5),), answers=(mean,) * 5, truth=(mean,) * 5, right=(True,) * 5,
        memory=mean, states=(mean,) * 6, inputs=(mean,) * 9, outputs=(mean,) * 2, steps=mean,
    )  # fmt: skip

    async def does(app, pilot):
        assert app.drawn.plain.startswith(shown)
        for place in range(len(app.script)):
            app.go_to(place)
            assert all(line.plain.isprintable() for line in app.drawn.split("\n"))
            await pilot.pause()
        drawn_lines = ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]
        assert drawn_lines[0].startswith(shown)

    walked(replace(made, captions=(caption,)), does, size=(160, 40))


def test_nothing_is_said_by_colour_alone():
    async def does(app, pilot):
        await pilot.press(*["right"] * 5)
        assert " error " in app.drawn.plain and "✓" not in app.drawn.plain.splitlines()[0]
        await pilot.press("b")
        assert " derivative " in app.drawn.plain
        assert "d_pre_2" in app.drawn.plain

    walked(drawn(0), does)


def test_no_color_is_respected(monkeypatch):
    async def does(app, pilot):
        await pilot.press("b", "right")
        await pilot.pause()
        styles = [part.style for strip in app.screen._compositor.render_strips() for part in strip if part.style]
        colours = {colour for style in styles for colour in (style.color, style.bgcolor)}
        return {colour for colour in colours if colour is not None and not colour.is_default}

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert len(walked(drawn(0), does)) >= 4
    monkeypatch.setenv("NO_COLOR", "1")
    assert not walked(drawn(0), does)


def test_a_long_trace_answers_at_once():
    made = drawn(0, steps=1000, hidden=64)

    async def does(app, pilot):
        slowest = {}
        for key in ("right", "left", "pagedown", "down", "b", "right", "right", "right", "end", "pageup", "left"):
            began = time.perf_counter()
            app.simulate_key(key)
            await pilot._wait_for_screen()
            slowest[key] = min(slowest.get(key, 9), time.perf_counter() - began)
        return slowest

    times = walked(made, does, size=(120, 40))
    print(times)
    assert np.median(list(times.values())) < 0.25  # a noisy machine; on a quiet one it is under 0.05


def test_a_new_size_is_drawn_at_once():
    async def does(app, pilot):
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        shown = app.query_one("#page", Static).content
        assert max(len(line) for line in shown.plain.splitlines()) == 120  # the bar goes from end to end

    walked(drawn(0), does)


def test_ctrl_c_leaves_even_while_something_is_typed():
    async def does(app, pilot):
        await pilot.press("g", "ctrl+c")
        await pilot.pause()
        assert not app.is_running

    walked(drawn(0), does)
