"""What is still needed lives on and the rest is gone: alarms, watches, sensors and the office's records over years."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands
from toy import COUNT
from toy_watch import HIGH, wells
from watched import MemoryCheckpoints, listed, papers
from years import office_of_years, reopened

from peelian.errors import InputError, OutOfOrder
from peelian.governance import acts, alarm_desk, records, retention, sensor_register, watch
from peelian.governance.alarms import Move, State
from peelian.governance.capability import Paper
from peelian.governance.documents import mark_of
from peelian.governance.expiry import expire
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


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def folder(tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> Path:
    return office_of_years(tmp_path / "town", clock, monkeypatch)


@pytest.fixture
def town(folder: Path, clock: Hands) -> Iterator[Desk]:
    made = reopened(folder, clock)
    yield made
    made.office.close()


def _stands(town: Desk, days: int = 400) -> str:
    """A watch over two proven sensors; its case."""
    for sensor in ("well-1", "well-2"):
        if sensor not in sensor_register.the_register(town.house):
            listed(town, sensor, days=days)
    town.clock.days(29)
    papers(town, HIGH)
    params, over = HIGH.example().params, HIGH.example().sensors
    return watch.stand(
        town.house, town.people["commander"], HIGH.id, purpose="safety", params=params, sensors=over
    ).case


def _raised(town: Desk, case: str, sensor: str) -> str:
    """A high well; the alarm's name."""
    known = set(town.house.book.watching.floor.alarms)
    standing = watch.begin(town.house, town.house.book.watching.stands[case].permit, MemoryCheckpoints())
    for reading in wells([6.0, 6.5], sensor, first=town.clock.now + timedelta(seconds=1)):
        town.clock.now = reading.time
        watch.feed(town.house, standing, [reading])
    (alarm,) = set(town.house.book.watching.floor.alarms) - known
    return alarm


def _closed(town: Desk, alarm: str) -> None:
    by = town.people["dispatcher"]
    alarm_desk.acknowledge(town.house, by, alarm)
    alarm_desk.decide(town.house, by, alarm, choice="watch", reason="a wave at the weir")
    alarm_desk.dispose(town.house, by, alarm, disposition="works")
    assert town.house.book.watching.floor.at(alarm).state is not State.OPEN


def _cleared(town: Desk, case: str, sensor: str) -> None:
    standing = watch.begin(town.house, town.house.book.watching.stands[case].permit, MemoryCheckpoints())
    for reading in wells([6.0, 6.5, 1.0], sensor, first=town.clock.now + timedelta(seconds=1)):
        town.clock.now = reading.time
        watch.feed(town.house, standing, [reading])


def test_an_alarm_of_2026_is_gone_after_its_time_and_an_open_one_is_carried(
    town: Desk, folder: Path, clock: Hands, tmp_path: Path
) -> None:
    case = _stands(town)
    closed, waits = _raised(town, case, "well-1"), _raised(town, case, "well-2")
    _closed(town, closed)
    _cleared(town, case, "well-1")
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
    case = _stands(town)
    alarm = _raised(town, case, "well-1")
    clock.days(200)
    _closed(town, alarm)
    _cleared(town, case, "well-1")
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
    case = _stands(town)
    alarm = _raised(town, case, "well-1")
    _closed(town, alarm)
    _cleared(town, case, "well-1")
    old = town.house.book.watching.floor.at(alarm)
    waits = _raised(town, case, "well-2")  # so that the watch is needed
    clock.days(DAYS["alarms"] + QUARTER)
    expire(town.house)
    assert alarm in town.house.book.watching.gone and waits not in town.house.book.watching.gone
    move = Move(alarm=alarm, step="raised", watch=case, zone=old.zone, type=old.type, kind=old.kind, state=State.OPEN,
                level=old.level, active=True, at=clock.now)  # fmt: skip
    watch.log_move(town.house, move)
    for book in (town.house.book, opened(dataclasses.replace(town.house, book=Book())).book):
        assert book.watching.floor.at(alarm).state is State.OPEN and alarm not in book.watching.gone


def test_a_watch_that_stands_no_more_is_gone_and_is_said_to_be(town: Desk, clock: Hands) -> None:
    case = _stands(town)
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
    _stands(town)
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
