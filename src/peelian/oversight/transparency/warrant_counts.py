"""Yearly counts of warrants, for everybody: recorded, provisional, confirmed, refused, withdrawn, lapsed, notices.

Each count of 1 to 10 is shown as such: fewer than eleven warrants of a year could be told apart by who knows of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from peelian.kernel.identity.dual_control import WARRANT
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.warrants import is_provisional
from peelian.kernel.records.owed_notices import NOTICED
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import still_archived
from peelian.measure.suppression import LOW

ASKED, PROVISIONAL, CONFIRMED, REFUSED = "asked", "provisional", "confirmed", "refused"
WITHDRAWN, LAPSED, SENT, DEFERRED = "withdrawn", "lapsed", "sent", "deferred"
TITLES: Mapping[str, str] = {
    ASKED: "Recorded",
    PROVISIONAL: "Provisional, for 48 hours",
    CONFIRMED: "Confirmed by a second person",
    REFUSED: "Refused by the court",
    WITHDRAWN: "Withdrawn by the court",
    LAPSED: "Lapsed after 48 hours",
    SENT: "Notices sent",
    DEFERRED: "Notices deferred by a court",
}


def counted(kernel: Kernel, year: int) -> dict[str, int]:
    """What happened to warrants in one calendar year (UTC), by the log. O(entries of these kinds)."""
    kinds = ["PROPOSED", "ISSUED", "WARRANT_REFUSED", "WARRANT_LAPSED", NOTICED]
    found = Counter[str]()
    for _, entry in kernel.stores.log.read(kinds=kinds):
        if str(entry["t"]).startswith(f"{year:04d}-"):
            found.update(_words(kernel, entry))
    return {word: found[word] for word in TITLES}


def public_count(n: int) -> str:
    """A count as everybody reads it.

    >>> public_count(0), public_count(3), public_count(11)
    ('0', '<11', '11')
    """
    return f"<{LOW}" if 0 < n < LOW else str(n)


def _words(kernel: Kernel, entry: Entry) -> tuple[str, ...]:
    kind = entry["kind"]
    if kind == "PROPOSED":
        return (ASKED,) if entry.get("act") == WARRANT else ()
    if kind == "WARRANT_REFUSED":
        return (WITHDRAWN,) if entry.get("withdrawn") else (REFUSED,)
    if kind == "WARRANT_LAPSED":
        return (LAPSED,)
    if kind == NOTICED:
        return (SENT,) if "sent" in entry else (DEFERRED,)
    if entry.get("authorization") != AuthorizationKind.WARRANT:
        return ()
    made = still_archived(kernel, str(entry["document"]), Authorization)
    return (ASKED, PROVISIONAL) if made is not None and is_provisional(made) else (CONFIRMED,)
