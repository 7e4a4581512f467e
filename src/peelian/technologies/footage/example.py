"""A tiny generated recording and its plan for examples: a moving square and a hum."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import lru_cache

import numpy as np

from peelian.kernel.model.capability import Dataset
from peelian.kernel.model.custody_declarations import stream_of
from peelian.measure.table import Kind, table
from peelian.technologies.footage.formats.plan import facts_of, track_table
from peelian.technologies.footage.measure.plan import Plan, Span, Track, as_bytes
from peelian.technologies.footage.measure.recording import library

WIDTH, HEIGHT, PICTURES, RATE = 64, 48, 12, 12
_HERTZ = 8_000
_REVIEWER = "e" * 20  # nobody's token
_PRIVACY = "mfippa-14"  # the section that its redactions rest on


@lru_cache(maxsize=1)
def example_clip() -> bytes:
    """One second of a square that moves over grey, with a hum, as MP4. The same bytes every time."""
    av = library("av")
    file = stream_of(b"")
    with av.open(file, mode="w", format="mp4", options={"fflags": "+bitexact"}) as out:
        video = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "threads": "1", "bf": "0"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = out.add_stream("aac", rate=_HERTZ, layout="mono")
        for i in range(PICTURES):
            pixels = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)
            pixels[16:32, 2 * i + 4 : 2 * i + 20] = (200, 60, 60)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, RATE)
            out.mux(video.encode(frame))
        hum = 0.2 * np.sin(2 * np.pi * 220 * np.arange(_HERTZ) / _HERTZ)
        frame = av.AudioFrame.from_ndarray(hum[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = _HERTZ, 0, Fraction(1, _HERTZ)
        out.mux(sound.encode(frame))
        out.mux(video.encode(None))
        out.mux(sound.encode(None))
    file.seek(0)
    return file.read()


def example_item() -> Dataset:
    """The made recording as an item that was kept."""
    clip = example_clip()
    return Dataset(
        id="footage-example",
        format="video",
        digest=hashlib.sha256(clip).hexdigest(),
        table=table("footage", {"milliseconds": (Kind.COUNT, [1000])}, milliseconds="bins"),
        facts={"recorded_at": "2026-03-01T10:00:00+00:00"},
        stream=stream_of(clip),
    )


def example_plan() -> Dataset:
    """A reviewed plan for it: the square is covered, and the hum for a moment."""
    keys = ((0, 2, 14, 24, 34), (PICTURES - 1, 24, 14, 48, 34))
    square = Track(id=1, source="manual", state="kept", exempt=_PRIVACY, keys=keys)
    plan = Plan(
        item=hashlib.sha256(example_clip()).hexdigest(),
        width=WIDTH,
        height=HEIGHT,
        pictures=PICTURES,
        milliseconds=1000,
        tracks=(square,),
        sound=(Span(start=300, end=500, exempt=_PRIVACY),),
        reviewer=_REVIEWER,
        reviewed_at="2026-03-01T12:00:00Z",
    )
    return Dataset(
        id="plan-example",
        format="redaction-plan",
        digest=hashlib.sha256(as_bytes(plan)).hexdigest(),
        table=track_table(plan),
        facts=facts_of(plan),
        stream=stream_of(as_bytes(plan)),
    )
