"""Proves that parameters outside what they may be are refused by name."""

from __future__ import annotations

import dataclasses

import pytest

from peelian.errors import InputError
from peelian.forms import fields_of, from_flags
from peelian.kernel.model.parameters import must_be_within
from peelian.technologies.faces.audit.declared import AUDIT, AuditParams, HistogramParams
from peelian.technologies.faces.engine import TrialParams
from peelian.technologies.faces.lists.declared import SearchParams
from peelian.technologies.faces.planning.declared import PlanParams

TRIAL = TrialParams(manifest="ab" * 32, until="2027-01-01")


def test_defaults_are_good():
    for good in (AuditParams(), HistogramParams(), SearchParams(), PlanParams(), TRIAL):
        must_be_within(good)
    AUDIT.asks.check(AuditParams())


@pytest.mark.parametrize(
    ("good", "change"),
    [
        (AuditParams(), {"limit_fmr": -0.1}),
        (AuditParams(), {"limit_fnmr": 1.5}),
        (AuditParams(), {"by": ("height",)}),
        (AuditParams(), {"by": ()}),
        (AuditParams(), {"min_subjects": 3}),
        (AuditParams(), {"replicates": -1}),
        (AuditParams(), {"rank": 0}),
        (AuditParams(), {"direction": "up"}),
        (AuditParams(), {"thresholds": (float("inf"),)}),
        (AuditParams(), {"gallery": 0}),
        (AuditParams(), {"mated_share": 1.1}),
        (AuditParams(), {"searches_per_day": float("nan")}),
        (AuditParams(), {"system_digest": "v2"}),
        (TRIAL, {"manifest": "x"}),
        (TRIAL, {"until": "soon"}),
        (TRIAL, {"most_pairs": 0}),
        (SearchParams(), {"rank": 0}),
        (SearchParams(), {"by": ("height",)}),
        (SearchParams(), {"mated_share": -1.0}),
        (PlanParams(), {"target_fmr": 1.0}),
        (PlanParams(), {"groups": 0}),
        (PlanParams(), {"design_effect": 0.5}),
    ],
)
def test_a_bad_value_is_refused(good, change):
    with pytest.raises(InputError) as error:
        must_be_within(dataclasses.replace(good, **change))
    assert error.value.accepted and error.value.column in change


def test_a_threshold_named_twice_is_refused():
    with pytest.raises(InputError, match="threshold named twice"):
        AUDIT.asks.check(AuditParams(thresholds=(0.1, 0.1)))


def test_every_field_has_help_and_reads_from_flags():
    for kind in (
        AuditParams,
        HistogramParams,
        SearchParams,
        PlanParams,
        TrialParams,
    ):
        assert all(field.help for field in fields_of(kind)), kind.__name__
    made = from_flags(AuditParams, ["--thresholds", "0.61,0.7", "--by", "sex,group", "--keep-histogram", "yes"])
    assert made == AuditParams(thresholds=(0.61, 0.7), by=("sex", "group"), keep_histogram=True)
