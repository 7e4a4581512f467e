"""The door out: small counts hidden and attacked over thousands of tables, growth of both, noise against its law."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import chi2

from figures import Figure, at_least, at_most, finish, flags, plain, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from differencing import random_table, recovered
from discrete_laplace import probability

from peelian.integrations.opendp_noise import discrete_laplace
from peelian.measure.suppression import HIGH, LOW, MEDIUM, ranges, shown_cells, small, two_way, with_margins


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    figures = tables(200 if asked.quick else 5_000)
    for rows in (10, 40) if asked.quick else (10, 20, 40, 80, 160):
        figures += growth(rows)
    figures += noise(100_000 if asked.quick else 1_000_000)
    finish(figures, asked.json)


def tables(n: int) -> list[Figure]:
    """`n` random tables with margins at the three thresholds: what is hidden, and what the attacker recovers."""
    rng = np.random.default_rng(2026)
    cases, thresholds, released = [], [], 0
    start = time.process_time()
    for _ in range(n):
        counts, sums = random_table(rng)
        threshold = int(rng.choice([LOW, MEDIUM, HIGH]))
        cases.append((counts, sums, shown_cells(counts, sums, threshold=threshold)))
        thresholds.append(threshold)
        released += int((small(counts, threshold) & cases[-1][2]).sum())
    took = time.process_time() - start
    attacked, narrowed = recovered(cases, thresholds)
    cells = sum(len(counts) for counts, _, _ in cases)
    hidden = sum(int((~mask).sum()) for _, _, mask in cases)
    return [
        show(plain(f"small counts in {n:,} tables of {cells:,} cells", attacked, "cells")),
        show(plain("cells hidden in all", hidden, "cells")),
        show(at_most("released cells under the threshold", released, "cells", 0)),
        show(at_most("small counts narrowed by the differencing attacker", narrowed, "cells", 0)),
        show(plain("hiding, for each table", 1000 * took / n, "ms CPU")),
    ]


def growth(rows: int) -> list[Figure]:
    """One table of `rows` areas by five categories: hiding it, and attacking it."""
    counts = with_margins(np.random.default_rng(rows).negative_binomial(1, 0.03, size=(rows, 5)))
    sums = two_way(rows, 5)
    start = time.process_time()
    mask = shown_cells(counts, sums, threshold=LOW)
    hiding = time.process_time() - start
    start = time.process_time()
    low, high = ranges(counts, sums, mask)
    attacking = time.process_time() - start
    primary = small(counts, LOW)
    safe = (low[primary] < 1e-6) & (high[primary] > LOW - 1e-6)
    what = f"{rows} x 5, {int(primary.sum())} small and {int((~mask & ~primary).sum())} further cells hidden"
    return [
        show(plain(f"hide {what}", hiding, "s CPU")),
        show(plain(f"attack {what}", attacking, "s CPU")),
        show(at_least(f"small counts safe in {rows} x 5", int(safe.sum()), "cells", int(primary.sum()))),
    ]


def noise(n: int) -> list[Figure]:
    """`n` draws against the exact distribution by Pearson's chi-square, at three scales."""
    figures = []
    for milli_epsilon in (200, 500, 1000):
        start = time.process_time()
        drawn = discrete_laplace([0] * n, sensitivity=1, milli_epsilon=milli_epsilon)
        took = time.process_time() - start
        p = _goodness_of_fit(drawn, milli_epsilon)
        name = f"{n:,} draws at epsilon {milli_epsilon / 1000}"
        figures += [
            show(at_least(f"{name}: chi-square p-value", p, "", 1e-6)),
            show(plain(f"{name}: each", 1e6 * took / n, "µs CPU")),
        ]
    return figures


def _goodness_of_fit(drawn: Sequence[int], milli_epsilon: int) -> float:
    widest = 0
    while len(drawn) * probability(widest + 1, milli_epsilon=milli_epsilon) >= 20:
        widest += 1
    inner = [len(drawn) * probability(x, milli_epsilon=milli_epsilon) for x in range(-widest, widest + 1)]
    tail = (len(drawn) - math.fsum(inner)) / 2
    seen = np.bincount(np.clip(np.array(drawn), -widest - 1, widest + 1) + widest + 1, minlength=2 * widest + 3)
    expected = np.array([tail, *inner, tail])
    return float(chi2.sf(((seen - expected) ** 2 / expected).sum(), len(expected) - 1))


if __name__ == "__main__":
    main()
