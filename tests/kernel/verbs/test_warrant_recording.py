"""A warrant opens something once its paper is sealed and a second person of another unit confirmed it against that."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from court import a_paper, confirmed, recorded, signed_warrant, stated
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.model.documents import digest_of
from peelian.kernel.model.warrants import root_of
from peelian.kernel.verbs import court_papers, warrant_lifecycle, warrant_recording
from peelian.kernel.verbs.authorizations import revoke
from peelian.operations.office import technologies
from peelian.oversight.sensors.gate import SensorGate, collect
from peelian.oversight.sensors.warrants import warrant_of

METER = a_sensor(
    id="meter-1", kind="energy_meter", title="Meter of one home", purpose="enforcement", why="Under a warrant only.",
    personal_data=True, format="green-button",
)  # fmt: skip
BODY: dict[str, Any] = {
    "status": "confirmed", "reference": "2026-CR-17", "cells": "Centre", "sensors": "meter-1",
    "operations": "energy-single-meter", "count": 5,
}  # fmt: skip
PROVISIONAL = BODY | {"status": "provisional"}


@pytest.fixture(scope="module")
def known() -> Any:
    return technologies()


@pytest.fixture
def town(known: Any) -> Desk:
    made = desk(known)
    register_in_area(made.kernel, made.people, METER)
    return made


@pytest.fixture(scope="module")
def still(known: Any) -> Desk:
    """A town in which nothing of these tests is recorded: each is refused."""
    made = desk(known)
    register_in_area(made.kernel, made.people, METER)
    return made


def hours(town: Desk, kwh: int = 7) -> bytes:
    """One hour of a home as Green Button, just over."""
    start = int(town.kernel.now().timestamp()) // 3600 * 3600 - 3600
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="RetailCustomer/1/UsagePoint/1"/><content>'
        '<UsagePoint xmlns="http://naesb.org/espi"/></content></entry><entry><content>'
        '<ReadingType xmlns="http://naesb.org/espi"><powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom>'
        '</ReadingType></content></entry><entry><content><IntervalBlock xmlns="http://naesb.org/espi">'
        f"<IntervalReading><timePeriod><duration>3600</duration><start>{start}</start></timePeriod>"
        f"<value>{kwh}</value></IntervalReading></IntervalBlock></content></entry></feed>"
    ).encode()


def taken(town: Desk) -> str:
    """An hour later the meter's record is admitted; its dataset."""
    town.clock.now += timedelta(hours=3)
    return collect(town.kernel, town.people["custodian"], "meter-1", hours(town)).dataset


def why_not_used(town: Desk, dataset: str) -> str:
    """What stands against a report of what was collected, that concerns the warrant."""
    use = {"purpose": "audit", "params": town.kernel.capability("sensors.report").asks.params()}
    with pytest.raises(PeelianError) as refused:
        verbs.ask(town.kernel, town.people["analyst"], "sensors.report", **use, datasets={"windows": dataset})
    return str(refused.value)


def test_readings_under_a_warrant_asked_provisional_confirmed_withdrawn_destroyed(town: Desk) -> None:
    kernel, officer = town.kernel, town.people["privacy-officer"]
    with pytest.raises(Refused, match="no valid warrant"):
        taken(town)
    first = recorded(town, PROVISIONAL)
    dataset = taken(town)
    assert "was collected under a provisional warrant" in why_not_used(town, dataset), "collected, sealed and unread"
    order = recorded(town, BODY | {"reference": "2026-CR-18", "provisional": first})
    assert first in kernel.state.authorizations, "what was recorded opens nothing before it is confirmed"
    warrant = confirmed(town, order)
    assert warrant.before == first and warrant.by == town.people["board"].person.token
    assert warrant.body["recorded_by"] == officer.person.token and first not in kernel.state.authorizations
    assert "provisional" not in why_not_used(town, dataset)
    later = taken(town)
    assert kernel.state.collected[root_of(warrant)] == 2, "what was used of the provisional one counts on"
    assert warrant_lifecycle.refuse(kernel, officer, digest_of(warrant), words="the court withdrew it") == 2
    assert {dataset, later} <= set(kernel.state.destroyed) and warrant_of(kernel, METER) is None
    with pytest.raises(Refused, match="no valid warrant"):
        taken(town)
    assert court_papers.read_paper(kernel, officer, str(warrant.body["paper"])).startswith(b"%PDF-")


