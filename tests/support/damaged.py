"""Made recordings whose every picture can be told by its grey, and what breaks them."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np

PICTURES, GROUP = 60, 10


def grouped(pictures: int = PICTURES, name: str = "mp4") -> bytes:
    """A recording whose picture n is a grey of its own, with a picture that stands by itself every `GROUP`."""
    file = io.BytesIO()
    options = {"moov_size": "100000"} if name == "mp4" else {}
    with av.open(file, mode="w", format=name, options=options) as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "1", "preset": "ultrafast", "g": str(GROUP)})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        noise = np.random.default_rng(1).integers(0, 40, (48, 64, 3))
        for i in range(pictures):
            frame = av.VideoFrame.from_ndarray((noise + 3 * i).astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def places(data: bytes) -> list[tuple[int, int]]:
    """Where each picture's bytes lie."""
    with av.open(io.BytesIO(data)) as opened:
        return [(p.pos, p.size) for p in opened.demux(video=0) if p.size]


def broken(data: bytes, picture: int) -> bytes:
    """The recording with one picture's bytes overwritten."""
    at, size = places(data)[picture]
    return data[:at] + bytes([255]) * size + data[at + size :]


def cut(data: bytes, picture: int) -> bytes:
    """The recording up to the middle of one picture's bytes."""
    at, size = places(data)[picture]
    return data[: at + size // 2]
