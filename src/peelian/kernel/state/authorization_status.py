"""Authorization status: used warrants, step-ups, approved proposals and adopted bylaws, as the log says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from peelian.kernel.log.clock_guard import Jobs
from peelian.kernel.model.documents import Approval, Proposal
from peelian.kernel.model.ports import Entry

Find = Callable[[str, type[Any]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """An authenticator that a person enrolled: its document's digest, and how often it says it has signed."""

    credential: str  # SHA-256 of the credential's id, in hexadecimal
    person: str
    digest: str
    counter: int


def proof_key(person: str, session: str = "") -> str:
    """Under which a step-up is remembered: one made in a session counts in that session only."""
    return f"{person} {session}" if session else person


@dataclass(slots=True)
class AuthorizationStatus:
    """Folded from the log, one entry at a time. O(1) per entry."""

    used: dict[str, int] = field(default_factory=dict)  # warrant, by its first digest → how often it was used
    collected: dict[str, int] = field(
        default_factory=dict
    )  # warrant, by its first digest → readings collected under it
    proved: dict[str, datetime] = field(default_factory=dict)  # `proof_key` → when they last stepped up
    seated: dict[str, str] = field(default_factory=dict)  # a session that was begun and not ended → its person
    left_open: set[str] = field(default_factory=set)  # sessions that were open when the office was opened
    passkeys: dict[str, Passkey] = field(default_factory=dict)  # by the digest of the credential's id
    proposals: dict[str, Proposal] = field(default_factory=dict)  # by digest
    approved: dict[str, Approval] = field(default_factory=dict)  # by the proposal's digest
    carried_out: set[str] = field(default_factory=set)  # digests of proposals
    handing_out: set[str] = field(default_factory=set)  # proposals whose bulk export began and has no end yet
    bylaws: str = ""  # the digest of the town's bylaws as two people adopted them; "": none
    entries: int = 0  # how many the log has
    latest: str = ""  # the time of the newest one
    furthest: str = (
        ""  # the latest time that any of them has, since two people last agreed that the clock had run ahead
    )
    jobs: Jobs = field(default_factory=Jobs)  # when the daily job was done, and whether it waits
    chosen: str = ""  # the witness that was chosen last, as the log says it
    witness: str = ""  # WITNESSED or UNWITNESSED, as it stood last

    def fold(self, entry: Entry, find: Find) -> None:
        """Bring the tally in step with one entry; `find` reads the document with a digest (None: destroyed)."""
        kind = str(entry["kind"])
        self.entries, self.latest = self.entries + 1, str(entry.get("t", ""))
        self._time_passed(agreed=kind == "APPROVED" and entry.get("act") == "clock")
        if kind == "WITNESS_CHOSEN":
            self.chosen = str(entry["witness"])
        elif kind in ("WITNESSED", "UNWITNESSED"):
            self.witness = kind
        elif kind in ("STARTED", "COLLECTED"):
            self._under_a_warrant(entry)
        elif kind == "PROPOSED":
            self._proposed(str(entry["document"]), find(str(entry["document"]), Proposal))
        elif kind == "APPROVED":
            self._approved(str(entry["before"]), find(str(entry["document"]), Approval))
        elif kind == "CARRIED_OUT" or (kind == "ENROLLED" and "before" in entry):
            self.carried_out.add(str(entry["before"]))
        elif kind.startswith("BULK_"):
            self._handed_out(kind, str(entry.get("before", "")))
        else:
            self._came_or_went(kind, entry)

    def _time_passed(self, *, agreed: bool) -> None:
        """`agreed`: two people say that the clock had run ahead."""
        self.furthest = self.latest if agreed else max(self.furthest, self.latest)
        self.jobs.began(self.latest)
        if agreed:
            self.jobs.put_back(self.latest)

    def _under_a_warrant(self, entry: Entry) -> None:
        warrant = str(entry.get("warrant", ""))
        if "readings" in entry:
            self.collected[warrant] = self.collected.get(warrant, 0) + int(entry["readings"])
        elif entry["kind"] == "STARTED" and warrant:
            self.used[warrant] = self.used.get(warrant, 0) + 1

    def _proved(self, entry: Entry) -> None:
        key = proof_key(str(entry["by"]), str(entry.get("session", "")))
        self.proved[key] = datetime.fromisoformat(str(entry["t"]))
        if (used := self.passkeys.get(str(entry.get("passkey", "")))) is not None:
            self.passkeys[used.credential] = replace(used, counter=int(entry["counter"]))

    def _came_or_went(self, kind: str, entry: Entry) -> None:
        if kind == "PROVED":
            self._proved(entry)
        elif kind == "SWEPT":
            self.jobs.done(self.latest)
        elif kind == "RETIRED":  # whoever comes back enrols their authenticators anew
            self.passkeys = {k: one for k, one in self.passkeys.items() if one.person != entry["person"]}
        elif kind == "SESSION_BEGAN":
            self.seated[str(entry["session"])] = str(entry["by"])
        elif kind == "SESSION_ENDED":
            self.seated.pop(str(entry["session"]), None)
        elif kind == "PASSKEY_ENROLLED":
            credential, counter = str(entry["credential"]), int(entry["counter"])
            self.passkeys[credential] = Passkey(
                credential=credential, person=str(entry["by"]), digest=str(entry["document"]), counter=counter
            )
        elif kind == "PASSKEY_ENDED":
            self.passkeys.pop(str(entry["credential"]), None)

    def _handed_out(self, kind: str, proposal: str) -> None:
        if kind == "BULK_BEGUN":
            self.handing_out.add(proposal)
        elif kind in ("BULK_EXPORTED", "BULK_UNDONE"):
            self.handing_out.discard(proposal)
        if kind == "BULK_UNDONE":
            self.carried_out.discard(proposal)  # nothing left the kernel: the approval serves again

    def _proposed(self, digest: str, proposal: Proposal | None) -> None:
        if proposal is not None:
            self.proposals[digest] = proposal

    def _approved(self, proposal: str, approval: Approval | None) -> None:
        if approval is None:
            return
        self.approved[proposal] = approval
        if proposal in self.proposals and self.proposals[proposal].what == "bylaws":
            self.bylaws = str(self.proposals[proposal].body["digest"])
