"""Commands that set an office up: the office itself, its people, its papers, and the kill switch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, OfficeOption, opened, pairs, tell
from peelian.errors import InputError

if TYPE_CHECKING:
    from peelian.office import Office


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (office, enrol, train, people, retire, forget, issue, revoke, suspend, resume):
        app.command()(command)


def office(
    path: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    name: Annotated[str, typer.Option(help="The office's name.")],
    custodian: Annotated[
        str, typer.Option(help="Short name of the first person, who enrols the others.")
    ] = "custodian",
    sigsum: Annotated[
        bool, typer.Option("--sigsum", help="Name the log as sigsum does, for a witness of sigsum-go.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a new office: keys, log, vault, and its first person."""
    from peelian.governance.capability import Role
    from peelian.office import new_office

    with new_office(path, name=name, sigsum=sigsum) as made:
        made.enrol(custodian, name=custodian, unit="city IT", roles={Role.CUSTODIAN})
        tell(
            {"office": str(path), "name": name, "custodian": custodian},
            [f"Office {name!r} is open in {path}.", f"{custodian} may now enrol people and admit data."],
            as_json=as_json,
        )


def enrol(
    short: Annotated[str, typer.Argument(help="Short name: small letters, digits, dashes.")],
    name: Annotated[str, typer.Option(help="The person's name (kept encrypted, never logged).")] = "",
    unit: Annotated[str, typer.Option(help="Their unit: a decider must be of another unit than the asker.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="A role; repeat for more.")] = None,
    trained_until: Annotated[str, typer.Option(help="ISO date their training holds until (default: a year).")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Change somebody who is enrolled: name, unit and roles.")
    ] = False,
    with_: Annotated[
        str, typer.Option("--with", help="Who agrees, of another unit and at this desk, where it takes two.")
    ] = "",
    words: Annotated[str, typer.Option("--propose", help="Where it takes two: only propose it, and say why.")] = "",
    proposal: Annotated[
        str, typer.Option(help="An approved proposal: enrols exactly whom it names, without --name, --unit, --role.")
    ] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Enrol a person with their roles; who oversees or enrols others is enrolled by two people of different units."""
    from peelian.guided import joining

    told: dict[str, Any] = {"name": name, "unit": unit, "roles": _roles(role or [])}
    with opened(office) as house:
        by = house.operator(as_)
        if proposal:
            person = joining.join(house, by, short, proposal)
        else:
            _must_be_told(house, short, again=again, **told)
            told["trained_until"] = trained_until
            if words:
                mark = joining.propose(house, by, short, words=words, **told)
                tell({"proposal": mark}, [f"Proposed: {mark}", f"Next: peelian approve {mark}"], as_json=as_json)
                return
            person = house.enrol(short, **told, by=by, second=house.operator(with_) if with_ else None).person
    roles = [str(one) for one in sorted(person.roles)]
    record = {"short": short, "token": person.token, "unit": person.unit, "roles": roles}
    tell(record, [f"{short} is enrolled in unit {person.unit} as {', '.join(roles)}."], as_json=as_json)


def _roles(named: list[str]) -> frozenset[Any]:
    from peelian.governance.capability import Role

    known = {str(r) for r in Role}
    if wrong := [r for r in named if r not in known]:
        raise InputError("there is no such role", column=f"--role {wrong[0][:30]}", accepted=", ".join(sorted(known)))
    return frozenset(Role(r) for r in named)


def _must_be_told(house: Office, short: str, *, again: bool, name: str, unit: str, roles: frozenset[Any]) -> None:
    from peelian.governance.tokens import PERSON

    if missing := [f"--{key}" for key, value in (("name", name), ("unit", unit), ("role", roles)) if not value]:
        raise InputError("it is not said who is to be enrolled", column=missing[0], accepted="--name, --unit, --role")
    if not again and house.house.token(short, of=PERSON) in house.house.book.people:
        accepted = "another short name; --again to change who it is; `peelian train` for training alone"
        raise InputError("somebody is enrolled under this short name", column="short", accepted=accepted)


def train(
    short: Annotated[str, typer.Argument(help="Their short name.")],
    until: Annotated[str, typer.Option(help="ISO date their training holds until, at most five years ahead.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Renew somebody's training: nothing else about them changes. Nobody renews their own."""
    with opened(office) as house:
        known = house.operator(short).person
        house.enrol(
            short,
            name=known.name,
            unit=known.unit,
            roles=known.roles,
            trained_until=until,
            by=house.operator(as_),
        )
    tell({"short": short, "trained_until": until}, [f"{short} is trained until {until}."], as_json=as_json)


def people(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """List the people of the office: their token in the log, unit, roles, training, and who entrusted them."""
    from peelian.oversight.entrusted import founding_says, how_entrusted

    with opened(office) as house:
        found = list(house.house.book.people.values())
        how = {p.token: how_entrusted(house.house, p.token) for p in found}
        state = founding_says(house.house)
    record = [
        {
            "token": p.token,
            "name": p.name,
            "unit": p.unit,
            "roles": sorted(p.roles),
            "trained_until": p.trained_until,
            "entrusted": how[p.token],
        }
        for p in found
    ]
    lines = [
        f"{p.token}  {p.name}  ({p.unit}; {', '.join(sorted(p.roles))}; until {p.trained_until})"
        + (f"\n    {how[p.token]}" if how[p.token] else "")
        for p in found
    ]
    tell(record, [*lines, state], as_json=as_json)


def retire(
    short: Annotated[str, typer.Argument(help="Their short name.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Close the account of somebody who leaves: nothing they sign counts any more. Somebody else does it."""
    from peelian.governance.revocation import retire as retired
    from peelian.governance.tokens import PERSON

    with opened(office) as house:
        token = house.house.token(short, of=PERSON)
        was = retired(house.house, house.operator(as_), token)
    if not was:
        raise InputError("nobody is enrolled under this name", column="short", accepted="see `peelian people`")
    tell({"retired": token}, [f"Closed. Their name goes with: peelian forget {short}"], as_json=as_json)


def forget(
    short: Annotated[str, typer.Argument(help="Their short name.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Forget the name of somebody who has left: old cases show a token in its place, for ever."""
    with opened(office) as house:
        token = house.forget(house.operator(as_), short)
    lines = [
        "Forgotten: name and signing key are gone from this office.",
        "Backups still hold the name until replaced.",
    ]
    tell({"forgotten": token}, lines, as_json=as_json)


def issue(
    paper: Annotated[str, typer.Argument(help="council_approval, impact_assessment, accuracy_criteria, …")],
    serves: Annotated[str, typer.Option(help="A capability (mapping.forecast) or a technology (mapping.*).")],
    purpose: Annotated[list[str], typer.Option(help="A purpose it allows; repeat for more.")],
    as_: AsOption,
    days: Annotated[int, typer.Option(help="How many days it holds.", min=1, max=3650)] = 365,
    body: Annotated[list[str], typer.Option(help="A fact of the paper, name=value; repeat for more.")] = [],  # noqa: B006 - typer's way to say "none"
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Sign a paper. An accuracy report is not issued: a case earns it."""
    from peelian.governance import acts
    from peelian.governance.capability import Paper, Purpose
    from peelian.governance.documents import mark_of

    kinds, purposes = {str(p) for p in Paper}, {str(p) for p in Purpose}
    if paper not in kinds:
        raise InputError("there is no such paper", accepted=", ".join(sorted(kinds)))
    if wrong := [p for p in purpose if p not in purposes]:
        raise InputError("no such purpose", column=f"--purpose {wrong[0][:30]}", accepted=", ".join(sorted(purposes)))
    facts = {name: _scalar(value) for name, value in pairs(body, "fact").items()}
    with opened(office) as house:
        made = acts.issue(
            house.house,
            house.operator(as_),
            Paper(paper),
            serves=serves,
            purposes=tuple(Purpose(p) for p in purpose),
            days=days,
            body=facts,
        )
    mark = mark_of(made)
    tell(
        {"mark": mark, "paper": paper, "serves": serves, "ends": made.ends},
        [f"Issued {paper}: {mark}"],
        as_json=as_json,
    )


def revoke(
    mark: Annotated[str, typer.Argument(help="The paper's mark.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take a paper back: from now on it is none."""
    from peelian.governance import acts

    with opened(office) as house:
        paper = house.house.book.papers.get(mark)
        if paper is None:
            raise InputError("there is no paper in force with this mark", accepted="a mark printed by `peelian issue`")
        acts.revoke(house.house, house.operator(as_), paper)
    tell({"revoked": mark}, [f"Revoked {mark}."], as_json=as_json)


def suspend(
    technology: Annotated[str, typer.Argument()],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The kill switch: nothing of this technology runs until it is resumed."""
    from peelian.governance import acts

    with opened(office) as house:
        acts.suspend(house.house, house.operator(as_), technology)
    tell({"suspended": technology}, [f"{technology} is suspended."], as_json=as_json)


def resume(
    technology: Annotated[str, typer.Argument()],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Lift a suspension."""
    from peelian.governance import acts

    with opened(office) as house:
        acts.resume(house.house, house.operator(as_), technology)
    tell({"resumed": technology}, [f"{technology} may be used again, where its papers are in order."], as_json=as_json)


def _scalar(text: str) -> int | float | str | bool:
    if text in ("yes", "no", "true", "false"):
        return text in ("yes", "true")
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
