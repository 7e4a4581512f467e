"""The feedback simulation: patrols follow the forecast, records follow patrols, and reporting differs by area.

A town of areas with known true rates is simulated many times. Each day patrols go where the record says; incidents
that nobody reported are recorded only where a patrol happened to be. The test shows how far patrols end from the truth
when records are taken as they are, when discoveries are weighted by the inverse chance of the patrol (with a share of
patrols sent anywhere), and when a survey tells how many incidents go unreported. Ensign et al. 2018; Lum & Isaac 2016;
differences in reporting after Akpinar, De-Arteaga & Chouldechova 2021 (Bogotá).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.technologies.mapping.declarations.sending import Sending, Way

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

LEAST_AREAS = 2
COURSE_POINTS = 26


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stress:
    """A town and how it is policed and recorded; arrays of one length, one entry per area.

    `rates` are true incidents per day, `reported` the share of them that people report, `discovered` the share of the
    unreported that a patrol records where it is. `patrols` a day; the record fades by the factor `keep` a day;
    `explore` is the share of patrols sent anywhere when corrected.
    """

    rates: Floats
    reported: Floats
    discovered: float = 0.3
    patrols: int = 3
    days: int = 728
    keep: float = 0.995
    explore: float = 0.05
    sending: Sending = Sending.PROPORTIONAL
    runs: int = 40
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What became of one way: patrols meant for each area in the last quarter (shares, runs x areas), and `error`.

    `error` (float64[points]) is the mean over runs of half the summed absolute difference between patrol shares and
    true shares: the part of patrols that is in the wrong place. `day` says when.
    """

    way: Way
    shares: Floats
    truth: Floats
    day: NDArray[np.int64]
    error: Floats

    @property
    def misplaced(self) -> float:
        """The part of the last quarter's patrols that is in the wrong place, 0 to 1, mean over runs."""
        return float(np.abs(self.shares - self.truth).sum(axis=1).mean() / 2)

    @property
    def mean_shares(self) -> Floats:
        """Patrol shares of the last quarter by area, mean over runs."""
        return np.asarray(self.shares.mean(axis=0), dtype=np.float64)


