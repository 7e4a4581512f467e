"""The lists that the access review needs: who works here, who is on duty, whom records concern; and plans of units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.records import office_records
from peelian.kernel.records.office_records import MAKERS
from peelian.operations.office import Office
from peelian.oversight import register
from peelian.oversight.review.people import KEEPERS, list_roster, list_staff, list_subjects
from peelian.pictures.panels import Say
from peelian.web.tasks.task import Done, Task, asked

GROUP, CSV, LINES, MOST_CASES = "Access review", ".csv,text/csv", 6, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    people: str = asked("Staff list, CSV: person, identifier, surname, gender, left, addresses", file=CSV, lines=LINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    shifts: str = asked("Duty roster, CSV: person, starts, ends", file=CSV, lines=LINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    dataset: str = asked("Dataset or recording whose records concern these people")
    people: str = asked(
        "List of people, CSV: identifier, name, surname, gender, language, mail, phone, safe, standing, to",
        file=CSV,
        lines=LINES,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    case: str = asked("Decided case")
    unit: str = asked("Unit that receives it as its plan")
    cells: str = asked("Cells it covers, with commas. Empty: all", default="")
    days: int = asked("Days it is valid", default=7)


def _staff(office: Office, by: Operator, given: Staff) -> Done:
    return Done(says=sentence("Staff listed: %(n)d.", n=list_staff(office.kernel, by, given.people)))


def _roster(office: Office, by: Operator, given: Roster) -> Done:
    return Done(says=sentence("Shifts listed: %(n)d.", n=list_roster(office.kernel, by, given.shifts)))


def _subjects(office: Office, by: Operator, given: Subjects) -> Done:
    if given.dataset not in office.kernel.state.datasets:
        raise OutOfOrder("The dataset is unknown, queued for destruction or destroyed.")
    n = list_subjects(office.kernel, by, given.dataset, given.people)
    return Done(says=sentence("People listed: %(n)d.", n=n), href=f"/data/sets/{given.dataset}")


def _assign(office: Office, by: Operator, given: Assigned) -> Done:
    if given.unit not in (units := _units(office)):
        raise InputError("not one of the choices", column="unit", accepted=", ".join(units))
    cells = [cell.strip() for cell in given.cells.split(",") if cell.strip()]
    office_records.assign(office.kernel, by, given.case, unit=given.unit, cells=cells, days=given.days)
    text = "%(case)s assigned to %(unit)s for %(days)d days."
    return Done(says=sentence(text, case=given.case, unit=given.unit, days=given.days), href=f"/cases/{given.case}")


def decided(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """The decided cases to choose from, newest first, at most 200."""
    for one in register.page(office.kernel, most=MOST_CASES).cases:
        if one.choice:
            yield one.case, case_name(one, say)


def case_name(one: register.CaseSummary, say: Say) -> str:
    """A case as people choose it: what was asked for, the day and its number."""
    return say("%(title)s, %(area)s (%(id)s)", title=say(one.title), area=one.asked_at[:10], id=one.case)


def datasets(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Every dataset and recording in use, by title."""
    known = [(one.dataset, str(one.declaration["title"])) for one in office.kernel.state.datasets.values()]
    for name, title in sorted(known, key=lambda one: one[1].casefold()):
        yield name, say("%(name)s: %(value)s", name=title, value=name)


def _units(office: Office) -> list[str]:
    return sorted({one.unit for one in office.kernel.state.people.values()})


def _task(id: str, title: str, about: str, roles: Any, **more: Any) -> Task:
    return Task(id=f"accesses-{id}", group=GROUP, title=title, about=about, roles=roles, **more)


ENCRYPTED = "It is stored encrypted and replaces the list before. After an error, add it again: it is not kept."

TASKS = (
    _task("staff", "Store the staff list", ENCRYPTED, KEEPERS, params=Staff, do=_staff),
    _task("roster", "Store the duty roster", ENCRYPTED, KEEPERS, params=Roster, do=_roster),
    _task(
        "subjects",
        "List the people whom a dataset concerns",
        "A breach notice needs it. The list is stored encrypted. After an error, add it again: it is not kept.",
        KEEPERS,
        params=Subjects,
        do=_subjects,
        offered={"dataset": datasets},
    ),
    _task(
        "assign",
        "Assign a decided case to a unit",
        "It becomes the plan of the unit. Accesses under it count as explained.",
        MAKERS["assignment"],
        params=Assigned,
        do=_assign,
        offered={"case": decided, "unit": lambda office, say: ((unit, unit) for unit in _units(office))},
    ),
)
