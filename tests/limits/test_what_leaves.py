"""What leaves by each door of a living office: the table's rows, tried by everybody who has a role there.

The office holds findings that nobody published, with canaries in their sentences, tables and maps. Every answer is
unpacked and searched for them.
"""

from __future__ import annotations

import os

import pytest
from authentication import logged_on
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from living_office import Living
from played_doors import (
    COMMANDS,
    NOBODY,
    OF_CASES,
    OVERSEERS,
    PEOPLE,
    SHOWN,
    SOME,
    STREAMS,
    WITH_CASES,
    Play,
    Typed,
    addresses,
    askers,
    deciders,
    got,
    is_shown_without,
    suspend_all,
)  # fmt: skip
from recordings import redacted_case
from reviews import ready_desk

from peelian.kernel.identity.sessions import why_not_enter
from peelian.kernel.model.doors import ANYBODY, Door, Enters, Leaves, Suspended
from peelian.web import serving
from peelian.web.addresses import DOORS
from peelian.web.app import make_app


@pytest.mark.parametrize("door", OF_CASES, ids=lambda door: door.name)
@pytest.mark.parametrize("what", ["undecided", "audit"])
def test_what_nobody_decided_is_seen_by_few_and_taken_by_nobody_but_who_decides(
    alive: Play, door: Door, what: str
) -> None:
    case = alive.living.hidden[what]
    allowed = {
        Leaves.LOOK: askers(alive, case) | deciders(alive, case) | OVERSEERS,
        Leaves.FILE: deciders(alive, case),
        Leaves.DATA: frozenset(),
    }[door.leaves]
    for short in (NOBODY, *WITH_CASES):
        person = alive.person(short)
        if person is None or not person.roles & allowed:
            for address, answer in got(alive, door, (case,), short).items():
                assert alive.canaries(answer.content) == set(), f"{short or 'nobody'} at {address}"
                assert 400 <= answer.status_code < 500 or is_shown_without(door, address), f"{short} at {address}"


def test_what_was_decided_leaves_by_every_door_of_a_case_so_that_the_search_finds_it(alive: Play) -> None:
    """Else no other test here would show anything."""
    empty = []
    for door in OF_CASES:
        answers = [
            answer
            for short in ("commander", "clerk")
            for answer in got(alive, door, (alive.living.decided,), short).values()
        ]
        assert 200 in {answer.status_code for answer in answers}, door.name
        if not any(alive.canaries(answer.content) for answer in answers):
            empty.append(door.name)
    assert empty == ["GET /data/cases/{case}/map"], "a picture's numbers are scaled: there only the status tells"


@pytest.mark.parametrize("door", SHOWN, ids=lambda door: door.name)
def test_a_suspended_technology_s_findings_are_looked_at_by_overseers_and_leave_by_no_other_door(
    stopped: Play, door: Door
) -> None:
    cases = tuple(stopped.living.hidden.values())
    asking = WITH_CASES if door in OF_CASES else ("board",) if door.whom == ANYBODY else SOME
    for short in (NOBODY, *asking):
        person = stopped.person(short)
        looks = door.suspended is Suspended.LOOKS and person is not None and bool(person.roles & OVERSEERS)
        for address, answer in got(stopped, door, cases, short).items():
            assert answer.status_code < 500, address
            assert looks or stopped.canaries(answer.content) == set(), f"{short or 'nobody'} at {address}"
            if door in OF_CASES and not looks:
                assert answer.status_code >= 400 or is_shown_without(door, address), f"{short or 'nobody'} at {address}"


FRAMES = [door for door in DOORS if door.leaves is Leaves.RECORDING and "{number}" in door.name]


def test_the_pictures_and_sounds_of_an_open_review_end_with_its_suspension() -> None:
    """Of a proposal, and of a copy beside its original: between them they have something behind each of these doors."""
    seen = set()
    for (town, case, *_), short in ((ready_desk(), "clerk"), (redacted_case(), "privacy-officer")):
        app, at = make_app(town.office), f"/en/cases/{case}/review"
        shown = {door.name: at + door.name.partition("/review")[2].replace("{number}", "0") for door in FRAMES}
        shown = {name: one + "?box=300,100,340,150&what=face" * ("follow" in one) for name, one in shown.items()}
        people = {one: logged_on(app, town.office, one) for one in sorted({short, "board", "auditor"})}
        assert people[short].get(at).status_code == 200
        seen |= {name for name, one in shown.items() if people[short].get(one).status_code == 200}
        suspend_all(town.office)
        for name, one in shown.items():
            for person, client in people.items():
                answer = client.get(one)
                assert answer.status_code == 403, (person, name)
                assert answer.headers["content-type"].startswith("text/html"), (person, name)
        app.state.lobby.close()
    assert seen == {door.name for door in FRAMES}


