"""The answer to a person who asked who viewed their record: a letter in their language, as HTML or tagged PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from peelian.errors import InputError
from peelian.operations.office import Office
from peelian.oversight.subjects import SubjectReport
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.web.pages import moment, stamp
from peelian.web.pdf import pdf
from peelian.web.report import report as page
from peelian.web.words import PURPOSES, worded

ACTIONS: Mapping[str, str] = {
    "read": "read",
    "search": "found in a search",
    "print": "printed",
    "export": "exported to a file",
    "open": "dataset opened",
}
GROUNDS: Mapping[str, str] = {
    "case": "case of that unit",
    "plan": "plan assigned to that unit",
    "warrant": "warrant",
    "intake": "record intake",
    "": "Unexplained: under review",
}
OUTCOMES: Mapping[str, str] = {"shown": "shown", "refused": "refused", "none": "nothing found"}


def answer_letter(office: Office, report: SubjectReport, language: str, *, form: str, made: str) -> bytes:
    """The letter. It names units and days, never the staff, and not the person: whoever holds it is told.

    InputError: no such form, or the extra `pdf` is missing.
    """
    say = office.say(language)
    title = say("Who viewed my record")
    facts = [(say("Office"), office.kernel.office.name), (say("Answered on"), moment(made[:10], language))]
    panels = [*answer_panels(report, say, language)]
    if form == "pdf":
        return pdf(title, panels, language=language, facts=facts, say=say, made=datetime.fromisoformat(made))
    if form != "html":
        raise InputError("unknown letter format", accepted="html, pdf")
    return page(title, panels, language=language, facts=facts, say=say).encode()


def answer_panels(report: SubjectReport, say: Say, language: str) -> Iterator[Panel]:
    """Every access, oldest first. If there was none, the letter says so."""
    since, entries = moment(report.since[:10], language), report.entries
    yield Paragraph(text=say("The whole log was searched: %(n)d entries since %(since)s.", n=entries, since=since))
    if not report.looks:
        yield Paragraph(text=say("No one viewed a record about you."), tone="good")
        return
    rows = tuple(
        (
            stamp(look.at),
            look.unit,
            f"{say(ACTIONS.get(look.action, look.action))} ({say(OUTCOMES[look.outcome])})",
            worded(PURPOSES, look.purpose, say) if look.purpose else "–",
            say(GROUNDS[look.ground]),
        )
        for look in report.looks
    )
    titles = (say("Time (UTC)"), say("Unit"), say("Action"), say("Purpose"), say("Explanation"))
    yield Grid(caption=say("Accesses to records about you"), titles=titles, rows=rows)
    if any(not look.ground for look in report.looks):
        text = say("You can ask for the result of the review, and complain to the privacy commissioner at any time.")
        yield Heading(text=say("What you can do"))
        yield Paragraph(text=text)
