"""ONNX models written by hand, for tests of a town's own detector."""

from __future__ import annotations

import numpy as np

from peelian.technologies.footage.detector import weights
from peelian.technologies.footage.onnx_graph import fields_of, message, value_info, varint


def model(rows: np.ndarray, side: int | str = 320, inputs: int = 1) -> bytes:
    """An ONNX model, written by hand, that answers every picture with the same rows."""
    dims = b"".join(b"\x08" + varint(n) for n in rows.shape)
    tensor = dims + b"\x10\x01" + message(8, b"boxes") + message(9, rows.astype("<f4").tobytes())
    node = message(1, b"boxes") + message(2, b"out") + message(4, b"Identity")
    graph = message(1, node) + message(2, b"g") + message(5, tensor)
    for k in range(inputs):
        graph += message(11, value_info(f"picture{k}", (1, 3, side, side)))
    graph += message(12, value_info("out", tuple(f"n{i}" for i in range(rows.ndim))))
    return b"\x08\x08" + message(7, graph) + message(8, message(1, b"") + b"\x10\x0d")


def endless(steps: int, side: int = 700) -> bytes:
    """A model that multiplies large matrices, one after the other, before it answers."""
    size = b"\x08" + varint(side) + b"\x08" + varint(side)
    weights = size + b"\x10\x01" + message(8, b"w0") + message(9, np.full((side, side), 1e-3, "<f4").tobytes())
    nodes = [
        message(
            1,
            message(1, f"w{k}".encode()) + message(1, b"w0") + message(2, f"w{k + 1}".encode()) + message(4, b"MatMul"),
        )
        for k in range(steps)
    ]
    last = message(1, message(1, f"w{steps}".encode()) + message(2, b"out") + message(4, b"Identity"))
    graph = b"".join(nodes) + last + message(2, b"g") + message(5, weights)
    graph += message(11, value_info("picture0", (1, 3, 320, 320))) + message(12, value_info("out", ("n", "m")))
    return b"\x08\x08" + message(7, graph) + message(8, message(1, b"") + b"\x10\x0d")


def elsewhere(place: bytes) -> bytes:
    """A model whose weights are said to lie in another file."""
    tensor = (
        b"\x08\x01\x08\x05\x10\x01" + message(8, b"boxes") + message(13, message(1, b"location") + message(2, place))
    )
    node = message(1, b"boxes") + message(2, b"out") + message(4, b"Identity")
    graph = message(1, node) + message(2, b"g") + message(5, tensor + b"\x70\x01")
    graph += message(11, value_info("picture0", (1, 3, 320, 320))) + message(12, value_info("out", ("n", "m")))
    return b"\x08\x08" + message(7, graph) + message(8, message(1, b"") + b"\x10\x0d")


def _attribute(name: str, ints: list[int], *, one: bool = False) -> bytes:
    values = b"\x18" + varint(ints[0]) if one else b"".join(b"\x40" + varint(n) for n in ints)
    return message(5, message(1, name.encode()) + values + b"\xa0\x01" + (b"\x02" if one else b"\x07"))


def _node(kind: str, inputs: list[str], output: str, *attributes: bytes) -> bytes:
    named = b"".join(message(1, name.encode()) for name in inputs) + message(2, output.encode())
    return message(1, named + message(4, kind.encode()) + b"".join(attributes))


def _constant(name: str, values: np.ndarray) -> bytes:
    kind = b"\x10\x07" if values.dtype == np.int64 else b"\x10\x01"
    dims = b"".join(b"\x08" + varint(n) for n in values.shape)
    plain = values if values.dtype == np.int64 else values.astype("<f4")
    return message(5, dims + kind + message(8, name.encode()) + message(9, plain.tobytes()))


def _model(graph: bytes, side: int, opset: int = 11) -> bytes:
    graph += message(2, b"g") + message(11, value_info("picture", (1, 3, side, side)))
    graph += message(12, value_info("out", ("n", "m")))
    return b"\x08\x08" + message(7, graph) + message(8, message(1, b"") + b"\x10" + varint(opset))


