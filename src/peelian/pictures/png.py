"""PNG images from palette indexes, as bytes: Portable Network Graphics, third edition (W3C 2025), written by hand."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError

Colour = tuple[int, int, int]
QUICK, SMALL = 4, 6  # levels: of a million cells of their own colours, and of enlarged ones; 9 takes ten times as long


def png(indexes: NDArray[np.integer], palette: Sequence[Colour], *, clear: int | None = None, times: int = 1) -> bytes:
    """A palette image: `indexes` (rows x columns, from the top), colours of 0 to 255 per part; `clear` is see-through.

    `times` repeats every pixel in both directions. InputError: no pixels, or an index without a colour. O(pixels).

    >>> png(np.array([[0, 1]]), [(0, 0, 0), (255, 255, 255)])[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    pixels = np.asarray(indexes)
    if pixels.ndim != 2 or not pixels.size or times < 1:
        raise InputError("an image needs rows and columns of pixels", accepted="a 2-d array that is not empty")
    if not 0 < len(palette) <= 256 or pixels.min() < 0 or pixels.max() >= len(palette):
        raise InputError("a pixel's index has no colour in the palette", accepted="1 to 256 colours")
    wide = pixels.astype(np.uint8).repeat(times, axis=1)
    height, width = len(wide) * times, wide.shape[1]
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)  # 8 bits, palette, no interlace
    lines = np.zeros((height, width + 1), dtype=np.uint8)  # each line begins with its filter: 0, none
    lines[::times, 1:] = wide
    lines[np.arange(height) % times > 0, 0] = 2  # up: a repeated line differs by nothing from the one above
    parts = [_chunk(b"IHDR", header), _chunk(b"PLTE", bytes(part for colour in palette for part in colour))]
    if clear is not None:
        parts.append(_chunk(b"tRNS", bytes(0 if i == clear else 255 for i in range(len(palette)))))
    parts += [_chunk(b"IDAT", zlib.compress(lines.tobytes(), SMALL if times > 1 else QUICK)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
