"""The register and released counts as open data: GeoJSON, NGSI-LD and plain JSON records, and a table for Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from peelian.governance.sensors import Sensor
from peelian.measure.table import Kind, Table, table
from peelian.technologies.sensors.release import Released

CONTEXT = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the public sees of a sensor: its entry, since when, how often renewed, and its state."""

    sensor: Sensor
    since: str
    state: str  # registered, expired, ended
    renewals: int = 0
    proven_from: str = ""  # ISO day from which it may raise an alarm


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
        "homes": s.homes,
        "mounted_on": s.mounted_on,
        "vendor": s.vendor,
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


def released_table(days: Sequence[Released]) -> Table:
    """Released days, one row per window; a window under 15 has the count 0 and says so."""
    rows = [(day, i, count) for day in days for i, count in enumerate(day.windows)]
    return table(
        "released",
        {
            "day": (Kind.TIME, np.array([np.datetime64(day.day, "D") for day, _, _ in rows], dtype="datetime64[D]")),
            "window": (Kind.COUNT, np.array([i for _, i, _ in rows], dtype=np.int64)),
            "windows": (Kind.COUNT, np.array([len(day.windows) for day, _, _ in rows], dtype=np.int64)),
            "count": (Kind.COUNT, np.array([count or 0 for _, _, count in rows], dtype=np.int64)),
            "under_15": (Kind.COUNT, np.array([int(count is None) for _, _, count in rows], dtype=np.int64)),
        },
        window="bins",
        windows="bins",
        under_15="bins",
    )


def ngsi_flow(released: Released, sensor: Sensor) -> list[dict[str, Any]]:
    """A released day as NGSI-LD flow entities, one per window; a window under 15 says so and has no count."""
    model, field = ("TrafficFlowObserved", "intensity") if sensor.kind == "traffic_counter" else _CROWD
    width = timedelta(days=1) / len(released.windows)
    day = datetime(released.day.year, released.day.month, released.day.day, tzinfo=UTC)
    made = []
    for i, count in enumerate(released.windows):
        start = day + i * width
        entity: dict[str, Any] = {
            "id": f"urn:ngsi-ld:{model}:{released.sensor}:{start:%Y%m%dT%H%M}",
            "type": model,
            "@context": CONTEXT,
            "dateObserved": _property(f"{start.isoformat()}/{(start + width).isoformat()}"),
        }
        entity |= {field: _property(count)} if count is not None else {"description": _property("<15")}
        made.append(entity)
    return made


_CROWD = ("CrowdFlowObserved", "peopleCount")


def _property(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}
