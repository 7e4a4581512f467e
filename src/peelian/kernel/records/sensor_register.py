"""The sensor register: named people list, renew and end sensors. An unlisted sensor is refused.

Every act is a signed record whose digest is in the log. The register is what the log says (`kernel/registered`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from peelian.errors import InputError, OutOfOrder, Reason, Refused, sentence
from peelian.kernel.model.area_ground import overlaps_another
from peelian.kernel.model.capability import Role
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.org_units import log_word
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import LEVELS, MEASURED_BY, Sensor, body_of, check_firmware, check_sensor
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.records import office_records
from peelian.kernel.records.label_register import LabelRegister, adopted
from peelian.kernel.state.acts import act
from peelian.kernel.state.demonstration import is_demonstration
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.sensor_state import NUMBERS, Listed, number_of, proven
from peelian.kernel.state.signed_documents import must_not_be_destroyed

REGISTRARS, RELEASERS = office_records.MAKERS["sensor"], office_records.MAKERS["sensor_release"]
SUMS = "sums"  # connections of the listener that sums begin so: no watch depends on them
CONNECTIONS = frozenset({"gateway", "mqtt", f"{SUMS}-mqtt"})
CUTS = frozenset({"connection lost", "not allowed to read", "refused by the broker", "stopped", "unreachable"})
"""Why a connection went down."""
REFUSALS = frozenset(
    {"a_sensor_says_what_it_is_registered_for", "another-sensor", "decoder-failed", "message-too-large"}
)
_FIELD = re.compile(r"[A-Za-z@$][A-Za-z_.@]{0,31}[0-9]{0,2}")
_NO_FIELD = "a field with no plain name"
LISTENED = ("begun", "ended")
LISTENERS = "listening"  # the lease of each process that listens to sensors
LOSSES = frozenset({"beginning", "broker", "checkpoint", "expiry"})
"""Why counts were lost: nobody listened yet, the broker kept no session, the checkpoint cannot be read, the broker does
not keep the sensor's messages so long."""
ENDINGS = frozenset({"removed", "replaced", "broken", "refused"})


@act
def register(kernel: Kernel, by: Operator, sensor: Sensor) -> Listed:
    """Put a sensor into the register under a number that the office draws. InputError: a fact the public must know is
    missing, a number was typed, or two people have not adopted its area; OutOfOrder: it is there, or it declares fields
    of its messages, which takes two people (`verbs/sensor_batches`)."""
    with kernel.lock:
        must_hold_role(kernel, by, REGISTRARS, "the_registrar_may_register")
        must_fit(kernel, sensor, adopted(kernel))
        if sensor.declares:
            raise OutOfOrder("Two people review declared fields. Propose the registration with a reason.")
        return enter(kernel, by, numbered(kernel, sensor))


def numbered(kernel: Kernel, sensor: Sensor, but: Container[str] = frozenset()) -> Sensor:
    """The sensor under a number of its own: nobody types one, for it could be somebody's name or address. InputError
    where one is typed, but in a demonstration, whose sensors are played. `but`: numbers of the same file."""
    if (sensor.id or sensor.drawn) and not is_demonstration(kernel):
        accepted = "no id: the office draws the sensor's number"
        raise InputError("a sensor's number is not typed", column="id", accepted=accepted)
    if sensor.id:
        return replace(sensor, drawn=True)
    taken = the_register(kernel)
    while (id := number_of(secrets.randbelow(NUMBERS))) in taken or id in but:
        pass
    return replace(sensor, id=id, drawn=True)


def must_fit(kernel: Kernel, sensor: Sensor, labels: LabelRegister) -> None:
    """Whether a sensor may come into the register. InputError: a fact is missing or wrong, or its area is not of the
    adopted `labels`; OutOfOrder: it is there. O(1)."""
    today = kernel.now().date()
    check_sensor(sensor, today)
    _must_be_of_an_area(sensor, labels)
    must_be_apart(sensor, (one.sensor for one in the_register(kernel).values()), labels)
    before = the_register(kernel).get(sensor.id)
    if before and before.state(today) == "registered":
        raise OutOfOrder("This sensor is already registered. Renew it, or end its registration first.")


def enter(kernel: Kernel, by: Operator, sensor: Sensor, *, before: str = "", **more: str) -> Listed:
    """Sign and log the entry of a sensor that fits; `more` stands in the log beside it. For acts on the register.

    `before`: the digest of the entry that it renews.
    """
    body = body_of(sensor)
    office_records.keep(kernel, by, "sensor", body, before=before, sensor=sensor.id, ends=sensor.ends, **more)
    return the_register(kernel)[sensor.id]


