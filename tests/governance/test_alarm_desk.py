"""The operator's desk: every act is a named person's, signed and chained in the log; a shift ends with nothing open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from toy_watch import FIRST, wells
from watched import Watched, stood

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.governance import alarm_desk, watch
from peelian.governance.alarms import State
from peelian.governance.capability import Role
from peelian.governance.documents import AlarmStep, mark_of
from peelian.governance.house import archived
from peelian.governance.people import signature_holds


@pytest.fixture
def at() -> Watched:
    made = stood()
    made.feed(wells([6.0, 6.5]))
    return made


def _only(at: Watched) -> str:
    return next(iter(at.town.house.book.watching.floor.alarms))


def test_every_step_is_signed_by_who_took_it_and_names_the_step_before(at: Watched) -> None:
    house, dispatcher, name = at.town.house, at.town.people["dispatcher"], _only(at)
    alarm_desk.acknowledge(house, dispatcher, name)
    alarm_desk.decide(house, dispatcher, name, choice="watch", reason="the river rises")
    alarm_desk.dispose(house, dispatcher, name, disposition="weather")
    at.feed(wells([1.0], first=FIRST + timedelta(seconds=9)))
    entries = [e for _, e in house.log.read() if e.get("alarm") == name]
    assert [e["kind"] for e in entries] == [
        "ALARM_RAISED",
        "ALARM_ACKED",
        "ALARM_DECIDED",
        "ALARM_DISPOSED",
        "ALARM_CLOSED",
    ]
    before = mark_of(at.permit)
    for entry in entries:
        step = archived(house, str(entry["mark"]), AlarmStep)
        key = house.public_key if step.by == "office" else dispatcher.person.public_key
        assert step.before == before and signature_holds(key, step.signature, mark_of(step).encode())
        before = mark_of(step)
    assert "river" not in str(entries), "reasons stand in the archive, not in the log"


def test_only_deciders_act(at: Watched) -> None:
    for short in ("analyst", "board", "commander"):
        with pytest.raises(Refused):
            alarm_desk.acknowledge(at.town.house, at.town.people[short], _only(at))


def test_shelving_taking_out_of_service_and_back(at: Watched) -> None:
    house, dispatcher, name = at.town.house, at.town.people["dispatcher"], _only(at)
    assert alarm_desk.shelve(house, dispatcher, name, minutes=30, reason="works").state is State.SHELVED
    assert alarm_desk.back_in_service(house, dispatcher, name).state is State.OPEN
    assert alarm_desk.out_of_service(house, dispatcher, name, reason="broken").state is State.OUT_OF_SERVICE


def test_a_shift_is_handed_to_a_colleague_once_nothing_is_open(at: Watched) -> None:
    house, dispatcher, name = at.town.house, at.town.people["dispatcher"], _only(at)
    night = at.town.office.enrol(
        "night", name="Night", unit="night", roles={Role.DISPATCHER}, by=at.town.people["custodian"]
    )
    with pytest.raises(OutOfOrder, match="no disposition"):
        alarm_desk.hand_over(house, dispatcher, to=night.person.token, words="one well is high")
    alarm_desk.acknowledge(house, dispatcher, name)
    alarm_desk.decide(house, dispatcher, name, choice="watch", reason="the river rises")
    alarm_desk.dispose(house, dispatcher, name, disposition="weather")
    for nobody in ("p-nobody", dispatcher.person.token, at.town.people["clerk"].person.token):
        with pytest.raises(OutOfOrder, match="another dispatcher"):
            alarm_desk.hand_over(house, dispatcher, to=nobody, words="")
    made = alarm_desk.hand_over(house, dispatcher, to=night.person.token, words="one well is high")
    assert made.active == 1 and house.book.watching.handovers == [made]


def test_a_permitted_event_is_entered_by_a_clerk_and_explains_its_signals() -> None:
    at = stood()
    house, clerk = at.town.house, at.town.people["clerk"]
    when = {"starts": FIRST - timedelta(hours=1), "ends": FIRST + timedelta(hours=3)}
    good = {"zone": "north", "types": ["high_well"], "what": "A fountain is tried"} | when
    with pytest.raises(Refused):
        alarm_desk.permit_event(house, at.town.people["analyst"], **good)
    for change in (
        {"types": ["song"]},
        {"types": []},
        {"zone": "North Square"},
        {"ends": when["starts"]},
        {"ends": FIRST + timedelta(days=20)},
        {"starts": when["starts"].replace(tzinfo=None)},
    ):
        with pytest.raises(InputError):
            alarm_desk.permit_event(house, clerk, **(good | change))
    alarm_desk.permit_event(house, clerk, **good)
    (move,) = at.feed(wells([6.0, 6.5]))
    assert move.state is State.SUPPRESSED
    at.town.clock.now += timedelta(hours=4)
    (move, *_) = watch.tick(house)
    assert move.state is State.OPEN
