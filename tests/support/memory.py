"""What a process remembers: its memory as the machine shows it to the administrator."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

PIECE, OVERLAP = 16 << 20, 256


def remembers(process: int, words: Mapping[str, Sequence[bytes]]) -> set[str]:
    """Which of these words stand anywhere in a process's own memory, each in one of its spellings. O(bytes × words)."""
    assert all(len(one) < OVERLAP for spellings in words.values() for one in spellings)
    found: set[str] = set()
    for piece in _memory(process):
        found |= {word for word, spellings in words.items() if any(one in piece for one in spellings)}
    return found


def _memory(process: int) -> Iterator[bytes]:
    with open(f"/proc/{process}/maps", encoding="utf-8") as maps:
        regions = [line.split() for line in maps]
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for place, may, *_ in regions:
            start, end = (int(part, 16) for part in place.split("-"))
            if may.startswith("rw"):  # what cannot be written is the program itself
                for at in range(start, end, PIECE):
                    with suppress(OSError):  # given back meanwhile
                        yield os.pread(memory.fileno(), min(PIECE + OVERLAP, end - at), at)


def spelled(number: int) -> tuple[bytes, ...]:
    """A number as it lies in a table, and in a text."""
    return number.to_bytes(8, "little"), str(number).encode()


def secret(key: bytes) -> tuple[bytes, ...]:
    """A key as it is, and in a text."""
    return key, key.hex().encode()
