"""Looks for planted words in every file below a folder, however a program may have spelled them."""

from __future__ import annotations

import gzip
import re
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

DIGITS = re.compile(r"[0-9a-f]+")


def spellings(marker: str) -> list[bytes]:
    """A word as UTF-8, UTF-16 and hexadecimal digits, escaped, and in base64 at each of its three alignments."""
    plain = marker.encode()
    coded = [b64encode(b"\0" * n + plain)[4 if n else 0 : -4] for n in range(3)]
    escaped = marker.encode("unicode_escape")
    return [plain, marker.encode("utf-16-le"), plain.hex().encode(), escaped, *(c for c in coded if len(c) > 8)]


def stands_in(marker: str, data: bytes) -> bool:
    """Whether a word can be read in some bytes.

    Digits that could be hexadecimal count where no further one stands beside them: in a digest they come up by chance.
    """
    plain, *coded = spellings(marker)
    if DIGITS.fullmatch(marker):
        coded = [form for form in coded if form != plain]
        if re.search(rb"(?<![0-9a-f])" + plain + rb"(?![0-9a-f])", data):
            return True
    elif plain in data:
        return True
    return any(form in data for form in coded)


def readable(folders: list[Path], markers: list[str]) -> Iterator[tuple[str, str]]:
    """Every (file, marker) where a marker can be read. O(bytes)."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_file():
                continue
            for data in (path.name.encode(), *_layers(path.read_bytes())):
                for marker in markers:
                    if stands_in(marker, data):
                        yield path.name, marker


def _layers(data: bytes) -> Iterator[bytes]:
    yield data
    for magic, unpacked in ((b"\x1f\x8b", gzip.decompress), (b"\x78", zlib.decompress)):
        if data.startswith(magic):
            with suppress(OSError, EOFError, zlib.error):  # encrypted bytes that begin like this by chance
                yield unpacked(data)
