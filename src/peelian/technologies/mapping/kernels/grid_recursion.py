"""The self-exciting process cell by cell (Mohler et al. 2015) by recursion: O(incidents) per step, never over pairs.

λ_c(t) = μ_c + Σ_{t_i < t, same cell} θ ω e^{-ω (t - t_i)}. Within a cell, R_j = Σ_i e^{-ω (t_j - t_i)} follows from
R_{j-1} by one multiplication (Ogata 1981), and so does the time-weighted sum that re-estimates ω. Estimates are
corrected for the end of recording, where followers are not yet seen. Mohler, Short, Malinowski, Johnson, Tita,
Bertozzi & Brantingham 2015 (JASA 110), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.technologies.mapping.kernels.compiled import compiled, refuse_slow

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

START_THETA, START_OMEGA = 0.3, 0.1
LEAST_EVENTS = 2
BOUNDS_OMEGA = (1 / 365.0, 24.0)
MOST_THETA = 0.99


class Sorted(NamedTuple):
    """Incidents by cell and, within a cell, by time: cell, days since the one before in the cell, weight.

    `gap` is 0 for the first of a cell; `first` (int64[cells + 1]) says where each cell begins; `left` (float64[cells])
    is the time from a cell's last incident to the end of recording.
    """

    gap: Floats
    weight: Floats
    first: NDArray[np.int64]
    left: Floats


class GridSums(NamedTuple):
    """What one pass returns: Σ P(triggered), × days since, Σ e^{-ωu} and Σ u e^{-ωu} (u: days left), Σ log λ."""

    triggered: float
    days: float
    unseen: float
    unseen_days: float
    log_rate: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GridFit:
    """Parameters (θ, ω per day), background rate per cell and day, and each cell's excitation at the end of recording.

    `state` is Σ_i e^{-ω (T - t_i)} per cell; the excitation there and then is θ ω × state.
    """

    theta: float
    omega: float
    background: Floats
    state: Floats
    log_likelihood: float
    iterations: int
    converged: bool


def by_cell(cell: Ints, days: Floats, weight: Floats, span: tuple[int, float]) -> Sorted:
    """Incidents (in order of time) put in order of cells; `span` is (cells, day recording ends). O(n + cells)."""
    cells, until = span
    if len(cell) and (int(cell.min()) < 0 or int(cell.max()) >= cells):
        raise InputError("cell number outside the grid")
    if bool(np.any(np.diff(days) < 0)) or (len(days) and days[-1] > until):
        raise InputError("incidents not in time order, or after the end of recording")
    first = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=cells))]).astype(np.int64)
    gap, mass, last = np.zeros(len(cell)), np.empty(len(cell)), np.full(cells, until)
    compiled(sort_loop)((cell, days, weight), first[:-1].copy(), gap, mass, last)
    return Sorted(gap, mass, first, until - last)


def sort_loop(
    events: tuple[Ints, Floats, Floats], place: NDArray[np.int64], gap: Floats, mass: Floats, last: Floats
) -> None:
    """Counting sort by cell; `place` is where each cell's next incident goes, `last` its last day so far."""
    cell, days, weight = events
    seen = np.zeros(len(place), dtype=np.bool_)
    for k in range(len(cell)):
        c = cell[k]
        at = place[c]
        place[c] = at + 1
        gap[at] = days[k] - last[c] if seen[c] else 0.0
        mass[at] = weight[k]
        last[c] = days[k]
        seen[c] = True


