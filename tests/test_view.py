"""The page, in a browser: the numbers it shows are the trace's, and everything in it can be reached and read."""

import base64
import hashlib
import re
import shutil
import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from carrybit.attribution import attribute
from carrybit.config import TrainConfig
from carrybit.errors import ShapeError, UsageError
from carrybit.figures.hues import HUES, hue
from carrybit.network import Network
from carrybit.tasks.addition import addition
from carrybit.tasks.song import song
from carrybit.tracing import trace
from carrybit.view import bundle, html
from carrybit.view.payload import payload
from carrybit.watching import watch, watch_samples

MODULES = sorted(Path(bundle.__file__).parent.glob("*.js"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREEN = {"width": 1280, "height": 900}
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "]]>",
    "\"'&amp;<img src=x onerror=alert(1)>",
    "\u2028\u2029\x00\ud800",
    "\u202eright to left",
]


def watched(task, question, **settings):
    config = TrainConfig(task=task, **settings)
    return watch(Network.first(config.make_spec(), 3, start=1.0), task, question)


CASES = {
    "addition": (addition(), "9 + 60", {}),
    "song": (song(), "I love you and I love carrots", {"loss": "softmax_cross_entropy", "bias": True}),
    "input recurrence": (addition(), "9 + 60", {"recurrence": "input", "activation": "tanh"}),
    "relu": (addition(), "5 + 3", {"activation": "relu", "loss": "cross_entropy", "bias": True}),
    "float32": (addition(), "5 + 3", {"precision": "float32"}),
}


@pytest.fixture(scope="module")
def adder():
    return watched(*CASES["addition"][:2])


@pytest.fixture(scope="module")
def chromium():
    sync = pytest.importorskip("playwright.sync_api", reason="a browser is driven by playwright, which is missing")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium to look at pages with")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def usual(chromium):
    """The page that one test after another goes on with, where it asks for no other screen; a new one takes time."""
    context = chromium.new_context(viewport=SCREEN)
    yield context.new_page()
    context.close()


@pytest.fixture
def opened(chromium, usual, tmp_path):
    """Open a trace as a file, in a page that must say nothing on the console and ask no network for anything."""
    contexts, said, asked, files = [], [], [], []
    heard = {
        "console": lambda message: said.append(message.text),
        "pageerror": lambda error: said.append(str(error)),
        "dialog": lambda dialog: (said.append(dialog.message), dialog.dismiss()),
        "request": lambda request: asked.append(request.url),
    }

    def listen(page):
        for event, hear in heard.items():
            page.on(event, hear)
        return page

    def page_of(settings):
        if not settings:
            return usual
        contexts.append(chromium.new_context(**{"viewport": SCREEN} | settings))
        return listen(contexts[-1].new_page())

    def open_page(trace, attribution=None, **settings):
        files.append(tmp_path / f"{len(files)}.html")
        html.save_page(trace, attribution, files[-1])
        page = page_of(settings)
        page.set_default_timeout(20_000)
        page.goto(files[-1].as_uri())
        page.locator(".strip[data-frames]").wait_for()
        return page

    listen(usual)
    yield open_page
    for context in contexts:
        context.close()
    for event, hear in heard.items():
        usual.remove_listener(event, hear)
    assert not said
    assert all(url.startswith("file:") for url in asked) and len(asked) == len(files)


def settle(page):
    """Wait until what was asked for is drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    settle(page)


def go(page, moment):
    slider = page.locator("input[type=range]")
    slider.evaluate("(slider, moment) => { slider.value = moment; slider.dispatchEvent(new Event('input')); }", moment)
    settle(page)


def choose(page, unit):
    page.locator(f'[data-unit="{unit}"]').evaluate("button => button.click()")
    settle(page)


def numbers(page, role, within=".equation"):
    """The whole numbers that an element keeps beside the three digits that it shows."""
    return page.locator(f'{within} [data-role="{role}"]').evaluate_all("all => all.map(data => Number(data.value))")


def number(page, role, within=".equation"):
    (only,) = numbers(page, role, within)
    return only


def terms(page, role):
    return numbers(page, "product", f".equation [data-list={role}]")


def status(page):
    return page.locator("[role=status]").text_content()


def colours(page):
    """How many dots of the strip have each colour: {(r, g, b): dots}."""
    script = """canvas => {
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
        copy.fillStyle = getComputedStyle(canvas.closest(".card")).backgroundColor;
        copy.fillRect(0, 0, canvas.width, canvas.height);
        copy.drawImage(canvas, 0, 0);
        const {data} = copy.getImageData(0, 0, canvas.width, canvas.height), counts = {};
        for (let k = 0; k < data.length; k += 4) {
            const key = [data[k], data[k + 1], data[k + 2]].join();
            counts[key] = (counts[key] ?? 0) + 1;
        }
        return counts;
    }"""
    counts = page.locator(".strip canvas").evaluate(script)
    return {tuple(map(int, key.split(","))): count for key, count in counts.items()}


def near(counts, hexadecimal, most=3):
    wanted = [int(hexadecimal[k : k + 2], 16) for k in (1, 3, 5)]
    return sum(count for colour, count in counts.items() if np.abs(np.subtract(colour, wanted)).max() <= most)


# what is shown is what the trace holds


@pytest.mark.parametrize("case", CASES)
def test_every_equation_is_made_of_the_numbers_of_the_trace(opened, case):
    task, question, settings = CASES[case]
    trace = watched(task, question, hidden_dim=6, **settings)
    page = opened(trace)
    exact = {"rtol": 1e-5, "atol": 1e-7} if case == "float32" else {"rtol": 1e-12, "atol": 1e-15}
    for step in (0, 2, trace.time - 1):
        go(page, step)
        for h in (0, 3, trace.spec.hidden_dim - 1):
            choose(page, f"layer_1[{h}]")
            assert page.locator(".equation h3").text_content() == f"layer_1[{h}] at step {step}"
            shown = [number(page, role) for role in ("value", "result", "arrives", "d_layer", "d_pre")]
            layer_1 = trace.layer_1[0, step + 1, h]
            held = [
                layer_1,
                layer_1,
                trace.pre_1[0, step, h],
                trace.d_layer_1[0, step + 1, h],
                trace.d_pre_1[0, step, h],
            ]
            np.testing.assert_allclose(shown, held, **exact)
            weights = trace.params
            parts = [
                *(trace.layer_0[0, step] * weights.synapse_0[:, h]),
                *(trace.past[0, step] * weights.synapse_h[:, h]),
            ]
            parts += [weights.bias_1[h]] if trace.spec.bias else []
            np.testing.assert_allclose(sorted(terms(page, "forward")), sorted(parts), **exact)
            np.testing.assert_allclose(sum(terms(page, "forward")), trace.pre_1[0, step, h], rtol=1e-5, atol=1e-7)
            later = trace.d_past[0, step + 1, h] if trace.spec.recurrence == "hidden" and step + 1 < trace.time else 0
            np.testing.assert_allclose(number(page, "later"), later, **exact | {"rtol": 1e-5})
            np.testing.assert_allclose(number(page, "now") + number(page, "later"), held[3], rtol=1e-5, atol=1e-7)
            np.testing.assert_allclose(number(page, "d_layer") * number(page, "slope"), held[4], rtol=1e-4, atol=1e-9)
        for o in {0, trace.spec.output_dim // 2, trace.spec.output_dim - 1}:
            choose(page, f"layer_2[{o}]")
            shown = [number(page, role) for role in ("value", "arrives", "error", "d_pre")]
            arrays = (trace.layer_2, trace.pre_2, trace.layer_2_error, trace.d_pre_2)
            np.testing.assert_allclose(shown, [array[0, step, o] for array in arrays], **exact)
            np.testing.assert_allclose(sum(terms(page, "forward")), trace.pre_2[0, step, o], rtol=1e-5, atol=1e-6)
        for i in {0, trace.spec.input_dim - 1}:
            choose(page, f"layer_0[{i}]")
            np.testing.assert_allclose(number(page, "value"), trace.layer_0[0, step, i], **exact)
            np.testing.assert_allclose(number(page, "d_layer"), trace.d_layer_0[0, step, i], **exact)
            np.testing.assert_allclose(sum(terms(page, "back")), trace.d_layer_0[0, step, i], rtol=1e-5, atol=1e-9)


def test_a_softmax_names_itself_and_a_relu_too(opened):
    page = opened(watched(*CASES["song"][:2], **CASES["song"][2]))
    choose(page, "layer_2[0]")
    assert "= softmax(" in page.locator(".equation .line").first.text_content()
    page = opened(watched(*CASES["relu"][:2], **CASES["relu"][2]))
    assert "= relu(" in page.locator(".equation .line").first.text_content()


@pytest.mark.parametrize("case", ["addition", "song", "input recurrence"])
def test_the_gradient_assembles_as_the_trace_has_it(opened, case):
    task, question, settings = CASES[case]
    trace = watched(task, question, hidden_dim=5, **settings)
    page = opened(trace)
    assert numbers(page, "entry", ".gradient") == []  # nothing before the way back
    for t in (trace.time - 1, 3, 0):
        go(page, 2 * trace.time - 1 - t)
        for name, held in trace.assembled(t).arrays().items():
            most = held.ravel()[np.abs(held).argmax()]
            shown = number(page, "entry", f"[data-map={name}]")
            np.testing.assert_allclose(abs(shown), abs(most), rtol=1e-12, err_msg=f"{name} at step {t}")
    go(page, 2 * trace.time)
    assert "Only now do the weights change" in status(page)
    page.locator("[data-map=synapse_0] canvas").focus()
    press(page, "ArrowLeft")  # the cursor comes up at 0, 0
    held, shown = trace.gradient.synapse_0, []
    for _ in range(trace.spec.input_dim):
        shown.append([])
        for _ in range(trace.spec.hidden_dim):
            shown[-1].append(number(page, "entry", "[data-map=synapse_0]"))
            page.keyboard.press("ArrowRight")
        press(page, "ArrowDown", *["ArrowLeft"] * trace.spec.hidden_dim)
    np.testing.assert_array_equal(shown, held)


def test_the_gradient_is_the_same_after_going_to_and_fro(opened, adder):
    page = opened(adder)
    for t in (2, 0, 4, 1):
        go(page, 2 * adder.time - 1 - t)
        held = adder.assembled(t).synapse_h
        np.testing.assert_allclose(abs(number(page, "entry", "[data-map=synapse_h]")), np.abs(held).max(), rtol=1e-12)


def test_the_table_has_every_number_of_the_step(opened, adder):
    page = opened(adder)
    page.locator("summary").click()
    for step in (6, 1):
        go(page, step)
        shown = [numbers(page, role, "table") for role in ("value", "arrives", "error", "derivative")]
        np.testing.assert_array_equal(
            shown[0], [*adder.layer_0[0, step], *adder.layer_1[0, step + 1], *adder.layer_2[0, step]]
        )
        np.testing.assert_array_equal(shown[1], [*adder.pre_1[0, step], *adder.pre_2[0, step]])
        np.testing.assert_array_equal(shown[2], adder.layer_2_error[0, step])
        back = [*adder.d_layer_0[0, step], *adder.d_pre_1[0, step], *adder.d_pre_2[0, step]]
        np.testing.assert_array_equal(shown[3], back)


def test_what_is_read_is_what_is_kept_to_three_digits(opened, adder):
    page = opened(adder)
    page.locator("summary").click()
    for text, whole in page.locator("table data").evaluate_all("all => all.map(d => [d.textContent, Number(d.value)])"):
        np.testing.assert_allclose(float(text.replace("−", "-")), whole, rtol=5.1e-3)


def test_where_the_memory_comes_from_is_told_in_numbers(opened, adder):
    attribution = attribute(adder)
    page = opened(adder, attribution)
    press(page, "2")
    shares = attribution.shares()[0]
    for step in (6, 3):
        go(page, step)
        shown = [number(page, f"share-{s}", ".legend") for s in range(step + 1)]
        np.testing.assert_allclose(shown, shares[step, : step + 1], rtol=1e-12)
        most = shares[step].argmax()
        first = f"At step {step}, {100 * shares[step, most]:.0f} % of the memory comes from the input of step {most}"
        assert page.locator(".told").text_content().startswith(first)
        choose(page, "layer_1[4]")
        np.testing.assert_array_equal(numbers(page, "part"), attribution.values[0, step, 4, : step + 1])


def test_a_batch_s_share_is_told_with_the_derivative(opened):
    config = TrainConfig(task=addition())
    samples = watch_samples(Network.first(config.make_spec(), 3), addition(), 4)
    page = opened(samples.sequence(2))
    choose(page, "layer_2[0]")
    assert "0.25 of the batch" in page.locator(".equation").text_content()


@pytest.mark.parametrize(("batch", "told"), [(1, set()), (3, {"0.333"})])
def test_a_batch_s_share_is_the_trace_s_in_single_precision_too(opened, batch, told):
    first = Network.first(TrainConfig(hidden_dim=128, bias=True).make_spec(), 0)
    network = Network(first.spec, replace(first.params, bias_2=np.array([10.0])))  # answers near 1, of few digits to it
    layer_0 = np.random.default_rng(0).integers(0, 2, (batch, 100, 2)).astype(float)
    one = trace(network, layer_0, layer_0[..., :1]).sequence(0)
    assert payload(one)["arrays"]["layer_2"]["format"] == "float32"
    page = opened(one)
    choose(page, "layer_2[0]")
    found = set()
    for step in range(0, 100, 12):
        go(page, step)
        found |= set(re.findall(r"([\d.]+) of the batch", page.locator(".equation").text_content()))
    assert found == told


# going through it


def test_it_opens_on_the_whole_answer_and_says_so(opened, adder):
    page = opened(adder)
    assert page.title() == adder.caption.title
    assert page.locator("h2").text_content() == adder.caption.title
    assert status(page).startswith("step 6 of 0–6: read 0 and 0, carry 1 so far; answer ")


def test_buttons_step_and_the_line_says_what_happened(opened, adder):
    page = opened(adder)
    page.get_by_label("To the first step").click()
    settle(page)
    assert status(page).startswith("step 0 of 0–6: read 1 and 0, carry 0 so far")
    page.get_by_label("One moment on").click()
    settle(page)
    assert status(page).startswith("step 1 of 0–6: read 0 and 0")
    page.get_by_label("One moment back").click()
    settle(page)
    assert status(page).startswith("step 0 of")
    assert page.get_by_label("One moment back").is_disabled()
    page.get_by_label("To the end of this way").click()
    settle(page)
    assert status(page).startswith("step 6 of")
    page.get_by_label("One moment on").click()
    settle(page)
    assert status(page).startswith("way back, step 6 of 0–6: error ")


def test_the_line_says_right_and_wrong(opened, adder):
    for is_right, told in ((True, ", right"), (False, f", wrong: it is {adder.caption.truth[6]}"), (None, "")):
        caption = replace(adder.caption, right=(is_right,) * adder.time)
        page = opened(replace(adder, captions=(caption,)))
        assert status(page).endswith(f"answer {adder.caption.answers[6]}{told}")


def test_the_slider_goes_through_every_moment_forwards_and_back(opened, adder):
    page = opened(adder)
    slider = page.locator("input[type=range]")
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("0", "14")
    for moment, told in ((2, "step 2 of"), (7, "way back, step 6"), (13, "way back, step 0"), (14, "All steps")):
        go(page, moment)
        assert status(page).startswith(told)
        assert slider.get_attribute("aria-valuetext") == status(page)


def test_playing_goes_to_the_last_answer_and_the_way_back_to_the_update(opened, adder):
    page = opened(adder, reduced_motion="reduce")  # a page of its own, whose clock is held
    page.clock.install()
    page.get_by_role("button", name="Play", exact=True).click()
    seen = []
    for _ in range(12):
        page.clock.run_for(1_000)
        seen.append(page.locator(".where").text_content())
    assert "step 1 of 0–6" in seen and seen[-1] == "step 6 of 0–6"
    page.get_by_role("button", name="Play the way back").click()
    page.clock.run_for(2_000)
    assert page.locator(".where").text_content().startswith("back, step ")
    page.clock.run_for(12_000)
    assert page.locator(".where").text_content() == "the update"
    assert page.get_by_role("button", name="Play", exact=True).is_visible()  # and no longer "Pause"


def test_every_key_does_what_the_help_says(opened, adder):
    page = opened(adder, attribute(adder))
    press(page, "Home")
    assert status(page).startswith("step 0")
    press(page, "ArrowRight", "ArrowRight", "ArrowLeft")
    assert status(page).startswith("step 1")
    press(page, "ArrowDown")
    assert status(page) == page.locator('[aria-pressed="true"]').get_attribute("aria-label")
    assert status(page).startswith("layer_1[1] at step 1 is ")
    press(page, "ArrowUp", "ArrowUp")
    assert status(page).startswith("layer_0[1] (60) at step 1 is 0")
    for key, colouring in zip("1234", ("activation", "provenance", "derivative", "change"), strict=True):
        press(page, key)
        assert page.locator("input[type=radio]:checked").get_attribute("value") == colouring
    press(page, "End")
    assert status(page).startswith("step 6")
    press(page, "End")
    assert status(page).startswith("All steps")
    press(page, "b")
    assert page.get_by_role("button", name="Pause").is_visible()
    press(page, " ")
    assert page.get_by_role("button", name="Play", exact=True).is_visible()
    press(page, "?")
    assert page.locator("dialog").is_visible()
    press(page, "Escape")
    assert not page.locator("dialog").is_visible()


def test_focus_goes_through_it_in_the_order_of_reading_and_can_be_seen(opened, adder):
    page = opened(adder)
    order = []
    for _ in range(10):
        page.keyboard.press("Tab")
        script = "() => { const a = document.activeElement; return a.ariaLabel || a.value || a.textContent; }"
        order.append(page.evaluate(script))
        thickness = page.evaluate(
            """() => { const a = document.activeElement, shown = a.type === "radio" ? a.nextSibling : a;
            return parseFloat(getComputedStyle(shown).outlineWidth); }"""
        )
        assert thickness >= 2, order[-1]
    reading = [
        "Keys and help",
        "To the first step",
        "Play",
        "Play the way back",
        "Moment:",
        "activation",
        "The sequence",
    ]
    places = [next((k for k, each in enumerate(order) if each.startswith(start)), -1) for start in reading]
    assert places == sorted(places) and -1 not in places, order


def test_the_arrows_take_the_focus_from_unit_to_unit(opened, adder):
    page = opened(adder)
    page.locator('[data-unit="layer_1[15]"]').click()
    press(page, "ArrowDown")
    assert page.evaluate("document.activeElement.dataset.unit") == "layer_2[0]"
    assert page.locator(".unit[tabindex='0']").count() == 1
    press(page, "ArrowDown")  # there is none after it
    assert page.evaluate("document.activeElement.dataset.unit") == "layer_2[0]"


def sweep(page, x, every):
    """The titles of the equation while the pointer goes down the strip, each once."""
    box = page.locator(".scroller").bounding_box()
    titles = []
    for y in range(int(box["y"]) + 4, int(box["y"] + box["height"]) - 4, every):
        page.mouse.move(x, y)
        settle(page)
        title = page.locator(".equation h3").text_content()
        if not titles or titles[-1] != title:
            titles.append(title)
    return titles


def test_pointing_at_any_unit_gives_its_equation(opened, adder):
    page = opened(adder)
    box = page.locator(".scroller").bounding_box()
    right = sweep(page, box["x"] + box["width"] * 0.84, every=17)  # numbers are written from right to left
    hidden = [f"layer_1[{h}] at step 0" for h in range(16)]
    wanted = ["layer_0[0] 9 at step 0", "layer_0[1] 60 at step 0", *hidden, "layer_2[0] chance of 1 at step 0"]
    assert [title for title in right if title.endswith("at step 0")] == wanted
    start = sweep(page, box["x"] + box["width"] - 20, every=40)
    assert sum(re.fullmatch(r"layer_1\[\d+\] before any input", title) is not None for title in start) >= 5


def test_the_numbers_under_the_pointer_are_those_of_its_step(opened, adder):
    page = opened(adder)
    box = page.locator(".scroller").bounding_box()
    seen = set()
    for across in np.linspace(0.25, 0.85, 12):
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + 200)
        settle(page)
        found = re.fullmatch(r"layer_1\[(\d+)\] at step (\d+)", page.locator(".equation h3").text_content())
        h, step = map(int, found.groups())
        np.testing.assert_array_equal(number(page, "value"), adder.layer_1[0, step + 1, h])
        seen.add(step)
    assert len(seen) >= 5


@pytest.mark.parametrize("case", ["addition", "song"])
def test_the_unit_that_is_told_is_drawn_under_the_pointer(opened, case):
    task, question, settings = CASES[case]
    page = opened(watched(task, question, **settings), reduced_motion="reduce")
    box = page.locator(".scroller").bounding_box()
    script = """canvas => {
        const {width, height} = canvas, places = [];
        const copy = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
        copy.drawImage(canvas, 0, 0);
        const {data} = copy.getImageData(0, 0, width, height);
        for (let k = 0; k < width * height; k++)
            if (data.slice(4 * k, 4 * k + 3).join() === "28,95,176") places.push([k % width, Math.floor(k / width)]);
        return places;
    }"""
    for across, down in ((0.3, 240), (0.5, 310), (0.8, 270)):
        x, y = box["width"] * across, down
        page.mouse.move(box["x"] + x, box["y"] + y)
        settle(page)
        outline = np.array(page.locator(".strip canvas").evaluate(script))  # in the colour of what is chosen
        low, high = outline.min(axis=0) - 12, outline.max(axis=0) + 12
        assert np.all(low < (x, y)) and np.all((x, y) < high), page.locator(".equation h3").text_content()
        assert np.all(high - low < (130, 60))


def test_a_tap_chooses_a_unit_and_goes_to_its_step(opened, adder):
    page = opened(adder, has_touch=True)
    box = page.locator(".scroller").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.84, box["y"] + 200)
    settle(page)
    assert status(page).startswith("step 0 of")
    assert page.locator(".equation h3").text_content().endswith("at step 0")


# colours


def test_the_colours_are_the_tutorial_s(opened, adder):
    page = opened(adder, attribute(adder))
    hues = HUES[:7]
    plain = colours(page)
    assert near(plain, "#000000") > 500  # the answers
    assert not any(near(plain, hue) > 200 for hue in hues)
    press(page, "2")
    assert all(near(colours(page), hue) > 500 for hue in hues)  # one for each input
    press(page, "3")
    derived = colours(page)
    assert near(derived, "#ffe14d", 6) > 100 and near(derived, "#c9a227", 6) > 100
    press(page, "4")
    assert near(colours(page), "#c9a227", 6) < 30


def test_the_way_back_is_mustard_and_comes_step_by_step(opened, adder):
    page = opened(adder, reduced_motion="reduce")
    press(page, "ArrowRight")
    assert page.locator("input[type=radio]:checked").get_attribute("value") == "derivative"
    page.mouse.move(5, 5)
    blank = []
    for _ in range(7):
        blank.append(near(colours(page), "#f7f8f9", 1))  # what a cell is before its derivative is known
        press(page, "ArrowRight")
    assert blank == sorted(blank, reverse=True) and blank[0] > 2 * blank[5] > 0
    press(page, "Home")
    assert page.locator("input[type=radio]:checked").get_attribute("value") == "activation"


def test_without_provenance_its_colouring_is_off_and_says_why(opened, adder):
    page = opened(adder)
    choice = page.locator("input[value=provenance]")
    assert choice.is_disabled()
    assert "made without provenance" in page.locator(f"#{choice.get_attribute('aria-describedby')}").text_content()
    press(page, "2")
    assert page.locator("input[type=radio]:checked").get_attribute("value") == "activation"


def luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_the_light_and_in_the_dark(opened, adder, scheme):
    page = opened(adder, color_scheme=scheme)
    script = "(e, name) => getComputedStyle(e).getPropertyValue('--' + name).trim()"
    pairs = [(ink, ground) for ink in ("ink", "soft") for ground in ("page", "card", "band")]
    pairs += [("mustard-ink", "card"), ("answer-ink", "answer"), ("page", "ink")]
    for ink, ground in pairs:
        shades = [luminance(page.locator("main").evaluate(script, name)) for name in (ink, ground)]
        assert (max(shades) + 0.05) / (min(shades) + 0.05) >= 4.5, f"{ink} on {ground}"
    body = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", body))) < 150) == (scheme == "dark")


def test_the_strip_follows_when_it_becomes_dark(opened, adder):
    page = opened(adder, color_scheme="light")
    before = colours(page)
    page.emulate_media(color_scheme="dark")
    settle(page)
    assert near(colours(page), "#c4dbf7", 12) > near(before, "#c4dbf7", 12) + 200


def test_less_motion_is_respected(opened, adder):
    def frames(motion):
        page = opened(adder, reduced_motion=motion)
        page.wait_for_timeout(300)
        before = int(page.locator(".strip").get_attribute("data-frames"))
        press(page, "ArrowLeft")
        page.wait_for_timeout(300)
        return int(page.locator(".strip").get_attribute("data-frames")) - before

    assert frames("reduce") == 1  # there at once
    assert frames("no-preference") > 1  # it glides there


# any screen, any names, any number of views


@pytest.mark.parametrize("case", ["addition", "song"])
def test_a_narrow_screen_has_no_sideways_scroll_and_fingers_find_every_button(opened, case):
    task, question, settings = CASES[case]
    trace = watched(task, question, **settings)
    page = opened(trace, attribute(trace), viewport={"width": 360, "height": 740}, has_touch=True)
    page.locator("summary").click()
    for key in ("1", "2", "3", "End", "End"):
        press(page, key)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator(".scroller").evaluate("e => e.scrollWidth > e.clientWidth")
    for element in page.locator("main :is(button, .choices label, summary, input[type=range])").all():
        if element.is_visible():
            box = element.bounding_box()
            assert min(box["width"], box["height"]) >= 40, element.text_content()


def hostile(trace):
    names = [HOSTILE[k % len(HOSTILE)] for k in range(max(trace.time, 8))]
    caption = replace(
        trace.caption,
        title=" ".join(HOSTILE),
        rows=tuple((name, tuple(names[: trace.time])) for name in HOSTILE[:3]),
        answers=tuple(names[: trace.time]),
        truth=tuple(names[: trace.time]),
        right=(False,) * trace.time,
        memory=HOSTILE[0],
        states=tuple(names[: trace.time + 1]),
        inputs=tuple(HOSTILE[: trace.spec.input_dim]),
        outputs=(HOSTILE[3],),
        steps=HOSTILE[0],
    )
    return replace(trace, captions=(caption,))


def test_no_name_can_become_markup(opened, adder):
    page = opened(hostile(adder), attribute(adder))
    choose(page, "layer_0[1]")
    page.locator("summary").click()
    for k in range(2 * adder.time + 1):
        go(page, k)
    assert page.locator("h2").text_content().startswith(HOSTILE[0])
    assert page.locator("script").count() == 2 and page.locator("img").count() == 0
    assert HOSTILE[1] in page.locator(".equation h3").text_content()
    go(page, 0)
    assert HOSTILE[0] in status(page)
    go(page, 5)
    assert f"\u2068{HOSTILE[5]}\u2069" in status(page)  # its direction ends where it ends


def test_the_policy_lets_nothing_out(chromium, adder, tmp_path):
    html.save_page(adder, None, tmp_path / "page.html")
    context = chromium.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "page.html").as_uri())
    script = """async () => {
        const told = [];
        document.addEventListener("securitypolicyviolation", event => told.push(event.effectiveDirective));
        await fetch("https://example.org/").catch(() => {});
        const image = new Image();
        image.src = "https://example.org/dot.png";
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        await new Promise(done => setTimeout(done, 100));
        return [told.sort(), window.ran ?? false];
    }"""
    assert page.evaluate(script) == [["connect-src", "img-src", "script-src-elem"], False]
    assert [url for url in asked if url.endswith("/")] == []  # the picture is asked for and then refused
    context.close()


@pytest.fixture
def beside(chromium):
    """A page of someone else's, into which the modules are imported as they are; nothing leaves this machine."""
    context = chromium.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    folder = Path(bundle.__file__).parent
    kinds = {".js": "text/javascript", ".css": "text/css"}

    def answer(route):
        name = route.request.url.rsplit("/", 1)[1]
        if not name:
            head = '<!doctype html><link rel=stylesheet href="style.css">'
            body = '<p class="card">mine</p><div id=a></div><div id=b></div>'
            return route.fulfill(body=head + body, content_type="text/html")
        path = folder / name
        return route.fulfill(path=path, content_type=kinds[path.suffix]) if path.exists() else route.abort()

    page.route("**/*", answer)
    page.goto("http://carrybit.test/")
    yield page
    context.close()
    assert not said


def test_two_views_on_one_page_do_not_meet(beside, adder):
    other = watched(addition(), "5 + 3")
    script = """async traces => {
        const {show} = await import("./view.js");
        window.views = traces.map((trace, k) => show(document.getElementById("ab"[k]), trace));
    }"""
    beside.evaluate(script, [payload(adder), payload(other, attribute(other))])
    settle(beside)
    ids = beside.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)) > 4
    names = beside.evaluate("['a', 'b'].map(id => document.querySelector(`#${id} [type=radio]`).name)")
    assert names[0] != names[1]
    beside.locator("#a .scroller").focus()
    before = beside.locator("#b .status").text_content()
    press(beside, "Home", "4")
    assert beside.locator("#a .status").text_content().startswith("step 0")
    assert beside.locator("#b .status").text_content() == before
    assert beside.locator("#b input:checked").get_attribute("value") == "activation"
    plain = beside.locator("p.card").evaluate("e => getComputedStyle(e).borderRadius + getComputedStyle(e).padding")
    assert plain == "0px0px"  # what is not a view is not styled
    beside.evaluate("views[0].close()")
    assert beside.locator("#a").inner_html() == "" and beside.locator("#b .strip").is_visible()
    beside.evaluate("views[1].go(3)")
    settle(beside)
    assert beside.locator("#b .status").text_content().startswith("step 3")


