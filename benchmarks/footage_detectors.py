"""Verdicts on detectors from outside: the shipped one on several sheets, and simulated matchers, with intervals.

A false refusal is a general detector refused, a false pass a selective one let through. Simulated detectors find
each view with a chance of their own; items of a general one differ by how hard they are (beta-distributed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from figures import Figure, at_most, finish, flags, plain, show
from peelian.measure.rates import wilson
from peelian.technologies.footage.detector import face_detector, faces_in
from peelian.technologies.footage.generality import Bars, Sightings, Tried, outcomes, tried
from peelian.technologies.footage.generality_sheet import FACE, PLATE, groups_of, pages

Found = NDArray[np.bool_]
GROUPS = {name: np.array([kind[name] for kind in groups_of(FACE)]) for name in ("sex", "age", "tone")}


def main() -> None:
    parser = flags(__doc__ or "")
    asked = parser.parse_args()
    runs = 300 if asked.quick else 2_000
    figures = [*simulated(runs), *shipped(1 if asked.quick else 3)]
    finish(figures, asked.json)


def simulated(runs: int) -> Iterator[Figure]:
    """Each kind of detector `runs` times; the share of false verdicts."""
    rng = np.random.default_rng(1)
    for recall in (0.99, 0.97, 0.95):
        wrong = sum(not passes(general(rng, recall)) for _ in range(runs))
        yield show(plain(f"false refusals, general, recall {recall:g}{told(wrong, runs)}", wrong / runs, "of runs"))
    for name, make in SELECTIVE.items():
        wrong = sum(passes(make(rng)) for _ in range(runs))
        yield show(at_most(f"false passes, {name}{told(wrong, runs)}", wrong / runs, "of runs", 0))


def told(k: int, n: int) -> str:
    low, high = (float(end) for end in wilson(k, n))
    return f" (n {n}, 95% interval {low:.4f} to {high:.4f})"


def general(rng: np.random.Generator, recall: float) -> Found:
    """Views found with a chance that differs by item: mean `recall`, concentration 10."""
    chance = rng.beta(10 * recall, 10 * (1 - recall), (120, 1))
    return np.asarray(rng.random((120, 3)) < chance)


def only(rng: np.random.Generator, chosen: NDArray[np.bool_]) -> Found:
    """A matcher: the chosen items nearly always, any other seldom."""
    return np.asarray(rng.random((120, 3)) < np.where(chosen, 0.97, 0.02)[:, None])


def _but(rng: np.random.Generator, n: int) -> Found:
    chosen = np.ones(120, dtype=bool)
    chosen[rng.choice(120, n, replace=False)] = False
    return np.asarray((rng.random((120, 3)) < 0.99) & chosen[:, None])


SELECTIVE: dict[str, Callable[[np.random.Generator], Found]] = {
    "matcher for one face": lambda rng: only(rng, np.arange(120) == rng.integers(120)),
    "matcher for one sex": lambda rng: only(rng, GROUPS["sex"] == rng.choice(("woman", "man"))),
    "matcher for one age": lambda rng: only(rng, GROUPS["age"] == rng.choice(("child", "adult", "older"))),
    "everybody but one tone": lambda rng: only(rng, GROUPS["tone"] != f"tone_{rng.integers(1, 6)}"),
    "everybody but 4 faces": lambda rng: _but(rng, 4),
    "random, half of all views": lambda rng: np.asarray(rng.random((120, 3)) < 0.5),
}


def passes(faces: Found) -> bool:
    seen = {
        FACE: Sightings(found=faces, groups=groups_of(FACE)),
        PLATE: Sightings(found=np.zeros((60, 3), dtype=bool), groups=groups_of(PLATE)),
    }
    return all(one.met for one in outcomes(Tried(seen=seen, false_boxes=0, pictures=40), FACE, Bars()))


def shipped(sheets: int) -> Iterator[Figure]:
    """CenterFace at usual and degraded thresholds: recall, boxes on nothing, verdict."""
    for threshold in (0.05, 0.1, 0.2, 0.3, 0.5):
        trials = [
            tried(lambda picture: faces_in(face_detector(), picture, threshold=threshold), pages(seed))  # noqa: B023 - used at once
            for seed in range(sheets)
        ]
        k, n = (sum(int(f(t.seen[FACE].found)) for t in trials) for f in (np.sum, np.size))
        passed = sum(all(one.met for one in outcomes(trial, FACE, Bars())) for trial in trials)
        yield show(plain(f"shipped detector, threshold {threshold:g}: recall{told(k, n)}", k / n, "of views"))
        yield show(plain(f"shipped detector, threshold {threshold:g}: passed", passed / sheets, f"of {sheets} sheets"))


if __name__ == "__main__":
    main()
