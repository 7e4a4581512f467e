"""Watches: which stand, starting one, and planned events that mute its notices and warnings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_type_hints

from peelian.acts.sensors import named
from peelian.errors import InputError, OutOfOrder, sentence
from peelian.forms import time_of
from peelian.kernel.alarms import operator_desk
from peelian.kernel.alarms.operator_desk import PERMITTERS, SHIFT
from peelian.kernel.alarms.watch import stand, watch_named
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.model.watch import Watch
from peelian.kernel.records.sensor_register import silent_of, the_register
from peelian.operations.office import Office
from peelian.oversight.watch_list import destroyed_watches, watch_rows, zone_of, zones
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Task, asked
from peelian.wording.labels import PURPOSES

GROUP = "Watches and alarms"
STARTERS = frozenset({Role.ANALYST, Role.COMMANDER})
LOOKERS = SHIFT | PERMITTERS | STARTERS | {Role.BOARD, Role.PRIVACY_OFFICER, Role.AUDITOR, Role.CUSTODIAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    watch: str = asked("Watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    zone: str = asked("Zone of the event")
    types: tuple[str, ...] = asked("Signals that it explains")
    starts: str = asked("Starts, UTC", kind="datetime-local")
    ends: str = asked("Ends, UTC", kind="datetime-local")
    what: str = asked("Name of the event")


def _form_of(office: Office, told: Mapping[str, str]) -> Task | None:
    """The form of a watch that was chosen: what it is for and over, then its own parameters."""
    declared = _watches(office).get(told.get("watch", ""))
    if declared is None:
        return None
    purposes = {str(one): PURPOSES.get(str(one), str(one)) for one in sorted(declared.asks.purposes)}
    hints = get_type_hints(declared.asks.params)
    own = [
        (one.name, hints[one.name], dataclasses.field(default=one.default, metadata=one.metadata))
        for one in dataclasses.fields(declared.asks.params)
    ]
    more: list[tuple[str, Any, Any]] = [
        ("purpose", str, asked("Purpose of the watch", names=purposes)),
        ("over", tuple[str, ...], asked("Sensors that it watches")),
        ("all_in", str, asked("One zone for all of them. Empty: a zone for each area", default="")),
        ("exercise", bool, asked("An exercise: its alarms are marked as such", default=False)),
    ]
    own_of = {"watch": declared.id}
    params = dataclasses.make_dataclass("Started", [*more, *own], frozen=True, kw_only=True, namespace=own_of)
    return dataclasses.replace(START, title=declared.title, about=declared.about, params=params, then=None)


def _start(office: Office, by: Operator, given: Any) -> Done:
    declared = watch_named(office.kernel, given.watch)
    if isinstance(given, Chosen):
        raise OutOfOrder("Choose a watch, then fill in its form.")
    own = {one.name: getattr(given, one.name) for one in dataclasses.fields(declared.asks.params)}
    known = {one.number: one.sensor for one in the_register(office.kernel).values()}
    if set(given.over) - set(known):
        raise InputError("not one of the choices", column="over", accepted="sensors of the register")
    sensors = {known[n].id: given.all_in or zone_of(known[n].area) for n in given.over}
    made = stand(
        office.kernel,
        by,
        declared.id,
        purpose=given.purpose,
        params=declared.asks.params(**own),
        sensors=sensors,
        exercise=given.exercise,
    )
    silent = {} if given.exercise else silent_of(office.kernel, sensors)
    values = {"case": made.case, "n": len(sensors), "day": made.until[:10], "silent": len(silent)}
    text = "Watch %(case)s stands over %(n)d %(n:sensor|sensors) until %(day)s."
    if silent:
        text = "Watch %(case)s stands until %(day)s. %(silent)d of %(n)d %(n:sensor|sensors) raise no alarm yet."
    return Done(says=sentence(text, **values), href="/tasks/watch-list")


def _permit(office: Office, by: Operator, given: Planned) -> Done:
    times = {"starts": utc(given.starts, "starts"), "ends": utc(given.ends, "ends")}
    made = operator_desk.permit_event(office.kernel, by, zone=given.zone, types=given.types, what=given.what, **times)
    zone = zones(office.kernel).get(made.zone, made.zone)
    return Done(says=sentence("Recorded for %(zone)s: %(n)d %(n:signal|signals).", zone=zone, n=len(made.types)))


def utc(text: str, column: str) -> datetime:
    """A time as a browser gives it, without a zone: UTC, as the pages show every time."""
    at = time_of(text, column)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _watches(office: Office) -> dict[str, Watch]:
    return {watch.id: watch for technology in office.kernel.technologies for watch in technology.watches}


def _choices(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    yield from ((watch.id, say(watch.title)) for watch in _watches(office).values())


def _registered(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    today = office.kernel.now().date()
    for _, listed in sorted(the_register(office.kernel).items(), key=lambda one: (one[1].sensor.area, one[0])):
        if listed.state(today) == "registered":
            yield listed.number, named(listed, say)


def _signals(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    found = {name: watch.titles.get(name, name) for watch in _watches(office).values() for name in watch.signals}
    yield from ((name, say(title)) for name, title in sorted(found.items()))


def _standing(office: Office, say: Say, language: str) -> Grid | None:
    """Every watch, the destroyed ones last. O(watches)."""
    known = _watches(office)

    def state(row: Mapping[str, Any]) -> str:
        words = {"ended": say("watch ended"), "exercise": say("exercise"), "held": say("on hold")}
        return say("; ").join(word for name, word in words.items() if row[name])

    rows = [
        (
            row["case"],
            say(known[row["watch"]].title) if row["watch"] in known else row["watch"],
            f"{row['sensors']:,}",
            moment(row["until"][:10], language),
            state(row),
        )
        for row in watch_rows(office.kernel)
    ]
    gone = destroyed_watches(office.kernel).items()
    rows += [(case, "", "", "", say("destroyed on %(day)s", day=moment(day, language))) for case, day in gone]
    titles = (say("Case"), say("Watch"), say("Sensors"), say("Until"), say("State"))
    return Grid(caption=say("Watches"), titles=titles, rows=tuple(rows), numeric=frozenset({2})) if rows else None


START = Task(
    id="watch-start",
    group=GROUP,
    title="Start a watch",
    about="A watch raises alarms for people to look at. It needs its authorizations, like every use.",
    roles=STARTERS,
    params=Chosen,
    then=_form_of,
    do=_start,
    offered={"watch": _choices, "over": _registered},
)

TASKS = (
    Task(
        id="watch-list",
        group=GROUP,
        title="Watches",
        about="Each watch of this office: over how many sensors, and until when.",
        roles=LOOKERS,
        shows=_standing,
        empty="No watch was started yet.",
    ),
    START,
    Task(
        id="watch-event",
        group=GROUP,
        title="Record a planned event",
        about="Planned events mute notices and warnings. Urgent alarms always sound.",
        roles=PERMITTERS,
        params=Planned,
        do=_permit,
        offered={"zone": lambda office, say: zones(office.kernel).items(), "types": _signals},
    ),
)
