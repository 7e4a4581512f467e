"""Redaction of footage: recall, covered pictures, residual faces, silence, CPU, memory; deface on the same clip.

Distant faces by their size, boxes to review where seven people cross, faces that two other detectors still find.

Clips are made in the run, with exact boxes: two portraits in the public domain, moved over made backgrounds. Every
timed run is a process of its own; its CPU time and its memory are what the system says of it. Give recordings as
arguments to have them run too (no boxes are known for those: only tracks, CPU and memory are told).
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show
from footage_child import QUIET

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import clips  # noqa: E402 - made recordings live with the tests
import crowds  # noqa: E402
import degraded  # noqa: E402
import houses  # noqa: E402
from plans import boxes_by_picture, rgb_of  # noqa: E402

from peelian.technologies.footage.measure.detector import face_detector, faces_in, overlaps  # noqa: E402
from peelian.technologies.footage.measure.plan import Plan, plan_from, reviewed  # noqa: E402
from peelian.technologies.footage.measure.recording import pictures  # noqa: E402
from peelian.technologies.footage.proposal.search import Looking, proposed  # noqa: E402
from peelian.technologies.footage.redaction.redacting import redacted  # noqa: E402

ENOUGH = 0.8  # of an exact box, covered: the face counts as found
CHILD = ROOT / "benchmarks" / "footage_child.py"


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("recordings", nargs="*", type=Path)
    parts: dict[str, Callable[[Path], list[Figure]]] = {
        "deface": lambda folder: against_deface(folder, 60 if quick else 150),
        "mixed": lambda folder: mixed(folder, 75 if quick else 150),
        "sizes": lambda folder: sizes(75 if quick else 100, (5,) if quick else (5, 6)),
        "load": lambda folder: review_load((1,) if quick else (1, 2, 3, 4, 5)),
        "others": lambda folder: other_houses(50 if quick else 150, step=10 if quick else 5),
        "matrix": lambda folder: matrix(16 if quick else 50),
    }
    parser.add_argument("--only", choices=tuple(parts), help="one of the parts")
    asked = parser.parse_args()
    quick = asked.quick
    figures: list[Figure] = []
    with TemporaryDirectory() as place:
        folder = Path(place)
        for name, part in parts.items():
            if asked.only in (None, name):
                figures += part(folder)
        for file in asked.recordings:
            figures += recording(folder, file)
    finish(figures, asked.json)


def against_deface(folder: Path, count: int) -> list[Figure]:
    """One 720p clip through the whole way, and through deface."""
    made = clips.clip(seed=11, width=1280, height=720, pictures=count, crf=16)
    source = folder / "clip.mp4"
    source.write_bytes(made.data)
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    ours = timed([sys.executable, str(CHILD), str(source), str(folder)])
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


def mixed(folder: Path, count: int) -> list[Figure]:
    """Three near and four distant people (14 pixels) at 720p: the whole way's cost, and deface's on the same clip."""
    made = crowds.recorded(crowds.mixed_scene(5, pictures=count, photographs=True), audio=True)
    source = folder / "mixed.mp4"
    source.write_bytes(made.data)
    ours = timed([sys.executable, str(CHILD), str(source), str(folder)])
    deface = shutil.which("deface", path=Path(sys.executable).parent) or "deface"
    theirs = timed([deface, str(source), "-o", str(folder / "deface.mp4")])
    cpu, deface_cpu = 1000 * ours[0] / count, 1000 * theirs[0] / count
    return [
        show(at_most("mixed clip: CPU per 720p picture, whole way", cpu, "ms", 60)),
        show(plain("mixed clip: wall clock per 720p picture, whole way", 1000 * ours[2] / count, "ms")),
        show(plain("mixed clip: CPU per 720p picture, deface", deface_cpu, "ms")),
        show(at_least("mixed clip: times less CPU than deface", deface_cpu / cpu, "times", 5)),
        show(at_most("mixed clip: memory at its peak", ours[1], "MiB", 400)),
    ]


def sizes(count: int, seeds: Sequence[int]) -> list[Figure]:
    """Distant faces by their height at 1280 x 720, shaken once and twice as much, in front of two backgrounds."""
    figures = []
    for face in (10, 14, 20, 28):
        scenes = [
            crowds.mixed_scene(seed, face=face, pictures=count, photographs=photographs, shake=shake)
            for seed in seeds
            for photographs in (False, True)
            for shake in (1.0, 2.0)
        ]
        clips_made = [crowds.recorded(scene) for scene in scenes]
        for size, distant in (("distant", True), ("small", False)):
            shares, false = [], 0
            for made in clips_made:
                look = Looking(detector=face_detector(), distant=distant)
                plan = proposed(made.open(), look, item="0" * 64).plan
                far = [face for face in made.faces if face.who >= crowds.FAR]
                shares.append(covered_shares(plan, far))
                false += boxes_on_nothing(plan, made.faces)
            all_shares = np.concatenate(shares)
            half, whole = float((all_shares >= 0.5).mean()), float((all_shares >= 1).mean())
            barred = distant and face >= 14
            said = f"faces {face} pixels high, size {size}"
            tell = (lambda n, v, bar: at_least(n, v, "of faces", bar)) if barred else _unbarred
            figures += [
                show(tell(f"{said}: half covered (n = {len(all_shares)})", half, 0.95)),
                show(tell(f"{said}: wholly covered", whole, 0.8)),
                show(plain(f"{said}: boxes on nothing, {len(clips_made)} clips", false, "boxes")),
            ]
    return figures


def _unbarred(name: str, value: float, bar: float) -> Figure:
    return plain(name, value, "of faces")


def boxes_on_nothing(plan: Plan, faces: Sequence[clips.Face]) -> int:
    """Moving boxes that touch no face of the clip at any of their keys."""
    true: dict[int, list[tuple[float, float, float, float]]] = {}
    for face in faces:
        true.setdefault(face.picture, []).append(face.box)
    return sum(
        not any(
            at in true and (overlaps(np.array(box, float), np.array(true[at])) > 0.05).any() for at, *box in track.keys
        )
        for track in plan.tracks
    )


def review_load(seeds: Sequence[int]) -> list[Figure]:
    """Ten seconds in which seven people cross, hide one another and turn away: boxes to review, and what they cover."""
    figures = []
    for seed in seeds:
        made = crowds.recorded(crowds.crossing_scene(seed))
        plan = proposed(made.open(), Looking(detector=face_detector()), item="0" * 64).plan
        shares = covered_shares(plan, made.faces)
        figures += [
            show(at_most(f"seven people cross, clip {seed}: boxes to review", len(plan.tracks), "boxes", 15)),
            show(
                at_least(
                    f"seven people cross, clip {seed}: recall", float((shares >= ENOUGH).mean()), "of faces", 0.995
                )
            ),
        ]
    return figures


def other_houses(count: int, *, step: int) -> list[Figure]:
    """Faces that MTCNN and RetinaFace find on a copy, of those that the same detector finds at that place before."""
    made_clips = {
        "mixed, 14 pixels": crowds.recorded(crowds.mixed_scene(5, pictures=count, photographs=True)),
        "mixed, 28 pixels": crowds.recorded(crowds.mixed_scene(6, face=28, pictures=count, photographs=True)),
        "seven people cross": crowds.recorded(crowds.crossing_scene(1, pictures=count)),
    } | {
        name: clips.clip(seed=21, width=1280, height=720, pictures=count // 3, audio=False, change=change)
        for name, change in degraded.MATRIX.items()
    }
    figures = []
    for name, made in made_clips.items():
        copy = copied(made)
        for house, find in houses.HOUSES.items():
            found, left = houses.residual(find, made, copy, step=step if made.pictures == count else max(1, step // 5))
            said = f"{name}: faces that {house} finds on the copy, of {found} on the original"
            figures.append(show(at_most(said, left, "faces", 0)))
    return figures


def copied(made: clips.Clip) -> bytes:
    """The redacted copy of a made clip, every proposed box kept."""
    item = hashlib.sha256(made.data).hexdigest()
    plan = proposed(made.open(), Looking(detector=face_detector()), item=item).plan
    out = io.BytesIO()
    redacted(made.open(), out, reviewed(plan, by="0" * 20, at="2026-01-01T00:00:00Z"), item=item)
    return out.getvalue()


def matrix(count: int) -> list[Figure]:
    """Every way in which footage is bad, at both thresholds."""
    figures = []
    for name, change in degraded.MATRIX.items():
        made = clips.clip(seed=21, width=1280, height=720, pictures=count, audio=False, change=change)
        for threshold in (0.1, 0.05):
            look = Looking(detector=face_detector(), threshold=threshold)
            shares = covered_shares(proposed(made.open(), look, item="0" * 64).plan, made.faces)
            said = f"recall, {name}, threshold {threshold:g}"
            value = float((shares >= ENOUGH).mean())
            told = at_least(said, value, "of faces", 0.95) if threshold == 0.05 else plain(said, value, "of faces")
            figures.append(show(told))
    return figures


def recording(folder: Path, file: Path) -> list[Figure]:
    """A real recording: nothing is known of its faces, so only what was proposed and what it cost."""
    cpu, memory, _ = timed([sys.executable, str(CHILD), str(file), str(folder)])
    plan = plan_from((folder / "plan.json").read_bytes())
    return [
        show(plain(f"{file.stem}: moving boxes proposed", len(plan.tracks), "boxes")),
        show(plain(f"{file.stem}: CPU per picture of {plan.width} x {plan.height}", 1000 * cpu / plan.pictures, "ms")),
        show(plain(f"{file.stem}: memory at its peak", memory, "MiB")),
    ]


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
    main()
