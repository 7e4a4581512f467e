"""Event plans at the terminal: `peelian watch plan|plans|capacity|confirm-plan|exercise|tick|arrived|report`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, LanguageOption, OfficeOption, Printed, language_of, opened, written
from peelian.cli.words import say, translated
from peelian.errors import InputError, sentence
from peelian.forms import time_of
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.kernel.model.event_plan import EventPlan
    from peelian.kernel.state.kernel import Kernel
    from peelian.oversight.watches.event_report import EventReport

AlarmArgument = Annotated[str, typer.Argument(help="Id of the alarm. See `peelian watch alarms`.")]
FileArgument = Annotated[Path, typer.Argument(help="JSON file of the plan. See the guide on watching an area.")]
PlanArgument = Annotated[str, typer.Argument(help="Name of the event plan. See `peelian watch plans`.")]


@command(
    "watch capacity",
    Enters.NOTHING,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /event-plans/{name}",
)
def capacity(file: FileArgument) -> Printed:
    """Compute a plan's safe capacity by the Green Guide's method. It needs no office."""
    from peelian.kernel.model.event_plan import plan_of, read_plan

    try:
        made = plan_of(read_plan(_content(file), file.name))
    except InputError as error:
        raise error.of_file(file.name) from None
    return _capacities(made), [*_capacity_lines(made)]


@command(
    "watch plans",
    Enters.NOTHING,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /event-plans",
)
def plans(office: OfficeOption = HERE) -> Printed:
    """List event plans and their versions."""
    with opened(office) as room:
        rows = _rows(room.kernel)
        faults = sorted(room.kernel.state.plans.plans.faults.items())
    states = {"in force": say("confirmed"), "waits": say("waits for a second person"), "replaced": say("replaced")}
    shown = "{plan}  {starts:.16} – {ends:.16}  {digest:.16}  "
    lines = [shown.format(**row) + states[row["state"]] for row in rows]
    lines += [f"{name}  {say('DAMAGED RECORD')}" for name, _ in faults]
    rows += [{"plan": name, "digest": "", "state": "damaged", "starts": "", "ends": ""} for name, _ in faults]
    return rows, lines or [say("No event plans.")]


@command(
    "watch tick",
    Enters.WORDS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    page="POST /console/alarm/{alarm}",
)
def tick(
    alarm: AlarmArgument,
    as_: AsOption,
    step: Annotated[int, typer.Option(help="Number of the step. Without it, list the runbook.")] = 0,
    undo: Annotated[bool, typer.Option("--undo", help="The step is not done after all.")] = False,
    office: OfficeOption = HERE,
) -> Printed:
    """Tick a step of an alarm's runbook, or list its steps."""
    from peelian.kernel.alarms import operator_desk
    from peelian.kernel.alarms.plans_in_force import runbooks

    with opened(office) as room:
        found = room.kernel.state.alarms.floor.at(alarm)
        steps = runbooks(room.kernel).steps(found, room.kernel.now())
        if step:
            if not 1 <= step <= len(steps):
                accepted = sentence("1 to %(n)d", n=len(steps))
                raise InputError("the runbook has no such step", column="--step", accepted=accepted)
            found = operator_desk.tick(room.kernel, room.operator(as_), alarm, item=steps[step - 1], done=not undo)
    done = {one.item for one in found.ticks}
    rows = [{"step": n, "text": text, "done": text in done} for n, text in enumerate(steps, 1)]
    lines = [f"{'☑' if row['done'] else '☐'} {row['step']}. {say(str(row['text']))}" for row in rows]
    return {"alarm": alarm, "steps": rows}, lines or [say("No runbook for this alarm.")]


@command(
    "watch arrived",
    Enters.WORDS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    page="POST /console/alarm/{alarm}",
)
def arrived(alarm: AlarmArgument, as_: AsOption, office: OfficeOption = HERE) -> Printed:
    """Record that the help that was dispatched has arrived."""
    from peelian.kernel.alarms import operator_desk

    with opened(office) as room:
        made = operator_desk.help_arrived(room.kernel, room.operator(as_), alarm)
    at = made.arrived_at.isoformat(timespec="seconds") if made.arrived_at else ""
    return {"alarm": alarm, "arrived": at}, [say("Alarm %(alarm)s: help arrived.", alarm=alarm)]


