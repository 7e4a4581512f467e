"""A hostile model is refused by its bytes: other files, other makers' operators, loops, nesting, unknown versions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import model

from peelian.errors import InputError
from peelian.technologies.footage.model_guard import must_be_plain
from peelian.technologies.footage.onnx_graph import message, varint

GOOD = model(np.array([[1.0, 2, 3, 4, 0.9]]))
OPSET = message(8, message(1, b"") + b"\x10\x0d")


def made(*nodes: bytes, opset: bytes = OPSET, more: bytes = b"", beside: bytes = b"") -> bytes:
    return b"\x08\x08" + message(7, b"".join(message(1, n) for n in nodes) + more) + opset + beside


def node(op: bytes, domain: bytes = b"", attribute: bytes = b"") -> bytes:
    made = message(4, op) + (message(7, domain) if domain else b"")
    return made + (message(5, attribute) if attribute else b"")


def nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = message(1, node(b"If", attribute=message(6, inner)))
    return made(node(b"If", attribute=message(6, inner)))


ELSEWHERE = message(13, message(1, b"location") + message(2, b"../../etc/passwd"))
HOSTILE = {
    "weights elsewhere": (made(node(b"Add"), more=message(5, ELSEWHERE)), "other files"),
    "data location": (made(node(b"Add"), more=message(5, b"\x70\x01")), "other files"),
    "a constant elsewhere": (made(node(b"Constant", attribute=message(5, ELSEWHERE))), "other files"),
    "sparse": (made(node(b"Add"), more=message(15, b"")), "sparse"),
    "another maker's operator": (made(node(b"Run", domain=b"com.example")), "non-standard"),
    "another maker's set": (
        made(node(b"Add"), opset=message(8, message(1, b"com.example") + b"\x10\x01")),
        "non-standard",
    ),
    "a loop": (made(node(b"Loop")), "loops"),
    "a loop inside": (made(node(b"If", attribute=message(6, message(1, node(b"Scan"))))), "loops"),
    "a function": (made(node(b"Add"), beside=message(25, b"")), "functions"),
    "training": (made(node(b"Add"), beside=message(20, b"")), "functions"),
    "nesting": (nested(9), "graphs nested too deeply"),
    "too old": (made(node(b"Add"), opset=message(8, b"\x10\x01")), "version 1"),
    "from the future": (made(node(b"Add"), opset=message(8, b"\x10" + varint(99))), "version 99"),
    "no set": (made(node(b"Add"), opset=b""), "no single graph"),
    "two graphs": (made(node(b"Add")) + made(node(b"Add")), "no single graph"),
    "nothing": (b"", "no single graph"),
    "too many": (made(*[node(b"Add")] * 20_001), "20,000"),
}


def test_a_plain_model_is_let_through() -> None:
    must_be_plain(GOOD)
    must_be_plain(nested(2))


@pytest.mark.parametrize(("model", "says"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_model_is_refused_and_told_in_general_words(model: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        must_be_plain(model)
    assert "passwd" not in str(refused.value) and "com.example" not in str(refused.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_let_through_or_refused(data: bytes) -> None:
    try:
        must_be_plain(data)
    except InputError:
        return


def test_a_model_cut_or_changed_anywhere_is_let_through_or_refused() -> None:
    rng = np.random.default_rng(5)
    for length in range(0, len(GOOD), 3):
        with pytest.raises(InputError):
            must_be_plain(GOOD[:length])
    for _ in range(300):
        data = bytearray(GOOD)
        data[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
        try:
            must_be_plain(bytes(data))
        except InputError:
            continue
