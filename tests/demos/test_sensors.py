"""Sensors of the town: registered before they count, reported, and a day leaves with noise only."""

from __future__ import annotations

from pathlib import Path

from demo_town import Built

from peelian.demos import crowd_counters
from peelian.demos.sensors import RELEASED, SQUARE, public_places
from peelian.kernel.records.sensor_register import the_register
from peelian.oversight.sensors.register import released


def test_the_register_lists_every_sensor_and_days_leave_with_noise(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        register = the_register(office.kernel)
        assert len(register) == built.record["sensors"]["sensors"] + 4, "and the meter and counters of the square"
        assert register["camera-1"].sensor.personal_data and not register["camera-1"].sensor.format
        assert register["radio-1"].sensor.drop and register["radio-1"].sensor.update_due
        assert {"plate_reader", "drone"} <= {one.sensor.kind for one in register.values() if not one.sensor.format}
        id = dict(zip(crowd_counters.places(), crowd_counters.sensors(), strict=True))["205 Queen Street"]
        days = released(office.kernel, id)
        true = dict(crowd_counters.days("205 Queen Street", RELEASED))
        assert {one.day for one in days} == set(true)
        assert any(one.total != sum(true[one.day]) for one in days)
        before = office.kernel.stores.log.size()
        public_places(office, {})
        assert office.kernel.stores.log.size() == before and SQUARE, "adopted once"
