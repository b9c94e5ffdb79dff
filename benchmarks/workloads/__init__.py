"""The workloads, one a file: each has a ``measure`` that hands over its cases as they are timed."""

from workloads import process, replicas, shapes, stream, tutorial

WORKLOADS = {
    "tutorial": tutorial.measure,
    "replicas": replicas.measure,
    "shapes": shapes.measure,
    "stream": stream.measure,
    "process": process.measure,
}