def test_a_step_has_the_hue_that_it_has_in_figures(beside):
    script = "async () => { const {hue} = await import('./colours.js'); return [...Array(24).keys()].map(hue); }"
    dot = """colour => { const pen = new OffscreenCanvas(1, 1).getContext("2d");
        pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); return [...pen.getImageData(0, 0, 1, 1).data]; }"""
    shown = [beside.evaluate(dot, colour) for colour in beside.evaluate(script)]
    held = [[*(255 * channel for channel in hue(step)), 255] for step in range(24)]
    np.testing.assert_allclose(shown, held, atol=0.5 + 1e-9)  # whole dots
    assert len(set(map(tuple, shown))) == 24


def test_an_error_that_does_not_count_sets_no_scale(beside, adder):
    mask = np.array([[True] * 5 + [False] * 2])
    targets = np.where(mask[..., None], adder.targets, 99.0)  # far from any answer
    part = trace(Network(adder.spec, adder.params), adder.layer_0, targets, mask)
    script = """async told => {
        const [{scalesOf}, {decode}] = [await import("./cells.js"), await import("./trace.js")];
        return scalesOf(decode(told)).error;
    }"""
    assert beside.evaluate(script, payload(part)) == np.abs(part.layer_2_error).max() < 1


def test_a_thousand_steps_stay_smooth(opened, record_property):
    spec = TrainConfig(hidden_dim=64).make_spec()
    layer_0 = np.random.default_rng(0).integers(0, 2, (1, 1_000, 2)).astype(float)
    long = trace(Network.first(spec, 0), layer_0, layer_0[..., :1])
    assert len(html.page(long).encode()) < 2_000_000
    page = opened(long)
    drawn = "Number(document.querySelector('.strip').dataset.frames)"
    moves = {
        "scrolling": "k => { document.querySelector('.scroller').scrollLeft = 400 * k; }",
        "scrubbing": """k => { const slider = document.querySelector('[type=range]');
            slider.value = 7 * k; slider.dispatchEvent(new Event('input')); }""",
        "way back": """k => { const slider = document.querySelector('[type=range]');
            slider.value = 1000 + 9 * k; slider.dispatchEvent(new Event('input')); }""",
    }
    for name, move in moves.items():
        script = f"""async () => {{
            const move = {move}, times = [], before = {drawn};
            let last = performance.now();
            for (let k = 0; k < 40; k++) {{
                move(k);
                const now = await new Promise(requestAnimationFrame);
                times.push(now - last);
                last = now;
            }}
            return [times, {drawn} - before];
        }}"""
        times, frames = page.evaluate(script)
        middle, worst = statistics.median(times), sorted(times)[-3]
        record_property(f"{name}: median, 95th percentile of frames, ms", f"{middle:.1f}, {worst:.1f}")
        print(f"{name}: {frames} frames, median {middle:.1f} ms, 95 % within {worst:.1f} ms")
        assert frames >= 20
    go(page, 500)
    choose(page, "layer_1[63]")
    np.testing.assert_allclose(number(page, "value"), long.layer_1[0, 501, 63], rtol=1e-6)
    np.testing.assert_allclose(sum(terms(page, "forward")), long.pre_1[0, 500, 63], rtol=1e-5)


