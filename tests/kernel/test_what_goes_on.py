"""What must go on while a technology is suspended does: a breach is answered, people are counted, a court is served."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from answer_sets import complete
from assessed_toy import NEEDED, TOWN
from authentication import logged_on, send
from court import signed_warrant
from desk import Desk, desk
from divided import desk_of, lived, peopled
from evening import evening
from event_plans import plan_body
from labels import register_in_area
from precinct import WEEK, Precinct, person, precinct
from sensing import a_sensor
from suspending import lift, suspend
from toy import TOY, WellParams
from vaults import plain

import peelian.operations.office
from peelian.catalogues import say_in
from peelian.errors import OutOfOrder, Refused
from peelian.kernel.alarms import event_plans
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import digest_of
from peelian.kernel.records import office_records, sensor_register
from peelian.kernel.verbs import custody
from peelian.operations.backup import back_up, must_be_whole
from peelian.operations.drill.drill import Script, run_drill
from peelian.operations.office import open_office, technologies
from peelian.oversight.assessment import signing
from peelian.oversight.breach import containment, letters
from peelian.oversight.breach.harm import Worksheet
from peelian.oversight.breach.incident import open_incident
from peelian.oversight.breach.protocol import contain_incident, letters_sent, weigh_incident
from peelian.oversight.breach.signals import signals_in
from peelian.oversight.review import people, privileges, sampling, subjects, week
from peelian.oversight.sensors.gate import SensorGate, collect
from peelian.oversight.sensors.warrants import used_of
from peelian.web.app import make_app
from peelian.web.letters import write_letters

CONSOLE = "/en/console"
SAID = "it is being looked at"
SHEET = Worksheet(
    exposure="readable", sensitivity="high", likelihood="medium", mitigation="low",
    why_sensitivity=SAID, why_likelihood=SAID, why_mitigation=SAID,
)  # fmt: skip


def stop_all(town: Desk) -> None:
    """Every technology that the office has, by the board."""
    for technology in town.kernel.technologies:
        suspend(town.kernel, town.people["board"], technology.id)


# ---- acts that have no technology, or answer for one


def breach(at: Precinct) -> None:
    """From the signal to the letters, with people's sessions closed and their records sealed anew."""
    kernel, of = at.desk.kernel, at.desk.people
    held = office_records.hold(kernel, of["clerk"], "interviews", b"what was said")
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), session="s", address="elsewhere")
    (signal,) = signals_in(kernel)
    incident, _ = open_incident(kernel, of["clerk"], signal)
    assert contain_incident(kernel, of["custodian"], incident.id).measures == ("session_ended",)
    assert containment.seal_anew(kernel, of["custodian"], "interviews")
    (anew,) = (one for one, of_what in containment.objects_of(kernel).items() if of_what == "interviews")
    assert anew != held and plain(kernel.stores.vault, anew) == b"what was said"
    weighed = weigh_incident(kernel, of["privacy-officer"], incident.id, SHEET)
    say, contact = (
        say_in("en", ["peelian.pictures", "peelian.web"], strict=True),
        letters.Contact(office="Town", officer="P", reach="+1"),
    )
    (listed, *_) = people.lists_of(kernel).subjects.values()
    for told in (
        letters.personal_notice(weighed, listed, contact, say, str),
        letters.regulator_report(weighed, contact, say, str),
    ):
        assert len(told) > 6
    assert not letters_sent(kernel, of["privacy-officer"], incident.id).untold


def who_accessed(at: Precinct) -> None:
    """Somebody asks who looked at their record, and reads it all: before the suspension and since."""
    looks = [*at.look("anna", person(7)), *at.look("bela", person(7))]
    _, report = subjects.answer(at.desk.kernel, at.desk.people["clerk"], person(7), check="photo_id_seen")
    assert [look.index for look in report.looks] == looks


def access_review(at: Precinct) -> None:
    """Lists, a pledge for a coming week, a drawn week with its outcomes, and the yearly review of rights."""
    kernel, of = at.desk.kernel, at.desk.people
    people.list_staff(kernel, of["custodian"], "person,identifier,surname,gender,left\nanna,S-0,Staff,f,")
    sampling.pledge(kernel, of["auditor"], "2026-W12")
    at.look("anna", person(1), case="")
    at.week_over()
    week.draw_week(kernel, of["auditor"], WEEK)
    items = week.week_review(kernel, WEEK).items
    week.sign_off(kernel, of["auditor"], WEEK, {item.id: ("justified", f"{SAID} {item.id}") for item in items})
    at.desk.clock.days(100)
    unused = [row.person for row in privileges.rights_held(kernel) if row.unused]
    privileges.sign_off(kernel, of["auditor"], dict.fromkeys(unused, "kept"))


