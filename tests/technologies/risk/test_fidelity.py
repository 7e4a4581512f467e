"""Fidelity: recorded scores against the point table's."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.table import Kind, Table
from peelian.technologies.risk.audit.fidelity import fidelity
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan

ROWS = [(s, o, 100, g) for g in "ab" for s in (1, 2, 3) for o in (0, 1)]


def test_equal_scores_and_sides_are_counted_per_group(make_tally, with_column) -> None:
    again = np.array([1, 1, 2, 2, 3, 3, 1, 1, 2, 3, 3, 1], dtype=float)
    tally = with_column(make_tally(ROWS, axes=("g",)), "recomputed", Kind.AMOUNT, again)
    (equal, side), (gap,) = fidelity(tally, study(tally, Plan(cut=3)))
    assert equal.people[0].tolist() == [1000, 600, 400]
    assert side.people[0].tolist() == [1000, 600, 400]
    assert gap.value[0] == pytest.approx((2 - 3 + 3 - 1) * 100 / 1200)


def test_missing_items_leave_groups_out(make_tally, with_column) -> None:
    again = np.array([1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, np.nan], dtype=float)
    tally = with_column(make_tally(ROWS, axes=("g",)), "recomputed", Kind.AMOUNT, again)
    (equal, _), _ = fidelity(tally, study(tally, Plan(cut=3)))
    assert equal.kept.tolist() == [True, False, False]
    assert equal.people[1][0] == 1100


def test_without_a_point_table_nothing_is_said(race: Table) -> None:
    assert fidelity(race, study(race, Plan(cut=5))) == ([], [])
