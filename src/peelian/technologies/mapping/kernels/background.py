"""The background of a self-exciting process: a kernel density on blocks of bins, its bandwidth held-out tested."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy

from peelian.measure.sums import inner, inners
from peelian.technologies.mapping.kernels.lattice import Floats, Lattice, Singles, histogram
from peelian.technologies.mapping.kernels.state_grid import Base, Events

LEAST_SHARE = 0.01  # of each part: a street without a record is not a street without incidents
EVEN_SHARE = 0.02
WIDER = 4
SCALING_EVENTS = 50_000
BANDWIDTHS = (150.0, 250.0, 400.0, 650.0, 1000.0, 1600.0, 2500.0, 4000.0)
FLAT = float("inf")  # the bandwidth of a background that is the same everywhere


class Smooth(NamedTuple):
    """A kernel density: weight per bin on blocks of `per` bins, and what one event adds to its own block."""

    density: Floats
    per: int
    own: float


class Scales(NamedTuple):
    """The background's three parts: a kernel density, one four times as wide, an even spread; their shares sum to 1.

    One bandwidth is too wide in the centre or too narrow at the rim; what it misses would pass for excitation.
    """

    bandwidth_metres: float
    narrow: float = 0.7
    wide: float = 0.25
    even: float = 0.05


def scales_of(bandwidth_metres: float, shares: Floats) -> Scales:
    """Scales with these shares (narrow, wide, even), none below 1 %, together 1."""
    kept = np.maximum(shares, LEAST_SHARE)
    one, two, three = (kept / kept.sum()).tolist()
    return Scales(bandwidth_metres, one, two, three)


def smooth(
    spots: Singles, weights: Floats | Singles | None, lattice: Lattice, bandwidth_metres: float, per: int | None = None
) -> Smooth:
    """Gaussian kernel density of weighted places; what would spread beyond the town's edge is given back to it.

    Blocks are half a bandwidth wide (or `per` bins), so that a wide kernel costs no more than a narrow one:
    O(n + blocks × width).
    """
    total = float(len(spots) if weights is None else np.sum(weights, dtype=np.float64))
    if np.isinf(bandwidth_metres):
        return Smooth(np.full((1, 1), total / lattice.bins), max(lattice.rows, lattice.cols), 1.0 / lattice.bins)
    per = per or max(1, round(bandwidth_metres / (2 * lattice.bin_metres)))
    spread = bandwidth_metres / (per * lattice.bin_metres)
    counts = histogram(spots, weights, lattice, per)
    heights, widths = _sides_of_blocks(lattice, per)
    reach = [scipy.ndimage.gaussian_filter1d(side, spread, mode="constant") for side in (heights, widths)]
    density = scipy.ndimage.gaussian_filter(counts, spread, mode="constant")
    density /= reach[0][:, None]  # the smoothed size of a block is the product of its smoothed sides
    density /= reach[1]
    density *= total / max(float(heights @ density @ widths), 1e-300)
    middle = float(scipy.ndimage.gaussian_filter(_one(int(4 * spread + 1)), spread, mode="constant").max())
    return Smooth(density, per, middle**2 / per**2)


def _sides_of_blocks(lattice: Lattice, per: int) -> tuple[Floats, Floats]:
    """How many rows and columns of bins each block holds: blocks at the far edges are cut."""
    heights, widths = (
        np.minimum(per, most - per * np.arange(-(-most // per))).astype(np.float64)
        for most in (lattice.rows, lattice.cols)
    )
    return heights, widths


def base_rate(
    spots: Singles, weights: Floats | Singles, lattice: Lattice, setting: tuple[Scales, float]
) -> tuple[Base, Scales]:
    """The background rate per bin and day from events' background weights, and better shares of its three parts.

    `setting` is (scales, days). `own` lets the pass leave each event's own kernel out: without that an event explains
    itself, and every cluster is background. The shares take one step of expectation and maximisation, on at most
    50,000 events.
    """
    scales, days = setting
    narrow = smooth(spots, weights, lattice, scales.bandwidth_metres)
    per = narrow.per * WIDER
    wide = smooth(spots, weights, lattice, WIDER * scales.bandwidth_metres, per)
    even = float(np.sum(weights, dtype=np.float64)) / lattice.bins
    rows, cols = narrow.density.shape
    spread = np.repeat(np.repeat(wide.density, WIDER, axis=0), WIDER, axis=1)[:rows, :cols]
    rate = (scales.narrow * narrow.density + scales.wide * spread) / days
    own = (scales.narrow * narrow.own + scales.wide * wide.own) / days
    base = Base(rate=rate, per=narrow.per, own=own, flat=max(scales.even * even / days, 1e-300))
    return base, _improved(spots, weights, (narrow, wide, even), scales)


def _improved(spots: Singles, weights: Floats | Singles, parts: tuple[Smooth, Smooth, float], scales: Scales) -> Scales:
    """Each part's share of the events' background weight, an event left out of its own density."""
    narrow, wide, even = parts
    some = slice(None, None, max(1, len(spots) // SCALING_EVENTS))
    spot, mass = spots[some], weights[some].astype(np.float64)
    dense = [
        np.maximum(
            made.density[spot[:, 1].astype(np.intp) // made.per, spot[:, 0].astype(np.intp) // made.per]
            - made.own * mass,
            0.0,
        )
        for made in (narrow, wide)
    ]
    said = np.stack([scales.narrow * dense[0], scales.wide * dense[1], np.full(len(mass), scales.even * even)])
    total = float(mass.sum())
    if total <= 0 or even <= 0:
        return scales
    got = inners(said / said.sum(axis=0), mass) / total
    return scales_of(scales.bandwidth_metres, got)


def plane_of(base: Base, lattice: Lattice) -> Floats:
    """The background on every bin, float64[rows, cols]: rate per bin and day."""
    wide = np.repeat(np.repeat(base.rate, base.per, axis=0), base.per, axis=1)
    return wide[: lattice.rows, : lattice.cols] + base.flat


def held_out_bandwidth(events: Events, lattice: Lattice, candidates: tuple[float, ...] = BANDWIDTHS) -> float:
    """The bandwidth (metres, `inf` = flat) under which the last 30 % of events are likeliest given the first 60 %.

    The 10 % of time order between them is left out, so that repeats of the last known incidents do not reward a narrow
    kernel for what the excitation explains. O(candidates × (n + blocks)).
    """
    n = len(events.days)
    known, later = slice(0, int(0.6 * n)), slice(int(0.7 * n), n)
    tried = [size for size in candidates if size >= 2 * lattice.bin_metres] + [FLAT]
    scores = [_held_out(events, lattice, size, (known, later)) for size in tried]
    return float(tried[int(np.argmax(scores))])


def _held_out(events: Events, lattice: Lattice, bandwidth: float, parts: tuple[slice, slice]) -> float:
    known, later = parts
    made = smooth(events.spots[known], events.weight[known], lattice, bandwidth)
    col, row = (events.spots[later, axis].astype(np.intp) // made.per for axis in (0, 1))
    total = max(float(np.sum(events.weight[known], dtype=np.float64)), 1e-12)
    density = (1 - EVEN_SHARE) * made.density[row, col] / total + EVEN_SHARE / lattice.bins
    return inner(events.weight[later], np.log(density))


def _one(radius: int) -> Floats:
    line = np.zeros(2 * radius + 1)
    line[radius] = 1.0
    return line
