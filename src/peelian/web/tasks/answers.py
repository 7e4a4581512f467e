"""Answers: to a person who asks who viewed their records, and the incidents of each year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import sentence
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight.occasions import occasion_of
from peelian.oversight.subjects import CLERKS, answer
from peelian.web.answers import answer_letter, answer_panels
from peelian.web.tasks.task import Done, Task, asked

GROUP = "Oversight"
CHECKED: Mapping[str, str] = {
    "photo_id_seen": "photo identification seen",
    "known_in_person": "known in person",
    "sworn_statement": "sworn statement",
    "lawyer_with_mandate": "lawyer with a mandate",
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
)
