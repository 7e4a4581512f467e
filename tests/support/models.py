"""ONNX models written by hand, for tests of a town's own detector."""

from __future__ import annotations

import numpy as np

from peelian.technologies.footage.onnx_graph import _long, _value, _varint


def model(rows: np.ndarray, side: int | str = 320, inputs: int = 1) -> bytes:
    """An ONNX model, written by hand, that answers every picture with the same rows."""
    dims = b"".join(b"\x08" + _varint(n) for n in rows.shape)
    tensor = dims + b"\x10\x01" + _long(8, b"boxes") + _long(9, rows.astype("<f4").tobytes())
    node = _long(1, b"boxes") + _long(2, b"out") + _long(4, b"Identity")
    graph = _long(1, node) + _long(2, b"g") + _long(5, tensor)
    for k in range(inputs):
        graph += _long(11, _value(f"picture{k}", (1, 3, side, side)))
    graph += _long(12, _value("out", tuple(f"n{i}" for i in range(rows.ndim))))
    return b"\x08\x08" + _long(7, graph) + _long(8, _long(1, b"") + b"\x10\x0d")


def endless(steps: int, side: int = 700) -> bytes:
    """A model that multiplies large matrices, one after the other, before it answers."""
    size = b"\x08" + _varint(side) + b"\x08" + _varint(side)
    weights = size + b"\x10\x01" + _long(8, b"w0") + _long(9, np.full((side, side), 1e-3, "<f4").tobytes())
    nodes = [
        _long(1, _long(1, f"w{k}".encode()) + _long(1, b"w0") + _long(2, f"w{k + 1}".encode()) + _long(4, b"MatMul"))
        for k in range(steps)
    ]
    last = _long(1, _long(1, f"w{steps}".encode()) + _long(2, b"out") + _long(4, b"Identity"))
    graph = b"".join(nodes) + last + _long(2, b"g") + _long(5, weights)
    graph += _long(11, _value("picture0", (1, 3, 320, 320))) + _long(12, _value("out", ("n", "m")))
    return b"\x08\x08" + _long(7, graph) + _long(8, _long(1, b"") + b"\x10\x0d")


def elsewhere(place: bytes) -> bytes:
    """A model whose weights are said to lie in another file."""
    tensor = b"\x08\x01\x08\x05\x10\x01" + _long(8, b"boxes") + _long(13, _long(1, b"location") + _long(2, place))
    node = _long(1, b"boxes") + _long(2, b"out") + _long(4, b"Identity")
    graph = _long(1, node) + _long(2, b"g") + _long(5, tensor + b"\x70\x01")
    graph += _long(11, _value("picture0", (1, 3, 320, 320))) + _long(12, _value("out", ("n", "m")))
    return b"\x08\x08" + _long(7, graph) + _long(8, _long(1, b"") + b"\x10\x0d")