def test_a_provisional_one_that_the_court_refuses_is_destroyed_unread(town: Desk) -> None:
    first = recorded(town, PROVISIONAL)
    dataset = taken(town)
    refuse = warrant_lifecycle.refuse
    assert refuse(town.kernel, town.people["privacy-officer"], first, words="the court saw no ground") == 1
    assert dataset in town.kernel.state.destroyed and town.opened() == []
    with pytest.raises(Refused, match="Already covered"):
        recorded(town, PROVISIONAL)


def test_48_hours_are_not_renewed_by_another_provisional_warrant(town: Desk) -> None:
    """Else nobody would ever have to ask a court: before one lapses the next is recorded, and so on."""
    first = recorded(town, PROVISIONAL)
    for days in (0, 1.9, 1, 20):
        town.clock.days(days)
        warrant_lifecycle.let_lapse(town.kernel)
        with pytest.raises(Refused) as refused:
            recorded(town, PROVISIONAL | {"reference": "another file"})
        assert [r.rule for r in refused.value.reasons] == ["a_provisional_warrant_is_not_renewed"]
    assert first not in town.kernel.state.authorizations
    confirmed(town, recorded(town, BODY))  # the court's own warrant is always recorded
    town.clock.days(10)
    recorded(town, PROVISIONAL)  # another month, another matter


def test_one_that_ends_by_its_paper_opens_nothing_after_its_last_day(town: Desk) -> None:
    ends = (town.kernel.now() + timedelta(days=2)).date().isoformat()
    warrant = confirmed(town, recorded(town, BODY, ends=ends))
    assert warrant.ends == f"{(town.kernel.now() + timedelta(days=3)).date().isoformat()}T00:00:00+00:00"
    assert warrant_of(town.kernel, METER)
    town.clock.days(3)
    assert warrant_of(town.kernel, METER) is None


def test_the_court_may_let_what_was_collected_stay(town: Desk) -> None:
    warrant = confirmed(town, recorded(town, BODY))
    dataset = taken(town)
    revoke(town.kernel, town.people["privacy-officer"], warrant)
    assert dataset in town.kernel.state.datasets and warrant_of(town.kernel, METER) is None


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "without paper": ({"paper": ""}, "not sealed here"),
    "with a paper nobody sealed": ({"paper": "ab" * 32}, "not sealed here"),
    "with a paper that is no digest": ({"paper": "x"}, "not sealed here"),
    "for a sensor that is not registered": ({"sensors": "meter-1, meter-9"}, "sensor that is not registered"),
    "for a place that is not registered": ({"cells": "Nowhere"}, "place that is not registered"),
    "of the future": ({"issued": "2026-03-03", "ends": "2026-03-20"}, "issued in the future"),
    "without a day": ({"issued": "yesterday"}, "not a day"),
    "without an end": ({"ends": ""}, "not a day"),
    "that has ended": ({"issued": "2026-01-20", "ends": "2026-03-01"}, "has ended"),
    "that ends before it was issued": ({"ends": "2026-02-01"}, "ends before"),
    "longer than its law": ({"ends": "2036-03-01"}, "longer than the law allows"),
    "a day longer than its law": ({"ends": "2026-05-02"}, "longer than the law allows"),
    "with more uses than its law": ({"count": 10_001}, "1 to 10,000"),
    "without a court": ({"court": " "}, "missing on the warrant"),
    "without a judge": ({"judge": ""}, "missing on the warrant"),
    "without a file number": ({"reference": ""}, "no reference"),
    "with a file number of many lines": ({"reference": "a\nb"}, "not printable"),
    "with a court that never ends": ({"court": "x" * 201}, "too long"),
    "with another fact": ({"judgement": "good"}, "not a fact of a warrant"),
    "without a status": ({"status": "perhaps"}, "no status"),
    "provisional without urgency": ({"status": "provisional", "urgency": ""}, "missing on the warrant"),
    "provisional with a word for it": ({"status": "provisional", "urgency": "urgent"}, "no reason for the urgency"),
    "going on from nothing": ({"provisional": "cd" * 32}, "no valid provisional"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_warrant_that_its_paper_or_its_law_does_not_bear_is_not_recorded(still: Desk, name: str) -> None:
    change, says = WRONG[name]
    with pytest.raises((InputError, OutOfOrder, Refused), match=says):
        recorded(still, BODY, **change)
    assert not warrant_recording.unconfirmed_warrants(still.kernel) and warrant_of(still.kernel, METER) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "not the file"), (b"x", "not the file"), (b"<html>", "not the file"), (b"%PDF-" * (2 << 20), "too large")],
)
def test_what_is_no_paper_is_not_sealed(still: Desk, content: bytes, says: str) -> None:
    before = still.kinds().count("SEALED")
    with pytest.raises(InputError, match=says):
        court_papers.seal_paper(still.kernel, still.people["privacy-officer"], content)
    assert still.kinds().count("SEALED") == before


