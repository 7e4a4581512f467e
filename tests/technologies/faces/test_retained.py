"""Proves that a histogram with its bounds gives the verdicts that the destroyed scores gave, and none without them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.audit.audited import audited, audited_histogram
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.errors import FMR, FNMR
from peelian.technologies.faces.measure.retained import Retained, supports
from peelian.technologies.faces.measure.scores import built, oriented
from peelian.technologies.faces.measure.uncertainty import NOT_DETERMINABLE
from peelian.technologies.faces.measure.verdicts import FAILS, MEETS

LIMITS = {"limit_fmr": 0.02, "limit_fnmr": 0.09}


@pytest.fixture(scope="module")
def audit():
    comparisons, people = example_tables(360)
    scores = oriented(built([comparisons], people, by=("sex", "group"), least=11), "auto")
    return audited(AuditParams(thresholds=(2.4,), replicates=0, keep_histogram=True, **LIMITS), scores, seed=1)


def verdicts(audit, measure):
    rates = audit.headline.rates
    return {r.group: r.verdict for r in rates if r.measure == measure and r.group == r.other_group in audit.groups}


def test_verdicts_survive_the_scores(audit):
    (used,) = {t.threshold.value for t in audit.thresholds[:1]}
    edge = audit.histogram.matches(used)[1]
    params = AuditParams(thresholds=(edge,), replicates=0, **LIMITS)
    kept = audited_histogram(params, audit.histogram, audit.bounds)
    bare = audited_histogram(params, audit.histogram)
    exact = audited(params, audit.scores)
    seen = set()
    for measure in (FMR, FNMR):
        assert verdicts(kept, measure) == verdicts(exact, measure)
        assert set(verdicts(bare, measure).values()) == {NOT_DETERMINABLE}
        seen |= set(verdicts(kept, measure).values())
    assert {MEETS, FAILS} & seen


def test_a_bound_holds_only_on_its_side_of_its_threshold():
    one = Retained(threshold=np.array([1.0, 2.0]), subjects=40, low=np.array([0.1, 0.01]), high=np.array([0.3, 0.03]))
    between = one.at(1.5, falling=True)
    assert (between.below, between.above) == (0.01, 0.3)
    rising = Retained(threshold=one.threshold, subjects=40, low=one.low[::-1], high=one.high[::-1]).at(
        1.5, falling=False
    )
    assert (rising.below, rising.above) == (0.01, 0.3)
    beyond = one.at(3.0, falling=True)
    assert np.isnan(beyond.below) and beyond.above == 0.03


def test_bounds_of_another_histogram_are_refused(audit):
    with pytest.raises(InputError, match="other groups"):
        strange = audit.bounds["group"].copy()
        strange[0] = "north"
        columns = tuple(replace(c, values=strange) if c.name == "group" else c for c in audit.bounds.columns)
        supports(replace(audit.bounds, columns=columns), audit.histogram, 2.4)
