"""The register and released counts as open data: GeoJSON, NGSI-LD and plain JSON records, and a table for Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from peelian.kernel.model.sensors import Sensor
from peelian.measure.table import Kind, Table, table
from peelian.technologies.sensors.release import UNDER, Released, count_as_text

if TYPE_CHECKING:
    import pyarrow as pa

CONTEXT = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Public view of a sensor: its entry, start of registration, renewals and state."""

    sensor: Sensor
    since: str
    state: str  # registered, expired, ended
    renewals: int = 0
    proven_from: str = ""  # ISO day from which it may raise an alarm
    overdue: bool = False  # its firmware was not updated or checked in time


def record(shown: Shown) -> dict[str, Any]:
    """Everything of one entry as plain values."""
    s = shown.sensor
    return {
        "id": s.id,
        "state": shown.state,
        "kind": s.kind,
        "title": s.title,
        "owner": s.owner,
        "contact": s.contact,
        "purpose": s.purpose,
        "why": s.why,
        "area": s.area,
        "place": s.place,
        "personal_data": s.personal_data,
        "retention_days": s.retention_days,
        "since": shown.since[:10],
        "may_alarm_from": shown.proven_from if shown.sensor.format else "",
        "ends": s.ends,
        "renewals": shown.renewals,
        "format": s.format,
        "columns": dict(s.columns),
        "drop": list(s.drop),
        "zone": s.zone,
        "homes": s.homes,
        "mounted_on": s.mounted_on,
        "vendor": s.vendor,
        "firmware": s.firmware,
        "updated": s.updated,
        "update_due": s.update_due.isoformat() if s.update_due else "",
    }


def geojson(entries: Iterable[Shown]) -> dict[str, Any]:
    """A FeatureCollection (RFC 7946); a sensor that stands for an area has no geometry."""
    features = []
    for shown in entries:
        s = shown.sensor
        point = {"type": "Point", "coordinates": [s.lon, s.lat]} if s.located else None
        features.append({"type": "Feature", "id": s.id, "geometry": point, "properties": record(shown)})
    return {"type": "FeatureCollection", "features": features}


def ngsi_register(entries: Iterable[Shown]) -> list[dict[str, Any]]:
    """The register as NGSI-LD entities of the smart data model Device."""
    made = []
    for shown in entries:
        s = shown.sensor
        entity: dict[str, Any] = {
            "id": f"urn:ngsi-ld:Device:{s.id}",
            "type": "Device",
            "@context": CONTEXT,
            "name": _property(s.title),
            "description": _property(s.why),
            "category": _property(["sensor"]),
            "owner": _property([s.owner]),
            "deviceState": _property(shown.state),
            "dateInstalled": _property({"@type": "DateTime", "@value": shown.since}),
        }
        if s.located:
            entity["location"] = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [s.lon, s.lat]}}
        made.append(entity)
    return made


def register_table(entries: Sequence[Shown]) -> Table:
    """The register as a table, for Parquet and CSV."""
    rows = [record(shown) for shown in entries]
    text = ("id", "state", "kind", "title", "owner", "contact", "purpose", "why", "area", "place", "since", "ends")
    columns: dict[str, Any] = {
        name: (Kind.CATEGORY, np.array([str(row[name]) for row in rows], dtype=object)) for name in text
    }
    columns["personal_data"] = (Kind.COUNT, np.array([int(row["personal_data"]) for row in rows], dtype=np.int64))
    columns["retention_days"] = (Kind.COUNT, np.array([row["retention_days"] for row in rows], dtype=np.int64))
    for name, pick in (("lon", 0), ("lat", 1)):
        values = [(s.sensor.lon, s.sensor.lat)[pick] for s in entries]
        columns[name] = (Kind.AMOUNT, np.array([np.nan if v is None else v for v in values], dtype=np.float64))
    return table("sensors", columns, retention_days="days")


def released_table(days: Sequence[Released]) -> pa.Table:
    """Released days for Parquet and CSV, one row per window. A count under 15 is null and its `shown` says "<15".

    Of a window that was not heard `shown` says "gap"; `gap_seconds`: for how long its messages are missing."""
    import pyarrow as pa  # heavy: only when asked for

    rows = [
        {
            "day": day.day,
            "window": i,
            "windows": len(day.windows),
            "count": count,
            "shown": day.spoken(i),
            "gap_seconds": day.missing[i],
            "day_total": day.total,
            "day_total_shown": count_as_text(day.total),
        }
        for day in days
        for i, count in enumerate(day.windows)
    ]
    numbers = dict.fromkeys(("window", "windows", "count", "gap_seconds", "day_total"), pa.int64())
    kinds = {"day": pa.date32(), **numbers, "shown": pa.string(), "day_total_shown": pa.string()}
    return pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items())))


def released_plain(days: Iterable[Released]) -> list[dict[str, Any]]:
    """Released days as plain values: the windows of each in order, and its total; a count under 15 is "<15", one of a
    window that was not heard "gap". `gaps`: seconds of each window for which messages are missing, where any are."""
    return [
        {
            "day": day.day.isoformat(),
            "windows": [day.spoken(i).rstrip("*") if n is None else n for i, n in enumerate(day.windows)],
            "total": UNDER if day.total is None else day.total,
            **({"gaps": list(day.gaps)} if day.gaps else {}),
        }
        for day in days
    ]


def released_geojson(days: Iterable[Released], shown: Shown) -> dict[str, Any]:
    """Released days as a FeatureCollection (RFC 7946): one feature a day, at the sensor's place where it has one."""
    s = shown.sensor
    point = {"type": "Point", "coordinates": [s.lon, s.lat]} if s.located else None
    features = [
        {
            "type": "Feature",
            "id": f"{s.id}-{plain['day']}",
            "geometry": point,
            "properties": {"sensor": s.id, "kind": s.kind, "area": s.area, **plain},
        }
        for plain in released_plain(days)
    ]
    return {"type": "FeatureCollection", "features": features}


def ngsi_flow(released: Released, sensor: Sensor) -> list[dict[str, Any]]:
    """A released day as NGSI-LD flow entities, one per window and one for the day, whose total has noise of its own.

    A count under 15, and a window that was not heard, say so and have no number.
    """
    model, field = ("TrafficFlowObserved", "intensity") if sensor.kind == "traffic_counter" else _CROWD
    width = timedelta(days=1) / len(released.windows)
    day = datetime(released.day.year, released.day.month, released.day.day, tzinfo=UTC)
    made = []
    spans = [(day + i * width, width, n, released.spoken(i)) for i, n in enumerate(released.windows)]
    for start, lasts, count, text in (*spans, (day, timedelta(days=1), released.total, count_as_text(released.total))):
        name = f"{start:%Y%m%d}" if lasts.days else f"{start:%Y%m%dT%H%M}"
        entity: dict[str, Any] = {
            "id": f"urn:ngsi-ld:{model}:{released.sensor}:{name}",
            "type": model,
            "@context": CONTEXT,
            "dateObserved": _property(f"{start.isoformat()}/{(start + lasts).isoformat()}"),
        }
        entity |= {field: _property(count)} if count is not None else {"description": _property(text.rstrip("*"))}
        made.append(entity)
    return made


_CROWD = ("CrowdFlowObserved", "peopleCount")


def _property(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}
