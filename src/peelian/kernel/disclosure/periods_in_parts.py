"""Periods in parts: earlier releases whose days together, or less one another, are those of a new one.

Who has the months can add them up and subtract them from the year. So what a chain of earlier releases makes of a
period is one more earlier release of it, though nobody published it: never to stand again, only to be compared with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from peelian.kernel.disclosure.published_counts import Edition, Ints, Key, TableLayout

Span = tuple[int, int]  # the first day, and the day after the last
Part = tuple[int, int]  # +1 or -1, and which release


@dataclass(frozen=True, slots=True)
class PeriodRelease:
    """What a release tells, and of which days."""

    span: Span
    tables: Mapping[str, tuple[TableLayout, Ints]]
    numbers: Mapping[str, int]


def span_of(first: str, last: str) -> Span | None:
    """Days as numbers; None where they are not told."""
    return (date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal() + 1) if first and last else None


def put_together(mine: Span, earlier: Sequence[PeriodRelease]) -> Iterator[Edition]:
    """What the fewest earlier releases make of these days, and what the most that share no day do. O(releases)."""
    spans = [one.span for one in earlier]
    found = dict.fromkeys(tuple(route) for route in (fewest(mine, spans), most(mine, spans)) if route)
    for i, route in enumerate(found):
        parts = [(sign, earlier[at]) for sign, at in route]
        tables = {name: _sum(name, parts) for name in dict.fromkeys(name for _, one in parts for name in one.tables)}
        numbers = {
            key: sum(sign * one.numbers[key] for sign, one in parts)
            for key in parts[0][1].numbers
            if all(key in one.numbers for _, one in parts)
        }
        yield Edition(index=-2 - i, findings="", tables=tables, told=numbers, sure=False, stands=False, same=True)


def fewest(mine: Span, spans: Sequence[Span]) -> list[Part]:
    """The shortest chain of other periods from the first of these days to the last, forwards and backwards; the newest
    of several. O(periods).

    >>> fewest((1, 4), [(1, 9), (4, 9), (1, 2), (2, 4)]), fewest((1, 4), [(1, 4), (2, 5)])
    ([(1, 2), (1, 3)], [])
    """
    ways: dict[int, list[tuple[int, Part]]] = {}
    for at in reversed(range(len(spans))):
        first, end = spans[at]
        if spans[at] != mine:
            ways.setdefault(first, []).append((end, (1, at)))
            ways.setdefault(end, []).append((first, (-1, at)))
    came: dict[int, tuple[int, Part]] = {}
    queue = deque([mine[0]])
    while queue and mine[1] not in came:
        day = queue.popleft()
        for other, part in ways.get(day, ()):
            if other != mine[0] and other not in came:
                came[other] = (day, part)
                queue.append(other)
    return _back(mine, came)


def most(mine: Span, spans: Sequence[Span]) -> list[Part]:
    """The longest chain of other periods that make up these days, none of which shares a day with another. O(n log n).

    >>> most((1, 4), [(1, 9), (1, 3), (3, 4), (1, 2), (2, 3)])
    [(1, 3), (1, 4), (1, 2)]
    """
    best, came = {mine[0]: 0}, dict[int, tuple[int, Part]]()
    for (first, end), at in sorted((span, at) for at, span in enumerate(spans) if span != mine and span[1] <= mine[1]):
        if first in best and best[first] + 1 >= best.get(end, 0):
            best[end], came[end] = best[first] + 1, (first, (1, at))
    return _back(mine, came)


def _back(mine: Span, came: Mapping[int, tuple[int, Part]]) -> list[Part]:
    """The chain that led to the end."""
    found, day = list[Part](), mine[1]
    while day != mine[0] and day in came:
        day, part = came[day]
        found.append(part)
    return found[::-1] if day == mine[0] else []


def _sum(name: str, parts: Sequence[tuple[int, PeriodRelease]]) -> tuple[TableLayout, Ints]:
    """A table of all parts; a row that one of them does not show is none there."""
    have = [(sign, one.tables[name]) for sign, one in parts if name in one.tables]
    first = have[0][1][0]
    have = [one for one in have if (one[1][0].names, one[1][0].counts) == (first.names, first.counts)]
    at: dict[Key, int] = {}
    for _, (layout, _) in have:
        for key in layout.rows:
            at.setdefault(key, len(at))
    values = np.zeros((len(at), len(first.counts)), np.int64)
    for sign, (layout, counts) in have:
        np.add.at(values, [at[key] for key in layout.rows], sign * np.asarray(counts, dtype=np.int64))
    return TableLayout(first.names, first.counts, tuple(at)), values
