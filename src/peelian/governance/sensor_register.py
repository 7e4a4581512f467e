"""The acts of the public sensor register: named people register, renew and end; a sensor that is not in it is refused.

Every act is a signed record whose mark is in the log. The register is what the log says: folded anew on each look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from peelian.errors import InputError, OutOfOrder, Reason, Refused
from peelian.governance import records
from peelian.governance.acts import must_hold
from peelian.governance.capability import Role
from peelian.governance.house import House
from peelian.governance.people import Operator
from peelian.governance.sensors import SILENT_DAYS, Sensor, body_of, check_sensor, ended, sensor_of

REGISTRARS = frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER})
RELEASERS = frozenset({Role.BOARD, Role.CLERK, Role.PRIVACY_OFFICER})
ENDINGS = frozenset({"removed", "replaced", "broken", "refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A sensor in the register: its entry as last renewed, since when it is listed, by whom, and when it was ended."""

    sensor: Sensor
    since: str  # ISO date-time of the first registration
    at: str  # of the last act
    by: str  # token of who acted last
    mark: str  # of the last act
    renewals: int = 0
    ending: str = ""  # a word of ENDINGS, once it was ended

    def state(self, today: date) -> str:
        """registered, expired or ended."""
        return "ended" if self.ending else "expired" if ended(self.sensor, today) else "registered"


def register(house: House, by: Operator, sensor: Sensor) -> Listed:
    """Put a sensor into the register. InputError: a fact the public must know is missing; OutOfOrder: it is there."""
    with house.lock:
        must_hold(house, by, REGISTRARS, "the_registrar_may_register")
        check_sensor(sensor, house.now().date())
        before = the_register(house).get(sensor.id)
        if before and before.state(house.now().date()) == "registered":
            raise OutOfOrder("a sensor of this id is in the register: renew it, or end it first")
        records.keep(house, by, "sensor", body_of(sensor), sensor=sensor.id, ends=sensor.ends)
        return the_register(house)[sensor.id]


def renew(house: House, by: Operator, id: str, ends: str) -> Listed:
    """Give a sensor a later end. A named person does it each time: nothing renews itself."""
    with house.lock:
        must_hold(house, by, REGISTRARS, "the_registrar_may_register")
        listed = _listed(house, id)
        if listed.ending:
            raise OutOfOrder("this sensor was ended: register it again")
        renewed = replace(listed.sensor, ends=ends)
        check_sensor(renewed, house.now().date())
        if ends <= listed.sensor.ends:
            raise InputError(
                "a renewal that ends no later", column="ends", accepted=f"a day after {listed.sensor.ends}"
            )
        records.keep(house, by, "sensor", body_of(renewed), before=listed.mark, sensor=id, ends=ends)
        return the_register(house)[id]


def end(house: House, by: Operator, id: str, ending: str) -> Listed:
    """Take a sensor out: it may speak no more; its entry stays for the public to see."""
    with house.lock:
        must_hold(house, by, REGISTRARS, "the_registrar_may_register")
        if ending not in ENDINGS:
            raise InputError("this is no ending", column="ending", accepted=", ".join(sorted(ENDINGS)))
        listed = _listed(house, id)
        records.keep(
            house, by, "sensor_end", {"id": id, "ending": ending}, before=listed.mark, sensor=id, ending=ending
        )
        return the_register(house)[id]


def the_register(house: House) -> Mapping[str, Listed]:
    """Every sensor that was ever registered, by id, as the log says now. O(entries)."""
    found: dict[str, Listed] = {}
    for _, entry in house.log.read():
        kind = entry["kind"]
        if kind == "SENSOR_REGISTERED":
            mark = str(entry["mark"])
            made = records.kept(house, mark)
            sensor = sensor_of(made.body)
            first = found.get(sensor.id) if made.before else None
            found[sensor.id] = Listed(
                sensor=sensor,
                since=first.since if first else made.at,
                at=made.at,
                by=made.by,
                mark=mark,
                renewals=first.renewals + 1 if first else 0,
            )
        elif kind == "SENSOR_ENDED" and (listed := found.get(str(entry["sensor"]))):
            mark = str(entry["mark"])
            found[listed.sensor.id] = replace(listed, ending=str(entry["ending"]), mark=mark, by=str(entry["by"]))
    return found


def speaking(register: Mapping[str, Listed], id: str, now: datetime) -> Sensor:
    """The sensor, if it may speak now; Refused where it is not registered, was ended, or is past its end.

    The gateway keeps a register and looks here for every message: O(1).
    """
    listed = register.get(id)
    state = listed.state(now.date()) if listed else "not registered"
    if listed is None or state != "registered":
        says = "this sensor is not in the register" if listed is None else f"this sensor's registration is {state}"
        remedy = (
            "a custodian or privacy officer registers it" if listed is None else "renew or register it, or remove it"
        )
        raise Refused([Reason(rule="a_sensor_speaks_once_registered", says=says, remedy=remedy)])
    if not listed.sensor.format:
        raise Refused(
            [
                Reason(
                    rule="a_sensor_speaks_once_registered",
                    says="this sensor is registered as one that sends nothing to the gateway",
                    remedy="only counts and levels come in; pictures and records go another way, with its own rules",
                )
            ]
        )
    return listed.sensor


def proven(listed: Listed, now: datetime) -> bool:
    """Whether its silent proving period is over, so that its readings may raise an alarm."""
    return now - datetime.fromisoformat(listed.since) >= timedelta(days=SILENT_DAYS)


def _listed(house: House, id: str) -> Listed:
    found = the_register(house)
    if id not in found:
        raise OutOfOrder(f"no sensor of that id is in the register; there are {len(found)}")
    return found[id]
