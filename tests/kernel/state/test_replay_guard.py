"""Signed words serve once: the first entry that said them is known for as long as they might be taken again."""

from __future__ import annotations

from desk import desk

from peelian.kernel.identity import step_up


def test_an_entry_that_was_signed_is_found_again_and_others_are_not() -> None:
    town = desk(())
    step_up.prove(town.kernel, town.people["board"])
    index, entry = max(town.kernel.stores.log.read(kinds=["PROVED"]))
    guard = town.kernel.state.replay_guard
    assert (
        guard.first(entry, -1) == index
        and guard.first({**entry, "signature": str(entry["signature"]).upper()}, -1) == index
    )
    assert guard.first({**entry, "signature": "00"}, -1) == -1 and guard.first({"kind": "HEARTBEAT"}, 9) == 9
