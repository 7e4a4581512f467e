"""Camera activation: each attended call compared with the recordings of its unit.

A call is *covered* where a camera of its unit ran from at most 30 seconds after arrival until it was cleared, without a
gap of more than 30 seconds and with its sound on. It is *late*, *stopped early*, *muted* or *absent* otherwise, the
worst of these counting. Figures are by unit and by type of call, never by person and never in the order of a result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.measure.table import Table
from peelian.technologies.footage.activation.declared import GRACE_SECONDS, OUTCOMES

BY = ("unit", "type")
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The recordings of one unit in the order of their start: int64 arrays of one length, seconds since 1970."""

    started: Ints
    stopped: Ints
    muted: Ints  # seconds without sound
    longest: int  # the longest of them, so that a search knows how far back to look


def outcomes(calls: Table, recordings: Table, *, grace: int = GRACE_SECONDS) -> Ints:
    """For each call an index into `OUTCOMES`. O((calls + recordings) log recordings).

    `calls` has unit, arrived, cleared; `recordings` unit, started, stopped, muted_seconds; times in whole seconds.
    """
    running = {str(unit): _running(recordings, unit) for unit in set(recordings["unit"].tolist())}
    arrived, cleared = calls["arrived"].tolist(), calls["cleared"].tolist()
    found = [
        _outcome(running.get(str(unit)), came, went, grace)
        for unit, came, went in zip(calls["unit"].tolist(), arrived, cleared, strict=True)
    ]
    order = list(OUTCOMES)
    return np.array([order.index(word) for word in found], dtype=np.int64)


def _running(recordings: Table, unit: object) -> Running:
    own = recordings.take(recordings["unit"] == unit)
    order = np.argsort(own["started"], kind="stable")
    started, stopped = own["started"][order], own["stopped"][order]
    longest = int((stopped - started).max(initial=0))
    return Running(started=started, stopped=stopped, muted=own["muted_seconds"][order], longest=longest)


def _outcome(running: Running | None, came: int, went: int, grace: int) -> str:
    spans = list(_overlapping(running, came, went)) if running else []
    if not spans:
        return "absent"
    if spans[0][0] > came + grace:
        return "late"
    if _covered_until(spans, grace) < went:
        return "stopped_early"
    return "muted" if any(muted for _, _, muted in spans) else "covered"


def _overlapping(running: Running, came: int, went: int) -> Iterator[tuple[int, int, int]]:
    """Recordings that share a moment with the call, in the order of their start."""
    first = int(np.searchsorted(running.started, came - running.longest, side="left"))
    last = int(np.searchsorted(running.started, went, side="right"))
    for i in range(first, last):
        if running.stopped[i] >= came:
            yield int(running.started[i]), int(running.stopped[i]), int(running.muted[i])


def _covered_until(spans: list[tuple[int, int, int]], grace: int) -> int:
    """Up to when the recordings follow one another without a gap longer than the grace."""
    until = spans[0][1]
    for start, stop, _ in spans[1:]:
        if start > until + grace:
            break
        until = max(until, stop)
    return until
