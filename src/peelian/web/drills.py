"""Breach drill pages: the next due date and the result of each drill."""

from __future__ import annotations

from collections.abc import Iterator

from peelian.operations.office import Office
from peelian.oversight.breach.letters import MEASURES
from peelian.oversight.drills import Drill, drills, missed, next_drill
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.web.pages import moment
from peelian.web.report import report

SCENARIOS = {
    "stolen-session": "Stolen session used for bulk reading",
    "snooping": "Staff member snooping on one person",
    "export-lost": "Exported file lost",
    "backup-copied": "Backup copied, with or without its keys",
    "vendor-token": "Vendor log-on leaked",
    "log-tampered": "Log altered",
    "disk-full": "Log disk full",
    "witness-down": "Witness down",
}
STAGES = {
    "build": "Invented town built, harm done",
    "detect": "Detected",
    "contain": "Contained",
    "assess": "Harm assessed",
    "report": "Letters written",
}


def drills_panels(office: Office, say: Say, language: str) -> Iterator[Panel]:
    """The next due date and the completed drills."""
    due = next_drill(office.kernel)
    at = moment(due.by.date().isoformat(), language)
    if due.overdue:
        text = say("The drill due on %(at)s is overdue. Uses are blocked until one succeeds.", at=at)
        yield Paragraph(text=text, tone="warning")
    else:
        yield Paragraph(text=say("Next drill due by %(at)s.", at=at), tone="good")
    if office.kernel.state.duties.drill_missed:
        says = say(
            "The drill of %(at)s missed a target and does not count.",
            at=day_and_time(office.kernel.state.duties.drill_missed, language),
        )
        yield Paragraph(text=says, tone="warning")
    gone = drills(office.kernel)
    if not gone:
        yield Paragraph(text=say("No drill completed yet."))
        return
    rows = tuple(
        (
            moment(d.ended[:10], language),
            say(SCENARIOS.get(d.scenario, d.title)),
            say("%(share).1f%%", share=d.recall_permille / 10),
            say("%(share).1f%%", share=d.extra_permille / 10),
            say("%(seconds).1f s", seconds=d.milliseconds / 1000),
            say("met") if d.criteria_met else say("missed"),
        )
        for d in gone
    )
    titles = (
        say("Date"),
        say("Scenario"),
        say("Affected people found"),
        say("Wrongly included"),
        say("Duration"),
        say("Targets"),
    )
    yield Grid(caption=say("Drills"), titles=titles, rows=rows, numeric=frozenset({2, 3, 4}))


def drill_panels(drill: Drill, say: Say, language: str) -> Iterator[Panel]:
    """One drill's record: scenario, truth against finding, times, measures."""
    body = drill.body
    yield Heading(text=say(SCENARIOS.get(drill.scenario, drill.title)))
    yield Paragraph(text=say("Drill only: all people are invented and nothing was sent."))
    tone = "good" if drill.criteria_met else "warning"
    yield Paragraph(
        text=say("All drill targets were met.") if drill.criteria_met else say("A drill target was missed."), tone=tone
    )
    for wrong in missed(body):
        yield Paragraph(text=f"{say(wrong)[:1].upper()}{say(wrong)[1:]}.", tone="warning")
    if not drill.criteria_met:
        yield Paragraph(text=say("It does not count. Only a drill that meets all targets allows uses for a year."))
    rows = [
        (say("Drill"), drill.name),
        (say("Ended"), day_and_time(drill.ended, language)),
        (say("People actually affected"), str(body["affected"])),
        (say("People found"), str(body["found"])),
        (say("Contained"), say("yes") if body["contained"] else say("no")),
        (say("Letters written"), str(body["letters"])),
        (say("Letters sent"), str(body["sent"])),
        (say("Log verified"), say("yes") if body["log_holds"] else say("no")),
    ]
    yield Grid(caption=say("Results"), titles=(say("Item"), say("Value")), rows=tuple(rows))
    measured = tuple(
        (say(STAGES[stage]), say("%(seconds).2f s", seconds=float(value))) for stage, value in body["seconds"].items()
    )
    titles = (say("Stage"), say("Duration"))
    yield Grid(caption=say("Measured times"), titles=titles, rows=measured, numeric=frozenset({1}))
    yield Paragraph(text=say("Machine time only. Time to read, decide and sign is extra."), tone="limit")
    if body["measures"]:
        yield Heading(text=say("Response"), level=3)
        for word in body["measures"]:
            yield Paragraph(text=say(MEASURES[word]))


def drill_report(office: Office, drill: Drill, language: str) -> str:
    """One drill's record as a standalone page."""
    say = office.say(language)
    facts = [(say("Office"), office.kernel.office.name), (say("Drill"), drill.name)]
    return report(say("Breach drill"), [*drill_panels(drill, say, language)], language=language, facts=facts, say=say)


def day_and_time(text: str, language: str) -> str:
    return moment(text[:16] + "+00:00", language)
