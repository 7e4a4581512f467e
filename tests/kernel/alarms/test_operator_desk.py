"""The operator's desk: every act is a named person's, signed and chained in the log; a shift ends with nothing open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from event_plans import plan_body
from toy_watch import FIRST, wells
from watched import Watched, stood

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.alarms import event_plans, operator_desk, watch
from peelian.kernel.model.alarms import State
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import AlarmStep, digest_of
from peelian.kernel.model.people import signature_holds
from peelian.kernel.state.signed_documents import archived


@pytest.fixture
def at() -> Watched:
    made = stood()
    made.feed(wells([6.0, 6.5]))
    return made


def _only(at: Watched) -> str:
    return next(iter(at.town.kernel.state.alarms.floor.alarms))


def test_every_step_is_signed_by_who_took_it_and_names_the_step_before(at: Watched) -> None:
    kernel, dispatcher, name = at.town.kernel, at.town.people["dispatcher"], _only(at)
    operator_desk.acknowledge(kernel, dispatcher, name)
    operator_desk.decide(kernel, dispatcher, name, choice="watch", reason="the river rises")
    operator_desk.dispose(kernel, dispatcher, name, disposition="weather")
    at.feed(wells([1.0], first=FIRST + timedelta(seconds=9)))
    entries = [e for _, e in kernel.stores.log.read() if e.get("alarm") == name]
    assert [e["kind"] for e in entries] == [
        "ALARM_RAISED",
        "ALARM_ACKED",
        "ALARM_DECIDED",
        "ALARM_DISPOSED",
        "ALARM_CLOSED",
    ]
    before = digest_of(at.permit)
    for entry in entries:
        step = archived(kernel, str(entry["document"]), AlarmStep)
        key = kernel.office.public_key if step.by == "office" else dispatcher.person.public_key
        assert step.before == before and signature_holds(key, step.signature, digest_of(step).encode())
        before = digest_of(step)
    assert "river" not in str(entries), "reasons stand in the archive, not in the log"


def test_only_deciders_act(at: Watched) -> None:
    for short in ("analyst", "board", "commander"):
        with pytest.raises(Refused):
            operator_desk.acknowledge(at.town.kernel, at.town.people[short], _only(at))


def test_shelving_taking_out_of_service_and_back(at: Watched) -> None:
    kernel, dispatcher, name = at.town.kernel, at.town.people["dispatcher"], _only(at)
    assert operator_desk.shelve(kernel, dispatcher, name, minutes=30, reason="works").state is State.SHELVED
    assert operator_desk.back_in_service(kernel, dispatcher, name).state is State.OPEN
    assert operator_desk.out_of_service(kernel, dispatcher, name, reason="broken").state is State.OUT_OF_SERVICE


def test_a_step_of_the_runbook_is_ticked_once_and_can_be_unticked(at: Watched) -> None:
    kernel, dispatcher, name = at.town.kernel, at.town.people["dispatcher"], _only(at)
    night = at.town.office.enrol(
        "night", name="Night", unit="night", roles={Role.DISPATCHER}, by=at.town.people["custodian"]
    )
    alarm = operator_desk.tick(kernel, dispatcher, name, item="Look at the well.", done=True)
    assert [(one.item, one.by) for one in alarm.ticks] == [("Look at the well.", dispatcher.person.token)]
    assert alarm.state is State.OPEN, "it still calls: a tick acknowledges nothing"
    again = operator_desk.tick(kernel, night, name, item="Look at the well.", done=True)
    assert again == alarm and at.town.kinds().count("ALARM_TICKED") == 1, "who was first stays on record"
    assert operator_desk.tick(kernel, night, name, item="Look at the well.", done=False).ticks == ()
    operator_desk.tick(kernel, dispatcher, name, item="Look at the well.", done=False)
    assert at.town.kinds().count("ALARM_UNTICKED") == 1
    with pytest.raises(OutOfOrder, match="no such step"):
        operator_desk.tick(kernel, dispatcher, name, item="Send everybody.", done=True)
    with pytest.raises(Refused):
        operator_desk.tick(kernel, at.town.people["analyst"], name, item="Open the sluice.", done=True)


def test_two_operators_who_tick_at_once_leave_one_step_in_the_log(at: Watched) -> None:
    kernel, name = at.town.kernel, _only(at)
    night = at.town.office.enrol(
        "night", name="Night", unit="night", roles={Role.DISPATCHER}, by=at.town.people["custodian"]
    )
    both = [at.town.people["dispatcher"], night] * 3
    with ThreadPoolExecutor(6) as desks:
        done = list(
            desks.map(lambda by: operator_desk.tick(kernel, by, name, item="Open the sluice.", done=True), both)
        )
    assert at.town.kinds().count("ALARM_TICKED") == 1 and len({alarm.ticks for alarm in done}) == 1


def test_the_steps_of_a_plan_in_force_take_the_place_of_the_default_ones(at: Watched) -> None:
    kernel, people, name = at.town.kernel, at.town.people, _only(at)
    operator_desk.tick(kernel, people["dispatcher"], name, item="Look at the well.", done=True)
    digest = event_plans.plan_event(kernel, people["dispatcher"], plan_body())
    event_plans.confirm_plan(kernel, people["commander"], digest)
    with pytest.raises(OutOfOrder, match="no such step"):
        operator_desk.tick(kernel, people["dispatcher"], name, item="Open the sluice.", done=True)
    operator_desk.tick(kernel, people["dispatcher"], name, item="Call the first aid post.", done=True)
    alarm = operator_desk.tick(kernel, people["dispatcher"], name, item="Look at the well.", done=False)
    assert [one.item for one in alarm.ticks] == ["Call the first aid post."]


def test_help_arrives_once_and_only_where_it_was_dispatched(at: Watched) -> None:
    kernel, dispatcher, name = at.town.kernel, at.town.people["dispatcher"], _only(at)
    with pytest.raises(OutOfOrder, match="decide to dispatch it first"):
        operator_desk.help_arrived(kernel, dispatcher, name)
    operator_desk.acknowledge(kernel, dispatcher, name)
    operator_desk.decide(kernel, dispatcher, name, choice="watch", reason="the river rises")
    with pytest.raises(OutOfOrder, match="No help was dispatched"):
        operator_desk.help_arrived(kernel, dispatcher, name)
    operator_desk.decide(kernel, dispatcher, name, choice="dispatch help", reason="the river rises")
    arrived = operator_desk.help_arrived(kernel, dispatcher, name).arrived_at
    assert arrived and arrived <= kernel.now() and at.town.kinds()[-1] == "ALARM_ARRIVED"
    with pytest.raises(OutOfOrder, match="already recorded"):
        operator_desk.help_arrived(kernel, dispatcher, name)


def test_an_alarm_that_begins_anew_has_its_runbook_to_do_again(at: Watched) -> None:
    kernel, dispatcher, name = at.town.kernel, at.town.people["dispatcher"], _only(at)
    operator_desk.acknowledge(kernel, dispatcher, name)
    operator_desk.decide(kernel, dispatcher, name, choice="dispatch help", reason="the river rises")
    operator_desk.tick(kernel, dispatcher, name, item="Open the sluice.", done=True)
    operator_desk.help_arrived(kernel, dispatcher, name)
    operator_desk.dispose(kernel, dispatcher, name, disposition="weather")
    at.feed(wells([1.0], first=FIRST + timedelta(seconds=9)))
    with pytest.raises(OutOfOrder):
        operator_desk.tick(kernel, dispatcher, name, item="Look at the well.", done=True)
    at.feed(wells([6.0, 6.5], first=FIRST + timedelta(seconds=60)))
    alarm = kernel.state.alarms.floor.at(name)
    assert alarm.state is State.OPEN and alarm.ticks == () and alarm.arrived_at is None


def test_a_shift_is_handed_to_a_colleague_once_nothing_is_open(at: Watched) -> None:
    kernel, dispatcher, name = at.town.kernel, at.town.people["dispatcher"], _only(at)
    night = at.town.office.enrol(
        "night", name="Night", unit="night", roles={Role.DISPATCHER}, by=at.town.people["custodian"]
    )
    with pytest.raises(OutOfOrder, match="no outcome"):
        operator_desk.hand_over(kernel, dispatcher, to=night.person.token, words="one well is high")
    operator_desk.acknowledge(kernel, dispatcher, name)
    operator_desk.decide(kernel, dispatcher, name, choice="watch", reason="the river rises")
    operator_desk.dispose(kernel, dispatcher, name, disposition="weather")
    for nobody in ("p-nobody", dispatcher.person.token, at.town.people["clerk"].person.token):
        with pytest.raises(OutOfOrder, match="another dispatcher"):
            operator_desk.hand_over(kernel, dispatcher, to=nobody, words="")
    made = operator_desk.hand_over(kernel, dispatcher, to=night.person.token, words="one well is high")
    assert made.active == 1 and kernel.state.alarms.handovers == [made]


def test_a_permitted_event_is_entered_by_a_clerk_and_explains_its_signals() -> None:
    at = stood()
    kernel, clerk = at.town.kernel, at.town.people["clerk"]
    when = {"starts": FIRST - timedelta(hours=1), "ends": FIRST + timedelta(hours=3)}
    good = {"zone": "north", "types": ["high_well"], "what": "A fountain is tried"} | when
    with pytest.raises(Refused):
        operator_desk.permit_event(kernel, at.town.people["analyst"], **good)
    for change in (
        {"types": ["song"]},
        {"types": []},
        {"zone": "North Square"},
        {"ends": when["starts"]},
        {"ends": FIRST + timedelta(days=20)},
        {"starts": when["starts"].replace(tzinfo=None)},
    ):
        with pytest.raises(InputError):
            operator_desk.permit_event(kernel, clerk, **(good | change))
    operator_desk.permit_event(kernel, clerk, **good)
    (move,) = at.feed(wells([6.0, 6.5]))
    assert move.state is State.SUPPRESSED
    at.town.clock.now += timedelta(hours=4)
    (move, *_) = watch.tick(kernel)
    assert move.state is State.OPEN
