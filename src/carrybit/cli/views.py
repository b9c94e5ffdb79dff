"""The views of a watched network: which pictures and films there are, and what each of them is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carrybit.cli.console import Console

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from carrybit.attribution import Attribution
    from carrybit.figures.film import Film
    from carrybit.network import Network
    from carrybit.runs import Run
    from carrybit.tracing import Trace

SUMS = 64  # that a picture of the hidden space shows
MOMENTS = 48  # of a training that a film shows


@dataclass(frozen=True, eq=False)
class Subject:
    """What is drawn: a run, its network at some update, the question, what it thought, and how provenance is told."""

    run: Run
    network: Network
    question: str
    trace: Trace
    method: str

    @cached_property
    def attribution(self) -> Attribution:
        """How much of the memory is of which input."""
        from carrybit.attribution import attribute

        return attribute(self.trace, self.method)


def choose(path: Path | None, name: str | None) -> str | None:
    """Return the name of the view to draw; UsageError if it cannot be drawn at ``path``. None where none is wanted."""
    from carrybit import checks, figures
    from carrybit.errors import UsageError
    from carrybit.figures import film

    if path is None:
        if name is not None:
            ending = "gif" if name in FILMS and name not in PICTURES else "png"
            raise UsageError("--view without --figure", "--figure FILE", f"--figure {name}.{ending} --view {name}")
        return None
    is_film = path.suffix.lower() in film.FORMATS
    if path.suffix.lower() not in (*figures.FORMATS, *film.FORMATS):
        endings = ", ".join((*figures.FORMATS, *film.FORMATS))
        raise UsageError(f"a figure named {path}", f"a name that ends in {endings}", "figure.png, or film.gif")
    (film.check_film if is_film else figures.check)(path)
    views = FILMS if is_film else PICTURES
    return next(iter(views)) if name is None else checks.one_of("view", name, views)


def draw(console: Console, name: str, subject: Subject, path: Path) -> None:
    """Draw a view, and write it."""
    from carrybit import figures
    from carrybit.figures import film, stage

    if path.suffix.lower() not in film.FORMATS:
        figures.save(PICTURES[name](subject), path)
        return
    stage.refuse_long(subject.trace)  # before it is trained again
    made = FILMS[name](subject)
    with console.bar() as bar:
        for done, total in film.save_film(made, path):
            bar("the film", done, total, f"{done} of {total} frames")


def refuse(name: str, run: Run) -> None:
    """Raise a UsageError if a run has not what a view shows."""
    from carrybit.errors import UsageError
    from carrybit.tasks.task import has_machine

    if name in ("training", "synapses"):
        refuse_other_streams(run)
    if name == "space" and not has_machine(run.config.task):
        what = "a task that says what there is to remember"
        raise UsageError(f"the space of states for {run.config.task.title}", what, "--view layers")


def refuse_other_streams(run: Run) -> None:
    """Raise a UsageError if a run cannot be trained again to some update: its samples came from elsewhere."""
    from carrybit.errors import UsageError
    from carrybit.shell import quoted

    if run.made_by != "train":
        raise UsageError(
            f"an earlier update of {run.folder}, which was made by carrybit {run.made_by}",
            "a run made by carrybit train, whose updates can be made again",
            f"carrybit watch {quoted(run.folder)}",
        )


def _provenance(subject: Subject) -> Figure:
    from carrybit.figures import provenance

    return _picture(provenance.size(subject.trace), provenance.draw_provenance, subject.trace, subject.attribution)


def _unrolled(subject: Subject) -> Figure:
    from carrybit.figures import unrolled

    return _picture(unrolled.size(subject.trace), unrolled.draw_unrolled, subject.trace)


def _layers(subject: Subject) -> Figure:
    from carrybit.figures import layers

    return _picture(layers.size(subject.trace), layers.draw_layers, subject.trace)


def _backward(subject: Subject) -> Figure:
    from carrybit import figures
    from carrybit.figures import backward

    return backward.draw_backward(subject.trace, figures.empty(*backward.size(subject.trace)))


def _shrinking(subject: Subject) -> Figure:
    """Draw the derivative of the last answer that counts: of it alone, since others begin anew on the way back."""
    import numpy as np

    from carrybit.figures import shrinking
    from carrybit.tracing import trace

    seen = subject.trace
    last = np.zeros_like(seen.mask)
    last[:, np.flatnonzero(seen.mask[0])[-1:]] = True
    alone = trace(subject.network, seen.layer_0, seen.targets, last, captions=seen.captions)
    return _picture(shrinking.size(alone), shrinking.draw_shrinking, alone)


def _synapses(subject: Subject) -> Figure:
    from carrybit import figures
    from carrybit.figures import synapses
    from carrybit.network import Network

    config, network = subject.run.config, subject.network
    before = Network.first(network.spec, config.seed, start=config.start)
    return synapses.draw_synapses(before, network, figures.empty(*synapses.size(network)))


def _space(subject: Subject) -> Figure:
    from carrybit.figures import space
    from carrybit.projection import project
    from carrybit.tasks.task import has_machine
    from carrybit.watching import watch_samples

    task = subject.run.config.task
    assert has_machine(task)
    projection = project(watch_samples(subject.network, task, SUMS))
    return _picture(space.size(projection), space.draw_space, projection)


def _learning(subject: Subject) -> Figure:
    from carrybit.figures.learning import draw_learning

    return _picture((7.0, 4.5), draw_learning, subject.run.config.task, subject.run.metrics)


def _forward_film(subject: Subject) -> Film:
    from carrybit.figures.forward_film import forward_film

    return forward_film(subject.trace, subject.attribution)


def _backward_film(subject: Subject) -> Film:
    from carrybit.figures.backward_film import backward_film

    return backward_film(subject.trace)


def _training_film(subject: Subject) -> Film:
    import numpy as np

    from carrybit.figures.training_film import training_film
    from carrybit.prediction import follow_state
    from carrybit.tasks.task import has_machine
    from carrybit.watching import moments, watch, watch_samples

    run, task = subject.run, subject.run.config.task
    updates = sorted({round(update) for update in np.linspace(0, run.state.update, MOMENTS)})
    networks = list(moments(run.config, updates))
    scenes = [(u, watch(network, task, subject.question)) for u, network in zip(updates, networks, strict=True)]
    if not has_machine(task):
        return training_film(scenes)
    samples = [watch_samples(network, task, SUMS) for network in networks]
    order = np.argsort(-follow_state(networks[-1], task), kind="stable").tolist()  # those that rise with a carry first
    return training_film(scenes, samples, order=order)


PICTURES: dict[str, Callable[[Subject], Figure]] = {
    "provenance": _provenance,
    "unrolled": _unrolled,
    "layers": _layers,
    "backward": _backward,
    "shrinking": _shrinking,
    "synapses": _synapses,
    "space": _space,
    "learning": _learning,
}
FILMS: dict[str, Callable[[Subject], Film]] = {
    "forward": _forward_film,
    "backward": _backward_film,
    "training": _training_film,
}


def _picture(size: tuple[float, float], draw: Callable[..., Axes], *about: Any) -> Figure:
    """Return a picture of so many inches; ``draw`` takes what it is about, and the axes."""
    from carrybit import figures

    figure, ax = figures.blank(*size)
    draw(*about, ax)
    return figure
