"""What people do: in turn and with reasons; and whatever happens in whatever order, no alarm is lost or doubled."""

from __future__ import annotations

import pytest
from floors import Town
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.kernel.alarms.operator_actions import (
    acknowledge,
    back_in_service,
    decide,
    dispose,
    may_hand_over,
    out_of_service,
    shelve,
)
from peelian.kernel.model.alarms import (
    CHOICES,
    CITY,
    DISPOSITIONS,
    OFFICE,
    Floor,
    Post,
    State,
    apply,
    without_disposition,
)
from peelian.kernel.model.watch import Level, Turn


@pytest.fixture
def town() -> Town:
    made = Town()
    made.signal()
    return made


def test_every_act_has_its_turn(town: Town) -> None:
    name = town.alarm().id
    with pytest.raises(OutOfOrder, match="acknowledge it first"):
        decide(town.floor, name, "p-1", town.now, choice="dismiss", reason="nothing")
    with pytest.raises(OutOfOrder):
        dispose(town.floor, name, "p-1", town.now, disposition="unknown")
    town.take(acknowledge(town.floor, name, "p-1", town.now))
    with pytest.raises(OutOfOrder):
        acknowledge(town.floor, name, "p-2", town.now)
    for choice, reason in (("shoot", "no"), ("dismiss", "  ")):
        with pytest.raises(InputError):
            decide(town.floor, name, "p-1", town.now, choice=choice, reason=reason)
    town.take(decide(town.floor, name, "p-1", town.now, choice="dispatch help", reason="a crush at the gate"))
    with pytest.raises(InputError, match="disposition"):
        dispose(town.floor, name, "p-1", town.now, disposition="fine")
    town.take(dispose(town.floor, name, "p-1", town.now, disposition="danger confirmed"))
    assert town.alarm().state is State.DECIDED, "its condition still holds"
    town.signal(Turn.CLEAR)
    assert town.alarm().state is State.CLOSED


def test_a_decision_may_be_changed_until_it_closes(town: Town) -> None:
    name = town.alarm().id
    town.take(acknowledge(town.floor, name, "p-1", town.now))
    town.take(decide(town.floor, name, "p-1", town.now, choice="watch", reason="let us see"))
    town.take(decide(town.floor, name, "p-2", town.now, choice="dispatch help", reason="it grows"))
    assert (town.alarm().choice, town.alarm().decided_by) == ("dispatch help", "p-2")


@pytest.mark.parametrize("minutes", [0, 61, 10_000, -5])
def test_no_alarm_is_shelved_for_longer_than_an_hour(town: Town, minutes: int) -> None:
    with pytest.raises(InputError, match="60"):
        shelve(town.floor, town.alarm().id, "p-1", town.now, minutes=minutes, reason="works")


def test_shelving_and_taking_out_of_service_give_reasons(town: Town) -> None:
    with pytest.raises(InputError):
        shelve(town.floor, town.alarm().id, "p-1", town.now, minutes=5, reason="")
    with pytest.raises(InputError):
        out_of_service(town.floor, town.alarm().id, "p-1", town.now, reason=" ")


def test_back_in_service_it_waits_for_somebody(town: Town) -> None:
    name = town.alarm().id
    town.take(out_of_service(town.floor, name, "p-1", town.now, reason="a broken meter"))
    town.take(back_in_service(town.floor, name, "p-1", town.now))
    assert town.alarm().state is State.OPEN


def test_a_shift_is_not_handed_over_with_an_alarm_without_disposition(town: Town) -> None:
    name = town.alarm().id
    for act in (
        lambda: acknowledge(town.floor, name, "p-1", town.now),
        lambda: decide(town.floor, name, "p-1", town.now, choice="watch", reason="let us see"),
        lambda: dispose(town.floor, name, "p-1", town.now, disposition="unknown"),
    ):
        with pytest.raises(OutOfOrder, match="no outcome"):
            may_hand_over(town.floor)
        town.take(act())
    may_hand_over(town.floor)


