"""The tally of warrants, step-ups and agreed acts is what the log says, entry by entry."""

from __future__ import annotations

from datetime import UTC, datetime

from peelian.kernel.model.documents import Approval, Proposal
from peelian.kernel.state.authorization_status import AuthorizationStatus


def test_it_is_folded_entry_by_entry() -> None:
    proposal = Proposal(what="bylaws", body={"digest": "d"}, words="w", by="a", unit="u", at="t")
    approval = Approval(before="p", by="b", unit="v", at="t")
    documents = {"p": proposal, "q": approval}
    status = AuthorizationStatus()
    for entry in (
        {"kind": "STARTED", "warrant": "w", "t": "2026-03-02T09:00:00.00Z"},
        {"kind": "STARTED", "warrant": "w", "t": "2026-03-02T09:00:00.00Z"},
        {"kind": "STARTED", "t": "2026-03-02T09:00:00.00Z"},
        {"kind": "PROVED", "by": "a", "t": "2026-03-02T09:00:00.12Z"},
        {"kind": "PROPOSED", "document": "p", "t": "2026-03-02T09:00:00.00Z"},
    ):
        status.fold(entry, lambda digest, kind: documents[digest])
    assert status.used == {"w": 2} and status.proved["a"] == datetime(2026, 3, 2, 9, 0, 0, 120_000, tzinfo=UTC)
    assert status.proposals == {"p": proposal} and status.bylaws == "" and not status.approved
    status.fold({"kind": "APPROVED", "document": "q", "before": "p"}, lambda digest, kind: documents[digest])
    status.fold({"kind": "CARRIED_OUT", "before": "p"}, lambda digest, kind: documents[digest])
    assert status.bylaws == "d" and status.approved == {"p": approval} and status.carried_out == {"p"}
