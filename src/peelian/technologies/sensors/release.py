"""Releases a day of counts: noise on every window and separately on the total, charged and drawn once.

Each window gets discrete Laplace noise of epsilon 0.8, the day's total of 0.2, together 1 for a sensor and a day (a
standard deviation of 1.7 and 7.1). That hides a single event: whether one passage was counted changes the chance of any
answer by a factor of at most e. It promises nothing about a person who passes often, or past several sensors: without
identifiers nobody knows which passages are the same person's, so no program could. A binary tree of sums would be
better only if running totals were published; they are not (Chan, Shi, Song 2011).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from peelian.errors import InputError, sentence
from peelian.kernel.disclosure.noise import SENSOR_DAY, Answers, Draw, Question, with_noise
from peelian.kernel.model.ports import Entry

FEWEST = 15  # a count under it is shown as "<15"
WINDOW_MILLI_EPSILON, DAY_MILLI_EPSILON = 800, 200
BUDGET_MILLI_EPSILON = SENSOR_DAY  # both together
UNDER = f"<{FEWEST}"
GAP = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What a release leans on: the log's entries, kept answers, the draw, a way to log what is spent, keyed tokens."""

    entries: Callable[[], Iterable[Entry]]
    answers: Answers
    draw: Draw
    log: Callable[..., int]
    token: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The public counts of a sensor's day. A count under 15 is None and shown as "<15".

    `gaps`: seconds of each window for which messages are missing; () where none are. A window that is all gap has no
    count and is shown as "gap"; noise was drawn for it like for every other.
    """

    sensor: str
    day: date
    windows: tuple[int | None, ...]
    total: int | None
    gaps: tuple[int, ...] = ()

    @property
    def missing(self) -> tuple[int, ...]:
        """Seconds missing of each window, 0 where none are."""
        return self.gaps or (0,) * len(self.windows)

    def spoken(self, window: int) -> str:
        """A window as text: its count, "<15" or "gap"; "*" where a part of it is missing.

        >>> of = {"sensor": "s", "day": date(2026, 3, 1), "total": 20}
        >>> made = Released(windows=(20, None, None, 20), gaps=(0, 0, 21_600, 60), **of)
        >>> [made.spoken(window) for window in range(4)]
        ['20', '<15', 'gap', '20*']
        """
        missing = self.missing[window]
        if missing >= self.window_seconds:
            return GAP
        return count_as_text(self.windows[window]) + ("*" if missing else "")

    @property
    def window_seconds(self) -> int:
        return 86_400 // len(self.windows)


def release_day(sensor: str, day: date, counts: Sequence[int], ports: Ports, gaps: Sequence[int] = ()) -> Released:
    """Noisy counts of a day's windows (24, 48, 72 or 96 of them) and its noisy total.

    `gaps`: seconds of each window for which messages are missing, where any are.
    Asked again with the same counts or others, the day gets the answer it got first. Refused where a budget ended:
    other windows of the same day would have to be paid for again. InputError: another number of windows. Call it under
    the office's lock. O(windows + entries).
    """
    if len(counts) not in (24, 48, 72, 96):
        says = sentence("%(n)d time windows do not make a day", n=len(counts))
        raise InputError(says, accepted="24, 48, 72 or 96 windows of a day")
    if min(counts) < 0:
        raise InputError("not a count", column="counts", accepted="0 or more")
    if gaps and (len(gaps) != len(counts) or not 0 <= min(gaps) <= max(gaps) <= 86_400 // len(counts)):
        raise InputError("not the gaps of these windows", column="gaps", accepted="seconds of each window")
    windows = _drawn(_question("windows", sensor, day, len(counts), WINDOW_MILLI_EPSILON), counts, ports)
    (total,) = _drawn(_question("day", sensor, day, 1, DAY_MILLI_EPSILON), [sum(counts)], ports)
    made = Released(
        sensor=sensor,
        day=day,
        windows=tuple(map(publishable_count, windows)),
        total=publishable_count(total),
        gaps=tuple(gaps),
    )
    known = (None if gap >= made.window_seconds else n for n, gap in zip(made.windows, made.missing, strict=True))
    return replace(made, windows=tuple(known), gaps=made.gaps if any(gaps) else ())


def publishable_count(count: int) -> int | None:
    """The count for publication: None under 15.

    >>> publishable_count(14), publishable_count(15), publishable_count(-3)
    (None, 15, None)
    """
    return count if count >= FEWEST else None


def count_as_text(count: int | None) -> str:
    """The count as text.

    >>> count_as_text(None), count_as_text(20)
    ('<15', '20')
    """
    return UNDER if count is None else f"{count}"


def _question(what: str, sensor: str, day: date, cells: int, milli_epsilon: int) -> Question:
    term = day.isoformat()
    return Question(
        dataset=f"sensor-{sensor}",
        technology="sensors",
        term=term,
        period=term,
        what=what,
        cells=cells,
        milli_epsilon=milli_epsilon,
    )


def _drawn(question: Question, counts: Sequence[int], ports: Ports) -> tuple[int, ...]:
    return with_noise(
        counts,
        question,
        BUDGET_MILLI_EPSILON,
        entries=ports.entries(),
        answers=ports.answers,
        draw=ports.draw,
        log=ports.log,
        token=ports.token,
    )
