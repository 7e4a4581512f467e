"""Made recordings with exact boxes: two public-domain portraits moved over made backgrounds, with sound."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import av
import matplotlib.cbook
import numpy as np
import skimage.data
from av.stream import Disposition
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Portrait:
    """A head cut from a portrait, and where the face is in it: left, top, right, bottom."""

    pixels: Picture
    face: tuple[float, float, float, float]


@cache
def portraits() -> tuple[Portrait, Portrait]:
    """Eileen Collins (NASA, in scikit-image) and Grace Hopper (US Navy, in matplotlib), both in the public domain."""
    collins = skimage.data.astronaut()[0:260, 90:360]
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        hopper = np.array(Image.open(file))[40:420, 100:430]
    return (
        Portrait(pixels=np.ascontiguousarray(collins), face=(93.0, 62.0, 179.0, 176.0)),
        Portrait(pixels=np.ascontiguousarray(hopper), face=(82.0, 98.0, 252.0, 296.0)),
    )


@dataclass(frozen=True)
class Face:
    """One face of one picture of a made clip: which of the portraits, and its exact box in pixels."""

    picture: int
    who: int
    box: tuple[float, float, float, float]


Change = Callable[[Picture, tuple[Face, ...], np.random.Generator], tuple[Picture, tuple[Face, ...]]]
"""What degrades a picture; where it moves the faces it says where they are then."""


@dataclass(frozen=True)
class Clip:
    """A made recording: the file's bytes and the exact box of every face."""

    data: bytes
    faces: tuple[Face, ...]
    width: int
    height: int
    pictures: int
    rate: int
    tags: dict[str, str] = field(default_factory=dict)

    def open(self) -> io.BytesIO:
        """The file, readable and seekable."""
        return io.BytesIO(self.data)


def background(rng: np.random.Generator, width: int, height: int) -> Picture:
    """Blocks and gradients of many colours, with some noise: no face in it."""
    small = rng.integers(40, 200, (height // 40 + 2, width // 40 + 2, 3)).astype(np.float32)
    blocks = np.kron(small, np.ones((40, 40, 1), np.float32))[:height, :width]
    ramp = np.linspace(-30, 30, width, dtype=np.float32)[None, :, None]
    return (blocks * 0.5 + 60 + ramp + rng.normal(0, 4, (height, width, 1))).clip(0, 255).astype(np.uint8)


def scene(seed: int, *, width: int, height: int, pictures: int, sizes: tuple[float, ...] = (0.9, 0.55)) -> Any:
    """Yield (picture, faces): the portraits drift over a background that is panned as by somebody walking."""
    rng = np.random.default_rng(seed)
    wide = background(rng, width + 200, height + 60)
    starts = [(rng.uniform(0.05, 0.3) + 0.45 * k, rng.uniform(0.05, 0.3)) for k in range(len(sizes))]
    phases = rng.uniform(0, 2 * np.pi, (len(sizes), 2))
    for i in range(pictures):
        t = i / 25
        pan, tilt = int(100 + 90 * np.sin(t * 1.1)), int(30 + 25 * np.sin(t * 3.1))
        canvas = np.ascontiguousarray(wide[tilt : tilt + height, pan : pan + width])
        faces = []
        for who, (size, start, phase) in enumerate(zip(sizes, starts, phases, strict=True)):
            portrait = portraits()[who % 2]
            scale = size * height / 720 * (1 + 0.15 * np.sin(t + phase[0]))
            x = (start[0] + 0.12 * np.sin(1.7 * t + phase[0])) * width
            y = (start[1] + 0.08 * np.sin(2.3 * t + phase[1])) * height
            box = paste(canvas, portrait, scale, x, y)
            faces.append(Face(picture=i, who=who, box=box))
        yield canvas, tuple(faces)


def paste(canvas: Picture, portrait: Portrait, scale: float, x: float, y: float) -> tuple[float, float, float, float]:
    """Put a scaled portrait onto the canvas, kept inside; returns the exact box of its face."""
    tall, wide = (max(8, int(n * scale)) for n in portrait.pixels.shape[:2])
    tall, wide = min(tall, canvas.shape[0]), min(wide, canvas.shape[1])
    small = np.array(Image.fromarray(portrait.pixels).resize((wide, tall), Image.Resampling.BILINEAR))
    left = int(np.clip(x, 0, canvas.shape[1] - wide))
    top = int(np.clip(y, 0, canvas.shape[0] - tall))
    canvas[top : top + tall, left : left + wide] = small
    fx, fy = wide / portrait.pixels.shape[1], tall / portrait.pixels.shape[0]
    a, b, c, d = portrait.face
    return (left + a * fx, top + b * fy, left + c * fx, top + d * fy)


def clip(
    seed: int = 1,
    *,
    width: int = 640,
    height: int = 360,
    pictures: int = 50,
    rate: int = 25,
    audio: bool = True,
    sound: NDArray[np.float32] | None = None,
    change: Change | None = None,
    sizes: tuple[float, ...] = (0.9, 0.55),
    **how: Any,
) -> Clip:
    """A made recording; `how` goes to `written`."""
    rng = np.random.default_rng(seed + 1)
    frames, faces = [], []
    for canvas, found in scene(seed, width=width, height=height, pictures=pictures, sizes=sizes):
        canvas, found = change(canvas, found, rng) if change else (canvas, found)
        frames.append(canvas)
        faces += found
    sound = sound if sound is not None else voice(pictures / rate) if audio else None
    data = written(frames, rate=rate, sound=sound, **how)
    return Clip(data=data, faces=tuple(faces), width=width, height=height, pictures=pictures, rate=rate)


RATE = 48_000


def voice(seconds: float) -> NDArray[np.float32]:
    """Something like speech: a hum with overtones that swells and fades; float32[1, samples] within -1 to 1."""
    t = np.arange(int(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * f * t) / k for k, f in enumerate((180, 360, 900, 1800), 1))
    return (0.25 * tone * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t)))[None].astype(np.float32)


