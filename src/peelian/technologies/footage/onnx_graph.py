"""Gives the inputs and outputs of an ONNX file free sizes, without an ONNX library.

The model ships with its exporter's example sizes (10 x 3 x 32 x 32) fixed in the file, and with every weight listed
among its inputs, which keeps a runtime from folding constants. Both are a matter of a few bytes of the protocol-buffer
encoding (https://protobuf.dev/programming-guides/encoding/; field numbers from onnx.proto3), so no ONNX library is
needed. Weights and operators are carried over byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from peelian.errors import InputError, sentence

_GRAPH, _NODE_NAME = 7, 1  # ModelProto.graph, ValueInfoProto.name
_INPUT, _OUTPUT, _VALUE_INFO = 11, 12, 13  # GraphProto
_FLOAT = 1  # TensorProto.FLOAT

Dims = tuple[int | str, ...]


def with_free_sizes(model: bytes, *, inputs: Mapping[str, Dims], outputs: Mapping[str, Dims]) -> bytes:
    """The model with only `inputs` as inputs and with the sizes given; a text as size is one that may vary. O(bytes).

    InputError: the bytes are no ONNX model, or lack one of the names.
    """
    parts, seen = [], set()
    for number, value, raw in fields_of(memoryview(model)):
        if number == _GRAPH and isinstance(value, memoryview):
            graph, names = _patched(value, inputs, outputs)
            parts.append(message(_GRAPH, graph))
            seen |= names
        else:
            parts.append(bytes(raw))
    if lacking := sorted({*inputs, *outputs} - seen):
        raise InputError("unexpected model", accepted=sentence("a graph with %(names)s", names=", ".join(lacking)))
    return b"".join(parts)


def _patched(graph: memoryview, inputs: Mapping[str, Dims], outputs: Mapping[str, Dims]) -> tuple[bytes, set[str]]:
    parts, seen = [], set()
    for number, value, raw in fields_of(graph):
        if number in (_INPUT, _OUTPUT) and isinstance(value, memoryview):
            name, wanted = _name(value), inputs if number == _INPUT else outputs
            if name in wanted:
                seen.add(name)
                parts.append(message(number, value_info(name, wanted[name])))
        elif number != _VALUE_INFO:  # sizes in between follow from the input's
            parts.append(bytes(raw))
    return b"".join(parts), seen


def _name(value: memoryview) -> str:
    found = [part for number, part, _ in fields_of(value) if number == _NODE_NAME and isinstance(part, memoryview)]
    return bytes(found[0]).decode("utf-8", "replace") if found else ""


def value_info(name: str, dims: Dims) -> bytes:
    """A ValueInfoProto: a name and a tensor of floats of these sizes."""
    shape = b"".join(message(1, message(2, d.encode()) if isinstance(d, str) else b"\x08" + varint(d)) for d in dims)
    tensor = b"\x08" + varint(_FLOAT) + message(2, shape)
    return message(1, name.encode()) + message(2, message(1, tensor))


def fields_of(data: memoryview) -> Iterator[tuple[int, memoryview | int, memoryview]]:
    """Number, value and raw bytes of each field of a message; InputError where the bytes are no message."""
    at = 0
    while at < len(data):
        start = at
        key, at = _read_varint(data, at)
        kind = key & 7
        value: memoryview | int = 0
        if kind == 0:
            value, at = _read_varint(data, at)
        elif kind == 2:
            length, at = _read_varint(data, at)
            value, at = data[at : at + length], at + length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise _damaged()
        if at > len(data):
            raise _damaged()
        yield key >> 3, value, data[start:at]


def _read_varint(data: memoryview, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _damaged()
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise _damaged()


def varint(number: int) -> bytes:
    """A whole number, seven bits a byte, the lowest first."""
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def message(number: int, content: bytes) -> bytes:
    """A field that has bytes: its number, their length, and they."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def _damaged() -> InputError:
    return InputError("not an ONNX model, or truncated", accepted="an ONNX file")
