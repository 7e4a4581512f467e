"""Event plan pages for staff: each plan with its capacity, versions and exercises, and its after-event report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from peelian.acts.watch import report_document, report_title
from peelian.errors import OutOfOrder
from peelian.kernel.alarms.event_plans import plan_named
from peelian.kernel.model.event_plan import OUTSIDE, EventPlan, PlanGate
from peelian.kernel.model.safe_capacity import LIMITS, safe_capacities
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.plan_state import FiledPlan, Version
from peelian.operations.office import Office
from peelian.oversight.watches.event_report import event_report, span_of
from peelian.oversight.watches.event_report_view import exercises_grid, report_facts, report_panels
from peelian.pictures.moments import stamp
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say, tabled
from peelian.web.console.shift import name_of
from peelian.web.documents import drawn
from peelian.web.framing import frame
from peelian.web.pages import LANGUAGES
from peelian.wording.errors import error_said, translated

Show = Callable[..., HTMLResponse]
DIRECTIONS = {"in": "in", "out": "out", "both": "both ways"}
VIEWINGS = {"standing": "standing", "moving": "moving", "seated": "seated"}
KINDS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


def add_event_plan_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The list of plans, each plan, and its report: on the page, as one HTML file, as PDF."""

    @app.get("/{language}/event-plans", include_in_schema=False)
    def plans(request: Request, language: str) -> Response:
        say, known = office.say(_known(language)), office.kernel.state.plans.plans
        listed = [_line(filed, say) for _, filed in sorted(known.items())]
        damaged = [{"name": name, "says": error_said(fault, say)} for name, fault in sorted(known.faults.items())]
        values = {"title": say("Event plans"), "plans": listed, "damaged": damaged}
        return show(request, "event_plans.html", section="/alarms", **values)

    @app.get("/{language}/event-plans/{name}", include_in_schema=False)
    def one(request: Request, language: str, name: str, version: str = "") -> Response:
        say, filed = office.say(_known(language)), _filed(office, name)
        shown = next((one for one in filed.versions if one.digest == version), filed.in_force or filed.versions[-1])
        body = frame([*plan_panels(office.kernel, filed, shown, say)], say).html
        waiting = [one.digest for one in filed.waiting()]
        values = {"title": shown.plan.title, "name": name, "body": body, "in_force": filed.in_force, "waiting": waiting}
        return show(request, "event_plan.html", section="/alarms", shown=shown.digest, **values)

    @app.get("/{language}/event-plans/{name}/report", include_in_schema=False)
    def told(request: Request, language: str, name: str) -> Response:
        say = office.say(_known(language))
        _filed(office, name)
        span = span_of(office.kernel, name, None, None)
        made = event_report(office.kernel, span)
        body = frame(report_panels(office.kernel, made, say), say).html
        values = {
            "title": report_title(office, made, say),
            "name": name,
            "facts_of": report_facts(made, say),
            "body": body,
        }
        return show(request, "event_report.html", section="/alarms", **values)

    @app.get("/{language}/event-plans/{name}/report.{kind}", include_in_schema=False)
    def kept(language: str, name: str, kind: str) -> Response:
        _filed(office, _known(language) and name)
        if kind not in KINDS:
            raise HTTPException(404)
        span = span_of(office.kernel, name, None, None)
        content = drawn(report_document(office, name, span, _known(language), kind), office)
        headers = {"content-disposition": f'attachment; filename="{name}-{language}.{kind}"'}
        return Response(content, media_type=KINDS[kind], headers=headers)


def capacity_grid(plan: EventPlan, say: Say) -> Grid:
    """How each limit came about: of the event first, then of each zone, the lowest marked."""
    rows = [
        (
            capacity.of or say("whole event"),
            say(LIMITS[limit.name]),
            say("%(n)d", n=limit.persons),
            translated(limit.how, say),
            say("binds") if limit == capacity.final else "",
        )
        for capacity in safe_capacities(plan)
        for limit in capacity.limits
    ]
    titles = (say("Zone"), say("Limit"), say("Persons"), say("How"), say("Lowest"))
    return Grid(
        caption=say("Limits of the event and of each zone"), titles=titles, rows=tuple(rows), numeric=frozenset({2})
    )


