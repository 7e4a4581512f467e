"""Clock guard: after a jump of the clock, the daily job waits a day before anything is destroyed.

A machine whose clock runs ahead by years would else destroy in one night what is to be kept for years, and ask nobody.
An office that was not open for two months looks the same, and loses nothing by a day's delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FAR = timedelta(days=31)  # between two jobs: more than that is a jump
WAITS = timedelta(days=1)


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
