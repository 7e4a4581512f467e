"""Formats of recordings, dispatch records and recording lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Dropped, Format
from peelian.measure.table import Kind, Table, table
from peelian.technologies.footage.damage import surveyed
from peelian.technologies.footage.probe import Probe, probed
from peelian.technologies.footage.shapes import CALL_TYPES, DISPATCH, FOOTAGE, REASONS, RECORDINGS

NO_ARRIVAL = "No arrival: no camera was required."
BACKWARDS = "End before start."
IS_CUT = "Recording truncated: its index points beyond the end of the file. Kept unchanged."
IS_DAMAGED = (
    "Damaged recording kept unchanged. %(decodable_pictures)d frames over %(decodable_milliseconds)d "
    "milliseconds can be decoded, with faults in %(faults)d places."
)
IS_UNREADABLE = "No part of the recording can be decoded here. Kept unchanged."
UNREADABLE = Probe(
    container="unreadable",
    video_codec="",
    width=0,
    height=0,
    rotation=0,
    milliseconds=0,
    rate=Fraction(0),
    audio_streams=0,
    other_streams=0,
    tags=0,
)
"""What is said of a recording of which nothing can be decoded."""
TIME_SAID = "a date and time with time zone, for example 2026-03-02T14:05:00-05:00"
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def inspect_video(file: BinaryIO, options: Mapping[str, str]) -> Admitted:
    """Size, length and streams of a recording, never its frames. O(1) reads.

    One that is said to be damaged is looked through from end to end, O(pictures), and kept whatever is left of it.
    """
    recorded = moment(options.get("recorded_at", ""), column="recorded_at")
    damaged = options.get("damaged", "")
    if damaged not in ("", "yes"):
        raise InputError("neither yes nor empty", column="damaged", accepted="yes, or leave it out")
    return _of_damaged(file, recorded, options) if damaged else _of_whole(file, recorded, options)


def _of_whole(file: BinaryIO, recorded: datetime, options: Mapping[str, str]) -> Admitted:
    try:
        seen = probed(file)
    except InputError as error:
        damaged = "%(accepted)s; for a damaged recording, set the option damaged=yes"
        wanted = sentence(damaged, accepted=sentence(error.accepted))
        raise InputError(error.wrong, accepted=wanted) from None
    notes = (Note(text=IS_CUT, kind="caveat"),) if seen.cut else ()
    facts = {"damaged": "cut"} if seen.cut else {}
    return _video(seen, recorded, options, facts=facts, notes=notes)


def _of_damaged(file: BinaryIO, recorded: datetime, options: Mapping[str, str]) -> Admitted:
    left = surveyed(file)
    counts = {"decodable_pictures": left.pictures, "decodable_milliseconds": left.milliseconds, "faults": left.faults}
    notes = (Note(text=IS_DAMAGED if left.pictures else IS_UNREADABLE, values=counts, kind="caveat"),)
    return _video(left.probe or UNREADABLE, recorded, options, facts={"damaged": "yes", **counts}, notes=notes)


def _video(
    seen: Probe, recorded: datetime, options: Mapping[str, str], *, facts: Mapping[str, Scalar], notes: tuple[Note, ...]
) -> Admitted:
    counts = {
        "width": seen.width,
        "height": seen.height,
        "milliseconds": seen.milliseconds,
        "audio_streams": seen.audio_streams,
        "other_streams": seen.other_streams,
        "tags": seen.tags,
    }
    told: dict[str, Any] = {"recorded_at": recorded.isoformat(), "container": seen.container, **counts}
    told |= {"video_codec": seen.video_codec, "rotation": seen.rotation}
    told |= {key: text for key, text in options.items() if text and key not in ("recorded_at", "damaged")}
    columns = {key: (Kind.COUNT, [value]) for key, value in counts.items()}
    return Admitted(
        table=table("recording", columns, width="bins", height="bins"), facts=told | dict(facts), notes=notes
    )


def moment(text: str, *, column: str, row: int | None = None) -> datetime:
    """A text as a moment in UTC. InputError without a time zone."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at < _EARLIEST:
        raise InputError("not a date and time with time zone", column=column, row=row, accepted=TIME_SAID)
    return at.astimezone(UTC)


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


VIDEO = Format(
    id="video",
    title="Video recordings: MP4, MOV, MKV, WebM, AVI, MPEG",
    shape=FOOTAGE,
    kinds=("stream",),
    inspect=inspect_video,
    options={
        "recorded_at": "start of the recording, with time zone",
        "officer": "badge number of the officer wearing the camera (only a token is kept)",
        "device": "camera serial number (only a token is kept)",
        "event": "call number (only a token is kept)",
        "place": "public place of the recording, as the office always writes it (only a token is kept)",
        "damaged": "yes if known to be damaged: kept unchanged, and the decodable part is stated",
    },
    tokens=frozenset({"officer", "device", "event", "place"}),
    of_people=True,
)
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
