"""Frames of a registrar: what is said comes back, and nothing else is taken for a sentence."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError, Reason, Refused, Withheld
from peelian.integrations.registrar_frames import MOST_BODY, Frame, Gone, error_frame, frame_bytes, raised, read_frame


def said(data: bytes) -> Frame | None:
    """What a reader makes of these bytes, after which the other side closes."""
    here, there = socket.socketpair()
    with here, there:
        there.settimeout(5)

        def speak() -> None:
            with contextlib.suppress(OSError):  # the reader may have enough before all is said
                here.sendall(data)
                here.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=speak)
        thread.start()
        try:
            return read_frame(there)
        finally:
            there.close()
            thread.join()


@given(st.dictionaries(st.text(max_size=20), st.one_of(st.integers(), st.text(max_size=50))), st.binary(max_size=500))
def test_what_is_said_comes_back(head: dict[str, int | str], body: bytes) -> None:
    assert said(frame_bytes(Frame(head=head, body=body))) == Frame(head=head, body=body)


@given(st.binary(max_size=300))
def test_any_other_bytes_are_no_frame(data: bytes) -> None:
    try:
        found = said(data)
    except Gone:
        return
    assert found is None or frame_bytes(found)[8:]


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">II", 0xFFFFFFFF, 0),
        struct.pack(">II", 10, MOST_BODY + 1) + b'{"op":"a"}',
        struct.pack(">II", 2, 0) + b"{",
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 0, 0),
        struct.pack(">II", 100_000, 0) + b"[" * 100_000,
        struct.pack(">II", 4, 0) + b"\xff\xfe\xff\xfe",
        frame_bytes(Frame(head={"op": "read"}, body=b"abc"))[:-1],
        b"\0\0\0",
    ],
)
def test_too_large_cut_and_wrongly_spelled_frames_are_refused(data: bytes) -> None:
    with pytest.raises(Gone):
        said(data)


def test_silence_is_no_frame_and_no_error() -> None:
    assert said(b"") is None


def test_what_is_too_large_is_not_said() -> None:
    with pytest.raises(InputError):
        frame_bytes(Frame(head={"op": "put", "document": "a" * 200_000}))


@pytest.mark.parametrize(
    "error",
    [
        OutOfOrder("used up"),
        InputError("no number", accepted="a number"),
        IntegrityError("damaged"),
        Refused([Reason(rule="a", says="b", remedy="c", policy="d")]),
        Withheld([Reason(rule="a", says="b", remedy="c")]),
        PeelianError("away"),
    ],
)
def test_an_error_is_the_same_on_the_other_side(error: PeelianError) -> None:
    back = raised(error_frame(error).head)
    assert type(back) is type(error) and str(back) == str(error)
    assert getattr(back, "reasons", ()) == getattr(error, "reasons", ())


@pytest.mark.parametrize("head", [{"error": "SystemExit"}, {"error": "Refused", "reasons": [{"x": 1}]}, {"error": 5}])
def test_an_answer_can_raise_only_errors_of_ours(head: dict[str, object]) -> None:
    assert type(raised(head)) is PeelianError
