"""An event plan for tests: two zones beside one another, three gates, and everything a plan may say."""

from __future__ import annotations

import copy
from typing import Any

SIDE = 0.0005  # degrees: some 56 m


def square(east: float, north: float = 0.0) -> list[list[float]]:
    """A square zone near the equator, its south-west corner at so many sides."""
    west, south = round(east * SIDE, 7), round(north * SIDE, 7)
    return [
        [west, south],
        [round(west + SIDE, 7), south],
        [round(west + SIDE, 7), round(south + SIDE, 7)],
        [west, round(south + SIDE, 7)],
    ]


GOOD: dict[str, Any] = {
    "name": "fete-2026",
    "title": "Fête au village",
    "starts": "2026-03-02T08:00:00+00:00",
    "ends": "2026-03-02T20:00:00+00:00",
    "attendance": 1500,
    "emergency_minutes": 6,
    "zones": [
        {"name": "north", "outline": square(0), "area_m2": 1000, "capacity": 1200, "per_m2": 2, "physical": 0.8},
        {"name": "south", "outline": square(1), "area_m2": 800, "capacity": 900, "viewing": "moving", "per_m2": 1.5},
    ],
    "gates": [
        {"name": "gate-a", "zone": "north", "width_m": 4, "entry_per_hour": 2500, "position": [0.0, 0.0001]},
        {"name": "gate-b", "zone": "north", "to": "south", "width_m": 3},
        {"name": "gate-c", "zone": "south", "width_m": 4, "direction": "out", "steps": True},
    ],
    "roles": {"safety officer": "Decides with the operator.", "first aid": "At gate A."},
    "thresholds": {"north": {"notice": 600, "warning": 900, "urgent": 1100}},
    "contacts": [{"function": "First aid post", "number": "+1 514 555 0100"}],
    "runbooks": {"high_well": ["Look at the picture of gate A.", "Call the first aid post."]},
    "messages": {"high_well": ["Please move towards gate C."]},
}


def plan_body(**changes: Any) -> dict[str, Any]:
    """A good plan with other fields; `zones__0__capacity=5` changes a part."""
    body = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *way, last = path.split("__")
        part: Any = body
        for step in way:
            part = part[int(step)] if step.isdigit() else part[step]
        part[int(last) if last.isdigit() else last] = value
    return body
