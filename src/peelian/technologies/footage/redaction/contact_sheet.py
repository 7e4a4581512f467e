"""A contact sheet of frames before and after redaction, side by side."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.measure.recording import frame_of, pictures

PAIRS, WIDE, MARGIN = 8, 320, 6
_AUTHORIZATION = 245


def contact_sheet(before: BinaryIO, after: BinaryIO, *, count: int, pairs: int = PAIRS) -> bytes:
    """A PNG of `pairs` rows, evenly spread over `count` frames: original on the left, copy on the right.

    It shows what was covered, so it is as sensitive as the original. O(pictures), memory O(pairs).
    """
    wanted = sorted({round(k) for k in np.linspace(0, count - 1, min(pairs, count))})
    columns = [_small(file, wanted) for file in (before, after)]
    tall, wide = columns[0][0].shape[:2]
    sheet = np.full((len(wanted) * (tall + MARGIN) + MARGIN, 2 * wide + 3 * MARGIN, 3), _AUTHORIZATION, dtype=np.uint8)
    for k, column in enumerate(columns):
        left = MARGIN + k * (wide + MARGIN)
        for i, small in enumerate(column):
            top = MARGIN + i * (tall + MARGIN)
            sheet[top : top + tall, left : left + wide] = small[:tall, :wide]
    return rgb_png(sheet)


def _small(file: BinaryIO, wanted: list[int]) -> list[NDArray[np.uint8]]:
    file.seek(0)
    found = []
    for picture in pictures(file):
        if picture.number in wanted:
            tall = max(2, round(WIDE * picture.height / picture.width))
            scaled = frame_of(picture).reformat(width=WIDE, height=tall, format="rgb24", interpolation="AREA")
            found.append(np.ascontiguousarray(scaled.to_ndarray()))
        if picture.number >= wanted[-1]:
            break
    return found


def rgb_png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG (W3C, third edition) of uint8[height, width, 3]. O(pixels).

    >>> rgb_png(np.zeros((1, 1, 3), np.uint8))[:4]
    b'\\x89PNG'
    """
    height, width = pixels.shape[:2]
    lines = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # each line begins with its filter: 0, none
    lines[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
