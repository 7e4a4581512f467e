"""What the staff read of the office's own records: who is enrolled, incidents, weekly reviews, cases, authorizations.

Each read leaves an entry with the reader's token, the kind of page or command and the number of what was read; no
name. It is logged before anything is shown: where it cannot be, nothing is. A page that is read again in the same
session within ten minutes leaves no further one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from peelian.errors import InputError, Refused, sentence
from peelian.kernel.identity.enrolment import ENROLLERS
from peelian.kernel.identity.revocation import CLOSERS, FORGETTERS
from peelian.kernel.identity.sessions import why_not_enter
from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.policy.signed_entries import entry_by, signer_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, log_word
from peelian.kernel.state.record_index import MAKERS

AGAIN = timedelta(minutes=10)  # in which the same page in the same session is one read
MOST = 64  # newest reads that are looked through for it
STAFF, DATA = "staff", "data"
_OF = re.compile(r"[A-Za-z0-9._-]{0,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRead:
    """One kind of what is read: the room of the policy it belongs to, and whom the records concern.

    `roles`: who reads it at the terminal, where its room is open to all of the staff.
    """

    room: str
    roles: frozenset[Role] = frozenset(Role)
    concerns: str = ""  # STAFF: everybody enrolled; DATA: whom the recording shows that the entry names


PEOPLE = ENROLLERS | CLOSERS | FORGETTERS | MAKERS["privileges"]
READS: Mapping[str, StaffRead] = {
    "access-week": StaffRead(room="week", concerns=STAFF),
    "access-weeks": StaffRead(room="accesses"),
    "assessments": StaffRead(room="cases"),
    "authorization": StaffRead(room="authorizations"),
    "authorizations": StaffRead(room="authorizations"),
    "case": StaffRead(room="cases"),
    "cases": StaffRead(room="cases"),
    "compliance": StaffRead(room="cases"),
    "dataset": StaffRead(room="data"),
    "datasets": StaffRead(room="data"),
    "event-report": StaffRead(room="alarms"),
    "incident": StaffRead(room="incidents"),
    "incident-signs": StaffRead(room="incidents"),
    "incidents": StaffRead(room="incidents"),
    "labels": StaffRead(room="data"),
    "people": StaffRead(room="tasks", roles=PEOPLE, concerns=STAFF),
    "privileges": StaffRead(room="tasks", roles=MAKERS["privileges"], concerns=STAFF),
    "proposal": StaffRead(room="proposal"),
    "proposals": StaffRead(room="authorizations"),
    "recording": StaffRead(room="item", concerns=DATA),
    "recordings": StaffRead(room="items"),
    "releases": StaffRead(room="items"),
    "retention": StaffRead(room="tasks"),
    "sensors-refused": StaffRead(room="tasks"),
    "sessions": StaffRead(room="sessions", concerns=STAFF),
    "watches": StaffRead(room="tasks"),
}
"""Every kind by its word in the log. Which door leaves which stands in its row (`Door.reads`)."""


def read_by(kernel: Kernel, by: Operator, read: str, *, of: str = "") -> None:
    """Log that somebody of the staff reads this, before it is shown; nothing where they did in this session within ten
    minutes. Errors as for `staff_read`. O(1)."""
    if not (by.session and _read_lately(kernel, by.session, read, of)):
        staff_read(kernel, by, read, of=of)


@act
def staff_read(kernel: Kernel, by: Operator, read: str, *, of: str = "") -> None:
    """Log one read. `of`: the number of the case, incident, dataset or week, where it is of one.

    At the pages their session stands for the person, whom the pages let into the room; at the terminal they sign, and
    are Refused where the room's policy lets them into no such page. InputError: no such kind, or `of` is no number.
    """
    if read not in READS:
        raise InputError("unknown kind of page", accepted=", ".join(READS))
    if not _OF.fullmatch(of):
        raise InputError("not a number of what is read", accepted="letters, digits, dots and hyphens")
    with kernel.lock:
        person = kernel.state.people.get(by.person.token)
        fields = {"read": read, "unit": log_word(person.unit if person else "")} | ({"of": of} if of else {})
        if by.session:
            if kernel.state.seated.get(by.session) != by.person.token:
                raise Refused([refusal("the_session_is_open", "session ended", "Log on again.")])
            kernel.take(kernel.entry("STAFF_READ", {"by": by.person.token, "session": by.session, **fields}))
        else:
            _must_read(kernel, person, READS[read])
            entry = entry_by(kernel, by, "STAFF_READ", **fields)
            signer_of(kernel, entry)
            kernel.take(entry)


def _must_read(kernel: Kernel, person: Person | None, kind: StaffRead) -> None:
    """Refused where they may not: whoever signs has proven just now that it is they."""
    reasons = list(why_not_enter(kernel, person, kind.room, proved=kernel.now()))
    if person is not None and not person.roles & kind.roles:
        remedy = sentence("Ask one of these: %(roles)s", roles=", ".join(sorted(kind.roles)))
        reasons.append(refusal("the_person_may_enter", "Your role has no access to this page.", remedy))
    if reasons:
        raise Refused(reasons)


def _read_lately(kernel: Kernel, session: str, read: str, of: str) -> bool:
    """Whether the same was read in this session within ten minutes. O(newest reads)."""
    log, now = kernel.stores.log, kernel.now()
    for _, entry in log.page(MOST, before=log.size(), kind="STAFF_READ"):
        if now - read_time(str(entry["t"])) >= AGAIN:
            return False
        if (entry.get("session"), entry["read"], entry.get("of", "")) == (session, read, of):
            return True
    return False
