"""`peelian breach`: the breach protocol and its drills. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.breach_steps import IncidentArgument, people_said, record_of, secrets_said
from peelian.cli.command import command
from peelian.cli.frame import (
    HERE,
    AsOption,
    LanguageOption,
    OfficeOption,
    Printed,
    language_of,
    opened,
    progress_bar,
    reads,
    written,
)
from peelian.cli.words import say
from peelian.cli.words import translated as in_words
from peelian.errors import InputError
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.kernel.records.drill_records import DrillCourse
    from peelian.kernel.state.kernel import Kernel
    from peelian.oversight.breach.report import Report

RegimeOption = Annotated[list[str] | None, typer.Option(help="A law that applies. Repeat for more. Default: all.")]


@command(
    "breach signals",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="GET /incidents/new",
    reads="incident-signs",
)
def signals(as_: AsOption = "custodian", office: OfficeOption = HERE) -> Printed:
    """Look for signs of a breach in the access log."""
    from peelian.oversight.breach.signals import signals_in

    with opened(office) as opened_office:
        reads(opened_office, as_, "incident-signs")
        found = signals_in(opened_office.kernel)
    lines = [f"{s.fingerprint}  {s.kind:<16} {_people(len(s.subjects)):>12}  {s.started[:16]}" for s in found]
    record = [s.body() | {"fingerprint": s.fingerprint} for s in found]
    return record, lines or [say("No sign of a breach.")]


@command(
    "breach report",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/new",
)
def report(
    as_: AsOption,
    fingerprint: Annotated[str, typer.Option(help="A signal from `peelian breach signals`.")] = "",
    lost_export: Annotated[str, typer.Option(help="Batch of a lost export, or its log entry.")] = "",
    found_copy: Annotated[Path | None, typer.Option(help="A copy of the office that was found outside.")] = None,
    kind: Annotated[
        str,
        typer.Option(
            help="What happened: misdirected, device_lost, paper_lost, vendor_breach, "
            "availability_lost, published_by_mistake, viewed_without_need, other, log_stopped or witness_silent."
        ),
    ] = "",
    words: Annotated[str, typer.Option(help="What happened, in your words.")] = "",
    started: Annotated[str, typer.Option(help="When it began, in the town's time: 2026-11-24T08:00.")] = "",
    ended: Annotated[str, typer.Option(help="When it ended, in the town's time.")] = "",
    known_since: Annotated[str, typer.Option(help="Since when it is known, if not just now.")] = "",
    why: Annotated[str, typer.Option(help="Why it is recorded later than known.")] = "",
    dataset: Annotated[list[str] | None, typer.Option(help="Data concerned. Repeat for more.")] = None,
    exposure: Annotated[str, typer.Option(help="readable, encrypted, unknown or none.")] = "",
    people: Annotated[str, typer.Option(help="listed, nobody, or nothing where they are not known.")] = "",
    vendor: Annotated[str, typer.Option(help="Company whose systems are concerned.")] = "",
    of: Annotated[str, typer.Option(help="The recorded incident that it belongs to, b-….")] = "",
    regime: RegimeOption = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Record an incident. Legal deadlines start when it is known. Reports of one event are joined."""
    from peelian.oversight.breach.incident import open_incident

    told = {"kind": kind, "words": words, "started": started, "ended": ended, "known_since": known_since}
    told |= {"why_earlier": why, "datasets": " ".join(dataset or ()), "exposure": exposure, "people": people}
    named = Named(fingerprint=fingerprint, lost_export=lost_export, found_copy=found_copy)
    with opened(office) as opened_office:
        found = _told(opened_office.kernel, named, {**told, "vendor": vendor})
        by = opened_office.operator(as_)
        incident, new = open_incident(opened_office.kernel, by, found, regimes=regime or (), of=of)
    text = "%(id)s recorded: %(people)s." if new else "%(id)s was already recorded: %(people)s."
    lines = [say(text, id=incident.id, people=people_said(incident))]
    if found_copy:
        lines.append(say("Next: peelian key exposed %(folder)s --incident %(id)s", folder=found_copy, id=incident.id))
    lines.append(say("Next: peelian breach weigh %(id)s", id=incident.id))
    return {"new": new, **record_of(incident)}, lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the log or a folder tells of a breach, as the command names it."""

    fingerprint: str
    lost_export: str
    found_copy: Path | None


def _told(kernel: Kernel, named: Named, told: Mapping[str, str]) -> Report:
    """The report that a command states; InputError where there is no such signal, batch or kind."""
    from peelian.operations.exposed_copies import copy_in
    from peelian.oversight.breach import signals as seen
    from peelian.oversight.breach.local_times import zone_of
    from peelian.oversight.breach.report import BY_ITSELF
    from peelian.oversight.breach.told_incidents import free_report

    now, found = kernel.now().isoformat(), None
    if named.lost_export:
        found = seen.lost_export(kernel, named.lost_export, at=now)
    elif named.found_copy:
        found = seen.lost_copy(kernel, copy_in(named.found_copy, now))
    elif told["kind"] in BY_ITSELF:
        found = seen.without_people(told["kind"], started=now, ended=now)
    elif told["kind"]:
        found = free_report(told, zone=zone_of(kernel))
    else:
        found = next((s for s in seen.signals_in(kernel) if s.fingerprint == named.fingerprint), None)
    if found is None:
        accepted = "--fingerprint, --lost-export or --found-copy known to the log, or --kind"
        raise InputError("no such signal or batch", accepted=accepted)
    return found


@command(
    "breach weigh",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def weigh(
    id: IncidentArgument,
    exposure: Annotated[str, typer.Option(help="readable, encrypted, unknown or none.")],
    sensitivity: Annotated[str, typer.Option(help="low, medium or high.")],
    likelihood: Annotated[str, typer.Option(help="Of misuse: low, medium or high.")],
    mitigation: Annotated[str, typer.Option(help="How far the harm was reduced: low, medium or high.")],
    why_sensitivity: Annotated[str, typer.Option(help="Your reason.")],
    why_likelihood: Annotated[str, typer.Option(help="Your reason.")],
    why_mitigation: Annotated[str, typer.Option(help="Your reason.")],
    as_: AsOption,
    hardship: Annotated[bool, typer.Option("--hardship", help="Direct notice would be an undue hardship.")] = False,
    office: OfficeOption = HERE,
) -> Printed:
    """Assess the harm. This determines how each affected person is notified."""
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
    with opened(office) as opened_office:
        incident = weigh_incident(opened_office.kernel, opened_office.operator(as_), id, sheet, hardship=hardship)
    risk = bool(incident.harm["real_risk"])
    text = "Real risk of significant harm (%(rule)s)." if risk else "No real risk of significant harm (%(rule)s)."
    lines = [say(text, rule=incident.harm["rule"])]
    lines += [say("People to notify: %(people)s.", people=people_said(incident))] if risk else []
    lines += [say("Next: peelian breach letters %(id)s", id=id)] if risk else []
    return {"real_risk": risk, "rule": incident.harm["rule"], "to_notify": len(incident.untold)}, lines


@command(
    "breach contain",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def contain(
    id: IncidentArgument,
    as_: AsOption,
    measure: Annotated[list[str] | None, typer.Option(help="Another measure taken. Repeat for more.")] = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Contain a breach: end sessions, close accounts, replace keys. See also `peelian authorization suspend`."""
    from peelian.oversight.breach.letters import MEASURES
    from peelian.oversight.breach.protocol import contain_incident

    with opened(office) as opened_office:
        incident = contain_incident(opened_office.kernel, opened_office.operator(as_), id, stated=measure or ())
    return {"incident": id, "measures": incident.measures}, [say(MEASURES[m]) for m in incident.measures]


