"""Long recordings, four hours at most: memory must not grow with them, and progress is told all the way.

Made small (160 x 120, two pictures a second, sound at 8 kHz), because memory is what could grow with length. Looking,
redacting and a survey of the same recording cut short run in a process of their own for each length.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.technologies.footage.measure.detector import face_detector
from peelian.technologies.footage.measure.plan import reviewed
from peelian.technologies.footage.measure.recording import surveyed
from peelian.technologies.footage.proposal.search import Looking, proposed
from peelian.technologies.footage.redaction.redacting import redacted

RATE, HERTZ, ITEM = 2, 8_000, "0" * 64


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("--child", type=Path, help="a recording (used by itself)")
    asked = parser.parse_args()
    if asked.child:
        child(asked.child)
        return
    figures: list[Figure] = []
    with TemporaryDirectory() as place:
        for minutes in (5, 20) if asked.quick else (15, 60, 240):
            file = Path(place) / f"{minutes}.mp4"
            made(file, minutes)
            figures += measured(file, minutes)
    finish(figures, asked.json)


def measured(file: Path, minutes: int) -> list[Figure]:
    """One length, in a process of its own."""
    run = [sys.executable, __file__, "--child", str(file)]
    got = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)  # ourselves
    return [
        show(plain(f"{minutes} minutes: looked at", got["look"], "CPU s")),
        show(plain(f"{minutes} minutes: redacted", got["redact"], "CPU s")),
        show(plain(f"{minutes} minutes, cut short: surveyed", got["survey"], "CPU s")),
        show(at_most(f"{minutes} minutes: memory that looking and redacting grew by", got["grown"], "MiB", 64)),
        show(at_most(f"{minutes} minutes: memory of the whole process", got["whole"], "MiB", 400)),
        show(at_least(f"{minutes} minutes: progress was told, steps", got["steps"], "times", minutes)),
        show(at_least("the copy is as long as the recording", got["same"], "1 = yes", 1)),
    ]


def child(path: Path) -> None:
    """Look, redact, survey; memory is what the process grew by after the first minute of a like recording."""
    warm = path.with_name("warm.mp4")
    made(warm, 1)
    looking, steps = Looking(detector=face_detector()), [0]
    _both(warm, looking, steps)
    before, steps[0] = _peak(), 0
    times, same = _both(path, looking, steps)
    grown = _peak() - before
    data = path.read_bytes()
    start = time.process_time()
    surveyed(io.BytesIO(data[: len(data) * 3 // 4]))
    survey = time.process_time() - start
    got = {
        "look": times[0],
        "redact": times[1],
        "survey": survey,
        "grown": grown / 1024,
        "whole": (before + grown) / 1024,
    }
    print(json.dumps(got | {"steps": steps[0], "same": float(same)}))


def _both(path: Path, looking: Looking, steps: list[int]) -> tuple[tuple[float, float], bool]:
    def told(says: str, share: float) -> None:
        steps[0] += 1

    start = time.process_time()
    with path.open("rb") as file:
        plan = proposed(file, looking, item=ITEM, progress=told).plan
    looked = time.process_time()
    plan = reviewed(plan, by="ab" * 10, at="2026-11-24T10:00:00Z")
    copy = path.with_suffix(".copy.mp4")
    with path.open("rb") as file, copy.open("wb") as out:
        outcome = redacted(file, out, plan, item=ITEM, progress=told)
    done = time.process_time()
    return (looked - start, done - looked), outcome.pictures == plan.pictures


def made(path: Path, minutes: int) -> None:
    """A recording of moving noise with a hum, its index in front as cameras write it."""
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (160, 200, 3), dtype=np.uint8)
    with av.open(str(path), mode="w", format="mp4", options={"movflags": "faststart"}) as out:
        video = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "35"})
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        sound = out.add_stream("aac", rate=HERTZ, layout="mono")
        hum = (0.2 * np.sin(2 * np.pi * 220 * np.arange(HERTZ // RATE) / HERTZ)).astype(np.float32)[None]
        for i in range(minutes * 60 * RATE):
            x, y = i % 40, (i // 3) % 40
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(noise[y : y + 120, x : x + 160]), format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, RATE)
            out.mux(video.encode(frame))
            heard = av.AudioFrame.from_ndarray(hum, format="fltp", layout="mono")
            heard.sample_rate, heard.pts, heard.time_base = HERTZ, i * hum.shape[1], Fraction(1, HERTZ)
            out.mux(sound.encode(heard))
        out.mux(video.encode(None))
        out.mux(sound.encode(None))


def _peak() -> int:
    """The most memory this process ever held, in KiB."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])


if __name__ == "__main__":
    main()