def test_a_paper_is_one_warrant_whether_it_waits_or_was_confirmed(town: Desk) -> None:
    order = recorded(town, BODY)
    paper = {"paper": town.kernel.state.dual_control.proposals[order].body["paper"]}
    with pytest.raises(OutOfOrder, match="recorded already"):
        recorded(town, BODY, **paper)
    confirmed(town, order)
    with pytest.raises(OutOfOrder, match="recorded already"):
        recorded(town, BODY, **paper)
    with pytest.raises(OutOfOrder, match="already approved"):
        confirmed(town, order)


def test_an_order_that_is_scanned_again_is_the_same_warrant(town: Desk) -> None:
    """Else its number of uses would begin anew with each scan."""
    first = confirmed(town, recorded(town, BODY))
    spelled = {"reference": " 2026-cr-17", "court": "superior  Court"}
    with pytest.raises(OutOfOrder, match="recorded already"):
        recorded(town, BODY, **spelled)
    taken(town)
    revoke(town.kernel, town.people["privacy-officer"], first)
    with pytest.raises(OutOfOrder, match="recorded already"):
        recorded(town, BODY, **spelled)
    yesterday = (town.kernel.now().date() - timedelta(days=1)).isoformat()
    for change in ({"reference": "2026-CR-18"}, {"issued": yesterday}, {"court": "Court of Appeal"}):
        recorded(town, BODY, **change)


def test_one_that_was_revoked_unused_is_recorded_again_and_one_that_a_court_withdrew_is_not(town: Desk) -> None:
    kernel, officer = town.kernel, town.people["privacy-officer"]
    wrong = confirmed(town, recorded(town, BODY, count=50))
    revoke(kernel, officer, wrong)
    paper = {"paper": wrong.body["paper"]}
    right = confirmed(town, recorded(town, BODY, **paper))
    warrant_lifecycle.refuse(kernel, officer, digest_of(right), words="the court withdrew it")
    for change in (paper, {}):
        with pytest.raises(OutOfOrder, match="refused or withdrew"):
            recorded(town, BODY, **change)


def test_who_recorded_it_and_their_unit_are_no_second(town: Desk) -> None:
    two = {"by": town.people["custodian"], "second": town.people["board"]}
    unit = town.people["privacy-officer"].person.unit
    town.people["colleague"] = town.office.enrol(
        "colleague", name="Colleague", unit=unit, roles={Role.PRIVACY_OFFICER}, **two
    )
    order = recorded(town, BODY)
    for short in ("privacy-officer", "colleague"):
        with pytest.raises(Refused):
            confirmed(town, order, second=short)
    for short in ("council", "auditor", "custodian", "clerk"):
        with pytest.raises(Refused):
            confirmed(town, order, second=short)
    assert warrant_of(town.kernel, METER) is None
    confirmed(town, order)
    assert warrant_of(town.kernel, METER)


def test_the_second_person_has_read_the_paper_since_it_was_recorded(town: Desk) -> None:
    kernel, board = town.kernel, town.people["board"]
    paper = court_papers.seal_paper(kernel, town.people["privacy-officer"], a_paper())
    court_papers.read_paper(kernel, board, paper)  # before anything was stated of it
    order = recorded(town, BODY, paper=paper)
    step_up.prove(kernel, board)
    with pytest.raises(OutOfOrder, match="Read the court's paper first"):
        warrant_recording.confirm(kernel, board, order, reference=BODY["reference"])
    with pytest.raises(OutOfOrder, match="Read the court's paper"):
        dual_control.approve(kernel, board, order)
    court_papers.read_paper(kernel, board, paper)
    with pytest.raises(InputError, match="not the file number"):
        warrant_recording.confirm(kernel, board, order, reference="2026-CR-18")
    assert warrant_of(kernel, METER) is None
    assert warrant_recording.confirm(kernel, board, order, reference=" 2026-cr-17 ").body["paper"] == paper


