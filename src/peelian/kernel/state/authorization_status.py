"""Authorization status: used warrants, sessions, approved proposals, adopted bylaws and duties, as the log says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from peelian.errors import IntegrityError
from peelian.kernel.log.clock_guard import Jobs
from peelian.kernel.model.documents import Approval, Proposal
from peelian.kernel.model.ports import Entry, Rows
from peelian.kernel.state.known import Known, stays
from peelian.kernel.state.signed_documents import read_into, still_archived

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel

ADOPTS = frozenset({"bylaws", "counts", "vocabulary"})
"""Acts whose newest approval says what is in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """An authenticator that a person enrolled: its document's digest, and how often it says it has signed."""

    credential: str  # SHA-256 of the credential's id, in hexadecimal
    person: str
    digest: str
    counter: int


@dataclass(slots=True)
class ProposalState:
    """Acts that take two people. Folded from the log, one entry at a time. O(1) per entry."""

    proposals: Known[Proposal] = field(default_factory=Known)  # by digest
    approved: Known[Approval] = field(default_factory=Known)  # by the proposal's digest
    carried_out: set[str] = field(default_factory=set)  # digests of proposals
    handing_out: set[str] = field(default_factory=set)  # proposals whose bulk export began and has no end yet

    def fold(self, kernel: Kernel, entry: Entry) -> None:
        """Bring it in step with one entry; the document it names is read."""
        kind, before = str(entry["kind"]), str(entry.get("before", ""))
        if kind == "PROPOSED":
            read_into(self.proposals, kernel, str(entry["document"]), Proposal)
        elif kind == "APPROVED":
            read_into(self.approved, kernel, str(entry["document"]), Approval, key=before)
        elif kind == "CARRIED_OUT" or (kind == "ENROLLED" and before):
            self.carried_out.add(before)
        elif kind.startswith("BULK_"):
            self._handed_out(kind, before)

    def _handed_out(self, kind: str, proposal: str) -> None:
        if kind == "BULK_BEGUN":
            self.handing_out.add(proposal)
        else:
            self.handing_out.discard(proposal)
        if kind == "BULK_UNDONE":
            self.carried_out.discard(proposal)  # nothing left the kernel: the approval serves again


@dataclass(slots=True)
class AdoptedState:
    """What two people adopted and what is in force of it. A process that runs asks this, and reads no other proposal.
    Folded from the log, one entry at a time. O(1) per entry."""

    bylaws: str = ""  # the digest of the town's bylaws; "": none
    vocabularies: dict[str, str] = field(default_factory=dict)  # record adopted → its proposal
    counts: str = ""  # the newest proposal of where incidents are counted
    spark: str = ""  # the address of the Spark that it adopted; "": incidents are counted in the run's process
    faults: dict[str, IntegrityError] = field(default_factory=dict)  # act → why nobody can say what is in force of it

    def whole(self, act: str) -> AdoptedState:
        """The same, for whoever rests on what this act adopted; IntegrityError where that is damaged."""
        if act in self.faults:
            raise self.faults[act]
        return self

    def fold(self, kernel: Kernel, entry: Entry) -> None:
        """Bring it in step with one entry; the proposal that it approves is read."""
        act = str(entry.get("act", ""))
        if entry["kind"] != "APPROVED" or act not in ADOPTS:
            return
        try:
            made = still_archived(kernel, str(entry["before"]), Proposal)
            approval = still_archived(kernel, str(entry["document"]), Approval)
        except IntegrityError as fault:
            if not stays(fault):
                raise
            self.faults[act] = fault
            return
        if made is not None and approval is not None:
            self._adopted(str(entry["before"]), made)

    def _adopted(self, proposal: str, made: Proposal) -> None:
        if made.what != "vocabulary":  # the newest is in force, whatever came before
            self.faults.pop(made.what, None)
        if made.what == "bylaws":
            self.bylaws = str(made.body["digest"])
        elif made.what == "counts":
            self.counts, self.spark = proposal, str(made.body.get("address", ""))
        elif made.what == "vocabulary":
            record = str(made.body.get("record", ""))
            self.vocabularies.pop(record, None)
            if record and not made.body.get("withdraw"):
                self.vocabularies[record] = proposal


