"""What the log says of warrants used, people who stepped up, acts that two people agreed on, and adopted bylaws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peelian.governance.documents import Approval, Proposal
from peelian.governance.ports import Entry

Find = Callable[[str, type[Any]], Any]


@dataclass(slots=True)
class Orders:
    """Folded from the log, one entry at a time. O(1) per entry."""

    used: dict[str, int] = field(default_factory=dict)  # warrant, by its first mark → how often it was used
    collected: dict[str, int] = field(default_factory=dict)  # warrant, by its first mark → readings collected under it
    proved: dict[str, datetime] = field(default_factory=dict)  # person → when they last stepped up
    proposals: dict[str, Proposal] = field(default_factory=dict)  # by mark
    approved: dict[str, Approval] = field(default_factory=dict)  # by the proposal's mark
    carried_out: set[str] = field(default_factory=set)  # marks of proposals
    bylaws: str = ""  # the digest of the town's bylaws as two people adopted them; "": none
    entries: int = 0  # how many the log has
    latest: str = ""  # the time of the newest one
    witness: str = ""  # WITNESSED or UNWITNESSED, as it stood last

    def fold(self, entry: Entry, find: Find) -> None:
        """Bring the tally in step with one entry; `find` reads the document with a mark."""
        kind = str(entry["kind"])
        self.entries, self.latest = self.entries + 1, str(entry.get("t", ""))
        if kind in ("WITNESSED", "UNWITNESSED"):
            self.witness = kind
        elif kind == "STARTED" and "warrant" in entry:
            warrant = str(entry["warrant"])
            self.used[warrant] = self.used.get(warrant, 0) + 1
        elif kind == "COLLECTED" and "readings" in entry:
            warrant = str(entry.get("warrant", ""))
            self.collected[warrant] = self.collected.get(warrant, 0) + int(entry["readings"])
        elif kind == "PROVED":
            self.proved[str(entry["by"])] = datetime.fromisoformat(str(entry["t"]))
        elif kind == "PROPOSED":
            self.proposals[str(entry["mark"])] = find(str(entry["mark"]), Proposal)
        elif kind == "APPROVED":
            self._approved(str(entry["before"]), find(str(entry["mark"]), Approval))
        elif kind == "CARRIED_OUT":
            self.carried_out.add(str(entry["before"]))

    def _approved(self, proposal: str, approval: Approval) -> None:
        self.approved[proposal] = approval
        if proposal in self.proposals and self.proposals[proposal].what == "bylaws":
            self.bylaws = str(self.proposals[proposal].body["digest"])
