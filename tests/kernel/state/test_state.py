"""The track of a case: which documents it has, what follows which, and where it stands."""

from __future__ import annotations

from desk import desk

from peelian.kernel.identity import step_up
from peelian.kernel.state.state import CaseHistory
from peelian.operations.office import memory_office


def _history() -> CaseHistory:
    history = CaseHistory(case="c-1", capability="toy.count", purpose="advice", by="t", unit="u")
    said = [("ASKED", "m1", ""), ("PERMITTED", "m2", "m1"), ("RAN", "m3", "m2"), ("EXPORTED", "", "")]
    for index, (kind, digest, before) in enumerate(said):
        digests = {key: value for key, value in (("document", digest), ("before", before)) if value}
        history.entries.append((index, {"v": 1, "t": "2026-01-01T00:00:00.00Z", "kind": kind, **digests}))
    return history


def test_a_history_knows_its_documents_and_what_follows_them() -> None:
    history = _history()
    assert history.digests("RAN") == ["m3"] and history.digests("DECIDED") == []
    assert [entry["kind"] for entry in history.after("RAN", "m2")] == ["RAN"] and not history.after("RAN", "m1")


def test_taking_something_out_is_no_step_of_a_case() -> None:
    assert _history().state == "RAN"


def test_an_empty_state_says_nothing() -> None:
    state = memory_office().kernel.state
    assert not state.people and not state.datasets and not state.partitions.destroyed and state.began == ""
    assert not state.histories and "c-1" not in state.histories and state.histories.get("c-1") is None


def test_signed_words_serve_once_the_first_entry_that_said_them_is_found() -> None:
    town = desk(())
    step_up.prove(town.kernel, town.people["board"])
    index, entry = max(town.kernel.stores.log.read(kinds=["PROVED"]))
    first_said = town.kernel.state.first_said
    assert first_said(entry) == first_said({**entry, "signature": str(entry["signature"]).upper()}) == index
    assert first_said({**entry, "signature": "00"}) == first_said({"kind": "HEARTBEAT"}) == -1