@dataclass(slots=True)
class AccessState:
    """Enrolled authenticators. Folded from the log, one entry at a time. O(1) per entry."""

    passkeys: dict[str, Passkey] = field(default_factory=dict)  # by the digest of the credential's id

    def fold(self, entry: Entry) -> None:
        """Bring it in step with one entry."""
        if entry["kind"] == "RETIRED":  # whoever comes back enrols their authenticators anew
            self.passkeys = {k: one for k, one in self.passkeys.items() if one.person != entry["person"]}
        elif entry["kind"] == "PASSKEY_ENROLLED":
            credential, counter = str(entry["credential"]), int(entry["counter"])
            self.passkeys[credential] = Passkey(
                credential=credential, person=str(entry["by"]), digest=str(entry["document"]), counter=counter
            )
        elif entry["kind"] == "PASSKEY_ENDED":
            self.passkeys.pop(str(entry["credential"]), None)


@dataclass(slots=True)
class DutyState:
    """The daily job, breach drills and the witness. Folded from the log, one entry at a time. O(1) per entry."""

    jobs: Jobs = field(default_factory=Jobs)  # when the daily job was done, and whether it waits
    chosen: str = ""  # the witness that was chosen last, as the log says it
    witness: str = ""  # WITNESSED or UNWITNESSED, as it stood last
    drilled: str = ""  # the time of the last breach drill that counts
    drill_missed: str = ""  # the time of the last one that does not count, where none counted since
    drill_open: str = ""  # the breach drill that people play now
    log_keys: list[Entry] = field(default_factory=list)  # each entry by which the log's key was replaced

    def fold(self, entry: Entry, began: Callable[[], str]) -> None:
        """Bring it in step with one entry; `began` says when the log began, from where the first job is counted."""
        kind, at = str(entry["kind"]), str(entry["t"])
        if kind == "SWEPT":
            self.jobs.began(self.jobs.last or began())
            self.jobs.done(at)
        elif kind == "APPROVED" and entry.get("act") == "clock":
            self.jobs.put_back(at)
        elif kind == "WITNESS_CHOSEN":
            self.chosen = str(entry["witness"])
        elif kind in ("WITNESSED", "UNWITNESSED"):
            self.witness = kind
        elif kind == "LOG_KEY_REPLACED":
            self.log_keys.append(entry)
        elif kind.startswith("DRILL_") or kind == "DRILLED":
            self._drill(kind, at, entry)

    def _drill(self, kind: str, at: str, entry: Entry) -> None:
        """A drill counts once a second player signed its report. A machine run counts only as what an earlier version
        kept (DRILLED), until its year is over: no act writes one any longer."""
        if kind == "DRILL_OPENED":
            self.drill_open = str(entry["drill"])
        elif kind == "DRILL_REPORTED" or (kind == "DRILL_STEPPED" and entry.get("step") == "abandoned"):
            self.drill_open = ""
        if kind in ("DRILLED", "DRILL_COUNTERSIGNED"):
            counts = entry.get("met" if kind == "DRILLED" else "counts") == 1
            self.drilled, self.drill_missed = (at, "") if counts else (self.drilled, at)


@dataclass(frozen=True, slots=True)
class Counted(Mapping[str, int]):
    """What is counted of each warrant, by its first digest. O(1) for one."""

    rows: Rows
    column: str

    def __getitem__(self, warrant: str) -> int:
        row = self.rows.row("warrants", warrant)
        if row is None or not row[self.column]:
            raise KeyError(warrant)
        return int(row[self.column])

    def __iter__(self) -> Iterator[str]:
        return (warrant for warrant, row in self.rows.all("warrants") if row[self.column])

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class SessionRows(Mapping[str, str]):
    """Sessions that stand so ("open", "ended"), each with its person. O(1) for one."""

    rows: Rows
    status: str

    def __getitem__(self, session: str) -> str:
        row = self.rows.row("sessions", session)
        if row is None or row["status"] != self.status:
            raise KeyError(session)
        return str(row["person"])

    def __iter__(self) -> Iterator[str]:
        return (session for session, _ in self.rows.all("sessions", status=self.status))

    def __len__(self) -> int:
        return self.rows.count("sessions", status=self.status)
