"""Proves that an anchor is the highest threshold with enough false matches on enough people."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.errors import anchored, gathered, spread, trial_counts
from peelian.technologies.faces.measure.scores import built, oriented
from peelian.technologies.faces.measure.uncertainty import DYADIC, estimate


@pytest.fixture(scope="module")
def scores():
    comparisons, people = example_tables(160)
    return oriented(built([comparisons], people, by=("sex",), least=11), "auto")


def test_it_is_the_thirtieth_false_match_of_each_group_with_the_bound_there(scores):
    trials = trial_counts(scores)
    found = anchored(scores, trials)
    for g, cell in enumerate(scores.cells.within()):
        held = np.sort(scores.score[(scores.cell == cell) & ~scores.failed])[::-1]
        assert found.threshold[g] == held[29]
        errors = gathered(scores, [held[29]]).at(held[29])
        here = spread(errors, trials, scores)
        one = estimate(30, len(held), variance=here.fmr[cell], method=DYADIC, single=False, known=True, subjects=80)
        assert found.high[g] == pytest.approx(one.high)
        assert found.above(g, held[29] + 1) == found.high[g]
        assert math.isnan(found.above(g, held[29] - 0.01)), "below it FMR may be higher"


def test_one_look_alike_s_matches_are_no_anchor(scores):
    probe, ref = scores.named()
    who = int(np.flatnonzero(scores.group_of == 0)[0])
    mine = ~scores.genuine & ((probe == who) | (ref == who))
    marked = replace(scores, score=np.where(mine, 50.0, scores.score))
    found = anchored(marked, trial_counts(marked))
    assert found.threshold[0] < 50.0, "79 matches at 50, all of one person"


def test_there_is_none_without_subjects(scores):
    bare = replace(scores, probe=None, ref=None)
    assert anchored(bare, trial_counts(bare)) is None
