"""What a process remembers: its memory as the machine shows it to the administrator."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np

PAGE = os.sysconf("SC_PAGESIZE")


def remembers(process: int, words: Mapping[str, Sequence[bytes]]) -> set[str]:
    """Which of these words stand anywhere in a process's own memory, each in one of its spellings. O(bytes × words)."""
    found: set[str] = set()
    for piece in _memory(process):
        found |= {word for word, spellings in words.items() if any(one in piece for one in spellings)}
    return found


def _memory(process: int) -> Iterator[bytes]:
    """Every stretch of pages that the process has in memory or in swap, and may write: the others are its program."""
    with open(f"/proc/{process}/maps", encoding="utf-8") as maps:
        regions = [line.split()[:2] for line in maps]
    with (
        open(f"/proc/{process}/mem", "rb", buffering=0) as memory,
        open(f"/proc/{process}/pagemap", "rb", buffering=0) as pages,
    ):
        for place, may in regions:
            if may.startswith("rw"):
                start, end = (int(part, 16) for part in place.split("-"))
                held = (
                    np.frombuffer(os.pread(pages.fileno(), (end - start) // PAGE * 8, start // PAGE * 8), "<u8") >> 62
                )
                edges = np.flatnonzero(np.diff(held > 0, prepend=False, append=False))
                for first, last in edges.reshape(-1, 2).tolist():
                    with suppress(OSError):  # given back meanwhile
                        yield os.pread(memory.fileno(), (last - first) * PAGE, start + first * PAGE)


def spelled(number: int) -> tuple[bytes, ...]:
    """A number as it lies in a table, and in a text."""
    return number.to_bytes(8, "little"), str(number).encode()


def secret(key: bytes) -> tuple[bytes, ...]:
    """A key as it is, and in a text."""
    return key, key.hex().encode()