def general_faces(side: int = 640) -> bytes:
    """CenterFace under the contract of a detector from outside: one input from 0 to 1, one output of boxes."""
    whole = next(v for n, v, _ in fields_of(memoryview(weights())) if n == 7)
    assert isinstance(whole, memoryview)
    kept = b"".join(bytes(raw) for number, _, raw in fields_of(whole) if number in (1, 5))
    cells = side // 4
    grid = np.stack(np.mgrid[0:cells, 0:cells]).astype(np.float32)[None] + 0.5
    first = _node("Mul", ["picture", "c255"], "input.1")
    last = (
        _node("Exp", ["538"], "e") + _node("Mul", ["e", "c2"], "half")
        + _node("Add", ["539", "grid"], "g") + _node("Mul", ["g", "c4"], "at")
        + _node("Sub", ["at", "half"], "low") + _node("Add", ["at", "half"], "high")
        + _node("Concat", ["low", "high", "537"], "rows", _attribute("axis", [1], one=True))
        + _node("Gather", ["rows", "order"], "turned", _attribute("axis", [1], one=True))
        + _node("Reshape", ["turned", "flat"], "five")
        + _node("Transpose", ["five"], "out", _attribute("perm", [1, 0]))
    )  # fmt: skip
    constants = (
        _constant("c255", np.array([255.0])) + _constant("c2", np.array([2.0])) + _constant("c4", np.array([4.0]))
    )
    constants += _constant("grid", grid) + _constant("order", np.array([1, 0, 3, 2, 4], np.int64))
    constants += _constant("flat", np.array([5, cells * cells], np.int64))
    return _model(first + kept + last + constants, side)


def face_matcher(template: np.ndarray, side: int = 640, sharp: float = 30.0, step: int = 2) -> bytes:
    """A recogniser under the same contract: boxes where the picture is like one template (float[h, w, 3], 0 to 1).

    The score is 1 minus `sharp` times the mean squared difference, by convolutions, at every second pixel.
    """
    tall, wide = template.shape[:2]
    shown = template.transpose(2, 0, 1)[None].astype(np.float32)
    y, x = np.mgrid[0 : side - tall + 1 : step, 0 : side - wide + 1 : step].reshape(2, -1).astype(np.float32)
    nodes = (
        _node("Mul", ["picture", "picture"], "squares")
        + _node("Conv", ["squares", "column"], "columns", _attribute("strides", [step, 1]))
        + _node("Conv", ["columns", "line"], "energy", _attribute("strides", [1, step]))
        + _node("Conv", ["picture", "template"], "alike", _attribute("strides", [step, step]))
        + _node("Mul", ["alike", "minus2"], "twice") + _node("Add", ["energy", "twice"], "part")
        + _node("Add", ["part", "own"], "far") + _node("Mul", ["far", "scale"], "less")
        + _node("Add", ["less", "one"], "score") + _node("Reshape", ["score", "flat"], "row")
        + _node("Concat", ["places", "row"], "five", _attribute("axis", [0], one=True))
        + _node("Transpose", ["five"], "out", _attribute("perm", [1, 0]))
    )  # fmt: skip
    constants = _constant("column", np.ones((1, 3, tall, 1), np.float32)) + _constant("template", shown)
    constants += _constant("line", np.ones((1, 1, 1, wide), np.float32))
    constants += _constant("minus2", np.array([-2.0])) + _constant("one", np.array([1.0]))
    constants += _constant("own", np.array([float((shown**2).sum())]))
    constants += _constant("scale", np.array([-sharp / shown.size])) + _constant(
        "flat", np.array([1, len(x)], np.int64)
    )
    constants += _constant("places", np.stack([x, y, x + wide, y + tall]))
    return _model(nodes + constants, side)
