"""What a suspension stops and what goes on: the table of the page, of the code and of the doors, and each row of it."""

from __future__ import annotations

import dataclasses
import importlib
import io
import pkgutil
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from boxes import BOXES, CONTENT, SHORTEN
from deciding import read_and_decide
from desk import Desk, declared, desk
from divided import lived
from event_plans import plan_body
from hypothesis import given, settings
from hypothesis import strategies as st
from labels import register_in_area
from sensing import a_sensor
from suspending import lift, suspend
from toy import COUNT, TOY
from watched import asker, stood

import peelian
import peelian.oversight.doors as of_oversight
from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.alarms import event_plans, operator_desk, watch, zone_count
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.model.documents import Decision
from peelian.kernel.model.doors import Suspended
from peelian.kernel.model.suspension import ACTS_BY_ROW, REASONS, Why
from peelian.kernel.records import office_records, sensor_register
from peelian.kernel.retention import retention
from peelian.kernel.state.acts import ACTS
from peelian.kernel.verbs import authorizations, bulk_export, correction, custody, delivery, evidence, export
from peelian.kernel.verbs.doors import DOORS
from peelian.operations.office import technologies
from peelian.oversight.assessment import tools
from peelian.oversight.breach import containment
from peelian.oversight.review import subjects
from peelian.oversight.sensors.gate import SensorGate
from peelian.oversight.transparency.entries import exported

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
ROW = re.compile(r"^\| (.+) \| (stops|goes on) \|$", re.MULTILINE)
WORDS = {"reasons": "it fits the area", "other_evidence": "document: the records of the works"}
OF_TESTS = "verbs.authorizations.sign_authorization"  # an act in tests alone
TEXT = "the cause is not known yet"


def test_the_page_shows_the_table_of_the_code() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## What a suspension stops and what goes on")[2]
    section = section.partition("\n## ")[0]
    assert ROW.findall(section) == [(row.says, "goes on" if row.goes_on else "stops") for row in ACTS_BY_ROW]


def test_every_act_is_in_the_table_and_only_decisions_and_duties_are_in_both_halves() -> None:
    for module in pkgutil.walk_packages(peelian.__path__, "peelian."):
        if module.name.startswith(("peelian.kernel.", "peelian.oversight.")):
            importlib.import_module(module.name)
    named = {name for row in ACTS_BY_ROW for name in row.acts}
    acts = [name.removeprefix("peelian.") for name in ACTS if name.startswith("peelian.")]
    assert named == {name.removeprefix("kernel.") for name in acts} - {OF_TESTS}
    stops, goes_on = ({name for row in ACTS_BY_ROW if row.goes_on is on for name in row.acts} for on in (False, True))
    assert stops & goes_on == {"verbs.decision.decide", "verbs.custody.looked_into"}


def test_the_table_and_the_doors_of_the_acts_say_the_same() -> None:
    doors = {door.name: door.suspended for door in DOORS}
    doors |= {f"oversight.{door.name}": door.suspended for door in of_oversight.DOORS}
    goes_on = {name for row in ACTS_BY_ROW if row.goes_on for name in row.acts}
    assert {
        name for name, said in doors.items() if said in (Suspended.GOES_ON, Suspended.ANY, Suspended.LOOKS)
    } == goes_on - {
        "verbs.decision.decide",
        "verbs.custody.looked_into",
    }


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((Refused, OutOfOrder)) as error:
        act()
    assert "suspended" in str(error.value), error.value
    return str(error.value)


def opens_box(town: Desk, content: bytes = CONTENT) -> Any:
    given = declared("disclosure")
    return custody.keep(town.kernel, town.people["clerk"], given, io.BytesIO(content), format=BOXES.formats()[0].id)


@pytest.fixture
def town() -> Desk:
    return desk((TOY, BOXES))


