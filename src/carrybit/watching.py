"""Watching: a network asked something the way a person writes it, and everything that it thinks about it.

``watch(network, task, "9 + 60")`` is a `Trace` with a caption in the words of the task. Moments are what a network was
at some updates of its training, which is made again to there: the same seed gives the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from carrybit.caption import Caption
from carrybit.config import TrainConfig
from carrybit.data import reading
from carrybit.data.features import REST, Category, Feature, Number
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.data import DataTask
from carrybit.tasks.task import MachineTask, Task, decide, has_machine, targets
from carrybit.tracing import Trace, trace
from carrybit.training import Report, State, train

MOST_STEPS = 10_000  # of a question that is watched: every number of every step is kept
PARTS = ("test", "validation", "train")
DUST = 1e-12
CUT = 24  # characters of a text that a title shows


def watch(network: Network, task: Task, question: str) -> Trace:
    """Ask a network something, and keep everything that it thinks about it: ``watch(network, task, "9 + 60")``.

    Parameters
    ----------
    network : Network
    task : Task
        What the network was trained on.
    question : str
        As a person writes it. Of a text of one's own, a piece of text, each of whose symbols is to be foretold; of
        other data, the name of a sequence, or "" for the first of the test part.

    Returns
    -------
    trace : Trace
        With B = 1. What an input is that is not known is the mean of all symbols; for own data, of the training part.

    Raises
    ------
    UsageError
        The task cannot read the question, or it has more than 10,000 steps.
    """
    if has_machine(task):
        return _of_machine(network, task, question)
    assert isinstance(task, DataTask)
    return _of_text(network, task, question) if task.unit else _of_table(network, task, question)


def moments(config: TrainConfig, updates: Sequence[int]) -> Iterator[Network]:
    """Yield the network as it was after some updates (ascending, 0 for the untrained one) of a training.

    Raises
    ------
    UsageError
        The updates do not ascend.
    DivergedError
        The training left the finite numbers before.
    """
    if list(updates) != sorted(set(updates)):
        raise UsageError(f"moments {list(updates)}", "updates in ascending order", f"{sorted(set(updates))}")
    state: State | None = None
    for update in updates:
        if update == 0:
            yield Network.first(config.make_spec(), config.seed, config.engine, config.start)
            continue
        for event in train(replace(config, updates=update, until="updates"), state):
            state = event.state
            if isinstance(event, Report) and state.update == update:
                break  # what follows is an examination
        assert state is not None
        yield state.network


def watch_samples(network: Network, task: MachineTask, count: int = 64, seed: int = 0) -> Trace:
    """Keep everything that a network thinks about random words of its task, as long as in training: B = count."""
    return _of_words(network, task, task.sample(seed, "evaluation", 0, count))


def _of_machine(network: Network, task: MachineTask, question: str) -> Trace:
    word = task.read(question)
    _refuse_long(len(word), task.steps)
    return _of_words(network, task, word[None])


def _of_words(network: Network, task: MachineTask, words: Ints) -> Trace:
    machine, vectors = task.machine, task.vectors
    states, truth = machine.run(words)
    made = trace(network, vectors[words], targets(network.spec, truth), unknown=vectors.mean(axis=0))
    answers = decide(made.layer_2)
    names = (*machine.answers, "?")  # ? for none, which is -1
    is_one_hot = np.array_equal(vectors, np.eye(len(vectors)))  # else each unit hears a row: the bits of one number
    captions = [
        Caption(
            title=task.show(word, answered),
            rows=tuple((head, tuple(cells)) for head, cells in task.rows(word)),
            answers=tuple(names[answer] for answer in answered),
            truth=tuple(names[answer] for answer in wanted),
            right=tuple((answered == wanted).tolist()),
            memory=task.memory,
            states=tuple(machine.states[state] for state in remembered),
            inputs=machine.symbols if is_one_hot else tuple(head for head, _ in task.rows(word)),
            outputs=machine.answers if network.spec.output_dim > 1 else (f"chance of {machine.answers[1]}",),
            steps=task.steps,
            is_read_backwards=task.is_read_backwards,
        )
        for word, remembered, answered, wanted in zip(words, states, answers, truth, strict=True)
    ]
    return replace(made, captions=tuple(captions))


def _of_text(network: Network, task: DataTask, text: str) -> Trace:
    assert task.unit is not None
    (symbols,) = task.encoding.inputs
    assert isinstance(symbols, Category)
    said = reading.units(text, task.unit)
    _refuse_long(len(said), task.steps)
    if not len(said):
        raise UsageError(f"a text without a {task.unit}", f"one {task.unit} or more", f'such as "{task.beginning}"')
    places = symbols.places(said, is_strict=True)
    one_hot = np.eye(symbols.width)
    mask = np.append(np.ones(len(places) - 1, bool), False)  # what follows the last one nobody has said
    goals = one_hot[np.append(places[1:], 0)] * mask[:, None]
    made = trace(network, one_hot[places[None]], goals[None], mask[None], unknown=_mean(task))
    answers = made.layer_2[0].argmax(axis=-1)
    names = symbols.categories
    caption = Caption(
        title=f"{_cut(text)!r} → {names[answers[-1]]!r}",
        rows=((task.unit, tuple(names[place] for place in places)),),
        answers=tuple(names[answer] for answer in answers),
        truth=(*(names[place] for place in places[1:]), ""),
        right=(*(answers[:-1] == places[1:]).tolist(), None),
        inputs=names,
        outputs=names,
        steps=task.steps,
    )
    return replace(made, captions=(caption,))


def _of_table(network: Network, task: DataTask, name: str) -> Trace:
    passages = {passage.name: passage for part in PARTS for passage in reversed(task.part(part))}
    first = task.part(PARTS[0])[0].name
    passage = passages.get(name or first)
    if passage is None:
        raise UsageError(
            f"{name!r} is the name of no sequence", f"{', '.join(list(passages)[:8])}, ...", f'such as "{first}"'
        )
    layer_0, goals = passage.layer_0, passage.targets
    _refuse_long(len(layer_0), task.steps)
    made = trace(network, layer_0[None], goals[None], passage.mask[None], unknown=_mean(task))
    layer_2, encoding = made.layer_2[0], task.encoding
    answers, truth = _said(encoding.targets, layer_2), _said(encoding.targets, goals)
    is_right = (layer_2.argmax(axis=-1) == goals.argmax(axis=-1)).tolist()
    is_class = encoding.classes is not None
    caption = Caption(
        title=f"{passage.name}: {task.title}",
        rows=tuple((f.name, cells) for f, cells in zip(encoding.inputs, _cells(encoding.inputs, layer_0), strict=True)),
        answers=answers,
        truth=tuple(said if asked else "" for said, asked in zip(truth, passage.mask, strict=True)),
        right=tuple(right if asked and is_class else None for right, asked in zip(is_right, passage.mask, strict=True)),
        inputs=_units(encoding.inputs),
        outputs=_units(encoding.targets),
        steps=task.steps,
    )
    return replace(made, captions=(caption,))


def _mean(task: DataTask) -> Array:
    """Return the mean (I,) of all rows of the training part: what an input is that is not known."""
    rows = [passage.inputs for passage in task.part("train")]
    vectors = rows[0].vectors  # each different row once; the last one is zeros
    counts = sum(np.bincount(each.places % len(vectors), minlength=len(vectors)) for each in rows)
    return np.asarray(counts @ vectors / np.sum(counts))


def _cells(features: Sequence[Feature], rows: Array) -> list[tuple[str, ...]]:
    """Return what rows (T, F) say, a row of T cells for each feature, in words and units of its own."""
    ends = np.cumsum([feature.width for feature in features])
    return [_values(f, rows[:, end - f.width : end]) for f, end in zip(features, ends, strict=True)]


def _values(feature: Feature, rows: Array) -> tuple[str, ...]:
    if isinstance(feature, Number):
        values = rows[:, 0] * feature.deviation + feature.mean
        dust = DUST * max(abs(feature.mean), feature.deviation)  # that rounding leaves of 0
        return tuple(f"{value if abs(value) > dust else 0:.4g}" for value in values)
    return tuple(feature.categories[row.argmax()] if row.any() else REST for row in rows)  # zeros: never seen before


def _said(features: Sequence[Feature], rows: Array) -> tuple[str, ...]:
    """Return what rows (T, F) say, a cell for each step."""
    return tuple(" ".join(cells) for cells in zip(*_cells(features, rows), strict=True))


def _units(features: Sequence[Feature]) -> tuple[str, ...]:
    """Return what each unit of a layer stands for."""
    return tuple(
        name
        for f in features
        for name in ([f.name] if isinstance(f, Number) else [f"{f.name} {category}" for category in f.categories])
    )


def _refuse_long(steps: int, noun: str) -> None:
    if steps > MOST_STEPS:
        raise UsageError(
            f"a question of {steps:,} {noun}", f"at most {MOST_STEPS:,} {noun} to be watched", "a shorter question"
        )


def _cut(text: str) -> str:
    return text if len(text) <= CUT else f"…{text[-CUT:]}"
