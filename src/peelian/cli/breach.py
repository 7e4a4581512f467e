"""`peelian breach` and `peelian drill`: the protocol when something went wrong, and its rehearsal. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
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
    progress_bar,
    tell,
)
from peelian.errors import InputError

IncidentArgument = Annotated[str, typer.Argument(help="An incident of the register, b-…")]
RegimeOption = Annotated[list[str] | None, typer.Option(help="A law that binds the town; none named: all of them.")]


def add_to(app: typer.Typer) -> None:
    """Register both groups."""
    group = typer.Typer(help="When something went wrong: signals, register, harm, letters, clocks.")
    for command in (signals, report, contain, weigh, told, letters, show, yearly):
        group.command()(command)
    group.command("list")(listed)
    app.add_typer(group, name="breach", no_args_is_help=True)
    drills = typer.Typer(help="Rehearse a breach on a town with drill keys and invented people.")
    drills.command("run")(drill_run)
    drills.command("list")(drill_list)
    drills.command("show")(drill_show)
    app.add_typer(drills, name="drill", no_args_is_help=True)


def signals(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Look for signs of a breach in what was accessed."""
    from peelian.oversight.breach.signals import signals_in

    with opened(office) as house:
        found = signals_in(house.house)
    lines = [f"{s.fingerprint}  {s.kind:<16} {len(s.subjects):>5,} people  {s.started[:16]}" for s in found]
    tell([s.body() | {"fingerprint": s.fingerprint} for s in found], lines or ["No sign of a breach."], as_json=as_json)


