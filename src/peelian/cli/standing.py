"""Commands about where the office stands: compliance, register exports, drift, tools, documents people keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from peelian.cli.frame import (
    HERE,
    AsOption,
    JsonOption,
    LanguageOption,
    OfficeOption,
    language_of,
    opened,
    pairs,
    progress_bar,
    tell,
)
from peelian.errors import InputError


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (compliance, produce, rights, vendor, privileges, register, drift):
        app.command()(command)
    group = typer.Typer(help="Tools in use before approval: report them, move them on, see which are overdue.")
    for act in (report, move, listed):
        group.command("list" if act is listed else None)(act)
    app.add_typer(group, name="tool", no_args_is_help=True)


def compliance(
    results: Annotated[
        Path | None,
        typer.Option(help="Results of the tests (`pytest --junitxml=FILE`): then only those that passed count."),
    ] = None,
    only: Annotated[str, typer.Option(help="pass, fail or human: show only these.")] = "",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show every requirement's status with its evidence: pass, fail, or what a person must produce."""
    from peelian.oversight.compliance.results import read_results
    from peelian.oversight.compliance.standing import FAIL, HUMAN, PASS, standings, tally
    from peelian.web.compliance import as_json as plain

    if only and only not in (PASS, FAIL, HUMAN):
        raise InputError("there is no such status", column="--only", accepted="pass, fail, human")
    ran = read_results(results.read_bytes(), name=results.name) if results else None
    with opened(office) as house:
        found = standings(house.house, results=ran)
        record = plain(house, tuple(one for one in found if not only or one.status == only))
    counted = tally(found)
    record["tally"] = dict(counted)
    lines = [f"{counted[PASS]} hold, {counted[FAIL]} do not, {counted[HUMAN]} need a person to produce something."]
    for one in record["requirements"]:
        lines.append(f"{one['id']:<8} {one['status']:<6} {one['text']['en']}")
        lines += [f"           against: {e['says']}" for e in one["evidence"] if not e["holds"]]
        if one["status"] == HUMAN:
            lines.append(f"           to produce: {one['to_produce']['en']}")
    tell(record, lines, as_json=as_json)


