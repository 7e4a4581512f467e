"""What a use would need is told before anybody asks; settings are offered where all their authorizations hold."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from suspending import suspend
from toy import COUNT, PROVE, TOY

from peelian.kernel.model.capability import AuthorizationKind
from peelian.operations.technology_folders import technologies
from peelian.oversight.assessment.readiness import Readiness, readiness


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def seen(town: Desk, name: str = COUNT.id, who: str = "analyst") -> Readiness:
    size = town.kernel.stores.log.size()
    found = readiness(town.kernel, [town.kernel.capability(name)], town.people[who].person)[name]
    assert town.kernel.stores.log.size() == size, "nothing of it is logged"
    return found


def wells(town: Desk) -> None:
    town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells")


def test_every_reason_is_told_with_its_remedy_and_the_data_nobody_admitted(town: Desk) -> None:
    found = seen(town)
    assert not found.ready and [read.role for read in found.missing] == ["wells"] and not found.proven
    assert ["council approval" in r.says or "accuracy report" in r.says for r in found.reasons] == [True, True]
    assert all(reason.remedy for reason in found.reasons) and found.kind is AuthorizationKind.ACCURACY_REPORT


def test_it_is_ready_until_the_first_authorization_ends_and_a_permit_says_the_same(town: Desk) -> None:
    wells(town)
    town.authorization(AuthorizationKind.COUNCIL_APPROVAL, COUNT, days=9)
    town.authorization(AuthorizationKind.ACCURACY_REPORT, COUNT, {"deepest": 12})
    found = seen(town)
    assert found.ready and found.bound == ("deepest",)
    [proven] = found.proven
    assert proven.params == {"deepest": 12}
    assert {one.kind for one in proven.held} == {need.kind for need in COUNT.needs}
    assert proven.until == next(one.ends for one in proven.held if one.kind is AuthorizationKind.COUNCIL_APPROVAL)
    permit = town.ask(COUNT, params=COUNT.asks.params(**proven.params))
    assert len(permit.authorizations) == 2
    town.clock.days(10)
    later = seen(town)
    assert not later.ready and not later.proven and [one.params for one in later.short] == [{"deepest": 12}]
    assert "expired" in later.reasons[0].says


def test_each_setting_is_offered_once_the_newest_first(town: Desk) -> None:
    wells(town)
    town.authorization(AuthorizationKind.COUNCIL_APPROVAL, COUNT)
    for deepest in (12, 30, 12):
        town.authorization(AuthorizationKind.ACCURACY_REPORT, COUNT, {"deepest": deepest})
    assert [one.params["deepest"] for one in seen(town).proven] == [12, 30]


def test_a_suspended_technology_and_the_wrong_role_are_reasons(town: Desk) -> None:
    wells(town)
    town.authorizations(COUNT)
    assert seen(town).ready
    assert "role" in seen(town, who="clerk").reasons[0].says
    suspend(town.kernel, town.people["board"], "toy")
    assert "suspended" in seen(town).reasons[0].says
    assert seen(town, PROVE.id).bound == ()


def test_the_settings_of_a_forecast_are_read_from_its_report_with_its_shifts() -> None:
    town = desk(tuple(t for t in technologies() if t.id == "mapping"))
    forecast = town.kernel.capability("mapping.forecast")
    town.authorizations(forecast)
    example = forecast.arithmetic().example()
    for role, dataset in example.datasets.items():
        town.admit(dataset, forecast.asks.purposes, role)
    found = seen(town, forecast.id)
    [proven] = found.proven
    assert found.ready and proven.params == {name: getattr(example.params, name) for name in found.bound}
    assert "shifts" in found.bound and proven.params["shifts"]
