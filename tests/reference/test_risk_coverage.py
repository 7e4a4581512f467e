"""Coverage in simulation: printed 95 % intervals hold the truth of a known town in 93 to 97 cases of 100.

The town is COMPAS blown up: cohorts are drawn from it again and again, and every interval an audit prints is asked
whether it holds the town's own figure. Averages over groups and draws. The spread of the simulation itself is allowed
to each kind, two standard errors of a share of so many draws (.02 of 500), and not to all kinds together.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sizes import size

from peelian.technologies.risk.audit.case import compas
from peelian.technologies.risk.audit.figures import (
    areas,
    balances,
    compared_rates,
    rates_at_other_cuts,
    rates_at_the_cut,
)
from peelian.technologies.risk.audit.rows import rates_table
from peelian.technologies.risk.audit.verdicts import area_of
from peelian.technologies.risk.measure.bootstrap import bounds, drawn
from peelian.technologies.risk.measure.calibration import pooled_rates, recalibrated
from peelian.technologies.risk.measure.promises import calibrated, calibrations, promised
from peelian.technologies.risk.measure.study import Figure, Study, study
from peelian.technologies.risk.shared import Plan

DRAWS, REPLICATES, PEOPLE = size(200, 500), 200, 4_000
SPREAD = 2.05 * (0.95 * 0.05 / DRAWS) ** 0.5


def _town() -> Study:
    """The town: the groups of COMPAS that are large enough to be drawn from, ten thousand times as many people."""
    tally = compas()
    kept = tally.take(~np.isin(tally["race"], ["Asian", "Native American"]))
    scaled = tuple(replace(c, values=c.values * 10_000) if c.name == "n" else c for c in kept.columns)
    return study(replace(kept, columns=scaled), Plan(cut=5, reference=("Caucasian",)))


def _cohort(town: Study, rng: np.random.Generator) -> Study:
    flat = town.counts.people.reshape(-1)
    people = rng.multinomial(PEOPLE, flat / flat.sum()).reshape(town.counts.people.shape)
    counts = replace(town.counts, people=people, effective=people.astype(np.float64))
    cells = town.nodes.of(people)
    return replace(
        town, counts=counts, levels=counts, people=cells, effective=cells, fine=cells,
    )  # fmt: skip


def _figures(found: Study, seed: int) -> list[Figure]:
    draws = drawn(found.levels, found.nodes, replicates=REPLICATES, seed=seed)
    held = calibrated(found, promised(found, probability=False), draws, probability=False)
    return [
        *areas(found, area_of(found))[:2],
        *balances(found),
        *compared_rates(found),
        *calibrations(found, held, probability=False)[:4],
    ]


@pytest.fixture(scope="module")
def coverage() -> dict[str, float]:
    return covered()


def covered() -> dict[str, float]:
    """Share of intervals that hold the truth, by kind of interval."""
    town = _town()
    truth = {figure.metric: figure.value for figure in _figures(town, 0)}
    true_rates = _rates(town)
    hits: dict[str, list[np.ndarray]] = {}
    rng = np.random.default_rng(20)
    for i in range(DRAWS):
        found = _cohort(town, rng)
        for figure in _figures(found, i):
            real = truth[figure.metric]
            ask = figure.open_ & np.isfinite(figure.low)
            if figure.kept is not None:
                ask &= figure.kept
            hits.setdefault(figure.metric, []).append(((figure.low <= real) & (real <= figure.high))[ask])
        for key, (value, low, high) in _rates(found).items():
            real = true_rates[key][0]
            if np.isfinite(value):
                hits.setdefault(key[1], []).append(np.array([low <= real <= high]))
    return {name: float(np.concatenate(held_).mean()) for name, held_ in hits.items()}


def _rates(found: Study) -> dict[tuple[str, str, float], tuple[float, float, float]]:
    table = rates_table([*rates_at_the_cut(found), *rates_at_other_cuts(found)], found.nodes, level=0.95)
    return {
        (group, metric, 0.0 if np.isnan(at) else at): (value, low, high)
        for _, group, metric, at, value, low, high, _, _, _ in table.rows()
    }


KINDS = (
    "base_rate", "high_share", "fpr", "fnr", "ppv", "npv", "accuracy", "auc", "auc_difference", "mean_score_events",
    "mean_score_others", "mean_score_events_difference", "fpr_ratio", "fpr_difference", "fnr_ratio", "ppv_ratio",
    "calibration_slope", "calibration_intercept", "observed_over_expected", "brier",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_interval_covers_about_as_it_says(coverage: dict[str, float], kind: str) -> None:
    assert abs(coverage[kind] - 0.95) <= SPREAD


def test_all_intervals_together_cover_93_to_97_of_100(coverage: dict[str, float]) -> None:
    assert 0.93 <= np.mean([coverage[kind] for kind in KINDS]) <= 0.97


def test_a_promise_learnt_from_the_same_people_needs_the_bootstrap() -> None:
    """The model's own error is too wide there: it forgets that the group helped to make the promise."""
    town = _town()
    rng = np.random.default_rng(3)
    node = town.nodes.group.index("African-American")
    real = recalibrated(town.effective, pooled_rates(town.effective[0])).slope[node]
    wald, percentile = [], []
    for i in range(150):
        found = _cohort(town, rng)
        result = recalibrated(found.effective, pooled_rates(found.effective[0]))
        half = 1.96 * result.slope_error[node]
        wald.append(abs(result.slope[node] - real) <= half)
        low, high = bounds(drawn(found.levels, found.nodes, replicates=150, seed=i).slope[node])
        percentile.append(low <= real <= high)
    assert np.mean(wald) > np.mean(percentile)
    assert np.mean(percentile) > 0.89
