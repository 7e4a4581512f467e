"""A box drawn once is followed: what of a moving thing stays covered, how soon its loss is said, CPU per picture.

Six made clips with exact boxes for each seed: moving, coming nearer, turning, behind a bus, shaken, leaving the
picture. The box is drawn before the bus comes, each side up to 4% off, and followed in both directions. The seeds are
others than those that the limits in `following` were set with (101 to 110).
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.technologies.footage.measure.excerpts import Bench
from peelian.technologies.footage.measure.following import Followed, followed
from peelian.technologies.footage.measure.plan import Cover, Plan, Track

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import clips
from moving import HEIGHT, NAMES, WIDTH, Moving, clip

DRAWN_AT = 25
SEEN, GONE = 0.25, 0.05
"""Of the thing: from this share on it must be covered; below the other it is gone, and loss must be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One clip: pictures with the thing in one piece with the drawn one, those covered, those not covered although no
    loss was said, and pictures until loss was said (negative: before it was gone)."""

    name: str
    seen: int
    covered: int
    unsaid: int
    late: int | None
    ms: float


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    seeds = range(201, 203) if asked.quick else range(201, 211)
    outcomes = [judged(clip(name, seed), np.random.default_rng(seed)) for seed in seeds for name in NAMES]
    finish([show(figure) for figure in (*figures(outcomes), *decoded(60 if asked.quick else 400))], asked.json)


def figures(outcomes: Sequence[Outcome]) -> Iterator[Figure]:
    for name in dict.fromkeys(one.name for one in outcomes):
        some = [one for one in outcomes if one.name == name]
        k, n = sum(one.covered for one in some), sum(one.seen for one in some)
        worst = min(one.covered / one.seen for one in some)
        yield at_least(f"{name}: covered by .9 or more (n {n} in {len(some)} clips)", k / n, "of pictures", 0.9)
        yield plain(f"{name}: the same in the worst clip", worst, "of pictures")
        yield plain(f"{name}: not covered, and no loss said", sum(one.unsaid for one in some), "pictures")
        if late := [one.late for one in some if one.late is not None]:
            yield at_most(f"{name}: loss said at the latest after", max(late), "pictures", 5)
    yield plain(
        "CPU for a followed picture, 640 x 360, without decoding", float(np.mean([o.ms for o in outcomes])), "ms"
    )


def decoded(pictures: int) -> Iterator[Figure]:
    """A 720p recording with a key frame every 250 pictures, followed from its first and from its last picture."""
    made = clip("moving plate", 201, pictures=pictures)
    large = [cv2.resize(picture, (1280, 720)) for picture in made.pictures]
    data, boxes = clips.written(large), 2 * made.boxes.round().astype(int)
    del large
    plan = Plan(item="", width=1280, height=720, pictures=pictures, milliseconds=0)
    with Bench(io.BytesIO(data), plan) as bench:
        for way, at in (("onwards", 0), ("backwards", pictures - 1)):
            began = time.process_time()
            found = followed(bench.stretch, at, tuple(boxes[at]), pictures=pictures, size=(1280, 720))
            ms = 1000 * (time.process_time() - began) / max(1, found.last - found.first)
            yield plain(f"720p, {way}: CPU for a picture, decoding too (n {found.last - found.first})", ms, "ms")


def judged(made: Moving, rng: np.random.Generator) -> Outcome:
    box, n = made.drawn(DRAWN_AT, rng), len(made.pictures)
    began = time.process_time()
    found = followed(
        lambda first, count: made.pictures[first : first + count], DRAWN_AT, box, pictures=n, size=(WIDTH, HEIGHT)
    )
    ms = 1000 * (time.process_time() - began) / (found.last - found.first)
    seen = _around(made.shares >= SEEN)
    gone = np.flatnonzero(made.shares[DRAWN_AT:] < GONE)
    late = found.last - (DRAWN_AT + int(gone[0])) if len(gone) else None
    covered = sum(bool(_share(made, found, i) >= 0.9) for i in seen)
    unsaid = sum(bool(_share(made, found, i) < 0.9) for i in seen if found.first <= i <= found.last)
    return Outcome(name=made.name, seen=len(seen), covered=covered, unsaid=unsaid, late=late, ms=ms)


def _around(seen: np.ndarray) -> range:
    """The pictures in one piece with the drawn one."""
    hidden = np.flatnonzero(~seen)
    first = max((int(i) + 1 for i in hidden if i < DRAWN_AT), default=0)
    return range(first, min((int(i) for i in hidden if i > DRAWN_AT), default=len(seen)))


def _share(made: Moving, found: Followed, at: int) -> float:
    """How much of the true box the track's box holds in one picture, as it is covered: between keys, outwards."""
    keys = tuple((int(a), int(b), int(c), int(d), int(e)) for a, b, c, d, e in found.keys)
    track = Track(id=1, source="manual", state="kept", keys=keys)
    plan = Plan(item="", width=WIDTH, height=HEIGHT, pictures=len(made.pictures), milliseconds=0, tracks=(track,))
    left, top, right, bottom = made.boxes[at]
    return max(
        (
            max(0, min(right, c) - max(left, a)) * max(0, min(bottom, d) - max(top, b))
            for a, b, c, d in Cover(plan).at(at)
        ),
        default=0,
    ) / max(1, (right - left) * (bottom - top))


if __name__ == "__main__":
    main()
