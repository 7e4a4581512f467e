"""The clock at every door: what is not believed is not stamped into the log, and two people once let the office go on.

With the machine's own clock, as a command and the pages have it, set wrong by three minutes to twenty years.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from authentication import at_pages, logged_on, send
from desk import Desk, Hands, confirm_clock
from divided import desk_of, peopled
from sqlalchemy import func, select
from suspending import suspend
from terminal import peelian
from toy import COUNT, TOY

from peelian.errors import PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.identity import dual_control, enrolment, revocation, sessions, step_up
from peelian.kernel.model.capability import Role
from peelian.kernel.retention.expiry_job import sweep
from peelian.kernel.verbs import authorizations
from peelian.operations import office as room
from peelian.storage.schema import METADATA
from peelian.web.app import make_app

RULE = "a_jump_of_the_clock_is_confirmed"
YEARS = timedelta(days=20 * 365)
FAR = [timedelta(days=32), timedelta(days=400), YEARS]
NEAR = [timedelta(minutes=-3), timedelta(minutes=3), timedelta(days=30), -YEARS]
UNCONFIRMED = {"PROVED", "SESSION_BEGAN", "PROPOSED", "SUSPENDED", "SUSPENSION_EXPLAINED", "STAFF_READ"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """The machine's clock, which a test sets."""
    hands = Hands()
    monkeypatch.setattr(room, "_utc_now", hands)
    monkeypatch.setattr(room, "technologies", lambda: (TOY,))
    return hands


@pytest.fixture
def town(tmp_path: Path, clock: Hands) -> Iterator[Desk]:
    """An office on disk with its people, whose clock is the machine's."""
    with standing(tmp_path / "office", clock) as made:
        yield made


@contextmanager
def standing(path: Path, clock: Hands) -> Iterator[Desk]:
    peopled(path, clock=clock)
    with room.open_office(path) as opened:
        yield dataclasses.replace(desk_of(opened), clock=clock)


def tables(town: Desk) -> dict[str, int]:
    """How many rows each table has."""
    with town.kernel.lock as database, database.reading() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(one)) or 0 for name, one in METADATA.tables.items()
        }


def acts(town: Desk) -> dict[str, Callable[[], Any]]:
    """Acts of every sort that log something, some of which would be refused for another reason."""
    kernel, people = town.kernel, town.people
    by, board = people["custodian"], people["board"]
    one = next(iter(kernel.state.authorizations.values()))
    return {
        "ask": lambda: town.ask(COUNT),
        "ask what is refused": lambda: verbs.ask(
            kernel, people["clerk"], COUNT.id, purpose="proof", params=COUNT.arithmetic().example().params, datasets={}
        ),
        "admit": lambda: town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells"),
        "enrol": lambda: town.office.enrol("new", name="N", unit="u", roles={Role.CLERK}, by=by),
        "train": lambda: enrolment.enrol(kernel, people["clerk"].person, by=by),
        "retire": lambda: revocation.retire(kernel, by, people["clerk"].person.token),
        "issue": lambda: town.authorization(one.kind, COUNT),
        "revoke": lambda: authorizations.revoke(kernel, people["board"], one),
        "propose": lambda: dual_control.propose(kernel, by, "rotate_keys", words="one two three"),
        "lend": lambda: sessions.Sessions(kernel).lend(board, Role.BOARD, days=2),
        "sweep": lambda: sweep(kernel),
        "beat": lambda: kernel.append("HEARTBEAT", entries=1),
    }


@pytest.mark.parametrize("ahead", FAR, ids=str)
def test_nothing_is_recorded_at_a_time_that_nobody_confirmed_but_a_suspension(town: Desk, ahead: timedelta) -> None:
    kernel, people = town.kernel, town.people
    town.authorizations(COUNT)
    proposal = dual_control.propose(kernel, people["custodian"], "rotate_keys", words="one two three")
    before, furthest, n = tables(town), kernel.stores.log.head()["furthest"], kernel.stores.log.size()
    town.clock.now += ahead
    for name, act in acts(town).items():
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reasons[0].rule == RULE, name
        assert tables(town) == before, name
    step_up.prove(kernel, people["council"])
    with pytest.raises(Refused):
        dual_control.approve(kernel, people["council"], proposal)
    suspend(kernel, people["privacy-officer"], "toy")
    since = [entry for _, entry in kernel.stores.log.read(n)]
    assert {str(entry["kind"]) for entry in since} <= UNCONFIRMED and all(entry["unconfirmed"] == 1 for entry in since)
    assert kernel.stores.log.head()["furthest"] == furthest and "toy" in kernel.state.suspended

    town.clock.now -= ahead  # it was wrong: nobody has to confirm anything, and nothing was lost
    assert town.office.enrol("new", name="N", unit="u", roles={Role.CLERK}, by=people["custodian"])
    assert "toy" in kernel.state.suspended and kernel.doubt() is None
    assert room.open_office(town.office.path or Path()).kernel.state.suspended.keys() == {"toy"}


