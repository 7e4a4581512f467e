"""Drift: an adopted model is tested on newer data, and its report is revoked where it misses its criteria."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError, OutOfOrder
from peelian.forms import scalar
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight import drift
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Task, asked

GROUP = "Oversight"
PROVERS = frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD, Role.CLERK, Role.CUSTODIAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    report: str = asked("Accuracy report")
    data: tuple[str, ...] = asked("Newer data")
    changes: str = asked("Settings that the report does not fix, one a line, as name=value", default="", lines=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    case: str = asked("Case that ran")


def _prove(office: Office, by: Operator, given: Proven) -> Done:
    lines = [line.partition("=") for line in given.changes.splitlines() if line.strip()]
    if any(not equals for _, equals, _ in lines):
        raise InputError("Setting without a value", column="changes", accepted="name=value")
    changes = {name.strip(): scalar(value.strip()) for name, _, value in lines}
    datasets = {role: name for role, _, name in (one.partition("=") for one in given.data)}
    permit = drift.ask(office.kernel, by, given.report, datasets=datasets, changes=changes)
    says = "Permitted. Run the case, then record what it found."
    return Done(says=says, href=f"/cases/{permit.case}")


def _record(office: Office, by: Operator, given: Found) -> Done:
    found = next((origin for origin, case in drift.unrecorded(office.kernel) if case == given.case), None)
    if found is None:
        raise OutOfOrder("This case proves no valid accuracy report again.")
    drift.checked(office.kernel, by, found.digest, given.case)
    holds = drift.checks(office.kernel)[-1].holds
    met, missed = (
        "The model still meets its acceptance criteria.",
        ("The model misses its acceptance criteria. Its report is revoked, and its uses are blocked."),
    )
    return Done(says=met if holds else missed, href=f"/cases/{given.case}")


def _reports(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for origin in drift.reports(office.kernel):
        yield (
            origin.digest,
            f"{say(office.kernel.past_capability(origin.authorization.serves).title)} ({origin.digest[:8]})",
        )


def _newer(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Each role of a report in force with each dataset admitted since."""
    found = {}
    for origin in drift.reports(office.kernel):
        shapes = {read.role: read.of(origin.capability.technology) for read in origin.capability.reads}
        for one in office.kernel.state.datasets.values():
            for role in origin.datasets:
                if one.at > origin.authorization.at and office.kernel.shape_of(one) == shapes.get(role):
                    label = {"name": say(origin.capability.title_of(role)), "value": str(one.declaration["title"])}
                    found[f"{role}={one.dataset}"] = say("%(name)s: %(value)s", **label)
    return found.items()


def _ran(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for origin, case in drift.unrecorded(office.kernel):
        yield case, say("%(name)s: %(value)s", name=say(origin.capability.title), value=case)


def _in_force(office: Office, say: Say, language: str) -> Grid | None:
    due = {origin.digest for origin in drift.due(office.kernel)}
    rows = tuple(
        (
            say(office.kernel.past_capability(origin.authorization.serves).title),
            moment(origin.authorization.ends[:10], language),
            say("due") if origin.digest in due else say("up to date"),
        )
        for origin in drift.reports(office.kernel)
    )
    titles = (say("Use"), say("Valid until"), say("Check on newer data"))
    return Grid(caption=say("Accuracy reports in force"), titles=titles, rows=rows) if rows else None


def _task(id: str, title: str, about: str, roles: Any, **more: Any) -> Task:
    return Task(id=id, group=GROUP, title=title, about=about, roles=roles, **more)


TASKS = (
    _task(
        "drift",
        "Test an adopted model on newer data",
        "Each quarter. The test is a case like any other: you run it, then record what it found.",
        PROVERS,
        params=Proven,
        do=_prove,
        offered={"report": _reports, "data": _newer},
        shows=_in_force,
    ),
    _task(
        "drift-record",
        "Record what a test on newer data found",
        "If the model misses its acceptance criteria, its accuracy report is revoked and its uses are blocked.",
        PROVERS,
        params=Found,
        do=_record,
        offered={"case": _ran},
        shows=_in_force,
    ),
)