class Shifts(RuleBasedStateMachine):
    """Nights full of signals, clocks and people in any order."""

    zones = st.sampled_from(["square", "bridge", "gate", "park"])
    kinds = st.sampled_from(["real", "exercise", "silent"])

    def __init__(self) -> None:
        super().__init__()
        self.town = Town()
        self.posts = {
            "real": Post(watch="w-1", zones=9),
            "exercise": Post(watch="w-2", zones=9, exercise=True),
            "silent": Post(watch="w-3", zones=9, silent=True),
        }
        self.on: dict[tuple[str, str], bool] = {}

    @rule(zone=zones, kind=kinds, level=st.sampled_from(list(Level)))
    def raise_(self, zone: str, kind: str, level: Level) -> None:
        self.town.signal(zone=zone, level=level, post=self.posts[kind])
        self.on[zone, kind] = True

    @rule(zone=zones, kind=kinds)
    def clear(self, zone: str, kind: str) -> None:
        self.town.signal(Turn.CLEAR, zone=zone, post=self.posts[kind])
        self.on[zone, kind] = False

    @rule(seconds=st.sampled_from([0.5, 45, 130, 599, 700, 3_700]))
    def wait(self, seconds: float) -> None:
        before = {a.id: a.state for a in self.town.floor.not_closed()}
        moves = self.town.seconds(seconds)
        assert not [m for m in moves if m.step in ("acked", "decided", "closed", "disposed")], "time decides nothing"
        assert all(self.town.floor.alarms[name].state is not State.CLOSED for name in before)

    @rule(
        nth=st.integers(0, 30),
        act=st.sampled_from(["ack", "decide", "dispose", "shelve", "out", "back"]),
        choice=st.sampled_from(CHOICES),
        disposition=st.sampled_from(DISPOSITIONS),
        minutes=st.integers(1, 60),
    )
    def somebody_acts(self, nth: int, act: str, choice: str, disposition: str, minutes: int) -> None:
        names = list(self.town.floor.alarms)
        if not names:
            return
        floor, name, now = self.town.floor, names[nth % len(names)], self.town.now
        acts = {
            "ack": lambda: acknowledge(floor, name, "p-1", now),
            "decide": lambda: decide(floor, name, "p-1", now, choice=choice, reason="as seen"),
            "dispose": lambda: dispose(floor, name, "p-1", now, disposition=disposition),
            "shelve": lambda: shelve(floor, name, "p-1", now, minutes=minutes, reason="works"),
            "out": lambda: out_of_service(floor, name, "p-1", now, reason="broken"),
            "back": lambda: back_in_service(floor, name, "p-1", now),
        }
        try:
            self.town.take(acts[act]())
        except PeelianError:
            return

    @invariant()
    def what_the_floor_says_is_what_the_moves_say(self) -> None:
        again = Floor(pending=dict(self.town.floor.pending))
        for move in self.town.moves:
            apply(again, move)
        assert again == self.town.floor

    @invariant()
    def one_alarm_for_a_zone_and_type_and_none_is_lost(self) -> None:
        floor = self.town.floor
        keys = [a.key for a in floor.not_closed()]
        assert len(keys) == len(set(keys))
        for (zone, kind), on in self.on.items():
            if on:
                alarm = floor.alarms[floor.current[zone, "noise", kind]]
                assert alarm.active and alarm.state is not State.CLOSED

    @invariant()
    def whatever_is_closed_or_decided_a_person_closed_or_decided(self) -> None:
        for alarm in self.town.floor.alarms.values():
            if alarm.state is State.CLOSED:
                assert alarm.disposition in DISPOSITIONS and not alarm.active
            if alarm.state in (State.DECIDED, State.CLEARED):
                assert alarm.choice in CHOICES and alarm.reason and alarm.decided_by not in ("", OFFICE)
            if alarm.state is State.JOINED:
                assert self.town.floor.alarms[alarm.incident].zone == CITY
        assert all(m.by != OFFICE for m in self.town.moves if m.step in ("acked", "decided", "disposed", "closed"))

    @invariant()
    def a_shift_is_handed_over_only_when_all_is_answered(self) -> None:
        try:
            may_hand_over(self.town.floor)
            refused = False
        except OutOfOrder:
            refused = True
        assert refused == bool(without_disposition(self.town.floor))


Shifts.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestShifts = Shifts.TestCase
