"""The second person sees every sensor of a proposal, with the fields it declares."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from labels import adopt
from sensing import a_sensor

from peelian.kernel.model.labels import LabelKind
from peelian.kernel.verbs.sensor_batches import propose_sensors
from peelian.pictures.words import english
from peelian.web.sensors.proposals import proposed_sensors

pytestmark = pytest.mark.usefixtures("numbers_typed")


def test_the_table_lists_what_is_declared() -> None:
    town: Desk = desk(())
    adopt(town.kernel, town.people["custodian"], town.people["board"], LabelKind.AREA, ["Centre"], homes=10)
    sensor = a_sensor(format="ttn-v3", columns={"in": "count"}, drop=("battery",))
    digest = propose_sensors(town.kernel, town.people["custodian"], (sensor,), words="new counters of spring")
    made = town.kernel.state.dual_control.proposals[digest]
    grid = proposed_sensors(town.office, made, english)
    assert grid is not None and len(grid.titles) == len(grid.rows[0])
    assert {"in → count", "battery", "ttn-v3", "Public works"} <= set(grid.rows[0])
