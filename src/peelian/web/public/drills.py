"""Breach drill pages for the public: the next due date, the drills that people played, and the machine's self-tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from peelian.kernel.records.drill_records import DrillCourse, courses
from peelian.operations.office import Office
from peelian.oversight.breach.letters import MEASURES
from peelian.oversight.drills.cards import Card, cards
from peelian.oversight.drills.due import SelfTest, missed, next_drill, self_tests
from peelian.oversight.drills.play import NEVER
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.web.pages import capital
from peelian.web.report import report
from peelian.wording.labels import ROLES, worded

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
LACKS = {
    "nobody_concerned": "nobody was concerned",
    "too_few_roles": "fewer than three people in three roles took part",
    "one_unit": "all who took part are of one unit",
}


def drills_panels(office: Office, say: Say, language: str) -> Iterator[Panel]:
    """The next due date, the drills that were played, and the self-tests."""
    due = next_drill(office.kernel)
    at = moment(due.by.date().isoformat(), language)
    if due.overdue:
        text = say("The drill due on %(at)s is overdue. Uses are blocked until one succeeds.", at=at)
        yield Paragraph(text=text, tone="warning")
    else:
        yield Paragraph(text=say("Next drill due by %(at)s.", at=at), tone="warning" if due.soon else "good")
    if office.kernel.state.duties.drill_missed:
        day = day_and_time(office.kernel.state.duties.drill_missed, language)
        yield Paragraph(text=say("The drill of %(at)s does not count.", at=day), tone="warning")
    played = courses(office.kernel)
    if not played:
        yield Paragraph(text=say("No drill completed yet."))
    else:
        titles = (say("Date"), say("Scenario"), say("Late or not decided"), say("Outcome"))
        rows = tuple(_row(one, say, language) for one in played)
        yield Grid(caption=say("Drills"), titles=titles, rows=rows)
    yield from _self_tests(office, say, language)


def _row(course: DrillCourse, say: Say, language: str) -> tuple[str, ...]:
    card, late = _card(course), course.report.body["late"] if course.report else ()
    words = {one.id: one.words[language] for one in card.decisions} if card else {}
    title = card.title[language] if card else course.name
    told = " · ".join(words.get(one, one) for one in late) or ("–" if course.report is None else say("nothing"))
    return (moment(course.opened.at[:10], language), title, told, outcome(course, say))


def outcome(course: DrillCourse, say: Say) -> str:
    """How a drill stands, in a few words."""
    if course.abandoned:
        return say("abandoned: it does not count")
    if course.report is None:
        return say("being played")
    if course.countersigned is None:
        return say("waits for the second signature")
    if course.counts:
        return say("counts for a year")
    return say("does not count: %(why)s", why=say("; ").join(worded(LACKS, one, say) for one in course.lacking))


def course_panels(course: DrillCourse, say: Say, language: str) -> Iterator[Panel]:
    """One drill for everybody: what was played, what each role decided and how soon. No names, no words of anybody."""
    card = _card(course)
    yield Heading(text=card.title[language] if card else course.name)
    yield Paragraph(text=say("Drill only: all people are invented and nothing was sent."))
    yield Paragraph(text=capital(outcome(course, say)), tone="good" if course.counts else "warning")
    if course.report is None:
        return
    body = course.report.body
    roles = [worded(ROLES, one["role"], say) for one in body["participants"]]
    rows = [
        (say("Ended"), day_and_time(body["ended"], language)),
        (say("Minutes of the drill"), str(body["minutes"])),
        (say("Roles that took part"), ", ".join(roles) or "–"),
        (say("Roles that were missing"), _roles([*body["missing"], *body["idle"]], say)),
        (say("Invented people concerned"), str(body["affected"])),
        (say("Of these recorded"), str(body["found"])),
        (say("Call list: reached, not reached, not tried"), _calls(body)),
        (say("Letter read by somebody else"), say("yes") if body["reading"] else say("no")),
        (say("Lessons"), str(len(body["lessons"]))),
        (say("Lessons still open"), str(len(course.open_lessons))),
    ]
    yield Grid(caption=say("Results"), titles=(say("Item"), say("Value")), rows=tuple(rows))
    yield _decisions(body, card, say, language)
    yield Paragraph(text=say("The report names the newest state of the drill town’s own log."))
    if course.countersigned:
        yield Paragraph(text=say("Two players signed it."))


def _decisions(body: Mapping[str, Any], card: Card | None, say: Say, language: str) -> Grid:
    words, late = {one.id: one.words[language] for one in card.decisions} if card else {}, set(body["late"])
    rows = tuple(
        (
            words.get(one["id"], one["id"]),
            worded(ROLES, one["role"], say),
            str(one["after"] + one["within"]),
            "–" if one["minute"] == NEVER else str(one["minute"]),
            _when(one, late, say),
        )
        for one in body["decisions"]
    )
    titles = (say("Decision"), say("Role"), say("Due by minute"), say("Decided at minute"), say("State"))
    return Grid(caption=say("Decisions"), titles=titles, rows=rows, numeric=frozenset({2, 3}))


def _when(one: Mapping[str, Any], late: set[str], say: Say) -> str:
    if one["minute"] == NEVER:
        return say("NOT DECIDED")
    return say("LATE") if one["id"] in late else say("on time")


def _roles(roles: list[str], say: Say) -> str:
    return ", ".join(worded(ROLES, one, say) for one in dict.fromkeys(roles)) or "–"


def _calls(body: Mapping[str, Any]) -> str:
    reached = sum(bool(one["reached"]) for one in body["calls"])
    return f"{reached} · {len(body['calls']) - reached} · {len(body['untried'])}"


def _card(course: DrillCourse) -> Card | None:
    return cards().get(str(course.opened.body["card"]))


def _self_tests(office: Office, say: Say, language: str) -> Iterator[Panel]:
    run = self_tests(office.kernel)
    yield Heading(text=say("Self-tests"))
    yield Paragraph(
        text=say("The program rehearses its own steps in seconds, without people. A self-test is no drill.")
    )
    if not run:
        return
    rows = tuple(
        (
            moment(one.ended[:10], language),
            say(SCENARIOS.get(one.scenario, one.title)),
            say("%(share).1f%%", share=one.recall_permille / 10),
            say("%(share).1f%%", share=one.extra_permille / 10),
            say("%(seconds).1f s", seconds=one.milliseconds / 1000),
            say("met") if one.criteria_met else say("missed"),
        )
        for one in run
    )
    titles = (
        say("Date"),
        say("Scenario"),
        say("Affected people found"),
        say("Wrongly included"),
        say("Duration"),
        say("Targets"),
    )
    yield Grid(caption=say("Self-tests by a machine"), titles=titles, rows=rows, numeric=frozenset({2, 3, 4}))


def self_test_panels(drill: SelfTest, say: Say, language: str) -> Iterator[Panel]:
    """One self-test's record: scenario, truth against finding, times, measures."""
    body = drill.body
    yield Heading(text=say(SCENARIOS.get(drill.scenario, drill.title)))
    yield Paragraph(text=say("Self-test only: all people are invented and nothing was sent."))
    tone = "good" if drill.criteria_met else "warning"
    yield Paragraph(text=say("All targets were met.") if drill.criteria_met else say("A target was missed."), tone=tone)
    for wrong in missed(body):
        yield Paragraph(text=f"{say(wrong)[:1].upper()}{say(wrong)[1:]}.", tone="warning")
    counted = say("An earlier version counted it as the yearly drill. It does so until a year after it.")
    yield Paragraph(text=counted if drill.counted else say("A machine ran it, so it does not count as a drill."))
    rows = [
        (say("Self-test"), drill.name),
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


def self_test_report(office: Office, drill: SelfTest, language: str) -> str:
    """One self-test's record as a standalone page."""
    say = office.say(language)
    facts = [(say("Office"), office.kernel.office.name), (say("Self-test"), drill.name)]
    panels = [*self_test_panels(drill, say, language)]
    return report(say("Self-test of the breach protocol"), panels, language=language, facts=facts, say=say)


def day_and_time(text: str, language: str) -> str:
    return moment(text[:16] + "+00:00", language)
