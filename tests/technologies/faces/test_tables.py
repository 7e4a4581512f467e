"""Proves that an audit's tables are what the capability declares, and that curves keep to their counts."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.table import NEVER_LEAVES
from peelian.technologies.faces.audit.audited import audited
from peelian.technologies.faces.audit.declared import EMITS, AuditParams
from peelian.technologies.faces.audit.tables import tables_of, threshold_shown
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.scores import built, oriented
from peelian.technologies.faces.measure.uncertainty import AT_MOST


@pytest.fixture(scope="module")
def audit():
    comparisons, people = example_tables(160)
    scores = oriented(built([comparisons], people, by=("sex", "group"), least=11), "auto")
    return audited(AuditParams(thresholds=(2.4, 2.8), limit_fmr=0.05), scores, seed=2)


def test_tables_are_those_declared(audit):
    declared = {emit.table: emit for emit in EMITS}
    for table in tables_of(audit, keep_histogram=True):
        assert {c.name: c.kind for c in table.columns} == declared[table.name].kinds
        assert not {c.kind for c in table.columns} & NEVER_LEAVES
    asked = {"face_histogram", "face_bounds", "covariates"}
    assert {t.name for t in tables_of(audit)} == set(declared) - asked, "the histogram only on request"


def test_no_zero_stands_without_its_bound_and_no_rate_without_its_n(audit):
    rates = tables_of(audit)[2]
    zero = rates["rate"] == 0
    assert zero.any()
    assert (rates["bound"][zero] == AT_MOST).all()
    assert (rates["high"][zero] == np.minimum(1, 3 / rates["n"][zero])).all()
    assert rates.column("rate").n == "n"


def test_no_rate_from_fewer_than_30_errors_is_called_measured(audit):
    rates = tables_of(audit)[2]
    few = (rates["errors"] < 30) & (rates["n"] > 0)
    assert few.any()
    assert set(rates["adequacy"][few].tolist()) <= {"indicative", "undetermined"}


def test_curves_fall_and_end_where_the_histogram_does(audit):
    curves = next(t for t in tables_of(audit) if t.name == "curves")
    for group in set(curves["group"].tolist()):
        own = curves.take(curves["group"] == group)
        order = np.argsort(own["threshold"])
        assert (np.diff(own["fmr"][order]) <= 0).all()
        assert (np.diff(own["fnmr"][order]) >= 0).all()
        assert own["fmr"].max() == 1.0


def test_sizes_say_what_a_claim_needs(audit):
    sizes = next(t for t in tables_of(audit) if t.name == "sizes")
    assert sizes["needed_pairs"].tolist() == [30_000, 300_000, 3_000_000]
    assert sizes["needed_subjects"].tolist() == [246, 776, 2450]
    assert sizes["size"].tolist() == ["enough for 10 errors", "too few", "too few"]


def test_trials_by_group(audit):
    trials = tables_of(audit)[0]
    assert trials["subjects"][0] == 160
    assert trials["impostor"][0] == trials["impostor"][1:].sum() == 160 * 159 // 2
    assert threshold_shown(audit, 2.4) == 2.4
