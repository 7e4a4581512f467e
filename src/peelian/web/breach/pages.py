"""Oversight pages: access review, who viewed my record, and incidents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.acts.breach import letters_grid
from peelian.operations.letters import local, local_day, zone_of
from peelian.operations.office import Office
from peelian.oversight.breach.incident import FEW, Incident, counts, is_few, register, yearly
from peelian.oversight.breach.letters import CIRCUMSTANCES, MEASURES, period, worksheet_panels
from peelian.oversight.breach.protocol import clocks_of, told_words
from peelian.oversight.breach.public_notice import public_notices
from peelian.oversight.breach.regimes import regimes
from peelian.oversight.review.sampling import week_of
from peelian.oversight.review.subjects import answers
from peelian.oversight.review.week import Item, Week, gathered, week_review
from peelian.oversight.transparency.contact import contact_of
from peelian.pictures.moments import moment, stamp
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.web.breach.secrets import not_contained, secret_panels
from peelian.web.frame.rooms import may
from peelian.web.framing import Link, frame
from peelian.web.pages import LANGUAGES
from peelian.web.public.drills import day_and_time
from peelian.wording.labels import worded

RULES = {
    "unexplained": "Unexplained: no case, plan or warrant of the unit covers it",
    "sample": "Random sample",
    "self": "Viewed their own record",
    "same_surname": "Viewed a person with the same surname",
    "one_sex_skew": "One sex viewed far more often than by colleagues",
    "crowding": "One person viewed by many staff, or repeatedly",
    "former_employee": "Log-on used after the last day of work",
    "borrowed_session": "One session used from two places",
    "wrong_address": "Log-on used from an unusual place",
    "off_duty": "Outside duty hours",
    "bulk_print": "Many people in one print or export",
    "bulk_read": "Many people within one hour",
}
CLOCKS = {"internal": "Inside the office", "regulator": "To the regulator", "persons": "To the people concerned"}
CLOCK_STATES = {"running": "running", "met": "on time", "late": "LATE", "not required": "not required"}
MOST_WEEKS = 26  # on the page of all weeks; older ones are reached by their address
Show = Callable[..., Response]


def page_of(office: Office, show: Show, template: str = "room.html") -> Show:
    """A page of panels under a title and a sentence, and of what else the template shows."""

    def page(request: Request, language: str, title: str, lead: str, panels: Sequence[Panel], **more: Any) -> Response:
        say = office.say(language)
        told = {"title": say(title), "lead": say(lead), "links": (), "section": "", **more}
        return show(request, template, **told, body=frame(panels, say, links=lambda table: ()).html)

    return page


def add_breach_pages(app: FastAPI, office: Office, show: Show) -> None:
    """Add the public pages: incidents, and how to ask who viewed a record."""
    page = page_of(office, show)

    @app.get("/{language}/incidents", include_in_schema=False)
    def incidents(request: Request, language: str) -> Response:
        say = known_say(office, language)
        panels = [*incident_panels(office, say, language)]
        return page(
            request,
            language,
            "Incidents",
            INCIDENTS,
            panels,
            links=[
                *_notice_links(office, language),
                *_incident_links(office, language, not may(office, request, "incidents")),
            ],
        )

    @app.get("/{language}/whoaccessed", include_in_schema=False)
    def whoaccessed(request: Request, language: str) -> Response:
        say = known_say(office, language)
        return page(request, language, "Who viewed my record", WHO, [*who_panels(office, say, language)])


INCIDENTS = "Confidentiality incidents in this town, the people concerned, and the response."
WHO = "You have the right to know who viewed records about you. Asking is free, and you receive every access."


def weeks_panels(office: Office, say: Say) -> Iterator[Panel]:
    """The weeks with accesses, newest first, and whether they are signed."""
    of = gathered(office.kernel)
    newest = sorted({week_of(access.at) for access in of.accesses} - of.past.keys(), reverse=True)[:MOST_WEEKS]
    found = [week_review(office.kernel, week, of=of) for week in newest]
    late = [review.week for review in found if review.overdue]
    if late:
        text = say("Overdue weekly reviews: %(weeks)s.", weeks=", ".join(late))
        yield Paragraph(text=text, tone="warning")
    if not found:
        yield Paragraph(text=say("No record viewed yet."))
        return
    rows = tuple(
        (w.week, str(w.accesses), str(w.explained), str(len(w.items)), stamp(say, w.signed_at[:10]) or say("open"))
        for w in found
    )
    titles = (say("Week"), say("Accesses"), say("Explained"), say("To review"), say("Signed"))
    yield Grid(caption=say("Weeks"), titles=titles, rows=rows, numeric=frozenset({1, 2, 3}))


def week_panels(office: Office, review: Week, say: Say, language: str) -> Iterator[Panel]:
    """One week: its tally, its queue, its sample and its signature."""
    yield Heading(text=review.week)
    n, all_ = review.explained, review.accesses
    yield Paragraph(text=say("%(n)d of %(all)d accesses explained.", n=n, all=all_))
    if review.blind:
        rules = say("; ").join(worded(RULES, rule, say) for rule in review.blind)
        text = say("Not checked, as the office keeps no list for it: %(rules)s.", rules=rules)
        yield Paragraph(text=text, tone="limit")
    if review.sample is None:
        yield Paragraph(text=say("Random sample not drawn yet."))
    elif not review.sample.pledge:
        text = say("No number was committed before this week. The sample depends on the log's root only.")
        yield Paragraph(text=text, tone="limit")
    if review.items:
        rows = tuple(_item(office, item, review, say) for item in review.items)
        titles = (say("Reason"), say("Who"), say("Entries"), say("Outcome"))
        yield Grid(caption=say("To review"), titles=titles, rows=rows)
    by = ", ".join(name_of_person(office, token, say) for token in review.signed_by)
    if review.signed_at:
        at = day_and_time(review.signed_at, language)
        yield Paragraph(text=say("Signed by %(by)s on %(at)s.", by=by, at=at), tone="good")
    else:
        due = moment(review.due.isoformat(), language)
        tone = "warning" if review.overdue else "plain"
        yield Paragraph(text=say("Not signed yet. Due on %(due)s.", due=due), tone=tone)
        if by:
            yield Paragraph(text=say("Signed in part by %(by)s. Items left: %(n)d.", by=by, n=len(review.open)))


def who_panels(office: Office, say: Say, language: str) -> Iterator[Panel]:
    """How to ask, what the answer contains, and how many were answered."""
    yield Heading(text=say("How to ask"))
    yield Paragraph(text=say("Come to the records desk, or write to us. Bring proof of identity."))
    yield Paragraph(text=_reach(office, say))
    yield Paragraph(text=say("A clerk checks your identity, searches the whole log and answers in writing."))
    yield Paragraph(
        text=say("The log records your question under a code only this office can make. It never holds your name.")
    )
    yield Heading(text=say("The answer"))
    yield Paragraph(text=say("Each access: date, unit, action, purpose and explanation."))
    yield Paragraph(text=say("Unexplained accesses are marked and under review."))
    yield Paragraph(
        text=say("Opened records without a list of people cannot be searched for you. The answer counts them.")
    )
    yield Paragraph(
        text=say(
            "Tell us when and where you may have been recorded. We then tell you who viewed the recordings of that "
            "time, without looking at them."
        )
    )
    yield Paragraph(
        text=say(
            "The answer says that no one viewed your record only where every opened record has its list of people. It "
            "states the period searched."
        )
    )
    given = answers(office.kernel)
    yield Heading(text=say("Answers given"))
    if not given:
        yield Paragraph(text=say("No questions yet."))
        return
    months: dict[str, int] = {}
    for at, _ in given:
        months[at[:7]] = months.get(at[:7], 0) + 1
    rows = tuple((month, str(n)) for month, n in months.items())
    titles = (say("Month"), say("Answers"))
    yield Grid(caption=say("Answers by month"), titles=titles, rows=rows, numeric=frozenset({1}))


def _reach(office: Office, say: Say) -> str:
    """Where to write to."""
    contact = contact_of(office.kernel)
    if contact is None:
        return say("This office has not published its contact yet. Write to the town's clerk.")
    reach = " · ".join(filter(None, (contact.postal, contact.telephone, contact.email)))
    return say("%(name)s: %(value)s", name=say("Contact"), value=reach)


def incident_panels(office: Office, say: Say, language: str) -> Iterator[Panel]:
    """The public extract of the register: no name, no code of a person."""
    found = [incident for incident in register(office.kernel) if not incident.drill]
    if not found:
        yield Paragraph(text=say("No incident yet. All incidents are listed here, even without harm."))
        return
    zone = zone_of(office.kernel)
    rows = tuple(
        _public_row(one, say, zone, contained=not not_contained(office.kernel, one)) for one in reversed(found)
    )
    titles = (
        say("Known since"),
        say("Event"),
        say("People"),
        say("Response"),
        say("People notified on"),
        say("Changes since"),
    )
    yield Grid(caption=say("Incidents"), titles=titles, rows=rows, numeric=frozenset({2}))
    year = office.kernel.now().year
    counted, of_year = yearly(found, year), [i for i in counts(found) if i.aware_at.startswith(str(year))]
    told = [(i.affected - len(i.untold), len(i.untold)) for i in of_year if i.must_tell]
    rows2 = (
        (say("Incidents"), str(counted["incidents"])),
        (say("People known to be concerned"), _sum([(i.affected, 0) for i in of_year], say)),
        (say("Incidents whose people are not all known"), str(counted["people_not_known"])),
        (say("With a real risk of significant harm"), str(counted["with_real_risk"])),
        (say("Reported to the regulator"), str(counted["reported_to_regulator"])),
        (say("People notified"), _sum(told, say)),
    )
    titles2 = (say("Item"), say("Number"))
    yield Grid(caption=say("The year %(year)s", year=str(year)), titles=titles2, rows=rows2, numeric=frozenset({1}))


def _public_row(incident: Incident, say: Say, zone: str, *, contained: bool) -> tuple[str, ...]:
    """One incident in the public extract, by the days of the zone; what changed since stands there by day and kind,
    never by person."""
    told = local_day(incident.persons_at, zone) or (say("not yet") if incident.must_tell else "–")
    changes = [say(TRACES[step], day=local_day(at, zone)) for at, step in incident.trace]
    changes += [say("Merged into %(id)s", id=incident.merged_into)] if incident.merged_into else []
    return (
        local_day(incident.aware_at, zone),
        " ".join(say(CIRCUMSTANCES[kind]) for kind in incident.circumstances),
        people_said(incident, say),
        _measures(incident, say) + ("" if contained else " " + say("Not contained yet.")),
        told,
        " · ".join(changes) or "–",
    )


TRACES = {
    "corrected": "Corrected on %(day)s",
    "merged": "Joined with another on %(day)s",
    "separated": "Separated into two on %(day)s",
    "false_alarm": "False alarm, stated on %(day)s",
    "closed": "Closed on %(day)s",
    "reopened": "Opened again on %(day)s",
    "notice": "Public notice since %(day)s",
    "notice_ended": "Public notice ended on %(day)s",
}


def people_said(incident: Incident, say: Say, *, inside: bool = False) -> str:
    """How many people an incident concerns; never a number where not everybody is known, nor in public a small one."""
    if not incident.people_known:
        if not (inside and incident.affected):
            return say("not known")
        return say("at least %(n)d, not all known", n=incident.affected)
    return str(incident.affected) if inside else _people(incident.affected, say)


def _people(n: int, say: Say) -> str:
    """A number of people for the public: few are not counted out, since neighbours would know whom it concerns."""
    return say("fewer than %(n)d", n=FEW) if is_few(n) else str(n)


def _sum(numbers: Sequence[tuple[int, int]], say: Say) -> str:
    """The sum of the first of each pair. A pair of which either number is few does not count: only what the others
    add up to is said, so that nothing can be told from the total."""
    hidden = [pair for pair in numbers if any(map(is_few, pair))]
    shown = sum(n for n, _ in numbers) - sum(n for n, _ in hidden)
    return say("at least %(n)d", n=shown) if hidden else str(shown)


def one_incident_panels(office: Office, incident: Incident, say: Say, language: str) -> Iterator[Panel]:
    """One incident as the office sees it: what matters now, then its reports and worksheet; people only as a number."""
    yield from incident_now(office, incident, say, language)
    yield from incident_record(office, incident, say, language)


def incident_now(office: Office, incident: Incident, say: Say, language: str) -> Iterator[Panel]:
    """What happened, to how many, what is lacking, its clocks and the letters that go out."""
    yield from (Paragraph(text=say(CIRCUMSTANCES[kind])) for kind in incident.circumstances)
    if account := incident.accounts.get(language):
        yield from (Paragraph(text=text) for text in (account.what, account.which) if text)
    when = local(language, zone_of(office.kernel))
    yield Paragraph(text=period(incident, say, when))
    number = say("%(name)s: %(value)s", name=say("People concerned"), value=people_said(incident, say, inside=True))
    yield Paragraph(text=number, tone="plain" if incident.people_known else "warning")
    if incident.must_tell and incident.harm:
        waiting = told_words(incident)
        yield Paragraph(
            text=say("Told: %(told)d. Waiting: %(waiting)d. Letter came back: %(returned)d.", **waiting),
            tone="good" if incident.all_told else "warning",
        )
    yield from _lacks(incident, say)
    yield from secret_panels(office.kernel, incident, say)
    rows = tuple(
        (say(CLOCKS[c.what]), when(c.due.isoformat()), when(c.done) if c.done else "–", say(CLOCK_STATES[c.state]))
        for c in clocks_of(office.kernel, incident)
    )
    titles = (say("Report"), say("Due"), say("Done"), say("State"))
    yield Grid(caption=say("Clocks"), titles=titles, rows=rows)
    if incident.must_tell and incident.harm:
        yield from letters_grid(office, [incident], say, named=False)


def incident_record(office: Office, incident: Incident, say: Say, language: str) -> Iterator[Panel]:
    """What stands behind an incident: measures, reports, worksheet and exposure."""
    when = local(language, zone_of(office.kernel))
    if incident.measures:
        yield Paragraph(text=_measures(incident, say))
    reports = tuple(
        (str(n), say(CIRCUMSTANCES[one.kind]), one.words or "–", when(one.known_since) if one.known_since else "–")
        for n, one in enumerate(incident.reports, start=1)
    )
    yield Grid(
        caption=say("Reports"),
        titles=(say("Number"), say("Event"), say("In their words"), say("Known since")),
        rows=reports,
    )
    yield from worksheet_panels(incident, say)
    yield Paragraph(text=say("Kept in the register until %(at)s.", at=moment(incident.keep_until[:10], language)))


def _lacks(incident: Incident, say: Say) -> Iterator[Panel]:
    """What an officer must see before anything else."""
    if incident.merged_into:
        yield Paragraph(text=say("Merged into %(id)s", id=incident.merged_into), tone="limit")
    if incident.unlisted:
        names = ", ".join(sorted(incident.unlisted))
        yield Paragraph(text=say("Data without a list of their people: %(names)s.", names=names), tone="warning")
    if incident.supplement:
        text = say("The regulator knows older facts. Send the new report.")
        yield Paragraph(text=text, tone="warning")


def _item(office: Office, item: Item, review: Week, say: Say) -> tuple[str, ...]:
    who = ", ".join(name_of_person(office, token, say) for token in item.by)
    shown = ", ".join(map(str, item.entries[:4])) + (" …" if len(item.entries) > 4 else "")
    outcome = say(OUTCOMES[review.outcomes[item.id]]) if item.id in review.outcomes else say("open")
    return worded(RULES, item.rule, say), who, shown, outcome


def name_of_person(office: Office, token: str, say: Say) -> str:
    """Somebody's name, while they are enrolled."""
    person = office.kernel.state.people.get(token)
    return person.name if person else say("former staff member")


