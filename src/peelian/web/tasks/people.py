"""People: who is enrolled, in which roles, until when they are trained, and who leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError, OutOfOrder, listed, sentence
from peelian.kernel.identity import revocation
from peelian.kernel.identity.enrolment import ENROLLERS
from peelian.kernel.identity.revocation import CLOSERS, FORGETTERS
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator, Person
from peelian.operations import staff_enrolment
from peelian.operations.office import Office
from peelian.oversight import privileges
from peelian.oversight.entrusted import founding_says, how_entrusted
from peelian.oversight.privileges import REVIEWERS
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Task, asked
from peelian.wording.errors import dated, said
from peelian.wording.labels import ROLES, worded

GROUP = "People"
WHY = "Reason for the second person, at least three words. Needed for roles that decide, oversee or enrol"
PROPOSED = "Proposed: %(name)s. Someone of another unit approves it. Then carry it out."


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    short: str = asked("Short name: 2 to 40 lower-case letters, digits, hyphens")
    name: str = asked("Full name")
    unit: str = asked("Unit")
    roles: tuple[str, ...] = asked("Roles", names=ROLES)
    trained_until: str = asked("Last day of training. Empty: one year from now", default="", kind="date")
    reason: str = asked(WHY, default="", lines=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    proposal: str = asked("Approved proposal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    person: str = asked("Person")
    name: str = asked("Full name")
    unit: str = asked("Unit")
    roles: tuple[str, ...] = asked("Roles from now on", names=ROLES)
    reason: str = asked(WHY, default="", lines=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    person: str = asked("Person")
    until: str = asked("Last day of training, at most five years ahead", kind="date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    person: str = asked("Person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    kept: tuple[str, ...] = asked("Unused, and kept", default=())
    withdrawn: tuple[str, ...] = asked("Unused, and to be withdrawn", default=())
    seen: bool = asked("I have looked at the roles of everyone in the table below")


def _enrol(office: Office, by: Operator, given: Joins) -> Done:
    made = staff_enrolment.begin(
        office,
        by,
        given.short,
        name=given.name,
        unit=given.unit,
        roles=map(Role, given.roles),
        trained_until=given.trained_until,
        words=given.reason,
    )
    done = _begun(made)
    if not made.passphrase:
        return done
    text = (
        "%(done)s Give them alone the first passphrase of their signing key. The key signs nothing until they choose "
        "their own, at the pages or at the terminal: peelian key protect %(short)s"
    )
    return Done(says=sentence(text, done=done.says, short=given.short), href=done.href, once=made.passphrase)


def _change(office: Office, by: Operator, given: Changed) -> Done:
    roles = map(Role, given.roles)
    return _begun(
        staff_enrolment.change(
            office, by, given.person, name=given.name, unit=given.unit, roles=roles, words=given.reason
        )
    )


def _begun(made: staff_enrolment.Enrolled) -> Done:
    if made.proposal:
        return Done(says=sentence(PROPOSED, name=made.person.name), href="/authorizations")
    return Done(says=_enrolled(made.person), href="/tasks/people")


def _enrolled(person: Person) -> str:
    text = "%(name)s enrolled in unit %(unit)s as %(roles)s."
    return sentence(text, name=person.name, unit=person.unit, roles=listed(sorted(person.roles)))


def _carry_out(office: Office, by: Operator, given: Agreed) -> Done:
    return Done(says=_enrolled(staff_enrolment.carry_out(office, by, given.proposal)), href="/tasks/people")


def _train(office: Office, by: Operator, given: Trained) -> Done:
    try:
        person = staff_enrolment.train(office, by, given.person, given.until)
    except InputError as error:  # the act knows the day by another name
        raise InputError(error.wrong, column="until", accepted=error.accepted) from None
    return Done(says=sentence("Training of %(name)s valid until %(until)s.", name=person.name, until=given.until))


def _retire(office: Office, by: Operator, given: Leaves) -> Done:
    person = staff_enrolment.enrolled(office, given.person)
    if not revocation.retire(office.kernel, by, person.token):
        raise OutOfOrder("This person is not enrolled.")
    return Done(says=sentence("Account of %(name)s closed. Their name can now be erased.", name=person.name))


def _forget(office: Office, by: Operator, given: Leaves) -> Done:
    staff_enrolment.forget(office, by, given.person)
    return Done(says="Name and signing key deleted from this office. Older backups still hold them. Replace them.")


def _sign(office: Office, by: Operator, given: Reviewed) -> Done:
    if not given.seen:
        raise InputError("Not signed: the review covers everyone", column="seen", accepted="a tick")
    if both := set(given.kept) & set(given.withdrawn):
        says = sentence("%(n)d people are ticked twice", n=len(both))
        raise InputError(says, column="kept", accepted="kept or withdrawn")
    outcomes = dict.fromkeys(given.kept, "kept") | dict.fromkeys(given.withdrawn, "withdrawn")
    privileges.sign_off(office.kernel, by, outcomes)
    return Done(says="Yearly review signed. To withdraw roles, a custodian changes the person.")


def _now(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    people = sorted(office.kernel.state.people.values(), key=lambda one: one.name.casefold())
    return [(one.token, _called(one, say)) for one in people]


def _called(person: Person, say: Say) -> str:
    roles = ", ".join(worded(ROLES, role, say) for role in sorted(person.roles))
    return say("%(name)s (%(unit)s: %(roles)s)", name=person.name, unit=person.unit, roles=roles)


def _left(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return sorted(staff_enrolment.not_forgotten(office).items(), key=lambda one: one[1].casefold())


def _unused(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    people = office.kernel.state.people
    return [(row.person, _called(people[row.person], say)) for row in privileges.held(office.kernel) if row.unused]


def _people(office: Office, say: Say, language: str) -> Grid | None:
    known = sorted(office.kernel.state.people.values(), key=lambda one: one.name.casefold())
    rows = tuple(
        (
            one.name,
            one.unit,
            ", ".join(worded(ROLES, role, say) for role in sorted(one.roles)),
            moment(one.trained_until, language),
            said(how_entrusted(office.kernel, one.token), say) or "–",
        )
        for one in known
    )
    titles = (say("Name"), say("Unit"), say("Roles"), say("Trained until"), say("Who granted oversight"))
    return Grid(caption=dated(founding_says(office.kernel), say), titles=titles, rows=rows) if rows else None


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
        "people",
        "Who is enrolled",
        "Everyone with their unit, roles and training, and who granted roles that oversee.",
        ENROLLERS | CLOSERS | FORGETTERS | REVIEWERS,
        shows=_people,
    ),
    _task(
        "enrol",
        "Enrol a person",
        "Two people of different units grant roles that decide, oversee or enrol. You propose such a person here. "
        "A first passphrase signs nothing until its person has changed it.",
        ENROLLERS,
        params=Joins,
        do=_enrol,
    ),
    _task(
        "enrol-approved",
        "Carry out an approved enrolment",
        "Enrols exactly the person the proposal names. An approval is valid for a week.",
        ENROLLERS,
        params=Agreed,
        do=_carry_out,
        offered={"proposal": lambda office, say: [(d, _called(one, say)) for d, one in staff_enrolment.agreed(office)]},
    ),
    _task(
        "change",
        "Change a person's name, unit or roles",
        "State all roles they have from now on. Granting a role that decides, oversees or enrols takes two people.",
        ENROLLERS,
        params=Changed,
        do=_change,
        offered={"person": _now},
    ),
    _task(
        "train",
        "Renew training",
        "Without valid training a person can do nothing. You cannot renew your own.",
        ENROLLERS,
        params=Trained,
        do=_train,
        offered={"person": _now},
    ),
    _task(
        "retire",
        "Close an account",
        "For a person who leaves. Their signature is no longer valid, effective now. You cannot close your own.",
        CLOSERS,
        params=Leaves,
        do=_retire,
        offered={"person": _now},
    ),
    _task(
        "forget",
        "Erase the name of a former member",
        "Old cases then show a token instead. Their signing key is deleted. This cannot be undone.",
        FORGETTERS,
        params=Leaves,
        do=_forget,
        offered={"person": _left},
    ),
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