def plan_panels(kernel: Kernel, filed: FiledPlan, version: Version, say: Say) -> Iterator[Panel]:
    """One version of a plan, then what is recorded of all of them."""
    plan = version.plan
    if not version.confirmed_by:
        yield Paragraph(text=say("This version is not in force: a second person must confirm it."), tone="warning")
    elif filed.in_force is None or filed.in_force.digest != version.digest:
        yield Paragraph(text=say("A newer version replaced this one."), tone="warning")
    yield Grid(
        caption=say("Event"),
        titles=(say("Item"), say("Value")),
        rows=(
            (say("Starts (UTC)"), _utc(say, plan.starts)),
            (say("Ends (UTC)"), _utc(say, plan.ends)),
            (say("Expected attendance"), say("%(n)d", n=plan.attendance)),
            (say("Emergency time"), say("%(n).10g minutes", n=plan.emergency_minutes)),
        ),
    )
    yield Heading(text=say("Safe capacity"))
    yield capacity_grid(plan, say)
    text = "By the method of the Green Guide (Guide to Safety at Sports Grounds, 2008). A competent person assesses "
    yield Paragraph(text=say(text + "the factors and the emergency time."), tone="limit")
    yield Heading(text=say("Zones and gates"))
    yield from _places(plan, say)
    yield Heading(text=say("Functions and contacts"))
    yield from _people(plan, say)
    yield Heading(text=say("Runbooks and messages"))
    yield from _texts(kernel, plan, say)
    yield Heading(text=say("Exercises"))
    exercises = exercises_grid([one for _, one in filed.exercises], say)
    yield exercises if exercises.rows else Paragraph(text=say("No exercise on record."))
    yield Heading(text=say("Versions"))
    yield _versions(kernel, filed, say)


def _places(plan: EventPlan, say: Say) -> Iterator[Panel]:
    yield tabled(
        plan.zones,
        (
            (say("Zone"), lambda zone: zone.name),
            (say("Area (m²)"), lambda zone: say("%(n).10g", n=zone.area_m2)),
            (say("Planned capacity"), lambda zone: say("%(n)d", n=zone.capacity)),
            (say("Type of use"), lambda zone: say(VIEWINGS[zone.viewing])),
            (say("Thresholds"), lambda zone: " / ".join(str(n) for n in plan.thresholds.get(zone.name, {}).values())),
        ),
        caption=say("Zones"),
        numeric=(1, 2),
    )
    yield tabled(
        plan.gates,
        (
            (say("Gate"), lambda gate: gate.name),
            (say("Between"), lambda gate: _between(gate, say)),
            (say("Width (m)"), lambda gate: say("%(n).10g", n=gate.width_m)),
            (say("Direction"), lambda gate: say(DIRECTIONS[gate.direction])),
            (say("Entry per hour"), lambda gate: say("%(n)d", n=gate.entry_per_hour) if gate.entry_per_hour else "–"),
        ),
        caption=say("Gates"),
        numeric=(2, 4),
    )


def _between(gate: PlanGate, say: Say) -> str:
    return f"{gate.zone} ↔ {say('outside') if gate.to == OUTSIDE else gate.to}"


def _people(plan: EventPlan, say: Say) -> Iterator[Panel]:
    roles = [(function, duty) for function, duty in plan.roles.items()]
    numbers = [(one.function, one.number) for one in plan.contacts]
    for caption, title, rows in ((say("Functions"), say("Duty"), roles), (say("Contacts"), say("Telephone"), numbers)):
        if rows:
            yield Grid(caption=caption, titles=(say("Function"), title), rows=tuple(rows))
    if not roles and not numbers:
        yield Paragraph(text=say("None in this plan."))


def _texts(kernel: Kernel, plan: EventPlan, say: Say) -> Iterator[Panel]:
    watches = [watch for technology in kernel.technologies for watch in technology.watches]
    titles = {name: say(title) for watch in watches for name, title in watch.titles.items()}
    for caption, title, given in (
        (say("Runbooks"), say("Step"), plan.runbooks),
        (say("Messages"), say("Text"), plan.messages),
    ):
        rows = tuple((titles.get(type, type), text) for type, texts in given.items() for text in texts)
        if rows:
            yield Grid(caption=caption, titles=(say("Alarm"), title), rows=rows)
    yield Paragraph(text=say("Alarm types that are not listed have the default steps and texts."))


def _versions(kernel: Kernel, filed: FiledPlan, say: Say) -> Grid:
    people = kernel.state.people
    columns = (
        (say("Recorded (UTC)"), lambda one: stamp(say, one.at)),
        (say("By"), lambda one: name_of(people, one.by, say)),
        (say("Confirmed by"), lambda one: name_of(people, one.confirmed_by, say) if one.confirmed_by else "–"),
        (say("Digest"), lambda one: one.digest[:16]),
    )
    return tabled(reversed(filed.versions), columns, caption=say("Versions, newest first"))


def _line(filed: FiledPlan, say: Say) -> dict[str, str]:
    """A plan as the list shows it."""
    version = filed.in_force
    plan = (version or filed.versions[-1]).plan
    states = [say("confirmed")] if version else []
    states += [say("a version waits for a second person")] if filed.waiting() else []
    times = {"from": _utc(say, plan.starts), "to": _utc(say, plan.ends)}
    return {"name": plan.name, "title": plan.title, **times, "state": say("; ").join(states)}


def _utc(say: Say, moment: datetime) -> str:
    return stamp(say, moment.astimezone(UTC).isoformat())


def _filed(office: Office, name: str) -> FiledPlan:
    try:
        filed = plan_named(office.kernel, name)
    except OutOfOrder:
        raise HTTPException(404) from None
    for of, fault in office.kernel.state.plans.unread.faults.items():
        if of.partition(" ")[0] == name:  # an exercise: the plan is in force, and its page would be wrong without it
            raise fault
    return filed


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
