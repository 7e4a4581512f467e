"""A sensor as a data chain of the open standard DTPR (Digital Trust for Places & Routines).

The element names are of the standard's taxonomy for devices (Helpful Places and contributors, dtpr.io, CC BY 4.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peelian.kernel.model.sensors import SPEAKING, Sensor

TAXONOMY = "https://dtpr.io/taxonomy"
LICENCE = "CC BY 4.0"
CATEGORIES = ("accountable", "purpose", "tech", "data", "process", "access", "storage", "retention")

TECH: Mapping[str, str] = {
    "sound_meter": "sound_level_meter",
    "people_counter": "motion_detector",
    "camera_counter": "person_detection",
    "traffic_counter": "induction_loop",
    "camera": "video_camera",
    "body_camera": "identifiable_video",
    "plate_reader": "identifiable_image",
    "drone": "unmanned_aircraft_system",
}
"""Kinds that the taxonomy knows; the others (energy, weather) are told in words only."""

PURPOSE: Mapping[str, str] = {
    "safety": "safety_security",
    "noise": "planning_decision_making",
    "traffic": "mobility",
    "energy": "energy_efficiency",
    "planning": "planning_decision_making",
    "enforcement": "enforcement",
}
RETENTION: tuple[tuple[int, str], ...] = (
    (1, "retained_24_hours"),
    (14, "retained_two_weeks"),
    (31, "retained_1_month"),
    (92, "retained_3_months"),
    (183, "retained_6_months"),
    (366, "retained_1_year"),
    (731, "retained_2_years"),
    (1_827, "retained_5_years"),
    (2_192, "retained_six_years"),
    (2_557, "retained_7_years"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of a chain: its category, its name in the taxonomy ("" where it has none), and it in words."""

    category: str
    name: str
    says: str

    @property
    def id(self) -> str:
        """As the taxonomy spells it: purpose__mobility."""
        return f"{self.category}__{self.name}" if self.name else ""


def retention(days: int) -> str:
    """The shortest retention term of the taxonomy that is at least as long as the sensor's.

    >>> retention(90), retention(10_000)
    ('retained_3_months', 'retained_indefinitely')
    """
    return next((name for most, name in RETENTION if days <= most), "retained_indefinitely")


def chain(sensor: Sensor) -> tuple[Element, ...]:
    """The elements of a sensor's chain, in the order of the standard's categories."""
    speaks = sensor.kind in SPEAKING and bool(sensor.format)
    made = [
        Element(category="accountable", name="organization", says=sensor.owner),
        Element(category="purpose", name=PURPOSE[sensor.purpose], says=sensor.why),
        Element(category="tech", name=TECH.get(sensor.kind, ""), says=sensor.title),
        Element(category="data", name="personal" if sensor.personal_data else "values_time", says=""),
    ]
    if speaks:
        made += [
            Element(category="process", name="aggregated", says=""),
            Element(category="process", name="differential_privacy", says=""),
            Element(category="access", name="available_to_download", says=""),
        ]
    made += [
        Element(category="access", name="available_to_the_accountable_organization", says=""),
        Element(category="storage", name="stored_locally", says=""),
        Element(category="retention", name=retention(sensor.retention_days), says=f"{sensor.retention_days} days"),
    ]
    return tuple(made)


def chain_record(sensor: Sensor) -> dict[str, Any]:
    """The chain as plain JSON values."""
    return {
        "standard": "DTPR",
        "taxonomy": TAXONOMY,
        "licence": LICENCE,
        "id": sensor.id,
        "title": sensor.title,
        "place": {"name": sensor.place or sensor.area, "lon": sensor.lon, "lat": sensor.lat},
        "contact": sensor.contact,
        "until": sensor.ends,
        "elements": [{"category": e.category, "element": e.id or None, "says": e.says or None} for e in chain(sensor)],
    }
