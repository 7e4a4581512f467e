"""Ensign et al. 2018, two Oakland neighbourhoods: the published run-away, and how weights by inverse chance hold it.

Each day one patrol goes to one of two places with the chance that the record gives it; what it discovers there enters
the record. Left to itself the record runs away from the truth. Two corrections are compared: to drop discoveries the
more often the likelier the patrol was, and to weight them by the inverse of that chance while every place keeps a
smallest chance of a visit.

Published: the true share is .567; a record taken as it is ends at .70, one that fades at .93.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pytest
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OAKLAND_RATES = (3.68511, 2.816466)  # discoveries per visit in the two places, from drug records of 2010 (Ensign, 4.1)
OAKLAND_START = (609.0, 379.0)  # the record at the beginning


class Rule(StrEnum):
    """What enters the record."""

    NAIVE = "naive"  # every discovery
    REJECTION = "rejection"  # a discovery with the chance that the patrol had gone elsewhere
    INVERSE = "inverse_probability"  # every discovery, weighted by the inverse chance of the visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Urn:
    """Mean discoveries per visit, the record at the start, days, how fast it fades per day, runs and their seed.

    `floor` is the smallest chance of a visit under inverse probabilities.
    """

    rates: tuple[float, float] = OAKLAND_RATES
    start: tuple[float, float] = OAKLAND_START
    days: int = 1000
    keep: float = 1.0
    floor: float = 0.05
    runs: int = 300
    seed: int = 0

    @property
    def truth(self) -> float:
        """The share of patrols that the first place should have, by its rate."""
        return self.rates[0] / sum(self.rates)


def shares(urn: Urn, rule: Rule) -> Floats:
    """The first place's share of the record after the last day, float64[runs]. O(days × runs).

    Under inverse probabilities the weighted discoveries are divided by the weighted visits (Hájek 1971), which keeps
    the error small where the record fades.
    """
    chance = np.random.default_rng(urn.seed)
    record = np.tile(np.asarray(urn.start, dtype=np.float64), (urn.runs, 1))
    visits = np.full((urn.runs, 2), sum(urn.start) / sum(urn.rates))
    every = np.arange(urn.runs)
    for _ in range(urn.days):
        share = _share(record, visits, rule)
        likely = np.clip(share, urn.floor, 1 - urn.floor) if rule is Rule.INVERSE else share
        second = (chance.random(urn.runs) >= likely).astype(np.intp)
        went = np.where(second == 0, likely, 1 - likely)
        found = chance.poisson(np.asarray(urn.rates)[second])
        entered, visited = _entered(found, went, rule, chance)
        record *= urn.keep
        visits *= urn.keep
        record[every, second] += entered
        visits[every, second] += visited
    return _share(record, visits, rule)


def root_mean_square_error(urn: Urn, rule: Rule) -> float:
    """How far the share ends from the truth, over all runs."""
    return float(np.sqrt(np.mean((shares(urn, rule) - urn.truth) ** 2)))


def _share(record: Floats, visits: Floats, rule: Rule) -> Floats:
    rate = record / visits if rule is Rule.INVERSE else record
    return np.asarray(rate[:, 0] / rate.sum(axis=1), dtype=np.float64)


def _entered(found: NDArray[np.int64], went: Floats, rule: Rule, chance: np.random.Generator) -> tuple[Floats, Floats]:
    """What enters the record and the visits of the place that was visited."""
    if rule is Rule.REJECTION:
        return chance.binomial(found, 1 - went).astype(np.float64), np.ones(len(found))
    weight = 1 / went if rule is Rule.INVERSE else np.ones(len(found))
    return found * weight, weight


PLAIN, FADING = Urn(), Urn(keep=0.99)


def test_the_true_share() -> None:
    assert PLAIN.truth == pytest.approx(0.567, abs=5e-4)


def test_the_record_left_to_itself_runs_away() -> None:
    assert shares(PLAIN, Rule.NAIVE).mean() == pytest.approx(0.70, abs=0.01)
    assert shares(FADING, Rule.NAIVE).mean() == pytest.approx(0.93, abs=0.02)
    assert root_mean_square_error(FADING, Rule.NAIVE) == pytest.approx(0.37, abs=0.02)


def test_rejection_brings_it_near_and_inverse_probability_nearer() -> None:
    assert root_mean_square_error(FADING, Rule.REJECTION) == pytest.approx(0.05, abs=0.01)
    assert root_mean_square_error(FADING, Rule.INVERSE) == pytest.approx(0.02, abs=0.005)
    assert root_mean_square_error(FADING, Rule.INVERSE) <= 0.03
    assert root_mean_square_error(PLAIN, Rule.INVERSE) <= 0.03


def test_the_same_seed_gives_the_same_shares() -> None:
    urn = Urn(runs=20, days=50)
    assert np.array_equal(shares(urn, Rule.INVERSE), shares(urn, Rule.INVERSE))


def test_alike_places_stay_alike_on_average_but_the_naive_record_drifts() -> None:
    urn = Urn(rates=(3.0, 3.0), start=(10.0, 10.0), runs=200)
    assert shares(urn, Rule.NAIVE).mean() == pytest.approx(0.5, abs=0.05)
    assert shares(urn, Rule.NAIVE).std() > 3 * shares(urn, Rule.INVERSE).std()


def test_a_faster_fading_record_runs_further_away() -> None:
    slow, fast = (root_mean_square_error(Urn(runs=100, keep=keep), Rule.NAIVE) for keep in (1.0, 0.99))
    assert fast > 2 * slow