@command(
    "breach notified",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def notified(
    id: IncidentArgument,
    as_: AsOption,
    regulator: Annotated[bool, typer.Option("--regulator", help="The regulator was notified.")] = False,
    late_reason: Annotated[str, typer.Option(help="Why notice was late, if it was.")] = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Record that the regulator was notified. For people, see sent, told and notice. The program sends nothing."""
    from peelian.oversight.breach.incident import amend

    if not regulator:
        raise InputError("nobody named as notified", accepted="--regulator; people are told by sent, told or notice")
    with opened(office) as opened_office:
        by, changes = opened_office.operator(as_), {"late_reason": late_reason}
        made = amend(opened_office.kernel, by, id, step="regulator", changes=changes)
    return {"incident": id, "regulator_at": made.regulator_at}, [say("Recorded for %(id)s.", id=id)]


@command(
    "breach list",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="GET /incidents",
    reads="incidents",
)
def listed(as_: AsOption = "custodian", office: OfficeOption = HERE) -> Printed:
    """List recorded incidents."""
    from peelian.oversight.breach.incident import register

    with opened(office) as opened_office:
        reads(opened_office, as_, "incidents")
        found = register(opened_office.kernel)
    lines = []
    for i in found:
        ended = say("merged into %(id)s", id=i.merged_into) if i.merged_into else say("closed") if i.closed_at else ""
        at = say("known %(at)s", at=i.aware_at[:16])
        lines.append(f"{i.id}  {i.kind:<20} {people_said(i):>24}  {at}  {ended}".rstrip())
    return [record_of(i) for i in found], lines or [say("No incidents recorded.")]


@command(
    "breach show",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="GET /incidents/{id}",
    reads="incident",
)
def show(id: IncidentArgument, as_: AsOption = "custodian", office: OfficeOption = HERE) -> Printed:
    """Show one incident: facts, missing facts and deadlines."""
    from peelian.oversight.breach.incident import incident_of, lacking
    from peelian.oversight.breach.protocol import clocks_of, told_words

    with opened(office) as opened_office:
        incident = incident_of(opened_office.kernel, id)
        reads(opened_office, as_, "incident", of=incident.id)
        running = clocks_of(opened_office.kernel, incident)
        secrets = secrets_said(opened_office.kernel, incident)
    facts = {
        "id": incident.id,
        "kind": incident.kind,
        "people": people_said(incident),
        "until": incident.keep_until[:10],
    }
    lines = [say("%(id)s: %(kind)s, %(people)s, record kept until %(until)s", **facts)]
    lines += [f"  {c.what:<10} {say('due %(at)s', at=f'{c.due:%Y-%m-%d %H:%M}')}  {c.state}" for c in running]
    lines += ["  " + say("Missing facts: %(list)s", list=", ".join(lacking(incident)))] if lacking(incident) else []
    if incident.must_tell and incident.harm:
        said = "Told: %(told)d. Waiting: %(waiting)d. Letter came back: %(returned)d."
        lines.append("  " + say(said, **told_words(incident)))
    lines += [f"  {at[:16]}  {say(STEPS[step])}" for at, step in incident.trace] + secrets
    record = {**record_of(incident), "lacking": lacking(incident), "clocks": [asdict(c) for c in running]}
    return record, lines


STEPS = {
    "corrected": "corrected",
    "merged": "joined with another",
    "separated": "separated into two",
    "false_alarm": "false alarm",
    "closed": "closed",
    "reopened": "opened again",
    "notice": "public notice begun",
    "notice_ended": "public notice ended",
}


@command(
    "breach drill-self-test",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    terminal="builds a town of its own, which takes minutes and a second office",
)
def drill_self_test(
    scenario: Annotated[str, typer.Option(help="Name of a scenario. See `peelian breach drills`.")],
    as_: AsOption,
    seed: Annotated[int, typer.Option(help="Random seed. Another seed gives another town.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Folder for the invented town. Default: in the office.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write the letters to regulator and public as PDF.")] = False,
    regime: RegimeOption = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Run the breach protocol by machine on an invented town, and sign the record. It does not count as a drill."""
    from functools import partial

    from peelian.operations.drill.drill import Script, run_drill
    from peelian.web.letters import write_letters

    write = partial(write_letters, forms=("html", "pdf") if pdf else ("html",))
    script = Script(
        scenario=scenario, seed=seed, folder=out or office / "drills", regimes=tuple(regime or ()), write=write
    )
    with opened(office) as opened_office, progress_bar() as progress:
        drill = run_drill(opened_office, opened_office.operator(as_), script, progress=progress)
    return dict(drill.body), _outcome(drill.body, script.folder / drill.name)


@command(
    "breach drills",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /drills",
)
def drill_list(office: OfficeOption = HERE) -> Printed:
    """List the scenario cards, drills that people played, self-tests and the next due date."""
    from peelian.kernel.records.drill_records import courses
    from peelian.operations.drill.drill import drill_names
    from peelian.oversight.drills.cards import cards
    from peelian.oversight.drills.due import missed, next_drill, self_tests

    with opened(office) as opened_office:
        played, run, due = (
            courses(opened_office.kernel),
            self_tests(opened_office.kernel),
            next_drill(opened_office.kernel),
        )
    lines = [say("Drills are played at the pages, under Play a drill. Scenarios:")]
    lines += [f"  {one.id:<18} {one.title[language_of('')]}" for one in cards().values()]
    lines.append(say("Drills:"))
    lines += [f"  {one.name:<28} {one.opened.at[:10]}  {_stands(one)}" for one in played]
    lines += [say("Self-tests:"), *(f"  {name:<16} {in_words(about)}" for name, about in drill_names())]
    for d in run:
        targets = say("; ").join(map(in_words, missed(d.body)))
        says = say("targets met") if d.criteria_met else say("TARGETS MISSED: %(list)s", list=targets)
        lines.append(f"  {d.name:<20} {d.ended[:10]}  {says}")
    text = "Next drill OVERDUE since %(day)s. Uses are blocked." if due.overdue else "Next drill due by %(day)s."
    lines.append(say(text, day=f"{due.by:%Y-%m-%d}"))
    record = {
        "cards": {one.id: one.title["en"] for one in cards().values()},
        "drills": [{"drill": one.name, "at": one.opened.at, "counts": one.counts} for one in played],
        "self_tests": [dict(d.body) for d in run],
        "scenarios": dict(drill_names()),
        "due": due.by.isoformat(),
    }
    return record, lines


def _stands(course: DrillCourse) -> str:
    if course.abandoned:
        return say("abandoned, does not count")
    if course.report is None:
        return say("being played")
    if course.countersigned is None:
        return say("waits for a countersignature")
    return say("counts") if course.counts else say("does not count")


@command(
    "breach drill-show",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /drills/{name}",
)
def drill_show(
    name: Annotated[str, typer.Argument(help="Name of a self-test, for example snooping-1.")],
    out: Annotated[Path | None, typer.Option(help="Also write the record as a page to this folder.")] = None,
    language: LanguageOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Show the signed record of a self-test of the breach protocol."""
    from peelian.oversight.drills.due import self_test_of
    from peelian.web.public.drills import self_test_report

    language = language_of(language)
    with opened(office) as opened_office:
        drill = self_test_of(opened_office.kernel, name)
        page = self_test_report(opened_office, drill, language) if out else ""
    lines = _outcome(drill.body, Path(drill.name))
    if out:
        out.mkdir(parents=True, exist_ok=True)
        file = out / f"drill-{name}-{language}.html"
        file.write_text(page, encoding="utf-8")
        lines.append(written(file))
    return dict(drill.body), lines


def _people(n: int) -> str:
    return say("%(n)d people", n=n)


def _outcome(body: Mapping[str, Any], folder: Path) -> list[str]:
    """A drill in a few lines."""
    from peelian.oversight.drills.due import missed

    head = (
        "SELF-TEST %(name)s: %(title)s. Targets met."
        if body["criteria_met"]
        else "SELF-TEST %(name)s: %(title)s. TARGETS MISSED."
    )
    found = {"affected": body["affected"], "found": body["found"]}
    shares = {"recall": body["recall_permille"] / 10, "extra": body["extra_permille"] / 10}
    text = "Affected: %(affected)d. Found: %(found)d (%(recall).1f%%). Wrongly included: %(extra).1f%%."
    contained = say("yes") if body["contained"] else say("NO")
    seconds = ", ".join(f"{stage} {float(value):.2f} s" for stage, value in body["seconds"].items())
    lines = [
        say(text, **found, **shares),
        say("Measures: %(list)s. Contained: %(contained)s.", list=", ".join(body["measures"]), contained=contained),
        say("Letters written: %(n)d, none sent. Times: %(seconds)s.", n=body["letters"], seconds=seconds),
        say("Invented town, letters and log: %(folder)s", folder=folder),
        *(say("MISSED: %(target)s", target=in_words(target)) for target in missed(body)),
        say("A machine ran it: it opens nothing. Play a drill at the pages."),
    ]
    return [say(head, name=body["drill"], title=in_words(body["title"])), *(f"  {line}" for line in lines)]
