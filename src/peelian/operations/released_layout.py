"""Released layout: rows of released counts for other programs, held against the signed records that they repeat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from peelian.kernel.records.office_records import records_of
from peelian.kernel.records.sensor_register import shown_number
from peelian.kernel.state.kernel import Kernel
from peelian.storage.database import Database
from peelian.storage.released_rows import ReleasedRows

TABLE = "released"


def unlike_released(kernel: Kernel, *, repair: bool) -> Iterator[str]:
    """Each row ("released square-1 2026-03-01 5") that is not as the signed records say, is missing, or repeats none.
    `repair`: lay out a sensor's rows anew. The office may be served meanwhile. O(released days), memory of a sensor."""
    database = kernel.lock
    if not isinstance(database, Database):
        return
    rows = ReleasedRows(database)
    if not rows.sensors() and not any(records_of(kernel, "sensor_release")):
        return
    from peelian.oversight.sensors.release import laid_out, released_by_sensor, released_rows

    days = released_by_sensor(kernel)
    named = {shown_number(kernel, id): id for id in days}
    for sensor in sorted({*rows.sensors(), *named}):
        id = named.get(sensor, "")  # "": nothing is released by this number, as of a name from before sensors had one
        if not _differing(rows.of(sensor), laid_out(kernel, id, days.get(id, ()))):
            continue
        with kernel.lock:  # a day that was released meanwhile is no difference
            wanted = released_rows(kernel, id)
            found = _differing(rows.of(sensor), wanted)
            if found and repair:
                rows.put(sensor, wanted)
        yield from (f"{TABLE} {sensor} {day} {part}" for day, part in found)


def _differing(here: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Day and part of each row that is in one only, or not the same in both."""
    found, wanted = ({(str(row["day"]), int(row["part"])): dict(row) for row in rows} for rows in (here, there))
    return sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
