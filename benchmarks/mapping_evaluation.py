"""Did it help: false verdicts where treated areas were chosen after a peak and nothing was done, and power as promised.

Towns of 25 to 140 areas with lasting shocks, a season and a drift; the second kinds are harder (more unequal, shorter
memory, many incidents). Bars: it says "fell" without effect in at most 8 % of towns; the share found of a fall of 40 %
is within 5 points of what was promised. The peer is the z-test on the year before and the half year after.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from figures import Figure, at_most, finish, flags, plain, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from acted_town import chosen, evaluated, lessened, naive_says_fell, weekly_counts

from peelian.technologies.mapping.placebos import power

TOWNS, QUICK = 800, 60
SINCE, FALL = 286, 0.4
KINDS: Mapping[str, Mapping[str, float]] = {
    "half-life 26 weeks": {},
    "half-life 8 weeks": {"half_life": 8},
    "half-life 52 weeks": {"half_life": 52},
    "very unequal shocks": {"spread": 0.6},
    "300 incidents a week": {"per_week": 300},
    "25 areas": {"areas": 25, "per_week": 40},
    "140 areas": {"areas": 140, "per_week": 150},
}


def records(*, quick: bool) -> Iterator[Figure]:
    """Every figure, for one treated area and four, chosen after a peak or anywhere."""
    for many, peak in ((1, True), (4, True), (1, False), (4, False)):
        how = f"{many} treated, {'chosen after a peak' if peak else 'chosen anyhow'}"
        for kind, town in KINDS.items():
            yield from _kind(f"{how}, {kind}", town, many, QUICK if quick else TOWNS, peak=peak)


def _kind(name: str, town: Mapping[str, float], many: int, towns: int, *, peak: bool) -> Iterator[Figure]:
    generator = np.random.default_rng(11)
    fell, naive, covered, promised, told = [], [], [], [], []
    began = time.process_time()
    for seed in range(towns):
        counts = weekly_counts(generator, **town)
        treated = chosen(counts, SINCE, many, None if peak else generator)
        found = evaluated(counts, treated, SINCE, seed)
        naive.append(naive_says_fell(counts, treated, SINCE))
        fell.append(found is not None and found.p_fell <= 0.05)
        if found is None or not len(found.z):
            continue
        covered.append(found.low <= 1 <= found.high)
        promised.append(power(found, FALL, seed))
        after = evaluated(lessened(counts, treated, SINCE, FALL, seed), treated, SINCE, seed)
        told.append(after is not None and after.p_fell <= 0.05)
    n, enough = f"n = {towns}", towns == TOWNS  # few towns show that it runs, not whether a bar holds
    yield _bar(f"{name}: says it fell without effect ({n})", float(np.mean(fell)), 0.08, enough=enough)
    yield plain(f"{name}: a z-test says so ({n})", float(np.mean(naive)), "share")
    yield plain(f"{name}: interval covers", float(np.mean(covered)), "share")
    yield plain(f"{name}: promised to find a fall of 40 %", float(np.mean(promised)), "share")
    away = abs(float(np.mean(promised) - np.mean(told)))
    yield _bar(f"{name}: found, away from the promise", away, 0.05, enough=enough)
    yield plain(f"{name}: a town", 1000 * (time.process_time() - began) / towns, "CPU ms")


def _bar(name: str, value: float, most: float, *, enough: bool) -> Figure:
    return at_most(name, value, "share", most) if enough else plain(name, value, "share")


def main() -> None:
    """Print every figure."""
    given = flags(__doc__ or "").parse_args()
    finish([show(figure) for figure in records(quick=given.quick)], given.json)


if __name__ == "__main__":
    main()
