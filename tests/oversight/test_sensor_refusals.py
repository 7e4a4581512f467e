"""An operator sees which field of which sensor was refused."""

from __future__ import annotations

import pytest
from desk import desk
from labels import register_in_area
from sensing import a_sensor

from peelian.errors import Refused
from peelian.operations.sensor_listener import Collector
from peelian.oversight.sensors.refusals import refused_messages

MESSAGE = b'{"id":"a","type":"CrowdFlowObserved","dateObserved":"2026-03-01T10:00:00Z","peopleCount":20,"%s":"X-1"}'


def test_the_field_is_named_and_its_value_is_not() -> None:
    town = desk(())
    register_in_area(town.kernel, town.people, a_sensor())
    collector = Collector(town.office, town.people["custodian"])
    for field in (b"batteryLevel", b"plateNumber", b"batteryLevel"):
        collector.offer("square-1", "", MESSAGE % field, lambda: None)
    collector.offer("nobody-1", "", MESSAGE % b"x", lambda: None)
    collector.work()
    told = refused_messages(town.kernel)
    assert [(one.sensor, one.field) for one in told[1:]] == [("square-1", "platenumber"), ("square-1", "batterylevel")]
    assert told[0].sensor == "unregistered" and "X-1" not in str(told) and all(one.at for one in told)
    with pytest.raises(Refused, match="batteryLevel"):
        collector.gate.decode("square-1", "", MESSAGE % b"batteryLevel")
