"""A fault stays where it is: one flipped byte in each kind of thing, at the pages and at the terminal of a real office.

Whatever rests on the thing is shut and says why; the log, its checkpoint, receipts, the log-on and the kill switch go
on; and once the thing is restored all is as it was, without a restart. Three faults shut the office.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from authentication import at_pages, logged_on, send
from faulty import CONTAINED, KNOWN, OTHER_PLAN, PEOPLES_KEY, PLAN, SHUTTING, Kind, Lived, copied, founded, row
from postgres import Server
from starlette.testclient import TestClient
from terminal import peelian as typed

import peelian.operations.office
from peelian.errors import IntegrityError
from peelian.kernel.alarms import operator_desk, watch
from peelian.kernel.alarms.plans_in_force import runbooks
from peelian.kernel.model.alarms import Alarm, State
from peelian.kernel.model.suspension import Why
from peelian.kernel.retention.retention_roots import needed_digests
from peelian.operations.office import Office, new_office, open_office
from peelian.web.app import make_app

OPEN = {
    "home": "/en/",
    "log": "/en/log",
    "checkpoint": "/data/log/checkpoint",
    "receipt": "/data/log/3/receipt",
    "log-on": "/en/log-on",
    "register": "/en/register",
    "sensors": "/en/sensors",
}
BESIDE = {
    "alarms": "/en/alarms",
    "other alarm": "/en/alarms/{well-2}",
    "event plans": "/en/event-plans",
    "other event plan": f"/en/event-plans/{OTHER_PLAN}",
    "console": "/en/console",
    "wall": "/en/console/wall",
}
"""Where people stand: no fault but the three shuts it."""
ALWAYS = frozenset({"home", "log", "checkpoint", "receipt", "log-on", "desk", "suspension", "suspend", *BESIDE})
"""What goes on in every fault but the three."""


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> Iterator[Callable[[str], Lived]]:
    """An office that lies in SQLite, one on PostgreSQL; each is made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peelian.operations.office, "technologies", lambda: KNOWN)

        @cache
        def made(place: str) -> Lived:
            with patch.context() as there:
                if place == "postgresql":
                    places = {"database": postgres.database(), "keys_database": postgres.database()}
                    there.setattr(peelian.operations.office, "new_office", partial(new_office, **places))
                    there.setenv("PEELIAN_TESTS_ON", "postgresql")  # its people are made there, not copied
                return founded(tmp_path_factory.mktemp("faults") / "office")

        yield made


@pytest.fixture
def place() -> str:
    """Where the office lies, unless a test says so."""
    return "sqlite"


@pytest.fixture
def lived(offices: Callable[[str], Lived], place: str) -> Lived:
    return offices(place)


@pytest.fixture
def folder(lived: Lived, place: str, postgres: Server, tmp_path: Path) -> Path:
    """A copy of the office."""
    return copied(lived, tmp_path / "office", postgres if place == "postgresql" else None)


def everywhere(kinds: Sequence[Kind]) -> pytest.MarkDecorator:
    """Each kind in an office on SQLite; what lies in rows in one on PostgreSQL, too."""
    each = [(one, at) for at in ("sqlite", "postgresql") for one in kinds if at == "sqlite" or one.in_rows]
    return pytest.mark.parametrize(("kind", "place"), each, ids=lambda one: getattr(one, "name", one))


@contextmanager
def served(folder: Path) -> Iterator[tuple[Office, Any]]:
    with open_office(folder) as office:
        app = make_app(office)
        yield office, app
        app.state.lobby.close()


def damaged(lived: Lived, kind: Kind, folder: Path) -> AbstractContextManager[None]:
    """A byte of this kind of thing is another in a copy of the office."""
    return kind.damage(dataclasses.replace(lived, folder=folder))


def looked_at(client: TestClient, addresses: dict[str, str]) -> dict[str, Any]:
    return {name: client.get(address) for name, address in addresses.items()}


def addresses_of(lived: Lived) -> tuple[dict[str, str], dict[str, str]]:
    """What everybody may look at, and what only the office does."""
    inside = {"asked case": f"/en/cases/{lived.asked}", "undecided case": f"/en/cases/{lived.named['undecided']}"}
    return OPEN | {"published case": f"/en/register/{lived.published}"}, inside | {
        "desk": "/en/desk",
        "cases": "/en/cases",
        "suspension": "/en/suspension",
        "alarm": f"/en/alarms/{lived.named['well-1']}",
        "event plan": f"/en/event-plans/{PLAN}",
        **{what: address.format(**lived.named) for what, address in BESIDE.items()},
    }


