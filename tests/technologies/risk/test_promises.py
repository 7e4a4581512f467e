"""Promises: ranks promise what they meant for everyone, probabilities what they say."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.table import Table
from peelian.technologies.risk.measure.bootstrap import drawn
from peelian.technologies.risk.measure.promises import (
    Calibrated,
    calibrated,
    calibrations,
    disagreement,
    nij_index,
    promised,
)
from peelian.technologies.risk.measure.study import Study, study
from peelian.technologies.risk.shared import Plan


def _held(found: Study, *, probability: bool = False, replicates: int = 150) -> Calibrated:
    promise = promised(found, probability=probability)
    draws = drawn(found.levels, found.nodes, replicates=replicates, seed=1)
    return calibrated(found, promise, draws, probability=probability)


def test_everyone_keeps_everyones_promise(race: Table) -> None:
    found = study(race, Plan(cut=5))
    held = _held(found)
    assert held.found.slope[0] == pytest.approx(1, abs=1e-8)
    assert held.found.ratio[0] == pytest.approx(1)
    figures = {f.metric: f for f in calibrations(found, held, probability=False)}
    assert not figures["calibration_slope"].kept[0], "perfect by construction is not printed"
    assert figures["brier"].kept[0]


def test_a_probability_is_held_to_its_word(make_tally) -> None:
    """Scores that promise twice what comes: observed over expected is a half."""
    rows = [(p, o, round(1000 * (p / 2 if o else 1 - p / 2))) for p in (0.2, 0.4, 0.6, 0.8) for o in (0, 1)]
    found = study(make_tally(rows), Plan(cut=0.5))
    held = _held(found, probability=True)
    assert held.found.ratio[0] == pytest.approx(0.5)
    assert held.intercept[1][0] < 0


def test_every_interval_holds_its_own_figure_whatever_the_number_of_scores(make_tally) -> None:
    rng = np.random.default_rng(3)
    score = rng.random(5000)
    rows = [(s, int(rng.random() < s), 1) for s in score.tolist()]
    for probability in (True, False):
        found = study(make_tally(rows), Plan(cut=0.5))
        held = _held(found, probability=probability)
        for value, (low, high) in ((held.found.slope, held.slope), (held.found.brier, held.brier)):
            assert low[0] - 1e-9 <= value[0] <= high[0] + 1e-9


def test_scores_outside_0_to_1_are_no_probabilities(race: Table) -> None:
    with pytest.raises(InputError, match="0 to 1"):
        promised(study(race, Plan(cut=5)), probability=True)


def test_bootstrap_and_formula_agree_on_rates(race: Table) -> None:
    found = study(race, Plan(cut=5))
    assert disagreement(found, drawn(found.levels, found.nodes, replicates=1000, seed=1)) < 0.015


def test_the_index_falls_with_the_gap(race: Table) -> None:
    found = study(race, Plan(cut=5, reference=("Caucasian",)))
    brier = np.full(len(found.nodes.group), 0.2)
    value = dict(zip(found.nodes.group, nij_index(found, brier)[0].value, strict=True))
    assert value["African-American"] == pytest.approx(0.8 * (1 - 0.21393), abs=1e-4)
    assert value["Hispanic"] > value["African-American"]
