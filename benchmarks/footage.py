"""Redaction of footage: recall, covered pictures, residual faces, silence, CPU, memory; deface on the same clip.

Clips are made in the run, with exact boxes: two portraits in the public domain, moved over made backgrounds. Every
timed run is a process of its own; its CPU time and its memory are what the system says of it. Give recordings as
arguments to have them run too (no boxes are known for those: only tracks, CPU and memory are told).
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import clips  # noqa: E402 - made recordings live with the tests
import degraded  # noqa: E402
from plans import boxes_by_picture, rgb_of  # noqa: E402

from peelian.technologies.footage.detector import face_detector, faces_in, overlaps  # noqa: E402
from peelian.technologies.footage.pictures import pictures  # noqa: E402
from peelian.technologies.footage.plan import Plan, Span, as_bytes, reviewed  # noqa: E402
from peelian.technologies.footage.plan_reading import plan_from  # noqa: E402
from peelian.technologies.footage.proposing import Looking, proposed  # noqa: E402
from peelian.technologies.footage.redaction import redacted  # noqa: E402

ENOUGH = 0.8  # of an exact box, covered: the face counts as found
QUIET = (1.0, 2.0)  # seconds that the plan silences


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("recordings", nargs="*", type=Path)
    parser.add_argument("--only", choices=("deface", "matrix"), help="one of the two parts")
    asked = parser.parse_args()
    figures: list[Figure] = []
    with TemporaryDirectory() as place:
        folder = Path(place)
        if asked.only != "matrix":
            figures += against_deface(folder, 60 if asked.quick else 150)
        if asked.only != "deface":
            figures += matrix(16 if asked.quick else 50)
        for file in asked.recordings:
            figures += recording(folder, file)
    finish(figures, asked.json)


def against_deface(folder: Path, count: int) -> list[Figure]:
    """One 720p clip through the whole way, and through deface."""
    made = clips.clip(seed=11, width=1280, height=720, pictures=count, crf=16)
    source = folder / "clip.mp4"
    source.write_bytes(made.data)
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    ours = timed([sys.executable, __file__, "--child", str(source), str(folder)])
    deface = shutil.which("deface", path=Path(sys.executable).parent) or "deface"
    theirs = timed([deface, str(source), "-o", str(folder / "deface.mp4")])
    plan = plan_from((folder / "plan.json").read_bytes())
    shares = covered_shares(plan, made.faces)
    copy, peer = ((folder / name).read_bytes() for name in ("redacted.mp4", "deface.mp4"))
    same = hashlib.sha256(source.read_bytes()).hexdigest() == before
    cpu, deface_cpu = 1000 * ours[0] / count, 1000 * theirs[0] / count
    return [
        show(at_least("recall on a made clip", float((shares >= ENOUGH).mean()), "of faces", 0.995)),
        show(at_least("faces wholly covered", float((shares >= 1).mean()), "of faces", 0.99)),
        show(at_most("residual faces at true places", residual(copy, made.faces), "faces", 0)),
        show(plain("residual faces at true places, deface's own output", residual(peer, made.faces), "faces")),
        show(at_most("energy in the silenced span", silenced_energy(copy), "sum of squares", 0)),
        show(at_least("original unchanged", float(same), "of 1", 1)),
        show(at_most("CPU per 720p picture, whole way", cpu, "ms", 160)),
        show(plain("wall clock per 720p picture, whole way", 1000 * ours[2] / count, "ms")),
        show(plain("CPU per 720p picture, deface", deface_cpu, "ms")),
        show(at_least("times less CPU than deface", deface_cpu / cpu, "times", 3.5)),
        show(at_most("memory at its peak, whole way", ours[1], "MiB", 400)),
        show(plain("memory at its peak, deface", theirs[1], "MiB")),
    ]


def matrix(count: int) -> list[Figure]:
    """Every way in which footage is bad, at both thresholds."""
    figures = []
    for name, change in degraded.MATRIX.items():
        made = clips.clip(seed=21, width=1280, height=720, pictures=count, audio=False, change=change)
        for threshold in (0.1, 0.05):
            look = Looking(detector=face_detector(), threshold=threshold)
            shares = covered_shares(proposed(made.open(), (look,), item="0" * 64).plan, made.faces)
            said = f"recall, {name}, threshold {threshold:g}"
            value = float((shares >= ENOUGH).mean())
            told = at_least(said, value, "of faces", 0.95) if threshold == 0.05 else plain(said, value, "of faces")
            figures.append(show(told))
    return figures


def recording(folder: Path, file: Path) -> list[Figure]:
    """A real recording: nothing is known of its faces, so only what was proposed and what it cost."""
    cpu, memory, _ = timed([sys.executable, __file__, "--child", str(file), str(folder)])
    plan = plan_from((folder / "plan.json").read_bytes())
    return [
        show(plain(f"{file.stem}: moving boxes proposed", len(plan.tracks), "boxes")),
        show(plain(f"{file.stem}: CPU per picture of {plan.width} x {plan.height}", 1000 * cpu / plan.pictures, "ms")),
        show(plain(f"{file.stem}: memory at its peak", memory, "MiB")),
    ]


def child(source: Path, folder: Path) -> None:
    """The whole way, file to file: propose, review, redact."""
    with source.open("rb") as file, (folder / "redacted.mp4").open("wb") as out:
        item = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        plan = proposed(file, (Looking(detector=face_detector()),), item=item).plan
        spans = (Span(start=int(1000 * QUIET[0]), end=int(1000 * QUIET[1])),)
        plan = reviewed(dataclasses.replace(plan, sound=spans), by="0" * 20, at="2026-01-01T00:00:00Z")
        (folder / "plan.json").write_bytes(as_bytes(plan))
        file.seek(0)
        redacted(file, out, plan, item=item)


def timed(command: Sequence[str]) -> tuple[float, float, float]:
    """A command's CPU seconds (its children's too), its own peak memory in MiB, and its seconds by the wall.

    The memory is read from the process while it runs: what `wait` says also counts what we ourselves held at its start.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak, ended, status = 0, 0, 0
    while not ended:
        peak = max(peak, high_water(process.pid))
        time.sleep(0.05)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    assert os.waitstatus_to_exitcode(status) == 0, command[0]
    return usage.ru_utime + usage.ru_stime, peak / 1024, time.perf_counter() - start