@pytest.mark.parametrize("ahead", FAR, ids=str)
def test_two_people_once_let_an_office_go_on_that_was_left_alone(town: Desk, ahead: timedelta) -> None:
    kernel, people = town.kernel, town.people
    town.clock.now += ahead
    confirm_clock(kernel, people["custodian"], people["board"])
    assert kernel.doubt() is None
    kernel.append("HEARTBEAT", entries=1)
    town.clock.days(30)
    kernel.append("HEARTBEAT", entries=2)
    assert "unconfirmed" not in kernel.stores.log.entry(kernel.stores.log.size() - 1)


@pytest.mark.parametrize("by", NEAR, ids=str)
def test_a_clock_that_is_a_little_ahead_or_behind_stops_no_entry(town: Desk, by: timedelta) -> None:
    town.clock.now += by
    town.kernel.append("HEARTBEAT", entries=1)
    assert town.kernel.doubt() is None
    try:
        town.office.enrol("new", name="N", unit="u", roles={Role.CLERK}, by=town.people["custodian"])
    except Refused as error:
        assert by == -YEARS and "training" not in str(error)
    except PeelianError as error:  # a training until a day that is long over by the log
        assert by == -YEARS, error


def test_at_the_terminal_the_message_says_what_to_do_and_doing_it_helps(town: Desk, tmp_path: Path) -> None:
    town.clock.now += timedelta(days=40)
    asks = ("enrol", "new", "--name", "N", "--unit", "u", "--role", "clerk", "--as", "custodian")
    refused = peelian(*asks, cwd=tmp_path)
    assert refused.returncode == 3, refused
    assert (
        "40 days after the log's newest time" in refused.stderr and "`peelian proposals propose clock" in refused.stderr
    )
    assert peelian("people", "list", "--as", "custodian", cwd=tmp_path).returncode == 0, "one still looks"
    words = ("propose", "clock", "--reason", "the office was closed", "--as", "custodian")
    proposed = peelian(*words, cwd=tmp_path)
    assert proposed.returncode == 0, proposed.stderr
    digest = re.search(r"[0-9a-f]{64}", proposed.stdout)
    assert digest is not None
    assert peelian("proposals", "approve", digest[0], "--as", "board", cwd=tmp_path).returncode == 0
    done = peelian(*asks, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_at_the_pages_people_log_on_read_what_to_do_and_do_it(town: Desk) -> None:
    app = make_app(town.office)
    town.clock.now += timedelta(days=40)
    assert at_pages(app).get("/en/").status_code == 200
    custodian = logged_on(app, town.office, "custodian")
    for language, words in (("en", "two people of different units confirm it once"), ("fr", "réglez l’horloge")):
        assert words in custodian.get(f"/{language}/desk").text
    got = send(custodian, "/en/tasks/proposals-propose", what="clock", reason="the office was closed")
    assert got.status_code == 200 and "Someone of another unit approves it" in got.text, got.text[-2000:]
    proposal = next(digest for digest, made, _ in dual_control.open_proposals(town.kernel) if made.what == "clock")
    board = logged_on(app, town.office, "board")
    got = send(board, f"/en/proposals/{proposal}")
    assert got.status_code == 303, got.text[-2000:]
    assert town.kernel.doubt() is None and "two people of different units" not in board.get("/en/desk").text


def test_a_clock_an_hour_beyond_postgresqls_own_is_confirmed_once(
    tmp_path: Path, clock: Hands, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variants: it lies an hour less a minute beyond; once confirmed, it lies another hour beyond."""
    clock.now = datetime.now(UTC)
    places = {name: postgres.place() for name in ("database", "keys_database")}
    monkeypatch.setattr(room, "new_office", partial(room.new_office, **places))
    with standing(tmp_path / "office", clock) as town:
        kernel, people = town.kernel, town.people
        clock.now = datetime.now(UTC) + timedelta(minutes=55)
        kernel.append("HEARTBEAT", entries=1)
        for hours in (2, 4):
            clock.now = datetime.now(UTC) + timedelta(hours=hours)
            with pytest.raises(Refused, match="minutes after PostgreSQL's"):
                kernel.append("HEARTBEAT", entries=1)
            confirm_clock(kernel, people["custodian"], people["board"])
            clock.now = datetime.now(UTC) + timedelta(hours=hours, minutes=50)
            kernel.append("HEARTBEAT", entries=1)


def test_an_office_that_is_founded_by_one_person_waits_for_nobody(tmp_path: Path, clock: Hands) -> None:
    with room.new_office(tmp_path / "office", name="Town") as made:
        by = made.enrol("custodian", name="Custodian", unit="it", roles={Role.CUSTODIAN})
        clock.days(200)
        made.enrol("ana", name="Ana", unit="crime", roles={Role.ANALYST}, trained_until="2027-08-01", by=by)
