"""Verdicts: too few is not validated, whatever the figures; and hidden groups stay hidden in the verdict too."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.technologies.risk.params import AuditParams
from peelian.technologies.risk.suppression import SHOWN
from peelian.technologies.risk.verdicts import MEASURED, MISCALIBRATED, NOT_VALIDATED


def _verdicts(findings: Findings) -> dict[str, str]:
    table = findings.table("verdicts")
    return dict(zip(table["group"].tolist(), table["verdict"].tolist(), strict=True))


def test_compas_is_not_validated_for_asian_and_native_american_people(found: Findings) -> None:
    verdicts = _verdicts(found)
    assert verdicts["Asian"] == verdicts["Native American"] == NOT_VALIDATED
    assert verdicts["Hispanic"] == MISCALIBRATED
    assert verdicts["Caucasian"] == MEASURED


def test_a_group_with_99_events_is_not_validated_and_one_with_100_is(make_tally, run_audit) -> None:
    rows = [(1, 0, 300, g) for g in "ab"] + [(2, 0, 100, g) for g in "ab"]
    rows += [(1, 1, 30, "a"), (2, 1, 69, "a"), (1, 1, 30, "b"), (2, 1, 70, "b")]
    verdicts = _verdicts(run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100)))
    assert verdicts["a"] == NOT_VALIDATED
    assert verdicts["b"] != NOT_VALIDATED


def test_hidden_groups_have_a_verdict_and_no_numbers(found: Findings) -> None:
    table = found.table("verdicts")
    hidden = (table["suppressed"] != SHOWN) & (table["n"] == 0)
    assert hidden.sum() == 10
    assert (table["verdict"][hidden] == NOT_VALIDATED).all()
    assert table["events"][hidden].sum() == 0


def test_plans_are_given_for_every_purpose(found: Findings) -> None:
    figures = found.table("figures")
    plans = {m: v for m, v in zip(figures["metric"], figures["value"], strict=True) if m.startswith("people_for")}
    assert len(plans) == 6
    assert all(np.isfinite(list(plans.values())))
    assert plans["people_for_events"] == 222


def test_a_whole_town_too_small_has_no_plan_and_still_an_audit(make_tally, run_audit) -> None:
    tally: Table = make_tally([(1, 0, 12), (1, 1, 4), (2, 0, 3), (2, 1, 11)])
    findings = run_audit(tally)
    assert set(_verdicts(findings).values()) == {NOT_VALIDATED}
