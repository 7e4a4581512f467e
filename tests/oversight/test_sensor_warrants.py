"""A single home's record opens by the policy's answer only: Cedar and a second policy written in Python agree on it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from court import signed_warrant
from desk import Desk, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from labels import register_in_area
from rules_oracle import authorizations_for
from sensing import a_sensor

from peelian.errors import Refused
from peelian.integrations.cedar_engine import CedarEngine
from peelian.kernel.model.capability import AuthorizationKind, Need, Purpose
from peelian.kernel.model.documents import Authorization, digest_of
from peelian.kernel.model.policy_port import Use
from peelian.kernel.verbs import authorizations
from peelian.operations.office import technologies
from peelian.oversight.sensors.gate import SensorGate
from peelian.oversight.sensors.warrants import Warrants, used_of, warrant_of

METER = a_sensor(
    id="meter-1",
    kind="energy_meter",
    title="Meter of one home",
    owner="Utility",
    contact="utility@town.invalid",
    purpose="enforcement",
    why="Under a warrant only.",
    personal_data=True,
    format="green-button",
)
BODY: dict[str, Any] = {
    "status": "confirmed",
    "reference": "2026-17",
    "cells": "Centre",
    "sensors": "meter-1",
    "operations": "energy-single-meter",
    "count": 3,
}


@pytest.fixture(scope="module")
def known() -> Any:
    return technologies()


@pytest.fixture(scope="module")
def oracle_town(known: Any) -> Desk:
    return desk(known)


@pytest.fixture
def town(known: Any) -> Desk:
    made = desk(known)
    register_in_area(made.kernel, made.people, METER)
    return made


def warrant(town: Desk, days: int = 30, purposes: Any = (Purpose.AUDIT, Purpose.OVERSIGHT), **change: Any) -> Any:
    body = BODY | change
    return signed_warrant(town, body, serves=body.pop("serves", "sensors.*"), purposes=purposes, days=days)


def test_the_policy_is_asked_about_the_warrants_that_name_the_sensor_only(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = warrant(town, sensors="meter-0, meter-1 ,meter-12")
    for n in (0, 10, 11, *range(2, 9)):
        warrant(town, sensors=f"meter-{n}")
    asked: list[str] = []
    judge = CedarEngine.forbidden_by
    monkeypatch.setattr(
        CedarEngine, "forbidden_by", lambda engine, *given: asked.append(given[0].of[1]) or judge(engine, *given)
    )
    opened = warrant_of(town.kernel, METER)
    assert opened and opened.authorization == mine and asked == [digest_of(mine)] * 2  # once for each purpose


def test_the_policy_opens_it_for_the_purposes_the_warrant_serves(town: Desk) -> None:
    assert warrant_of(town.kernel, METER) is None
    warrant(town, purposes=(Purpose.OVERSIGHT,))
    opened = warrant_of(town.kernel, METER)
    assert opened and opened.purposes == ("oversight",) and opened.scope.sensors == {"meter-1"}
    assert warrant_of(town.kernel, dataclasses.replace(METER, area="North")) is None
    assert warrant_of(town.kernel, METER, n=3) and warrant_of(town.kernel, METER, n=4) is None, "the count is three"
    now = town.kernel.now()
    assert warrant_of(town.kernel, METER, [now, now + timedelta(hours=1)])
    assert warrant_of(town.kernel, METER, [now - timedelta(hours=1), now]) is None, "from before it began"
    assert warrant_of(town.kernel, METER, [now, now + timedelta(days=31)]) is None


def test_what_was_collected_is_counted_in_the_state_and_uses_it_up(town: Desk) -> None:
    warrant(town)
    opened = warrant_of(town.kernel, METER)
    assert opened and used_of(town.kernel, opened.root) == 0
    town.kernel.append("COLLECTED", warrant=opened.root, sensor="meter-1", readings=2)
    assert used_of(town.kernel, opened.root) == 2 and warrant_of(town.kernel, METER) is not None
    town.kernel.append("STARTED", case="c", before="0" * 64, warrant=opened.root)  # runs are counted by themselves
    assert warrant_of(town.kernel, METER, n=2) is None
    town.kernel.append("COLLECTED", warrant=opened.root, sensor="meter-1", readings=1)
    assert warrant_of(town.kernel, METER) is None


def test_a_authorization_that_nobody_may_issue_or_that_was_altered_opens_nothing(town: Desk) -> None:
    authorization = warrant(town)
    authorizations = town.kernel.state.authorizations
    (digest,) = [m for m, p in authorizations.items() if p.kind is AuthorizationKind.WARRANT]
    altered = dataclasses.replace(authorization, body={**authorization.body, "sensors": "meter-1,meter-2"})
    authorizations.put(digest, altered)
    assert warrant_of(town.kernel, METER) is None, "its signature is of other words"
    authorizations.put(digest, dataclasses.replace(authorization, by=town.people["analyst"].person.token))
    assert warrant_of(town.kernel, METER) is None, "an analyst issues no warrant"
    authorizations.put(digest, authorization)
    assert warrant_of(town.kernel, METER)


def test_an_answer_is_believed_until_something_changes(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    policy = town.kernel.policy
    found = type(policy).authorizations
    monkeypatch.setattr(
        type(policy), "authorizations", lambda self, need, use: asked.append(1) or found(self, need, use)
    )
    warrants = Warrants(town.kernel)
    warrant(town)
    first = [warrants.of(METER) for _ in range(50)]
    assert first[0] and len(asked) == 2, "once for each purpose"
    authorization = next(p for p in town.kernel.state.authorizations.values() if p.kind is AuthorizationKind.WARRANT)
    authorizations.revoke(town.kernel, town.people["privacy-officer"], authorization)
    assert warrants.of(METER) is None
    warrant(town, status="provisional", days=2)
    assert warrants.of(METER)
    town.clock.days(2)
    assert warrants.of(METER) is None, "48 hours are over"


def test_the_gate_says_no_where_the_policy_says_no(town: Desk) -> None:
    warrant(town, operations="something-else")
    with pytest.raises(Refused, match="no warrant"):
        SensorGate(town.kernel).decode("meter-1", "", _home(town))


def _home(town: Desk) -> bytes:
    start = int(town.kernel.now().timestamp()) // 3600 * 3600 + 3600
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="RetailCustomer/1/UsagePoint/1"/><content>'
        '<UsagePoint xmlns="http://naesb.org/espi"/></content></entry><entry><content>'
        '<ReadingType xmlns="http://naesb.org/espi"><powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom>'
        '</ReadingType></content></entry><entry><content><IntervalBlock xmlns="http://naesb.org/espi">'
        f"<IntervalReading><timePeriod><duration>3600</duration><start>{start}</start></timePeriod><value>1</value>"
        "</IntervalReading></IntervalBlock></content></entry></feed>"
    ).encode()


class Second:
    """The policy written a second time, asked for authorizations."""

    def authorizations(self, need: Need, use: Use) -> list[Authorization]:
        return authorizations_for(need, use)


bodies = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["confirmed", "provisional"]),
        "cells": st.sampled_from(["Centre", "North", "North, Centre"]),
        "sensors": st.sampled_from(["meter-1", "meter-2", "meter-2,meter-1"]),
        "operations": st.sampled_from(["energy-single-meter", "audio", "energy-single-meter, audio"]),
        "count": st.integers(1, 4),
        "serves": st.sampled_from(["sensors.*", "sensors.report", "footage.*"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(bodies, st.integers(0, 4), st.integers(1, 3), st.integers(-24, 96))
def test_cedar_and_the_second_policy_open_the_same(oracle_town: Desk, body: Any, used: int, n: int, hours: int) -> None:
    town = oracle_town
    for digest in list(town.kernel.state.authorizations):
        town.kernel.state.authorizations.drop(digest)
    provisional = body["status"] == "provisional"
    authorization = warrant(town, days=2 if provisional else 3, **body)
    if used:
        town.kernel.append("COLLECTED", warrant=digest_of(authorization), sensor="meter-1", readings=used)
    at = [town.kernel.now() + timedelta(hours=hours)]
    by_cedar = warrant_of(town.kernel, METER, at, n)
    second = dataclasses.replace(town.kernel, policy=Second())  # type: ignore[arg-type]  # asked for authorizations only
    by_hand = warrant_of(second, METER, at, n)
    assert (by_cedar and by_cedar.root) == (by_hand and by_hand.root)
    plainly = (
        "Centre" in body["cells"]
        and "meter-1" in body["sensors"]
        and "energy" in body["operations"]
        and body["serves"] in ("sensors.*", "sensors.report")
        and used + n <= body["count"]
        and 0 <= hours < 24 * (2 if provisional else 3)
    )
    assert bool(by_cedar) == (plainly and body["operations"] == "energy-single-meter")
