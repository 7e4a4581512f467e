"""Event plans: recording one from its file, the second person's word, and exercises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError, sentence
from peelian.kernel.alarms.event_plans import confirm_plan, plan_event, plan_named, record_exercise
from peelian.kernel.alarms.operator_desk import SHIFT
from peelian.kernel.model.event_plan import read_plan
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight.event_report import span_of
from peelian.oversight.watch_list import watch_rows, watch_titles
from peelian.pictures.moments import stamp
from peelian.pictures.panels import Say
from peelian.web.event_plans import report_file
from peelian.web.tasks.task import Done, Task, asked
from peelian.web.tasks.watches import GROUP, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    file: str = asked("Plan (JSON file)", file=".json", lines=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    version: str = asked("Version to confirm")
    read: bool = asked("I have read the plan and its capacity", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercised:
    plan: str = asked("Event plan")
    title: str = asked("What was exercised")
    held: str = asked("Held, UTC", kind="datetime-local")
    roles: tuple[str, ...] = asked("Functions that took part")
    findings: str = asked("Findings, one per line", lines=5, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    of: str = asked("Event plan or watch")
    starts: str = asked("From, UTC. Empty: the whole event", kind="datetime-local", default="")
    ends: str = asked("To, UTC. Empty: the whole event", kind="datetime-local", default="")
    language: str = asked("Language of the report", names={"en": "English", "fr": "French"})
    kind: str = asked("Kind of file", names={"pdf": "PDF file", "html": "HTML file"})


def _plan(office: Office, by: Operator, given: Plan) -> Done:
    digest = plan_event(office.kernel, by, read_plan(given.file.encode()))
    version = office.kernel.state.plans.version(digest)
    name = version.plan.name if version else ""
    says = "Recorded: %(plan)s. Next, a second person confirms version %(digest)s."
    return Done(says=sentence(says, plan=name, digest=digest[:16]), href=f"/event-plans/{name}")


def _confirm(office: Office, by: Operator, given: Confirmed) -> Done:
    if not given.read:
        raise InputError("plan not read", column="read", accepted="yes, once you have read it")
    confirm_plan(office.kernel, by, given.version)
    version = office.kernel.state.plans.version(given.version)
    name = version.plan.name if version else ""
    return Done(says=sentence("Confirmed: %(plan)s.", plan=name), href=f"/event-plans/{name}")


def _exercise(office: Office, by: Operator, given: Exercised) -> Done:
    body: dict[str, Any] = {
        "title": given.title,
        "held": utc(given.held, "held").isoformat(),
        "roles": [_named(office, given.plan).get(one, one) for one in given.roles],
        "findings": _lines(given.findings),
    }
    record_exercise(office.kernel, by, given.plan, body)
    return Done(says=sentence("Exercise recorded for %(plan)s.", plan=given.plan), href=f"/event-plans/{given.plan}")


def _report(office: Office, by: Operator, given: Reported) -> Done:
    start, end = (utc(text, name) if text else None for text, name in ((given.starts, "starts"), (given.ends, "ends")))
    span = span_of(office.kernel, given.of, start, end)
    name = f"{given.of}-{given.language}.{given.kind}"
    return Done(says="", file=(name, report_file(office, span, given.language, given.kind)))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _waiting(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Versions that nobody confirmed, after the one in force."""
    for name, filed in sorted(office.kernel.state.plans.plans.items()):
        for version in filed.waiting():
            value = f"{stamp(say, version.at)}, {version.digest[:16]}"
            yield version.digest, say("%(name)s: %(value)s", name=name, value=value)


def _named(office: Office, plan: str) -> dict[str, str]:
    """The functions of a plan in force, by how a form carries each: a form parts several with commas."""
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
    yield from _in_force(office, say)
    titles = watch_titles(office.kernel)
    for row in watch_rows(office.kernel):
        title = say(titles.get(row["watch"], row["watch"]))
        yield row["case"], say("%(name)s: %(value)s", name=title, value=row["case"])


def _in_force(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for name, filed in sorted(office.kernel.state.plans.plans.items()):
        if version := filed.in_force:
            yield name, version.plan.title


TASKS = (
    Task(
        id="event-plan",
        group=GROUP,
        title="Record an event plan",
        about="A plan that contradicts itself, the watches or its capacity is refused. A second person confirms it.",
        roles=SHIFT,
        params=Plan,
        do=_plan,
    ),
    Task(
        id="event-plan-confirm",
        group=GROUP,
        title="Confirm an event plan",
        about="Read the plan first, under Event plans. It then replaces the version before.",
        roles=SHIFT,
        params=Confirmed,
        do=_confirm,
        offered={"version": _waiting},
    ),
    Task(
        id="event-exercise",
        group=GROUP,
        title="Record an exercise",
        about="An exercise of an event plan: when, which functions took part, what was found.",
        roles=SHIFT,
        params=Exercised,
        do=_exercise,
        offered={"plan": _in_force, "roles": _functions},
    ),
    Task(
        id="event-report",
        group=GROUP,
        title="Write an after-event report",
        about="Peaks, alarms, response times, runbooks, exercises and what was missed, from signed steps.",
        roles=SHIFT,
        params=Reported,
        do=_report,
        offered={"of": _reportable},
    ),
)
