"""Incidents: the letters of a breach, to take along and send, and its public notice. The program sends nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight.breach.incident import OFFICERS, Incident, counts, register
from peelian.oversight.breach.letters import CIRCUMSTANCES, REASONS
from peelian.oversight.breach.public_notice import ENDS, INDIRECT_FOR, end_notice, publish_notice, standing
from peelian.pictures.panels import Grid, Say
from peelian.web.breach import letters_grid
from peelian.web.letters import letter_files
from peelian.web.tasks.task import Done, Task, asked
from peelian.web.zipped import zipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    incident: str = asked("Incident")
    officer: str = asked("Name of the contact person")
    reach: str = asked("Telephone or address of the contact person")
    kind: str = asked("Format of the letters", default="html", names={"html": "Web page (HTML)", "pdf": "PDF, tagged"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    incident: str = asked("Incident")
    reason: str = asked("Reason for a public notice", names={word: REASONS[word] for word in INDIRECT_FOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    incident: str = asked("Incident")
    reason: str = asked("Reason for ending it", names=ENDS)


def _publish(office: Office, by: Operator, given: Notice) -> Done:
    publish_notice(office.kernel, by, given.incident, reason=given.reason)
    return Done(says="The notice is public.", href=f"/incidents/{given.incident}/notice")


def _end(office: Office, by: Operator, given: Ended) -> Done:
    end_notice(office.kernel, by, given.incident, reason=given.reason)
    return Done(says="The notice is public no longer.", href="/incidents")


def _letters(office: Office, by: Operator, given: Asked) -> Done:
    files = letter_files(office, by, given.incident, officer=given.officer, reach=given.reach, form=given.kind)
    made = [(name, [content]) for name, content in files]
    return Done(says="Written.", file=(f"{given.incident}.zip", zipped(made)))


def _lists(office: Office, say: Say, language: str) -> Grid | None:
    """The letters of the incidents that are open, and what each does not say yet."""
    waiting = (one for one in counts(register(office.kernel)) if one.must_tell and one.harm and not one.closed_at)
    return next(letters_grid(office, waiting, say), None)


def _known(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return _named(register(office.kernel), say)


def _without_notice(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return _named((one for one in counts(register(office.kernel)) if not one.notice_at), say)


def _with_notice(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return _named(standing(office.kernel), say)


def _named(incidents: Iterable[Incident], say: Say) -> Iterable[tuple[str, str]]:
    for one in incidents:
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
        shows=_lists,
        empty="No letters to send.",
    ),
    Task(
        id="breach-notice",
        group="Incidents and notices",
        title="Publish the notice of an incident",
        about="A page for people who cannot be written to, or are not known. It names nobody and no number of people. "
        "The log names you and the reason.",
        roles=OFFICERS,
        params=Notice,
        do=_publish,
        offered={"incident": _without_notice},
    ),
    Task(
        id="breach-notice-end",
        group="Incidents and notices",
        title="End the public notice of an incident",
        about="The page of the notice is gone at once. The log names you and keeps that it stood.",
        roles=OFFICERS,
        params=Ended,
        do=_end,
        offered={"incident": _with_notice},
    ),
)
