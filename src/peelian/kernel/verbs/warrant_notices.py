"""Notices: whom a warrant concerned is told once it is over, or a court says until when not.

Every warrant under which something was collected or opened ends in a notice that was sent, or a court's postponement.
The clock runs from its end, whatever ended it, for as many days as its technology's law says. The office records that a
notice was sent, on which day and how; it neither writes nor sends it, and never learns here whom it concerned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.people import Operator
from peelian.kernel.model.technology import technology_of
from peelian.kernel.model.warrants import WarrantLaw, root_of
from peelian.kernel.records.office_records import keep
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import still_archived
from peelian.measure.contacts import must_hold_no_contact

RECORD, NOTICED = "warrant_notice", "WARRANT_NOTICED"
ENDINGS = ("REVOKED", "WARRANT_REFUSED", "WARRANT_LAPSED")
LONGEST = 200


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


@act
def notify(
    kernel: Kernel, by: Operator, warrant: str, *, sent: str = "", how: str = "", until: str = "", reference: str = ""
) -> None:
    """Record that notice was `sent` (an ISO day) and how; or that a court deferred it `until` a day, under a reference.

    InputError where it says neither or both, a day of the future or before the warrant's end, or a postponement beyond
    the law's longest; OutOfOrder for a warrant that owes none, runs still, or of which notice was sent.
    """
    with kernel.lock:
        owed = next((one for one in notices(kernel) if one.warrant == warrant), None)
        if owed is None:
            raise OutOfOrder("No notice is owed under this warrant.")
        if owed.state(kernel.now()) in ("running", "sent"):
            raise OutOfOrder("This warrant is still in force, or its notice was sent already.")
        if bool(sent) == bool(until):
            raise InputError("neither sent nor deferred, or both", column="sent", accepted="a day of one of them")
        words, name = (how, "how") if sent else (reference, "reference")
        if not words.strip() or len(words) > LONGEST or not words.isprintable():
            accepted = sentence("1 to %(most)s characters", most=str(LONGEST))
            raise InputError("text missing, too long or not printable", column=name, accepted=accepted)
        must_hold_no_contact(words)
        told = _sent(kernel, owed, sent) if sent else _until(kernel, owed, until)
        keep(kernel, by, RECORD, {**told, name: words.strip()}, of=warrant, **told)


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


def overdue(kernel: Kernel) -> tuple[Notice, ...]:
    """Those whose last day has passed, without a notice or a later day of a court."""
    return tuple(one for one in notices(kernel) if one.state(kernel.now()) == "overdue")


def open_ones(kernel: Kernel) -> Iterable[Notice]:
    """Those that somebody still has to do something about."""
    return (one for one in notices(kernel) if one.state(kernel.now()) in ("due", "deferred", "overdue"))


def _of(kernel: Kernel, made: Authorization) -> Notice:
    ends = datetime.fromisoformat(made.ends)
    return _due(kernel, Notice(warrant=root_of(made), serves=made.serves, ends=ends, due=ends.date()))


def _due(kernel: Kernel, one: Notice) -> Notice:
    return replace(one, due=(one.ends + timedelta(days=_law(kernel, one).notice_days)).date())


def _law(kernel: Kernel, one: Notice) -> WarrantLaw:
    technology = technology_of(kernel.technologies, one.serves)
    return technology.warrants if technology else WarrantLaw()


def _told(one: Notice, entry: Mapping[str, object]) -> Notice:
    if "sent" in entry:
        return replace(one, sent=str(entry["sent"]))
    return replace(one, deferred=str(entry["until"]), due=date.fromisoformat(str(entry["until"])))


def _sent(kernel: Kernel, owed: Notice, sent: str) -> dict[str, str]:
    if not owed.ends.date() <= (day := _day(sent, "sent")) <= _today(kernel):
        raise InputError("not a day since the warrant ended", column="sent", accepted="a day up to today")
    return {"sent": day.isoformat()}


def _until(kernel: Kernel, owed: Notice, until: str) -> dict[str, str]:
    last = (owed.ends + timedelta(days=_law(kernel, owed).most_deferred_days)).date()
    if not _today(kernel) < (day := _day(until, "until")) <= last:
        accepted = sentence("a day after today, up to %(day)s", day=last.isoformat())
        raise InputError("not a day until which a court can defer it", column="until", accepted=accepted)
    return {"until": day.isoformat()}


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("not a day", column=name, accepted="YYYY-MM-DD") from None


def _today(kernel: Kernel) -> date:
    return kernel.now().astimezone(UTC).date()