def test_numbers_that_are_none_are_shown_as_they_are(opened, adder):
    layer_1 = adder.layer_1.copy()
    layer_1[0, 3:] = np.nan
    layer_1[0, 2, 0] = np.inf
    page = opened(replace(adder, layer_1=layer_1), attribute(adder))
    assert page.locator(".equation .value").text_content() == "nan"
    go(page, 1)
    assert page.locator(".equation .value").text_content() == "∞"
    for key in ("1", "2", "3", "4", "End", "End"):
        press(page, key)


def test_a_sequence_of_one_step_has_a_way_back_too(opened):
    layer_0 = np.ones((1, 1, 2))
    page = opened(trace(Network.first(TrainConfig(hidden_dim=1).make_spec(), 0), layer_0, layer_0[..., :1]))
    press(page, "ArrowRight")
    assert status(page).startswith("way back, step 0 of 0–0")
    press(page, "ArrowRight")
    assert status(page).startswith("All steps")


# what needs no browser


def test_a_payload_is_the_arrays_to_the_bit(adder):
    told = payload(adder)["arrays"]
    for name in ("layer_0", "layer_1", "d_pre_1", "synapse_h", "d_synapse_h"):
        about = told[name]
        values = np.frombuffer(base64.b64decode(about["values"]), f"<f{about['format'][-2:] == '64' and 8 or 4}")
        if "places" in about:
            whole = np.zeros(np.prod(about["shape"]))
            whole[np.frombuffer(base64.b64decode(about["places"]), "<u4")] = values
            values = whole
        held = adder.arrays()[name]
        held = held if name in ("synapse_h", "d_synapse_h") else held[0]
        np.testing.assert_array_equal(values.reshape(about["shape"]), held)


