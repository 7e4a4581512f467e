"""Releases a day of counts: noise on every window and separately on the total, charged and drawn once.

Each window gets discrete Laplace noise of epsilon 0.8, the day's total of 0.2, together 1 for a sensor and a day (a
standard deviation of 1.7 and 7.1). That hides a single event: whether one passage was counted changes the chance of any
answer by a factor of at most e. It promises nothing about a person who passes often, or past several sensors: without
identifiers nobody knows which passages are the same person's, so no program could. A binary tree of sums would be
better only if running totals were published; they are not (Chan, Shi, Song 2011).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from peelian.errors import InputError, sentence
from peelian.kernel.disclosure.noise import SENSOR_DAY, Answers, Budget, Draw, Question, with_noise
from peelian.kernel.model.ports import Entry

FEWEST = 15  # a count under it is shown as "<15"
WINDOW_MILLI_EPSILON, DAY_MILLI_EPSILON = 800, 200
BUDGET_MILLI_EPSILON = SENSOR_DAY  # both together
UNDER = f"<{FEWEST}"


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
    """The public counts of a sensor's day. A count under 15 is None and shown as "<15"."""

    sensor: str
    day: date
    windows: tuple[int | None, ...]
    total: int | None


def release_day(sensor: str, day: date, counts: Sequence[int], ports: Ports) -> Released:
    """Noisy counts of a day's windows (24, 48, 72 or 96 of them) and its noisy total.

    Asked again with the same counts or others, the day gets the answer it got first. Refused where a budget ended:
    other windows of the same day would have to be paid for again. InputError: another number of windows. Call it under
    the office's lock. O(windows + entries).
    """
    if len(counts) not in (24, 48, 72, 96):
        says = sentence("%(n)d time windows do not make a day", n=len(counts))
        raise InputError(says, accepted="24, 48, 72 or 96 windows of a day")
    if min(counts) < 0:
        raise InputError("not a count", column="counts", accepted="0 or more")
    windows = _drawn(_question("windows", sensor, day, len(counts), WINDOW_MILLI_EPSILON), counts, ports)
    (total,) = _drawn(_question("day", sensor, day, 1, DAY_MILLI_EPSILON), [sum(counts)], ports)
    return Released(sensor=sensor, day=day, windows=tuple(shown(each) for each in windows), total=shown(total))


def shown(count: int) -> int | None:
    """The count for publication: None under 15.

    >>> shown(14), shown(15), shown(-3)
    (None, 15, None)
    """
    return count if count >= FEWEST else None


def spoken(count: int | None) -> str:
    """The count as text.

    >>> spoken(None), spoken(20)
    ('<15', '20')
    """
    return UNDER if count is None else f"{count}"


def _question(what: str, sensor: str, day: date, cells: int, milli_epsilon: int) -> Question:
    term = day.isoformat()
    return Question(
        dataset=f"sensor-{sensor}", term=term, period=term, what=what, cells=cells, milli_epsilon=milli_epsilon
    )


def _drawn(question: Question, counts: Sequence[int], ports: Ports) -> tuple[int, ...]:
    budget = Budget(dataset=question.dataset, term=question.term, milli_epsilon=BUDGET_MILLI_EPSILON)
    return with_noise(
        counts,
        question,
        budget,
        entries=ports.entries(),
        answers=ports.answers,
        draw=ports.draw,
        log=ports.log,
        token=ports.token,
    )