def report(
    as_: AsOption,
    fingerprint: Annotated[str, typer.Option(help="A signal that `peelian breach signals` shows.")] = "",
    lost_export: Annotated[str, typer.Option(help="The batch of an export that was lost, or its log entry.")] = "",
    found_copy: Annotated[
        Path | None, typer.Option(help="A copy of the office's files that was found outside.")
    ] = None,
    kind: Annotated[str, typer.Option(help="Where nobody's record is concerned: log_stopped, witness_silent.")] = "",
    regime: RegimeOption = None,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Enter an incident into the register; one reported before is recognised. The clocks run from now."""
    from dataclasses import asdict

    from peelian.guided.found_copies import copy_in
    from peelian.oversight.breach import signals as seen
    from peelian.oversight.breach.incident import open_incident

    with opened(office) as house:
        now = house.house.now().isoformat()
        found = [s for s in seen.signals_in(house.house) if s.fingerprint == fingerprint]
        if lost_export and (lost := seen.lost_export(house.house, lost_export, at=now)):
            found = [lost]
        elif found_copy:
            found = [seen.lost_copy(house.house, copy_in(found_copy, now))]
        elif kind in ("log_stopped", "witness_silent"):
            found = [seen.without_people(kind, started=now, ended=now)]
        if not found:
            says = "--fingerprint, --lost-export or --found-copy of something in the log, or --kind"
            raise InputError("there is no such signal or batch", accepted=says)
        incident, new = open_incident(house.house, house.operator(as_), found[0], regimes=regime or ())
    says = "entered" if new else "known already, and noted again"
    lines = [f"{incident.id}: {says}; {incident.affected:,} people.", f"Next: peelian breach weigh {incident.id}"]
    tell({"new": new, **asdict(incident)}, lines, as_json=as_json)


def weigh(
    id: IncidentArgument,
    exposure: Annotated[str, typer.Option(help="readable, encrypted, unknown, none")],
    sensitivity: Annotated[str, typer.Option(help="low, medium, high")],
    likelihood: Annotated[str, typer.Option(help="of misuse: low, medium, high")],
    mitigation: Annotated[str, typer.Option(help="how far it was mended: low, medium, high")],
    why_sensitivity: Annotated[str, typer.Option(help="Why.")],
    why_likelihood: Annotated[str, typer.Option(help="Why.")],
    why_mitigation: Annotated[str, typer.Option(help="Why.")],
    as_: AsOption,
    hardship: Annotated[bool, typer.Option("--hardship", help="Direct notice is an undue hardship.")] = False,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Fill in the worksheet of harm; chooses how each affected person is told."""
    from peelian.oversight.breach.harm import Worksheet
    from peelian.oversight.breach.protocol import weigh_incident

    sheet = Worksheet(
        exposure=exposure,
        sensitivity=sensitivity,
        likelihood=likelihood,
        mitigation=mitigation,
        why_sensitivity=why_sensitivity,
        why_likelihood=why_likelihood,
        why_mitigation=why_mitigation,
    )
    with opened(office) as house:
        incident = weigh_incident(house.house, house.operator(as_), id, sheet, hardship=hardship)
    risk = bool(incident.harm["real_risk"])
    says = "There is" if risk else "There is no"
    lines = [f"{says} real risk of significant harm ({incident.harm['rule']})."]
    lines += [f"{len(incident.channels):,} people to be told.", f"Next: peelian breach letters {id}"] if risk else []
    tell({"real_risk": risk, "rule": incident.harm["rule"], "told": len(incident.channels)}, lines, as_json=as_json)


def contain(
    id: IncidentArgument,
    as_: AsOption,
    measure: Annotated[list[str] | None, typer.Option(help="What people did besides; repeat for more.")] = None,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Stop what goes on: end sessions, close accounts, replace keys. A technology is suspended by `peelian suspend`."""
    from peelian.oversight.breach.letters import MEASURES
    from peelian.oversight.breach.protocol import contain_incident

    with opened(office) as house:
        incident = contain_incident(house.house, house.operator(as_), id, stated=measure or ())
    tell({"incident": id, "measures": incident.measures}, [MEASURES[m] for m in incident.measures], as_json=as_json)


def told(
    id: IncidentArgument,
    as_: AsOption,
    regulator: Annotated[bool, typer.Option("--regulator", help="The regulator was told.")] = False,
    persons: Annotated[bool, typer.Option("--persons", help="The people concerned were told.")] = False,
    late_reason: Annotated[str, typer.Option(help="Why it was late, where it was.")] = "",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """State in the register that the letters were sent, by somebody: the program sends nothing."""
    from peelian.oversight.breach.incident import amend

    if not (regulator or persons):
        raise InputError("nobody was told", accepted="--regulator, --persons or both")
    with opened(office) as house:
        now = house.house.now().isoformat()
        changes = {"regulator_at": now} if regulator else {}
        changes |= {"persons_at": now} if persons else {}
        changes |= {"late_reason": late_reason} if late_reason else {}
        amend(house.house, house.operator(as_), id, step="told", **changes)
    tell({"incident": id, **changes}, [f"{id}: noted."], as_json=as_json)


def letters(
    id: IncidentArgument,
    out: Annotated[Path, typer.Option(help="The folder the letters go into.")],
    officer: Annotated[str, typer.Option(help="Whom people can ask.")],
    reach: Annotated[str, typer.Option(help="Their telephone or address.")],
    form: Annotated[str, typer.Option(help="html, or pdf (tagged, PDF/UA-1).")] = "html",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write the report to the regulator and every notice, English and French, into files for their owner only."""
    from datetime import datetime

    from peelian.oversight.breach.incident import incident_of
    from peelian.oversight.breach.letters import Contact
    from peelian.oversight.review.people import lists_of
    from peelian.web import letters as made

    with opened(office) as house:
        incident = incident_of(house.house, id)
        contact = Contact(office=house.house.name, officer=officer, reach=reach)
        subjects = lists_of(house.house).subjects
        files = [
            made.written(
                letter, out, form=form, say=house.say(letter.language), made=datetime.fromisoformat(incident.aware_at)
            )
            for letter in made.letters(house, incident, contact, subjects)
        ]
    tell(
        [str(file) for file in files], [f"Written: {len(files)} letters into {out}. Nothing was sent."], as_json=as_json
    )


def listed(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """List the register of incidents."""
    from dataclasses import asdict

    from peelian.oversight.breach.incident import register

    with opened(office) as house:
        found = register(house.house)
    lines = [f"{i.id}  {i.kind:<16} {i.affected:>5,} people  aware {i.aware_at[:16]}" for i in found]
    tell([asdict(i) for i in found], lines or ["No incident in the register."], as_json=as_json)


def show(id: IncidentArgument, office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Show one incident: what is known, what the register still lacks, and its clocks."""
    from dataclasses import asdict

    from peelian.oversight.breach.incident import incident_of, lacking
    from peelian.oversight.breach.protocol import clocks_of

    with opened(office) as house:
        incident = incident_of(house.house, id)
        running = clocks_of(house.house, incident)
    lines = [f"{incident.id}: {incident.kind}, {incident.affected:,} people, kept until {incident.keep_until[:10]}"]
    lines += [f"  {c.what:<10} due {c.due:%Y-%m-%d %H:%M}  {c.state}" for c in running]
    lines += [f"  the register still lacks: {', '.join(lacking(incident))}"] if lacking(incident) else []
    record = {**asdict(incident), "lacking": lacking(incident), "clocks": [asdict(c) for c in running]}
    tell(record, lines, as_json=as_json)


def yearly(
    year: Annotated[int, typer.Option(help="Which year.")], office: OfficeOption = HERE, as_json: JsonOption = False
) -> None:
    """Count the year's incidents, as the yearly statistics ask."""
    from peelian.oversight.breach import incident

    with opened(office) as house:
        counted = incident.yearly(incident.register(house.house), year)
    tell(counted, [f"{name.replace('_', ' '):<24} {n:>6,}" for name, n in counted.items()], as_json=as_json)


def drill_run(
    scenario: Annotated[str, typer.Option(help="Which scenario; `peelian drill list` names them.")],
    as_: AsOption,
    seed: Annotated[int, typer.Option(help="Chance: another seed, another drill.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Where the drill town is made; else in the office's folder.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write the letters to regulator and public as PDF.")] = False,
    regime: RegimeOption = None,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Play a breach from harm to letters on a drill town, and keep the signed record. Cut short, run it again."""
    from peelian.guided.drill import Script, run_drill

    forms = ("html", "pdf") if pdf else ("html",)
    script = Script(
        scenario=scenario, seed=seed, folder=out or office / "drills", regimes=tuple(regime or ()), forms=forms
    )
    with opened(office) as house, progress_bar(quiet=as_json) as progress:
        drill = run_drill(house, house.operator(as_), script, progress=progress)
    tell(dict(drill.body), _told(drill.body, script.folder / drill.name), as_json=as_json)


def drill_list(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """List the scenarios, the drills gone through, and when the next one is due."""
    from peelian.guided.drill import drill_names
    from peelian.oversight.drills import drills, missed, next_drill

    with opened(office) as house:
        gone, due = drills(house.house), next_drill(house.house)
    lines = ["Scenarios:", *(f"  {name:<16} {about}" for name, about in drill_names()), "Gone through:"]
    for d in gone:
        says = "bars met" if d.bars_met else f"BARS MISSED, so it does not count: {'; '.join(missed(d.body))}"
        lines.append(f"  {d.name:<20} {d.ended[:10]}  {says}")
    lines += [f"The next is due by {due.by:%Y-%m-%d}{': OVERDUE, and the gate is closed' if due.overdue else ''}."]
    record = {"scenarios": dict(drill_names()), "drills": [dict(d.body) for d in gone], "due": due.by.isoformat()}
    tell(record, lines, as_json=as_json)


def drill_show(
    name: Annotated[str, typer.Argument(help="A drill, for example snooping-1.")],
    out: Annotated[Path | None, typer.Option(help="Also write the record as a page into this folder.")] = None,
    language: LanguageOption = "en",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show a drill's signed after-action record."""
    from peelian.oversight.drills import drill_of
    from peelian.web.drills import drill_report

    with opened(office) as house:
        drill = drill_of(house.house, name)
        page = drill_report(house, drill, language_of(language)) if out else ""
    lines = _told(drill.body, Path(drill.name))
    if out:
        out.mkdir(parents=True, exist_ok=True)
        file = out / f"drill-{name}-{language}.html"
        file.write_text(page, encoding="utf-8")
        lines.append(f"Written: {file}")
    tell(dict(drill.body), lines, as_json=as_json)


def _told(body: Mapping[str, Any], folder: Path) -> list[str]:
    """A drill in a few lines."""
    from peelian.oversight.drills import missed

    seconds = ", ".join(f"{stage} {float(value):.2f} s" for stage, value in body["seconds"].items())
    return [
        f"DRILL {body['drill']}: {body['title']}. {'The bars are met' if body['bars_met'] else 'THE BARS ARE MISSED'}.",
        f"  affected {body['affected']:,}, found {body['found']:,}: recall {body['recall_permille'] / 10:g} %, "
        f"extra {body['extra_permille'] / 10:g} %",
        f"  measures: {', '.join(body['measures']) or 'none'}; contained: {'yes' if body['contained'] else 'NO'}",
        f"  {body['letters']} letters written, none sent; {seconds}",
        f"  the town, its letters and its log: {folder}",
        *(f"  MISSED: {says}" for says in missed(body)),
        *(["  It does not count: the gate stays as it was until a drill meets its bars."] if missed(body) else []),
    ]
