"""Proves that parameters outside what they may be are refused by name."""

from __future__ import annotations

import dataclasses

import pytest

from peelian.errors import InputError
from peelian.forms import fields_of, from_flags
from peelian.technologies.faces import params
from peelian.technologies.faces.params import (
    AuditParams,
    HistogramParams,
    PlanParams,
    SearchParams,
    TrialParams,
    check_audit,
    check_histogram,
    check_plan,
    check_searches,
    check_trial,
)

TRIAL = TrialParams(manifest="ab" * 32, until="2027-01-01")


def test_defaults_are_good():
    check_audit(AuditParams())
    check_histogram(HistogramParams())
    check_searches(SearchParams())
    check_plan(PlanParams())
    check_trial(TRIAL)


@pytest.mark.parametrize(
    ("check", "good", "change"),
    [
        (check_audit, AuditParams(), {"limit_fmr": -0.1}),
        (check_audit, AuditParams(), {"limit_fnmr": 1.5}),
        (check_audit, AuditParams(), {"by": ("height",)}),
        (check_audit, AuditParams(), {"by": ()}),
        (check_audit, AuditParams(), {"min_subjects": 3}),
        (check_audit, AuditParams(), {"replicates": -1}),
        (check_audit, AuditParams(), {"rank": 0}),
        (check_audit, AuditParams(), {"direction": "up"}),
        (check_audit, AuditParams(), {"thresholds": (0.1, 0.1)}),
        (check_audit, AuditParams(), {"thresholds": (float("inf"),)}),
        (check_audit, AuditParams(), {"gallery": 0}),
        (check_audit, AuditParams(), {"mated_share": 1.1}),
        (check_audit, AuditParams(), {"searches_per_day": float("nan")}),
        (check_audit, AuditParams(), {"system_digest": "v2"}),
        (check_trial, TRIAL, {"manifest": "x"}),
        (check_trial, TRIAL, {"until": "soon"}),
        (check_trial, TRIAL, {"most_pairs": 0}),
        (check_searches, SearchParams(), {"rank": 0}),
        (check_searches, SearchParams(), {"by": ("height",)}),
        (check_searches, SearchParams(), {"mated_share": -1.0}),
        (check_plan, PlanParams(), {"target_fmr": 1.0}),
        (check_plan, PlanParams(), {"groups": 0}),
        (check_plan, PlanParams(), {"design_effect": 0.5}),
    ],
)
def test_a_bad_value_is_refused(check, good, change):
    with pytest.raises(InputError) as error:
        check(dataclasses.replace(good, **change))
    assert error.value.accepted


def test_every_field_has_help_and_reads_from_flags():
    for kind in (
        params.AuditParams,
        params.HistogramParams,
        params.SearchParams,
        params.PlanParams,
        params.TrialParams,
    ):
        assert all(field.help for field in fields_of(kind)), kind.__name__
    made = from_flags(AuditParams, ["--thresholds", "0.61,0.7", "--by", "sex,group", "--keep-histogram", "yes"])
    assert made == AuditParams(thresholds=(0.61, 0.7), by=("sex", "group"), keep_histogram=True)
