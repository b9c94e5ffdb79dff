"""The kernels: whole functions around the cell of elman_cpu.py, each written for one kind of network and of work.

    Learn   reads sequences, runs them, carries the derivatives back, and changes the weights, update after update
    Run     runs sequences and keeps every layer
    Step    makes one step of one sequence, as soon as it is called

A kernel is a value that says what it is for; ``write`` writes it, ``load`` returns it compiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from llvmlite import ir

from carrybit import optimizers, spec
from carrybit.cells import elman_cpu, packing
from carrybit.cells.elman_cpu import Layers, Lesson
from carrybit.kernels import machine_code
from carrybit.kernels.arrays import Array
from carrybit.kernels.code import Code, Index, Whole, padded
from carrybit.kernels.machine_code import Cpu, Kernel
from carrybit.kernels.objects import PythonCode
from carrybit.kernels.pieces import Layout
from carrybit.kernels.sums import total
from carrybit.spec import Spec

SOURCES = tuple(Path(str(module.__file__)) for module in (elman_cpu, packing, optimizers, spec)) + (Path(__file__),)
LEARN_SLOTS = (
    *("updates", "groups", "weights", "gradient", "moment_1", "moment_2", "scales", "rate", "clip", "scale"),
    *("symbols", "vectors", "moves", "answers", "start"),
    *("inputs", "targets", "mask", "memory", "sequences", "workspace", "errors", "right", "noise"),
)
RUN_SLOTS = (
    *("groups", "time", "blocks", "weights", "inputs", "memory", "layer_1", "pre_2", "layer_2"),
    "keeps",  # 1, or 0 where layer_1 and pre_2 have room for one group only
)
STEP_SLOTS = ("weights", "workspace")


class _Space:
    """A stretch of memory that arrays are laid out in, one after the other."""

    def __init__(self, layout: Layout, pointer: ir.Value | None) -> None:
        self.layout, self.pointer, self.size = layout, pointer, 0

    def array(self, rows: int, columns: int, *, shared: bool = False) -> Array:
        """Return a new array, for every sequence or shared by them."""
        vector, sequences = self.layout.code.vector, 1 if shared else self.layout.sequences
        stride = padded(columns, vector)
        each = padded(rows * stride, vector, whole=True)
        made = Array(self.layout, self.pointer, self.size, rows, columns, stride, apart=0 if shared else each)
        self.size += each * sequences
        return made


def _weights(layout: Layout, spec: Spec, pointer: ir.Value) -> dict[str, Array]:
    return {name: Array(layout, pointer, *part) for name, part in packing.places(spec).parts.items()}


@dataclass(frozen=True)
class Learn:
    """A kernel that learns.

    Parameters
    ----------
    spec : Spec
    optimizer : str, or None to leave the gradient as it is, without an update
    clips : bool
        Whether a long gradient is scaled down.
    time : int
        Steps of a sequence.
    reads : {"symbols", "arrays"}
        Symbols, for which a machine gives the targets; or layer_0 and targets as they are.
    masked, remembers : bool
        Whether there is a mask, and a memory before the first step; only with arrays.
    lanes : int
        Networks side by side.
    sequences : int
        Sequences worked on at once.
    is_direct : bool
        An update is one sequence of plain gradient descent: derivatives are added to the weights themselves.
    noisy : bool
        Whether something is added to layer_1.
    """

    spec: Spec
    optimizer: str | None
    clips: bool
    time: int
    reads: str
    masked: bool = False
    remembers: bool = False
    lanes: int = 1
    sequences: int = 1
    is_direct: bool = False
    noisy: bool = False
    slots: tuple[str, ...] = field(default=LEARN_SLOTS, repr=False)

    def work(self, arguments: Mapping[str, Any]) -> int:
        """Return about how many products a call with such arguments makes."""
        sequences = arguments["updates"] * arguments["groups"] * self.sequences * self.lanes
        return int(3 * sequences * self.time * packing.places(self.spec).size)

    def arrays(self, space: _Space) -> dict[str, Array]:
        """Return what it keeps beside the weights."""
        spec, time = self.spec, self.time
        made = {
            "layer_1": space.array(time + 1, spec.hidden_dim),
            "d_pre_1": space.array(time, spec.hidden_dim),
            **{name: space.array(spec.output_dim, time) for name in ("pre_2", "layer_2", "d_pre_2", "error")},
            "targets": space.array(spec.output_dim, time),
            "right": space.array(1, time),
        }
        if self.reads == "symbols" or self.lanes > 1:
            made["layer_0"] = space.array(time, spec.input_dim)
        if self.masked:
            made["counted"] = space.array(1, time)
        if self.noisy:
            made["noise"] = space.array(time, spec.hidden_dim)
        if self.remembers:
            made["before"] = made["layer_1"] if spec.recurrence == "hidden" else space.array(1, spec.memory_dim)
        if spec.recurrence == "hidden" and self.lanes == 1:
            side = padded(spec.hidden_dim, space.layout.code.vector)  # it is turned in squares of vectors
            made["synapse_h_back"] = space.array(side, spec.hidden_dim, shared=True).first(spec.hidden_dim)
        return made

    def write(self, cpu: Cpu) -> str:
        """Write it for a CPU."""
        spec, time = self.spec, self.time
        code = Code(spec.precision, cpu.registers, self.slots)
        layout = Layout(code, self.lanes, self.sequences)
        a = self.arrays(_Space(layout, code.pointer("workspace")))
        w = _weights(layout, spec, code.pointer("weights"))
        d = w if self.is_direct else _weights(layout, spec, code.pointer("gradient"))
        back = a.get("synapse_h_back")
        if spec.recurrence == "hidden":
            w["synapse_h_back"] = w["synapse_h"].turned() if back is None else back
        if back is not None:
            w["synapse_h"].transpose_into(back)
        groups, scale = code.count("groups"), code.number("scale")
        with code.loop(code.count("updates")) as j:
            with code.loop(groups) as group:
                first = (j * groups + group) * self.sequences
                layer_0 = (self._read_symbols if self.reads == "symbols" else self._read_arrays)(a, first)
                if self.noisy:
                    self._fill(a["noise"], "noise", time, spec.hidden_dim, first)
                before = a["before"].only(0) if self.remembers else None
                layers = Layers(layer_0, a["layer_1"], a["pre_2"], a["layer_2"], before, a.get("noise"))
                lesson = Lesson(a["targets"], a["d_pre_2"], a["error"], a["right"], a["d_pre_1"], a.get("counted"))
                elman_cpu.forward(spec, w, layers, time)
                elman_cpu.outputs(spec, layers)
                elman_cpu.judge(spec, layers, lesson, scale)
                self._report(lesson, first)
                elman_cpu.backward(spec, w, layers, lesson, d, time)
            if self.optimizer and not self.is_direct:
                self._update(layout, j)
            if self.optimizer and back is not None:
                w["synapse_h"].transpose_into(back)
        return code.finish()

    def _update(self, layout: Layout, j: Index) -> None:
        assert self.optimizer
        code, size = layout.code, packing.places(self.spec).size
        remembered = len(optimizers.OPTIMIZERS[self.optimizer].remembers)
        names = ["weights", "gradient", *(f"moment_{i + 1}" for i in range(remembered))]
        weights, gradient, *moments = (Array(layout, code.pointer(name), 0, 1, size, size)[0] for name in names)
        scales = [code.load(code.pointer("scales"), j * 2 + i) for i in range(2)] if self.optimizer == "adam" else []
        clip = code.number("clip") if self.clips else None
        elman_cpu.update(self.optimizer, weights, gradient, moments, code.number("rate"), clip, scales)

    def _read_symbols(self, a: dict[str, Array], first: Index) -> Array:
        """Fill in layer_0 and the targets: walk through the machine, symbol by symbol."""
        spec, layer_0, targets = self.spec, a["layer_0"], a["targets"]
        code = layer_0.layout.code
        symbols, vectors, moves, answers = (code.pointer(name) for name in ("symbols", "vectors", "moves", "answers"))
        sequences, start = code.count("sequences"), code.count("start")
        walkers = [(s, lane) for s in range(self.sequences) for lane in range(self.lanes)]

        def step(t: Index, states: list[Index]) -> list[Index]:
            read = [
                code.load_whole(symbols, (sequences * lane + first + s) * self.time + t, "uint8") for s, lane in walkers
            ]
            here = [state + symbol for state, symbol in zip(states, read, strict=True)]
            with code.loop(spec.input_dim) as i:
                for (s, lane), symbol in zip(walkers, read, strict=True):
                    layer_0.put_one(code.load(vectors, symbol * spec.input_dim + i), t, i, s, lane)
            with code.loop(spec.output_dim) as o:
                for (s, lane), place in zip(walkers, here, strict=True):
                    targets.put_one(code.load(answers, place * spec.output_dim + o), o, t, s, lane)
            return [code.load_whole(moves, place, "int32") for place in here]

        code.fold(self.time, [start] * len(walkers), step)
        return layer_0

    def _read_arrays(self, a: dict[str, Array], first: Index) -> Array:
        """Fill in targets, mask and memory; layer_0 is used where it lies, but for lanes, which want it in lanes."""
        spec, time, targets = self.spec, self.time, a["targets"]
        layout = targets.layout
        self._fill(targets, "targets", time, spec.output_dim, first, by_columns=True)
        if self.masked:
            self._fill(a["counted"], "mask", 1, time, first)
        if self.remembers:
            self._fill(a["before"], "memory", 1, spec.memory_dim, first)
        if self.lanes > 1:
            self._fill(a["layer_0"], "inputs", time, spec.input_dim, first)
            return a["layer_0"]
        pointer, size = layout.code.pointer("inputs"), time * spec.input_dim
        return Array(layout, pointer, first * size, time, spec.input_dim, spec.input_dim, apart=size)

    def _fill(
        self, array: Array, name: str, rows: int, columns: int, first: Index, *, by_columns: bool = False
    ) -> None:
        """Fill in an array from (lanes, sequences, rows, columns) in memory, from sequence number ``first`` on."""
        code = array.layout.code
        pointer, sequences = code.pointer(name), code.count("sequences")
        with code.loop(rows) as i, code.loop(columns) as j:
            for s in range(self.sequences):
                for lane in range(self.lanes):
                    place = (sequences * lane + first + s) * (rows * columns) + i * columns + j
                    row, column = (j, i) if by_columns else (i, j)
                    array.put_one(code.load(pointer, place), row, column, s, lane)

    def _report(self, lesson: Lesson, first: Index) -> None:
        """Write down the error of each sequence, and how many of its steps were right."""
        code = lesson.error.layout.code
        error = elman_cpu.sum_of_totals(lesson.error)
        for name, number in (("errors", error), ("right", total(lesson.right[0]))):
            for s, value in enumerate(number[0]):
                code.store(value, code.pointer(name), (first + s) * self.lanes)


@dataclass(frozen=True)
class Run:
    """A kernel that runs sequences of any length, from any memory, several at once.

    Parameters
    ----------
    spec : Spec
    sequences : int
        Sequences worked on at once; how many there are is a multiple of it.
    """

    spec: Spec
    sequences: int
    slots: tuple[str, ...] = field(default=RUN_SLOTS, repr=False)

    def work(self, arguments: Mapping[str, Any]) -> int:
        """Return about how many products a call with such arguments makes."""
        return int(arguments["groups"] * self.sequences * arguments["time"] * packing.places(self.spec).size)

    def write(self, cpu: Cpu) -> str:
        """Write it for a CPU."""
        spec = self.spec
        code = Code(spec.precision, cpu.registers, self.slots)
        layout = Layout(code, sequences=self.sequences)
        w = _weights(layout, spec, code.pointer("weights"))
        time, blocks = code.count("time"), code.count("blocks")
        room = blocks * code.vector  # of a row of outputs
        stride = padded(spec.hidden_dim, code.vector)
        with code.loop(code.count("groups")) as group:
            first = group * self.sequences

            def given(name: str, rows: Whole, columns: int, first: Index = first) -> Array:
                size = rows * columns
                return Array(layout, code.pointer(name), first * size, 1, columns, columns, apart=size)

            def outputs(name: str, columns: int, offset: Whole, first: Index) -> Array:
                size, rows = room * spec.output_dim, spec.output_dim
                return Array(layout, code.pointer(name), first * size + offset, rows, columns, room, apart=size)

            kept, size = first * code.count("keeps"), (time + 1) * stride
            layer_1 = Array(layout, code.pointer("layer_1"), kept * size, 1, spec.hidden_dim, stride, apart=size)
            before = given("memory", 1, spec.memory_dim)
            if spec.recurrence == "hidden":
                with code.loop(spec.hidden_dim) as i:
                    layer_1[0].put_number(before[0].number(i), i)
            layer_0 = given("inputs", time, spec.input_dim)
            pre_2, layer_2 = outputs("pre_2", 1, 0, kept), outputs("layer_2", 1, 0, first)
            layers = Layers(layer_0, layer_1, pre_2, layer_2, before)
            elman_cpu.forward(spec, w, layers, time)
            with code.loop(blocks) as block:
                here = block * code.vector
                pre_2 = outputs("pre_2", code.vector, here, kept)
                layer_2 = outputs("layer_2", code.vector, here, first)
                elman_cpu.outputs(spec, replace(layers, pre_2=pre_2, layer_2=layer_2))
        return code.finish()


@dataclass(frozen=True)
class Step:
    """A kernel that makes one step of one sequence, called by Python with the arrays.

    Its arguments: layer_0 (I,), memory (M,), and two to be filled: layer_2 (O,), the memory after the step (M,).

    Parameters
    ----------
    spec : Spec
    """

    spec: Spec
    slots: tuple[str, ...] = field(default=STEP_SLOTS, repr=False)

    def arrays(self, space: _Space) -> tuple[Array, Array, Array]:
        """Return what it keeps beside the weights."""
        outputs = self.spec.output_dim
        return space.array(2, self.spec.hidden_dim), space.array(outputs, 1), space.array(outputs, 1)

    def write(self, cpu: Cpu) -> str:
        """Write it for a CPU."""
        spec = self.spec
        code = PythonCode(spec.precision, cpu.registers, self.slots)
        layout = Layout(code)
        sizes = spec.input_dim, spec.memory_dim, spec.output_dim, spec.memory_dim
        x, memory, answer, after = (code.row(number, size) for number, size in enumerate(sizes))
        w = _weights(layout, spec, code.pointer("weights"))
        layer_1, pre_2, layer_2 = self.arrays(_Space(layout, code.pointer("workspace")))
        layer_0, before = (
            Array(layout, pointer, 0, 1, size, size)
            for pointer, size in ((x, spec.input_dim), (memory, spec.memory_dim))
        )
        if spec.recurrence == "hidden":
            with code.loop(spec.hidden_dim) as i:
                layer_1[0].put_number(before[0].number(i), i)
        layers = Layers(layer_0, layer_1, pre_2, layer_2, before)
        elman_cpu.forward(spec, w, layers, 1)
        elman_cpu.outputs(spec, layers)
        with code.loop(spec.output_dim) as o:
            code.store(layer_2[o].number(0)[0][0], answer, o)
        remembered = layer_1[1] if spec.recurrence == "hidden" else layer_0[0]
        with code.loop(spec.memory_dim) as i:
            code.store(remembered.number(i)[0][0], after, i)
        return code.finish()


@cache
def load(kernel: Learn | Run) -> Kernel:
    """Return a kernel compiled, once for a process."""
    return machine_code.load(repr(kernel), kernel.write, SOURCES)


@cache
def load_step(kernel: Step) -> int:
    """Return where such a kernel is, once for a process."""
    return machine_code.address(repr(kernel), kernel.write, SOURCES)


@cache
def room(kernel: Learn | Step) -> int:
    """Return how many numbers of memory a kernel needs beside the weights."""
    lanes, sequences = (kernel.lanes, kernel.sequences) if isinstance(kernel, Learn) else (1, 1)
    space = _Space(Layout(Code(kernel.spec.precision, 1, ()), lanes, sequences), None)
    kernel.arrays(space)
    return space.size * lanes
