"""What is still needed lives on and the rest is gone: alarms, watches, sensors and the office's records over years."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands
from toy import COUNT
from watched import listed
from years import cleared, disposed, raised, reopened, stands

from peelian.errors import InputError, OutOfOrder
from peelian.governance import acts, alarm_desk, records, retention, sensor_register, watch
from peelian.governance.alarms import Move, State
from peelian.governance.capability import Paper
from peelian.governance.documents import mark_of
from peelian.governance.expiry import expire, expire_in_slices
from peelian.governance.house import Book, destroyed_on, opened
from peelian.governance.needed import needed_marks
from peelian.governance.people import Operator
from peelian.governance.shelving import DAYS
from peelian.governance.watching import Watching
from peelian.oversight import sensors
from peelian.oversight.alarm_months import zone_months
from peelian.oversight.review.week import all_weeks, draw_week, week_review, weeks
from peelian.oversight.verifier import verify_log

QUARTER = 95
SEEN = {"outcome": "shown", "session": "x", "batch": "b"}


def test_an_alarm_of_2026_is_gone_after_its_time_and_an_open_one_is_carried(
    town: Desk, folder: Path, clock: Hands, tmp_path: Path
) -> None:
    case = stands(town)
    closed, waits = raised(town, case, "well-1"), raised(town, case, "well-2")
    disposed(town, closed)
    cleared(town, case, "well-1")
    house = town.house
    assert house.book.watching.floor.at(closed).state is State.CLOSED
    steps = tuple(house.book.watching.steps[closed])
    shutil.copytree(folder / "archive", tmp_path / "backup")  # as a town would: the keys are never in it
    clock.days(DAYS["alarms"] + QUARTER)
    assert any(shelf.startswith("alarms.2026") for shelf in expire(house).shelves)
    with pytest.raises(OutOfOrder, match=r"destroyed on 2028-\d\d-\d\d, as its retention asks"):
        alarm_desk.acknowledge(house, town.people["dispatcher"], closed)
    assert closed not in house.book.watching.floor.alarms and waits in house.book.watching.floor.alarms
    assert zone_months(house.book.watching.floor) == ()
    before = house.book
    town.office.close()
    assert verify_log(folder / "log").ok
    again = reopened(folder, clock)
    shutil.copytree(tmp_path / "backup", folder / "archive", dirs_exist_ok=True)  # its ciphertext is put back
    try:
        folded = again.house.book.watching
        assert folded.gone == {closed: steps[-1]} == before.watching.gone
        assert set(folded.floor.alarms) == {waits} and folded.stands.keys() == {case}, "its watch is carried with it"
        for mark in steps:
            with pytest.raises((InputError, OutOfOrder)):
                again.house.archive.get(mark)
        alarm_desk.acknowledge(again.house, again.people["dispatcher"], waits)
        assert again.house.book.watching.floor.at(waits).state is State.ACKED
    finally:
        again.office.close()


def test_an_alarm_is_kept_whole_until_its_newest_step_is_past_its_time(town: Desk, clock: Hands) -> None:
    case = stands(town)
    alarm = raised(town, case, "well-1")
    clock.days(200)
    disposed(town, alarm)
    cleared(town, case, "well-1")
    clock.days(DAYS["alarms"] + QUARTER - 200)
    done = expire(town.house)
    assert done.carried and alarm in town.house.book.watching.floor.alarms
    folded = opened(dataclasses.replace(town.house, book=Book())).book
    assert folded.watching.floor.alarms == town.house.book.watching.floor.alarms
    clock.days(200)
    expire(town.house)
    assert town.house.book.watching.gone.keys() == {alarm}
    assert opened(dataclasses.replace(town.house, book=Book())).book.watching.gone.keys() == {alarm}


def test_a_new_alarm_of_the_name_of_a_destroyed_one_is_an_alarm(town: Desk, clock: Hands) -> None:
    case = stands(town)
    alarm = raised(town, case, "well-1")
    disposed(town, alarm)
    cleared(town, case, "well-1")
    old = town.house.book.watching.floor.at(alarm)
    waits = raised(town, case, "well-2")  # so that the watch is needed
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.house)
    assert alarm in town.house.book.watching.gone and waits not in town.house.book.watching.gone
    move = Move(alarm=alarm, step="raised", watch=case, zone=old.zone, type=old.type, kind=old.kind, state=State.OPEN,
                level=old.level, active=True, at=clock.now)  # fmt: skip
    watch.log_move(town.house, move)
    for book in (town.house.book, opened(dataclasses.replace(town.house, book=Book())).book):
        assert book.watching.floor.at(alarm).state is State.OPEN and alarm not in book.watching.gone


def test_a_watch_that_stands_no_more_is_gone_and_is_said_to_be(town: Desk, clock: Hands) -> None:
    case = stands(town)
    began = town.house.book.watching.began
    watch.end(town.house, town.people["commander"], case)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.house)
    for book in (town.house.book, opened(dataclasses.replace(town.house, book=Book())).book):
        assert not book.watching.stands and book.watching.gone_watches.keys() == {case}
        assert book.watching.began == began, "the public inventory says since when it is in use"
    with pytest.raises(OutOfOrder, match="as its retention asks"):
        watch.end(town.house, town.people["commander"], case)


def test_an_event_to_come_and_the_newest_handover_live_on(town: Desk, clock: Hands) -> None:
    stands(town)
    far = clock.now + timedelta(days=DAYS["alarms"] + 2 * QUARTER)
    more = {"zone": "north", "types": ["high_well"], "what": "the feast"}
    coming = alarm_desk.permit_event(town.house, town.people["clerk"], starts=far, ends=far + timedelta(days=1), **more)
    alarm_desk.permit_event(
        town.house, town.people["clerk"], starts=clock.now, ends=clock.now + timedelta(days=1), **more
    )
    night = town.people["night"].person.token
    for words in ("all calm", "still calm"):
        alarm_desk.hand_over(town.house, town.people["dispatcher"], to=night, words=words)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.house)
    for book in (town.house.book, opened(dataclasses.replace(town.house, book=Book())).book):
        assert [event.starts.isoformat() for event in book.watching.floor.calendar] == [coming.starts]
        assert [one.words for one in book.watching.handovers] == ["still calm"]


def test_a_sensor_in_force_keeps_every_act_and_one_long_ended_is_gone(town: Desk, clock: Hands) -> None:
    listed(town, "well-1", days=300)
    listed(town, "well-2", days=300)
    by = town.people["custodian"]
    sensor_register.end(town.house, by, "well-2", "removed")
    since = sensor_register.the_register(town.house)["well-1"].since
    for _ in range(14):
        clock.days(280)
        ends = (clock.now + timedelta(days=300)).date().isoformat()
        sensor_register.renew(town.house, by, "well-1", ends)
        expire(town.house)
    for house in (town.house, opened(dataclasses.replace(town.house, book=Book()))):
        register = sensor_register.the_register(house)
        assert register.keys() == {"well-1"}
        assert register["well-1"].since == since and register["well-1"].renewals == 14
        with pytest.raises(OutOfOrder, match="as its retention asks"):
            sensor_register.renew(house, by, "well-2", "2099-01-01")
        with pytest.raises(OutOfOrder, match="as its retention asks"):
            sensors.entry(house, "well-2")


KEPT = [
    ("staff", {"staff": []}, {"n": 0}),
    ("roster", {"shifts": []}, {"n": 0}),
    ("rights", {"serves": "toy.*", "sections": {}}, {"serves": "toy.*"}),
    ("produced", {"requirement": "X-01", "title": "t", "text": "t"}, {"requirement": "X-01"}),
    ("vendor", {"vendor": "Maker", "clauses": {}}, {}),
    ("tool", {"name": "radar", "state": "paused"}, {"state": "paused"}),
    ("privileges", {"outcomes": {}}, {"n": 0, "unused": 0}),
    ("drill", {"drill": "d-1"}, {}),
]


def _maker(town: Desk, record: str) -> Operator:
    return next(one for one in town.people.values() if one.person.roles & records.MAKERS[record])


@pytest.mark.parametrize(("record", "body", "fields"), KEPT, ids=[record for record, _, _ in KEPT])
def test_of_the_records_the_newest_lives_on_and_the_one_before_it_is_gone(
    town: Desk, clock: Hands, record: str, body: dict[str, object], fields: dict[str, str | int]
) -> None:
    by = _maker(town, record)
    old, new = (records.keep(town.house, by, record, {**body, "nth": n}, **fields) for n in (1, 2))
    clock.days(DAYS["papers"] + QUARTER)
    expire(town.house)
    assert [found.body["nth"] for _, found in records.records_of(town.house, record)] == [2]
    assert records.kept(town.house, new).body["nth"] == 2
    with pytest.raises(OutOfOrder, match="as its retention asks"):
        records.kept(town.house, old)


def test_a_tool_that_was_ended_and_an_incident_past_its_law_go_and_one_within_it_stays(
    town: Desk, clock: Hands
) -> None:
    by = town.people["custodian"]
    records.keep(town.house, by, "tool", {"name": "radar", "state": "ended"}, state="ended")
    for name, years in (("i-1", 3), ("i-2", 30)):
        until = (clock.now + timedelta(days=365 * years)).isoformat()
        mark = records.keep(town.house, by, "incident", {"id": name, "keep_until": until}, incident=name, n=0)
        changes = {"changes": {"closed_at": until}, "step": "closed"}
        records.keep(town.house, by, "amendment", changes, before=mark, incident=name, step="closed", n=0)
    clock.days(DAYS["papers"] + QUARTER)
    expire(town.house)
    assert not list(records.records_of(town.house, "tool"))
    assert [found.body["id"] for _, found in records.records_of(town.house, "incident")] == ["i-2"]
    assert len(list(records.records_of(town.house, "amendment"))) == 1


def test_a_record_that_lies_with_all_others_as_once_is_found_and_goes_with_them(town: Desk, clock: Hands) -> None:
    by, archive = _maker(town, "drift"), town.house.archive
    mark = records.keep(town.house, by, "drift", {"report": "r", "holds": True}, before="ab" * 32, holds=1)
    document = archive.get(mark)
    (shelf,) = [name for name, marks in archive.shelves().items() if mark in marks]
    archive.destroy_shelf(shelf)
    archive.put(mark, document, shelf="records." + shelf.partition(".")[2])
    assert records.kept(town.house, mark).record == "drift"
    clock.days(DAYS["records"] + QUARTER)
    assert "records." + shelf.partition(".")[2] in expire(town.house).shelves
    with pytest.raises(OutOfOrder, match="as its retention asks"):
        records.kept(town.house, mark)


def test_nothing_of_a_house_that_just_began_is_needed_but_its_people(town: Desk) -> None:
    agreed = {*town.house.book.orders.proposals, *(mark_of(a) for a in town.house.book.orders.approved.values())}
    assert needed_marks(town.house) - agreed == frozenset(town.house.book.enrolled.values())
    assert town.house.book.watching == Watching(version=0)


def test_an_authenticator_in_use_and_the_assessment_of_a_paper_in_force_live_on(town: Desk, clock: Hands) -> None:
    by = town.people["custodian"]
    passkey = records.keep(town.house, by, "passkey", {"id": "x"}, credential="ab" * 32, counter=0)
    marks = []
    for days in (30, 36_500):
        officer, peer = _maker(town, "assessment"), _maker(town, "peer_review")
        assessed = records.keep(town.house, officer, "assessment", {"unit": "it"}, serves="toy.*", level=1)
        marks.append((assessed, records.keep(town.house, peer, "peer_review", {}, before=assessed, unit="it")))
        more = {"serves": "toy.*", "purposes": (), "days": days, "body": {}, "before": assessed}
        acts.sign_paper(town.house, by, Paper.IMPACT_ASSESSMENT, **more)
    clock.days(DAYS["papers"] + QUARTER)
    expire(town.house)
    assert records.kept(town.house, passkey).record == "passkey"
    assert [records.still_kept(town.house, mark) is not None for pair in marks for mark in pair] == [False] * 2 + [
        True
    ] * 2


def test_what_is_said_of_a_dataset_lives_as_long_as_it(town: Desk, clock: Hands) -> None:
    by = town.people["privacy-officer"]
    there = town.admit(COUNT.example().datasets["wells"], COUNT.purposes).dataset
    retention.define(town.house, by, "wells", days=0, words="wells of the town")
    retention.tag(town.house, by, there, ("wells",), words="they are wells")
    released = retention.hold(town.house, by, there, words="a court asks for it")
    retention.release(town.house, by, there, released, words="the court is done with it")
    retention.hold(town.house, by, there, words="another court asks for it")
    body = {"dataset": there, "subjects": []}
    listed_there = records.keep(town.house, by, "subjects", body, dataset=there, n=0)
    listed_once = records.keep(town.house, by, "subjects", {**body, "dataset": "d-0"}, dataset="d-0", n=0)
    acts_of = [e for _, e in town.house.log.read() if e["kind"] in ("CATEGORY", "TAGGED", "HELD", "RELEASED")]
    clock.days(DAYS["papers"] + QUARTER)
    expire(town.house)
    kept = [not destroyed_on(town.house, str(e["mark"])) or _is_there(town, str(e["mark"])) for e in acts_of]
    assert kept == [True, True, False, False, True], "category, tag, a hold, its release, a hold in force"
    assert records.still_kept(town.house, listed_there) and not records.still_kept(town.house, listed_once)


def _is_there(town: Desk, mark: str) -> bool:
    return any(mark in marks for marks in town.house.archive.shelves().values())


def test_a_week_whose_review_is_past_its_time_is_over_and_is_not_drawn_again(town: Desk, clock: Hands) -> None:
    by, week = town.people["auditor"], "2026-W10"
    town.house.append("ACCESSED", subject="s", by=by.person.token, unit="u", dataset="d", action="read", **SEEN)
    records.keep(town.house, by, "sample", {"week": week, "entries": []}, week=week, size=1, root="ab", n=0)
    records.keep(town.house, by, "review", {"week": week, "outcomes": {}}, week=week, n=0, referred=0)
    assert weeks(town.house) == (week,)
    clock.days(DAYS["records"] + QUARTER)
    expire(town.house)
    assert weeks(town.house) == () and all_weeks(town.house) == (week,)
    for ask in (lambda: week_review(town.house, week), lambda: draw_week(town.house, by, week)):
        with pytest.raises(OutOfOrder, match="as its retention asks"):
            ask()


HOLDER, COURT = "privacy-officer", "a court asks for it"


def _folded(town: Desk) -> Watching:
    """What the log says of watches, read anew."""
    return opened(dataclasses.replace(town.house, book=Book())).book.watching


def _told(watching: Watching) -> tuple[object, ...]:
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
    steps = tuple(town.house.book.watching.steps[held])
    hold = retention.hold(town.house, town.people[HOLDER], held, words=COURT)
    act = str(town.house.book.filed.newest["HELD", hold]["mark"])
    clock.days(DAYS["papers"] + QUARTER)  # its reason is as old as that
    assert any(shelf.startswith("alarms.2026") for shelf in expire(town.house).shelves)
    assert _is_there(town, act) and all(_is_there(town, mark) for mark in steps), "whole, with the reason of the hold"
    assert set(town.house.book.watching.floor.alarms) == {held} and case in town.house.book.watching.stands
    assert town.house.book.watching.gone.keys() == {other}
    assert zone_months(town.house.book.watching.floor) == (), "one that a hold keeps tells nothing of its month"
    assert _told(_folded(town)) == _told(town.house.book.watching)
    clock.days(40)
    assert expire(town.house).shelves == (), "nothing is over while it is held"
    town.office.close()
    again = reopened(folder, clock)
    try:
        retention.release(again.house, again.people[HOLDER], held, hold, words="the court is done with it")
        assert held in again.house.book.watching.floor.alarms, "until the next job"
        clock.days(1)
        gone = expire(again.house)
        assert gone.shelves and all(".carried-" in shelf for shelf in gone.shelves)
        assert again.house.book.watching.gone.keys() == {held, other} and not again.house.book.watching.floor.past
        assert not any(_is_there(again, mark) for mark in (*steps, act))
        assert _told(_folded(again)) == _told(again.house.book.watching)
        with pytest.raises(OutOfOrder, match="as its retention asks"):
            retention.hold(again.house, again.people[HOLDER], held, words=COURT)
    finally:
        again.office.close()


def test_a_held_watch_keeps_its_alarms_those_to_come_too_and_another_watchs_go(town: Desk, clock: Hands) -> None:
    first, second = stands(town), stands(town)
    hold = retention.hold(town.house, town.people[HOLDER], first, words=COURT)
    alarms = {}
    for case, sensor in ((first, "well-1"), (second, "well-2")):
        alarms[case] = raised(town, case, sensor)
        disposed(town, alarms[case])
        cleared(town, case, sensor)
        watch.end(town.house, town.people["commander"], case)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.house)
    for watching in (town.house.book.watching, _folded(town)):
        assert set(watching.floor.alarms) == {alarms[first]} and watching.stands.keys() == {first}
        assert watching.gone.keys() == {alarms[second]} and watching.gone_watches.keys() == {second}
    retention.release(town.house, town.people[HOLDER], first, hold, words="the court is done with it")
    clock.days(1)
    expire(town.house)
    for watching in (town.house.book.watching, _folded(town)):
        assert not watching.floor.alarms and watching.gone_watches.keys() == {first, second}


def test_a_held_watch_that_called_nobody_is_kept(town: Desk, clock: Hands) -> None:
    """That it stood and raised nothing is what a court may want to know."""
    case = stands(town)
    watch.end(town.house, town.people["commander"], case)
    retention.hold(town.house, town.people[HOLDER], case, words=COURT)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.house)
    assert town.house.book.watching.stands.keys() == _folded(town).stands.keys() == {case}


def test_a_hold_that_comes_between_two_slices_of_the_job_keeps_what_is_still_there_and_no_more(
    town: Desk, clock: Hands
) -> None:
    case = stands(town)
    kept, late = raised(town, case, "well-1"), raised(town, case, "well-2")
    for alarm, sensor in ((kept, "well-1"), (late, "well-2")):
        disposed(town, alarm)
        cleared(town, case, sensor)
    clock.days(DAYS["alarms"] + QUARTER)
    job, by = expire_in_slices(town.house), town.people[HOLDER]
    next(job)
    retention.hold(town.house, by, kept, words=COURT)
    while "SHELF_DESTROYED" not in town.kinds():
        next(job)
    assert "SHELF_SHREDDED" not in town.kinds(), "its key goes next"
    with pytest.raises(OutOfOrder, match="as its retention asks"):
        retention.hold(town.house, by, late, words=COURT)
    retention.hold(town.house, by, case, words=COURT)  # the whole watch: what is left of it
    for _ in job:
        pass
    for watching in (town.house.book.watching, _folded(town)):
        assert set(watching.floor.alarms) == {kept} and watching.gone.keys() == {late}


def test_a_time_made_longer_keeps_no_alarm_whose_hold_was_released(town: Desk, clock: Hands) -> None:
    """Its shelf is gone already: it goes as the release says, whatever is said of shelves since."""
    case = stands(town)
    alarm = raised(town, case, "well-1")
    disposed(town, alarm)
    cleared(town, case, "well-1")
    hold = retention.hold(town.house, town.people[HOLDER], alarm, words=COURT)
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.house)
    house = dataclasses.replace(town.house, keeps={**DAYS, "alarms": 0})
    retention.release(house, town.people[HOLDER], alarm, hold, words="the court is done with it")
    clock.days(1)
    expire(house)
    assert house.book.watching.gone.keys() == {alarm}