OUTCOMES = {"justified": "justified", "referred": "referred", "unclear": "unclear"}


def _measures(incident: Incident, say: Say) -> str:
    return " ".join(say(MEASURES[word]) for word in incident.measures) or say("We are still deciding what to do.")


def _incident_links(office: Office, language: str, public: bool) -> list[Link]:
    if public:
        return []
    found = [i for i in register(office.kernel) if not i.drill]
    new = Link(href=f"/{language}/incidents/new", text=office.say(language)("Record an incident"))
    return [new, *(Link(href=f"/{language}/incidents/{i.id}", text=i.id) for i in found)]


def _notice_links(office: Office, language: str) -> list[Link]:
    """The public notices that stand, for everybody."""
    say = office.say(language)
    return [
        Link(
            href=f"/{language}/incidents/{one.id}/notice",
            text=say("Notice to the public of %(day)s", day=moment(one.notice_at[:10], language)),
        )
        for one in public_notices(office.kernel)
    ]


def known_laws(say: Say) -> list[tuple[str, str]]:
    """Each law of breaches that an incident or a drill can be bound to, with its title."""
    return [(law.id, say(law.title)) for law in regimes().values()]


def known_say(office: Office, language: str) -> Say:
    """The words of a language of the pages; 404 for any other."""
    if language not in LANGUAGES:
        raise HTTPException(404)
    return office.say(language)
