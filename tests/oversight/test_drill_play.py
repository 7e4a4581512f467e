"""Inside a drill town: the clock, what appears when, who decides what, what is late. A clock moved by the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from desk import Hands

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.records.drill_records import MARK, open_drill
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import memory_office
from peelian.oversight.breach.incident import open_incident
from peelian.oversight.breach.told_incidents import free_report
from peelian.oversight.drills import play as drill_play
from peelian.oversight.drills.cards import card_of
from peelian.oversight.drills.play import play_of, played

CARD = card_of("insider")
LETTER = {"who": "The town writes to me", "what": "Somebody read my record", "next": "I can call the town"}


@dataclass(frozen=True, slots=True)
class Town:
    kernel: Kernel
    clock: Hands
    it: Operator
    pia: Operator  # leads
    cleo: Operator


@pytest.fixture
def town() -> Town:
    clock = Hands()
    office = memory_office(clock=clock)
    office.kernel.append(MARK, seed=1)
    it = office.enrol("it", name="IT", unit="it", roles={Role.CUSTODIAN})
    pia = office.enrol("pia", name="Pia", unit="privacy", roles={Role.PRIVACY_OFFICER}, by=it)
    cleo = office.enrol("cleo", name="Cleo", unit="records", roles={Role.CLERK}, by=it)
    drill_play.prepare(office.kernel, pia, CARD, ["INVENTED-00000", "INVENTED-00001"])
    for by, name, role in ((pia, "desk-1", "privacy_officer"), (it, "desk-2", "custodian"), (cleo, "desk-3", "clerk")):
        drill_play.sit_down(office.kernel, by, name, role)
    return Town(kernel=office.kernel, clock=clock, it=it, pia=pia, cleo=cleo)


def test_a_clock_moved_by_hand_stands_still_between_its_steps(town: Town) -> None:
    drill_play.start(town.kernel, town.pia, 0)
    town.clock.days(2)
    assert play_of(town.kernel).minute == 0 and len(play_of(town.kernel).appeared) == 1
    drill_play.move_on(town.kernel, town.pia, 25)
    play = play_of(town.kernel)
    assert (play.minute, len(play.appeared), play.coming) == (25, 2, (60,))
    with pytest.raises(InputError, match="after 25"):
        drill_play.move_on(town.kernel, town.pia, 25)


@pytest.mark.parametrize("factor", [1, 60])
def test_a_clock_runs_as_fast_as_its_factor_and_can_be_moved_ahead(town: Town, factor: int) -> None:
    drill_play.start(town.kernel, town.pia, factor)
    town.clock.now += timedelta(minutes=1)
    assert play_of(town.kernel).minute == factor
    drill_play.move_on(town.kernel, town.pia, 500)
    town.clock.now += timedelta(minutes=2)
    assert play_of(town.kernel).minute == 500 + 2 * factor


def test_what_is_decided_after_its_minute_is_late_and_what_is_not_decided_too(town: Town) -> None:
    kernel = town.kernel
    drill_play.start(kernel, town.pia, 0)
    drill_play.move_on(kernel, town.pia, 15)
    drill_play.decide(kernel, town.it, "account", "the account is closed")  # due by 15
    drill_play.move_on(kernel, town.pia, 61)
    drill_play.decide(kernel, town.it, "contain", "contained by hand now")  # due by 60
    made = {one.decision.id: one for one in play_of(kernel).made}
    assert not made["account"].late and made["account"].minute == 15
    assert made["contain"].late and made["council"].late and made["council"].minute == drill_play.NEVER
    assert play_of(kernel).missing == ("auditor", "council")


def test_an_act_in_the_program_is_the_decision_of_its_role_and_of_no_other(town: Town) -> None:
    kernel, report = town.kernel, free_report({"kind": "misdirected", "words": "a list went to the wrong address"})
    drill_play.start(kernel, town.pia, 0)
    open_incident(kernel, town.cleo, report)  # a clerk may record, but on this card the privacy officer must
    assert "record" in {one.id for one in play_of(kernel).open_for("privacy_officer")}
    other = free_report({"kind": "paper_lost", "words": "pages lay along the road"})
    open_incident(kernel, town.pia, other)
    made = {one.decision.id: one for one in play_of(kernel).made}
    assert (made["record"].minute, made["record"].name) == (0, "desk-1")


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda t: drill_play.decide(t.kernel, t.cleo, "account", "we close it now"), "another role"),
        (lambda t: drill_play.decide(t.kernel, t.pia, "hidden", "we drive there now"), "stands on your page"),
        (lambda t: drill_play.decide(t.kernel, t.it, "account", "yes"), "few words"),
        (lambda t: drill_play.move_on(t.kernel, t.it, 30), "somebody else leads"),
        (lambda t: drill_play.start(t.kernel, t.pia, 1), "begun already"),
        (lambda t: drill_play.end(t.kernel, t.pia), "still to come, at minute 25"),
        (lambda t: drill_play.call(t.kernel, t.it, "mayor", reached=True, minutes=1), "call list"),
        (lambda t: drill_play.read_letter(t.kernel, t.cleo, LETTER), "somebody else to read"),
        (lambda t: drill_play.read_letter(t.kernel, t.it, {**LETTER, "next": "?"}), "few words"),
        (lambda t: open_drill(t.kernel, t.pia, {"affected": 1}), "real office"),
    ],
)
def test_a_wrong_step_is_told_and_leaves_nothing(town: Town, act: Callable[[Town], None], says: str) -> None:
    drill_play.start(town.kernel, town.pia, 0)
    size = town.kernel.stores.log.size()
    with pytest.raises((InputError, OutOfOrder, Refused), match=says):
        act(town)
    assert town.kernel.stores.log.size() == size


def test_nothing_is_done_before_the_clock_starts_or_after_the_end_and_the_report_says_what_was(town: Town) -> None:
    kernel = town.kernel
    with pytest.raises(OutOfOrder, match="not begun"):
        drill_play.decide(kernel, town.it, "account", "the account is closed")
    drill_play.start(kernel, town.pia, 0)
    drill_play.call(kernel, town.cleo, "press", reached=False, minutes=4)
    drill_play.read_letter(kernel, town.it, LETTER)
    drill_play.move_on(kernel, town.pia, 60)
    drill_play.end(kernel, town.pia)
    with pytest.raises(OutOfOrder, match="over"):
        drill_play.decide(kernel, town.it, "account", "the account is closed")
    told = played(kernel)
    assert told["acted"] == ["desk-2", "desk-3"] and told["minutes"] == 60 and told["ended"]
    assert told["calls"][0]["reached"] == 0 and "press" not in told["untried"]
    assert told["reading"]["role"] == "custodian" and set(told["late"]) == {one.id for one in CARD.decisions}
    assert (told["affected"], told["found"]) == (2, 0)