def test_the_one_hot_symbols_of_a_song_are_told_by_their_places():
    told = payload(watched(*CASES["song"][:2], **CASES["song"][2]))["arrays"]
    assert "places" in told["layer_0"] and "places" not in told["layer_1"]


def test_a_page_is_of_one_sequence_and_of_its_own_attribution(adder):
    samples = watch_samples(Network.first(TrainConfig().make_spec(), 3), addition(), 2)
    with pytest.raises(ShapeError, match="2 sequences"):
        payload(samples)
    with pytest.raises(ShapeError, match="attribution"):
        payload(adder, attribute(watched(addition(), "1 + 1")))


def test_a_page_of_too_many_numbers_is_refused(monkeypatch, adder):
    monkeypatch.setattr("carrybit.view.payload.MOST", 1_000)
    with pytest.raises(UsageError, match="at most 1,000"):
        payload(adder)


@pytest.mark.parametrize("name", ["page.png", "page", "nowhere/page.html", "folder.html"])
def test_a_place_where_no_page_can_be_is_refused(tmp_path, name, adder):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(UsageError):
        html.check_page(tmp_path / name)
    with pytest.raises(UsageError):
        html.save_page(adder, None, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.html"]


def test_a_page_names_its_one_script_and_its_one_style_by_their_hashes(adder):
    text = html.page(hostile(adder))
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (script,) = re.findall(r'<script type="module">(.*?)</script>', text, re.DOTALL)
    for inner in (style, script):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()}'" in text
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy and "http" not in policy
    (data,) = re.findall(r'<script type="application/json" id="trace">(.*?)</script>', text, re.DOTALL)
    assert data.isascii() and not set(data) & set("<>&")