def grid_loop(
    events: Sorted, decay: Floats, now: tuple[float, float], background: Floats, out: tuple[Floats, Floats]
) -> tuple[float, float, float, float, float]:
    """One pass; `decay` is e^{-ω gap}, `now` (θ, ω), `out` two float64[cells] filled with Σ P(background) and state."""
    gap, weight, first, left = events
    theta, omega = now
    calm, state = out
    triggered = days = unseen = unseen_days = log_rate = 0.0
    for c in range(len(background)):
        base = background[c]
        mass = aged = fresh = kept = 0.0
        for k in range(first[c], first[c + 1]):
            step = gap[k]
            if step > 0.0:
                mass += fresh
                fresh = 0.0
                aged = decay[k] * (aged + step * mass)
                mass *= decay[k]
            rate = base + theta * omega * mass
            part = weight[k] / rate
            triggered += mass * part
            days += aged * part
            kept += base * part
            log_rate += weight[k] * np.log(rate)
            fresh += weight[k]
        calm[c] = kept
        mass += fresh
        gone = np.exp(-omega * left[c])
        state[c] = mass * gone
        unseen += mass * gone
        unseen_days += gone * (aged + left[c] * mass)
    return theta * omega * triggered, theta * omega * days, unseen, unseen_days, log_rate


def fit_grid(
    events: Sorted,
    span_days: float,
    *,
    start: GridFit | None = None,
    iterations: int = 100,
    tolerance: float = 1e-4,
) -> GridFit:
    """EM until neither θ nor ω moves by more than `tolerance` of itself, or for `iterations`. O(iterations × n).

    `span_days` is how long recording lasted. `start` goes on from an earlier fit of the same cells.
    """
    total = float(events.weight.sum())
    if len(events.weight) < LEAST_EVENTS or span_days <= 0:
        says = sentence("Not enough data: %(n)d incidents, %(least)d needed", n=len(events.weight), least=LEAST_EVENTS)
        raise NotEnoughData(says)
    refuse_slow(float(len(events.gap)) * min(iterations, 20), "the self-exciting grid model")
    theta, omega = (START_THETA, START_OMEGA) if start is None else (start.theta, start.omega)
    counts = np.add.reduceat(np.append(events.weight, 0.0), events.first[:-1])
    counts[np.diff(events.first) == 0] = 0.0
    background = counts * (1 - theta) / span_days if start is None else start.background.copy()
    background[(counts > 0) & (background <= 0)] = 1e-9 / span_days  # a cell that was empty when the fit began
    decay, state, calm = np.empty_like(events.gap), np.zeros(len(counts)), np.zeros(len(counts))
    steps, done, score = 0, False, -np.inf
    while not done and steps < iterations:
        steps += 1
        np.exp(np.multiply(events.gap, -omega, out=decay), out=decay)
        sums = GridSums(*compiled(grid_loop)(events, decay, (theta, omega), background, (calm, state)))
        score = sums.log_rate - float(background.sum()) * span_days - theta * (total - sums.unseen)
        before = (theta, omega)
        theta, omega = _maximise(sums, total, omega)
        background = calm / span_days
        done = max(abs(theta - before[0]) / max(before[0], 0.01), abs(omega - before[1]) / before[1]) <= tolerance
    return GridFit(
        theta=theta,
        omega=omega,
        background=background,
        state=state,
        log_likelihood=score,
        iterations=steps,
        converged=done,
    )


def _maximise(sums: GridSums, total: float, omega: float) -> tuple[float, float]:
    """θ and ω under which the expected labels are likeliest, within bounds."""
    if sums.triggered <= 1e-12 * total:
        return 0.0, omega
    theta = min(sums.triggered / max(total - sums.unseen, 1e-12), MOST_THETA)
    return theta, float(np.clip(sums.triggered / (sums.days + theta * sums.unseen_days), *BOUNDS_OMEGA))


def expected_counts(fit: GridFit, days: float, lead: float = 0.0) -> tuple[Floats, Floats]:
    """Expected counts per cell in `days` days that begin `lead` days after recording ended: background, excitation.

    Followers of followers are counted: excitation decays with ω (1 - θ) towards μ θ / (1 - θ) (Hawkes 1971).
    """
    slow = fit.omega * (1 - fit.theta)
    level = fit.background * fit.theta / (1 - fit.theta)
    recent = fit.theta * fit.omega * fit.state - level
    return fit.background * days, level * days + recent * np.exp(-slow * lead) * -np.expm1(-slow * days) / slow
