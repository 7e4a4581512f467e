"""Watches: alarms, event plans, counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from peelian.acts.act import Act, Acts, Document, Done, asked
from peelian.acts.choices import LANGUAGES
from peelian.acts.sensors import named
from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.doors import Leaves, Suspended
from peelian.pictures.panels import Grid, Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.people import Operator
    from peelian.kernel.model.watch import Watch
    from peelian.operations.office import Office
    from peelian.oversight.watches.event_report import EventReport, Span

acts = Acts("watch", "Watches and alarms", "Watches: alarms, event plans, counts.")


def _starters() -> Roles:
    from peelian.kernel.model.capability import Role

    return frozenset({Role.ANALYST, Role.COMMANDER})


def _permitters() -> Roles:
    from peelian.kernel.alarms.operator_desk import PERMITTERS

    return PERMITTERS


def _shift() -> Roles:
    from peelian.kernel.alarms.operator_desk import SHIFT

    return SHIFT


def _lookers() -> Roles:
    from peelian.kernel.model.capability import Role

    overseers = {Role.BOARD, Role.PRIVACY_OFFICER, Role.AUDITOR, Role.CUSTODIAN}
    return _shift() | _permitters() | _starters() | overseers


def _form_of(office: Office, told: Mapping[str, str]) -> Act | None:
    """The form of a watch that was chosen: what it is for and over, then its own parameters."""

    from peelian.wording.labels import PURPOSES

    declared = _watches(office).get(told.get("watch", ""))
    if declared is None:
        return None
    purposes = {str(one): PURPOSES.get(str(one), str(one)) for one in sorted(declared.asks.purposes)}
    hints = get_type_hints(declared.asks.params)
    own = [
        (one.name, hints[one.name], dataclasses.field(default=one.default, metadata=one.metadata))
        for one in dataclasses.fields(declared.asks.params)
    ]
    zone = asked("One zone for all of them. Empty: a zone for each area")
    marked = asked("An exercise: its alarms are marked as such")
    more: list[tuple[str, Any, Any]] = [
        ("purpose", str, asked("Purpose of the watch", names=purposes)),
        ("over", tuple[str, ...], asked("Sensors that it watches")),
        ("all_in", str, dataclasses.field(default="", metadata=zone.metadata)),
        ("exercise", bool, dataclasses.field(default=False, metadata=marked.metadata)),
    ]
    own_of = {"watch": declared.id}
    params = dataclasses.make_dataclass("Started", [*more, *own], frozen=True, kw_only=True, namespace=own_of)
    first = acts.known["watch-start"]
    more_of: dict[str, Any] = {"title": declared.title, "about": declared.about, "asks": lambda: params}
    return dataclasses.replace(first, **more_of, do=_stand, then=None)


def utc(text: str, column: str) -> datetime:
    """A time as a browser gives it, without a zone: UTC, as the pages show every time."""

    from peelian.forms import time_of

    at = time_of(text, column)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _watches(office: Office) -> dict[str, Watch]:
    return {watch.id: watch for technology in office.kernel.technologies for watch in technology.watches}


def _choices(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    yield from ((watch.id, say(watch.title)) for watch in _watches(office).values())


def _registered(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.kernel.records.sensor_register import the_register

    today = office.kernel.now().date()
    for _, listed in sorted(the_register(office.kernel).items(), key=lambda one: (one[1].sensor.area, one[0])):
        if listed.state(today) == "registered":
            yield listed.number, named(listed, say)


def _signals(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    found = {name: watch.titles.get(name, name) for watch in _watches(office).values() for name in watch.signals}
    yield from ((name, say(title)) for name, title in sorted(found.items()))


def _zones(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.watches.watch_list import zones

    return zones(office.kernel).items()


def _rows(office: Office) -> list[dict[str, Any]]:
    """Every watch for programs: those that stand, damaged records, and those that are destroyed."""
    from peelian.oversight.watches.watch_list import destroyed_watches, watch_rows

    damaged = sorted(office.kernel.state.alarms.stands.faults)
    gone = [{"case": case, "destroyed": day} for case, day in destroyed_watches(office.kernel).items()]
    return [*watch_rows(office.kernel), *({"case": case, "damaged": True} for case in damaged), *gone]


@acts.lists(
    "list",
    "Watches",
    "Each watch of this office: over how many sensors, and until when.",
    whom=_lookers,
    reads="watches",
    leaves=Leaves.ALARMS,
    record=_rows,
    empty="No watch was started yet.",
)
def standing(office: Office, say: Say, language: str) -> Grid | None:
    """Every watch, the destroyed ones last. O(watches)."""

    from peelian.oversight.watches.watch_list import destroyed_watches, watch_rows
    from peelian.pictures.moments import moment

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
    damaged = sorted(office.kernel.state.alarms.stands.faults)
    rows += [(case, "", "", "", say("DAMAGED RECORD")) for case in damaged]
    gone = destroyed_watches(office.kernel).items()
    rows += [(case, "", "", "", say("destroyed on %(day)s", day=moment(day, language))) for case, day in gone]
    titles = (say("Case"), say("Watch"), say("Sensors"), say("Until"), say("State"))
    return Grid(caption=say("Watches"), titles=titles, rows=tuple(rows), numeric=frozenset({2})) if rows else None


@acts.does(
    "start",
    "Start a watch",
    "A watch raises alarms for people to look at. It needs its authorizations, like every use.",
    whom=_starters,
    suspended=Suspended.STOPS,
    offered={"watch": _choices, "over": _registered},
    then=_form_of,
    command="",  # a watch has parameters of its own: the terminal takes them as flags
)
def start(office: Office, by: Operator, *, watch: Annotated[str, asked("Watch")]) -> Done:
    """Choose the watch whose form follows."""
    from peelian.kernel.alarms.watch import watch_named

    watch_named(office.kernel, watch)  # one that there is
    raise OutOfOrder("Choose a watch, then fill in its form.")


def _stand(office: Office, by: Operator, given: Any) -> Done:
    """Start the watch whose form was filled in."""
    from peelian.kernel.alarms.watch import stand, watch_named
    from peelian.kernel.records.sensor_register import silent_of, the_register
    from peelian.oversight.watches.watch_list import zone_of

    declared = watch_named(office.kernel, given.watch)
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
    return Done(says=sentence(text, **values), href="/tasks/watch-list", record={"case": made.case})


@acts.does(
    "event",
    "Record a planned event",
    "Planned events mute notices and warnings. Urgent alarms always sound.",
    whom=_permitters,
    leaves=Leaves.ALARMS,
    typed=("zone",),
    offered={"zone": _zones, "types": _signals},
)
def event(
    office: Office,
    by: Operator,
    *,
    zone: Annotated[str, asked("Zone of the event")],
    types: Annotated[tuple[str, ...], asked("Signals that it explains")],
    starts: Annotated[str, asked("Starts, UTC", kind="datetime-local")],
    ends: Annotated[str, asked("Ends, UTC", kind="datetime-local")],
    what: Annotated[str, asked("Name of the event")],
) -> Done:
    """Record a planned event."""
    from peelian.kernel.alarms import operator_desk
    from peelian.oversight.watches.watch_list import zones

    times = {"starts": utc(starts, "starts"), "ends": utc(ends, "ends")}
    made = operator_desk.permit_event(office.kernel, by, zone=zone, types=types, what=what, **times)
    called = zones(office.kernel).get(made.zone, made.zone)
    says = sentence("Recorded for %(zone)s: %(n)d %(n:signal|signals).", zone=called, n=len(made.types))
    return Done(says=says, record={"zone": zone, "types": list(made.types)})


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _waiting(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Versions that nobody confirmed, after the one in force."""

    from peelian.pictures.moments import stamp

    for name, filed in sorted(office.kernel.state.plans.plans.items()):
        for version in filed.waiting():
            value = f"{stamp(say, version.at)}, {version.digest[:16]}"
            yield version.digest, say("%(name)s: %(value)s", name=name, value=value)


