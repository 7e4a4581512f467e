"""Sensors: register, read, release counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

from peelian.acts.act import Acts, Done, asked
from peelian.errors import sentence
from peelian.kernel.model.doors import Enters, Leaves, Suspended
from peelian.pictures.panels import Grid, Say

if TYPE_CHECKING:
    from peelian.acts.act import Offered, Roles
    from peelian.kernel.model.people import Operator
    from peelian.kernel.state.sensor_state import Listed
    from peelian.operations.office import Office

acts = Acts("sensors", "Sensors", "Sensors: register, read, release counts.")
PROPOSED = "Proposed. Someone in another unit approves it."
ENDINGS = {
    "removed": "It was removed",
    "replaced": "It was replaced",
    "broken": "It broke",
    "refused": "It was refused",
}
SENSOR_FILES = ".csv,.json,text/csv,application/json"
COUNTERS = frozenset({"people_counter", "camera_counter", "traffic_counter"})


def _registrars() -> Roles:
    from peelian.kernel.records.sensor_register import REGISTRARS

    return REGISTRARS


def _releasers() -> Roles:
    from peelian.kernel.records.sensor_register import RELEASERS

    return RELEASERS


def _admitters() -> Roles:
    from peelian.kernel.verbs import ADMITTERS

    return ADMITTERS


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _agreed(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.kernel.verbs.sensor_batches import agreed_on

    proposals = office.kernel.state.dual_control.proposals
    for digest in agreed_on(office.kernel):
        yield digest, say("%(name)s: %(value)s", name=proposals[digest].words, value=proposals[digest].body["sensors"])


def _those(which: Callable[[Listed, str], bool]) -> Offered:
    """Sensors of the register to choose from, by their state today."""

    def offered(office: Office, say: Say) -> Iterable[tuple[str, str]]:
        from peelian.kernel.records import sensor_register

        today = office.kernel.now().date()
        for _, listed in sorted(sensor_register.the_register(office.kernel).items()):
            if which(listed, listed.state(today)):
                yield listed.number, named(listed, say)

    return offered


def named(listed: Listed, say: Say) -> str:
    """A sensor as people choose it: its title, area and number."""
    one = listed.sensor
    return say("%(title)s, %(area)s (%(id)s)", title=one.title, area=one.area, id=listed.number)


def _areas(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.kernel.model.labels import LabelKind
    from peelian.kernel.records.label_register import adopted

    labels = adopted(office.kernel).labels[LabelKind.AREA].values()
    yield from ((one.label, one.label) for one in sorted(labels, key=lambda one: one.label))


def _kinds(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.kernel.model.sensors import KINDS

    return [(word, say(text)) for word, text in KINDS.items()]


def _purposes(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.kernel.model.sensors import PURPOSES

    return [(word, say(text)) for word, text in PURPOSES.items()]


def _formats(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.sensors.register import FORMATS

    return [(word, word) for word in FORMATS]


@acts.does(
    "register",
    "Register a sensor",
    "Every sensor of the town, police included, is listed before it sends data. The entry is public.",
    whom=_registrars,
    suspended=Suspended.STOPS,
    offered={"kind": _kinds, "purpose": _purposes, "area": _areas, "format": _formats},
    command="",  # the terminal takes the facts of a sensor from its file
)
def register(
    office: Office,
    by: Operator,
    *,
    kind: Annotated[str, asked("Kind of sensor")],
    title: Annotated[str, asked("What it is, in words")],
    owner: Annotated[str, asked("Owner")],
    contact: Annotated[str, asked("Contact for the public")],
    purpose: Annotated[str, asked("Purpose")],
    why: Annotated[str, asked("The purpose in one sentence")],
    area: Annotated[str, asked("Area it stands in, or stands for")],
    personal_data: Annotated[bool, asked("It records personal data")],
    retention_days: Annotated[int, asked("Days its data are kept")],
    ends: Annotated[str, asked("Last day on which it may send", kind="date")],
    place: Annotated[str, asked("Place, in words")] = "",
    lat: Annotated[float | None, asked("Latitude, WGS 84")] = None,
    lon: Annotated[float | None, asked("Longitude, WGS 84")] = None,
    mounted_on: Annotated[str, asked("Mounted on")] = "",
    vendor: Annotated[str, asked("Vendor")] = "",
    firmware: Annotated[str, asked("Firmware version")] = "",
    updated: Annotated[str, asked("Day its firmware was last updated or checked", kind="date")] = "",
    update_days: Annotated[int, asked("Days within which its firmware is updated or checked. 0: no duty stated")] = 0,
    format: Annotated[str, asked("Format it sends in. None: it sends nothing here")] = "",
    columns: Annotated[
        str, asked("Columns of its CSV, or rules of its gate, one a line: name=what it holds", lines=3)
    ] = "",
    drop: Annotated[str, asked("Harmless fields around the measure that are dropped unread, one a line", lines=3)] = "",
    zone: Annotated[str, asked("Time zone of times that state none, such as America/Toronto")] = "",
    homes: Annotated[int, asked("Energy: number of homes behind one reading")] = 0,
    largest_share: Annotated[float, asked("Energy: largest share of one customer, 0 to 1")] = 0.0,
    reason: Annotated[
        str, asked("Reason for the second person, at least three words. Needed where fields are declared", lines=2)
    ] = "",
) -> Done:
    """Register a sensor."""
    from peelian.forms import pairs
    from peelian.kernel.model.sensors import sensor_of
    from peelian.kernel.verbs.sensor_batches import propose_sensors
    from peelian.oversight.sensors.register import can_speak, registered

    facts: dict[str, Any] = {
        "kind": kind, "title": title, "owner": owner, "contact": contact, "purpose": purpose, "why": why,
        "area": area, "personal_data": personal_data, "retention_days": retention_days, "ends": ends,
        "place": place, "lat": lat, "lon": lon, "mounted_on": mounted_on, "vendor": vendor, "firmware": firmware,
        "updated": updated, "update_days": update_days, "format": format, "zone": zone, "homes": homes,
        "largest_share": largest_share,
    }  # fmt: skip
    facts = {name: value for name, value in facts.items() if value is not None}
    facts |= {"columns": pairs(_lines(columns), "columns"), "drop": _lines(drop)}
    sensor = sensor_of(facts)
    if sensor.declares:
        can_speak(sensor)
        return Done(says=PROPOSED, proposal=propose_sensors(office.kernel, by, (sensor,), words=reason))
    listed = registered(office.kernel, by, facts)
    values = {"sensor": listed.number, "day": ends, "proven": listed.proven_from.date().isoformat()}
    text = "%(sensor)s registered until %(day)s."
    if format:
        text = "%(sensor)s registered until %(day)s. Trial period: no alarms from it before %(proven)s."
    return Done(says=sentence(text, **values), href=f"/sensors/{listed.number}")


@acts.does(
    "register-file",
    "Register sensors from a file",
    "One row for each sensor. Every wrong row is listed and nothing is registered then. A second person approves.",
    whom=_registrars,
    enters=Enters.FILE,
    suspended=Suspended.STOPS,
    typed=("sensors",),
)
def register_file(
    office: Office,
    by: Operator,
    *,
    sensors: Annotated[str, asked("File of sensors, CSV or JSON, at most 8 MB", file=SENSOR_FILES)],
    reason: Annotated[str, asked("Reason for the second person, at least three words", lines=2)],
) -> Done:
    """Register sensors from a file."""
    from peelian.oversight.sensors.batch import propose_file

    digest, n = propose_file(office.kernel, by, sensors.encode(), words=reason)
    counted = (sentence("Sensors in the file: %(n)d.", n=n),)
    return Done(says=PROPOSED, proposal=digest, next=counted, record={"proposal": digest, "sensors": n})


@acts.does(
    "register-approved",
    "Register approved sensors",
    "Registers or renews exactly the sensors that the proposal lists. An approval is valid for a week.",
    whom=_registrars,
    suspended=Suspended.STOPS,
    typed=("proposal",),
    offered={"proposal": _agreed},
)
def register_approved(
    office: Office,
    by: Operator,
    *,
    proposal: Annotated[str, asked("Approved proposal")],
) -> Done:
    """Register approved sensors."""
    from peelian.kernel.verbs import sensor_batches

    made = sensor_batches.register_approved(office.kernel, by, proposal)
    says, record = sentence("Sensors registered or renewed: %(n)d.", n=len(made)), [one.sensor.id for one in made]
    return Done(says=says, href="/sensors", record={"sensors": record})


def _refused_messages(office: Office) -> list[dict[str, str]]:
    from peelian.oversight.sensors.refusals import refused_messages

    return [{"sensor": one.sensor, "field": one.field, "at": one.at} for one in refused_messages(office.kernel)]


@acts.lists(
    "refused",
    "See refused messages",
    "A field that is not declared refuses the whole message. Only its name is recorded, once an hour.",
    whom=_registrars,
    reads="sensors-refused",
    record=_refused_messages,
    empty="No message was refused.",
)
def refused(office: Office, say: Say, language: str) -> Grid | None:
    """The newest refused messages. Values are not recorded. O(messages)."""
    from peelian.pictures.moments import moment

    rows = [(one["sensor"], one["field"], moment(one["at"], language)) for one in _refused_messages(office)]
    titles = (say("Sensor"), say("Field"), say("Time"))
    return Grid(caption=say("Refused messages"), titles=titles, rows=tuple(rows)) if rows else None


@acts.does(
    "renew",
    "Renew a sensor",
    "A registration ends on its last day unless you renew it.",
    whom=_registrars,
    suspended=Suspended.STOPS,
    typed=("sensor",),
    offered={"sensor": _those(lambda listed, state: state != "ended")},
)
def renew(
    office: Office,
    by: Operator,
    *,
    sensor: Annotated[str, asked("Sensor")],
    until: Annotated[str, asked("New last day", kind="date")],
) -> Done:
    """Renew a sensor."""
    from peelian.kernel.records import sensor_register

    listed = sensor_register.renew(office.kernel, by, sensor, until)
    says = sentence("%(sensor)s registered until %(day)s.", sensor=sensor, day=until)
    record = {"sensor": sensor, "ends": until, "digest": listed.digest}
    return Done(says=says, href=f"/sensors/{sensor}", record=record)


@acts.does(
    "renew-many",
    "Renew many sensors",
    "Proposes to renew every registration that ends by a day. A second person approves the list.",
    whom=_registrars,
    suspended=Suspended.STOPS,
)
def renew_many(
    office: Office,
    by: Operator,
    *,
    ending_by: Annotated[str, asked("Renew every registration that ends by", kind="date")],
    until: Annotated[str, asked("New last day", kind="date")],
    reason: Annotated[str, asked("Reason for the second person, at least three words", lines=2)],
) -> Done:
    """Renew many sensors."""
    from peelian.oversight.sensors.batch import propose_renewal

    digest, n = propose_renewal(office.kernel, by, ending_by=ending_by, until=until, words=reason)
    counted = (sentence("Sensors to renew: %(n)d.", n=n),)
    return Done(says=PROPOSED, proposal=digest, next=counted, record={"proposal": digest, "sensors": n})


@acts.does(
    "update",
    "Record a firmware update",
    "Records that firmware was updated, or checked and found to be the newest. The public sees it.",
    whom=_registrars,
    suspended=Suspended.STOPS,
    typed=("sensor",),
    offered={"sensor": _those(lambda listed, state: state != "ended")},
)
def update(
    office: Office,
    by: Operator,
    *,
    sensor: Annotated[str, asked("Sensor")],
    firmware: Annotated[str, asked("Firmware version it runs now")],
    on: Annotated[str, asked("Day of the update or the check. Empty: today", kind="date")] = "",
) -> Done:
    """Record a firmware update."""
    from peelian.kernel.records import sensor_register

    day = on or office.kernel.now().date().isoformat()
    listed = sensor_register.update(office.kernel, by, sensor, firmware=firmware, on=day)
    due, values = listed.sensor.update_due, {"sensor": sensor, "firmware": firmware, "day": day}
    says = sentence("%(sensor)s runs firmware %(firmware)s, checked on %(day)s.", **values)
    then = (sentence("Next update by %(day)s.", day=due.isoformat()),) if due else ()
    record = {"sensor": sensor, "firmware": firmware, "updated": day, "due": due.isoformat() if due else ""}
    return Done(says=says, href=f"/sensors/{sensor}", next=then, record=record)


@acts.does(
    "end",
    "End the registration of a sensor",
    "It can no longer send data. It stays listed for the public.",
    whom=_registrars,
    typed=("sensor",),
    offered={"sensor": _those(lambda listed, state: state != "ended")},
)
def end(
    office: Office,
    by: Operator,
    *,
    sensor: Annotated[str, asked("Sensor")],
    why: Annotated[str, asked("Why it ends", names=ENDINGS)],
) -> Done:
    """End the registration of a sensor."""
    from peelian.kernel.records import sensor_register

    listed = sensor_register.end(office.kernel, by, sensor, why)
    says = sentence("Registration of %(sensor)s ended. It stays listed.", sensor=sensor)
    record = {"sensor": sensor, "ending": why, "digest": listed.digest}
    return Done(says=says, href=f"/sensors/{sensor}", record=record)


@acts.does(
    "release",
    "Publish the counts of one day",
    "Noise is drawn once and kept. Counts under 15 appear as <15.",
    whom=_releasers,
    suspended=Suspended.STOPS,
    typed=("sensor", "day"),
    offered={"sensor": _those(lambda listed, state: state == "registered" and listed.sensor.kind in COUNTERS)},
)
def release(
    office: Office,
    by: Operator,
    *,
    sensor: Annotated[str, asked("Sensor")],
    day: Annotated[str, asked("Day", kind="date")],
    counts: Annotated[
        tuple[int, ...], asked("Other counts than the stored ones: 24, 48, 72 or 96 numbers with commas", lines=3)
    ] = (),
) -> Done:
    """Publish the counts of one day."""
    from peelian.forms import day_of
    from peelian.kernel.records.sensor_register import id_of

    of = id_of(office.kernel, sensor)
    *windows, total = office.release_counts(by, of, day_of(day, "day"), counts or None)
    values = {"sensor": of, "day": day, "total": "<15" if total is None else str(total)}
    says = sentence("%(sensor)s, %(day)s: total %(total)s, with noise.", **values)
    record = {"sensor": of, "day": day, "windows": windows, "total": total}
    return Done(says=says, href=f"/sensors/{of}", record=record)


@acts.does(
    "collect",
    "Admit the energy record of one home",
    "It takes a warrant that names the meter. What goes beyond the warrant is refused.",
    whom=_admitters,
    leaves=Leaves.RECORDING,
    suspended=Suspended.COURT,
    typed=("sensor", "record"),
    offered={"sensor": _those(lambda listed, state: state == "registered" and listed.sensor.kind == "energy_meter")},
)
def collect(
    office: Office,
    by: Operator,
    *,
    sensor: Annotated[str, asked("Meter that the warrant names")],
    record: Annotated[str, asked("Green Button file of one home, at most 8 MB", file=".xml,application/xml")],
) -> Done:
    """Admit the energy record of one home."""
    from peelian.kernel.records.sensor_register import id_of
    from peelian.oversight.sensors import gate as sensor_gate

    made = sensor_gate.collect(office.kernel, by, id_of(office.kernel, sensor), record.encode())
    says = sentence("Admitted: %(dataset)s, %(n)d hours.", dataset=made.dataset, n=made.rows)
    return Done(says=says, href=f"/data/sets/{made.dataset}", record={"dataset": made.dataset, "rows": made.rows})
