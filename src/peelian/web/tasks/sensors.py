"""Sensors: the register, the counts of one day, and the energy record of one home under a warrant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from peelian.errors import sentence
from peelian.forms import day_of, pairs
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import KINDS, PURPOSES, sensor_of
from peelian.kernel.records import sensor_register
from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.sensor_register import REGISTRARS, RELEASERS, id_of
from peelian.kernel.state.sensor_state import Listed
from peelian.kernel.verbs import ADMITTERS
from peelian.kernel.verbs.sensor_batches import agreed_on, propose_sensors, register_approved
from peelian.operations.office import Office
from peelian.oversight import sensor_gate
from peelian.oversight.sensor_batch import propose_file, propose_renewal
from peelian.oversight.sensor_refusals import refused_messages
from peelian.oversight.sensors import FORMATS, can_speak, registered
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Offered, Task, asked

GROUP = "Sensors"
PROPOSED = "Proposed. Someone in another unit approves it."
COUNTERS = frozenset({"people_counter", "camera_counter", "traffic_counter"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    kind: str = asked("Kind of sensor")
    title: str = asked("What it is, in words")
    owner: str = asked("Owner")
    contact: str = asked("Contact for the public")
    purpose: str = asked("Purpose")
    why: str = asked("The purpose in one sentence")
    area: str = asked("Area it stands in, or stands for")
    personal_data: bool = asked("It records personal data")
    retention_days: int = asked("Days its data are kept")
    ends: str = asked("Last day on which it may send", kind="date")
    place: str = asked("Place, in words", default="")
    lat: float | None = asked("Latitude, WGS 84", default=None)
    lon: float | None = asked("Longitude, WGS 84", default=None)
    mounted_on: str = asked("Mounted on", default="")
    vendor: str = asked("Vendor", default="")
    firmware: str = asked("Firmware version", default="")
    updated: str = asked("Day its firmware was last updated or checked", default="", kind="date")
    update_days: int = asked("Days within which its firmware is updated or checked. 0: no duty stated", default=0)
    format: str = asked("Format it sends in. None: it sends nothing here", default="")
    columns: str = asked(
        "Columns of its CSV, or rules of its gate, one a line: name=what it holds", default="", lines=3
    )
    drop: str = asked("Harmless fields around the measure that are dropped unread, one a line", default="", lines=3)
    zone: str = asked("Time zone of times that state none, such as America/Toronto", default="")
    homes: int = asked("Energy: number of homes behind one reading", default=0)
    largest_share: float = asked("Energy: largest share of one customer, 0 to 1", default=0.0)
    reason: str = asked(
        "Reason for the second person, at least three words. Needed where fields are declared", default="", lines=2
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    sensors: str = asked("File of sensors, CSV or JSON, at most 8 MB", file=".csv,.json,text/csv,application/json")
    reason: str = asked("Reason for the second person, at least three words", lines=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    proposal: str = asked("Approved proposal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    sensor: str = asked("Sensor")
    until: str = asked("New last day", kind="date")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewedMany:
    ending_by: str = asked("Renew every registration that ends by", kind="date")
    until: str = asked("New last day", kind="date")
    reason: str = asked("Reason for the second person, at least three words", lines=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    sensor: str = asked("Sensor")
    firmware: str = asked("Firmware version it runs now")
    on: str = asked("Day of the update or the check", kind="date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    sensor: str = asked("Sensor")
    why: str = asked(
        "Why it ends",
        names={
            "removed": "It was removed",
            "replaced": "It was replaced",
            "broken": "It broke",
            "refused": "It was refused",
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    sensor: str = asked("Sensor")
    day: str = asked("Day", kind="date")
    counts: tuple[int, ...] = asked(
        "Other counts than the stored ones: 24, 48, 72 or 96 numbers with commas", default=(), lines=3
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    sensor: str = asked("Meter that the warrant names")
    record: str = asked("Green Button file of one home, at most 8 MB", file=".xml,application/xml")


def _register(office: Office, by: Operator, given: Registered) -> Done:
    facts: dict[str, Any] = {name: value for name, value in asdict(given).items() if value is not None}
    del facts["reason"]
    columns = {"columns": pairs(_lines(given.columns), "columns"), "drop": _lines(given.drop)}
    sensor = sensor_of(facts | columns)
    if sensor.declares:
        can_speak(sensor)
        propose_sensors(office.kernel, by, (sensor,), words=given.reason)
        return Done(says=PROPOSED, href="/authorizations")
    listed = registered(office.kernel, by, facts | columns)
    values = {"sensor": listed.number, "day": given.ends, "proven": listed.proven_from.date().isoformat()}
    text = "%(sensor)s registered until %(day)s."
    if given.format:
        text = "%(sensor)s registered until %(day)s. Trial period: no alarms from it before %(proven)s."
    return Done(says=sentence(text, **values), href=f"/sensors/{listed.number}")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _file(office: Office, by: Operator, given: Filed) -> Done:
    propose_file(office.kernel, by, given.sensors.encode(), words=given.reason)
    return Done(says=PROPOSED, href="/authorizations")


def _approved(office: Office, by: Operator, given: Agreed) -> Done:
    made = register_approved(office.kernel, by, given.proposal)
    return Done(says=sentence("Sensors registered or renewed: %(n)d.", n=len(made)), href="/sensors")


def _agreed(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    proposals = office.kernel.state.dual_control.proposals
    for digest in agreed_on(office.kernel):
        yield digest, say("%(name)s: %(value)s", name=proposals[digest].words, value=proposals[digest].body["sensors"])


def _refused(office: Office, say: Say, language: str) -> Grid | None:
    rows = [(one.sensor, one.field, moment(one.at, language)) for one in refused_messages(office.kernel)]
    titles = (say("Sensor"), say("Field"), say("Time"))
    return Grid(caption=say("Refused messages"), titles=titles, rows=tuple(rows)) if rows else None


def _renew(office: Office, by: Operator, given: Renewed) -> Done:
    sensor_register.renew(office.kernel, by, given.sensor, given.until)
    return Done(
        says=sentence("%(sensor)s registered until %(day)s.", sensor=given.sensor, day=given.until),
        href=f"/sensors/{given.sensor}",
    )


def _renew_many(office: Office, by: Operator, given: RenewedMany) -> Done:
    propose_renewal(office.kernel, by, ending_by=given.ending_by, until=given.until, words=given.reason)
    return Done(says=PROPOSED, href="/authorizations")


def _update(office: Office, by: Operator, given: Updated) -> Done:
    sensor_register.update(office.kernel, by, given.sensor, firmware=given.firmware, on=given.on)
    text = "%(sensor)s runs firmware %(firmware)s, checked on %(day)s."
    values = {"sensor": given.sensor, "firmware": given.firmware, "day": given.on}
    return Done(says=sentence(text, **values), href=f"/sensors/{given.sensor}")


def _end(office: Office, by: Operator, given: Ended) -> Done:
    sensor_register.end(office.kernel, by, given.sensor, given.why)
    return Done(
        says=sentence("Registration of %(sensor)s ended. It stays listed.", sensor=given.sensor),
        href=f"/sensors/{given.sensor}",
    )


def _release(office: Office, by: Operator, given: Released) -> Done:
    sensor = id_of(office.kernel, given.sensor)
    *_, total = office.release_counts(by, sensor, day_of(given.day, "day"), given.counts or None)
    text = "%(sensor)s, %(day)s: total %(total)s, with noise."
    values = {"sensor": given.sensor, "day": given.day, "total": "<15" if total is None else str(total)}
    return Done(says=sentence(text, **values), href=f"/sensors/{given.sensor}")


def _collect(office: Office, by: Operator, given: Collected) -> Done:
    made = sensor_gate.collect(office.kernel, by, id_of(office.kernel, given.sensor), given.record.encode())
    return Done(
        says=sentence("Admitted: %(dataset)s, %(n)d hours.", dataset=made.dataset, n=made.rows),
        href=f"/data/sets/{made.dataset}",
    )


def _those(which: Callable[[Listed, str], bool]) -> Offered:
    """Sensors of the register to choose from, by their state today."""

    def offered(office: Office, say: Say) -> Iterable[tuple[str, str]]:
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
    labels = adopted(office.kernel).labels[LabelKind.AREA].values()
    yield from ((one.label, one.label) for one in sorted(labels, key=lambda one: one.label))


def _task(id: str, title: str, about: str, roles: Any, **more: Any) -> Task:
    return Task(id=f"sensors-{id}", group=GROUP, title=title, about=about, roles=roles, **more)


TASKS = (
    _task(
        "register",
        "Register a sensor",
        "Every sensor of the town, police included, is listed before it sends data. The entry is public.",
        REGISTRARS,
        params=Registered,
        do=_register,
        offered={
            "kind": lambda office, say: [(word, say(text)) for word, text in KINDS.items()],
            "purpose": lambda office, say: [(word, say(text)) for word, text in PURPOSES.items()],
            "area": _areas,
            "format": lambda office, say: [(word, word) for word in FORMATS],
        },
    ),
    _task(
        "file",
        "Register sensors from a file",
        "One row for each sensor. Every wrong row is listed and nothing is registered then. A second person approves.",
        REGISTRARS,
        params=Filed,
        do=_file,
    ),
    _task(
        "approved",
        "Register approved sensors",
        "Registers or renews exactly the sensors that the proposal lists. An approval is valid for a week.",
        REGISTRARS,
        params=Agreed,
        do=_approved,
        offered={"proposal": _agreed},
    ),
    _task(
        "refused",
        "See refused messages",
        "A field that is not declared refuses the whole message. Only its name is recorded, once an hour.",
        REGISTRARS,
        shows=_refused,
        empty="No message was refused.",
    ),
    _task(
        "renew",
        "Renew a sensor",
        "A registration ends on its last day unless you renew it.",
        REGISTRARS,
        params=Renewed,
        do=_renew,
        offered={"sensor": _those(lambda listed, state: state != "ended")},
    ),
    _task(
        "renew-many",
        "Renew many sensors",
        "Proposes to renew every registration that ends by a day. A second person approves the list.",
        REGISTRARS,
        params=RenewedMany,
        do=_renew_many,
    ),
    _task(
        "update",
        "Record a firmware update",
        "Records that firmware was updated, or checked and found to be the newest. The public sees it.",
        REGISTRARS,
        params=Updated,
        do=_update,
        offered={"sensor": _those(lambda listed, state: state != "ended")},
    ),
    _task(
        "end",
        "End the registration of a sensor",
        "It can no longer send data. It stays listed for the public.",
        REGISTRARS,
        params=Ended,
        do=_end,
        offered={"sensor": _those(lambda listed, state: state != "ended")},
    ),
    _task(
        "release",
        "Publish the counts of one day",
        "Noise is drawn once and kept. Counts under 15 appear as <15.",
        RELEASERS,
        params=Released,
        do=_release,
        offered={"sensor": _those(lambda listed, state: state == "registered" and listed.sensor.kind in COUNTERS)},
    ),
    _task(
        "collect",
        "Admit the energy record of one home",
        "It takes a warrant that names the meter. What goes beyond the warrant is refused.",
        ADMITTERS,
        params=Collected,
        do=_collect,
        offered={
            "sensor": _those(lambda listed, state: state == "registered" and listed.sensor.kind == "energy_meter")
        },
    ),
)
