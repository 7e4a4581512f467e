"""Sensors that two people register or renew together: those that declare fields of their messages, or many at once.

1. One person states the entries as a signed record and proposes them (`propose_sensors`): each of them fits.
2. Somebody of another unit looks at them and approves (`dual_control.approve`).
3. A registrar carries it out (`register_approved`): every entry is signed, and the log says by which proposal.

An entry that is as the register has it, but with another end, renews a registration.
"""

from __future__ import annotations

from dataclasses import replace

from peelian.errors import InputError
from peelian.kernel.identity import dual_control
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import Sensor, body_of, sensor_of
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.label_register import LabelRegister, adopted
from peelian.kernel.records.office_records import keep, kept
from peelian.kernel.records.sensor_register import (
    REGISTRARS,
    enter,
    must_be_apart,
    must_fit,
    must_renew,
    numbered,
    the_register,
)
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.sensor_state import Listed

ACT, MOST_AT_ONCE = "sensors", 5_000


@act
def propose_sensors(kernel: Kernel, by: Operator, sensors: tuple[Sensor, ...], *, words: str) -> str:
    """Propose to register or renew sensors; the proposal's digest. InputError or OutOfOrder for the first that does
    not fit: nothing is proposed then. O(sensors)."""
    with kernel.lock:
        must_hold_role(kernel, by, REGISTRARS, "the_registrar_may_register")
        known = [sensor.id for sensor in sensors if sensor.id]
        if not 0 < len(sensors) <= MOST_AT_ONCE or len(set(known)) != len(known):
            raise InputError("sensors named twice, none or too many", column="id", accepted="1 to 5,000 different ids")
        labels = adopted(kernel)
        for at, sensor in enumerate(sensors):
            must_come_in(kernel, sensor, labels)
            must_be_apart(sensor, sensors[:at], labels)
        made: dict[str, Sensor] = {}
        for sensor in sensors:
            entry = as_listed(kernel, sensor) or numbered(kernel, sensor, made)
            made[entry.id] = entry
        body = {"sensors": [body_of(sensor) for sensor in made.values()]}
        record = keep(kernel, by, "sensor_batch", body, sensors=len(sensors))
        return dual_control.propose(kernel, by, ACT, words=words, body={"record": record, "sensors": len(sensors)})


@act
def register_approved(kernel: Kernel, by: Operator, proposal: str) -> tuple[Listed, ...]:
    """Register or renew the sensors of an approved proposal, all of them or none. OutOfOrder where it is not approved,
    or a sensor does not fit any more. Cut off in the middle it goes on when it is called again. O(sensors)."""
    with kernel.lock:
        must_hold_role(kernel, by, REGISTRARS, "the_registrar_may_register")
        made = dual_control.approved(kernel, by, ACT, proposal)
        sensors, labels, known = stated(kernel, str(made.body["record"])), adopted(kernel), the_register(kernel)
        done = {
            one.id for one in sensors if one.id in known and known[one.id].sensor == one and not known[one.id].ending
        }
        rest = [sensor for sensor in sensors if sensor.id not in done]
        before = {sensor.id: must_come_in(kernel, sensor, labels) for sensor in rest}
        for sensor in rest:
            enter(kernel, by, sensor, before=before[sensor.id], proposal=proposal)
        dual_control.carry_out(kernel, by, ACT, proposal)
        register = the_register(kernel)
        return tuple(register[sensor.id] for sensor in sensors)


def must_come_in(kernel: Kernel, sensor: Sensor, labels: LabelRegister) -> str:
    """The digest of the entry that a sensor renews, "" where it is new. InputError or OutOfOrder: it fits in neither
    way. O(1)."""
    listed = the_register(kernel).get(sensor.id)
    if listed and (renewed := as_listed(kernel, sensor)):
        must_renew(kernel, listed, renewed, labels)
        return listed.digest
    must_fit(kernel, sensor, labels)
    return ""


def as_listed(kernel: Kernel, sensor: Sensor) -> Sensor | None:
    """A sensor that the register has so, but for its end; None for any other. O(1)."""
    listed = the_register(kernel).get(sensor.id)
    if listed is None or listed.ending:
        return None
    renewed = replace(listed.sensor, ends=sensor.ends)
    return renewed if renewed == replace(sensor, drawn=renewed.drawn) else None


def stated(kernel: Kernel, record: str) -> tuple[Sensor, ...]:
    """The sensors of a record that somebody stated. OutOfOrder where it was destroyed as its retention asks."""
    return tuple(sensor_of(body) for body in kept(kernel, record).body["sensors"])


def agreed_on(kernel: Kernel) -> tuple[str, ...]:
    """Approved proposals of sensors that were not carried out, oldest first. O(proposals)."""
    return tuple(
        digest for digest, made, is_approved in dual_control.open_proposals(kernel) if made.what == ACT and is_approved
    )
