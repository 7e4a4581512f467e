"""The fair of the town: a plan that two people put in force, and made counts that say so and add up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from demo_town import Built

from peelian.demos import fair
from peelian.kernel.alarms.plans_in_force import plans_at
from peelian.oversight.sensors.live import live_day

START = datetime(2026, 3, 1, 18, tzinfo=UTC)


def test_the_counts_at_the_gates_add_up_to_those_on_the_square() -> None:
    inside = entered = left = 0
    for second in range(3_600):
        for sensor, body in fair.messages(START + timedelta(seconds=second), second):
            told = body.decode().splitlines()[1].split(",")
            if sensor == fair.ON_AREA:
                inside = int(told[1])
            else:
                entered, left = entered + int(told[1]), left + int(told[2])
        assert inside <= fair.CAPACITY
    assert entered - left == inside > 0


def test_the_town_has_a_plan_in_force_a_drill_and_live_counts(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        kernel = office.kernel
        (plan,) = plans_at(kernel, kernel.now())
        version = kernel.state.plans.plans["old-square-fair"].in_force
        assert plan.name == "old-square-fair" and plan.exercises
        assert version is not None and version.by != version.confirmed_by
        stands = [one for one in kernel.state.alarms.stands.values() if one.permit.watch == fair.DENSITY]
        assert [one.request.exercise for one in stands] == [True]
        assert sum(len(live_day(kernel, kernel.now().date() - timedelta(days=n)).sensors) for n in (0, 1)) >= 20
    assert "is made: a drill" in built.told
