"""Follow-up: a window cut short for one outcome only is found, and few people stay hidden."""

from __future__ import annotations

import numpy as np

from peelian.measure.table import Kind, Table
from peelian.technologies.risk.audit.followup import follow_up
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def test_a_tally_that_does_not_say_gets_no_figures(race: Table) -> None:
    assert follow_up(race, study(race, Plan(cut=5))) is None


def test_equal_shares_are_symmetric(make_tally, with_column) -> None:
    rows = [(s, o, n) for s in (1, 2) for o in (0, 1) for n in (400, 100)]
    tally = with_column(make_tally(rows), "full_window", Kind.COUNT, [1, 0] * 4)
    found = follow_up(tally, study(tally, Plan(cut=2)))
    assert found is not None
    assert found.dropped == 400
    assert found.open_
    assert found.p == 1


def test_few_people_watched_too_briefly_are_not_shown(make_tally, with_column) -> None:
    rows = [(1, 0, 300), (2, 1, 300), (2, 1, 4), (1, 1, 30), (2, 0, 30)]
    tally = with_column(make_tally(rows), "full_window", Kind.COUNT, [1, 1, 0, 1, 1])
    found = follow_up(tally, study(tally, Plan(cut=2)))
    assert found is not None
    assert not found.open_
    assert not any(rate.open_.any() for rate in found.rates)


def test_groups_get_no_second_set_of_counts(windowed: Table) -> None:
    found = follow_up(windowed, study(windowed, Plan(cut=5)))
    assert found is not None
    assert found.p < 1e-9
    assert all(np.flatnonzero(rate.kept).tolist() == [0] for rate in found.rates)
