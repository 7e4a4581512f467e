"""Every read of the office's own pages and lists leaves its entry: at pages, at the API and at the terminal.

The doors come from the tables: a page, task or command that shows what only the staff may know names its read, or its
reason for none stands here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authentication import logged_on
from hypothesis import given
from hypothesis import strategies as st
from living_office import Living
from played_doors import Play, Typed, addresses, served, typed

import peelian.web.addresses as of_pages
from peelian.acts import registry
from peelian.cli.contents import every_command
from peelian.errors import InputError, Refused
from peelian.kernel.access import staff_reads
from peelian.kernel.access.staff_reads import READS, read_by, staff_read
from peelian.kernel.identity import dual_control, revocation
from peelian.kernel.model.doors import ANYBODY, Door, Leaves
from peelian.operations.office import Office, open_office
from peelian.oversight.breach.incident import open_incident
from peelian.oversight.breach.told_incidents import free_report
from peelian.oversight.review.week import all_weeks
from peelian.wording.labels import STAFF_READS

SHOWS = (Leaves.RECORDS, Leaves.LOOK)
LIVE = "people stand there: alarms and plans are seen whatever the log can take"
OWN_ENTRY = "the act itself is logged"
NOBODY_NAMED = "names nobody, and nothing of a person"
UNREAD = {
    "GET /{language}/ask": "what the program can be asked for",
    "GET /{language}/ask/{capability}": "a form and titles of data",
    "GET /{language}/bylaws": NOBODY_NAMED,
    "GET /{language}/data/add": "a form",
    "GET /{language}/drills/run": "how far their own drill is",
    "GET /{language}/tasks": "which tasks there are",
    "GET /{language}/tasks/{id}": "each task has its own row",
    "GET /api/tasks": "which tasks there are",
    "GET /api/tasks/{id}": "each task has its own row",
    "GET /{language}/suspension": "suspending always works",
    "GET /{language}/suspension/{technology}": "suspending always works",
    "retention-classes": NOBODY_NAMED,
    "accesses-who-viewed": OWN_ENTRY,
    "run": OWN_ENTRY,
    **dict.fromkeys(("warrant read", "warrant notify", "warrant-read", "warrant-notify"), OWN_ENTRY),
    "accesses who-viewed": OWN_ENTRY,
    **dict.fromkeys(("warrant notices", "warrant-notices"), NOBODY_NAMED),
    "assess list": NOBODY_NAMED,
    "assess show": NOBODY_NAMED,
    "oversight bylaws": NOBODY_NAMED,
    "case list": NOBODY_NAMED,
    "breach drills": "everybody sees it",
    "breach drill-show": "everybody sees it",
    "footage library": NOBODY_NAMED,
    "key exposed": "of a copy that lies in a folder",
    "retention classes": NOBODY_NAMED,
    "sensors list": NOBODY_NAMED,
    "oversight tools": "everybody sees it",
}
ALLOWED = {"sensors refused": "custodian"}
OUTSIDE = {"watch list": "council"}
"""Who may read what the board may not, and who may not read what a dispatcher may."""
TASK_READS = {one.name: one.reads for one in registry.doors() if one.reads}
READING = {one.words: one.door.reads for one in every_command() if one.door.reads}
ROWS = (*of_pages.DOORS, *tuple(registry.doors()), *(one.door for one in every_command()))
WHO = ("board", "privacy-officer", "custodian", "clerk", "auditor", "council")
"""Between them they enter every room."""


def unnamed(rows: Iterable[Door]) -> set[str]:
    """Those that show what only the staff may know, and name no read and no reason."""
    shown = (door for door in rows if door.whom != ANYBODY and door.leaves in SHOWS)
    return {door.name for door in shown if not door.reads and door.name not in UNREAD}


def test_each_door_of_the_staff_names_its_read_or_why_there_is_none() -> None:
    assert unnamed(ROWS) == set(), "give the door its read (`READS` beside its table), or a reason here"
    silent = {door.name for door in ROWS if not door.reads}
    assert set(UNREAD) <= silent, "a reason for a door that leaves its read, or that is none"
    named = {door.reads for door in ROWS if door.reads}
    assert named == set(READS) == set(STAFF_READS) and len(named) >= 20


@given(st.sampled_from([door for door in ROWS if door.reads and door.whom != ANYBODY and door.leaves in SHOWS]))
def test_whichever_read_is_taken_from_its_row_is_missed(door: Door) -> None:
    assert unnamed([dataclasses.replace(one, reads="") if one is door else one for one in ROWS]) == {door.name}


# ---- what is played: a copy of an office at work, with an incident and a proposal


@dataclasses.dataclass(frozen=True)
class Reading:
    """An office that is served, and the numbers of what it has beside its cases."""

    play: Play
    incident: str
    proposal: str

    @property
    def office(self) -> Office:
        return self.play.office

    def of(self, door: Door) -> Iterator[str]:
        """The addresses of a door, as this office fills them in."""
        if "{id}" in door.name or "/proposals/" in door.name:
            path = door.name.partition(" ")[2].replace("{language}", "en").replace("{digest}", self.proposal)
            yield path.replace("{id}", self.incident)
        elif "{week}" in door.name:
            yield f"/en/accesses/{all_weeks(self.office.kernel)[-1]}"
        else:
            yield from addresses(door, self.play, (self.play.living.published,))

    def entries(self) -> list[dict[str, Any]]:
        return [dict(entry) for _, entry in self.office.kernel.stores.log.read(kinds=("STAFF_READ",))]


def filled(office: Office) -> tuple[str, str]:
    """An incident and a proposal."""
    told = {"kind": "misdirected", "words": "a letter to the wrong house"}
    incident, _ = open_incident(office.kernel, office.operator("privacy-officer"), free_report(told))
    by = office.operator("custodian")
    return incident.id, dual_control.propose(office.kernel, by, "rotate_keys", words="it is time again")


@pytest.fixture(scope="module")
def at(living: Living, one_loop: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    with served(living, tmp_path_factory.mktemp("reads") / "office", stopped=False) as play:
        yield Reading(play, *filled(play.office))


@pytest.fixture
def each(monkeypatch: pytest.MonkeyPatch) -> None:
    """No read is too soon after the same one."""
    monkeypatch.setattr(staff_reads, "AGAIN", timedelta(0))


PAGES = [door for door in of_pages.DOORS if door.reads and door.name.startswith("GET ")]
NOT_THERE = {
    "GET /{language}/assessment/{digest}": "no assessment was made at the pages here",
    "GET /{language}/batch": "no items are chosen here",
    "GET /{language}/data/labels/{id}": "no labels wait here",
    "GET /{language}/event-plans/{name}/report": "no event is over here: `tests/web/test_event_plans.py`",
    "GET /{language}/event-plans/{name}/report.{kind}": "no event is over here",
}


@pytest.mark.parametrize("door", PAGES, ids=lambda door: door.name)
def test_each_page_and_address_of_the_api_leaves_its_entry(at: Reading, each: None, door: Door) -> None:
    opened = 0
    for short in WHO:
        client = at.play.of(short, door)
        for address in at.of(door):
            before = at.entries()
            shown = client.get(address).status_code == 200
            new = at.entries()[len(before) :]
            assert [entry["read"] for entry in new] == [door.reads] * (shown and _sees(at, short, door)), address
            opened += len(new)
            for entry in new:
                person = at.office.operator(short).person
                assert entry["by"] == person.token and entry["session"]
                assert person.name not in map(str, entry.values())
    assert (opened == 0) is (door.name in NOT_THERE)


def _sees(at: Reading, short: str, door: Door) -> bool:
    """Whether they see more there than everybody does."""
    room = READS[door.reads].room
    return door.whom != ANYBODY or not staff_reads.why_not_enter(at.office.kernel, at.play.person(short), room)


@pytest.mark.parametrize("name", sorted(TASK_READS))
def test_each_task_that_shows_people_leaves_its_entry(at: Reading, each: None, name: str) -> None:
    opened = 0
    for short in WHO:
        for prefix, door in (("/en", PAGES[0]), ("/api", next(d for d in of_pages.DOORS if " /api/tasks/" in d.name))):
            before = len(at.entries())
            shown = at.play.of(short, door).get(f"{prefix}/tasks/{name}").status_code == 200
            new = at.entries()[before:]
            assert [entry["read"] for entry in new] == [TASK_READS[name]] * shown, (prefix, short)
            opened += shown
    assert opened


def test_what_is_shown_is_named_by_its_number(at: Reading, each: None) -> None:
    officer = at.play.of("privacy-officer", PAGES[0])
    for address, of in (
        (f"/en/incidents/{at.incident}", at.incident),
        (f"/en/cases/{at.play.living.published}", at.play.living.published),
        ("/en/tasks/people-list", None),
    ):
        assert officer.get(address).status_code == 200
        assert at.entries()[-1].get("of") == of
    stranger = at.play.of("", PAGES[0])
    assert "Looked at by the staff: list of people" in stranger.get("/en/log").text
    assert re.search(r"Consulté par le personnel\s: liste des personnes", stranger.get("/fr/log").text)


def test_a_form_that_is_shown_again_shows_its_page(at: Reading, each: None) -> None:
    door = next(door for door in of_pages.DOORS if door.name == "POST /{language}/incidents/{id}")
    before = len(at.entries())
    answer = at.play.sends("privacy-officer", door, "POST", f"/en/incidents/{at.incident}", {"act": "x"})
    assert answer.status_code == 400 and at.incident in answer.text
    assert len(at.entries()) == before + 1


def test_a_page_that_is_reloaded_is_one_read_until_ten_minutes_are_over(at: Reading) -> None:
    client, clock = logged_on(at.play.app, at.office, "council"), at.office.kernel.clock
    before = len(at.entries())
    for _ in range(5):
        assert client.get("/en/incidents").status_code == 200
    assert len(at.entries()) == before + 1
    client.get(f"/en/incidents/{at.incident}")
    client.get("/en/incidents")
    assert [entry["read"] for entry in at.entries()[before:]] == ["incidents", "incident"]
    other = logged_on(at.play.app, at.office, "council")
    other.get("/en/incidents")
    assert len(at.entries()) == before + 3, "another session is another read"
    clock.now += timedelta(minutes=9, seconds=50)
    client.get("/en/incidents")
    assert len(at.entries()) == before + 3
    clock.now += timedelta(seconds=11)
    client.get("/en/incidents")
    assert len(at.entries()) == before + 4


def test_what_everybody_sees_is_no_read(at: Reading, each: None) -> None:
    before = len(at.entries())
    stranger, dispatcher = at.play.of("", PAGES[0]), at.play.of("dispatcher", PAGES[0])
    for client in (stranger, dispatcher):
        assert client.get("/en/incidents").status_code == client.get("/en/compliance").status_code == 200
    assert len(at.entries()) == before


def test_nothing_is_shown_where_the_log_takes_no_entry(
    at: Reading, each: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    custodian, floor = (logged_on(at.play.app, at.office, who) for who in ("custodian", "dispatcher"))
    shown = {"/en/tasks/people-list": "Trained until", f"/en/incidents/{at.incident}": "a letter to the wrong house"}
    shown |= {"/en/cases": at.play.living.published}
    assert all(what in custodian.get(address).text for address, what in shown.items())
    monkeypatch.setattr(at.office.kernel.stores.log, "why_stopped", "its witness objects")
    for address, what in shown.items():
        answer = custodian.get(address)
        assert answer.status_code == 503 and what not in answer.text
    assert floor.get("/en/alarms").status_code == 200, "people stand there"


def test_the_staff_of_a_suspended_technology_read_as_ever_and_see_no_findings(
    stopped: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff_reads, "AGAIN", timedelta(0))
    log, analyst = stopped.office.kernel.stores.log, stopped.of("analyst", PAGES[0])
    n = len(list(log.read(kinds=("STAFF_READ",))))
    assert analyst.get("/en/cases").status_code == 200
    answers = [analyst.get(f"/en/cases/{case}").status_code for case in stopped.living.hidden.values()]
    found = [entry["read"] for _, entry in log.read(kinds=("STAFF_READ",))][n:]
    assert found == ["cases", *(["case"] * answers.count(200))]


# ---- the verb


def test_nobody_reads_in_a_session_that_is_not_theirs_or_under_a_name_that_is_none(at: Reading) -> None:
    kernel, clerk, board = at.office.kernel, at.office.operator("clerk"), at.office.operator("board")
    before = len(at.entries())
    for by in (dataclasses.replace(clerk, session="s-none"), dataclasses.replace(clerk, sign=board.sign)):
        with pytest.raises((Refused, Exception)):
            read_by(kernel, by, "cases")
    for read, of in (("nothing", ""), ("case", "Jane Roe"), ("case", "x" * 81)):
        with pytest.raises(InputError):
            staff_read(kernel, board, read, of=of)
    assert len(at.entries()) == before


# ---- the terminal


@pytest.fixture(scope="module")
def desk(living: Living, tmp_path_factory: pytest.TempPathFactory) -> tuple[Typed, str]:
    where = typed(living, tmp_path_factory.mktemp("reads-typed"))
    with open_office(where.office) as office:
        return where, filled(office)[0]


def read_at(office: Path) -> list[dict[str, Any]]:
    with open_office(office) as town:
        return [dict(entry) for _, entry in town.kernel.stores.log.read(kinds=("STAFF_READ",))]


@pytest.mark.parametrize("command", sorted(READING))
def test_each_command_that_names_people_is_its_readers(desk: tuple[Typed, str], living: Living, command: str) -> None:
    at, incident = desk
    given = {"accesses queue": "2026-W48", "breach show": incident, "footage history": living.recording}
    before = read_at(at.office)
    done = at(command, ALLOWED.get(command, "board"), [given.get(command, "2026")])
    new = read_at(at.office)[len(before) :]
    assert done.returncode == 0, done.stderr
    assert [entry["read"] for entry in new] == [READING[command]] and "signature" in new[0]
    assert at(command, "nobody", [given.get(command, "2026")]).returncode != 0
    wrong = at(command, OUTSIDE.get(command, "dispatcher"), [given.get(command, "2026")])
    assert wrong.returncode == 3 and wrong.stdout == "", "no role for it"
    assert len(read_at(at.office)) == len(before) + 1


def test_whoever_left_reads_nothing(at: Reading) -> None:
    by = at.office.operator("analyst")
    revocation.retire(at.office.kernel, at.office.operator("custodian"), by.person.token)
    with pytest.raises(Refused):
        staff_read(at.office.kernel, by, "cases")
