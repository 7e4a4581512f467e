"""The five verbs as commands: admit, ask, run, decide, publish; and correct. Parameters come from each capability's
dataclass."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.command import TAKES_PARAMETERS, command
from peelian.cli.frame import (
    HERE,
    AsOption,
    CaseArgument,
    OfficeOption,
    Printed,
    opened,
    pairs,
    progress_bar,
)
from peelian.cli.words import language, say
from peelian.errors import OutOfOrder
from peelian.kernel.model.doors import Enters, Leaves, Suspended


@command(
    "admit",
    Enters.FILE,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /data/uploads/{id}",
)
def admit(
    file: Annotated[Path, typer.Argument(help="CSV, zip, gz, Parquet or GeoJSON.")],
    title: Annotated[str, typer.Option(help="Name of the dataset.")],
    purpose: Annotated[list[str], typer.Option(help="A purpose the data may serve. Repeat for more.")],
    legal_basis: Annotated[str, typer.Option(help="Law or bylaw that allows it.")],
    minimisation: Annotated[str, typer.Option(help="What was left out, and why the rest is needed.")],
    source: Annotated[str, typer.Option(help="Where the data comes from.")],
    as_: AsOption,
    retention_days: Annotated[int, typer.Option(help="Days the data may be used.")] = 365,
    format: Annotated[str, typer.Option(help="auto, or a format from `peelian data formats`.")] = "auto",
    option: Annotated[list[str], typer.Option(help="An option of the format, name=value. Repeat for more.")] = [],  # noqa: B006 - typer's way to say "none"
    partitions: Annotated[
        bool | None,
        typer.Option(help="Encrypt incidents by month and region. By itself from 1 GiB on.", show_default=False),
    ] = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Import, check and encrypt data, all or nothing."""
    from peelian.kernel.model.documents import Declaration
    from peelian.kernel.state.object_state import partitions_of

    declaration = Declaration(
        title=title,
        purposes=tuple(purpose),
        legal_basis=legal_basis,
        minimisation=minimisation,
        retention_days=retention_days,
        source=source,
    )
    with opened(office) as town, progress_bar() as progress:
        options = pairs(option, "--option")
        made = town.admit(
            town.operator(as_),
            file,
            declaration,
            format=format,
            options=options,
            progress=progress,
            partitions=partitions,
        )
        told, listed = town.say(language()), partitions_of(town.kernel, made)
    admitted = {"n": made.rows, "dataset": made.dataset, "format": made.format}
    lines = [say("Admitted: %(n)d rows as %(dataset)s (%(format)s).", **admitted)]
    if listed:
        lines.append("  " + say("Partitions: %(n)d. Digest: %(digest)s", n=len(listed), digest=made.digest))
    for d in made.dropped:
        left_out = {"n": d["n"], "row": d["first_row"], "why": told(d["why"])}
        lines.append("  " + say("Rows left out: %(n)d, first at row %(row)d: %(why)s", **left_out))
    lines += [f"  {told(note['text'], **note['values'])}" for note in made.notes]
    record = {"dataset": made.dataset, "rows": made.rows, "format": made.format, "dropped": made.dropped}
    record |= {"notes": made.notes, "digest": made.digest, "partitions": len(listed)}
    return record | {"facts": dict(made.facts)}, lines


@command(
    "ask",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /ask/{capability}",
    settings=TAKES_PARAMETERS,
)
def ask(
    context: typer.Context,
    capability: Annotated[str, typer.Argument(help="For example mapping.forecast. See `peelian case capabilities`.")],
    purpose: Annotated[str, typer.Option(help="Purpose of the use.")],
    as_: AsOption,
    data: Annotated[list[str], typer.Option(help="role=dataset. Repeat for more.")] = [],  # noqa: B006 - typer's way to say "none"
    office: OfficeOption = HERE,
) -> Printed:
    """Request a use. Its parameters are flags: `peelian case capabilities NAME` lists them."""
    from peelian.forms import from_flags
    from peelian.kernel import verbs

    with opened(office) as town:
        declared = town.kernel.capability(capability)
        params = from_flags(declared.asks.params, context.args)
        permit = verbs.ask(
            town.kernel,
            town.operator(as_),
            capability,
            purpose=purpose,
            params=params,
            datasets=pairs(data, "--data"),
        )
    lines = [
        say("Permitted: case %(case)s, valid until %(until)s.", case=permit.case, until=permit.until),
        say("Next: peelian run %(case)s", case=permit.case),
    ]
    return {"case": permit.case, "until": permit.until, "authorizations": permit.authorizations}, lines