def _must_be_of_an_area(sensor: Sensor, labels: LabelRegister) -> None:
    """Its area is in the register of labels, with as many homes as an energy sensor says it has."""
    area = labels.must_have_area(sensor.area)
    if not area.function and not sensor.kind.startswith("energy"):
        accepted = "an area that two people adopted with a public function"
        raise InputError("area without a public function", column="area", accepted=accepted)
    if sensor.kind == "energy_area" and sensor.homes > area.homes:
        accepted = sentence("at most %(n)d homes, as two people stated of this area", n=area.homes)
        raise InputError("more homes than stated", column="homes", accepted=accepted)


def must_be_apart(sensor: Sensor, others: Iterable[Sensor], labels: LabelRegister) -> None:
    """InputError where a sensor counts what another one counts in an area that overlaps its own by 10 m and is not the
    same: energy and counters have no points, so the difference of two such areas cannot be judged later. Areas that are
    adopted no more have no new counts. O(sensors)."""
    measures = {measure for measure, kinds in MEASURED_BY.items() if sensor.kind in kinds} - LEVELS
    own = labels.must_have_area(sensor.area)
    near = {
        found.label: found.ground
        for other in others
        if any(other.kind in MEASURED_BY[measure] for measure in measures)
        if (found := labels.find(LabelKind.AREA, other.area)) and found.ground not in ("", own.ground)
    }
    if measures and near and overlaps_another(own.ground, list(near.values())):
        accepted = "the same area as the other sensor's, or one that shares no ground 10 m wide with it"
        raise InputError("area overlaps that of another sensor of this measure", column="area", accepted=accepted)


@act
def renew(kernel: Kernel, by: Operator, id: str, ends: str) -> Listed:
    """Give a sensor a later end. A named person does it each time: nothing renews itself."""
    with kernel.lock:
        must_hold_role(kernel, by, REGISTRARS, "the_registrar_may_register")
        listed = _not_ended(kernel, id)
        renewed = replace(listed.sensor, ends=ends)
        must_renew(kernel, listed, renewed, adopted(kernel))
        return enter(kernel, by, renewed, before=listed.digest)


def must_renew(kernel: Kernel, listed: Listed, renewed: Sensor, labels: LabelRegister) -> None:
    """InputError unless an entry is as it was, but with a later end that a sensor may have now. O(1)."""
    check_sensor(renewed, kernel.now().date())
    _must_be_of_an_area(renewed, labels)
    if renewed.ends <= listed.sensor.ends:
        raise InputError("new end date not later", column="ends", accepted=f"a day after {listed.sensor.ends}")


@act
def update(kernel: Kernel, by: Operator, id: str, *, firmware: str, on: str) -> Listed:
    """State that a sensor's firmware was updated on a day, or checked and found to be the newest. InputError: no
    version, or a day that is in the future or before the last one."""
    with kernel.lock:
        must_hold_role(kernel, by, REGISTRARS, "the_registrar_may_register")
        listed = _not_ended(kernel, id)
        if not firmware.strip():
            raise InputError("no version", column="firmware", accepted="the version it runs")
        check_firmware(replace(listed.sensor, firmware=firmware, updated=on), kernel.now().date())
        if on < listed.sensor.updated:
            raise InputError("before the last update", column="updated", accepted=f"{listed.sensor.updated} or later")
        id = listed.sensor.id
        body = {"id": id, "firmware": firmware, "updated": on}
        office_records.keep(kernel, by, "sensor_update", body, before=listed.digest, sensor=id)
        return the_register(kernel)[id]


@act
def end(kernel: Kernel, by: Operator, id: str, ending: str) -> Listed:
    """Take a sensor out: it may speak no more; its entry stays for the public to see."""
    with kernel.lock:
        must_hold_role(kernel, by, REGISTRARS, "the_registrar_may_register")
        if ending not in ENDINGS:
            raise InputError("unknown end", column="ending", accepted=", ".join(sorted(ENDINGS)))
        listed = _listed(kernel, id)
        id = listed.sensor.id
        office_records.keep(
            kernel, by, "sensor_end", {"id": id, "ending": ending}, before=listed.digest, sensor=id, ending=ending
        )
        return the_register(kernel)[id]


def the_register(kernel: Kernel) -> Mapping[str, Listed]:
    """Every sensor that was ever registered, by id, as the log says now. O(1), or O(sensors) after a change."""
    with kernel.lock:
        return kernel.state.sensors.look(lambda digest: office_records.still_kept(kernel, digest))


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


