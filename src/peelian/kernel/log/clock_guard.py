"""Clock guard: what a jump of the clock stops.

After one the daily job waits a day before anything is destroyed: a machine whose clock runs ahead by years would else
destroy in one night what is to be kept for years, and ask nobody. An office that was not open for two months looks the
same, and loses nothing by a day's delay.

Nobody is enrolled, and no proposal approved, until two people confirmed it: with the clock set ahead somebody would be
trained until a day that nobody can promise, and it would look ordinary once the clock is set back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

FAR = timedelta(days=31)  # between two jobs, or two entries of the log: more than that is a jump
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


def before_the_jump(time_of: Callable[[int], datetime], first: int, last: int) -> datetime | None:
    """The time of the entry before the first jump between entries `first` and `last`; None where there was none.

    Entries are looked at by halves, and a half whose ends lie close together holds no jump. O(months · log entries).

    >>> days = [datetime(2026, 1, 1), datetime(2026, 2, 1), datetime(2026, 3, 5), datetime(2026, 3, 6)]
    >>> before_the_jump(days.__getitem__, 0, 3), before_the_jump(days.__getitem__, 0, 1)
    (datetime.datetime(2026, 2, 1, 0, 0), None)
    """
    if time_of(last) - time_of(first) <= FAR:
        return None
    if last - first <= 1:
        return time_of(first)
    middle = (first + last) // 2
    return before_the_jump(time_of, first, middle) or before_the_jump(time_of, middle, last)
