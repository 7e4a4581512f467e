"""PNG bytes: an independent reader finds exactly the pixels that were given."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.pictures.png import png

PALETTE = [(255, 255, 255), (10, 20, 30), (200, 100, 0)]


def read(data: bytes) -> tuple[np.ndarray, list[tuple[int, ...]], bytes]:
    """A small reader of palette images, from the standard's text: signature, chunks with checksums, filters 0 and 2."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    raw = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), dtype=np.uint8).reshape(height, width + 1).copy()
    for y, filtered in enumerate(raw[:, 0].tolist()):
        assert filtered in (0, 2)
        raw[y, 1:] += raw[y - 1, 1:] if filtered == 2 else 0
    colours = [tuple(chunks[b"PLTE"][i : i + 3]) for i in range(0, len(chunks[b"PLTE"]), 3)]
    return raw[:, 1:], colours, chunks.get(b"tRNS", b"")


@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(0, 2**32 - 1), st.sampled_from([None, 0, 2])
)
def test_the_pixels_come_back(rows: int, cols: int, times: int, seed: int, clear: int | None) -> None:
    given_pixels = np.random.default_rng(seed).integers(0, 3, (rows, cols))
    pixels, colours, seen_through = read(png(given_pixels, PALETTE, clear=clear, times=times))
    assert (pixels == given_pixels.repeat(times, 0).repeat(times, 1)).all()
    assert colours == PALETTE
    assert seen_through == (b"" if clear is None else bytes(0 if i == clear else 255 for i in range(3)))


@pytest.mark.parametrize(
    ("pixels", "palette"),
    [
        (np.zeros((0, 3), int), PALETTE),
        (np.zeros(3, int), PALETTE),
        (np.array([[3]]), PALETTE),
        (np.array([[-1]]), PALETTE),
        (np.array([[0]]), []),
    ],
)
def test_pixels_without_a_colour_are_refused(pixels: np.ndarray, palette: list[tuple[int, int, int]]) -> None:
    with pytest.raises(InputError):
        png(pixels, palette)