def all_of(lived: Lived, office: Office, app: Any, short: str) -> dict[str, Any]:
    """Every answer, of somebody who logs on now, and of the kill switch at the pages."""
    outside, inside = addresses_of(lived)
    found = looked_at(at_pages(app), outside)
    client = logged_on(app, office, short)
    found |= looked_at(client, inside)
    found["suspend"] = send(client, "/en/suspension/toy", act="suspend", reason="precaution")
    return found


def test_of_all_kinds_three_faults_shut_the_office() -> None:
    assert len(CONTAINED) >= 20 and {kind.office for kind in SHUTTING} == {"head", "ring", "schema"}


@everywhere(CONTAINED)
def test_a_fault_shuts_what_rests_on_it_and_nothing_else(lived: Lived, folder: Path, kind: Kind) -> None:
    with served(folder) as (office, app), damaged(lived, kind, folder):
        found = all_of(lived, office, app, "privacy-officer")
        shut = {what for what, got in found.items() if got.status_code >= 400}
        assert shut == kind.shuts and not shut & ALWAYS
        for what in shut:
            assert found[what].status_code == 503 and kind.says in found[what].text, found[what].text
            assert "Damaged record" in found[what].text and "Everything else goes on" in found[what].text
        assert office.kernel.state.suspended["toy"].is_thrown


@everywhere(CONTAINED)
def test_whoever_comes_to_the_terminal_meanwhile_suspends(lived: Lived, folder: Path, kind: Kind) -> None:
    """The office is opened anew, and knows nothing of before the fault."""
    with damaged(lived, kind, folder):
        done = typed(
            "authorization",
            "suspend",
            "toy",
            "--as",
            "auditor",
            "--reason",
            "harm",
            "--office",
            str(folder),
            cwd=folder,
        )
        assert done.returncode == 0, done.stderr


@everywhere(CONTAINED)
def test_what_is_restored_is_open_again_without_a_restart(lived: Lived, folder: Path, kind: Kind) -> None:
    outside, inside = addresses_of(lived)
    fault = ExitStack()
    fault.enter_context(damaged(lived, kind, folder))
    with served(folder) as (office, app):  # it knows nothing of before the fault
        client = logged_on(app, office, "privacy-officer")
        looked_at(client, outside | inside)
        fault.close()
        deadline = time.monotonic() + 10
        while bad := {what for what, got in looked_at(client, outside | inside).items() if got.status_code >= 400}:
            assert time.monotonic() < deadline, bad
        assert "toy" not in office.kernel.state.suspended


@everywhere(SHUTTING)
def test_three_faults_shut_the_office_and_say_which(lived: Lived, folder: Path, kind: Kind) -> None:
    with damaged(lived, kind, folder):
        done = typed(
            "authorization",
            "suspend",
            "toy",
            "--as",
            "auditor",
            "--reason",
            "harm",
            "--office",
            str(folder),
            cwd=folder,
        )
        assert done.returncode == 5 and kind.says in done.stderr, done.stderr
    if kind.opening:
        return  # whoever has it open goes on with what they read
    with served(folder) as (_, app):
        client = at_pages(app)
        with damaged(lived, kind, folder):
            got = client.get("/en/log")
            assert got.status_code == 503 and kind.says in got.text and "Service stopped" in got.text
        assert client.get("/en/log").status_code == 200


def of_name(name: str) -> Kind:
    return next(kind for kind in CONTAINED if kind.name == name)


def test_a_damaged_alarm_stays_in_sight_and_what_set_it_aside_counts_no_longer(lived: Lived, folder: Path) -> None:
    """Variants: its first step is damaged; it is restored."""
    alarm = lived.named["well-1"]
    with damaged(lived, of_name("newest step of an alarm"), folder), served(folder) as (office, app):
        floor = office.kernel.state.alarms.floor
        assert [one.id for one in floor.queue()] == [lived.named["well-1"], lived.named["well-2"]]
        client = logged_on(app, office, "dispatcher")
        for address in ("/en/console", "/en/alarms"):
            assert client.get(address).text.count("damaged record") == 1
        assert "DAMAGED RECORD" in typed("watch", "alarms", "--office", str(folder), cwd=folder).stdout
        watch.tick(office.kernel)  # it calls: nobody answered it for a minute, as far as one can read
        operator_desk.acknowledge(office.kernel, office.operator("dispatcher"), alarm)
        assert alarms_of(office)[alarm].state is State.ACKED
        assert [one.of for one in office.kernel.state.faults()] == [f"document {lived.named['ALARM_SHELVED']}"]
    with damaged(lived, of_name("first step of an alarm"), folder), served(folder) as (office, _):
        assert alarms_of(office)[alarm].state is State.ACKED and alarms_of(office)[alarm].zone == "north"
        assert retained(office) is None
    with served(folder) as (office, _):
        assert alarms_of(office)[alarm].state is State.ACKED and not office.kernel.state.alarms.floor.damaged
        assert retained(office) is not None