def written(
    frames: list[Picture],
    *,
    rate: int = 25,
    sound: NDArray[np.float32] | None = None,
    container: str = "mp4",
    times: list[int] | None = None,
    tags: dict[str, str] | None = None,
    videos: int = 1,
    attached: bool = False,
    crf: int = 18,
    front: bool = False,
    transfer: int = 0,
) -> bytes:
    """Frames (RGB) and sound as a file's bytes. `times` are picture times in 1/1000 s (variable frame rate).

    `front` puts an MP4's index before its pictures; `transfer` are transfer characteristics of ITU-T H.273.
    """
    file = io.BytesIO()
    with av.open(file, mode="w", format=container, options={"moov_size": "100000"} if front else {}) as out:
        out.metadata.update(tags or {})
        streams = [_video(out, frames[0], rate, crf, times) for _ in range(videos)]
        for stream in streams if transfer else ():
            stream.codec_context.color_trc = transfer
        audio = out.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        if attached:
            out.add_attachment("names.txt", "text/plain", b"A name and an address")
        for i, pixels in enumerate(frames):
            for stream in streams:
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = (times[i] if times else i), stream.codec_context.time_base
                out.mux(stream.encode(frame))
        for stream in streams:
            out.mux(stream.encode(None))
        if audio is not None and sound is not None:
            _sounded(out, audio, sound)
    return file.getvalue()


def _video(out: Any, first: Picture, rate: int, crf: int, times: list[int] | None) -> Any:
    stream = out.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "ultrafast"})
    stream.height, stream.width = first.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, 1000) if times else Fraction(1, rate)
    return stream


def _sounded(out: Any, stream: Any, sound: NDArray[np.float32]) -> None:
    step = 1024
    for at in range(0, sound.shape[1], step):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[:, at : at + step]), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def written_odd(width: int, height: int) -> bytes:
    """A recording with odd sides, which H.264 in 4:2:0 does not have: MJPEG in 4:4:4."""
    file = io.BytesIO()
    with av.open(file, mode="w", format="matroska") as out:
        stream = out.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj444p"
        out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


def with_cover(frames: list[Picture], cover: Picture) -> bytes:
    """An MP4 that carries a still picture beside its video, as phones and editors attach one."""
    file = io.BytesIO()
    with av.open(file, mode="w", format="mp4") as out:
        video = _video(out, frames[0], 25, 18, None)
        still = out.add_stream("mjpeg", rate=25)
        still.height, still.width = cover.shape[:2]
        still.pix_fmt, still.disposition = "yuvj420p", Disposition.attached_pic
        out.mux([*still.encode(av.VideoFrame.from_ndarray(cover, format="rgb24")), *still.encode(None)])
        for i, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = i
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return file.getvalue()


def sound_only() -> bytes:
    """A file with sound and no picture."""
    file = io.BytesIO()
    with av.open(file, mode="w", format="mp4") as out:
        _sounded(out, out.add_stream("aac", rate=RATE, layout="mono"), voice(0.5))
    return file.getvalue()


def turned(mp4: bytes, degrees: int) -> bytes:
    """The MP4 with a display matrix (ISO/IEC 14496-12, 8.3.2) in its first track that turns it clockwise."""
    one = 0x10000
    matrices = {90: (0, one, -one, 0), 180: (-one, 0, 0, -one), 270: (0, -one, one, 0)}
    a, b, c, d = matrices[degrees]
    whole = b"".join(n.to_bytes(4, signed=True) for n in (a, b, 0, c, d, 0, 0, 0, 0x40000000))
    at = mp4.index(b"tkhd") + 4
    start = at + 40  # version 0: times, id, duration, layer, group, volume come first
    return mp4[:start] + whole + mp4[start + 36 :]
