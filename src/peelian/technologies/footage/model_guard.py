"""Checks a town's own ONNX model, from its bytes, before any runtime loads it.

Only the standard operators, in one file: no data in other files (a path in a model is a path on this machine), no
operators of other makers (they come with libraries), no functions of the model's own, no loops (they need not end).
Field numbers are those of onnx.proto3. What this cannot see is how much memory a model takes while it runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from peelian.errors import InputError, sentence
from peelian.technologies.footage.onnx_graph import fields_of

STANDARD = frozenset({"", "ai.onnx"})
OLDEST_OPSET, NEWEST_OPSET = 7, 30
MOST_NODES, DEEPEST = 20_000, 4
ENDLESS = frozenset({"Loop", "Scan", "SequenceMap"})
_ACCEPTED = "one ONNX file with standard operators and all weights inside"

_GRAPH, _OPSETS, _FUNCTIONS, _TRAINING = 7, 8, 25, 20  # ModelProto
_NODE, _INITIALIZER, _SPARSE = 1, 5, 15  # GraphProto
_OP_TYPE, _ATTRIBUTE, _DOMAIN = 4, 5, 7  # NodeProto
_TENSOR, _SUBGRAPH, _TENSORS, _SUBGRAPHS = 5, 6, 10, 11  # AttributeProto
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # TensorProto


def must_be_plain(model: bytes) -> None:
    """InputError where the model contains anything not allowed here. O(bytes)."""
    parts = list(_parts(memoryview(model)))
    if {number for number, _ in parts} & {_FUNCTIONS, _TRAINING}:
        raise _refused("custom functions or training steps")
    opsets = [_is_standard(value) for number, value in parts if number == _OPSETS]
    graphs = [value for number, value in parts if number == _GRAPH]
    if len(graphs) != 1 or not opsets:
        raise _refused("no single graph, or no known operator set")
    _must_be_plain(graphs[0], [0], depth=0)


def _parts(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The number and bytes of every field that has bytes."""
    return ((number, value) for number, value, _ in fields_of(message) if isinstance(value, memoryview))


def _must_be_plain(graph: memoryview, count: list[int], *, depth: int) -> None:
    if depth > DEEPEST:
        raise _refused("graphs nested too deeply")
    for number, value in _parts(graph):
        if number == _SPARSE:
            raise _refused("sparse weights")
        if number == _INITIALIZER:
            _must_be_inside(value)
        if number == _NODE:
            count[0] += 1
            if count[0] > MOST_NODES:
                raise _refused(sentence("more than %(n)d operators", n=MOST_NODES))
            for inner in _graphs_of(value):
                _must_be_plain(inner, count, depth=depth + 1)


def _graphs_of(node: memoryview) -> Iterator[memoryview]:
    """The graphs inside a node's attributes, after node and attributes were looked at."""
    for number, value in _parts(node):
        if number == _DOMAIN and _text(value) not in STANDARD:
            raise _refused("non-standard operators")
        if number == _OP_TYPE and _text(value) in ENDLESS:
            raise _refused("loops")
        if number == _ATTRIBUTE:
            yield from _graphs_in(value)


def _graphs_in(attribute: memoryview) -> Iterator[memoryview]:
    for number, value in _parts(attribute):
        if number in (_TENSOR, _TENSORS):
            _must_be_inside(value)
        if number in (_SUBGRAPH, _SUBGRAPHS):
            yield value


def _must_be_inside(tensor: memoryview) -> None:
    for number, value, _ in fields_of(tensor):
        if number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value != 0):
            raise _refused("weights in other files")


def _is_standard(opset: memoryview) -> bool:
    domain, version = "", 0
    for number, value, _ in fields_of(opset):
        if number == 1 and isinstance(value, memoryview):
            domain = _text(value)
        if number == 2 and isinstance(value, int):
            version = value
    if domain not in STANDARD:
        raise _refused("non-standard operators")
    if not OLDEST_OPSET <= version <= NEWEST_OPSET:
        says = "operators of version %(n)d, not %(low)d to %(high)d"
        raise _refused(sentence(says, n=version, low=OLDEST_OPSET, high=NEWEST_OPSET))
    return True


def _text(value: memoryview) -> str:
    return bytes(value[:200]).decode("utf-8", "replace")


def _refused(has: str) -> InputError:
    return InputError(sentence("model not allowed: it has %(what)s", what=sentence(has)), accepted=_ACCEPTED)