def _named(office: Office, plan: str) -> dict[str, str]:
    """The functions of a plan in force, by how a form carries each: a form parts several with commas."""

    from peelian.kernel.alarms.event_plans import plan_named

    version = plan_named(office.kernel, plan).in_force
    return {function.replace(",", ""): function for function in version.plan.roles} if version else {}


def _functions(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Every function of a plan in force; where there are several plans, with those it is in."""
    plans, found = dict(_in_force(office, say)), dict[str, tuple[str, list[str]]]()
    for plan, title in plans.items():
        for key, function in _named(office, plan).items():
            found.setdefault(key, (function, []))[1].append(title)
    for key, (function, titles) in sorted(found.items()):
        within = say("; ").join(titles)
        yield key, say("%(name)s: %(value)s", name=function, value=within) if len(plans) > 1 else function


def _reportable(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.watches.watch_list import watch_rows, watch_titles

    yield from _in_force(office, say)
    titles = watch_titles(office.kernel)
    for row in watch_rows(office.kernel):
        title = say(titles.get(row["watch"], row["watch"]))
        yield row["case"], say("%(name)s: %(value)s", name=title, value=row["case"])


def _in_force(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for name, filed in sorted(office.kernel.state.plans.plans.items()):
        if version := filed.in_force:
            yield name, version.plan.title


@acts.does(
    "plan",
    "Record an event plan",
    "A plan that contradicts itself, the watches or its capacity is refused. A second person confirms it.",
    whom=_shift,
    leaves=Leaves.ALARMS,
    typed=("file",),
)
def plan(
    office: Office,
    by: Operator,
    *,
    file: Annotated[str, asked("Plan (JSON file)", file=".json", lines=12)],
) -> Done:
    """Record an event plan."""
    from peelian.kernel.alarms.event_plans import plan_event
    from peelian.kernel.model.event_plan import read_plan

    digest = plan_event(office.kernel, by, read_plan(file.encode()))
    version = office.kernel.state.plans.version(digest)
    name = version.plan.name if version else ""
    says = "Recorded: %(plan)s. Next, a second person confirms version %(digest)s."
    then = sentence("Next, another person: peelian watch confirm-plan %(digest)s --as NAME", digest=digest)
    record, href = {"plan": name, "digest": digest}, f"/event-plans/{name}"
    return Done(says=sentence(says, plan=name, digest=digest[:16]), href=href, next=(then,), record=record)


@acts.does(
    "confirm-plan",
    "Confirm an event plan",
    "Read the plan first, under Event plans. It then replaces the version before.",
    whom=_shift,
    leaves=Leaves.ALARMS,
    typed=("version",),
    offered={"version": _waiting},
)
def confirm_plan(
    office: Office,
    by: Operator,
    *,
    version: Annotated[str, asked("Version to confirm")],
    read: Annotated[bool, asked("I have read the plan and its capacity")] = False,
) -> Done:
    """Confirm an event plan."""
    from peelian.kernel.alarms import event_plans

    if not read:
        raise InputError("plan not read", column="read", accepted="yes, once you have read it")
    waiting = [one.digest for filed in office.kernel.state.plans.plans.values() for one in filed.waiting()]
    begun = [digest for digest in waiting if len(version) >= 8 and digest.startswith(version)]
    whole = begun[0] if len(begun) == 1 else version
    event_plans.confirm_plan(office.kernel, by, whole)
    made = office.kernel.state.plans.version(whole)
    name = made.plan.name if made else ""
    says, record = sentence("Confirmed: %(plan)s.", plan=name), {"plan": name, "digest": whole}
    return Done(says=says, href=f"/event-plans/{name}", record=record)


@acts.does(
    "exercise",
    "Record an exercise",
    "An exercise of an event plan: when, which functions took part, what was found.",
    whom=_shift,
    leaves=Leaves.ALARMS,
    typed=("plan",),
    offered={"plan": _in_force, "roles": _functions},
)
def exercise(
    office: Office,
    by: Operator,
    *,
    plan: Annotated[str, asked("Event plan")],
    title: Annotated[str, asked("What was exercised")],
    held: Annotated[str, asked("Held, UTC", kind="datetime-local")],
    roles: Annotated[tuple[str, ...], asked("Functions that took part")],
    findings: Annotated[str, asked("Findings, one per line", lines=5)] = "",
) -> Done:
    """Record an exercise."""
    from peelian.kernel.alarms.event_plans import record_exercise

    body: dict[str, Any] = {
        "title": title,
        "held": utc(held, "held").isoformat(),
        "roles": [_named(office, plan).get(one, one) for one in roles],
        "findings": _lines(findings),
    }
    digest = record_exercise(office.kernel, by, plan, body)
    says, record = sentence("Exercise recorded for %(plan)s.", plan=plan), {"plan": plan, "digest": digest}
    return Done(says=says, href=f"/event-plans/{plan}", record=record)


def report_document(office: Office, of: str, span: Span, language: str, kind: str) -> Document:
    """The after-event report of a span, as HTML or PDF."""
    from peelian.oversight.watches.event_report import event_report
    from peelian.oversight.watches.event_report_view import report_facts, report_panels

    say, made = office.say(language), event_report(office.kernel, span)
    facts = ((say("Office"), office.kernel.office.name), *report_facts(made, say))
    title, panels = report_title(office, made, say), report_panels(office.kernel, made, say)
    name = f"{of}-{language}.{kind}"
    return Document(name=name, title=title, panels=panels, language=language, facts=facts)


def report_title(office: Office, made: EventReport, say: Say) -> str:
    """The report's title; of a watch its own."""
    from peelian.oversight.watches.watch_list import watch_titles

    watch = watch_titles(office.kernel).get(made.title)
    return say("After-event report: %(title)s", title=say(watch) if watch else made.title)


@acts.does(
    "report",
    "Write an after-event report",
    "Peaks, alarms, response times, runbooks, exercises and what was missed, from signed steps.",
    whom=_shift,
    leaves=Leaves.ALARMS,
    offered={"of": _reportable},
    command="",  # the terminal prints it, and writes it where it is told
)
def report(
    office: Office,
    by: Operator,
    *,
    of: Annotated[str, asked("Event plan or watch")],
    starts: Annotated[str, asked("From, UTC. Empty: the whole event", kind="datetime-local")] = "",
    ends: Annotated[str, asked("To, UTC. Empty: the whole event", kind="datetime-local")] = "",
    language: Annotated[str, asked("Language of the report", names=LANGUAGES)],
    kind: Annotated[str, asked("Kind of file", names={"pdf": "PDF file", "html": "HTML file"})],
) -> Done:
    """Write an after-event report."""
    from peelian.oversight.watches.event_report import span_of

    start, end = (utc(text, name) if text else None for text, name in ((starts, "starts"), (ends, "ends")))
    return Done(documents=(report_document(office, of, span_of(office.kernel, of, start, end), language, kind),))