def produce(
    requirement: Annotated[str, typer.Argument(help="A requirement's id, for example HUM-02.")],
    title: Annotated[str, typer.Option(help="What the document is.")],
    text: Annotated[str, typer.Option(help="Its text, or a summary and where it lies.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Keep the document a requirement asks a person for; it counts for a year."""
    from peelian.oversight.compliance.catalogue import body_cameras, catalogue
    from peelian.oversight.papers_kept import produce as keep

    wanted = {r.id for r in (*catalogue(), *body_cameras()) if r.human and not r.produced_by}
    if requirement not in wanted:
        raise InputError("no document is asked for here", column=requirement[:20], accepted=", ".join(sorted(wanted)))
    with opened(office) as house:
        mark = keep(house.house, house.operator(as_), requirement, title, text)
    tell({"mark": mark, "requirement": requirement}, [f"Kept for {requirement}: {mark}"], as_json=as_json)


def rights(
    serves: Annotated[str, typer.Argument(help="A capability or a technology (mapping.*).")],
    file: Annotated[Path, typer.Argument(help="JSON: process, period, groups, harms, oversight, measures.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Keep a rights assessment with its six sections."""
    from peelian.oversight.papers_kept import assess_rights

    with opened(office) as house:
        mark = assess_rights(house.house, house.operator(as_), serves, _texts(file))
    tell({"mark": mark}, [f"Kept: {mark}"], as_json=as_json)


def vendor(
    name: Annotated[str, typer.Argument(help="The vendor or partner.")],
    file: Annotated[Path, typer.Argument(help="JSON: privacy, scrutiny, data, breach, subcontractors, leaving.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Record where a vendor's contract holds each clause."""
    from peelian.oversight.papers_kept import bind_vendor

    with opened(office) as house:
        mark = bind_vendor(house.house, house.operator(as_), name, _texts(file))
    tell({"mark": mark}, [f"Kept: {mark}"], as_json=as_json)


def privileges(
    outcome: Annotated[
        list[str] | None, typer.Option(help="token=kept or token=withdrawn; repeat: signs the review.")
    ] = None,
    as_: Annotated[str, typer.Option("--as", envvar="PEELIAN_AS", help="Who reviews; without it, only look.")] = "",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show who holds which rights and which lie unused; with --as, sign the yearly review."""
    from dataclasses import asdict

    from peelian.oversight import privileges as held

    with opened(office) as house:
        rows = [asdict(row) for row in held.held(house.house)]
        late = held.overdue(house.house)
        if as_:
            mark = held.sign_off(house.house, house.operator(as_), pairs(outcome or (), "outcome"))
            tell({"mark": mark}, [f"Signed: {mark}"], as_json=as_json)
            return
    lines = [f"{r['person']}  {', '.join(r['roles']):<30} {'unused' if r['unused'] else ''}" for r in rows]
    lines += ["The yearly review is overdue."] if late else []
    tell({"people": rows, "overdue": late}, lines, as_json=as_json)


def register(
    shape: Annotated[str, typer.Option(help="atrs (two tiers) or register (Eurocities, Dutch register).")] = "register",
    to: Annotated[Path | None, typer.Option("--to", help="Write it to this file.")] = None,
    year: Annotated[int, typer.Option(help="Instead: the uses of this year, counted from the log.")] = 0,
    language: LanguageOption = "en",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write the register for machines, or count a year's uses."""
    from dataclasses import asdict

    from peelian.oversight.transparency import SHAPES, exported
    from peelian.oversight.yearly import yearly

    if shape not in SHAPES:
        raise InputError("there is no such shape", column="--shape", accepted=", ".join(SHAPES))
    with opened(office) as house:
        if year:
            rows = [asdict(line) for line in yearly(house.house, year)]
            shown = [f"{r['capability']:<24} asked {r['asked']}, refused {r['refused']}, run {r['run']}" for r in rows]
            tell(rows, shown, as_json=as_json)
            return
        record = exported(house.house, shape, language_of(language), house.say(language))
    text = json.dumps(record, ensure_ascii=False, indent=1)
    if to is None:
        typer.echo(text)
        return
    to.write_text(text + "\n", encoding="utf-8")
    tell({"file": str(to), "records": len(record["records"])}, [f"Written: {to}"], as_json=as_json)


def drift(
    report: Annotated[str, typer.Argument(help="An accuracy report's mark; without one, list what is due.")] = "",
    data: Annotated[
        list[str] | None, typer.Option(help="role=dataset admitted since the report; repeat for more.")
    ] = None,
    change: Annotated[list[str] | None, typer.Option(help="A parameter the report does not cover, name=value.")] = None,
    as_: Annotated[str, typer.Option("--as", envvar="PEELIAN_AS", help="Who checks: somebody who may ask.")] = "",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Prove an adopted model again on newer data; where it misses its bars, its report is revoked."""
    from dataclasses import asdict

    from peelian.oversight import drift as drifting

    with opened(office) as house:
        if not report:
            due = {origin.mark for origin in drifting.due(house.house)}
            rows = [_report(origin, due) for origin in drifting.reports(house.house)]
            lines = [f"{r['mark']}  {r['serves']:<20} {'due' if r['due'] else 'fresh'}" for r in rows]
            tell(rows, lines or ["No accuracy report is in force."], as_json=as_json)
            return
        changes = {name: _scalar(value) for name, value in pairs(change or (), "parameter").items()}
        with progress_bar(quiet=as_json) as progress:
            found = drifting.check(
                house.house,
                house.operator(as_),
                report,
                datasets=pairs(data or (), "dataset"),
                changes=changes,
                progress=progress,
            )
    says = "still meets its bars" if found.holds else "misses its bars: the report is revoked, the gate is closed"
    tell(asdict(found), [f"{found.serves} {says} (case {found.case})."], as_json=as_json)


def report(
    name: Annotated[str, typer.Argument(help="The tool.")],
    level: Annotated[str, typer.Option(help="high, moderate or low.")],
    reason: Annotated[str, typer.Option(help="Why it was in use before approval.")],
    plan: Annotated[str, typer.Option(help="How it will be paused.")],
    pause_by: Annotated[str, typer.Option(help="ISO date, within three months.")],
    as_: AsOption,
    technology: Annotated[str, typer.Option(help="The technology of this office it belongs to, if any.")] = "",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Report a tool that is in use before approval."""
    from peelian.oversight import tools

    with opened(office) as house:
        by = house.operator(as_)
        told = {"technology": technology, "level": level, "reason": reason, "plan": plan, "pause_by": pause_by}
        mark = tools.report(house.house, by, name, **told)
    tell({"mark": mark}, [f"Reported; to be paused by {pause_by}."], as_json=as_json)


def move(
    name: Annotated[str, typer.Argument(help="The tool.")],
    state: Annotated[str, typer.Argument(help="paused, approved or ended.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Pause, approve or end a reported tool."""
    from peelian.oversight import tools

    with opened(office) as house:
        mark = tools.move(house.house, house.operator(as_), name, state)
    tell({"mark": mark}, [f"{name} is {state}."], as_json=as_json)


def listed(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """List the reported tools, their state, and which are overdue."""
    from dataclasses import asdict

    from peelian.oversight import tools

    with opened(office) as house:
        late = {tool.name for tool in tools.overdue(house.house)}
        rows = [{**asdict(tool), "overdue": tool.name in late} for tool in tools.tools(house.house).values()]
    lines = [
        f"{r['name']:<24} {r['state']:<9} pause by {r['pause_by']}{'  OVERDUE' if r['overdue'] else ''}" for r in rows
    ]
    tell(rows, lines or ["No tool was reported."], as_json=as_json)


def _report(origin: Any, due: set[str]) -> dict[str, Any]:
    paper = origin.paper
    return {"mark": origin.mark, "serves": paper.serves, "ends": paper.ends, "due": origin.mark in due}


def _texts(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_bytes())
        return {str(key): str(value) for key, value in found.items()}
    except (OSError, ValueError, AttributeError):
        raise InputError("this file holds no texts", file=file.name, accepted='JSON: {"section": "text"}') from None


def _scalar(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
