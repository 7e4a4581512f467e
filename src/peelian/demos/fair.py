"""The fair of the demonstration: its event plan, and counts at its gates. The counts are made, and said to be.

No record of a crowd by the minute may be shipped. So the watch of the fair is a drill, and what its counters send
follows a curve: people come for twenty minutes, then leave for twenty.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from peelian.kernel.alarms import event_plans, watch, zone_count
from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.documents import StandingPermit
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.records import sensor_register
from peelian.operations.office import Office

ZONE, AREA_M2, CAPACITY = "old-square", 1_000.0, 1_800
DENSITY, EVERY = "crowd.density", 15  # seconds between two messages of a counter
CAME, SWING, PERIOD = 40, 600, 2_400.0  # through the gates in 15 s, people, seconds
ON_AREA, GATES = "fair-count", ("fair-north", "fair-south")
SENSORS: Mapping[str, str] = dict.fromkeys((ON_AREA, *GATES), ZONE)
COUNTED = {"time": "time", "people": "occupants"}
PASSED = {"time": "time", "in": "towards", "out": "away", "seconds": "seconds"}
WEST, SOUTH, SIDE = -79.3844, 43.6520, 0.0004


def stands(office: Office, people: Mapping[str, Operator]) -> StandingPermit:
    """The counters are registered, and the fair's watch stands as a drill."""
    kernel = office.kernel
    ends = (kernel.now() + timedelta(days=300)).date().isoformat()
    for id in SENSORS:
        sensor_register.register(kernel, people["custodian"], _counter(id, ends))
    return watch.stand(
        kernel,
        people["commander"],
        DENSITY,
        purpose=Purpose.SAFETY,
        params=params(office),
        sensors=SENSORS,
        exercise=True,
    )


def params(office: Office) -> Any:
    """What the watch of the fair is asked to do."""
    return watch.watch_named(office.kernel, DENSITY).asks.params(area_m2=AREA_M2, gate_queue=False, gate_error=0.03)


def planned(office: Office, people: Mapping[str, Operator], *, starts: datetime, ends: datetime) -> None:
    """The commander records the plan, Lee confirms it, an exercise is put on record, and Kay counts an empty square."""
    kernel = office.kernel
    digest = event_plans.plan_event(kernel, people["commander"], _plan(starts, ends))
    event_plans.confirm_plan(kernel, people["lee"], digest)
    held = {
        "title": "Table exercise: the north gate is blocked",
        "held": (kernel.now() - timedelta(hours=1)).isoformat(),
        "roles": ["Safety officer", "Stewards"],
        "findings": ["Stewards reached the south gate within four minutes."],
    }
    event_plans.record_exercise(kernel, people["commander"], "old-square-fair", held)
    zone_count.count_zone(kernel, people["kay"], zone=ZONE, people=0)


def messages(at: datetime, second: int) -> Iterator[tuple[str, bytes]]:
    """What each counter sends in this second of the fair: its id and CSV. Nothing between two of its messages."""
    if second % EVERY:
        return
    time = at.isoformat()
    inside, before = _inside(second), _inside(second - EVERY) if second else 0
    entered, left = CAME + max(0, inside - before), CAME + max(0, before - inside)
    yield ON_AREA, f"time,people\n{time},{inside}\n".encode()
    for gate, share in zip(GATES, (0.6, 0.4), strict=True):
        came, went = round(share * entered), round(share * left)
        if gate == GATES[-1]:
            came, went = entered - round(0.6 * entered), left - round(0.6 * left)
        yield gate, f"time,in,out,seconds\n{time},{came},{went},{EVERY}\n".encode()


def _inside(second: int) -> int:
    """How many people are on the square."""
    return round(2 * SWING * (1 - math.cos(2 * math.pi * second / PERIOD)) / 2)


def _counter(id: str, ends: str) -> Sensor:
    is_gate = id in GATES
    return Sensor(
        id=id,
        kind="people_counter",
        title="Counter at a gate of the fair" if is_gate else "Counter over the old square",
        owner="Demonstration town, public works",
        contact="counters@town.invalid",
        purpose="safety",
        why="To see a crush at the fair before it happens.",
        area="Old square",
        personal_data=False,
        retention_days=90,
        ends=ends,
        format="csv",
        columns=PASSED if is_gate else COUNTED,
    )


def _plan(starts: datetime, ends: datetime) -> dict[str, Any]:
    east, north = WEST + SIDE, SOUTH + 0.7 * SIDE
    outline = [[WEST, SOUTH], [east, SOUTH], [east, north], [WEST, north]]
    gate = {"zone": ZONE, "width_m": 8, "entry_per_hour": 10_000}
    return {
        "name": "old-square-fair",
        "title": "Fair on the old square",
        "starts": starts.isoformat(),
        "ends": ends.isoformat(),
        "attendance": CAPACITY,
        "emergency_minutes": 8,
        "zones": [{"name": ZONE, "outline": outline, "area_m2": AREA_M2, "capacity": CAPACITY, "per_m2": 2}],
        "gates": [
            {"name": GATES[0], "position": [WEST + SIDE / 2, north], **gate},
            {"name": GATES[1], "position": [WEST + SIDE / 2, SOUTH], **gate},
        ],
        "roles": {
            "Safety officer": "Decides with the operator.",
            "Stewards": "Two at each gate.",
            "First aid": "Tent.",
        },
        "thresholds": {ZONE: {"notice": 1_400, "warning": 1_600, "urgent": 1_800}},
        "contacts": [{"function": "First aid tent", "number": "+1 416 555 0100"}],
        "messages": {"noise": ["Stewards: it is loud on the old square. Please look and report."]},
    }