def test_no_review_is_served_from_the_terminal_while_its_technology_is_suspended(
    living: Living, terminal: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "serve_pages", lambda *given, **named: pytest.fail("it serves"))
    for case in (living.footage, *living.hidden.values()):
        done = terminal("footage review", "clerk", [case])
        assert done.returncode == 3 and "suspended" in done.stderr, done


def test_overseers_look_at_what_is_suspended(stopped: Play) -> None:
    (door,) = (door for door in DOORS if door.name == "GET /{language}/cases/{case}")
    for short in ("board", "privacy-officer", "auditor"):
        for answer in got(stopped, door, tuple(stopped.living.hidden.values()), short).values():
            assert stopped.canaries(answer.content), short


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_who_has_no_work_behind_a_door_is_turned_away(alive: Play, door: Door) -> None:
    if door.whom == ANYBODY:
        return
    method, kernel = door.name.partition(" ")[0], alive.office.kernel
    address = next(addresses(door, alive, (alive.living.undecided,)))
    for short in (NOBODY, *PEOPLE):
        client, person = alive.of(short, door), alive.person(short)
        refused = person is None or any(why_not_enter(kernel, person, door.whom, proved=kernel.now()))
        if refused:
            answer = client.request(method, address.replace("{number}", "0"))
            assert answer.status_code in ((401, 403) if person is None else (403,)), f"{short or 'nobody'} at {address}"


FUZZ = int(os.environ.get("PEELIAN_FUZZ", "150"))  # requests; 10,000 for the whole
LIFTING = ("suspension", "resume", "proposals")  # what may lift the suspension
RANDOM = [door for door in DOORS if door.name not in STREAMS and not any(word in door.name for word in LIFTING)]
RANDOM = [door for door in RANDOM if door.enters is not Enters.PROOF]  # wrong codes shut the log-on for everybody
WORDS = st.sampled_from(
    ["", "0", "1", "mapping", "forecast", "rates", "json", "csv", "pdf", "fr", "accept", "../x", "é"]
)


@settings(max_examples=FUZZ, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_no_request_brings_out_what_is_suspended(played: Play, terminal: Typed, data: st.DataObject) -> None:
    """Pages, API and commands, whoever asks and whatever with: only overseers look, and only at pages."""
    draw, cases = data.draw, tuple(played.living.hidden.values())
    if draw(st.integers(0, 19)) == 0:
        short, command = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(sorted(COMMANDS)))
        given_ = draw(st.lists(st.sampled_from([*cases, played.living.alarm, "mapping", "rates"]), max_size=9))
        done = terminal(command, short, [*given_, *cases])
        assert "Traceback" not in done.stderr, (command, done.stderr)
        found = played.canaries(f"{done.stdout}{done.stderr}".encode()) | terminal.written(played)
        assert found == set(), (short, command, given_)
        return
    door, short = draw(st.sampled_from(RANDOM)), draw(st.sampled_from((NOBODY, *PEOPLE)))
    method, address = door.name.partition(" ")[0], draw(st.sampled_from(sorted(addresses(door, played, cases))))
    address = address.replace("{number}", "0") + draw(st.sampled_from(["", "?q=x", "?with=" + cases[0], "?page=2"]))
    answer = played.sends(short, door, method, address, draw(st.dictionaries(WORDS, WORDS, max_size=4)))
    assert answer.status_code < 500, (short, method, address)
    person, page = played.person(short), answer.headers.get("content-type", "").startswith("text/html")
    looks = door.suspended is Suspended.LOOKS or (page and "content-disposition" not in answer.headers)
    overseer = person is not None and bool(person.roles & OVERSEERS)
    assert (overseer and looks) or played.canaries(answer.content) == set(), (short, method, address)
