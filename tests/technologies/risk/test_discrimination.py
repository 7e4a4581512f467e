"""Discrimination: areas per group, and the difference between groups that share nobody."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.table import Table
from peelian.technologies.risk.audit.figures import areas, balances
from peelian.technologies.risk.audit.verdicts import area_of
from peelian.technologies.risk.measure.study import Figure, Study, study
from peelian.technologies.risk.shared import Plan


def areas_of(found: Study) -> list[Figure]:
    return areas(found, area_of(found))


def test_the_difference_of_areas_has_the_sum_of_both_variances(race: Table) -> None:
    found = study(race, Plan(cut=5, reference=("Caucasian",)))
    area, gap, p = areas(found, area_of(found))
    a, b = (found.nodes.group.index(g) for g in ("African-American", "Caucasian"))
    half = [(area.high[i] - area.low[i]) / 2 for i in (a, b)]
    assert (gap.high[a] - gap.low[a]) / 2 == pytest.approx(np.hypot(*half))
    assert p.value[a] == pytest.approx(0.92, abs=0.005)
    assert not gap.kept[b]


def test_a_better_score_has_a_larger_area_whichever_way_it_counts(make_tally) -> None:
    rows = [(1, 0, 90), (1, 1, 30), (2, 0, 40), (2, 1, 80)]
    turned = [(3 - score, outcome, n) for score, outcome, n in rows]
    up = areas_of(study(make_tally(rows), Plan()))[0].value[0]
    down = areas_of(study(make_tally(turned), Plan(low_is_high_risk=True)))[0].value[0]
    wrong = areas_of(study(make_tally(turned), Plan()))[0].value[0]
    assert up == down > 0.5
    assert wrong == pytest.approx(1 - up)


def test_mean_scores_are_in_the_instruments_own_units(race: Table) -> None:
    found = study(race, Plan(cut=5))
    others, _, events, _ = balances(found)
    assert 1 < others.value[0] < events.value[0] < 10
