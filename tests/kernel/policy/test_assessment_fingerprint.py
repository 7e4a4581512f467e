"""The digest of what was assessed changes with version, declaration and settings, and then the gate closes."""

from __future__ import annotations

import dataclasses

import pytest
from assessed_toy import NEEDED, TOWN
from changed import changed
from desk import Desk, desk
from toy import COUNT, TOY, WellParams

from peelian import __version__
from peelian.errors import Refused
from peelian.integrations.cedar_engine import open_policies
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.policy import assessment_fingerprint
from peelian.kernel.policy.assessment_fingerprint import assessed_digest, body_key, is_assessed, settings_of
from peelian.kernel.policy.authorizer import Authorizer
from peelian.kernel.verbs import authorizations


def town() -> Desk:
    return desk((TOWN,))


def test_only_what_its_authorizations_cover_counts_as_a_setting() -> None:
    assert settings_of(NEEDED, WellParams(deepest=7)) == {"deepest": 7}
    assert settings_of(TOY.capabilities[0], WellParams(deepest=7)) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"purposes": frozenset({Purpose.ADVICE, Purpose.SAFETY})},
        {"askers": frozenset({Role.ANALYST, Role.CLERK})},
        {"deciders": frozenset({Role.BOARD})},
        {"reads": ()},
        {"emits": ()},
        {"choices": ("accept",)},
        {"days": 30},
        {"runs": 5},
        {"needs": COUNT.needs},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_declared_change_is_another_digest(change: dict[str, object]) -> None:
    params = WellParams()
    assert assessed_digest(changed(NEEDED, **change), params) != assessed_digest(NEEDED, params)


def test_another_version_is_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = assessed_digest(NEEDED, WellParams())
    monkeypatch.setattr(assessment_fingerprint, "__version__", "99.0")
    assert assessed_digest(NEEDED, WellParams()) != before


def test_one_assessment_may_name_several_settings() -> None:
    digests = [assessed_digest(NEEDED, WellParams(deepest=n)) for n in (3, 4)]
    body = {body_key(NEEDED.id): " ".join(digests)}
    assert [is_assessed(NEEDED, WellParams(deepest=n), body) for n in (3, 4, 5)] == [True, True, False]
    assert not is_assessed(NEEDED, WellParams(deepest=3), {})


def test_the_gate_closes_when_the_settings_change_and_the_reason_says_so() -> None:
    open_town = town()
    open_town.authorizations(NEEDED)
    open_town.authorization(AuthorizationKind.ACCURACY_REPORT, NEEDED, {"deepest": 31})
    assert open_town.ask(NEEDED)
    with pytest.raises(Refused) as refused:
        open_town.ask(NEEDED, params=WellParams(deepest=31))
    assert [r.says for r in refused.value.reasons] == [
        "impact assessment not valid for toy.count (assessed for another version or settings, "
        "Deepest well counted: 31 m, not 30 m as authorized)"
    ]
    assert "peelian assess" in refused.value.reasons[0].remedy


def test_a_report_of_other_settings_is_refused_by_the_setting_and_both_values() -> None:
    open_town = town()
    open_town.authorizations(NEEDED, but=AuthorizationKind.ACCURACY_REPORT)
    open_town.authorization(AuthorizationKind.ACCURACY_REPORT, NEEDED, {"deepest": 31})
    with pytest.raises(Refused) as refused:
        open_town.ask(NEEDED)
    assert "(scope does not match, Deepest well counted: 30 m, not 31 m as authorized)" in refused.value.reasons[0].says


def test_a_permit_given_before_a_change_is_not_run_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    open_town = town()
    open_town.authorizations(NEEDED)
    permit = open_town.ask(NEEDED)
    monkeypatch.setattr(assessment_fingerprint, "__version__", "99.0")
    started_anew = dataclasses.replace(open_town.kernel, policy=Authorizer(engine=open_policies()))
    with pytest.raises(Refused) as refused:
        verbs.run(started_anew, open_town.people["analyst"], permit)
    assert f"program version: 99.0, not {__version__} as authorized" in refused.value.reasons[0].says
    assert "OPENED" not in open_town.kinds()


def test_an_assessment_typed_in_by_hand_is_refused() -> None:
    with pytest.raises(Refused):
        authorizations.issue(
            town().kernel,
            town().people["privacy-officer"],
            AuthorizationKind.IMPACT_ASSESSMENT,
            serves="toy.count",
            purposes=(Purpose.ADVICE,),
            days=3,
            body={"level": 1},
        )