def test_what_stops_stops(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    ran, _ = verbs.run(kernel, people["analyst"], town.ask(COUNT))
    decided = read_and_decide(kernel, people["commander"], ran, choice="accept", **WORDS)
    waits, _ = verbs.run(kernel, people["analyst"], town.ask(COUNT))
    box, _ = verbs.run(kernel, people["clerk"], town.ask(SHORTEN))
    accepted = read_and_decide(kernel, people["privacy-officer"], box, choice="accept", **WORDS)
    for technology in ("toy", "boxes"):
        suspend(kernel, people["board"], technology)
    step_up.prove(kernel, people["clerk"])
    wells = COUNT.arithmetic().example().datasets["wells"]
    accept = {"choice": "accept", **WORDS}
    for act in (
        lambda: town.ask(COUNT),
        lambda: verbs.run(kernel, people["analyst"], permit),
        lambda: read_and_decide(kernel, people["commander"], waits, **accept),
        lambda: verbs.publish(kernel, people["clerk"], decided),
        lambda: office_records.assign(kernel, people["commander"], ran.case, unit="East", cells=[], days=3),
        lambda: issue(town, "toy.*"),
        lambda: town.admit(wells, COUNT.asks.purposes, "wells"),
        lambda: opens_box(town),
        lambda: delivery.ready(kernel, people["clerk"], accepted),
        lambda: delivery.deliver(kernel, people["clerk"], accepted, lambda file, to: None),
        lambda: export.exported(kernel, people["clerk"], ran.case, "table"),
        lambda: office_records.tried(kernel, people["analyst"], "toy", format="wells", rows=3, data="d"),
    ):
        refused(act)
    assert {"RAN", "PUBLISHED", "OPENED", "DELIVERED", "EXPORTED"}.isdisjoint(
        kind for kind in town.kinds()[town.kinds().index("SUSPENDED") :]
    )


def test_a_run_that_fails_during_a_suspension_is_logged_as_failed(town: Desk) -> None:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    began = evidence.began_by(town.kernel, town.people["analyst"], permit)
    suspend(town.kernel, town.people["board"], "toy")
    evidence.failed(town.kernel, permit.case, began.before, error="Interrupted")
    assert town.kinds()[-1] == "FAILED"


def issue(town: Desk, serves: str) -> None:
    kind = AuthorizationKind.COUNCIL_APPROVAL
    authorizations.issue(town.kernel, town.people["council"], kind, serves=serves, purposes=(Purpose.ADVICE,), days=5)


def test_another_technology_goes_on_but_opens_no_data_of_the_suspended_one(town: Desk) -> None:
    """Its own stay; data whose format is the suspended one's open for no request of another, nor by a duty."""
    kernel, people = town.kernel, town.people
    kept = opens_box(town)
    suspend(kernel, people["board"], "boxes")
    town.authorizations(COUNT)
    verbs.run(kernel, people["analyst"], town.ask(COUNT))
    refused(lambda: custody.looked_into(kernel, people["custodian"], kept.object, kept.dataset))
    lift(kernel, people["auditor"], people["board"], "boxes")
    suspend(kernel, people["board"], "toy")
    refused(lambda: verbs.run(kernel, people["analyst"], town.ask(COUNT)))
    verbs.run(kernel, people["clerk"], town.ask(SHORTEN))


def test_what_goes_on_in_cases_papers_and_records_does(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    published = lived(town)
    newer = lived(town)
    waits, _ = verbs.run(kernel, people["analyst"], town.ask(COUNT))
    kept = opens_box(town)
    for technology in ("toy", "boxes"):
        suspend(kernel, people["auditor"], technology)
    # decline; correct a publication; revoke
    assert read_and_decide(kernel, people["commander"], waits, choice="decline", **WORDS).choice == "decline"
    correction.correct(kernel, people["board"], published.case, newer=newer.case, reason="the area was wrong")
    issued = next(one for one in kernel.state.authorizations.values() if one.kind is AuthorizationKind.COUNCIL_APPROVAL)
    authorizations.revoke(kernel, people["council"], issued)
    # assess and report
    tools.report(
        kernel, people["custodian"], "Old map", technology="", level="low", reason=TEXT, plan=TEXT,
        pause_by=kernel.now().date().isoformat(),
    )  # fmt: skip
    # retention, holds, requests to delete
    name = retention.hold(kernel, people["privacy-officer"], kept.dataset, words=TEXT)
    retention.release(kernel, people["board"], kept.dataset, name, words=TEXT)
    # answers to people
    digest, _ = subjects.answer(kernel, people["clerk"], "jane-doe", check="photo_id_seen")
    assert digest
    # breach: closing, new keys
    containment.rotate_keys(kernel, people["custodian"])
    assert not containment.kill_switch(kernel, people["board"], "toy"), "suspended already"
    # log-on, log, receipts
    step_up.prove(kernel, people["analyst"])
    assert kernel.stores.log.receipt(kernel.stores.log.size() - 1)
    assert set(town.kinds()) >= {
        "DECIDED",
        "CORRECTED",
        "REVOKED",
        "TOOL_STATED",
        "HELD",
        "RELEASED",
        "ANSWERED",
        "PROVED",
    }


# ---- two people


def test_one_person_lifts_nothing_and_a_proposal_is_good_for_one_suspension(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    propose = lambda by: dual_control.propose(kernel, by, "resume", words=TEXT, body={"technology": "toy"})  # noqa: E731
    with pytest.raises(OutOfOrder, match="not suspended"):
        propose(people["board"])
    suspend(kernel, people["privacy-officer"], "toy")
    for nobody in ("custodian", "council", "analyst", "commander"):
        with pytest.raises(Refused):
            propose(people[nobody])
    first, late = propose(people["auditor"]), propose(people["board"])
    for short in ("auditor", "council", "custodian"):
        step_up.prove(kernel, people[short])
        with pytest.raises(Refused):
            dual_control.approve(kernel, people[short], first)
    assert "toy" in kernel.state.suspended
    step_up.prove(kernel, people["board"])
    dual_control.approve(kernel, people["board"], first)
    assert not kernel.state.suspended and town.kinds()[-2:] == ["APPROVED", "RESUMED"]
    suspend(kernel, people["board"], "toy")
    step_up.prove(kernel, people["auditor"])
    with pytest.raises(OutOfOrder, match="suspended again"):
        dual_control.approve(kernel, people["auditor"], late)
    assert "toy" in kernel.state.suspended and late not in kernel.state.dual_control.approved


def test_nothing_is_lifted_while_the_clock_is_behind_the_log(town: Desk) -> None:
    """What has ended since would live again; to suspend, no clock has to be right."""
    kernel, people = town.kernel, town.people
    suspend(kernel, people["board"], "toy")
    proposal = dual_control.propose(kernel, people["board"], "resume", words=TEXT, body={"technology": "toy"})
    town.clock.days(1)
    kernel.append("HEARTBEAT", entries=1)
    step_up.prove(kernel, people["auditor"])
    town.clock.days(-0.9)  # after the proof, which by the log's time is of now: only the clock is in the way
    with pytest.raises(Refused, match="behind the log"):
        dual_control.approve(kernel, people["auditor"], proposal)
    assert "toy" in kernel.state.suspended


def test_whoever_proposed_and_lost_the_role_lifts_nothing(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    suspend(kernel, people["board"], "toy")
    body = {"technology": "toy"}
    proposal = dual_control.propose(kernel, people["auditor"], "resume", words=TEXT, body=body)
    other = town.office.enrol(
        "other", name="O", unit="Other", roles={Role.AUDITOR}, by=people["custodian"], second=people["board"]
    )
    verbs_retire(town, people["auditor"].person.token)
    step_up.prove(kernel, people["board"])
    with pytest.raises(OutOfOrder, match="no longer holds the role"):
        dual_control.approve(kernel, people["board"], proposal)
    assert other and "toy" in kernel.state.suspended


def verbs_retire(town: Desk, token: str) -> None:
    from peelian.kernel.identity.revocation import retire

    retire(town.kernel, town.people["custodian"], token)


def test_it_is_suspended_once_with_a_reason_of_the_list(town: Desk) -> None:
    kernel, board = town.kernel, town.people["board"]
    for wrong in ("", "because", "MISUSE", "jane doe", "unapproved"):
        with pytest.raises(InputError) as told:
            authorizations.suspend(kernel, board, "toy", reason=wrong)
        assert str(Why.MISUSE) in str(told.value)
    authorizations.suspend(kernel, board, "toy", reason=Why.COURT)
    made = kernel.state.suspended["toy"]
    assert (made.reason, made.says) == ("court", REASONS[Why.COURT]) and town.kinds()[-1] == "SUSPENDED"
    with pytest.raises(OutOfOrder, match="suspended already"):
        authorizations.suspend(kernel, town.people["auditor"], "toy", reason=Why.HARM)
    assert kernel.state.suspended["toy"] == made and town.kinds().count("SUSPENDED") == 1


def test_a_log_of_an_earlier_version_is_read_as_it_was_meant(town: Desk) -> None:
    """A suspension without a reason, one of what was suspended already, and one person who lifted it."""
    kernel, token = town.kernel, town.people["board"].person.token
    kernel.append("SUSPENDED", technology="toy", by=token)
    first = kernel.state.suspended["toy"]
    assert first.says == "no reason was recorded" and authorizations.suspension_text(kernel, "toy") == ""
    kernel.append("SUSPENDED", technology="toy", by=token)
    assert kernel.state.suspended["toy"] == first, "since when it was stopped stays"
    kernel.append("RESUMED", technology="toy", by=token)
    assert not kernel.state.suspended and kernel.state.suspensions["toy"] == 2
    town.authorizations(COUNT)
    verbs.run(kernel, town.people["analyst"], town.ask(COUNT))


def test_a_text_is_of_its_suspension_alone(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    authorizations.suspend(kernel, people["board"], "toy", reason=Why.HARM, words="Two weeks were counted twice.")
    assert authorizations.suspension_text(kernel, "toy") == "Two weeks were counted twice."
    with pytest.raises(Refused):
        authorizations.explain_suspension(kernel, people["analyst"], "toy", words="It was me.")
    for wrong in ("", "   ", "Call 416-555-0199", "x" * 1_001):
        with pytest.raises(InputError):
            authorizations.explain_suspension(kernel, people["auditor"], "toy", words=wrong)
    authorizations.explain_suspension(kernel, people["auditor"], "toy", words="It is being looked at.")
    assert authorizations.suspension_text(kernel, "toy") == "It is being looked at."
    lift(kernel, people["auditor"], people["board"], "toy")
    with pytest.raises(OutOfOrder, match="not suspended"):
        authorizations.explain_suspension(kernel, people["auditor"], "toy", words="It was looked at.")
    suspend(kernel, people["board"], "toy")
    assert authorizations.suspension_text(kernel, "toy") == "", "what was said of the one before is not of this one"


# ---- the court's exception


def accepted(town: Desk) -> Decision:
    evidence, _ = verbs.run(town.kernel, town.people["clerk"], town.ask(SHORTEN))
    return read_and_decide(town.kernel, town.people["privacy-officer"], evidence, choice="accept", **WORDS)


def excepts(town: Desk, of: str, *, by: str = "board", reference: str = "2026-CR-17") -> str:
    body = {"of": of, "reference": reference}
    words = "the court waits for it"
    return dual_control.propose(town.kernel, town.people[by], "court_exception", words=words, body=body)


def test_two_people_except_one_delivery_for_a_court_and_no_other_case(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    mine, another = accepted(town), accepted(town)
    suspend(kernel, people["auditor"], "boxes")
    proposal = excepts(town, mine.case)
    step_up.prove(kernel, people["clerk"])
    got: list[bytes] = []

    def deliver(decision: Decision) -> object:
        return delivery.deliver(kernel, people["clerk"], decision, lambda file, to: got.append(file.read()))

    refused(lambda: deliver(mine))
    for alone in ("board", "council", "auditor", "clerk"):
        step_up.prove(kernel, people[alone])
        with pytest.raises(Refused):
            dual_control.approve(kernel, people[alone], proposal)
    refused(lambda: deliver(mine))
    step_up.prove(kernel, people["privacy-officer"])
    dual_control.approve(kernel, people["privacy-officer"], proposal)
    assert town.kinds()[-2:] == ["APPROVED", "EXCEPTED"]
    deliver(mine)
    assert got == [CONTENT[:12]]
    register = exported(kernel, "register", "en", lambda text, /, **values: text)["records"]
    assert {one["id"]: one["court_exceptions"] for one in register} == {"toy": 0, "boxes": 1}
    refused(lambda: deliver(another))
    with pytest.raises(Refused, match="suspended"):
        delivery.ready(kernel, people["clerk"], another)
    refused(lambda: export.exported(kernel, people["clerk"], mine.case, "table"))
    refused(lambda: town.ask(SHORTEN))
    lift(kernel, people["auditor"], people["board"], "boxes")
    suspend(kernel, people["board"], "boxes")
    step_up.prove(kernel, people["clerk"])
    refused(lambda: deliver(mine))


def test_no_exception_without_a_reference_for_what_is_not_suspended_or_by_another(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    mine = accepted(town)
    with pytest.raises(OutOfOrder, match="not suspended"):
        excepts(town, mine.case)
    suspend(kernel, people["auditor"], "boxes")
    for reference in ("", "   ", "a\nb", "x" * 201, "call 416-555-0199"):
        with pytest.raises(InputError):
            excepts(town, mine.case, reference=reference)
    for of in ("", "c-0000000000", "0" * 64, "boxes"):
        with pytest.raises(InputError):
            excepts(town, of)
    for nobody in ("auditor", "council", "custodian", "clerk"):
        with pytest.raises(Refused):
            excepts(town, mine.case, by=nobody)
    assert not kernel.state.excepted
    # two of the board are not one of the board and a privacy officer
    proposal = excepts(town, mine.case)
    other = town.office.enrol(
        "other", name="O", unit="Other", roles={Role.BOARD}, by=people["custodian"], second=people["council"]
    )
    town.clock.days(0.01)
    step_up.prove(kernel, other)
    with pytest.raises(Refused):
        dual_control.approve(kernel, other, proposal)
    assert not kernel.state.excepted


# ---- in the middle


def test_an_import_that_goes_on_keeps_nothing_once_it_is_suspended(town: Desk) -> None:
    kernel, people = town.kernel, town.people

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(size)
            if self.tell() > 2 << 20 and "boxes" not in kernel.state.suspended:
                suspend(kernel, people["board"], "boxes")
            return piece

    file = Slow(CONTENT + bytes(8 << 20))
    refused(
        lambda: custody.keep(
            kernel, people["clerk"], declared("disclosure"), file, format=BOXES.formats()[0].id, size=8 << 20
        )
    )
    assert file.tell() < 5 << 20, "it ended at the next piece"
    assert town.kinds()[-1] == "TURNED_AWAY" and not kernel.state.unfinished


def test_a_bulk_export_that_goes_on_ends(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    lived(town)
    body = bulk_export.body_of((), "age1nobody")
    proposal = dual_control.propose(kernel, people["custodian"], "export", words="a study of it", body=body)
    step_up.prove(kernel, people["board"])
    dual_control.approve(kernel, people["board"], proposal)
    step_up.prove(kernel, people["custodian"])
    suspend(kernel, people["board"], "boxes")
    begun = bulk_export.begin(kernel, people["custodian"], proposal)
    suspend(kernel, people["board"], "toy")
    refused(lambda: bulk_export.done(kernel, people["custodian"], begun, digest="0" * 64, size=7))
    bulk_export.undone(kernel, people["custodian"], proposal, error="Refused")
    refused(lambda: bulk_export.begin(kernel, people["custodian"], proposal))
    assert "BULK_EXPORTED" not in town.kinds()


# ---- people stand there


def test_while_people_stand_there_alarms_plans_and_counts_are_left_to_people() -> None:
    at = stood()
    kernel, people, by = at.town.kernel, at.town.people, at.town.people["dispatcher"]
    example = list(at.declared.reducer().example().readings)
    raised = next(move.alarm for move in at.feed(example) if move.step in ("raised", "opened"))
    suspend(kernel, people["board"], at.declared.technology)
    later = [dataclasses.replace(one, time=one.time + timedelta(hours=1)) for one in example]
    refused(lambda: at.feed(later))
    request = kernel.state.alarms.stands[at.permit.case].request
    asked: dict[str, Any] = {"purpose": request.purpose, "params": at.standing.params, "sensors": request.sensors}
    refused(lambda: watch.stand(kernel, people[asker(at.town, at.declared)], at.declared.id, **asked))
    operator_desk.acknowledge(kernel, by, raised)
    operator_desk.decide(kernel, by, raised, choice="dispatch help", reason="people are pushing")
    operator_desk.help_arrived(kernel, by, raised)
    watch.tick(kernel, [at.standing])
    plan = event_plans.plan_event(kernel, by, plan_body())
    event_plans.confirm_plan(kernel, people["commander"], plan)
    zone = next(iter(request.sensors.values()))
    zone_count.count_zone(kernel, by, zone=zone, people=120)
    watch.end(kernel, people["commander"], at.permit.case)


def test_sensors_and_crowds_are_suspended_each_for_itself() -> None:
    """Sums end with sensors; what a crowd watch reads of the same sensor goes on, and the other way round."""
    from peelian.operations.watch_service import registered

    town = desk(technologies())
    sound = a_sensor(id="sound-1", kind="sound_meter", title="Sound meter", purpose="noise", format="ngsi-ld")
    register_in_area(town.kernel, town.people, sound)
    sums, crowd = SensorGate(town.kernel), registered(town.kernel)
    message = (
        '{"id":"n","type":"NoiseLevelObserved","dateObservedFrom":"'
        f'{town.kernel.now().isoformat()}","dateObservedTo":"'
        f'{(town.kernel.now() + timedelta(seconds=1)).isoformat()}","LAeq":55}}'
    ).encode()
    suspend(town.kernel, town.people["board"], "sensors")
    refused(lambda: sums.decode("sound-1", "", message))
    assert crowd("sound-1", "", message)[0].values["laeq"] == 55
    sensor_register.connection_cut(town.kernel, "mqtt", "connection lost")
    lift(town.kernel, town.people["auditor"], town.people["board"], "sensors")
    suspend(town.kernel, town.people["board"], "crowd")
    assert sums.decode("sound-1", "", message)


def test_a_delivery_that_goes_on_gives_nothing_more(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, people = town.kernel, town.people
    mine, got = accepted(town), list[bytes]()
    monkeypatch.setattr(delivery, "EVERY", 4)

    def hand_over(file: BinaryIO, to: object) -> None:
        got.append(file.read(4))
        suspend(kernel, people["board"], "boxes")
        got.append(file.read(4))

    step_up.prove(kernel, people["clerk"])
    refused(lambda: delivery.deliver(kernel, people["clerk"], mine, hand_over))
    assert got == [CONTENT[:4]] and town.kinds()[-1] == "UNDELIVERED" and "DELIVERED" not in town.kinds()


WHO = ("board", "privacy-officer", "auditor", "council", "custodian", "clerk", "analyst", "commander", "dispatcher")


@settings(max_examples=25, deadline=None)
@given(pairs=st.lists(st.tuples(st.sampled_from(WHO), st.sampled_from(WHO)), min_size=1, max_size=4))
def test_no_two_people_lift_it_but_those_who_may(pairs: list[tuple[str, str]]) -> None:
    """Whoever proposes and approves, in whatever order: only two overseers of different units lift a suspension."""
    town = desk((TOY,))
    suspend(town.kernel, town.people["board"], "toy")
    for first, second in pairs:
        try:
            lift(town.kernel, town.people[first], town.people[second], "toy")
        except (Refused, OutOfOrder):
            assert "toy" in town.kernel.state.suspended
            continue
        assert {first, second} <= {"board", "privacy-officer", "auditor"} and first != second
        assert "toy" not in town.kernel.state.suspended
        suspend(town.kernel, town.people["board"], "toy")
