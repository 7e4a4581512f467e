"""Which documents something in force still needs, so that they are carried over when the time of their shelf is over.

Of cases: those that are not over, that a held dataset keeps, or that earned a paper in force. The people enrolled now
and their authenticators, papers in force with the assessment each came from, the datasets that are there. Alarms and
sensors whole, until the time of their newest step is over; watches that stand, events that are not over. Alarms and
watches that a hold keeps. Of the office's records the newest lists, statements, drill and review, and incidents as long
as their law keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from peelian.governance.documents import Permit, Publication, mark_of
from peelian.governance.filed import TOOL, VENDOR
from peelian.governance.house import House, Track, still_archived
from peelian.governance.records import still_kept
from peelian.governance.retention import holds_in, is_open, line_of
from peelian.governance.sensor_register import the_register
from peelian.governance.shelving import REGISTER, shelf_at

OF_THE_OFFICE = ("STAFF_LISTED", "ROSTERED", "PRIVILEGES_REVIEWED", "DRILL_BEGUN", "DRILLED")
STATED = ("CATEGORY", "RIGHTS_ASSESSED", "PRODUCED")


def needed_marks(house: House) -> frozenset[str]:
    """The marks of every document that something in force still needs. O(cases + papers + datasets + alarms)."""
    book, keeps = house.book, keepers(house)
    found = {mark for track in book.tracks.values() if keeps(track) for mark in _of_case(house, track)}
    for admission in (*book.datasets.values(), *book.queued.values()):
        for one in line_of(house, admission):
            found |= {mark_of(one), one.description}
    found.update(book.enrolled.values(), (key.mark for key in book.orders.passkeys.values()))
    found.update(_of_papers(house), _adopted(house), _of_alarms(house), _of_sensors(house))
    found.update(_newest(house), _of_incidents(house), _named(house))
    return frozenset(found)


def needs(house: House, track: Track) -> bool:
    """Whether a case keeps its documents beyond their time: not over, held, or its paper in force. O(papers)."""
    return keepers(house)(track)


def keepers(house: House) -> Callable[[Track], bool]:
    """What tells of each case whether it keeps its documents; what holds for all of them is looked up once."""
    book, now = house.book, house.now()
    held = {name for name, holds in book.shelf.holds.items() if holds}
    earned = {paper.before for paper in book.papers.values() if datetime.fromisoformat(paper.ends) > now}

    def keeps(track: Track) -> bool:
        touched = held and {str(entry["dataset"]) for _, entry in track.entries if "dataset" in entry}
        return is_open(track, now) or bool(held & touched) or not earned.isdisjoint(track.marks("DECIDED"))

    return keeps


def _of_case(house: House, track: Track) -> Iterator[str]:
    yield from house.book.filed.plans.get(track.case, ())
    for _, entry in track.entries:
        yield from (str(entry[key]) for key in ("mark", "findings") if key in entry)
    for mark in track.marks("PERMITTED"):
        if permit := still_archived(house, mark, Permit):
            yield from permit.papers
    for mark in track.marks("PUBLISHED"):
        if publication := still_archived(house, mark, Publication):
            yield publication.findings


def _adopted(house: House) -> Iterator[str]:
    """The proposal of the bylaws in force and its approval, and every proposal that is not a week old."""
    orders, now = house.book.orders, house.now()
    for mark, proposal in orders.proposals.items():
        in_force = proposal.what == "bylaws" and proposal.body["digest"] == orders.bylaws
        if in_force or now - datetime.fromisoformat(proposal.at) < timedelta(days=7):
            yield mark
            if mark in orders.approved:
                yield mark_of(orders.approved[mark])


def _of_papers(house: House) -> Iterator[str]:
    """Papers in force, the assessment each came from with what followed it, and what was checked of each since."""
    filed, now = house.book.filed, house.now()
    for mark, paper in house.book.papers.items():
        if datetime.fromisoformat(paper.ends) > now:
            yield from (mark, paper.before)
            yield from (*filed.following.get(mark, ()), *filed.following.get(paper.before, ()))


def _of_alarms(house: House) -> Iterator[str]:
    """Alarms that are not closed, that a hold keeps, or whose newest step is not past its time; the watches of these,
    those that a hold keeps and those that stand; events that are not over; the newest handover. O(steps)."""
    watching, shelves, now = house.book.watching, house.book.shelves, house.now()
    floor, newest = watching.floor, set(watching.shelves.values())
    over = {shelf for shelf in newest if shelf in shelves.destroyed or shelves.is_due(shelf, now)}
    lives = floor.waiting.keys() | watching.held()
    kept = [a for a in floor.alarms.values() if a.id in lives or watching.shelves[a.id] not in over]
    for alarm in kept:
        yield from watching.steps[alarm.id]
    of_alarms = {alarm.watch for alarm in kept} | watching.on_hold()
    for case, stand in watching.stands.items():
        if case in of_alarms or watching.stands_at(case, now):
            yield from (stand.mark, stand.permit.before, *stand.permit.papers)
    yield from (event.mark for event in floor.calendar if event.ends > now)
    yield from (mark_of(handover) for handover in watching.handovers[-1:])


def _of_sensors(house: House) -> Iterator[str]:
    """Sensors that are registered, or whose newest act is not past its time, each with every act."""
    shelves, now = house.book.shelves, house.now()
    for listed in the_register(house).values():
        acted = shelf_at(REGISTER, datetime.fromisoformat(listed.acted))
        if listed.state(now.date()) == "registered" or not shelves.is_due(acted, now):
            yield from listed.marks


def _newest(house: House) -> Iterator[str]:
    """The newest lists, reviews and statements, and what was said of datasets that are there."""
    book, filed = house.book, house.book.filed
    there = book.datasets.keys() | book.queued.keys()
    for kind in (*OF_THE_OFFICE, *STATED):
        yield from (str(entry["mark"]) for _, entry in filed.of(kind))
    for kind in ("SUBJECTS_LISTED", "TAGGED"):
        yield from (str(entry["mark"]) for dataset, entry in filed.of(kind) if dataset in there)
    standing = {hold for holds in holds_in(house).values() for names in holds.values() for hold in names}
    yield from (str(entry["mark"]) for hold, entry in filed.of("HELD") if hold in standing)


def _of_incidents(house: House) -> Iterator[str]:
    """Incidents that a regime of breach law still keeps. O(incidents), each decrypted."""
    now = house.now()
    for marks in house.book.filed.incidents.values():
        until = ""
        for mark in marks:
            if record := still_kept(house, mark):
                said = record.body.get("changes", record.body)
                until = str(said.get("keep_until", until))
        if until and datetime.fromisoformat(until) > now:
            yield from marks


def _named(house: House) -> Iterator[str]:
    """What was last said of every tool that is not ended, and of every vendor. O(tools + vendors), each decrypted."""
    for kind in (TOOL, VENDOR):
        newest: dict[str, str] = {}
        for _, mark in house.book.filed.records.get(kind, ()):
            if record := still_kept(house, mark):
                name = str(record.body["name" if kind == TOOL else "vendor"])
                newest.pop(name, None)
                if record.body.get("state") != "ended":
                    newest[name] = mark
        yield from newest.values()
