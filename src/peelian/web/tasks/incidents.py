"""Incidents: the letters of a breach, to take along and send. The program sends nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight.breach.incident import OFFICERS, register
from peelian.oversight.breach.letters import CIRCUMSTANCES
from peelian.pictures.panels import Say
from peelian.web.letters import letter_files
from peelian.web.tasks.task import Done, Task, asked
from peelian.web.zipped import zipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    incident: str = asked("Incident")
    officer: str = asked("Name of the contact person")
    reach: str = asked("Telephone or address of the contact person")
    kind: str = asked("Format of the letters", default="html", names={"html": "Web page (HTML)", "pdf": "PDF, tagged"})


def _letters(office: Office, by: Operator, given: Asked) -> Done:
    files = letter_files(office, by, given.incident, officer=given.officer, reach=given.reach, form=given.kind)
    made = [(name, [content]) for name, content in files]
    return Done(says="Written.", file=(f"{given.incident}.zip", zipped(made)))


def _known(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for one in register(office.kernel):
        yield (
            one.id,
            say("%(title)s, %(area)s (%(id)s)", title=say(CIRCUMSTANCES[one.kind]), area=one.aware_at[:10], id=one.id),
        )


TASKS = (
    Task(
        id="breach-letters",
        group="Incidents and notices",
        title="Write the letters of an incident",
        about="The report to the regulator and every notice, in one zip archive. It holds personal data: keep it safe. "
        "The log names you. Nothing is sent.",
        roles=OFFICERS,
        params=Asked,
        do=_letters,
        offered={"incident": _known},
    ),
)
