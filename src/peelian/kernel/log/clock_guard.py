"""Clock guard: what a jump of the clock stops.

After one the daily job waits a day before anything is destroyed: a machine whose clock runs ahead by years would else
destroy in one night what is to be kept for years, and ask nobody. An office that was not open for two months looks the
same, and loses nothing by a day's delay.

Until two people confirmed the present, nothing is logged at all: with the clock set ahead somebody would be trained
until a day that nobody can promise, and it would look ordinary once the clock is set back. But for what serves to
confirm it, and the kill switch: such entries have the time that the clock says, say that it is `unconfirmed`, and the
log's own time does not move with them. Once the clock is set right, the office goes on as if it had never been wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from peelian.errors import Reason, sentence
from peelian.kernel.model.ports import Entry

FAR = timedelta(days=31)  # between two jobs, or beyond the log: more than that is a jump
SERVER = timedelta(hours=1)  # beyond PostgreSQL's own clock
WAITS = timedelta(days=1)
REMEDY = (
    "If the date is wrong, set the clock: nothing else is needed. If it is right, as after a long pause, two people of "
    "different units confirm it once: one proposes it under Tasks or by `peelian proposals propose clock --reason … "
    "--as NAME`, the other approves it."
)


@dataclass(slots=True)
class Jobs:
    """When the daily job was done, folded from the log, whatever an entry says of itself. O(1) per entry.

    >>> jobs = Jobs()
    >>> jobs.began("2026-01-01T00:00:00Z")
    >>> jobs.jumped(datetime.fromisoformat("2038-01-01T00:00:00Z"))
    4383
    >>> jobs.done("2038-01-01T00:00:00Z")  # it waited
    >>> jobs.jumped(datetime.fromisoformat("2038-01-01T23:00:00Z"))
    4383
    >>> jobs.jumped(datetime.fromisoformat("2038-01-02T00:00:00Z"))
    0
    """

    last: str = ""  # the time of the newest job; before the first, the time at which the log began
    waits: str = ""  # since when it waits, "": it does not
    days: int = 0  # how far the clock had jumped then

    def began(self, at: str) -> None:
        """The log has an entry: where it is the first, time is counted from here."""
        self.last = self.last or at

    def done(self, at: str) -> None:
        """A job was done. One that had to wait is counted once: doing it again within the day puts nothing off."""
        now = datetime.fromisoformat(at)
        days = self._far(now)
        if days:
            self.waits, self.days = at, days
        elif not self.jumped(now):
            self.waits, self.days = "", 0
        self.last = at

    def put_back(self, at: str) -> None:
        """Two people agreed that the clock had run ahead: what was said of later times counts no longer."""
        self.last, self.waits, self.days = min(self.last, at), "", 0

    def jumped(self, now: datetime) -> int:
        """By how many days the clock has jumped, while the job has to wait for that; 0 where it may go on."""
        is_waiting = self.waits and now - datetime.fromisoformat(self.waits) < WAITS
        return self._far(now) or (self.days if is_waiting else 0)

    def _far(self, now: datetime) -> int:
        since = now - datetime.fromisoformat(self.last) if self.last else timedelta(0)
        return since.days if since > FAR else 0


ALWAYS = frozenset({"PROVED", "SESSION_BEGAN", "SESSION_ENDED", "LOG_ON_LOCKED", "SUSPENSION_EXPLAINED", "STAFF_READ"})
"""What is logged at an unconfirmed time, too: who comes to confirm it or to suspend, what they read, and who guesses
codes."""


def is_agreed(entry: Entry) -> bool:
    """Whether an entry is the second person's word that the clock is right: the log's time is its time."""
    return entry["kind"] == "APPROVED" and entry.get("act") == "clock"


def may_be_unconfirmed(entry: Entry) -> bool:
    """Whether an entry is logged while the clock is not confirmed: it serves to confirm it, or a person suspends.

    What the office itself suspends is by the date, and waits.
    """
    kind = entry["kind"]
    if kind == "SUSPENDED":
        return entry.get("by") != "office"
    if kind == "SESSION_BEGAN" and "until" in entry:  # a program's, which confirms nothing
        return False
    return kind in ALWAYS or (kind in ("PROPOSED", "APPROVED") and entry.get("act") == "clock")


def doubt(now: datetime, furthest: datetime, server: datetime | None, agreed: timedelta) -> Reason | None:
    """Why the present is not believed; None where it is. `furthest` is the log's time, `server` PostgreSQL's, and
    `agreed` how far beyond it two people last said that the clock is right.

    >>> day = datetime(2026, 1, 1)
    >>> doubt(day + FAR, day, day + FAR - SERVER, timedelta(0))
    >>> print(doubt(day + FAR + SERVER, day, None, timedelta(0)).says.partition(". ")[0])
    The clock says 2026-02-01 01:00 (UTC), 31 days after the log's newest time
    """
    said = f"{now:%Y-%m-%d %H:%M}"
    if now - furthest > FAR:
        says = sentence(
            "The clock says %(now)s (UTC), %(days)d days after the log's newest time. Until two people confirm it, "
            "nothing is recorded.",
            now=said,
            days=(now - furthest).days,
        )
    elif server is not None and now - server > SERVER + agreed:
        says = sentence(
            "The clock says %(now)s (UTC), %(minutes)d minutes after PostgreSQL's. Until two people confirm it, "
            "nothing is recorded.",
            now=said,
            minutes=(now - server) // timedelta(minutes=1),
        )
    else:
        return None
    return Reason(rule="a_jump_of_the_clock_is_confirmed", says=says, remedy=REMEDY)
