"""What the log says of agreed acts, authenticators and duties, entry by entry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk import desk

from peelian.kernel.state.authorization_status import AccessState, DutyState

AT = "2026-03-02T09:00:00.00Z"


def test_acts_that_take_two_people_are_known_with_who_agreed_to_them() -> None:
    town = desk(())
    status = town.kernel.state.dual_control
    assert len(status.proposals) == len(status.approved) == len(status.carried_out) == 3
    assert town.kernel.state.adopted.bylaws == "" and not status.handing_out and not town.kernel.state.seated


def test_authenticators_go_with_whoever_leaves() -> None:
    access, entry = AccessState(), {"t": AT, "by": "a", "counter": 3, "document": "d", "credential": "k"}
    access.fold({"kind": "PASSKEY_ENROLLED", **entry})
    assert access.passkeys["k"].counter == 3
    access.fold({"kind": "RETIRED", "person": "b"})
    assert access.passkeys
    access.fold({"kind": "RETIRED", "person": "a"})
    assert not access.passkeys


def test_a_drill_that_missed_opens_nothing_and_the_newest_witness_counts() -> None:
    duties = DutyState()
    said: list[dict[str, Any]] = [
        {"kind": "DRILLED", "met": 1}, {"kind": "DRILLED", "met": 0}, {"kind": "WITNESS_CHOSEN", "witness": "w-1"},
        {"kind": "WITNESSED"}, {"kind": "UNWITNESSED"}, {"kind": "SWEPT"},
    ]  # fmt: skip
    for entry in said:
        duties.fold({"t": AT, **entry}, lambda: AT)
    assert (duties.drilled, duties.drill_missed, duties.chosen, duties.witness) == (AT, AT, "w-1", "UNWITNESSED")
    assert duties.jobs.last == AT


def test_the_first_job_of_an_office_counts_from_the_beginning_of_its_log() -> None:
    duties = DutyState()
    duties.fold({"kind": "SWEPT", "t": AT}, lambda: "2014-03-02T09:00:00.00Z")
    assert duties.jobs.jumped(datetime.fromisoformat(AT)) == 12 * 365 + 3, "it waits, for the clock jumped"
