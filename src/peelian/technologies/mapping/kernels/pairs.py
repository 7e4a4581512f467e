"""Pairs of incidents near one another, found cell by cell, and how many fall in each band of distance and days."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.technologies.mapping.kernels.compiled import compiled, refuse_slow

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Counts = NDArray[np.int64]

MOST_PAIRS = 400_000_000  # 3.6 GB
THREADS = 2


class Near(NamedTuple):
    """Pairs within reach: the two rows (int32) and the band of distance (uint8) of each; every pair once."""

    one: Ints
    other: Ints
    band: NDArray[np.uint8]


def near_pairs(east: Floats, north: Floats, bands_metres: Floats, manhattan: bool = False) -> Near:
    """All pairs whose distance lies in [bands[0], bands[-1]), with the band [bands[k], bands[k+1]) they fall in.

    Places are put into squares as wide as the reach, so that only the nine squares around one are searched:
    O(n + pairs within reach). `manhattan` measures along the two axes instead of straight.

    >>> near_pairs(np.array([0.0, 3.0, 50.0]), np.array([0.0, 4.0, 0.0]), np.array([0.0, 1.0, 10.0]))[2].tolist()
    [1]
    """
    bands = _checked_bands(bands_metres)
    reach = float(bands[-1])
    if not bool(np.isfinite(east).all() and np.isfinite(north).all()):
        raise InputError("location is not a number")
    n = len(east)
    empty = Near(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint8))
    if n < 2:
        return empty
    squares = _squares(east, north, reach)
    order, first, shape = squares
    places = np.ascontiguousarray(np.stack([east[order], north[order]], axis=1), dtype=np.float64)
    search = compiled(near_loop)
    rule = (bands, manhattan, shape)
    found = int(search(places, first, rule, (np.zeros(0, np.int32), np.zeros(0, np.int32)), empty.band))
    if found > MOST_PAIRS:
        says = sentence("too many pairs within reach: %(n)d", n=found)
        raise InputError(says, accepted=sentence("at most %(most)d (use a smaller reach)", most=MOST_PAIRS))
    refuse_slow(found, "the search for near pairs")
    made = Near(np.empty(found, np.int32), np.empty(found, np.int32), np.empty(found, np.uint8))
    search(places, first, rule, (made.one, made.other), made.band)
    return Near(order[made.one], order[made.other], made.band)


def _checked_bands(edges: Floats) -> Floats:
    bands = np.asarray(edges, dtype=np.float64)
    if len(bands) < 2 or len(bands) > 255 or not bool(np.isfinite(bands).all()):
        raise InputError("fewer than two band edges", accepted="rising numbers, at most 254 bands")
    if bands[0] < 0 or bool(np.any(np.diff(bands) <= 0)):
        raise InputError("band edges do not rise from 0 or more")
    return bands


def _squares(east: Floats, north: Floats, reach: float) -> tuple[Ints, Counts, tuple[int, int]]:
    """Order of the places by square, where each square begins, and the shape (rows, cols with an empty rim)."""
    size = reach
    while True:
        col = ((east - east.min()) / size).astype(np.int64) + 1
        row = ((north - north.min()) / size).astype(np.int64) + 1
        shape = (int(row.max()) + 2, int(col.max()) + 2)
        if shape[0] * shape[1] <= 16 * len(east) + 1000:
            break
        size *= 2  # far-flung places: wider squares instead of millions of empty ones
    flat = row * shape[1] + col
    order = np.argsort(flat, kind="stable").astype(np.int32)
    first = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=shape[0] * shape[1]))]).astype(np.int64)
    return order, first, shape


def near_loop(
    places: Floats,
    first: Counts,
    rule: tuple[Floats, bool, tuple[int, int]],
    rows: tuple[Ints, Ints],
    band: NDArray[np.uint8],
) -> int:
    """Count pairs within reach, and write them where `band` has room: called once to count, once to fill."""
    bands, manhattan, shape = rule
    one, other = rows
    reach, found, last = bands[-1], 0, len(bands) - 1
    writes = len(band) > 0
    for square in range(shape[1] + 1, (shape[0] - 1) * shape[1] - 1):
        for i in range(first[square], first[square + 1]):
            for part in range(5):  # itself, east, and the three to the north: every pair of squares once
                beside = square if part == 0 else (square + 1 if part == 1 else square + shape[1] + part - 3)
                begin = i + 1 if part == 0 else first[beside]
                for j in range(begin, first[beside + 1]):
                    dx = abs(places[i, 0] - places[j, 0])
                    dy = abs(places[i, 1] - places[j, 1])
                    away = dx + dy if manhattan else np.sqrt(dx * dx + dy * dy)
                    if away < bands[0] or away >= reach:
                        continue
                    if writes:
                        k = 0
                        while k < last - 1 and away >= bands[k + 1]:
                            k += 1
                        one[found], other[found], band[found] = i, j, k
                    found += 1
    return found


def count_bands(near: Near, days: Floats, shape: tuple[int, Floats]) -> Counts:
    """Pairs per band of distance and of days, int64[bands, day bands]; `shape` is (bands, edges of the day bands)."""
    bands, edges = shape
    counts = np.zeros((bands, len(edges) - 1), dtype=np.int64)
    compiled(count_loop)(near, np.asarray(days, dtype=np.float64), edges, counts)
    return counts


def count_loop(near: Near, days: Floats, edges: Floats, counts: Counts) -> None:
    """Add every pair to its band; days apart are counted in [edges[k], edges[k+1])."""
    one, other, band = near
    low, high = edges[0], edges[-1]
    for k in range(len(band)):
        apart = abs(days[one[k]] - days[other[k]])
        if apart >= high or apart < low:
            continue
        b = 0
        while apart >= edges[b + 1]:
            b += 1
        counts[band[k], b] += 1


def permuted_counts(
    near: Near,
    days: Floats,
    shape: tuple[int, Floats],
    setting: tuple[int, int],
    tick: Callable[[float], Any] | None = None,
) -> Counts:
    """`count_bands` after each of many random exchanges of the days between places: int64[permutations, bands, days].

    `setting` is (permutations, seed). Each permutation has its own stream from the seed, so the answer does not depend
    on threads. O(permutations × (n + pairs)).
    """
    permutations, seed = setting
    refuse_slow(float(permutations) * len(near.band), "a permutation test")
    bands, edges = shape
    made = np.zeros((permutations, bands, len(edges) - 1), dtype=np.int64)
    plain = np.asarray(days, dtype=np.float64)
    seeds = np.random.SeedSequence(seed).spawn(permutations)

    def one(k: int) -> None:
        compiled(count_loop)(near, np.random.Generator(np.random.PCG64(seeds[k])).permutation(plain), edges, made[k])

    if permutations:
        one(0)  # compiles before the threads start
        if tick is not None:
            tick(0.0)
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        for done, _ in enumerate(pool.map(one, range(1, permutations)), 1):  # in order, whichever thread is first
            if tick is not None and done % 100 == 0:
                tick(done / permutations)
    return made
