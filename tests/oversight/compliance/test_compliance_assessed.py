"""What the office shows of its assessments: complete, recomputed, unchanged, reviewed, approved, explained."""

from __future__ import annotations

import pytest
from desk import Desk, desk

from peelian.demos.assessment import assessed as walked
from peelian.kernel.policy import assessment_fingerprint
from peelian.oversight.compliance.standing import CHECKS

NAMES = ("assessed", "recomputed", "unchanged", "peers", "approved", "explained", "noticed", "groups")


@pytest.fixture(scope="module")
def town() -> Desk:
    made = desk()
    walk(made, "mapping.forecast", purpose="advice")
    return made


def walk(made: Desk, use: str, *, purpose: str) -> None:
    seats = {**made.people, "privacy": made.people["privacy-officer"]}
    params = made.kernel.capability(use).arithmetic().example().params
    walked(made.office, seats, use.partition(".")[0], uses=((use, params),), purposes=(purpose,))


@pytest.mark.parametrize("name", NAMES)
def test_a_signed_assessment_is_shown_and_an_office_without_one_shows_nothing(town: Desk, name: str) -> None:
    assert [proof.holds for proof in CHECKS[name](town.kernel)] == [True]
    assert list(CHECKS[name](desk().kernel)) == []


def test_a_change_since_the_assessment_speaks_against(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessment_fingerprint, "__version__", "99.0")
    (proof,) = CHECKS["unchanged"](town.kernel)
    assert not proof.holds and "Uses are blocked" in proof.says


def test_a_use_that_was_never_assessed_speaks_against() -> None:
    made = desk()
    forecast = made.kernel.capability("mapping.forecast")
    made.authorizations(forecast)  # an authorization that no answers stand behind
    made.ask(forecast)
    (proof,) = CHECKS["assessed"](made.kernel)
    assert not proof.holds and proof.values["name"] == "mapping.forecast"


def test_what_is_used_and_needs_no_assessment_is_named_beside_those_assessed(town: Desk) -> None:
    (one,) = CHECKS["assessed"](town.kernel)
    town.ask(town.kernel.capability("risk.plan"))
    assert [(proof.holds, proof.values["serves"]) for proof in CHECKS["assessed"](town.kernel)] == [
        (True, one.values["serves"]),
        (True, "risk.*"),
    ]
    assert {proof.values["serves"] for proof in CHECKS["recomputed"](town.kernel)} == {one.values["serves"]}


def test_what_was_assessed_all_the_same_is_not_said_to_need_none() -> None:
    made = desk()
    walk(made, "footage.redact", purpose="disclosure")
    made.ask(made.kernel.capability("footage.activation"))
    (proof,) = CHECKS["assessed"](made.kernel)
    assert "complete and signed" in proof.says and proof.values["serves"] == "footage.*"
