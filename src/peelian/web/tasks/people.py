"""People: the yearly review of roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peelian.acts.people import called
from peelian.errors import InputError, sentence
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight import privileges
from peelian.oversight.privileges import REVIEWERS
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Task, asked
from peelian.wording.labels import ROLES, worded

GROUP = "People"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    kept: tuple[str, ...] = asked("Unused, and kept", default=())
    withdrawn: tuple[str, ...] = asked("Unused, and to be withdrawn", default=())
    seen: bool = asked("I have looked at the roles of everyone in the table below")


def _sign(office: Office, by: Operator, given: Reviewed) -> Done:
    if not given.seen:
        raise InputError("Not signed: the review covers everyone", column="seen", accepted="a tick")
    if both := set(given.kept) & set(given.withdrawn):
        says = sentence("%(n)d people are ticked twice", n=len(both))
        raise InputError(says, column="kept", accepted="kept or withdrawn")
    outcomes = dict.fromkeys(given.kept, "kept") | dict.fromkeys(given.withdrawn, "withdrawn")
    privileges.sign_off(office.kernel, by, outcomes)
    return Done(says="Yearly review signed. To withdraw roles, a custodian changes the person.")


def _unused(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    people = office.kernel.state.people
    return [(row.person, called(people[row.person], say)) for row in privileges.held(office.kernel) if row.unused]


def _rights(office: Office, say: Say, language: str) -> Grid | None:
    people = office.kernel.state.people
    rows = tuple(
        (
            people[row.person].name,
            ", ".join(worded(ROLES, role, say) for role in row.roles),
            moment(row.last_act[:10], language) if row.last_act else "–",
            say("unused") if row.unused else "",
        )
        for row in sorted(privileges.held(office.kernel), key=lambda row: people[row.person].name.casefold())
    )
    late = say("The yearly review is overdue.") if privileges.overdue(office.kernel) else say("The review is in time.")
    titles = (say("Name"), say("Roles"), say("Last act"), say("Unused for 90 days"))
    return Grid(caption=late, titles=titles, rows=rows)


def _task(id: str, title: str, about: str, roles: Any, **more: Any) -> Task:
    return Task(id=id, group=GROUP, title=title, about=about, roles=roles, **more)


TASKS = (
    _task(
        "privileges",
        "Review roles each year",
        "Tick an outcome for everyone whose roles were unused for 90 days. You sign the review for all.",
        REVIEWERS,
        params=Reviewed,
        do=_sign,
        offered={"kept": _unused, "withdrawn": _unused},
        shows=_rights,
    ),
)
