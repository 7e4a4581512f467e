"""Looks for planted words in every file below a folder, however a program may have spelled them."""

from __future__ import annotations

import gzip
import zlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path


def spellings(marker: str) -> list[bytes]:
    """A word as UTF-8, UTF-16 and hexadecimal digits, escaped, and in base64 at each of its three alignments."""
    plain = marker.encode()
    coded = [b64encode(b"\0" * n + plain)[4 if n else 0 : -4] for n in range(3)]
    escaped = marker.encode("unicode_escape")
    return [plain, marker.encode("utf-16-le"), plain.hex().encode(), escaped, *(c for c in coded if len(c) > 8)]


def readable(folders: list[Path], markers: list[str]) -> Iterator[tuple[str, str]]:
    """Every (file, marker) where a marker can be read. O(bytes)."""
    wanted = {marker: spellings(marker) for marker in markers}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_file():
                continue
            for data in _layers(path.read_bytes()):
                for marker, forms in wanted.items():
                    if marker in path.name or any(form in data for form in forms):
                        yield path.name, marker


def _layers(data: bytes) -> Iterator[bytes]:
    yield data
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    if data[:1] == b"\x78":
        try:
            yield zlib.decompress(data)
        except zlib.error:
            return
