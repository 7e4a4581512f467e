"""Commands that set an office up: the office itself, its people, its authorizations, and suspension."""

from __future__ import annotations

from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, pairs, proposed
from peelian.cli.words import say, translated
from peelian.errors import InputError
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.operations.office import Office

TechnologyArgument = Annotated[str, typer.Argument(help="For example mapping.")]


@command(
    "office",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="installs an office",
)
def office(
    path: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    name: Annotated[str, typer.Option(help="Name of the office.")],
    custodian: Annotated[
        str, typer.Option(help="Short name of the first person, who enrols the others.")
    ] = "custodian",
    sigsum: Annotated[
        bool, typer.Option("--sigsum", help="Name the log as sigsum does, for a sigsum-go witness.")
    ] = False,
    database: Annotated[
        str, typer.Option(help="PostgreSQL address of the database, without password. Default: a file in the folder.")
    ] = "",
    keys_database: Annotated[
        str, typer.Option(help="PostgreSQL address of the key store: another database. Default: a file in the folder.")
    ] = "",
) -> Printed:
    """Create an office: keys, log, vault and its first person. It goes on your list of offices."""
    from peelian.cli.passphrases import Terminal
    from peelian.kernel.model.capability import Role
    from peelian.operations.office import new_office

    asks = Terminal()
    asks.new(custodian)  # before anything is made
    with new_office(path, name=name, sigsum=sigsum, database=database, keys_database=keys_database) as made:
        made.asking(asks).enrol(custodian, name=custodian, unit="city IT", roles={Role.CUSTODIAN})
    lines = [
        say("Office %(name)s created in %(path)s.", name=name, path=path),
        say("%(custodian)s can now enrol people and admit data.", custodian=custodian),
        _put_on_list(path),
    ]
    return {"office": str(path), "name": name, "custodian": custodian}, lines


def _put_on_list(path: Path) -> str:
    """Have `try`, `challenge` and the libraries of this user ask the office; the line that says so."""
    from peelian.operations.outside_uses import list_of_offices, put_on_list

    try:
        put_on_list(path)
    except (InputError, OSError):
        says = "%(file)s cannot be written. Set PEELIAN_OFFICE: else the libraries and `peelian try` ask no office."
        return say(says, file=list_of_offices())
    says = "Listed in %(file)s: the libraries, `peelian try` and `peelian challenge` ask this office."
    return say(says, file=list_of_offices())