def live_through(stress: Stress, way: Way) -> Course:
    """Simulate `days` days in each of `runs` towns. O(days × runs × areas).

    >>> stress = Stress(rates=np.array([3.0, 2.0]), reported=np.zeros(2), patrols=1, runs=20)
    >>> live_through(stress, Way.NAIVE).misplaced > 2 * live_through(stress, Way.CORRECTED).misplaced
    True
    """
    _check(stress)
    chance = np.random.default_rng(stress.seed)
    truth = stress.rates / stress.rates.sum()
    record = _beginning(stress)
    areas, last = len(truth), stress.days - stress.days // 4
    sent, late = np.zeros((stress.runs, areas)), np.zeros((stress.runs, areas))
    step = max(stress.days // COURSE_POINTS, 1)
    days, errors = [], []
    for day in range(stress.days):
        patrols, likely, aim = _send(_estimate(record, stress, way), stress, way, chance)
        incidents = chance.poisson(stress.rates, (stress.runs, areas))
        reports = chance.binomial(incidents, stress.reported)
        found = chance.binomial(incidents - reports, np.where(patrols > 0, stress.discovered, 0.0))
        visited = (patrols > 0).astype(np.float64)
        record = _entered(record, (reports, found), (visited, likely), stress.keep)
        sent += aim
        if day >= last:
            late += aim
        if (day + 1) % step == 0:
            days.append(day + 1)
            errors.append(float(np.abs(sent / sent.sum(axis=1, keepdims=True) - truth).sum(axis=1).mean() / 2))
            sent[:] = 0.0
    return Course(
        way=way,
        shares=late / late.sum(axis=1, keepdims=True),
        truth=truth,
        day=np.array(days, dtype=np.int64),
        error=np.array(errors),
    )


class _Record(NamedTuple):
    """Fading sums, runs x areas: reports, discoveries as they are and weighted, weighted visits; and fading days."""

    reports: Floats
    found: Floats
    weighted: Floats
    visits: Floats
    days: float


def _beginning(stress: Stress) -> _Record:
    """Two weeks of reports and of even patrols, as a town that begins would have."""
    whole = np.ones((stress.runs, len(stress.rates)))
    found = 14 * whole * stress.rates * (1 - stress.reported) * stress.discovered
    return _Record(14 * whole * stress.rates * stress.reported, found, found, 14 * whole, 14.0)


def _entered(record: _Record, day: tuple[Counts, Counts], visit: tuple[Floats, Floats], keep: float) -> _Record:
    """The record after one more day of (reports, discoveries); `visit` is (visited or not, the chance of it)."""
    (reports, found), (there, likely) = day, visit
    weight = np.divide(there, likely, out=np.zeros(likely.shape), where=likely > 0)
    return _Record(
        record.reports * keep + reports,
        record.found * keep + found,
        record.weighted * keep + found * weight,
        record.visits * keep + weight,
        record.days * keep + 1.0,
    )


def _estimate(record: _Record, stress: Stress, way: Way) -> Floats:
    """What patrols follow: incidents per day and area, up to a common factor."""
    if way is Way.NAIVE:
        return record.reports + record.found + 1e-9
    if way is Way.CORRECTED:
        return record.reports / record.days + record.weighted / np.maximum(record.visits, 1e-9) + 1e-9
    return record.reports / np.maximum(stress.reported, 1e-9) + 1e-9


def _send(estimate: Floats, stress: Stress, way: Way, chance: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Patrols per area (runs x areas), the chance that an area gets any, and the share of patrols meant for it."""
    runs, areas = estimate.shape
    anywhere = stress.explore if way is Way.CORRECTED else 0.0
    if stress.sending is Sending.PROPORTIONAL:
        share = (1 - anywhere) * estimate / estimate.sum(axis=1, keepdims=True) + anywhere / areas
        likely = np.asarray(1 - (1 - share) ** stress.patrols, dtype=np.float64)
        return chance.multinomial(stress.patrols, share).astype(np.float64), likely, share
    jitter = estimate * (1 + 1e-9 * chance.random(estimate.shape))  # equal estimates are drawn, not taken in order
    top = np.argsort(-jitter, axis=1)[:, : stress.patrols]
    stray = chance.random(top.shape) < anywhere
    where = np.where(stray, chance.integers(0, areas, top.shape), top)
    patrols = np.zeros((runs, areas))
    np.add.at(patrols, (np.arange(runs)[:, None], where), 1.0)
    elsewhere = 1 - anywhere / areas
    likely = np.full((runs, areas), 1 - elsewhere**stress.patrols)
    kept = 1 - (anywhere - anywhere / areas) * elsewhere ** (stress.patrols - 1)
    np.put_along_axis(likely, top, kept, axis=1)
    aim = np.full((runs, areas), anywhere / areas)
    np.put_along_axis(aim, top, (1 - anywhere) / stress.patrols + anywhere / areas, axis=1)
    return patrols, likely, aim


def _check(stress: Stress) -> None:
    areas = len(stress.rates)
    if areas < LEAST_AREAS:
        says = sentence("Not enough data: %(n)d areas, %(least)d needed", n=areas, least=LEAST_AREAS)
        raise NotEnoughData(says, accepted="more areas")
    if len(stress.reported) != areas:
        raise InputError("rates and reporting rates differ in areas")
    if not bool(np.isfinite(stress.rates).all() and (stress.rates >= 0).all() and stress.rates.sum() > 0):
        raise InputError("a true rate is negative or not a number, or all are 0")
    if not bool((stress.reported >= 0).all() and (stress.reported <= 1).all()):
        raise InputError("reporting rate out of range", accepted="0 to 1")
    if not (0 <= stress.discovered <= 1 and 0 < stress.keep <= 1 and 0 < stress.explore <= 1):
        raise InputError("discovered, keep or explore out of range", accepted="0 to 1")
    if not (1 <= stress.patrols <= areas and 28 <= stress.days <= 36_500 and 1 <= stress.runs <= 10_000):
        raise InputError("patrols, days or runs out of range", accepted="1 patrol to one per area, 28 days or more")
