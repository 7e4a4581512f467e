"""Bootstrap on the count table: a multinomial draw of counts equals a draw of rows, at a cost independent of n."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.risk.measure.calibration import pooled_rates, recalibrated
from peelian.technologies.risk.measure.counts import Counts, Floats, Nodes, Quadrants, all_quadrants


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Mean scores with their standard errors, arrays of one shape; nan where fewer than two people stand behind."""

    value: Floats
    error: Floats
    n: Floats


def mean_scores(cells: Floats, scores: Floats) -> tuple[Means, Means]:
    """(others, events): the mean score of people to whom the outcome did not and did happen, per group [...].

    Balance for the negative and the positive class (Kleinberg, Mullainathan, Raghavan 2016, Inherent trade-offs):
    equal means across groups are ideal. Counts [..., S, 2]; O(cells).

    >>> others, events = mean_scores(np.array([[2.0, 1.0], [2.0, 3.0]]), np.array([1.0, 2.0]))
    >>> float(others.value), float(events.value)
    (1.5, 1.75)
    """
    return _mean(cells[..., 0], scores), _mean(cells[..., 1], scores)


def _mean(counts: Floats, scores: Floats) -> Means:
    n = counts.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (counts * scores).sum(axis=-1) / n
        spread = (counts * (scores - value[..., None]) ** 2).sum(axis=-1) / np.where(n > 1, n - 1, np.nan)
        error = np.sqrt(spread / n)
    return Means(value=value, error=error, n=n)


RATES = ("fpr", "fnr", "ppv", "npv", "accuracy")
CHUNK_CELLS = 400_000  # of one chunk of replicates: it stays in the processor's cache
NEWTON_STEPS = 6
FEWEST_HELD = 0.9
"""An interval is given if at least nine in ten replicates have the figure; an absent group has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Figures of every replicate: `rates` [N, cuts, 5, B] in the order of RATES, everything else [N, B]."""

    rates: NDArray[np.float32]
    area: Floats
    intercept: Floats
    slope: Floats
    ratio: Floats
    brier: Floats
    mean_others: Floats
    mean_events: Floats


def drawn(
    counts: Counts,
    nodes: Nodes,
    *,
    replicates: int,
    seed: int,
    probability: Floats | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Draws:
    """Draw `replicates` count tables and compute every figure of each; the same seed gives the same draws.

    `probability` [S] is the expected share at each score; None estimates it from everyone, anew in every replicate.
    A group missing from a replicate gives nan in that replicate only. O(replicates x nodes x scores).
    """
    size, levels = len(nodes.group), len(counts.scores)
    rates = np.empty((size, levels - 1, len(RATES), replicates), dtype=np.float32)
    rest = np.empty((7, size, replicates))
    done = 0
    for cells in _tables(counts, nodes, replicates, seed):
        span = slice(done, done + len(cells))
        rates[..., span] = np.moveaxis(_rates(all_quadrants(cells)), 1, -1)
        fitted = recalibrated(
            cells, pooled_rates(cells[:, :1]) if probability is None else probability, steps=NEWTON_STEPS
        )
        others, events = mean_scores(cells, counts.scores * counts.sign)
        found = (
            area_under(cells),
            fitted.intercept,
            fitted.slope,
            fitted.ratio,
            fitted.brier,
            others.value,
            events.value,
        )
        rest[..., span] = np.array(found).transpose(0, 2, 1)
        done += len(cells)
        progress(done / replicates)
    area, intercept, slope, ratio, brier, mean_others, mean_events = rest
    return Draws(
        rates=rates,
        area=area,
        intercept=intercept,
        slope=slope,
        ratio=ratio,
        brier=brier,
        mean_others=mean_others,
        mean_events=mean_events,
    )


def bounds(draws: NDArray[np.floating], level: float = 0.95) -> tuple[Floats, Floats]:
    """(low, high): percentiles over the last axis, of the replicates that have the figure. O(draws log draws).

    >>> low, high = bounds(np.arange(101.0))
    >>> round(float(low), 9), round(float(high), 9)
    (2.5, 97.5)
    """
    ordered = np.sort(draws, axis=-1)  # nan come last
    held = np.isfinite(ordered).sum(axis=-1)
    ends = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        at = np.maximum(share * (held - 1), 0.0)
        below = np.floor(at).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(held - 1, 0))
        low = np.take_along_axis(ordered, below[..., None], axis=-1)[..., 0].astype(np.float64)
        high = np.take_along_axis(ordered, above[..., None], axis=-1)[..., 0].astype(np.float64)
        ends.append(np.where(held >= FEWEST_HELD * draws.shape[-1], low + (at - below) * (high - low), np.nan))
    return ends[0], ends[1]


def _tables(counts: Counts, nodes: Nodes, replicates: int, seed: int) -> Iterator[Floats]:
    """Replicate tables summed to the nodes: [b, N, S, 2], a chunk at a time."""
    rng = np.random.default_rng(seed)
    flat = counts.effective.reshape(-1)
    share = flat / flat.sum()
    total = round(float(flat.sum()))
    groups, width = len(counts.codes), flat.size // len(counts.codes)
    chunk = max(1, min(replicates, CHUNK_CELLS // (len(nodes.group) * width)))
    for begin in range(0, replicates, chunk):
        b = min(chunk, replicates - begin)
        tables = rng.multinomial(total, share, size=b).reshape(b, groups, width).astype(np.float64)
        yield (nodes.matrix @ tables).reshape(b, len(nodes.group), -1, 2)


def _rates(q: Quadrants) -> NDArray[np.float32]:
    """[b, N, cuts] quadrants to [N, b, cuts, 5] rates, axes arranged by the caller."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (
            q.false_high / q.others,
            q.false_low / q.events,
            q.true_high / q.high,
            q.true_low / q.low,
            (q.true_high + q.true_low) / q.n,
        )
    return np.stack(found, axis=-1, dtype=np.float32).transpose(1, 0, 2, 3)


def area_under(cells: Floats) -> Floats:
    """Areas under the curve of counts [..., S, 2]; ties count one half."""
    events, others = cells[..., 1], cells[..., 0]
    below = others.cumsum(axis=-1) - others / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((events * below).sum(axis=-1) / (events.sum(axis=-1) * others.sum(axis=-1)), dtype=np.float64)