def alarms_of(office: Office) -> dict[str, Alarm]:
    return office.kernel.state.alarms.floor.alarms


def retained(office: Office) -> frozenset[str] | None:
    """What is carried over when a partition is destroyed; None: nothing is destroyed now."""
    try:
        return needed_digests(office.kernel)
    except IntegrityError:
        return None


@pytest.mark.parametrize("name", ["event plan", "confirmation of an event plan", "permit of a watch"])
def test_the_console_says_which_plan_or_watch_does_not_apply(lived: Lived, folder: Path, name: str) -> None:
    shown = lived.named["watch"] if "watch" in name else PLAN
    with damaged(lived, of_name(name), folder), served(folder) as (office, app):
        client = logged_on(app, office, "dispatcher")
        for address in ("/en/console", "/en/console/wall"):
            text = client.get(address).text
            assert f"{shown} cannot be read." in text and "restore the database from its backup" in text
        assert f"{shown} ne peut pas être lu" in client.get("/fr/console/wall").text
        plans = [plan.name for plan in runbooks(office.kernel).plans]
        assert plans == [OTHER_PLAN] + [PLAN] * (shown != PLAN)
        what = "list" if "watch" in name else "plans"
        listed = typed("watch", what, "--office", str(folder), cwd=folder).stdout
        assert re.search(rf"{shown}\b.*DAMAGED RECORD", listed)
        if "watch" in name:  # who asked for it is not known: nobody can say that somebody else answers
            with pytest.raises(IntegrityError):
                operator_desk.acknowledge(office.kernel, office.operator("dispatcher"), lived.named["well-2"])
            assert not office.kernel.state.alarms.stands_at(shown, office.kernel.now())
        assert retained(office) is None


def test_a_plan_stays_in_force_of_which_an_exercise_cannot_be_read(lived: Lived, folder: Path) -> None:
    with damaged(lived, of_name("exercise of an event plan"), folder), served(folder) as (office, _):
        assert [plan.name for plan in runbooks(office.kernel).plans] == sorted([OTHER_PLAN, PLAN])
        assert retained(office) is None


def test_while_one_who_may_suspend_can_be_read_nothing_counts_as_suspended(lived: Lived, folder: Path) -> None:
    """Of those who may not, an unreadable enrolment stops nothing either; the inventory counts nobody meanwhile."""
    with ExitStack() as faults:
        for short, stops in (("analyst", False), ("board", False), ("privacy-officer", False), ("auditor", True)):
            digest = lived.named[f"ENROLLED {lived.named[short]}"]
            faults.enter_context(row(folder, "documents", "sealed", digest=digest))
            with open_office(folder) as anew:
                assert bool(anew.kernel.state.suspended) is stops, short
        with served(folder) as (_, app):
            assert "(enrolled: not known, a record is damaged)" in at_pages(app).get("/en/inventory").text


@pytest.mark.parametrize("place", ["sqlite", "postgresql"])
def test_where_no_enrolment_can_be_read_the_public_look_and_all_counts_as_suspended(lived: Lived, folder: Path) -> None:
    """The key of their partition is damaged. It is no fault of the whole ring: what is public stays. Nobody can prove
    that they may suspend, so nothing waits for them."""
    outside, inside = addresses_of(lived)
    fault = ExitStack()
    fault.enter_context(damaged(lived, PEOPLES_KEY, folder))
    with served(folder) as (office, app):
        found = looked_at(at_pages(app), outside)
        assert {what for what, got in found.items() if got.status_code >= 400} == set()
        assert not [*office.kernel.state.people.values()], "absence never permits"
        done = typed(
            "authorization",
            "suspend",
            "toy",
            "--as",
            "auditor",
            "--reason",
            "harm",
            "--office",
            str(folder),
            cwd=folder,
        )
        assert done.returncode != 0
        stopped = office.kernel.state.suspended
        assert {name: made.reason for name, made in stopped.items()} == {one.id: Why.UNREAD for one in KNOWN}
        assert not any(made.is_thrown for made in stopped.values())
        page = at_pages(app).get("/en/inventory").text
        assert "the enrolments of those who could suspend it are damaged. It ends when that is restored." in page
        assert "(enrolled: not known, a record is damaged)" in page and "(enrolled: 0)" not in page
        told = typed("status", "--office", str(folder), cwd=folder)
        assert told.returncode == 5 and "Counts as suspended" in told.stdout, told.stdout
        assert "or the keys/store folder with their key, are restored" in " ".join(told.stdout.split()), told.stdout
        fault.close()
        deadline = time.monotonic() + 10
        while not office.kernel.state.people.values():
            assert time.monotonic() < deadline
        assert not office.kernel.state.suspended
        client = logged_on(app, office, "privacy-officer")
        assert all(got.status_code < 400 for got in looked_at(client, outside | inside).values())
