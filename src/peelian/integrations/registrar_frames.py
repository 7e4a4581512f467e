"""Registrar protocol: frames of a small JSON head and a body of bytes.

    frame = length of the head (4 bytes, big-endian) · length of the body (4 bytes) · head · body

A question's head is {"op": word, …}; an answer's is {"ok": …} or {"error": class, "says": …}. Lengths are checked
before anything is read into memory. Nothing is ever unpickled, and nothing in a frame names code or a path.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from peelian.errors import (
    DiskError,
    DiskFull,
    DiskReadOnly,
    InputError,
    IntegrityError,
    NotEnoughData,
    OutOfOrder,
    PeelianError,
    Reason,
    Refused,
    Withheld,
)

MOST_HEAD = 128 << 10
MOST_BODY = (64 << 20) + (64 << 10)  # the largest document of the archive, sealed
_LENGTHS = struct.Struct(">II")
_PIECE = 1 << 20
_NAMED = {
    kind.__name__: kind
    for kind in (OutOfOrder, InputError, NotEnoughData, IntegrityError, DiskError, DiskFull, DiskReadOnly)
}
_REASONED = {kind.__name__: kind for kind in (Refused, Withheld)}


class Gone(PeelianError):
    """The other side went away, or said what is no frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One question or answer."""

    head: Mapping[str, Any]
    body: bytes = field(default=b"", repr=False)


def frame_bytes(frame: Frame) -> bytes:
    """The frame as it is sent; InputError where it is larger than either side reads."""
    head = json.dumps(frame.head, ensure_ascii=False, separators=(",", ":")).encode()
    if len(head) > MOST_HEAD or len(frame.body) > MOST_BODY:
        raise InputError("message too large", accepted=f"up to {MOST_BODY:,} bytes")
    return b"".join((_LENGTHS.pack(len(head), len(frame.body)), head, frame.body))


def read_frame(connection: socket.socket) -> Frame | None:
    """The next frame; None where the other side has closed the connection between two. Gone for anything else.

    Memory is taken as bytes arrive, so that a length alone costs nothing. O(bytes).
    """
    top = _read(connection, _LENGTHS.size, may_end=True)
    if not top:
        return None
    head_size, body_size = _LENGTHS.unpack(top)
    if not 2 <= head_size <= MOST_HEAD or body_size > MOST_BODY:
        raise Gone("what was said is no frame of a registrar")
    head, body = _read(connection, head_size), _read(connection, body_size)
    try:
        known = json.loads(head)
    except (ValueError, RecursionError):
        raise Gone("what was said is no frame of a registrar") from None
    if not isinstance(known, dict):
        raise Gone("what was said is no frame of a registrar")
    return Frame(head=known, body=body)


def error_frame(error: PeelianError) -> Frame:
    """An answer that says what went wrong, so that `raised` can raise it on the other side."""
    head: dict[str, Any] = {"error": type(error).__name__, "says": str(error)[:4_000]}
    if isinstance(error, (Refused, Withheld)):
        head["reasons"] = [
            {"rule": r.rule, "says": r.says, "remedy": r.remedy, "policy": r.policy} for r in error.reasons
        ]
    return Frame(head=head)


def raised(head: Mapping[str, Any]) -> PeelianError:
    """The error that an answer tells of."""
    name, says = str(head.get("error", "")), str(head.get("says", ""))
    if name in _REASONED:
        try:
            return _REASONED[name]([Reason(**reason) for reason in head["reasons"]])
        except (KeyError, TypeError):
            return PeelianError(says)
    return _NAMED[name](says) if name in _NAMED else PeelianError(says)


def _read(connection: socket.socket, size: int, *, may_end: bool = False) -> bytes:
    got = bytearray()
    while len(got) < size:
        piece = connection.recv(min(_PIECE, size - len(got)))
        if not piece:
            if may_end and not got:
                return b""
            raise Gone("the other side went away in the middle of a sentence")
        got += piece
    return bytes(got)