@act
def connection_cut(kernel: Kernel, name: str, why: str) -> None:
    """Log that a gateway's connection went down: one of CONNECTIONS, for a reason of CUTS. It names nobody."""
    _must_be_a_connection(name)
    if why not in CUTS:
        raise InputError("unknown reason of a cut", accepted=", ".join(sorted(CUTS)))
    kernel.append("GATEWAY_CUT", connection=name, why=log_word(why))


@act
def connection_back(kernel: Kernel, name: str) -> None:
    """Log that a gateway's connection is back."""
    _must_be_a_connection(name)
    kernel.append("GATEWAY_BACK", connection=name)


def _must_be_a_connection(name: str) -> None:
    if name not in CONNECTIONS:
        raise InputError("unknown connection", accepted=", ".join(sorted(CONNECTIONS)))


@act
def message_refused(kernel: Kernel, sensor: str, field: str) -> None:
    """Log that a message was refused, by its sensor where that is listed and by the word for what was wrong."""
    known = log_word(sensor) if sensor in the_register(kernel) else "unregistered"  # a name can be made up to tell
    kernel.append("MESSAGE_REFUSED", sensor=known, field=word_of(field))


def word_of(field: str) -> str:
    """The log's word for what a message was refused for: the last part of a field's plain name, one of REFUSALS, or
    that it has no such name. A name can be made to carry something: no blank, no dash and no number is told.

    >>> word_of("/uplink/peopleCount"), word_of("Jane Doe"), word_of("tel4165550199")
    ('peoplecount', 'a-field-with-no-plain-name', 'a-field-with-no-plain-name')
    """
    name = field.rpartition("/")[2]
    return log_word(field if field in REFUSALS else name if _FIELD.fullmatch(name) else _NO_FIELD)


@act
def listening(kernel: Kernel, by: Operator, state: str) -> None:
    """Log that somebody's listening to sensors began or ended."""
    with kernel.lock:
        must_hold_role(kernel, by, frozenset(Role), "the_admitter_may_admit")
        if state not in LISTENED:
            raise InputError("unknown state of listening", accepted=", ".join(LISTENED))
        acted(kernel, by, "LISTENING", state=state)


@act
def counts_lost(kernel: Kernel, by: Operator, since: str, until: str, why: str, *, sensor: str = "") -> None:
    """Log that messages between two moments (ISO) may be lost: of one sensor, or of all. `why`: a word of LOSSES."""
    with kernel.lock:
        must_hold_role(kernel, by, frozenset(Role), "the_admitter_may_admit")
        if why not in LOSSES:
            raise InputError("unknown reason of a loss", accepted=", ".join(sorted(LOSSES)))
        more = {"sensor": log_word(sensor)} if sensor else {}
        acted(kernel, by, "WINDOW_LOST", since=since, until=until, why=why, **more)


@act
def broker_written(kernel: Kernel, by: Operator, *, sensors: int, certificates: int) -> None:
    """Log that a broker's settings and the sensors' certificates were written."""
    must_hold_role(kernel, by, REGISTRARS, "the_registrar_may_register")
    acted(kernel, by, "BROKER_WRITTEN", sensors=sensors, certificates=certificates)


def silent_of(kernel: Kernel, sensors: Iterable[str]) -> dict[str, str]:
    """Those of some sensors that may raise no alarm now, and why. O(sensors)."""
    known, now = the_register(kernel), kernel.now()
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


def shown_number(kernel: Kernel, id: str) -> str:
    """The number by which people read of a sensor: an earlier version let somebody type its id. O(1)."""
    listed = the_register(kernel).get(id)
    return listed.number if listed else id


def id_of(kernel: Kernel, number: str) -> str:
    """The id under which a sensor of this number, or of this id, is registered; OutOfOrder where there is none."""
    return _listed(kernel, number).sensor.id


def _not_ended(kernel: Kernel, id: str) -> Listed:
    listed = _listed(kernel, id)
    if listed.ending:
        raise OutOfOrder("The registration of this sensor was ended. Register it again.")
    return listed


def _listed(kernel: Kernel, id: str) -> Listed:
    found = the_register(kernel)
    if id not in found:
        if by_number := next((one for one in found.values() if one.number == id), None):
            return by_number
        must_not_be_destroyed(kernel, kernel.state.sensors.gone.get(id, ""))
        raise OutOfOrder(f"No sensor with this id is registered. Registered sensors: {len(found)}")
    return found[id]
