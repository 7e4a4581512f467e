"""Proves that a trial's shares have both denominators, count misses by person, and that one correction covers all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from peelian.measure.table import Kind, table
from peelian.technologies.faces.field_trial.case import scored
from peelian.technologies.faces.field_trial.declared import MISSED, PER_ALERT, PER_FACE, FieldParams
from peelian.technologies.faces.formats.field import COUNTS
from peelian.technologies.faces.measure.scores import EVERYBODY
from peelian.technologies.faces.measure.shares import HIGHER, LOWER, NOT_COMPARED
from peelian.technologies.faces.measure.uncertainty import NOT_DETERMINABLE
from peelian.technologies.faces.measure.verdicts import FAILS, MEETS

LIMITS = FieldParams(limit_face=0.001, limit_alert=0.1, limit_missed=0.2)


def trial(*rows):
    """Rows of (group, faces, alerts, false alerts, missed, crossers, most passages)."""
    columns = {name: [] for name in ("group", *COUNTS)}
    for group, faces, alerts, false, missed, crossers, most in rows:
        true = alerts - false
        values = (group, faces, alerts, true, false, missed, true + missed, crossers, most)
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    made = {name: (Kind.AMOUNT, np.array(columns[name], dtype=np.float64)) for name in COUNTS}
    return table("trial", {"group": (Kind.GROUP, np.array(columns["group"], dtype=object)), **made})


def named(found):
    return {(one.measure, one.group): one for one in found}


def test_both_denominators_and_their_exact_intervals():
    found = named(scored(LIMITS, trial(("a", 60_000, 700, 30, 170, 80, 10), ("b", 50_000, 600, 10, 100, 75, 10))))
    face, alert = found[(PER_FACE, EVERYBODY)], found[(PER_ALERT, EVERYBODY)]
    assert (face.errors, face.n, alert.errors, alert.n) == (40, 110_000, 40, 1300)
    assert (face.low, face.high) == pytest.approx(proportion_confint(40, 110_000, method="beta"))
    assert (alert.low, alert.high) == pytest.approx(proportion_confint(40, 1300, method="beta"))
    assert face.verdict == MEETS and alert.verdict == MEETS


def test_misses_count_by_person_and_unequal_passages_count_fewer_people():
    even = named(scored(LIMITS, trial(("a", 10_000, 300, 0, 100, 40, 10))))[(MISSED, EVERYBODY)]
    assert (even.errors, even.n, even.trials) == (100, 400, 40)
    assert (even.low, even.high) == pytest.approx(proportion_confint(10, 40, method="beta"))
    uneven = named(scored(LIMITS, trial(("a", 10_000, 300, 0, 100, 40, 40))))[(MISSED, EVERYBODY)]
    assert uneven.trials == 10 and uneven.high > even.high and uneven.low < even.low
    not_said = named(scored(LIMITS, trial(("a", 10_000, 300, 0, 100, math.nan, math.nan))))[(MISSED, EVERYBODY)]
    assert math.isnan(not_said.low) and not_said.verdict == NOT_DETERMINABLE


def test_one_correction_covers_limits_and_groups():
    rows = (("a", 60_000, 700, 75, 170, 80, 10), ("b", 50_000, 600, 10, 40, 75, 9))
    found = scored(LIMITS, trial(*rows))
    tails = [
        (stats.beta.sf(m.limit, m.k + 1, m.trials - m.k), stats.beta.cdf(m.limit, m.k, m.trials - m.k + 1))
        for m in found
    ]
    p = [min(1, 2 * min(both)) for both in tails]
    for one in found:
        other = [m for m in found if m.measure == one.measure and m.group not in (EVERYBODY, one.group)]
        if one.group != EVERYBODY:
            (rest,) = other
            cells = [(round(m.k), int(m.trials)) for m in (one, rest)]
            p.append(stats.fisher_exact([[k, n - k] for k, n in cells]).pvalue)
    corrected = multipletests(p, method="holm")[1]
    for one, sure in zip(found, corrected[: len(found)] <= 0.03, strict=True):
        assert one.verdict == (NOT_DETERMINABLE if not sure else MEETS if one.rate < one.limit else FAILS)
        assert math.isfinite(one.needed) == (not sure)
    compared = [one for one in found if one.group != EVERYBODY]
    for one, sure in zip(compared, corrected[len(found) :] <= 0.03, strict=True):
        assert (one.compared in (HIGHER, LOWER)) == sure
    assert named(found)[(PER_FACE, "a")].compared == HIGHER and named(found)[(PER_FACE, "b")].compared == LOWER


def test_faces_that_were_not_counted_leave_alerts_alone():
    nan = math.nan
    found = named(scored(LIMITS, trial(("all", 3000, 60, 6, nan, nan, nan), ("a", nan, 30, 5, nan, nan, nan))))
    assert (PER_FACE, EVERYBODY) in found and (PER_FACE, "a") not in found
    assert found[(PER_ALERT, "a")].n == 30 and found[(PER_ALERT, "a")].compared == NOT_COMPARED
    assert (MISSED, EVERYBODY) not in found
