"""Answers: to a person who asks who viewed their records, and the incidents of each year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import sentence
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight.breach import incident
from peelian.oversight.occasions import occasion_of
from peelian.oversight.subjects import CLERKS, answer
from peelian.pictures.panels import Grid, Say
from peelian.web.answers import answer_letter, answer_panels
from peelian.web.tasks.task import Done, Task, asked

GROUP = "Oversight"
COUNTERS = frozenset({Role.BOARD, Role.COUNCIL, Role.PRIVACY_OFFICER, Role.AUDITOR, Role.CUSTODIAN})
MOST_YEARS = 5
CHECKED: Mapping[str, str] = {
    "photo_id_seen": "photo identification seen",
    "known_in_person": "known in person",
    "sworn_statement": "sworn statement",
    "lawyer_with_mandate": "lawyer with a mandate",
}
COUNTED: Mapping[str, str] = {
    "incidents": "Incidents",
    "people": "People concerned",
    "people_told": "People notified",
    "with_real_risk": "With a real risk of significant harm",
    "reported_to_regulator": "Reported to the regulator",
    "kind_session_misused": "Of these: session misused",
    "kind_records_snooped": "Of these: records viewed without a reason",
    "kind_records_taken": "Of these: records copied or printed without a reason",
    "kind_account_leaked": "Of these: account used from elsewhere",
    "kind_export_lost": "Of these: export lost",
    "kind_copy_lost": "Of these: copy of the office lost",
    "kind_log_altered": "Of these: log altered",
    "kind_record_damaged": "Of these: record damaged",
    "kind_log_stopped": "Of these: log stopped",
    "kind_witness_silent": "Of these: witness silent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    identifier: str = asked("Identifier of the person. It is not shown again and not kept", kind="password")
    check: str = asked("How their identity was checked", names=CHECKED)
    starts: str = asked("Recorded from, if they wish to name a time: date, hour and time zone", default="")
    ends: str = asked("Recorded until, at most a day later", default="")
    event: str = asked("Call number at that time, if they know it", default="")
    place: str = asked("Place at that time, as your office writes it", default="")
    answer: str = asked(
        "Answer", default="page", names={"page": "On this page", "html": "Letter (HTML)", "pdf": "Letter (PDF)"}
    )
    language: str = asked("Language of the answer", default="en", names={"en": "English", "fr": "French"})


def _answer(office: Office, by: Operator, given: Asks) -> Done:
    asked_of = occasion_of(given.starts, given.ends, event=given.event, place=given.place)
    digest, report = answer(office.kernel, by, given.identifier, check=given.check, occasion=asked_of)
    text = "Answered: %(n)d %(n:access|accesses), from %(entries)d log entries."
    says = sentence(text, n=len(report.looks), entries=report.entries)
    if given.answer == "page":
        return Done(says=says, panels=(*answer_panels(office, report, office.say(given.language), given.language),))
    made = office.kernel.now().isoformat()
    letter = answer_letter(office, report, given.language, form=given.answer, made=made)
    return Done(says=says, file=(f"answer-{digest[:12]}-{given.language}.{given.answer}", letter))


def _years(office: Office, say: Say, language: str) -> Grid | None:
    known = incident.register(office.kernel)
    years = sorted({one.aware_at[:4] for one in known} | {str(office.kernel.now().year)})[-MOST_YEARS:]
    counted = {year: incident.yearly(known, int(year)) for year in years}
    names = [name for name in COUNTED if any(name in found for found in counted.values())]
    rows = tuple((say(COUNTED[name]), *(f"{found.get(name, 0):,}" for found in counted.values())) for name in names)
    numeric = frozenset(range(1, len(years) + 1))
    return Grid(caption=say("Incidents of each year"), titles=(say("Count"), *years), rows=rows, numeric=numeric)


def _task(id: str, title: str, about: str, roles: Any, **more: Any) -> Task:
    return Task(id=id, group=GROUP, title=title, about=about, roles=roles, **more)


TASKS = (
    _task(
        "who-viewed",
        "Answer a person who asks who viewed their records",
        "The whole log is searched. The answer names units, days and purposes, never the staff. It counts opened "
        "records without a list of people. With a time, it also tells who viewed the recordings of that time.",
        CLERKS,
        params=Asks,
        do=_answer,
    ),
    _task(
        "breach-yearly",
        "Incidents of each year",
        "For the yearly statistics. Drills are not counted. Each incident is counted once, under the worst kind that "
        "was reported of it.",
        COUNTERS,
        shows=_years,
    ),
)
