"""The five verbs as commands: admit, ask, run, decide, publish. Parameters come from each capability's dataclass."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, OfficeOption, opened, pairs, progress_bar, tell
from peelian.errors import OutOfOrder

PARAMETERS = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(admit)
    app.command(context_settings=PARAMETERS)(ask)
    for command in (run, decide, publish):
        app.command()(command)


def admit(
    file: Annotated[Path, typer.Argument(help="CSV, zip, gz, Parquet or GeoJSON.")],
    title: Annotated[str, typer.Option(help="What the data is.")],
    purpose: Annotated[list[str], typer.Option(help="What it may be used for; repeat for more.")],
    legal_basis: Annotated[str, typer.Option(help="The law or bylaw that allows it.")],
    minimisation: Annotated[str, typer.Option(help="What was left out, and why the rest is needed.")],
    source: Annotated[str, typer.Option(help="Where it comes from.")],
    as_: AsOption,
    retention_days: Annotated[int, typer.Option(help="After how many days it may no longer be used.")] = 365,
    format: Annotated[str, typer.Option(help="auto, or a format's id (see `peelian formats`).")] = "auto",
    option: Annotated[list[str], typer.Option(help="An option of the format, name=value.")] = [],  # noqa: B006 - typer's way to say "none"
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Let data in: read only the declared columns, check every value, seal it encrypted. All of it or nothing."""
    from peelian.governance.documents import Declaration

    declaration = Declaration(
        title=title,
        purposes=tuple(purpose),
        legal_basis=legal_basis,
        minimisation=minimisation,
        retention_days=retention_days,
        source=source,
    )
    with opened(office) as house, progress_bar(quiet=as_json) as progress:
        made = house.admit(
            house.operator(as_), file, declaration, format=format, options=pairs(option, "option"), progress=progress
        )
    say = [f"Admitted {made.rows:,} rows as {made.dataset} ({made.format})."]
    say += [f"  not kept: {d['n']:,} rows, first at row {d['first_row']:,}: {d['why']}" for d in made.dropped]
    say += [f"  {note['text'] % note['values']}" for note in made.notes]
    record = {"dataset": made.dataset, "rows": made.rows, "format": made.format, "dropped": made.dropped}
    record["notes"] = made.notes
    tell(record | {"facts": dict(made.facts)}, say, as_json=as_json)


def ask(
    context: typer.Context,
    capability: Annotated[str, typer.Argument(help="For example mapping.forecast; see `peelian capabilities`.")],
    purpose: Annotated[str, typer.Option(help="What the use is for.")],
    as_: AsOption,
    data: Annotated[list[str], typer.Option(help="role=dataset; repeat for more.")] = [],  # noqa: B006 - typer's way to say "none"
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Ask to use a capability. Its parameters are flags: `peelian capabilities NAME` lists them."""
    from peelian.forms import from_flags
    from peelian.governance import flow

    with opened(office) as house:
        declared = house.house.capability(capability)
        params = from_flags(declared.params, context.args)
        permit = flow.ask(
            house.house,
            house.operator(as_),
            capability,
            purpose=purpose,
            params=params,
            datasets=pairs(data, "dataset"),
        )
    lines = [f"Permitted: case {permit.case}, until {permit.until}.", f"Next: peelian run {permit.case}"]
    tell({"case": permit.case, "until": permit.until, "papers": permit.papers}, lines, as_json=as_json)


def run(
    case: Annotated[str, typer.Argument()],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Run what the case's permit allows."""
    from peelian.governance import flow
    from peelian.oversight.register import case_record

    with opened(office) as house:
        permit = case_record(house.house, case).permit
        if permit is None:
            raise OutOfOrder("this case has no permit: it was refused")
        with progress_bar(quiet=as_json) as progress:
            evidence, found = flow.run(house.house, house.operator(as_), permit, progress=progress)
        say = house.say("en")
        lines = [f"Evidence {evidence.findings[:16]}…"]
        lines += [f"  {note.kind}: {say(note.text, **note.values)}" for note in found.notes]
        lines += [f"Made: {role} is dataset {dataset}" for role, dataset in evidence.made.items()]
        record = {
            "case": case,
            "findings": evidence.findings,
            "made": dict(evidence.made),
            "facts": dict(found.facts),
            "notes": [say(note.text, **note.values) for note in found.notes],
        }
        bench = house.house.capability(permit.capability).bench
        tell(record, [*lines, f"Next: peelian {'review' if bench else 'decide'} {case}"], as_json=as_json)


def decide(
    case: Annotated[str, typer.Argument()],
    choice: Annotated[str, typer.Option(help="accept, change, decline; for proofs: adopt, decline.")],
    reasons: Annotated[str, typer.Option(help="Why.")],
    other_evidence: Annotated[str, typer.Option(help="What else was considered.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Decide on a case's evidence: a named person of another unit than the asker's."""
    from peelian.governance import flow
    from peelian.oversight.register import case_record, earned

    with opened(office) as house:
        evidence = case_record(house.house, case).evidence
        if evidence is None:
            raise OutOfOrder("this case has no evidence yet: run it first")
        decision = flow.decide(
            house.house,
            house.operator(as_),
            evidence,
            choice=choice,
            reasons=reasons,
            other_evidence=other_evidence,
        )
        papers = [
            f"{paper.paper} for {paper.serves} until {paper.ends[:10]}" for paper in earned(house.house, decision)
        ]
    lines = [f"Decided: {choice}.", *(f"It became: {paper}" for paper in papers), f"Next: peelian publish {case}"]
    tell({"case": case, "choice": choice, "became": papers}, lines, as_json=as_json)


def publish(
    case: Annotated[str, typer.Argument()],
    as_: AsOption,
    statement: Annotated[str, typer.Option(help="A statement for the public; no names.")] = "",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Put a decided case into the public register, adopted or rejected."""
    from peelian.governance import flow
    from peelian.oversight.register import case_record

    with opened(office) as house:
        decision = case_record(house.house, case).decision
        if decision is None:
            raise OutOfOrder("this case is not decided yet")
        publication, _ = flow.publish(house.house, house.operator(as_), decision, statement=statement)
    tell({"case": case, "findings": publication.findings}, [f"Published case {case}."], as_json=as_json)