def test_a_proposal_made_past_the_checks_is_checked_when_it_is_confirmed(town: Desk) -> None:
    """Whoever may propose something else may not record a warrant; what the paper does not bear is not confirmed."""
    kernel, officer = town.kernel, town.people["privacy-officer"]
    paper = {"paper": court_papers.seal_paper(kernel, officer, a_paper())}
    for who, change, says in (
        ("custodian", {}, "no longer holds the role"),
        ("privacy-officer", {"recorded_by": town.people["clerk"].person.token}, "no longer holds the role"),
        ("privacy-officer", {"count": 1_000_000}, "1 to 10,000"),
        ("privacy-officer", {"sensors": "meter-9"}, "sensor that is not registered"),
    ):
        by = town.people[who]
        more = {"recorded_by": by.person.token, "serves": "sensors.*", "purposes": "audit", **paper, **change}
        order = dual_control.propose(kernel, by, "warrant", words="as it says", body=stated(kernel, BODY, **more))
        with pytest.raises(PeelianError, match=says):
            confirmed(town, order)
    assert warrant_of(kernel, METER) is None
    empty = dual_control.propose(kernel, officer, "warrant", words="as it says")
    step_up.prove(kernel, town.people["board"])
    with pytest.raises(OutOfOrder, match="no longer holds the role"):
        warrant_recording.confirm(kernel, town.people["board"], empty, reference=BODY["reference"])
    other = dual_control.propose(kernel, officer, "rotate_keys", words="a new key now")
    step_up.prove(kernel, town.people["board"])
    with pytest.raises(OutOfOrder, match="about no warrant"):
        warrant_recording.confirm(kernel, town.people["board"], other, reference=BODY["reference"])


def test_an_order_is_about_its_own_provisional_warrant_and_comes_within_48_hours(town: Desk) -> None:
    first = recorded(town, PROVISIONAL)
    register_in_area(town.kernel, town.people, dataclasses.replace(METER, id="meter-2"))
    with pytest.raises(OutOfOrder, match="another scope"):
        recorded(town, BODY, provisional=first, sensors="meter-2")
    order = recorded(town, BODY, provisional=first)
    town.clock.days(2)
    with pytest.raises(OutOfOrder, match="48 hours have passed"):
        confirmed(town, order)
    assert warrant_lifecycle.let_lapse(town.kernel) == 0 and first not in town.kernel.state.authorizations
    with pytest.raises(OutOfOrder, match="no valid provisional"):
        confirmed(town, order)


def test_the_paper_of_an_earlier_versions_warrant_is_added_by_two_people(town: Desk) -> None:
    """It stays readable and opens nothing: neither alone nor by what its words say."""
    old = signed_warrant(town, BODY | {"paper": "", "judge": "", "court": ""})
    assert warrant_of(town.kernel, METER) is None
    confirmed(town, recorded(town, BODY, provisional=digest_of(old)))
    opened = warrant_of(town.kernel, METER)
    assert opened and opened.root == root_of(old)
    with pytest.raises(OutOfOrder, match="confirmed already"):
        recorded(town, BODY, provisional=digest_of(opened.authorization))


def test_papers_are_opened_by_those_who_may_and_each_time_in_the_log(town: Desk) -> None:
    kernel, officer = town.kernel, town.people["privacy-officer"]
    content = a_paper()
    paper = court_papers.seal_paper(kernel, officer, content)
    assert court_papers.seal_paper(kernel, officer, content) == paper and town.kinds().count("SEALED") == 1
    for short in ("privacy-officer", "board"):
        assert court_papers.read_paper(kernel, town.people[short], paper) == content
    assert town.kinds().count("OPENED") == 2
    for short in ("custodian", "clerk", "analyst", "commander", "auditor"):
        with pytest.raises(Refused):
            court_papers.read_paper(kernel, town.people[short], paper)
    with pytest.raises(InputError, match="no court paper"):
        court_papers.read_paper(kernel, officer, "cd" * 32)
    with pytest.raises(Refused):
        court_papers.seal_paper(kernel, town.people["clerk"], content)
    assert town.kinds().count("OPENED") == 2


def test_one_persons_signature_under_a_confirmed_warrant_opens_nothing(town: Desk) -> None:
    """Whoever gets a warrant signed past the verbs has still only one person: the policy looks at both names."""
    board = town.people["board"].person.token
    made = signed_warrant(town, BODY, purposes=(Purpose.AUDIT,))
    assert warrant_of(town.kernel, METER)
    state = town.kernel.state.authorizations
    alone = dataclasses.replace(made, body={**made.body, "recorded_by": board})
    alone = dataclasses.replace(alone, signature=town.people["board"].sign(digest_of(alone).encode()).hex())
    state.put(digest_of(made), alone)
    assert alone.kind is AuthorizationKind.WARRANT and warrant_of(town.kernel, METER) is None
    with pytest.raises(Refused, match="no warrant"):
        SensorGate(town.kernel).decode("meter-1", "", hours(town))
