"""People: who is enrolled, in which roles, until when they are trained, and who leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from peelian.acts.act import Acts, Done, asked
from peelian.errors import InputError, OutOfOrder, enumerated, sentence
from peelian.kernel.model.doors import Suspended
from peelian.pictures.panels import Grid, Say
from peelian.wording.labels import ROLES

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.people import Operator, Person
    from peelian.operations.office import Office
    from peelian.operations.staff_enrolment import Enrolled

acts = Acts("people", "People", "People: who is enrolled, in which roles, and who leaves.")
PROPOSED = "Proposed: %(name)s. Someone of another unit approves it. Then carry it out."
Someone = Annotated[str, asked("Person")]
FullName = Annotated[str, asked("Full name")]
Unit = Annotated[str, asked("Unit")]
Reason = Annotated[
    str,
    asked(
        "Reason for the second person, at least three words. Needed for roles that decide, oversee or enrol", lines=2
    ),
]


# ---- whom it is for


def _enrollers() -> Roles:
    from peelian.kernel.identity.enrolment import ENROLLERS

    return ENROLLERS


def _closers() -> Roles:
    from peelian.kernel.identity.revocation import CLOSERS

    return CLOSERS


def _forgetters() -> Roles:
    from peelian.kernel.identity.revocation import FORGETTERS

    return FORGETTERS


def _readers() -> Roles:
    from peelian.oversight.review.privileges import REVIEWERS

    return _enrollers() | _closers() | _forgetters() | REVIEWERS


# ---- what may be chosen


def _by_name(office: Office) -> list[Person]:
    return sorted(office.kernel.state.people.values(), key=lambda one: one.name.casefold())


def called(person: Person, say: Say) -> str:
    """A person as people choose them: their name, unit and roles."""
    from peelian.wording.labels import worded

    roles = ", ".join(worded(ROLES, role, say) for role in sorted(person.roles))
    return say("%(name)s (%(unit)s: %(roles)s)", name=person.name, unit=person.unit, roles=roles)


def _now(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    yield from ((one.token, called(one, say)) for one in _by_name(office))


def _left(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.operations.staff_enrolment import not_forgotten

    return sorted(not_forgotten(office).items(), key=lambda one: one[1].casefold())


def _agreed(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.operations.staff_enrolment import agreed

    yield from ((digest, called(one, say)) for digest, one in agreed(office))


def _token(office: Office, person: str) -> str:
    """The token of a person, who is chosen by it in a form and named by their short name at a terminal."""
    from peelian.kernel.model.pseudonyms import PERSON
    from peelian.operations.staff_enrolment import not_forgotten

    is_token = person in office.kernel.state.people or person in not_forgotten(office)
    return person if is_token else office.kernel.office.token(person, of=PERSON)


# ---- what is looked at


def _people(office: Office) -> list[dict[str, Any]]:
    """Everyone who is enrolled, for programs. O(people · their sessions)."""
    from peelian.oversight.transparency.entrusted import has_proved, how_entrusted

    return [
        {
            "token": one.token,
            "name": one.name,
            "unit": one.unit,
            "roles": sorted(one.roles),
            "trained_until": one.trained_until,
            "entrusted": how_entrusted(office.kernel, one.token),
            "proved": has_proved(office.kernel, one.token),
        }
        for one in office.kernel.state.people.values()
    ]


@acts.lists(
    "list",
    "Who is enrolled",
    "Everyone with their unit, roles and training, and who granted roles that oversee.",
    whom=_readers,
    reads="people",
    record=_people,
)
def enrolled(office: Office, say: Say, language: str) -> Grid | None:
    """Everyone who is enrolled, and whether the founding is over. O(people)."""
    from peelian.oversight.transparency.entrusted import LONE, founded_alone, founding_says, how_entrusted
    from peelian.pictures.moments import moment
    from peelian.wording.errors import translated, with_days
    from peelian.wording.labels import worded

    rows = tuple(
        (
            one.name,
            one.unit,
            ", ".join(worded(ROLES, role, say) for role in sorted(one.roles)),
            moment(one.trained_until, language),
            translated(how_entrusted(office.kernel, one.token), say) or "–",
        )
        for one in _by_name(office)
    )
    titles = (say("Name"), say("Unit"), say("Roles"), say("Trained until"), say("Who granted oversight"))
    caption = with_days(founding_says(office.kernel), say)
    caption += f" {say(LONE)}" if founded_alone(office.kernel) else ""
    return Grid(caption=caption, titles=titles, rows=rows) if rows else None


# ---- what is done


@acts.does(
    "enrol",
    "Enrol a person",
    "Two people of different units grant roles that decide, oversee or enrol. You propose such a person here. "
    "A first passphrase signs nothing until its person has changed it.",
    whom=_enrollers,
    suspended=Suspended.ANY,
    command="",  # at a terminal they choose their passphrase themselves, and a second person agrees at the same desk
)
def enrol(
    office: Office,
    by: Operator,
    *,
    short: Annotated[str, asked("Short name: 2 to 40 lower-case letters, digits, hyphens")],
    name: FullName,
    unit: Unit,
    roles: Annotated[tuple[str, ...], asked("Roles", names=ROLES)],
    trained_until: Annotated[str, asked("Last day of training. Empty: one year from now", kind="date")] = "",
    reason: Reason = "",
) -> Done:
    """Enrol somebody under a first passphrase, or propose it where that takes two."""
    from peelian.kernel.model.capability import Role
    from peelian.operations import staff_enrolment

    granted, until = map(Role, roles), trained_until
    made = staff_enrolment.begin(
        office, by, short, name=name, unit=unit, roles=granted, trained_until=until, words=reason
    )
    done = _begun(made)
    if not made.passphrase:
        return done
    text = (
        "%(done)s Give them alone the first passphrase of their signing key. The key signs nothing until they choose "
        "their own, at the pages or at the terminal: peelian key protect %(short)s"
    )
    says = sentence(text, done=done.says, short=short)
    return Done(says=says, href=done.href, once=made.passphrase, proposal=done.proposal, record=done.record)


def _begun(made: Enrolled) -> Done:
    if made.proposal:
        says = sentence(PROPOSED, name=made.person.name)
        return Done(says=says, href="/authorizations", proposal=made.proposal)
    return _joined(made.person)


def _joined(person: Person) -> Done:
    roles = [str(role) for role in sorted(person.roles)]
    text = "%(name)s enrolled in unit %(unit)s as %(roles)s."
    says = sentence(text, name=person.name, unit=person.unit, roles=enumerated(roles))
    return Done(
        says=says, href="/tasks/people-list", record={"token": person.token, "unit": person.unit, "roles": roles}
    )


@acts.does(
    "enrol-approved",
    "Carry out an approved enrolment",
    "Enrols exactly the person the proposal names. An approval is valid for a week.",
    whom=_enrollers,
    suspended=Suspended.ANY,
    reads="people",
    typed=("proposal",),
    offered={"proposal": _agreed},
)
def enrol_approved(office: Office, by: Operator, *, proposal: Annotated[str, asked("Approved proposal")]) -> Done:
    """Enrol whom an approved proposal names."""
    from peelian.operations import staff_enrolment

    return _joined(staff_enrolment.carry_out(office, by, proposal))


@acts.does(
    "change",
    "Change a person's name, unit or roles",
    "State all roles they have from now on. Granting a role that decides, oversees or enrols takes two people.",
    whom=_enrollers,
    suspended=Suspended.ANY,
    reads="people",
    typed=("person",),
    offered={"person": _now},
)
def change(
    office: Office,
    by: Operator,
    *,
    person: Someone,
    name: FullName,
    unit: Unit,
    roles: Annotated[tuple[str, ...], asked("Roles from now on", names=ROLES)],
    reason: Reason = "",
) -> Done:
    """Give somebody another name, unit or other roles, or propose it where that takes two."""
    from peelian.kernel.model.capability import Role
    from peelian.operations import staff_enrolment

    granted, token = map(Role, roles), _token(office, person)
    return _begun(staff_enrolment.change(office, by, token, name=name, unit=unit, roles=granted, words=reason))


@acts.does(
    "train",
    "Renew training",
    "Without valid training a person can do nothing. You cannot renew your own.",
    whom=_enrollers,
    suspended=Suspended.ANY,
    reads="people",
    typed=("person",),
    offered={"person": _now},
)
def train(
    office: Office,
    by: Operator,
    *,
    person: Someone,
    until: Annotated[str, asked("Last day of training, at most five years ahead", kind="date")],
) -> Done:
    """Renew somebody's training."""
    from peelian.operations import staff_enrolment

    try:
        trained = staff_enrolment.train(office, by, _token(office, person), until)
    except InputError as error:  # the act knows the day by another name
        raise InputError(error.wrong, column="until", accepted=error.accepted) from None
    says = sentence("Training of %(name)s valid until %(until)s.", name=trained.name, until=until)
    return Done(says=says, record={"token": trained.token, "trained_until": until})


