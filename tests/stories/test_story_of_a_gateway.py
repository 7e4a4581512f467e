"""The story of a gateway, as the town's privacy officer would tell it.

The council wanted to know how full the square gets. A vendor offered a camera that knows faces, plates and phones.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from deciding import read_and_decide
from desk import desk
from labels import register_in_area
from sensing import a_sensor

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.records.sensor_register import the_register
from peelian.operations.office import technologies
from peelian.oversight.sensors import register as sensors
from peelian.oversight.sensors.gate import SensorGate, store

CAMERA = a_sensor(kind="camera_counter", title="Camera that counts at the square", format="onvif-counts")
COUNTER = "cam/onvif-ej/RuleEngine/CountAggregation/Counter/&1/gate"
FACES = "cam/onvif-ej/RuleEngine/Recognition/Face/&1"


def test_a_camera_may_count_and_may_not_tell() -> None:
    town = desk(technologies())
    kernel, officer = town.kernel, town.people["privacy-officer"]
    gate = SensorGate(kernel)

    def says(count: int, **more: str) -> bytes:
        return json.dumps({"UtcTime": kernel.now().isoformat(), "Data": {"Count": str(count)} | more}).encode()

    # Before the public knew of it, it was not heard at all.
    with pytest.raises(Refused, match="not registered"):
        gate.decode("square-1", COUNTER, says(1))

    # I registered it: whose it is, what for, until when. From then on its sign hung at the square.
    register_in_area(kernel, town.people, CAMERA)
    town.clock.days(31 / 86_400)
    assert "Public works" in sensors.sign_of(kernel, "square-1", town.office.say("fr", "sensors"))

    # It counted. When the vendor switched faces on, the message was refused whole, and so was a count with a plate.
    with pytest.raises(Refused, match="single persons"):
        gate.decode("square-1", FACES, says(1))
    with pytest.raises(Refused, match="LicensePlate"):
        gate.decode("square-1", COUNTER, says(1, LicensePlate="ABC 123"))
    total = 0
    for _ in range(8):
        town.clock.days(1 / 24)
        total += 40
        gate.keep(gate.decode("square-1", COUNTER, says(total)))

    # Single messages were never kept: the custodian sealed sums by the hour, for ninety days.
    town.clock.days(1)
    sealed = store(kernel, town.people["custodian"], gate.closed(), the_register(kernel))
    assert sealed.declaration["retention_days"] == 90 and "ABC" not in str(
        [dict(e) for _, e in kernel.stores.log.read()]
    )

    # The analyst asked for a report; I decided; the clerk published it, and no exact count was in it.
    report = kernel.capability("sensors.report")
    data = {"windows": sealed.dataset}
    analyst = town.people["analyst"]
    town.authorizations(report)
    permit = verbs.ask(kernel, analyst, report.id, purpose="audit", params=report.asks.params(), datasets=data)
    evidence, found = verbs.run(kernel, analyst, permit)
    assert int(found.table("days")["count"].sum()) == 7 * 40
    decision = read_and_decide(
        kernel,
        officer,
        evidence,
        choice="accept",
        reasons="It tells how full the square gets.",
        other_evidence="document: The stewards' own counts of the day.",
    )
    _, public = verbs.publish(kernel, town.people["clerk"], decision)
    assert not len(public.table("days")) and not len(public.table("profile"))

    # And when nobody renewed it, it fell silent by itself.
    town.clock.now += timedelta(days=400)
    with pytest.raises(Refused, match="expired"):
        gate.decode("square-1", COUNTER, says(total))
