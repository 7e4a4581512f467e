"""Proves a capacity is the lowest of its limits, by the Green Guide's figures, and tells how each came about."""

from __future__ import annotations

from typing import Any

import pytest
from event_plans import plan_body

from peelian.kernel.model.event_plan import plan_of
from peelian.kernel.model.safe_capacity import entry_rate, event_capacity, safe_capacities, zone_capacity


def limits(**changes: Any) -> dict[str, int]:
    plan = plan_of(plan_body(**changes))
    return {limit.name: limit.persons for limit in zone_capacity(plan, plan.zones[0]).limits}


def test_the_figures_of_the_guide() -> None:
    gates = [{"name": f"g{n}", "zone": "north", "width_m": 5, "direction": "out"} for n in range(3)]
    found = limits(zones__0__per_m2=4.7, zones__0__physical=1, gates=gates, emergency_minutes=8)
    assert found == {"holding": 4700, "exit": 15 * 82 * 8, "emergency": 10 * 82 * 8}
    for gate in gates:
        gate["steps"] = True
    assert limits(gates=gates, emergency_minutes=2.5)["exit"] == 15 * 66 * 8
    assert limits(gates=gates, emergency_minutes=2.5)["emergency"] == 10 * 66 * 2.5


def test_the_lower_factor_counts_and_seats_are_counted() -> None:
    assert limits(zones__0__physical=0.5, zones__0__management=0.8)["holding"] == 1000
    assert limits(zones__0__physical=0.8, zones__0__management=0.5)["holding"] == 1000
    assert limits(zones__0__viewing="seated", zones__0__seats=301, zones__0__physical=0.9)["holding"] == 270


def test_a_turnstile_lets_in_660_an_hour_and_nobody_out() -> None:
    plan = plan_of(plan_body(gates__0__turnstiles=3))
    assert entry_rate(plan.gates[0]) == 1980 and limits(gates__0__turnstiles=3)["exit"] == 3 * 82 * 8
    plan = plan_of(plan_body(gates__0__turnstiles=3, gates__0__entry_per_hour=1500))
    assert entry_rate(plan.gates[0]) == 1500


def test_in_an_emergency_the_best_exit_is_blocked_where_there_are_others() -> None:
    one = [{"name": "only", "zone": "north", "width_m": 2, "direction": "both"}]
    assert limits(gates=one, emergency_minutes=5) | {"holding": 0} == {"holding": 0, "exit": 1312, "emergency": 820}
    assert limits(emergency_minutes=5)["emergency"] == 3 * 82 * 5


def test_the_event_is_bound_by_the_lowest_and_says_how() -> None:
    plan = plan_of(plan_body())
    event, north, south = safe_capacities(plan)
    assert {limit.name: limit.persons for limit in event.limits} == {
        "holding": 2100,
        "entry": 2500,
        "exit": 4 * 82 * 8 + 4 * 66 * 8,
        "emergency": 4 * 66 * 6,
    }
    assert event.final.name == "emergency" and event == event_capacity(plan)
    assert str(event.final.how) == "1 exit, 264 persons per minute × 6 minutes, best exit blocked"
    assert str(north.final.how) == "1 exit, 246 persons per minute × 6 minutes, best exit blocked"
    assert str(south.limits[0].how) == "800 m² × 1.5 persons per m² × 1"


@pytest.mark.parametrize("share", [0.1, 0.29, 0.57, 1.0])
def test_binary_fractions_take_nobody_away(share: float) -> None:
    assert limits(zones__0__area_m2=100, zones__0__per_m2=1, zones__0__physical=share)["holding"] == round(100 * share)
