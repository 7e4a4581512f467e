"""Proves a plan that contradicts itself, the watches or its capacity is refused, and its field named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from event_plans import plan_body, square

from peelian.errors import InputError
from peelian.kernel.model.event_plan import plan_of
from peelian.kernel.model.plan_checks import check_plan

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KNOWN = {"zones": {"north", "south"}, "types": {"high_well"}, "now": NOW}


def refused(**changes: Any) -> tuple[str, str, str]:
    with pytest.raises(InputError) as error:
        check_plan(plan_of(plan_body(**changes)), **KNOWN)
    return error.value.column, str(error.value.wrong), str(error.value.accepted)


def test_a_good_plan_passes() -> None:
    check_plan(plan_of(plan_body()), **KNOWN)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"ends": "2026-03-02T08:00:00+00:00"}, "ends"),
        ({"ends": "2026-03-17T08:00:00+00:00"}, "ends"),
        ({"starts": "2026-02-02T08:00:00+00:00", "ends": "2026-02-03T08:00:00+00:00"}, "ends"),
        ({"zones__1__name": "north"}, "zones[1].name"),
        ({"gates__1__name": "gate-a"}, "gates[1].name"),
        ({"gates__1__name": "outside"}, "gates[1].name"),
        ({"zones__1__name": "east", "gates__1__to": "east", "gates__2__zone": "east"}, "zones[1].name"),
        ({"gates__0__zone": "east"}, "gates[0].zone"),
        ({"gates__1__to": "east"}, "gates[1].to"),
        ({"gates__1__to": "north"}, "gates[1].to"),
        ({"gates__0__entry_per_hour": 0}, "gates[0].entry_per_hour"),
        ({"gates__0__entry_per_hour": 19_681}, "gates[0].entry_per_hour"),
        ({"gates__0__direction": "out"}, "gates"),
        ({"gates__1__direction": "out", "gates__2__zone": "north"}, "zones[1]"),
        ({"zones__0__outline": [[0, 0], [0.0005, 0.0005], [0.0005, 0], [0, 0.0005]]}, "zones[0].outline"),
        ({"zones__0__outline": [[0, 0], [0.0005, 0], [0.001, 0]]}, "zones[0].outline"),
        ({"zones__1__outline": square(0.5)}, "zones[1].outline"),
        ({"zones__1__outline": square(0)}, "zones[1].outline"),
        ({"zones__0__area_m2": 3_300}, "zones[0].area_m2"),
        ({"zones__0__capacity": 1_601}, "zones[0].capacity"),
        ({"thresholds__north": {"notice": 900, "warning": 900}}, "thresholds.north"),
        ({"thresholds__north": {"urgent": 1201}}, "thresholds.north"),
        ({"thresholds": {"east": {"urgent": 5}}}, "thresholds.east"),
        ({"attendance": 1585}, "attendance"),
        ({"runbooks": {"song": ["Listen."]}}, "runbooks.song"),
        ({"messages": {"song": ["Listen."]}}, "messages.song"),
    ],
)
def test_a_contradiction_is_named(changes: dict[str, Any], column: str) -> None:
    found, _, accepted = refused(**changes)
    assert found == column and accepted


def test_the_limit_that_binds_is_told_with_what_would_pass() -> None:
    assert refused(zones__0__capacity=1477, zones__0__physical=1, zones__0__per_m2=4) == (
        "zones[0].capacity",
        "exits too narrow for the emergency time",
        "at most 1,476 persons, or wider exits",
    )
    assert refused(zones__0__capacity=801, zones__0__physical=0.4)[1:] == (
        "above the holding capacity",
        "at most 800 persons",
    )
    assert refused(attendance=1201, gates__0__entry_per_hour=1200)[1] == "above the entry capacity"
    assert refused(attendance=1585)[2] == "at most 1,584 persons, or wider exits"
    check_plan(plan_of(plan_body(attendance=1584)), **KNOWN)


def test_neighbours_may_share_an_edge_and_a_strip_of_drawing() -> None:
    check_plan(plan_of(plan_body(zones__1__outline=square(0.995))), **KNOWN)
    assert refused(zones__1__outline=square(0.97))[1] == "zones overlap"