OF_RECORDS: dict[str, tuple[Callable[[Precinct], None], set[str]]] = {
    "a breach": (breach, {"INCIDENT", "SESSION_ENDED", "SEALED", "AMENDED"}),
    "who accessed": (who_accessed, {"ACCESSED", "ANSWERED"}),
    "the access review": (access_review, {"PLEDGED", "REVIEWED"}),
}


@pytest.mark.parametrize("what", OF_RECORDS)
def test_what_answers_for_records_of_people_goes_on(what: str) -> None:
    at, (acts, logged) = precinct(10), OF_RECORDS[what]
    stop_all(at.desk)
    begun = len(at.desk.kinds())
    acts(at)
    assert set(at.desk.kinds()[begun:]) >= logged and set(at.desk.kernel.state.suspended) == {"toy"}
    with pytest.raises(Refused, match="suspended"):
        at.desk.ask(TOY.capabilities[0])


def test_an_assessment_is_answered_reviewed_approved_and_signed() -> None:
    """It says why a technology may run again. It makes nothing run while the suspension lasts."""
    town = desk((TOWN,))
    town.authorizations(NEEDED, but=AuthorizationKind.IMPACT_ASSESSMENT)
    stop_all(town)
    officer = town.people["privacy-officer"]
    digest = signing.submit(town.kernel, officer, "toy.*", complete(), ((NEEDED.id, WellParams()),))
    signing.review(town.kernel, town.people["auditor"], digest, qualified_as="faculty", finding=SAID)
    signing.approve(town.kernel, town.people["commander"], digest, reasons="it is needed here")
    signed = signing.sign(town.kernel, officer, digest, purposes=(Purpose.ADVICE,))
    assert signed.body["assessment"] == digest
    with pytest.raises(Refused, match="suspended"):
        town.ask(NEEDED)
    lift(town.kernel, town.people["auditor"], town.people["board"], "toy")
    assert town.ask(NEEDED)


def test_an_office_is_backed_up_drilled_and_given_new_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        town = desk_of(office)
        lived(town)
        stop_all(town)
        kernel, custodian = office.kernel, town.people["custodian"]
        assert containment.rotate_keys(kernel, custodian) >= 1
        proposal = dual_control.propose(kernel, custodian, "rotate_keys", words=SAID)
        step_up.prove(kernel, town.people["board"])
        dual_control.approve(kernel, town.people["board"], proposal)
        step_up.prove(kernel, custodian)
        dual_control.rotate_keys(kernel, custodian, proposal)
        script = Script(scenario="snooping", seed=1, folder=tmp_path / "drills", write=write_letters)
        assert run_drill(office, town.people["privacy-officer"], script).criteria_met
        kinds = town.kinds()
        assert set(kinds[kinds.index("SUSPENDED") :]) >= {"ROTATED", "DRILL_BEGUN", "SELF_TESTED"}
    made = back_up(tmp_path / "office", "custodian", tmp_path / "data", keys=tmp_path / "keys")
    assert made.entries == must_be_whole(tmp_path / "data")
    with open_office(tmp_path / "office") as office:
        assert set(office.kernel.state.suspended) == {"toy"} and office.verdict().ok


# ---- sensors, and people who stand somewhere


@pytest.fixture
def sensing() -> Desk:
    return desk(technologies())


def test_sensors_are_registered_mended_and_ended(sensing: Desk) -> None:
    """A register that stood still would lie about what hangs where."""
    stop_all(sensing)
    kernel, custodian = sensing.kernel, sensing.people["custodian"]
    register_in_area(kernel, sensing.people, a_sensor(ends="2026-12-01"))
    sensor_register.renew(kernel, custodian, "square-1", "2026-12-31")
    sensor_register.update(kernel, custodian, "square-1", firmware="2.1", on="2026-03-01")
    listed = sensor_register.the_register(kernel)["square-1"].sensor
    assert (listed.ends, listed.firmware) == ("2026-12-31", "2.1")
    sensor_register.end(kernel, custodian, "square-1", "removed")
    with pytest.raises(Refused, match="ended"):
        sensor_register.speaking(sensor_register.the_register(kernel), "square-1", kernel.now())


METER = a_sensor(
    id="meter-1", kind="energy_meter", title="Meter of one home", purpose="enforcement", why="Under a warrant only.",
    personal_data=True, format="green-button",
)  # fmt: skip


