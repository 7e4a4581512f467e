"""Formats of lists: dispatch records, and recordings of each unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.formats import Admitted, Dropped, Format
from peelian.measure.table import Kind, Table, table
from peelian.technologies.footage.formats.video import TIME_SAID, VIDEO, moment
from peelian.technologies.footage.shapes import CALL_TYPES, DISPATCH, REASONS, RECORDINGS

NO_ARRIVAL = "No arrival: no camera was required."
BACKWARDS = "End before start."


def convert_dispatch(text: Table, options: Mapping[str, str]) -> Admitted:
    """Calls with a unit, a type and times in whole seconds; the call's own number stays outside. O(rows)."""
    arrived, cleared = _seconds(text, "arrived"), _seconds(text, "cleared")
    _seconds(text, "dispatched")
    came = arrived >= 0
    backwards = came & (cleared < arrived)
    keep = came & ~backwards
    columns = {
        "unit": (Kind.GROUP, _words(text["unit"])),
        "type": (Kind.GROUP, _words(text["type"])),
        "arrived": (Kind.COUNT, arrived),
        "cleared": (Kind.COUNT, cleared),
        "row": (Kind.COUNT, text["row"]),
    }
    dropped = (*_dropped(~came, text, NO_ARRIVAL), *_dropped(backwards, text, BACKWARDS))
    return _admitted("dispatch", columns, keep, dropped)


def convert_recordings(text: Table, options: Mapping[str, str]) -> Admitted:
    """Recordings with a unit, times in whole seconds, seconds of silence and the reason they stopped. O(rows)."""
    started, stopped = _seconds(text, "started"), _seconds(text, "stopped")
    if (missing := np.flatnonzero((started < 0) | (stopped < 0))).size:
        raise InputError(
            "recording without start or end",
            row=int(text["row"][missing[0]]),
            column="started" if started[missing[0]] < 0 else "stopped",
            accepted=TIME_SAID,
        )
    backwards = stopped < started
    columns = {
        "unit": (Kind.GROUP, _words(text["unit"])),
        "started": (Kind.COUNT, started),
        "stopped": (Kind.COUNT, stopped),
        "muted_seconds": (Kind.COUNT, _whole(text, "muted_seconds")),
        "reason": (Kind.GROUP, _reasons(text)),
        "row": (Kind.COUNT, text["row"]),
    }
    return _admitted("recordings", columns, ~backwards, _dropped(backwards, text, BACKWARDS))


def _admitted(
    name: str, columns: Mapping[str, tuple[Kind, Any]], keep: NDArray[np.bool_], dropped: tuple[Dropped, ...]
) -> Admitted:
    made = table(name, columns).take(keep)
    groups = sorted({str(w) for c in made.columns if c.kind is Kind.GROUP for w in set(c.values.tolist())})
    return Admitted(table=made, facts={"groups": ",".join(groups)}, dropped=dropped)


def _seconds(text: Table, column: str) -> NDArray[np.int64]:
    """Seconds since 1970 (UTC); -1 where the cell is empty."""
    cells = text[column].tolist()
    found = [
        int(moment(cell, column=column, row=int(row)).timestamp()) if cell.strip() else -1
        for cell, row in zip(cells, text["row"].tolist(), strict=True)
    ]
    return np.array(found, dtype=np.int64)


def _whole(text: Table, column: str) -> NDArray[np.int64]:
    found = []
    for cell, row in zip(text[column].tolist(), text["row"].tolist(), strict=True):
        if cell.strip() and not cell.strip().isdecimal():
            raise InputError("not a whole number", column=column, row=int(row), accepted="seconds, 0 or more")
        found.append(int(cell or 0))
    return np.array(found, dtype=np.int64)


def _words(cells: NDArray[Any]) -> NDArray[Any]:
    """Names of units and types, trimmed; an empty one is "unknown"."""
    return np.array([cell.strip().replace(",", " ") or "unknown" for cell in cells.tolist()], dtype=object)


def _reasons(text: Table) -> NDArray[Any]:
    found = []
    for cell, row in zip(text["reason"].tolist(), text["row"].tolist(), strict=True):
        word = cell.strip().lower().replace(" ", "_") or "none_given"
        if word not in REASONS:
            raise InputError("unknown reason", column="reason", row=int(row), accepted=", ".join(REASONS))
        found.append(word)
    return np.array(found, dtype=object)


def _dropped(mask: NDArray[np.bool_], text: Table, why: str) -> tuple[Dropped, ...]:
    rows = np.flatnonzero(mask)
    return (Dropped(why=why, n=int(rows.size), first_row=int(text["row"][rows[0]])),) if rows.size else ()


_DISPATCH = frozenset({"event_id", "unit", "type", "dispatched", "arrived", "cleared"})
DISPATCH_CSV = Format(
    id="dispatch-csv",
    title="Dispatch records: event_id, unit, type, dispatched, arrived, cleared",
    shape=DISPATCH,
    required=_DISPATCH,
    columns=_DISPATCH - {"event_id"},
    convert=convert_dispatch,
    words=frozenset({*CALL_TYPES, *REASONS}),
)
_RECORDINGS = frozenset({"unit", "started", "stopped", "muted_seconds", "reason"})
RECORDINGS_CSV = Format(
    id="recordings-csv",
    title="Recording list: unit, started, stopped, muted_seconds, reason",
    shape=RECORDINGS,
    required=_RECORDINGS,
    columns=_RECORDINGS,
    convert=convert_recordings,
    words=frozenset({*CALL_TYPES, *REASONS}),
)
FORMATS = (VIDEO, DISPATCH_CSV, RECORDINGS_CSV)