@command(
    "run",
    Enters.WORDS,
    Leaves.LOOK,
    Suspended.STOPS,
    page="POST /cases/{case}/run",
)
def run(
    case: CaseArgument,
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Run what the permit of a case allows. Whoever asked reads here what it found; no file or JSON of it leaves before
    the decision."""
    from peelian.operations import run_worker
    from peelian.oversight.transparency.register import case_record

    with opened(office) as town:
        permit = case_record(town.kernel, case).permit
        if permit is None:
            raise OutOfOrder("This case was refused. There is nothing to run.")
        with progress_bar() as progress:
            evidence, found = run_worker.run(town, town.operator(as_), permit, progress=progress)
        told = town.say(language())
        lines = [say("Findings: %(digest)s…", digest=evidence.findings[:16])]
        lines += [f"  {told(note.text, **note.values)}" for note in found.notes]
        lines += [
            say("New dataset (%(role)s): %(dataset)s", role=role, dataset=dataset)
            for role, dataset in evidence.made.items()
        ]
        record = {
            "case": case,
            "findings": evidence.findings,
            "made": dict(evidence.made),
        }
        bench = town.kernel.capability(permit.capability).arithmetic().shows.bench
        lines.append(
            say(
                "Next: peelian footage review %(case)s" if bench else "Next: peelian case report %(case)s, then decide",
                case=case,
            )
        )
        return record, lines


@command(
    "decide",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.DECLINES,
    page="POST /cases/{case}/decide",
)
def decide(
    case: CaseArgument,
    choice: Annotated[str, typer.Option(help="accept, change or decline. For a test or a plan: adopt or reject.")],
    reasons: Annotated[str, typer.Option(help="Your reasons.")],
    other_evidence: Annotated[
        list[str],
        typer.Option(
            help="Other evidence you considered, KIND:reference, or none. Kinds: document, record, statement, visit, "
            "study, advice. Repeat for more."
        ),
    ],
    as_: AsOption,
    exposure: Annotated[str, typer.Option(help="How you weighed exposure, where a group is exposed more.")] = "",
    public_reason: Annotated[str, typer.Option(help="Why, for the public: the register shows it word for word.")] = "",
    drop: Annotated[
        list[str] | None, typer.Option(help="A selected cell to drop, CELL=reason. Repeat for more.")
    ] = None,
    swap: Annotated[
        list[str] | None, typer.Option(help="A selected cell to swap, CELL=OTHER=reason. Repeat for more.")
    ] = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Decide a case, once you opened its page or its report. You must belong to a different unit from the requester."""
    from peelian.kernel import verbs
    from peelian.oversight.transparency.register import case_record, earned

    dropped, swapped = pairs(drop or (), "--drop"), pairs(swap or (), "--swap")
    changes = [{"place": place, "reason": reason} for place, reason in dropped.items()]
    for place, rest in swapped.items():
        instead, _, reason = rest.partition("=")
        changes.append({"place": place, "instead": instead, "reason": reason})
    with opened(office) as town:
        evidence = case_record(town.kernel, case).evidence
        if evidence is None:
            raise OutOfOrder("This case has no findings yet. Run it first.")
        decision = verbs.decide(
            town.kernel,
            town.operator(as_),
            evidence,
            choice=choice,
            reasons=reasons,
            other_evidence="\n".join(other_evidence),
            changes=tuple(changes),
            also={"public_reason": public_reason, "exposure": exposure},
        )
        authorizations = [
            (authorization.kind, authorization.serves, authorization.ends[:10])
            for authorization in earned(town.kernel, decision)
        ]
    lines = [say("Decision recorded: %(choice)s.", choice=choice)]
    lines += [
        say("Authorization earned: %(kind)s for %(serves)s until %(until)s", kind=kind, serves=serves, until=until)
        for kind, serves, until in authorizations
    ]
    lines.append(say("Next: peelian publish %(case)s", case=case))
    became = [f"{kind} for {serves} until {until}" for kind, serves, until in authorizations]
    return {"case": case, "choice": choice, "became": became}, lines


@command(
    "publish",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /cases/{case}/publish",
)
def publish(
    case: CaseArgument,
    as_: AsOption,
    statement: Annotated[str, typer.Option(help="A statement for the public. Write no names in it.")] = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Publish a decided case in the public register, adopted or declined."""
    from peelian.kernel import verbs
    from peelian.oversight.transparency.register import case_record

    with opened(office) as town:
        decision = case_record(town.kernel, case).decision
        if decision is None:
            raise OutOfOrder("This case is not decided yet.")
        publication, _ = verbs.publish(town.kernel, town.operator(as_), decision, statement=statement)
    return {"case": case, "findings": publication.findings}, [say("Published: %(case)s", case=case)]


@command(
    "case correct",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /cases/{case}/correct",
)
def correct(
    case: CaseArgument,
    newer: Annotated[str, typer.Argument(help="Published case of the same use that corrects it.")],
    reason: Annotated[str, typer.Option(help="What was wrong. It is published. Write no names in it.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Correct a published case by a newer one. Both stay in the register."""
    from peelian.kernel import verbs

    with opened(office) as town:
        verbs.correct(town.kernel, town.operator(as_), case, newer=newer, reason=reason)
    return {"case": case, "newer": newer}, [say("Corrected: %(case)s, by %(newer)s", case=case, newer=newer)]