def warrant(town: Desk, reference: str, meter: str) -> str:
    """A court's warrant for one meter; the digest under which its uses are counted."""
    body: dict[str, Any] = {
        "status": "confirmed", "reference": reference, "cells": "Centre", "sensors": meter, "count": 9,
        "operations": "energy-single-meter",
    }  # fmt: skip
    return digest_of(signed_warrant(town, body, purposes=(Purpose.AUDIT, Purpose.OVERSIGHT)))


def hours(town: Desk, kwh: int) -> bytes:
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


def test_only_the_warrant_that_two_people_excepted_collects(sensing: Desk) -> None:
    """From the line and from a file; of another meter's warrant nothing; and nothing once it is suspended again."""
    kernel, of = sensing.kernel, sensing.people
    for meter in (METER, dataclasses.replace(METER, id="meter-2")):
        register_in_area(kernel, of, meter)
    root, another = warrant(sensing, "2026-17", "meter-1"), warrant(sensing, "2026-18", "meter-2")
    sensing.clock.now += timedelta(hours=4)
    suspend(kernel, of["auditor"], "sensors")
    gate = SensorGate(kernel)
    ways: tuple[Callable[[str], object], ...] = (
        lambda meter: gate.decode(meter, "", hours(sensing, 1)),
        lambda meter: collect(kernel, of["custodian"], meter, hours(sensing, 2)),
    )
    begun = len(sensing.kinds())
    for way in ways:
        for meter in ("meter-1", "meter-2"):
            with pytest.raises(Refused, match="suspended"):
                way(meter)
    assert len(sensing.kinds()) == begun, "nothing was sealed or logged"
    body = {"of": root, "reference": "2026-CR-17"}
    proposal = dual_control.propose(kernel, of["board"], "court_exception", words=SAID, body=body)
    step_up.prove(kernel, of["privacy-officer"])
    dual_control.approve(kernel, of["privacy-officer"], proposal)
    for way in ways:
        assert way("meter-1")
        with pytest.raises(Refused, match="suspended"):
            way("meter-2")
    assert (used_of(kernel, root), used_of(kernel, another)) == (2, 0)
    admitted = [entry for _, entry in kernel.stores.log.read() if entry["kind"] == "ADMITTED"]
    assert admitted[-1]["warrant"] == root
    with pytest.raises((Refused, OutOfOrder), match="suspended"):  # it collects: nobody reads it meanwhile
        custody.looked_into(kernel, of["custodian"], str(admitted[-1]["object"]), str(admitted[-1]["dataset"]))
    lift(kernel, of["auditor"], of["board"], "sensors")
    suspend(kernel, of["board"], "sensors")
    for way in ways:
        with pytest.raises(Refused, match="suspended"):
            way("meter-1")


def test_a_count_by_hand_stands_on_a_wall_that_says_nobody_is_watching() -> None:
    """The technology is suspended in the middle of an evening: the measured level goes, people count at the console,
    and a plan is recorded. The alarm that waits is answered in `test_suspension.py`."""
    town = (e := evening("north")).town
    e.go(8, {"north": (60, 0)})
    e.written()
    client = logged_on(make_app(town.office), town.office, "dispatcher")

    def wall(page: str = "/en/console/wall") -> str:
        return html.unescape(client.get(page).text)

    assert "Level of service" in wall() and "Nobody is watching" not in wall()
    stop_all(town)
    assert "Nobody is watching since" in wall() and "Level of service" not in wall() and "Counted by hand" not in wall()
    assert "Record my count" in wall(CONSOLE)
    for count, full in ((120, False), (900, True)):
        assert send(client, "/en/console/zone/north", people=str(count)).status_code == 303
        for shown in (wall(), wall(CONSOLE)):
            assert re.search(rf"Nobody is watching\. Counted by hand at \d\d:\d\d UTC: {count}\.", shown)
            assert ("At or above capacity" in shown) is full and "480" not in shown
    body = plan_body(name="second", attendance=1_000, thresholds={}, runbooks={}, messages={})
    body |= {"zones": body["zones"][:1], "gates": body["gates"][:1], "starts": e.now.isoformat()}
    body |= {"ends": (e.now + timedelta(hours=9)).isoformat()}
    plan = event_plans.plan_event(town.kernel, town.people["dispatcher"], body)
    event_plans.confirm_plan(town.kernel, town.people["commander"], plan)
    lift(town.kernel, town.people["auditor"], town.people["board"], "crowd")
    assert "Counted by hand" not in wall() and "Nobody is watching" not in wall()
