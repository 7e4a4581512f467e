"""Acts without a document are signed by whoever acts: over the whole entry, its time, and the office it is of."""

from __future__ import annotations

import pytest
from desk import Desk, desk, founded
from toy import TOY

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.identity import step_up
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.policy.signed_entries import acted, actor_of, must_be_permitted, shown, signer_of


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_an_entry_is_its_persons_and_nobody_elses(town: Desk) -> None:
    kernel, board = town.kernel, town.people["board"]
    index = acted(kernel, board, "SUSPENDED", technology="toy")
    entry = dict(kernel.stores.log.read(index))[index]
    assert signer_of(kernel, entry) == board.person and "toy" in kernel.state.suspended
    for altered in (
        {**entry, "technology": "other"},
        {**entry, "t": "2026-01-01T00:00:00.00Z"},
        {**entry, "by": town.people["clerk"].person.token},
        {**entry, "signature": "00" * 64},
        {key: value for key, value in entry.items() if key != "signature"},
    ):
        with pytest.raises(OutOfOrder):
            signer_of(kernel, altered)
    with pytest.raises(OutOfOrder):
        signer_of(founded().kernel, entry)


def test_where_the_key_is_elsewhere_a_proven_session_stands_for_what_is_only_shown(town: Desk) -> None:
    kernel, clerk = town.kernel, town.people["clerk"]

    def elsewhere(message: bytes) -> bytes:
        raise Refused([refusal("the_key_is_at_hand", "it is elsewhere", "sign there")])

    there = Operator(person=clerk.person, sign=clerk.sign, session="s-1")
    away = Operator(person=clerk.person, sign=elsewhere, session="s-1")
    entries = [dict(kernel.stores.log.read(i))[i] for i in (shown(kernel, one, "OPENED") for one in (clerk, there))]
    assert all(actor_of(kernel, entry) == clerk.person for entry in entries)
    n = kernel.stores.log.size()
    with pytest.raises(OutOfOrder):
        shown(kernel, away, "OPENED")
    assert kernel.stores.log.size() == n, "no session of theirs is open"
    kernel.append("SESSION_BEGAN", session="s-1", by=clerk.person.token, how="provider")
    with pytest.raises(OutOfOrder, match="not confirmed in this session"):
        shown(kernel, away, "OPENED")
    kernel.append("PROVED", session="s-1", by=clerk.person.token)
    index = shown(kernel, away, "OPENED")
    entries.append(dict(kernel.stores.log.read(index))[index])
    assert "signature" not in entries[2] and actor_of(kernel, entries[2]) == clerk.person
    with pytest.raises(OutOfOrder):
        actor_of(kernel, {**entries[2], "by": town.people["board"].person.token})
    with pytest.raises(Refused):
        shown(kernel, Operator(person=clerk.person, sign=elsewhere), "OPENED")


def test_a_step_up_counts_where_it_was_made(town: Desk) -> None:
    kernel, board = town.kernel, town.people["board"].person
    step_up.prove(kernel, town.people["board"])
    asked = {"action": "approve", "first": (town.people["clerk"].person.token, "unit-clerk")}
    must_be_permitted(kernel, board.token, ["board"], "the_approver_may_approve", **asked)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="Identity not confirmed"):
        must_be_permitted(kernel, board.token, ["board"], "the_approver_may_approve", **asked, session="s-1")  # type: ignore[arg-type]
    with pytest.raises(Refused):
        must_be_permitted(kernel, board.token, ["clerk"], "the_publisher_may_publish")


def test_the_same_said_twice_at_the_same_moment_is_two_entries(town: Desk) -> None:
    now = town.clock.now
    indexes = []
    for _ in range(3):
        town.clock.now = now  # a hundredth of a second is the log's measure
        indexes.append(acted(town.kernel, town.people["board"], "SUSPENDED", technology="toy"))
    entries = [dict(town.kernel.stores.log.read(index))[index] for index in indexes]
    assert [entry.get("again", 0) for entry in entries] == [0, 1, 2]
    assert len({entry["t"] for entry in entries}) == 1 and len({entry["signature"] for entry in entries}) == 3
    assert all(signer_of(town.kernel, entry) == town.people["board"].person for entry in entries)
