"""The acts of the public sensor register: named people register, renew and end; a sensor that is not in it is refused.

Every act is a signed record whose mark is in the log. The register is what the log says (`governance.registered`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from peelian.errors import InputError, OutOfOrder, Reason, Refused, sentence
from peelian.governance import records
from peelian.governance.acts import must_hold
from peelian.governance.house import House, must_not_be_destroyed
from peelian.governance.people import Operator
from peelian.governance.registered import Listed, proven
from peelian.governance.sensors import Sensor, body_of, check_sensor

REGISTRARS, RELEASERS = records.MAKERS["sensor"], records.MAKERS["sensor_release"]
ENDINGS = frozenset({"removed", "replaced", "broken", "refused"})


def register(house: House, by: Operator, sensor: Sensor) -> Listed:
    """Put a sensor into the register. InputError: a fact the public must know is missing; OutOfOrder: it is there."""
    with house.lock:
        must_hold(house, by, REGISTRARS, "the_registrar_may_register")
        check_sensor(sensor, house.now().date())
        before = the_register(house).get(sensor.id)
        if before and before.state(house.now().date()) == "registered":
            raise OutOfOrder("This sensor is already registered. Renew it, or end its registration first.")
        records.keep(house, by, "sensor", body_of(sensor), sensor=sensor.id, ends=sensor.ends)
        return the_register(house)[sensor.id]


def renew(house: House, by: Operator, id: str, ends: str) -> Listed:
    """Give a sensor a later end. A named person does it each time: nothing renews itself."""
    with house.lock:
        must_hold(house, by, REGISTRARS, "the_registrar_may_register")
        listed = _listed(house, id)
        if listed.ending:
            raise OutOfOrder("The registration of this sensor was ended. Register it again.")
        renewed = replace(listed.sensor, ends=ends)
        check_sensor(renewed, house.now().date())
        if ends <= listed.sensor.ends:
            raise InputError(
                "new end date not later", column="ends", accepted=f"a day after {listed.sensor.ends}"
            )
        records.keep(house, by, "sensor", body_of(renewed), before=listed.mark, sensor=id, ends=ends)
        return the_register(house)[id]


def end(house: House, by: Operator, id: str, ending: str) -> Listed:
    """Take a sensor out: it may speak no more; its entry stays for the public to see."""
    with house.lock:
        must_hold(house, by, REGISTRARS, "the_registrar_may_register")
        if ending not in ENDINGS:
            raise InputError("unknown end", column="ending", accepted=", ".join(sorted(ENDINGS)))
        listed = _listed(house, id)
        records.keep(
            house, by, "sensor_end", {"id": id, "ending": ending}, before=listed.mark, sensor=id, ending=ending
        )
        return the_register(house)[id]


def the_register(house: House) -> Mapping[str, Listed]:
    """Every sensor that was ever registered, by id, as the log says now. O(1), or O(sensors) after a change."""
    with house.lock:
        return house.book.registered.look(lambda mark: records.still_kept(house, mark))


def speaking(register: Mapping[str, Listed], id: str, now: datetime) -> Sensor:
    """The sensor, if it may speak now; Refused where it is not registered, was ended, or is past its end.

    The gateway looks here for every message: O(1).
    """
    listed = register.get(id)
    state = listed.state(now.date()) if listed else "not registered"
    if listed is None or state != "registered":
        says = "sensor not registered" if listed is None else sentence("sensor registration: %(state)s", state=state)
        remedy = (
            "Ask a custodian or privacy officer to register it."
            if listed is None
            else "Register or renew it, or remove it."
        )
        raise Refused([Reason(rule="a_sensor_speaks_once_registered", says=says, remedy=remedy)])
    if not listed.sensor.format:
        raise Refused(
            [
                Reason(
                    rule="a_sensor_speaks_once_registered",
                    says="this sensor is registered as not sending to the gateway",
                    remedy="Only counts and levels are accepted here. Pictures and records have their own procedure.",
                )
            ]
        )
    return listed.sensor


def silent_of(house: House, sensors: Iterable[str]) -> dict[str, str]:
    """Those of some sensors that may raise no alarm now, and why. O(sensors)."""
    known, now = the_register(house), house.now()
    found = {}
    for sensor in sensors:
        listed = known.get(sensor)
        if listed is None:
            found[sensor] = "it is not in the register"
        elif (state := listed.state(now.date())) != "registered":
            found[sensor] = f"its registration is {state}"
        elif not proven(listed, now):
            found[sensor] = f"it is proven in silence until {listed.proven_from:%Y-%m-%d}"
    return found


def _listed(house: House, id: str) -> Listed:
    found = the_register(house)
    if id not in found:
        must_not_be_destroyed(house, house.book.registered.gone.get(id, ""))
        raise OutOfOrder(f"No sensor with this id is registered. Registered sensors: {len(found)}")
    return found[id]
