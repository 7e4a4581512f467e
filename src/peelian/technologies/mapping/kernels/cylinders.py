"""Counts in every cylinder (a disk of cells × a run of periods) and how far the largest excess stands out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.mapping.kernels.compiled import compiled, refuse_slow

Floats = NDArray[np.float64]
Widths = NDArray[np.int64]

THREADS = 2


def disks(radii_cells: tuple[float, ...]) -> Widths:
    """For each radius and row offset -R..R the disk's half-width in cells, -1 where the disk has no cell in that row.

    A cell belongs to a disk when its middle lies within the radius.

    >>> disks((0.0, 1.0)).tolist()
    [[-1, 0, -1], [0, 1, 0]]
    """
    most = int(np.floor(max(radii_cells)))
    made = np.full((len(radii_cells), 2 * most + 1), -1, dtype=np.int64)
    for k, radius in enumerate(radii_cells):
        for up in range(-most, most + 1):
            if abs(up) <= radius:
                made[k, up + most] = int(np.floor(np.sqrt(radius**2 - up**2) + 1e-9))
    return made


def runs(periods: int, longest: int, prospective: bool) -> Widths:
    """Runs of periods as (first, last + 1): those that end with the last period, or all, of 1 to `longest` periods."""
    ends = [periods] if prospective else range(1, periods + 1)
    made = [(end - length, end) for end in ends for length in range(1, min(longest, end) + 1)]
    return np.array(made, dtype=np.int64)


def disk_sums(cube: Floats, spans: Widths, widths: Widths) -> Floats:
    """Sums of `cube` (periods, rows, cols) over every cylinder: float64[runs, radii, rows, cols].

    O(runs × cells × Σ disk heights): rows of a disk come from running sums, not cell by cell.
    """
    made = np.zeros((len(spans), len(widths), cube.shape[1], cube.shape[2]))
    compiled(disk_loop)(_running(cube), spans, widths, made)
    return made


def _running(cube: Floats) -> Floats:
    """Sums over all earlier periods and all columns to the west: float64[periods + 1, rows, cols + 1]."""
    made = np.zeros((cube.shape[0] + 1, cube.shape[1], cube.shape[2] + 1))
    np.cumsum(np.cumsum(cube, axis=0), axis=2, out=made[1:, :, 1:])
    return made


def disk_loop(running: Floats, spans: Widths, widths: Widths, made: Floats) -> None:
    """Fill `made` with the sums over cylinders, clipped at the edges."""
    rows, cols = made.shape[2], made.shape[3]
    most = widths.shape[1] // 2
    for s in range(len(spans)):
        a, b = spans[s, 0], spans[s, 1]
        for k in range(len(widths)):
            for row in range(rows):
                for up in range(max(-most, -row), min(most, rows - 1 - row) + 1):
                    half = widths[k, up + most]
                    if half < 0:
                        continue
                    y = row + up
                    for col in range(cols):
                        east, west = min(col + half + 1, cols), max(col - half, 0)
                        made[s, k, row, col] += (
                            running[b, y, east] - running[b, y, west] - running[a, y, east] + running[a, y, west]
                        )


def best_loop(cases: Floats, expected: Floats, total: float, best: Floats) -> None:
    """The largest log-likelihood ratio over all cylinders, into `best`: (ratio, run, radius, row, col).

    c ln(c/e) + (C - c) ln((C - c)/(C - e)) for c > e (Kulldorff 1997). It is never above (c - e)² C / (e (C - e)), so
    the logarithms are taken only where that bound beats the best so far.
    """
    for s in range(cases.shape[0]):
        for k in range(cases.shape[1]):
            for row in range(cases.shape[2]):
                for col in range(cases.shape[3]):
                    c, e = cases[s, k, row, col], expected[s, k, row, col]
                    over = c - e
                    if over <= 0.0 or e <= 0.0 or e >= total or over * over * total <= best[0] * e * (total - e):
                        continue
                    ratio = c * np.log(c / e)
                    if c < total:
                        ratio += (total - c) * np.log((total - c) / (total - e))
                    if ratio > best[0]:
                        best[0], best[1], best[2], best[3], best[4] = ratio, s, k, row, col


def ratios(cases: Floats, expected: Floats, total: float) -> Floats:
    """The log-likelihood ratio of every cylinder, 0 where there is no excess: shape of `cases`."""
    over = (cases > expected) & (expected > 0) & (expected < total)
    c, e = np.where(over, cases, 1.0), np.where(over, expected, 1.0)
    rest = np.maximum(total - c, 0.0)
    tail = np.where(rest > 0, rest * np.log(np.where(rest > 0, rest, 1.0) / np.maximum(total - e, 1e-300)), 0.0)
    return np.where(over, c * np.log(c / e) + tail, 0.0)


def simulated_maxima(
    baseline: Floats,
    expected: Floats,
    layout: tuple[Widths, Widths],
    cases: int,
    setting: tuple[int, int],
    *,
    rests_on: float = np.inf,
) -> Floats:
    """The largest ratio in each of many cubes with `cases` cases spread by `baseline`: float64[simulations].

    `expected` is the cylinders' expected count, `layout` (runs, disks), `setting` (simulations, seed). The baseline
    `rests_on` so many incidents: each simulation draws anew what the places' true shares may be (Dirichlet), or chance
    in the earlier years would pass for a cluster now. Each has its own stream from the seed.
    O(simulations × (cases log cells + cylinders)).
    """
    simulations, seed = setting
    refuse_slow(float(simulations) * expected.size, "the space-time scan")
    known = baseline.sum(axis=0) / baseline.sum() * rests_on
    seeds = np.random.SeedSequence(seed).spawn(simulations)
    found = np.zeros(simulations)

    def one(k: int) -> None:
        generator = np.random.Generator(np.random.PCG64(seeds[k]))
        may_be = baseline
        if np.isfinite(rests_on):
            may_be = baseline * np.divide(
                generator.standard_gamma(known), known, out=np.zeros_like(known), where=known > 0
            )
        chances = np.cumsum(may_be.ravel())
        flat = np.searchsorted(chances, generator.random(cases) * chances[-1], side="right")
        cube = np.bincount(flat, minlength=baseline.size).astype(np.float64).reshape(baseline.shape)
        best = np.zeros(5)
        compiled(best_loop)(disk_sums(cube, *layout), expected, float(cases), best)
        found[k] = best[0]

    if simulations:
        one(0)  # compiles before the threads start
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        list(pool.map(one, range(1, simulations)))
    return found
