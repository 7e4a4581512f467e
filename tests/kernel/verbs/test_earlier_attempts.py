"""Windows that a run has scored: a later test of them is a second attempt, and not adopted by lower criteria."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from deciding import read_and_decide
from desk import Desk, desk

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import Attempt, AuthorizationKind, Purpose
from peelian.kernel.model.documents import Evidence
from peelian.kernel.verbs.authorizations import issue, revoke
from peelian.kernel.verbs.earlier_attempts import same_windows, weaker
from peelian.oversight.transparency.register import case_record
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.backtest import BacktestParams
from peelian.web.cases.case import case_report

PARAMS = BacktestParams(
    origins=26, models=("uniform",), offsets=1, category=example.CATEGORY, first_origin="2018-12-31"
)
STRICT = {"min_hit_rate_5": 0.9, "min_origins": 26}
WORDS = {"reasons": "what the weeks have shown", "other_evidence": "document: the figures of the long-run average"}
LOWERED = "criteria_are_not_lowered_after_a_test"


@pytest.fixture
def town() -> Desk:
    return desk()


def criteria(town: Desk, **body: float) -> Any:
    kind, proof = AuthorizationKind.ACCEPTANCE_CRITERIA, (Purpose.PROOF,)
    town.clock.days(1)
    return issue(town.kernel, town.people["board"], kind, serves="mapping.backtest", purposes=proof, days=90, body=body)


def tried(town: Desk, params: BacktestParams = PARAMS, choice: str = "") -> Evidence:
    incidents, areas = example.incidents(), example.areas()
    data = {
        "incidents": town.admit(incidents, (Purpose.PROOF,), "incidents").dataset,
        "areas": town.admit(areas, (Purpose.PROOF,), "areas").dataset,
    }
    analyst = town.people["analyst"]
    permit = verbs.ask(town.kernel, analyst, "mapping.backtest", purpose="proof", params=params, datasets=data)
    evidence, _ = verbs.run(town.kernel, analyst, permit)
    if choice:
        decided(town, evidence, choice)
    return evidence


def decided(town: Desk, evidence: Evidence, choice: str = "adopt") -> Any:
    return read_and_decide(town.kernel, town.people["board"], evidence, choice=choice, **WORDS)


def rules(town: Desk, evidence: Evidence) -> set[str]:
    with pytest.raises(Refused) as refused:
        decided(town, evidence)
    return {reason.rule for reason in refused.value.reasons}


@pytest.mark.parametrize("low", [{"min_hit_rate_5": 0.1, "min_origins": 26}, {"min_origins": 26}])
def test_criteria_lowered_after_a_failed_test_earn_no_report(town: Desk, low: dict[str, float]) -> None:
    criteria(town, **STRICT)
    tried(town, choice="reject")
    criteria(town, **low)
    again = tried(town, replace(PARAMS, model="long_run"))  # another model is no other outcome
    assert rules(town, again) == {LOWERED}
    assert not [e for e in town.kernel.state.authorizations.values() if e.kind is AuthorizationKind.ACCURACY_REPORT]
    decided(town, again, "reject")


def test_criteria_that_were_there_before_do_not_come_back_by_revoking_the_stricter_ones(town: Desk) -> None:
    criteria(town, min_origins=26)
    strict = criteria(town, **STRICT)
    tried(town, choice="reject")
    revoke(town.kernel, town.people["board"], strict)
    assert rules(town, tried(town)) == {LOWERED}


def test_other_weeks_are_judged_by_the_lower_criteria(town: Desk) -> None:
    criteria(town, **STRICT)
    tried(town, choice="reject")
    criteria(town, min_origins=26)
    assert decided(town, tried(town, replace(PARAMS, first_origin="2019-07-01"))).choice == "adopt"


def test_an_earlier_test_is_decided_first(town: Desk) -> None:
    criteria(town, min_origins=26)
    first, second = tried(town), tried(town)
    assert rules(town, second) == {"tests_are_decided_in_turn"}
    decided(town, first, "reject")
    assert decided(town, second).choice == "adopt"


def test_case_register_and_report_tell_the_second_attempt_with_both_results(town: Desk) -> None:
    criteria(town, min_origins=26)
    first = tried(town, choice="reject")
    second = tried(town)
    verbs.publish(town.kernel, town.people["clerk"], decided(town, second))
    report = next(e for e in town.kernel.state.authorizations.values() if e.kind is AuthorizationKind.ACCURACY_REPORT)
    assert (report.body["attempt"], report.body["first_case"]) == (2, first.case)
    assert {"first_criteria_met", "first_bits", "criteria_met", "bits"} <= set(report.body)
    record = case_record(town.kernel, second.case)
    for language, says in (("en", "Second attempt: these weeks"), ("fr", "Deuxième essai")):
        page = case_report(town.office, record, language, public=True)
        assert says in page and first.case in page
    english = case_report(town.office, record, "en", public=True)
    assert "This attempt: Acceptance criteria met: yes" in english
    assert f"Earlier, case {first.case}: Acceptance criteria met: yes" in english
    assert case_record(town.kernel, first.case).attempts == ()


def test_an_undecided_attempt_is_named_without_its_result(town: Desk) -> None:
    criteria(town, min_origins=26)
    first, second = tried(town), tried(town)
    decided(town, second, "reject")
    verbs.publish(town.kernel, town.people["clerk"], verbs_decision(town, second))
    page = case_report(town.office, case_record(town.kernel, second.case), "en", public=True)
    assert f"Earlier, case {first.case}: not decided yet." in page


def verbs_decision(town: Desk, evidence: Evidence) -> Any:
    found = case_record(town.kernel, evidence.case).decision
    assert found is not None
    return found


def attempt(**changes: Any) -> Attempt:
    of = Attempt(
        of="theft", first="2019-01-07", last="2019-03-03", near=(8.0, 50.0), criteria={"min_hits": 0.3}, results={}
    )
    return replace(of, **changes)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"first": "2019-03-03", "last": "2019-05-05"}, True),
        ({"first": "2019-03-04", "last": "2019-05-05"}, False),
        ({"first": "2018-01-01", "last": "2019-01-06"}, False),
        ({"of": "assault"}, False),
        ({"near": (8.4, 50.4)}, True),
        ({"near": (8.0, 50.6)}, False),
        ({"near": (float("nan"), float("nan"))}, True),
    ],
)
def test_windows_are_the_same_by_day_subject_and_ground(changes: dict[str, Any], same: bool) -> None:
    assert same_windows(attempt(), attempt(**changes)) is same is same_windows(attempt(**changes), attempt())


@pytest.mark.parametrize(
    ("before", "now", "low"),
    [
        ({"min_hits": 0.3}, {"min_hits": 0.3}, ()),
        ({"min_hits": 0.3}, {"min_hits": 0.31, "min_n": 5}, ()),
        ({"min_hits": 0.3}, {"min_hits": 0.29}, ("min_hits",)),
        ({"max_error": 0.1}, {"max_error": 0.09}, ()),
        ({"max_error": 0.1}, {"max_error": 0.11}, ("max_error",)),
        ({"min_hits": 0.3, "max_error": 0.1}, {"min_hits": 0.4}, ("max_error",)),
    ],
)
def test_a_criterion_is_weaker_where_it_is_lower_wider_or_gone(
    before: dict[str, float], now: dict[str, float], low: tuple[str, ...]
) -> None:
    assert weaker(attempt(criteria=now), attempt(criteria=before)) == low