@command(
    "people enrol",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /tasks/people-enrol",
)
def enrol(
    short: Annotated[str, typer.Argument(help="Short name: lower-case letters, digits, hyphens.")],
    name: Annotated[str, typer.Option(help="Full name. Kept encrypted, never logged.")] = "",
    unit: Annotated[str, typer.Option(help="Unit. Whoever decides a case must belong to another unit.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="A role. Repeat for more.")] = None,
    trained_until: Annotated[str, typer.Option(help="Last day of training, as 2027-06-30. Default: one year.")] = "",
    with_: Annotated[
        str, typer.Option("--with", help="Short name of the second person, of another unit, who agrees now.")
    ] = "",
    reason: Annotated[str, typer.Option("--propose", help="Only propose it to a second person. Give the reason.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Enrol a person with roles. Oversight and enrolment roles need two people of different units."""
    from peelian.operations import staff_enrolment

    facts: dict[str, Any] = {"name": name, "unit": unit, "roles": _roles(role or [])}
    with opened(office) as town:
        by = town.operator(as_)
        _must_be_told(town, short, **facts)
        facts["trained_until"] = trained_until
        if reason:
            digest = staff_enrolment.propose(town, by, short, words=reason, **facts)
            return {"proposal": digest}, proposed(digest)
        person = town.enrol(short, **facts, by=by, second=town.operator(with_) if with_ else None).person
    roles = [str(one) for one in sorted(person.roles)]
    record = {"short": short, "token": person.token, "unit": person.unit, "roles": roles}
    shown = {"short": short, "unit": person.unit, "roles": ", ".join(roles)}
    return record, [say("%(short)s enrolled in unit %(unit)s as %(roles)s.", **shown)]


def _roles(named: list[str]) -> frozenset[Any]:
    from peelian.kernel.model.capability import Role

    known = {str(r) for r in Role}
    if wrong := [r for r in named if r not in known]:
        raise InputError("no such role", column=f"--role {wrong[0][:30]}", accepted=", ".join(sorted(known)))
    return frozenset(Role(r) for r in named)


def _must_be_told(town: Office, short: str, *, name: str, unit: str, roles: frozenset[Any]) -> None:
    from peelian.operations.staff_enrolment import is_taken

    if missing := [f"--{key}" for key, value in (("name", name), ("unit", unit), ("role", roles)) if not value]:
        raise InputError("facts of the person missing", column=missing[0], accepted="--name, --unit, --role")
    if is_taken(town, short):
        accepted = "another short name, or `peelian people change` or `peelian people train` for this person"
        raise InputError("this short name is taken", column="SHORT", accepted=accepted)


@command(
    "authorization issue",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /authorizations/new",
)
def issue(
    authorization: Annotated[str, typer.Argument(help="council_approval, impact_assessment, warrant…")],
    serves: Annotated[str, typer.Option(help="A capability (mapping.forecast) or a technology (mapping.*).")],
    purpose: Annotated[list[str], typer.Option(help="A purpose it allows. Repeat for more.")],
    as_: AsOption,
    days: Annotated[int, typer.Option(help="Days it is valid.", min=1, max=3650)] = 365,
    body: Annotated[list[str], typer.Option(help="A fact it states, name=value. Repeat for more.")] = [],  # noqa: B006 - typer's way to say "none"
    bylaw: Annotated[
        Path | None, typer.Option(help="Text of the bylaw that a council approval rests on. Its SHA-256 is stated.")
    ] = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Issue and sign an authorization. A case earns the accuracy report; nobody issues it."""
    from peelian.forms import scalar
    from peelian.kernel.model.capability import AuthorizationKind, Purpose
    from peelian.kernel.model.documents import digest_of
    from peelian.kernel.verbs import authorizations

    kinds, purposes = {str(p) for p in AuthorizationKind}, {str(p) for p in Purpose}
    if authorization not in kinds:
        raise InputError("no such authorization", accepted=", ".join(sorted(kinds)))
    if wrong := [p for p in purpose if p not in purposes]:
        raise InputError("no such purpose", column=f"--purpose {wrong[0][:30]}", accepted=", ".join(sorted(purposes)))
    facts = {name: scalar(value) for name, value in pairs(body, "--body").items()}
    facts |= {"bylaw": _digest_of(bylaw)} if bylaw else {}
    with opened(office) as town:
        made = authorizations.issue(
            town.kernel,
            town.operator(as_),
            AuthorizationKind(authorization),
            serves=serves,
            purposes=tuple(Purpose(p) for p in purpose),
            days=days,
            body=facts,
        )
    digest = digest_of(made)
    record = {"digest": digest, "authorization": authorization, "serves": serves, "ends": made.ends}
    return record, [say("Issued %(kind)s: %(digest)s", kind=authorization, digest=digest)]


def _digest_of(bylaw: Path) -> str:
    if not bylaw.is_file():
        raise InputError("no such file", file=bylaw.name, accepted="the text of the bylaw")
    with bylaw.open("rb") as text:
        return file_digest(text, "sha256").hexdigest()


@command(
    "authorization revoke",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /authorizations/{digest}/revoke",
)
def revoke(
    digest: Annotated[str, typer.Argument(help="Digest of the authorization.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Revoke an authorization, effective now."""
    from peelian.kernel.verbs import authorizations

    with opened(office) as town:
        authorization = town.kernel.state.authorizations.get(digest)
        if authorization is None:
            raise InputError(
                "no valid authorization with this digest", accepted="a digest from `peelian authorization issue`"
            )
        authorizations.revoke(town.kernel, town.operator(as_), authorization)
    return {"revoked": digest}, [say("Revoked: %(digest)s", digest=digest)]


@command(
    "authorization suspend",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /suspension/{technology}",
)
def suspend(
    technology: TechnologyArgument,
    as_: AsOption,
    reason: Annotated[str, typer.Option(help="Why: residents read it. Without one, the reasons are listed.")] = "",
    text: Annotated[str, typer.Option(help="A text for the public beside the reason, without names.")] = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Suspend a technology, at once and alone. Two people lift it: peelian proposals resume."""
    from peelian.kernel.model.suspension import REASONS, reason_named
    from peelian.kernel.verbs import authorizations

    why = reason_named(reason)
    with opened(office) as town:
        authorizations.suspend(town.kernel, town.operator(as_), technology, reason=why, words=text)
    line = say("%(technology)s suspended: %(reason)s.", technology=technology, reason=translated(REASONS[why]))
    return {"suspended": technology, "reason": why}, [line]


@command(
    "authorization explain-suspension",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /suspension/{technology}",
)
def explain_suspension(
    technology: TechnologyArgument,
    text: Annotated[str, typer.Option(help="The text for the public, without names. It replaces the one before.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Say in public why a technology is suspended, beside the reason."""
    from peelian.kernel.verbs import authorizations

    with opened(office) as town:
        digest = authorizations.explain_suspension(town.kernel, town.operator(as_), technology, words=text)
    return {"technology": technology, "digest": digest}, [say("Text published: every page of it shows it.")]