@command(
    "watch report",
    Enters.WORDS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    page="GET /event-plans/{name}/report",
)
def report(
    name: Annotated[str, typer.Argument(help="Name of an event plan, or case of a watch.")],
    from_: Annotated[str, typer.Option("--from", help="Time with its zone. Default: the start of the plan.")] = "",
    to: Annotated[str, typer.Option("--to", help="Time with its zone. Default: the end of the plan.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write: .html or .pdf.")] = None,
    language: LanguageOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Write the after-event report: peaks, alarms, response times, runbooks, exercises, what was missed."""
    from peelian.acts.watch import report_document
    from peelian.oversight.watches.event_report import event_report, plain_report, span_of
    from peelian.web.documents import drawn

    start, end = _time(from_, "--from"), _time(to, "--to")
    kind = out.suffix.lower().lstrip(".") if out else ""
    if out and kind not in ("html", "pdf"):
        raise InputError("unknown kind of file", column="--out", accepted=".html, .pdf")
    with opened(office) as room:
        span = span_of(room.kernel, name, start, end)
        made = event_report(room.kernel, span)
        if out:
            out.write_bytes(drawn(report_document(room, name, span, language_of(language), kind), room))
    return plain_report(made), [*_report_lines(made), *([written(out)] if out else [])]


def _report_lines(made: EventReport) -> Iterator[str]:
    from peelian.oversight.watches.event_report_view import MISSED_WORDS, STAGE_WORDS

    values = {"start": f"{made.start:%Y-%m-%d %H:%M %Z}", "end": f"{made.end:%Y-%m-%d %H:%M %Z}"}
    yield say("%(n)d alarms from %(start)s to %(end)s.", n=sum(one.n for one in made.alarms), **values)
    for one in made.responses:
        seconds = {"median": one.median, "longest": one.longest, "n": one.n}
        text = "%(stage)s: median %(median).0f s, longest %(longest).0f s (n = %(n)d)"
        yield say(text, stage=say(STAGE_WORDS[one.stage]), **seconds)
    for missed in made.missed:
        yield say("%(what)s: %(n)d", what=say(MISSED_WORDS[missed.what]), n=missed.n)


def _capacity_lines(plan: EventPlan) -> Iterator[str]:
    """How each limit came about, of the event first; the lowest is marked."""
    from peelian.kernel.model.safe_capacity import LIMITS, safe_capacities

    for found in safe_capacities(plan):
        yield found.of or say("Whole event")
        for limit in found.limits:
            mark = f"  {say('binds')}" if limit == found.final else ""
            limits = {"limit": say(LIMITS[limit.name]), "n": limit.persons, "how": translated(limit.how)}
            yield "  " + say("%(limit)s: %(n)d persons (%(how)s)", **limits) + mark


def _capacities(plan: EventPlan) -> list[dict[str, Any]]:
    from peelian.kernel.model.safe_capacity import safe_capacities

    return [
        {
            "zone": found.of,
            "final": found.final.persons,
            "bound_by": found.final.name,
            "limits": {limit.name: limit.persons for limit in found.limits},
        }
        for found in safe_capacities(plan)
    ]


def _rows(kernel: Kernel) -> list[dict[str, str]]:
    """Every version of every plan, newest first."""
    rows = []
    for name, filed in sorted(kernel.state.plans.plans.items()):
        in_force, waiting = filed.in_force, {version.digest for version in filed.waiting()}
        for version in reversed(filed.versions):
            is_in_force = in_force is not None and in_force.digest == version.digest
            state = "in force" if is_in_force else "waits" if version.digest in waiting else "replaced"
            times = {"starts": version.plan.starts.isoformat(), "ends": version.plan.ends.isoformat()}
            rows.append({"plan": name, "digest": version.digest, "state": state, **times})
    return rows


def _content(file: Path) -> bytes:
    from peelian.kernel.model.event_plan import LARGEST_FILE

    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except OSError as error:
        wrong = sentence("file cannot be read (%(why)s)", why=type(error).__name__)
        raise InputError(wrong, file=file.name, accepted="a JSON file") from None


def _time(text: str, column: str) -> datetime | None:
    if not text:
        return None
    at = time_of(text, column)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
