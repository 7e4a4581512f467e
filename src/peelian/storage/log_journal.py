"""Log journal: framed entries, so that a torn end is told from a damaged middle."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from peelian.errors import IntegrityError

_TOP = b"peelian journal 1\n"
_BASE = struct.Struct(">QI")  # index of the first entry, checksum of the top and of it
_MAGIC = 0xA7
_HEAD = struct.Struct(">BQHH")  # magic, index, how many entries before it were not yet durable, length
_SUM = struct.Struct(">I")
_FRAME = _HEAD.size + _SUM.size
MOST_AT_ONCE = 65_535
MOST_JOURNAL = 1 << 30  # bytes: it is begun anew after some thousand entries of at most 65,535 bytes


def journal_top(base: int) -> bytes:
    """What a journal begins with whose first entry is `base`."""
    start = _TOP + base.to_bytes(8, "big")
    return start + _SUM.pack(crc32(start))


def frame_entries(entries: Sequence[bytes], *, first: int, durable: int) -> bytes:
    """The frames of `entries` from index `first` on, written when the first `durable` entries were on the disk.

    The checksum covers the length and all else (CRC-32: against accidents; against people there is the Merkle tree).
    """
    frames: list[bytes] = []
    for index, entry in enumerate(entries, first):
        head = _HEAD.pack(_MAGIC, index, index - durable if index > durable else 0, len(entry))
        frames += head, crc32(entry, crc32(head)).to_bytes(_SUM.size), entry
    return b"".join(frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    index: int
    durable: int
    entry: bytes
    end: int


def _frame_at(data: bytes, at: int) -> _Frame | None:
    """The frame that begins at `at`; None where none does. Length 0 is refused, so that zeroes are no entries."""
    if at + _FRAME > len(data) or data[at] != _MAGIC:
        return None
    head = data[at : at + _HEAD.size]
    _, index, ahead, length = _HEAD.unpack(head)
    (checksum,) = _SUM.unpack_from(data, at + _HEAD.size)
    entry = data[at + _FRAME : at + _FRAME + length]
    if not length or len(entry) != length or crc32(entry, crc32(head)) != checksum or ahead > index:
        return None
    return _Frame(index=index, durable=index - ahead, entry=entry, end=at + _FRAME + length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What a journal holds: the index of its first entry, its entries, and the bytes of a write that was cut short."""

    base: int
    entries: tuple[bytes, ...]
    torn: bytes = b""

    @property
    def end(self) -> int:
        """The index after its last entry."""
        return self.base + len(self.entries)


def read_journal(data: bytes) -> Journal:
    """The journal in `data`. A torn end, which was never acknowledged, is set apart; IntegrityError where an entry is
    damaged that a later frame says was durable, or where the journal does not begin as one."""
    start = len(_TOP) + _BASE.size
    if not data.startswith(_TOP) or len(data) < start or journal_top(_base(data)) != data[:start]:
        raise IntegrityError("The log's journal does not start correctly. It is damaged or foreign.")
    base, at = _base(data), start
    entries: list[bytes] = []
    while (frame := _frame_at(data, at)) and frame.index == base + len(entries):
        entries.append(frame.entry)
        at = frame.end
    torn, reached = data[at:].rstrip(b"\0"), base + len(entries)  # zeroes are room that was made beforehand
    if any(later.durable > reached for later in _frames_anywhere(torn)):
        raise IntegrityError(f"entry {reached:,} of the log is damaged in the journal, and it had been acknowledged")
    return Journal(base=base, entries=tuple(entries), torn=torn)


def _base(data: bytes) -> int:
    return int.from_bytes(data[len(_TOP) : len(_TOP) + 8], "big")


def _frames_anywhere(data: bytes) -> Iterator[_Frame]:
    at = data.find(_MAGIC)
    while at >= 0:
        frame = _frame_at(data, at)
        if frame:
            yield frame
        at = data.find(_MAGIC, frame.end if frame else at + 1)