def test_two_pages_of_one_trace_are_the_same(adder):
    assert html.page(adder) == html.page(adder)


def test_every_module_is_in_the_bundle_and_exports_what_others_import():
    script = bundle.bundle()
    exports = {
        path.stem: set(re.findall(r"^export (?:function|const) (\w+)", path.read_text(), re.M)) for path in MODULES
    }
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)
    for path in MODULES:
        assert f"const {path.stem}_js = " in script
        text = path.read_text(encoding="utf-8")
        imported = re.findall(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', text, re.MULTILINE)
        assert len(imported) == len(re.findall(r"^import", text, re.MULTILINE)), "one import is written otherwise"
        for names, module in imported:
            asked = {name.split(" as ")[0] for name in names.split(", ")}
            assert asked <= exports[module], f"{path.name} asks {module}.js for {asked - exports[module]}"
            assert script.index(f"const {module}_js") < script.index(f"const {path.stem}_js")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_is_short_says_what_it_is_and_writes_no_markup(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200 and text.startswith("// ")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|</script|<!--", text)


def test_a_view_s_style_stays_under_its_class():
    text = re.sub(r"/\*.*?\*/", "", bundle.source("style.css"), flags=re.DOTALL)
    while "(" in text:
        text = re.sub(r"\([^()]*\)", "", text)
    for selector in re.findall(r"([^{}]+)\{", text):
        parts = [part.strip() for part in selector.split(",")]
        assert selector.strip().startswith("@media") or all(part.startswith(".carrybit") for part in parts), selector