def high_water(pid: int) -> int:
    """The most memory that a process has held, in KiB; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def covered_shares(plan: Plan, faces: Sequence[clips.Face]) -> np.ndarray:
    """How much of every exact box the plan's boxes cover in its picture."""
    by_picture = list(boxes_by_picture(plan))
    shares = []
    for face in faces:
        left, top, right, bottom = face.box
        mask = np.zeros((round(bottom - top), round(right - left)), dtype=bool)
        for a, b, c, d in by_picture[face.picture]:
            inside = [max(0, int(np.ceil(n))) for n in (a - left, b - top, c - left, d - top)]
            mask[inside[1] : inside[3], inside[0] : inside[2]] = True
        shares.append(mask.mean())
    return np.array(shares)


def residual(copy: bytes, faces: Sequence[clips.Face]) -> int:
    """Faces that a detector (full size, threshold .2) still finds where a face was."""
    found = 0
    for picture in pictures(io.BytesIO(copy)):
        boxes = faces_in(face_detector(), rgb_of(picture), threshold=0.2)
        true = [f for f in faces if f.picture == picture.number]
        found += sum(bool((overlaps(np.array(f.box), boxes[:, :4]) > 0.3).any()) for f in true)
    return found


def silenced_energy(copy: bytes) -> float:
    """Energy of the sound that is left within the silenced span."""
    with av.open(io.BytesIO(copy)) as opened:
        rate = opened.streams.audio[0].rate
        sound = np.concatenate([frame.to_ndarray() for frame in opened.decode(audio=0)], axis=1)
    return float((sound[:, int(QUIET[0] * rate) : int(QUIET[1] * rate)].astype(np.float64) ** 2).sum())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
