"""What is still needed lives on and the rest is gone: alarms, watches, sensors and the office's records over years."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands
from event_plans import plan_body
from stored import put_back, removed, rows_of
from toy import COUNT
from watched import listed
from years import cleared, disposed, raised, reopened, stands

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.alarms import event_plans, operator_desk, watch
from peelian.kernel.model.alarms import Move, State
from peelian.kernel.model.archive_partitions import DAYS
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import digest_of
from peelian.kernel.model.people import Operator
from peelian.kernel.records import office_records, sensor_register
from peelian.kernel.retention import retention
from peelian.kernel.retention.expiry_job import expire, expire_in_slices
from peelian.kernel.retention.retention_roots import needed_digests
from peelian.kernel.state.alarm_state import AlarmState
from peelian.kernel.state.kernel import OfficeState
from peelian.kernel.state.signed_documents import destroyed_on
from peelian.kernel.verbs import authorizations
from peelian.oversight.review.week import all_weeks, draw_week, week_review, weeks
from peelian.oversight.sensors import register as sensors
from peelian.oversight.verification.verifier import verify_log
from peelian.oversight.watches.alarm_months import zone_months

QUARTER = 95
SEEN = {"outcome": "shown", "session": "x", "batch": "b"}


def test_an_alarm_of_2026_is_gone_after_its_time_and_an_open_one_is_carried(
    town: Desk, folder: Path, clock: Hands
) -> None:
    case = stands(town)
    closed, waits = raised(town, case, "well-1"), raised(town, case, "well-2")
    disposed(town, closed)
    cleared(town, case, "well-1")
    kernel = town.kernel
    assert kernel.state.alarms.floor.at(closed).state is State.CLOSED
    steps = tuple(kernel.state.alarms.steps[closed])
    state = folder / "state" / "state.db"
    backup = rows_of(state, "SELECT * FROM documents")  # as a town would: the keys are never in it
    clock.days(DAYS["alarms"] + QUARTER)
    assert any(partition.startswith("alarms.2026") for partition in expire(kernel).partitions)
    with pytest.raises(OutOfOrder, match=r"destroyed on 2028-\d\d-\d\d at the end of its retention"):
        operator_desk.acknowledge(kernel, town.people["dispatcher"], closed)
    assert closed not in kernel.state.alarms.floor.alarms and waits in kernel.state.alarms.floor.alarms
    assert zone_months(kernel.state.alarms.floor) == ()
    before = kernel.state
    town.office.close()
    assert verify_log(folder / "log").ok
    again = reopened(folder, clock)
    put_back(state, "documents", backup)  # its ciphertext is put back
    try:
        folded = again.kernel.state.alarms
        assert folded.gone == {closed: steps[-1]} == before.alarms.gone
        assert set(folded.floor.alarms) == {waits} and folded.stands.keys() == {case}, "its watch is carried with it"
        for digest in steps:
            with pytest.raises((InputError, OutOfOrder)):
                again.kernel.stores.archive.get(digest)
        operator_desk.acknowledge(again.kernel, again.people["dispatcher"], waits)
        assert again.kernel.state.alarms.floor.at(waits).state is State.ACKED
    finally:
        again.office.close()


def test_an_alarm_is_kept_whole_until_its_newest_step_is_past_its_time(town: Desk, clock: Hands) -> None:
    case = stands(town)
    alarm = raised(town, case, "well-1")
    clock.days(200)
    disposed(town, alarm)
    cleared(town, case, "well-1")
    clock.days(DAYS["alarms"] + QUARTER - 200)
    done = expire(town.kernel)
    assert done.carried and alarm in town.kernel.state.alarms.floor.alarms
    folded = dataclasses.replace(town.kernel, state=OfficeState()).state
    assert folded.alarms.floor.alarms == town.kernel.state.alarms.floor.alarms
    clock.days(200)
    expire(town.kernel)
    assert town.kernel.state.alarms.gone.keys() == {alarm}
    assert dataclasses.replace(town.kernel, state=OfficeState()).state.alarms.gone.keys() == {alarm}


def test_a_new_alarm_of_the_name_of_a_destroyed_one_is_an_alarm(town: Desk, clock: Hands) -> None:
    case = stands(town)
    alarm = raised(town, case, "well-1")
    disposed(town, alarm)
    cleared(town, case, "well-1")
    old = town.kernel.state.alarms.floor.at(alarm)
    waits = raised(town, case, "well-2")  # so that the watch is needed
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.kernel)
    assert alarm in town.kernel.state.alarms.gone and waits not in town.kernel.state.alarms.gone
    move = Move(alarm=alarm, step="raised", watch=case, zone=old.zone, type=old.type, kind=old.kind, state=State.OPEN,
                level=old.level, active=True, at=clock.now)  # fmt: skip
    watch.log_move(town.kernel, move)
    for state in (town.kernel.state, dataclasses.replace(town.kernel, state=OfficeState()).state):
        assert state.alarms.floor.at(alarm).state is State.OPEN and alarm not in state.alarms.gone


def test_a_watch_that_stands_no_more_is_gone_and_is_said_to_be(town: Desk, clock: Hands) -> None:
    case = stands(town)
    began = town.kernel.state.alarms.began
    watch.end(town.kernel, town.people["commander"], case)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.kernel)
    for state in (town.kernel.state, dataclasses.replace(town.kernel, state=OfficeState()).state):
        assert not state.alarms.stands and state.alarms.gone_watches.keys() == {case}
        assert state.alarms.began == began, "the public inventory says since when it is in use"
    with pytest.raises(OutOfOrder, match="at the end of its retention period"):
        watch.end(town.kernel, town.people["commander"], case)


def test_an_event_to_come_and_the_newest_handover_live_on(town: Desk, clock: Hands) -> None:
    stands(town)
    far = clock.now + timedelta(days=DAYS["alarms"] + 2 * QUARTER)
    more = {"zone": "north", "types": ["high_well"], "what": "the feast"}
    coming = operator_desk.permit_event(
        town.kernel, town.people["clerk"], starts=far, ends=far + timedelta(days=1), **more
    )
    operator_desk.permit_event(
        town.kernel, town.people["clerk"], starts=clock.now, ends=clock.now + timedelta(days=1), **more
    )
    night = town.people["night"].person.token
    for words in ("all calm", "still calm"):
        operator_desk.hand_over(town.kernel, town.people["dispatcher"], to=night, words=words)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.kernel)
    for state in (town.kernel.state, dataclasses.replace(town.kernel, state=OfficeState()).state):
        assert [event.starts.isoformat() for event in state.alarms.floor.calendar] == [coming.starts]
        assert [one.words for one in state.alarms.handovers] == ["still calm"]


def test_a_plan_lives_whole_until_its_time_is_over(town: Desk, clock: Hands) -> None:
    stands(town)
    far = clock.now + timedelta(days=DAYS["alarms"] + 2 * QUARTER)
    far_days = {"starts": far.isoformat(), "ends": (far + timedelta(days=1)).isoformat()}
    near = {"starts": clock.now.isoformat(), "ends": (clock.now + timedelta(days=1)).isoformat()}
    for name, days in (("coming", far_days), ("past", near)):
        digest = event_plans.plan_event(town.kernel, town.people["dispatcher"], plan_body(name=name, **days))
        event_plans.confirm_plan(town.kernel, town.people["commander"], digest)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.kernel)
    for state in (town.kernel.state, dataclasses.replace(town.kernel, state=OfficeState()).state):
        assert state.plans.plans.keys() == {"coming"} and state.plans.plans["coming"].in_force


def test_a_sensor_in_force_keeps_every_act_and_one_long_ended_is_gone(town: Desk, clock: Hands) -> None:
    listed(town, "well-1", days=300)
    listed(town, "well-2", days=300)
    by = town.people["custodian"]
    sensor_register.end(town.kernel, by, "well-2", "removed")
    since = sensor_register.the_register(town.kernel)["well-1"].since
    for _ in range(14):
        clock.days(280)
        ends = (clock.now + timedelta(days=300)).date().isoformat()
        sensor_register.renew(town.kernel, by, "well-1", ends)
        expire(town.kernel)
    for kernel in (town.kernel, dataclasses.replace(town.kernel, state=OfficeState())):
        register = sensor_register.the_register(kernel)
        assert register.keys() == {"well-1"}
        assert register["well-1"].since == since and register["well-1"].renewals == 14
        with pytest.raises(OutOfOrder, match="at the end of its retention period"):
            sensor_register.renew(kernel, by, "well-2", "2099-01-01")
        with pytest.raises(OutOfOrder, match="at the end of its retention period"):
            sensors.entry(kernel, "well-2")


KEPT = [
    ("staff", {"staff": []}, {"n": 0}),
    ("roster", {"shifts": []}, {"n": 0}),
    ("rights", {"serves": "toy.*", "sections": {}}, {"serves": "toy.*"}),
    ("produced", {"requirement": "X-01", "title": "t", "text": "t"}, {"requirement": "X-01"}),
    ("vendor", {"vendor": "Maker", "clauses": {}}, {}),
    ("tool", {"name": "radar", "state": "paused"}, {"state": "paused"}),
    ("privileges", {"outcomes": {}}, {"n": 0, "unused": 0}),
    ("self_test", {"drill": "d-1"}, {}),
    ("drill_report", {"drill": "d-1"}, {"counts": 1}),
]


def _maker(town: Desk, record: str) -> Operator:
    return next(one for one in town.people.values() if one.person.roles & office_records.MAKERS[record])


@pytest.mark.parametrize(("record", "body", "fields"), KEPT, ids=[record for record, _, _ in KEPT])
def test_of_the_records_the_newest_lives_on_and_the_one_before_it_is_gone(
    town: Desk, clock: Hands, record: str, body: dict[str, object], fields: dict[str, str | int]
) -> None:
    by = _maker(town, record)
    old, new = (office_records.keep(town.kernel, by, record, {**body, "nth": n}, **fields) for n in (1, 2))
    clock.days(DAYS["authorizations"] + QUARTER)
    expire(town.kernel)
    assert [found.body["nth"] for _, found in office_records.records_of(town.kernel, record)] == [2]
    assert office_records.kept(town.kernel, new).body["nth"] == 2
    with pytest.raises(OutOfOrder, match="at the end of its retention period"):
        office_records.kept(town.kernel, old)


def test_a_tool_that_was_ended_and_an_incident_past_its_law_go_and_one_within_it_stays(
    town: Desk, clock: Hands
) -> None:
    by = town.people["custodian"]
    office_records.keep(town.kernel, by, "tool", {"name": "radar", "state": "ended"}, state="ended")
    for name, years in (("i-1", 3), ("i-2", 30)):
        until = (clock.now + timedelta(days=365 * years)).isoformat()
        digest = office_records.keep(town.kernel, by, "incident", {"id": name, "keep_until": until}, incident=name, n=0)
        changes = {"changes": {"closed_at": until}, "step": "closed"}
        office_records.keep(town.kernel, by, "amendment", changes, before=digest, incident=name, step="closed", n=0)
    clock.days(DAYS["authorizations"] + QUARTER)
    expire(town.kernel)
    assert not list(office_records.records_of(town.kernel, "tool"))
    assert [found.body["id"] for _, found in office_records.records_of(town.kernel, "incident")] == ["i-2"]
    assert len(list(office_records.records_of(town.kernel, "amendment"))) == 1


def test_a_record_that_lies_with_all_others_as_once_is_found_and_goes_with_them(town: Desk, clock: Hands) -> None:
    by, archive = _maker(town, "drift"), town.kernel.stores.archive
    digest = office_records.keep(town.kernel, by, "drift", {"report": "r", "holds": True}, before="ab" * 32, holds=1)
    document = archive.get(digest)
    (partition,) = [name for name, digests in archive.partitions().items() if digest in digests]
    removed(archive, digest, partition)
    archive.put(digest, document, partition="records." + partition.partition(".")[2])
    assert office_records.kept(town.kernel, digest).record == "drift"
    clock.days(DAYS["records"] + QUARTER)
    assert "records." + partition.partition(".")[2] in expire(town.kernel).partitions
    with pytest.raises(OutOfOrder, match="at the end of its retention period"):
        office_records.kept(town.kernel, digest)


def test_nothing_of_a_kernel_that_just_began_is_needed_but_its_people(town: Desk) -> None:
    agreed = {
        *town.kernel.state.dual_control.proposals,
        *(digest_of(a) for a in town.kernel.state.dual_control.approved.values()),
    }
    assert needed_digests(town.kernel) - agreed == frozenset(town.kernel.state.enrolled.values())
    assert town.kernel.state.alarms == AlarmState(version=0)


def test_an_authenticator_in_use_and_the_assessment_of_a_authorization_in_force_live_on(
    town: Desk, clock: Hands
) -> None:
    by = town.people["custodian"]
    passkey = office_records.keep(town.kernel, by, "passkey", {"id": "x"}, credential="ab" * 32, counter=0)
    digests = []
    for days in (30, 36_500):
        officer, peer = _maker(town, "assessment"), _maker(town, "peer_review")
        assessed = office_records.keep(town.kernel, officer, "assessment", {"unit": "it"}, serves="toy.*", level=1)
        digests.append(
            (assessed, office_records.keep(town.kernel, peer, "peer_review", {}, before=assessed, unit="it"))
        )
        more = {"serves": "toy.*", "purposes": (), "days": days, "body": {}, "before": assessed}
        authorizations.sign_authorization(town.kernel, by, AuthorizationKind.IMPACT_ASSESSMENT, **more)
    clock.days(DAYS["authorizations"] + QUARTER)
    expire(town.kernel)
    assert office_records.kept(town.kernel, passkey).record == "passkey"
    assert [office_records.still_kept(town.kernel, digest) is not None for pair in digests for digest in pair] == [
        False
    ] * 2 + [True] * 2


def test_what_is_said_of_a_dataset_lives_as_long_as_it(town: Desk, clock: Hands) -> None:
    by = town.people["privacy-officer"]
    there = town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes).dataset
    retention.define(town.kernel, by, "wells", days=0, words="wells of the town")
    retention.tag(town.kernel, by, there, ("wells",), words="they are wells")
    released = retention.hold(town.kernel, by, there, words="a court asks for it")
    retention.release(town.kernel, town.people["board"], there, released, words="the court is done with it")
    retention.hold(town.kernel, by, there, words="another court asks for it")
    body = {"dataset": there, "subjects": []}
    listed_there = office_records.keep(town.kernel, by, "subjects", body, dataset=there, n=0)
    listed_once = office_records.keep(town.kernel, by, "subjects", {**body, "dataset": "d-0"}, dataset="d-0", n=0)
    acts_of = [e for _, e in town.kernel.stores.log.read() if e["kind"] in ("CATEGORY", "TAGGED", "HELD", "RELEASED")]
    clock.days(DAYS["authorizations"] + QUARTER)
    expire(town.kernel)
    kept = [not destroyed_on(town.kernel, str(e["document"])) or _is_there(town, str(e["document"])) for e in acts_of]
    assert kept == [True, True, False, False, True], "category, tag, a hold, its release, a hold in force"
    assert office_records.still_kept(town.kernel, listed_there) and not office_records.still_kept(
        town.kernel, listed_once
    )


def _is_there(town: Desk, digest: str) -> bool:
    return any(digest in digests for digests in town.kernel.stores.archive.partitions().values())


def test_a_week_whose_review_is_past_its_time_is_over_and_is_not_drawn_again(town: Desk, clock: Hands) -> None:
    by, week = town.people["auditor"], "2026-W10"
    town.kernel.append("ACCESSED", subject="s", by=by.person.token, unit="u", dataset="d", action="read", **SEEN)
    office_records.keep(town.kernel, by, "sample", {"week": week, "entries": []}, week=week, size=1, root="ab", n=0)
    office_records.keep(town.kernel, by, "review", {"week": week, "outcomes": {}}, week=week, n=0, referred=0)
    assert weeks(town.kernel) == (week,)
    clock.days(DAYS["records"] + QUARTER)
    expire(town.kernel)
    assert weeks(town.kernel) == () and all_weeks(town.kernel) == (week,)
    for ask in (lambda: week_review(town.kernel, week), lambda: draw_week(town.kernel, by, week)):
        with pytest.raises(OutOfOrder, match="at the end of its retention period"):
            ask()


HOLDER, COURT = "privacy-officer", "a court asks for it"


def _folded(town: Desk) -> AlarmState:
    """What the log says of watches, read anew."""
    return dataclasses.replace(town.kernel, state=OfficeState()).state.alarms


def _told(watching: AlarmState) -> tuple[object, ...]:
    """What people are told of alarms and watches: those that are there, and those that are gone."""
    floor = watching.floor
    return floor.alarms, floor.past, watching.stands, watching.gone, watching.gone_watches


def test_a_held_alarm_outlives_its_time_and_goes_the_day_after_its_hold_is_released(
    town: Desk, folder: Path, clock: Hands
) -> None:
    case = stands(town)
    held, other = raised(town, case, "well-1"), raised(town, case, "well-2")
    for alarm, sensor in ((held, "well-1"), (other, "well-2")):
        disposed(town, alarm)
        cleared(town, case, sensor)
    steps = tuple(town.kernel.state.alarms.steps[held])
    hold = retention.hold(town.kernel, town.people[HOLDER], held, words=COURT)
    act = str(town.kernel.state.records.newest["HELD", hold]["document"])
    clock.days(DAYS["authorizations"] + QUARTER)  # its reason is as old as that
    assert any(partition.startswith("alarms.2026") for partition in expire(town.kernel).partitions)
    assert _is_there(town, act) and all(_is_there(town, digest) for digest in steps), (
        "whole, with the reason of the hold"
    )
    assert set(town.kernel.state.alarms.floor.alarms) == {held} and case in town.kernel.state.alarms.stands
    assert town.kernel.state.alarms.gone.keys() == {other}
    assert zone_months(town.kernel.state.alarms.floor) == (), "one that a hold keeps tells nothing of its month"
    assert _told(_folded(town)) == _told(town.kernel.state.alarms)
    clock.days(40)
    assert expire(town.kernel).partitions == (), "nothing is over while it is held"
    town.office.close()
    again = reopened(folder, clock)
    try:
        retention.release(again.kernel, again.people["board"], held, hold, words="the court is done with it")
        assert held in again.kernel.state.alarms.floor.alarms, "until the next job"
        clock.days(1)
        gone = expire(again.kernel)
        assert gone.partitions and all(".carried-" in partition for partition in gone.partitions)
        assert again.kernel.state.alarms.gone.keys() == {held, other} and not again.kernel.state.alarms.floor.past
        assert not any(_is_there(again, digest) for digest in (*steps, act))
        assert _told(_folded(again)) == _told(again.kernel.state.alarms)
        with pytest.raises(OutOfOrder, match="at the end of its retention period"):
            retention.hold(again.kernel, again.people[HOLDER], held, words=COURT)
    finally:
        again.office.close()


def test_a_held_watch_keeps_its_alarms_those_to_come_too_and_another_watchs_go(town: Desk, clock: Hands) -> None:
    first, second = stands(town), stands(town)
    hold = retention.hold(town.kernel, town.people[HOLDER], first, words=COURT)
    alarms = {}
    for case, sensor in ((first, "well-1"), (second, "well-2")):
        alarms[case] = raised(town, case, sensor)
        disposed(town, alarms[case])
        cleared(town, case, sensor)
        watch.end(town.kernel, town.people["commander"], case)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.kernel)
    for watching in (town.kernel.state.alarms, _folded(town)):
        assert set(watching.floor.alarms) == {alarms[first]} and watching.stands.keys() == {first}
        assert watching.gone.keys() == {alarms[second]} and watching.gone_watches.keys() == {second}
    retention.release(town.kernel, town.people["board"], first, hold, words="the court is done with it")
    clock.days(1)
    expire(town.kernel)
    for watching in (town.kernel.state.alarms, _folded(town)):
        assert not watching.floor.alarms and watching.gone_watches.keys() == {first, second}


def test_a_held_watch_that_called_nobody_is_kept(town: Desk, clock: Hands) -> None:
    """That it stood and raised nothing is what a court may want to know."""
    case = stands(town)
    watch.end(town.kernel, town.people["commander"], case)
    retention.hold(town.kernel, town.people[HOLDER], case, words=COURT)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.kernel)
    assert town.kernel.state.alarms.stands.keys() == _folded(town).stands.keys() == {case}


def test_a_hold_that_comes_between_two_slices_of_the_job_keeps_what_is_still_there_and_no_more(
    town: Desk, clock: Hands
) -> None:
    case = stands(town)
    kept, late = raised(town, case, "well-1"), raised(town, case, "well-2")
    for alarm, sensor in ((kept, "well-1"), (late, "well-2")):
        disposed(town, alarm)
        cleared(town, case, sensor)
    clock.days(DAYS["alarms"] + QUARTER)
    job, by = expire_in_slices(town.kernel), town.people[HOLDER]
    next(job)
    retention.hold(town.kernel, by, kept, words=COURT)
    while "PARTITION_DESTROYED" not in town.kinds():
        next(job)
    assert "PARTITION_SHREDDED" not in town.kinds(), "its key goes next"
    with pytest.raises(OutOfOrder, match="at the end of its retention period"):
        retention.hold(town.kernel, by, late, words=COURT)
    retention.hold(town.kernel, by, case, words=COURT)  # the whole watch: what is left of it
    for _ in job:
        pass
    for watching in (town.kernel.state.alarms, _folded(town)):
        assert set(watching.floor.alarms) == {kept} and watching.gone.keys() == {late}


def test_a_time_made_longer_keeps_no_alarm_whose_hold_was_released(town: Desk, clock: Hands) -> None:
    """Its partition is gone already: it goes as the release says, whatever is said of partitions since."""
    case = stands(town)
    alarm = raised(town, case, "well-1")
    disposed(town, alarm)
    cleared(town, case, "well-1")
    hold = retention.hold(town.kernel, town.people[HOLDER], alarm, words=COURT)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.kernel)
    kernel = dataclasses.replace(town.kernel, retention_days={**DAYS, "alarms": 0})
    retention.release(kernel, town.people["board"], alarm, hold, words="the court is done with it")
    clock.days(1)
    expire(kernel)
    assert kernel.state.alarms.gone.keys() == {alarm}
