"""Access review: every access must match a case, plan or warrant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from peelian.acts.act import Acts, Done, asked
from peelian.acts.choices import LANGUAGES, datasets, decided_cases
from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.doors import Leaves, Suspended
from peelian.pictures.panels import Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office

acts = Acts("accesses", "Access review", "Access review: every access must match a case, plan or warrant.")
CSV, LINES = ".csv,text/csv", 6
ENCRYPTED = "It is stored encrypted and replaces the list before. After an error, add it again: it is not kept."
STAFF = "Staff list, CSV: person, identifier, surname, gender, left, addresses"
CONCERNED = "List of people, CSV: identifier, name, surname, gender, language, mail, phone, safe, standing, to"
ANSWERS = {"page": "On this page", "html": "Letter (HTML)", "pdf": "Letter (PDF)"}
WHOLE_LOG = (
    "The whole log is searched. The answer names units, days and purposes, never the staff. It counts opened "
    "records without a list of people. With a time, it also tells who viewed the recordings of that time."
)
CHECKED = {
    "photo_id_seen": "photo identification seen",
    "known_in_person": "known in person",
    "sworn_statement": "sworn statement",
    "lawyer_with_mandate": "lawyer with a mandate",
}


def _keepers() -> Roles:
    from peelian.oversight.review.people import KEEPERS

    return KEEPERS


def _assigners() -> Roles:
    from peelian.kernel.records.office_records import MAKERS

    return MAKERS["assignment"]


def _clerks() -> Roles:
    from peelian.oversight.review.subjects import CLERKS

    return CLERKS


def _units_offered(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    yield from ((unit, unit) for unit in _units(office))


def _units(office: Office) -> list[str]:
    return sorted({one.unit for one in office.kernel.state.people.values()})


@acts.does(
    "staff",
    "Store the staff list",
    ENCRYPTED,
    whom=_keepers,
    suspended=Suspended.ANY,
    typed=("people",),
)
def staff(
    office: Office,
    by: Operator,
    *,
    people: Annotated[
        str, asked("Staff list, CSV: person, identifier, surname, gender, left, addresses", file=CSV, lines=LINES)
    ],
) -> Done:
    """Store the staff list."""
    from peelian.oversight.review.people import list_staff

    n = list_staff(office.kernel, by, people)
    return Done(says=sentence("Staff listed: %(n)d.", n=n), record={"n": n})


@acts.does(
    "roster",
    "Store the duty roster",
    ENCRYPTED,
    whom=_keepers,
    suspended=Suspended.ANY,
    typed=("shifts",),
)
def roster(
    office: Office,
    by: Operator,
    *,
    shifts: Annotated[str, asked("Duty roster, CSV: person, starts, ends", file=CSV, lines=LINES)],
) -> Done:
    """Store the duty roster."""
    from peelian.oversight.review.people import list_roster

    n = list_roster(office.kernel, by, shifts)
    return Done(says=sentence("Shifts listed: %(n)d.", n=n), record={"n": n})


@acts.does(
    "subjects",
    "List the people whom a dataset concerns",
    "A breach notice needs it. The list is stored encrypted. After an error, add it again: it is not kept.",
    whom=_keepers,
    suspended=Suspended.ANY,
    typed=("people",),
    offered={"dataset": datasets},
)
def subjects(
    office: Office,
    by: Operator,
    *,
    dataset: Annotated[str, asked("Dataset or recording whose records concern these people")],
    people: Annotated[
        str,
        asked(
            "List of people, CSV: identifier, name, surname, gender, language, mail, phone, safe, standing, to",
            file=CSV,
            lines=LINES,
        ),
    ],
) -> Done:
    """List the people whom a dataset concerns."""
    from peelian.oversight.review.people import list_subjects

    if dataset not in office.kernel.state.datasets:
        raise OutOfOrder("The dataset is unknown, queued for destruction or destroyed.")
    n = list_subjects(office.kernel, by, dataset, people)
    return Done(says=sentence("People listed: %(n)d.", n=n), href=f"/data/sets/{dataset}", record={"n": n})


@acts.does(
    "assign",
    "Assign a decided case to a unit",
    "It becomes the plan of the unit. Accesses under it count as explained.",
    whom=_assigners,
    suspended=Suspended.ANY,
    typed=("case",),
    offered={"case": decided_cases, "unit": _units_offered},
)
def assign(
    office: Office,
    by: Operator,
    *,
    case: Annotated[str, asked("Decided case")],
    unit: Annotated[str, asked("Unit that receives it as its plan")],
    cells: Annotated[str, asked("Cells it covers, with commas. Empty: all")] = "",
    days: Annotated[int, asked("Days it is valid")] = 7,
) -> Done:
    """Assign a decided case to a unit."""
    from peelian.kernel.records import office_records

    if unit not in (units := _units(office)):
        raise InputError("not one of the choices", column="unit", accepted=", ".join(units))
    of = [cell.strip() for cell in cells.split(",") if cell.strip()]
    digest = office_records.assign(office.kernel, by, case, unit=unit, cells=of, days=days)
    says = sentence("%(case)s assigned to %(unit)s for %(days)d days.", case=case, unit=unit, days=days)
    return Done(says=says, href=f"/cases/{case}", record={"case": case, "digest": digest})


@acts.does(
    "who-viewed",
    "Answer a person who asks who viewed their records",
    WHOLE_LOG,
    whom=_clerks,
    leaves=Leaves.RECORDS,
    suspended=Suspended.ANY,
    writes="answer",
)
def who_viewed(
    office: Office,
    by: Operator,
    *,
    identifier: Annotated[str, asked("Identifier of the person. It is not shown again and not kept", kind="password")],
    check: Annotated[str, asked("How their identity was checked", names=CHECKED)],
    starts: Annotated[str, asked("Recorded from, if they wish to name a time: date, hour and time zone")] = "",
    ends: Annotated[str, asked("Recorded until, at most a day later")] = "",
    event: Annotated[str, asked("Call number at that time, if they know it")] = "",
    place: Annotated[str, asked("Place at that time, as your office writes it")] = "",
    answer: Annotated[
        str, asked("Answer", names={"page": "On this page", "html": "Letter (HTML)", "pdf": "Letter (PDF)"})
    ] = "page",
    language: Annotated[str, asked("Language of the answer", names=LANGUAGES)] = "en",
) -> Done:
    """Answer a person who asks who viewed their records."""
    from dataclasses import asdict

    from peelian.acts.answers import answer_document, answer_panels
    from peelian.oversight.review import subjects
    from peelian.oversight.review.occasions import occasion_of

    asked_of = occasion_of(starts, ends, event=event, place=place)
    digest, report = subjects.answer(office.kernel, by, identifier, check=check, occasion=asked_of)
    text = "Answered: %(n)d %(n:access|accesses), from %(entries)d log entries."
    says = sentence(text, n=len(report.looks), entries=report.entries)
    record = {"answer": digest, **asdict(report), "no_one": report.no_one}
    if answer == "page":
        panels = (*answer_panels(office, report, office.say(language), language),)
        return Done(says=says, panels=panels, record=record)
    letter = answer_document(office, report, language, name=f"answer-{digest[:12]}-{language}.{answer}")
    return Done(says=says, documents=(letter,), record=record)
