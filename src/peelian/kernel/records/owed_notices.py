"""Owed notices: what is owed to whom each warrant concerned, and until when, read from the log.

The clock runs from a warrant's end, whatever ended it, for as many days as its technology's law says. What was sent or
deferred is recorded by `verbs.warrant_notices`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.technology import technology_of
from peelian.kernel.model.vocabulary import AuthorizationKind
from peelian.kernel.model.warrants import WarrantLaw, root_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import still_archived

NOTICED = "WARRANT_NOTICED"
ENDINGS = ("REVOKED", "WARRANT_REFUSED", "WARRANT_LAPSED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is owed under one warrant, by the digest under which its uses are counted."""

    warrant: str
    serves: str
    ends: datetime  # when the warrant is over
    due: date  # the last day for the notice: the law's, or the day until which the court deferred it
    sent: str = ""  # the ISO day it was sent
    deferred: str = ""  # the ISO day until which the court deferred it

    def state(self, now: datetime) -> str:
        """sent, running, deferred, due or overdue."""
        if self.sent:
            return "sent"
        if now < self.ends:
            return "running"
        if now.date() > self.due:
            return "overdue"
        return "deferred" if self.deferred else "due"


def notices(kernel: Kernel) -> tuple[Notice, ...]:
    """What is owed and was done under every warrant that brought something, the oldest first. O(such entries)."""
    found: dict[str, Notice] = {}
    roots: dict[str, str] = {}
    used, collected = kernel.state.used, kernel.state.collected
    for _, entry in kernel.stores.log.read(kinds=["ISSUED", *ENDINGS, NOTICED]):
        before = str(entry.get("before", ""))
        if entry["kind"] == "ISSUED" and entry.get("authorization") == AuthorizationKind.WARRANT:
            digest = str(entry["document"])
            if made := still_archived(kernel, digest, Authorization):
                roots[digest] = root_of(made)
                found[roots[digest]] = _of(kernel, made)
        elif entry["kind"] in ENDINGS and before in roots:
            ended = min(read_time(str(entry["t"])), found[roots[before]].ends)
            found[roots[before]] = _due(kernel, replace(found[roots[before]], ends=ended))
        elif entry["kind"] == NOTICED and str(entry["of"]) in found:
            found[str(entry["of"])] = _told(found[str(entry["of"])], entry)
    return tuple(one for root, one in found.items() if used.get(root, 0) or collected.get(root, 0))


def law_of(kernel: Kernel, one: Notice) -> WarrantLaw:
    """What the technology that a warrant serves lets it open, and when notice is due."""
    technology = technology_of(kernel.technologies, one.serves)
    return technology.warrants if technology else WarrantLaw()


def _of(kernel: Kernel, made: Authorization) -> Notice:
    ends = datetime.fromisoformat(made.ends)
    return _due(kernel, Notice(warrant=root_of(made), serves=made.serves, ends=ends, due=ends.date()))


def _due(kernel: Kernel, one: Notice) -> Notice:
    return replace(one, due=(one.ends + timedelta(days=law_of(kernel, one).notice_days)).date())


def _told(one: Notice, entry: Mapping[str, object]) -> Notice:
    if "sent" in entry:
        return replace(one, sent=str(entry["sent"]))
    return replace(one, deferred=str(entry["until"]), due=date.fromisoformat(str(entry["until"])))
