"""A registered sensor for tests: a counter at a square, or whatever of it a test says otherwise."""

from __future__ import annotations

from typing import Any

from peelian.kernel.model.sensors import Sensor


def a_sensor(**more: Any) -> Sensor:
    """The facts of one sensor, all of them right."""
    facts: dict[str, Any] = {
        "id": "square-1",
        "kind": "people_counter",
        "title": "Counter at the square",
        "owner": "Public works",
        "contact": "works@town.invalid",
        "purpose": "safety",
        "why": "So that a crush is seen before it happens.",
        "area": "Centre",
        "personal_data": False,
        "retention_days": 90,
        "ends": "2026-12-31",
        "format": "ngsi-ld",
    }
    return Sensor(**(facts | more))
