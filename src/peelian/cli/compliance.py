"""Commands on compliance: requirements, register exports, drift, tools in use, documents people provide."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from peelian.cli.command import command
from peelian.cli.frame import (
    HERE,
    AsOption,
    LanguageOption,
    OfficeOption,
    Printed,
    language_of,
    opened,
    pairs,
    progress_bar,
    reads,
    written,
)
from peelian.cli.words import language as spoken
from peelian.cli.words import say
from peelian.errors import InputError
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended


@command(
    "oversight compliance",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="GET /compliance",
    reads="compliance",
)
def compliance(
    results: Annotated[
        Path | None,
        typer.Option(help="Test results (`pytest --junitxml=FILE`). Only tests that passed count."),
    ] = None,
    only: Annotated[str, typer.Option(help="Show only these: pass, built, fail or human.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Show each requirement with its evidence: met, not met, or document needed."""
    from peelian.oversight.compliance.results import read_results
    from peelian.oversight.compliance.standing import BUILT, FAIL, HUMAN, PASS, standings, tally
    from peelian.web.oversight.compliance import as_json as plain

    if only and only not in (PASS, BUILT, FAIL, HUMAN):
        raise InputError("no such status", column="--only", accepted="pass, built, fail, human")
    ran = read_results(results.read_bytes(), name=results.name) if results else None
    with opened(office) as town:
        reads(town, as_, "compliance")
        found = standings(town.kernel, results=ran)
        shown, told = tuple(one for one in found if not only or one.status == only), town.say(spoken())
        record = plain(town, shown)
    counted, of = tally(found), spoken()
    record["tally"] = dict(counted)
    totals = {"met": counted[PASS], "built": counted[BUILT], "missed": counted[FAIL], "human": counted[HUMAN]}
    lines = [
        say(
            "Requirements: %(met)d met, %(built)d built in and not yet shown here, %(missed)d not met, "
            "%(human)d need a document.",
            **totals,
        )
    ]
    for one, standing in zip(record["requirements"], shown, strict=True):
        lines.append(f"{one['id']:<8} {one['status']:<6} {one['text'][of]}")
        against = (told(proof.says, **proof.values) for proof in standing.proofs if not proof.holds)
        lines += [f"           {say('Missing: %(what)s', what=what)}" for what in against]
        if one["status"] == HUMAN:
            lines.append(f"           {say('Document needed: %(what)s', what=one['to_produce'][of])}")
    return record, lines


@command(
    "case register",
    Enters.NOTHING,
    Leaves.RELEASED,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /register",
)
def register(
    shape: Annotated[str, typer.Option(help="atrs (two tiers) or register (Eurocities, Dutch register).")] = "register",
    to: Annotated[Path | None, typer.Option("--to", help="The new file.")] = None,
    year: Annotated[int, typer.Option(help="Count the uses of this year instead, from the log.")] = 0,
    language: LanguageOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Export the public register as data, or count the uses of a year."""
    from peelian.oversight.transparency.entries import SHAPES, exported
    from peelian.oversight.transparency.yearly import yearly

    if shape not in SHAPES:
        raise InputError("no such shape", column="--shape", accepted=", ".join(SHAPES))
    language = language_of(language)
    with opened(office) as town:
        if year:
            rows = [asdict(line) for line in yearly(town.kernel, year)]
            counts = ("asked", "refused", "run")
            text = "requested %(asked)d, refused %(refused)d, run %(run)d"
            shown = [f"{r['capability']:<24} {say(text, **{name: r[name] for name in counts})}" for r in rows]
            return rows, shown
        record = exported(town.kernel, shape, language, town.say(language))
    text = json.dumps(record, ensure_ascii=False, indent=1)
    if to is None:
        return record, [text]
    to.write_text(text + "\n", encoding="utf-8")
    return {"file": str(to), "records": len(record["records"])}, [written(to)]


@command(
    "oversight drift",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /tasks/oversight-drift",
)
def drift(
    report: Annotated[
        str, typer.Argument(help="Digest of an accuracy report. Without one, list reports and what is due.")
    ] = "",
    data: Annotated[
        list[str] | None, typer.Option(help="role=dataset, admitted since the report. Repeat for more.")
    ] = None,
    change: Annotated[list[str] | None, typer.Option(help="A parameter the report does not fix, name=value.")] = None,
    as_: Annotated[
        str, typer.Option("--as", envvar="PEELIAN_AS", help="Your short name. Your role must be able to request.")
    ] = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Test an adopted model on newer data. If it misses its acceptance criteria, its report is revoked."""
    from peelian.oversight import drift as drifting

    with opened(office) as town:
        if not report:
            due = {origin.digest for origin in drifting.due(town.kernel)}
            rows = [_report(origin, due) for origin in drifting.reports(town.kernel)]
            states = {True: say("due"), False: say("up to date")}
            lines = [f"{r['digest']}  {r['serves']:<20} {states[r['due']]}" for r in rows]
            return rows, lines or [say("No valid accuracy report.")]
        changes = {name: _scalar(value) for name, value in pairs(change or (), "--change").items()}
        with progress_bar() as progress:
            found = drifting.check(
                town.kernel,
                town.operator(as_),
                report,
                datasets=pairs(data or (), "--data"),
                changes=changes,
                progress=progress,
            )
    met = "%(serves)s still meets its acceptance criteria (case %(case)s)."
    missed = "%(serves)s misses its acceptance criteria (case %(case)s). Report revoked, uses blocked."
    line = say(met if found.holds else missed, serves=found.serves, case=found.case)
    return asdict(found), [line]


@command(
    "oversight tools",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /inventory",
)
def listed(office: OfficeOption = HERE) -> Printed:
    """List reported tools, their state, and which are overdue."""
    from peelian.oversight.assessment import tools

    with opened(office) as town:
        late = {tool.name for tool in tools.overdue(town.kernel)}
        rows = [{**asdict(tool), "overdue": tool.name in late} for tool in tools.tools(town.kernel).values()]
    lines = []
    for r in rows:
        text = "pause by %(day)s, OVERDUE" if r["overdue"] else "pause by %(day)s"
        lines.append(f"{r['name']:<24} {r['state']:<9} {say(text, day=r['pause_by'])}")
    return rows, lines or [say("No tools reported.")]


def _recorded(digest: str) -> str:
    return say("Recorded: %(digest)s", digest=digest)


def _report(origin: Any, due: set[str]) -> dict[str, Any]:
    authorization = origin.authorization
    return {
        "digest": origin.digest,
        "serves": authorization.serves,
        "ends": authorization.ends,
        "due": origin.digest in due,
    }


def _texts(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_bytes())
        return {str(key): str(value) for key, value in found.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        raise InputError("not a file of texts", file=file.name, accepted='JSON: {"section": "text"}') from None


def _scalar(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