@acts.does(
    "retire",
    "Close an account",
    "For a person who leaves. Their signature is no longer valid, effective now. You cannot close your own.",
    whom=_closers,
    suspended=Suspended.ANY,
    reads="people",
    typed=("person",),
    offered={"person": _now},
)
def retire(office: Office, by: Operator, *, person: Someone) -> Done:
    """Close somebody's account."""
    from peelian.kernel.identity import revocation
    from peelian.operations import staff_enrolment

    closed = staff_enrolment.enrolled(office, _token(office, person))
    if not revocation.retire(office.kernel, by, closed.token):
        raise OutOfOrder("This person is not enrolled.")
    says = sentence("Account of %(name)s closed. Their name can now be erased.", name=closed.name)
    return Done(says=says, record={"retired": closed.token})


@acts.does(
    "forget",
    "Erase the name of a former member",
    "Old cases then show a token instead. Their signing key is deleted. This cannot be undone.",
    whom=_forgetters,
    suspended=Suspended.ANY,
    reads="people",
    typed=("person",),
    offered={"person": _left},
)
def forget(office: Office, by: Operator, *, person: Someone) -> Done:
    """Erase somebody's name, and shred their key."""
    from peelian.operations import staff_enrolment

    token = _token(office, person)
    staff_enrolment.forget(office, by, token)
    says = "Name and signing key deleted from this office. Older backups still hold them. Replace them."
    return Done(says=says, record={"forgotten": token})
