"""The answer to a person who asked who viewed their record: a letter in their language, as HTML or tagged PDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from peelian.acts.act import Document
from peelian.kernel.model.technology import records_said
from peelian.operations.office import Office
from peelian.oversight.review.subjects import Look, SubjectReport
from peelian.pictures.moments import moment, stamp
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.wording.labels import PURPOSES, worded

ACTIONS: Mapping[str, str] = {
    "read": "read",
    "search": "found in a search",
    "print": "printed",
    "export": "exported to a file",
    "open": "dataset opened",
    "page": "page about it read",
}
GROUNDS: Mapping[str, str] = {
    "case": "case of that unit",
    "plan": "plan assigned to that unit",
    "warrant": "warrant",
    "intake": "record intake",
    "duty": "duty of that role",
    "": "Unexplained: under review",
}
OUTCOMES: Mapping[str, str] = {"shown": "shown", "refused": "refused", "none": "nothing found"}


def answer_document(office: Office, report: SubjectReport, language: str, *, name: str) -> Document:
    """The letter. It names units and days, never the staff, and not the person: whoever holds it is told."""
    say, made = office.say(language), office.kernel.now()
    facts = ((say("Office"), office.kernel.office.name), (say("Answered on"), moment(made.isoformat()[:10], language)))
    panels = [*answer_panels(office, report, say, language)]
    title = say("Who viewed my record")
    return Document(name=name, title=title, panels=panels, language=language, facts=facts, made=made)


def answer_panels(office: Office, report: SubjectReport, say: Say, language: str) -> Iterator[Panel]:
    """Every access, oldest first; what could not be searched, and what the person named of it. That no one looked is
    said only where nothing was opened of which it cannot be said."""
    since, entries = moment(report.since[:10], language), report.entries
    yield Paragraph(text=say("The whole log was searched: %(n)d entries since %(since)s.", n=entries, since=since))
    if report.no_one:
        yield Paragraph(text=say("No one viewed a record about you."), tone="good")
    elif not report.looks:
        text = say("We found no access to a record that we know is about you. Someone may still have viewed one.")
        yield Paragraph(text=text, tone="warning")
    else:
        yield looks_grid(report.looks, say("Accesses to records about you"), say)
    yield from _unsearched_panels(office, report, say, language)
    yield from _occasion_panels(report, say)
    if any(not look.ground for look in report.looks):
        text = say("You can ask for the result of the review, and complain to the privacy commissioner at any time.")
        yield Heading(text=say("What you can do"))
        yield Paragraph(text=text)


def looks_grid(looks: Iterable[Look], caption: str, say: Say) -> Grid:
    """Accesses as a table: units and days, never the staff."""
    rows = tuple(
        (
            stamp(say, look.at),
            look.unit,
            f"{say(ACTIONS.get(look.action, look.action))} ({say(OUTCOMES[look.outcome])})",
            worded(PURPOSES, look.purpose, say) if look.purpose else "–",
            say(GROUNDS[look.ground]),
        )
        for look in looks
    )
    titles = (say("Time (UTC)"), say("Unit"), say("Action"), say("Purpose"), say("Explanation"))
    return Grid(caption=caption, titles=titles, rows=rows)


def _unsearched_panels(office: Office, report: SubjectReport, say: Say, language: str) -> Iterator[Panel]:
    if not report.unsearched:
        return
    yield Heading(text=say("What we could not search"))
    text = say("These records were opened or delivered, and nobody listed whom they concern. You may be among them.")
    yield Paragraph(text=text, tone="limit")
    rows = tuple(
        (
            say(records_said(office.kernel.technologies, one.kind)),
            str(one.n),
            moment(one.first, language),
            moment(one.last, language),
        )
        for one in report.unsearched
    )
    titles = (say("Kind"), say("Number"), say("First day"), say("Last day"))
    yield Grid(caption=say("Records without a list of people"), titles=titles, rows=rows, numeric=frozenset({1}))
    if report.occasion is None and any(one.kind.startswith("footage.") for one in report.unsearched):
        text = say(
            "Tell us the day, the hours and, if you can, the place or the call number. We then tell you who viewed the "
            "recordings of that time."
        )
        yield Paragraph(text=text)


def _occasion_panels(report: SubjectReport, say: Say) -> Iterator[Panel]:
    found = report.occasion
    if found is None:
        return
    yield Heading(text=say("Recordings of the time you named"))
    of = {"starts": stamp(say, found.starts), "ends": stamp(say, found.ends), "n": found.recordings}
    text = say("From %(starts)s to %(ends)s (UTC), recordings that fit and have no list of people: %(n)d.", **of)
    yield Paragraph(text=text)
    yield Paragraph(text=say("We did not look at them, and do not know whether they show you."))
    if found.unstated:
        text = say("Not compared, as their place or call number was not written down: %(n)d.", n=found.unstated)
        yield Paragraph(text=text, tone="limit")
    if found.others:
        text = say("At another place or call, or written in another way: %(n)d.", n=found.others)
        yield Paragraph(text=text, tone="limit")
    if found.looks:
        yield looks_grid(found.looks, say("Accesses to these recordings"), say)
    elif found.recordings:
        yield Paragraph(text=say("The log holds no access to these recordings."))
