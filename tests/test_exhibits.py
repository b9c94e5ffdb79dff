"""What traces, networks and runs show of themselves in a notebook: their own numbers, and no text that breaks out."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.network import Network
from carrybit.params import Params
from carrybit.runs import load_run, record
from carrybit.spec import Spec
from carrybit.tasks.addition import addition
from carrybit.tracing import trace
from carrybit.watching import watch

HOSTILE = "</td></table><script>alert('carry')</script><b title=\"x"


class Page(HTMLParser):
    """The tags that are open, the titles of cells, and the text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.titles, self.open, self.text = set(), [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag not in ("polyline",):
            self.open.append(tag)
        if tag == "td" and "title" in dict(attributes):
            self.titles.append(float(dict(attributes)["title"]))

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def sum_of(question="9 + 60"):
    task = addition()
    return watch(Network.first(TrainConfig(task=task).make_spec(), 0), task, question)


def test_a_trace_shows_its_hidden_layer_and_its_derivatives_the_lowest_bit_on_the_right():
    made = sum_of()
    page = Page(made._repr_html_())
    shown = np.array(page.titles).reshape(2, 16, 7)
    np.testing.assert_allclose(shown[0], made.layer_1[0, 1:].T[:, ::-1], rtol=1e-5)
    np.testing.assert_allclose(shown[1], made.d_pre_1[0].T[:, ::-1], rtol=1e-5)
    assert made.caption.title in page.text
    assert "carry1110000" in page.text


def test_a_long_and_wide_trace_is_cut_and_says_so():
    network = Network.first(Spec(hidden_dim=60), 0)
    page = Page(trace(network, np.zeros((2, 90, 2)), np.zeros((2, 90, 1)))._repr_html_())
    assert len(page.titles) == 2 * 48 * 48
    for told in ["42 more steps", "1 more sequences", "12 more"]:
        assert told in page.text


def test_a_network_shows_every_number():
    network = Network.first(Spec(bias=True), 0)
    page = Page(network._repr_html_())
    numbers = np.concatenate([array.ravel() for array in network.params.arrays().values()])
    np.testing.assert_allclose(page.titles, numbers, rtol=1e-5)
    assert "2 → 16 → 1" in page.text


def test_a_run_shows_how_it_was_trained(tmp_path):
    for _ in record(TrainConfig(updates=300, every=100), tmp_path / "run"):
        pass
    page = Page(load_run(tmp_path / "run")._repr_html_())
    assert "addition of 2 numbers" in page.text and "300 updates" in page.text
    assert "✗ random 64-bit sums" in page.text
    assert "polyline" in page.tags


@pytest.mark.parametrize("field", ["title", "memory", "steps"])
def test_no_name_breaks_out_of_its_cell(field):
    made = sum_of()
    caption = replace(made.caption, **{field: HOSTILE}, rows=((HOSTILE, (HOSTILE,) * 7),), answers=(HOSTILE,) * 7)
    page = Page(replace(made, captions=(caption,))._repr_html_())
    assert "script" not in page.tags and "b" in page.tags
    assert page.text.count(HOSTILE) >= 15


def test_numbers_that_are_not_finite_are_marked():
    spec = Spec()
    broken = Params(**{name: np.full(shape, np.nan) for name, shape in spec.shapes().items()})
    assert "!" in Page(Network(spec, broken)._repr_html_()).text
