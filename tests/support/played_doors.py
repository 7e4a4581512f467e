"""The doors of a living office, played by everybody who has a role there: who gets what at which address."""

from __future__ import annotations

import dataclasses
import io
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

from authentication import HERE, ONE_LOOP, at_pages, code_for, form_of, logged_on, send
from desk import Hands
from living_office import Living, canaries_in
from starlette.testclient import TestClient
from terminal import Done, peelian

import reference_pages
from peelian.kernel.model.capability import Role
from peelian.kernel.model.doors import FOUND, Door
from peelian.kernel.model.people import Person
from peelian.kernel.verbs.authorizations import suspend
from peelian.operations.office import Office, open_office
from peelian.web.addresses import DOORS
from peelian.web.app import make_app

OVERSEERS = frozenset({Role.BOARD, Role.PRIVACY_OFFICER, Role.AUDITOR})
PEOPLE = tuple(sorted({str(role).replace("_", "-") for role in Role}))
NOBODY = ""
WITH_CASES = ("analyst", "auditor", "board", "clerk", "commander", "dispatcher")
SOME = ("analyst", "board", "clerk", "dispatcher")  # between them they enter every room
STREAMS = frozenset({"GET /{language}/console/events"})  # it never ends: `tests/web/test_console.py` listens to it
SHOWN = [door for door in DOORS if door.name.startswith("GET ") and "{number}" not in door.name]
SHOWN = [door for door in SHOWN if door.name not in STREAMS]
OF_CASES = [door for door in SHOWN if door.leaves in FOUND and "register" not in door.name]


@dataclasses.dataclass
class Play:
    """A copy of the office that is served, and a browser and a program of each person."""

    living: Living
    office: Office
    app: Any
    copy: Path | None = None  # the same, which no pages serve
    browsers: dict[str, TestClient] = dataclasses.field(default_factory=dict)
    programs: dict[str, TestClient] = dataclasses.field(default_factory=dict)

    def of(self, short: str, door: Door) -> TestClient:
        """Who asks at this door: a program with a token where it is the API's, a browser elsewhere."""
        kept = self.programs if " /api/" in door.name else self.browsers
        if short not in kept:
            kept[short] = self._program(short) if kept is self.programs else self._browser(short)
        return kept[short]

    def person(self, short: str) -> Person | None:
        return self.office.operator(short).person if short else None

    def _browser(self, short: str) -> TestClient:
        return logged_on(self.app, self.office, short) if short else at_pages(self.app)

    def _program(self, short: str) -> TestClient:
        if not short:
            return TestClient(self.app, base_url=HERE)
        role = short.replace("-", "_")
        page = send(logged_on(self.app, self.office, short), "/en/desk/tokens", role=role, days="30").text
        bearer = "Bearer " + page.partition("<code>")[2].partition("</code>")[0]
        client = TestClient(self.app, base_url=HERE, headers={"authorization": bearer})
        client.portal = ONE_LOOP[0]
        got = client.post("/api/step-up", json={"code": code_for(self.app, self.office, short)})
        assert got.status_code == 200, got.text
        return client

    def sends(self, short: str, door: Door, method: str, address: str, fields: dict[str, str]) -> Any:
        """A request with these fields, as a form of this session or as JSON."""
        client = self.of(short, door)
        if method == "GET":
            return client.get(address)
        if " /api/" in door.name:
            return client.request(method, address, json=fields)
        if short and client.get("/en/desk").status_code != 200:  # they logged off, or ended their session
            del self.browsers[short]
            client = self.of(short, door)
        form = {"form": form_of(client)} if short else {}
        return client.request(method, address, data={**fields, **form})

    def canaries(self, content: bytes) -> set[str]:
        return canaries_in(content, self.living.canaries.values())


def suspend_all(office: Office) -> None:
    """Every technology, by the board."""
    for technology in office.kernel.technologies:
        suspend(office.kernel, office.operator("board"), technology.id, reason="harm")


@contextmanager
def served(living: Living, where: Path, *, stopped: bool) -> Iterator[Play]:
    """A copy of the office, served; `stopped`: every technology suspended."""
    shutil.copytree(living.folder, where)
    clock = Hands()
    clock.now = datetime.now(UTC)  # from here on it goes slowly: whoever confirmed their identity did so just now
    with open_office(where, clock=clock) as office:
        if stopped:
            suspend_all(office)
        app = make_app(office)
        yield Play(living, office, app)
        app.state.lobby.close()


def addresses(door: Door, play: Play, cases: tuple[str, ...]) -> Iterator[str]:
    """A door's address, filled in with what the office has."""
    path = door.name.partition(" ")[2].replace("{language}", "en")
    office, living = play.office, play.living
    known = {
        "{dataset}": living.recording,
        "{alarm}": living.alarm,
        "{technology}": "mapping",
        "{capability}": "mapping.forecast",
        "{digest}": next(iter(office.kernel.state.authorizations)),
        "{index}": "3",
        "{year}": "2026",
        "{week}": "2026-W48",
        "{shape}": "incidents",
        "{zone}": "square",
    }
    for word, value in known.items():
        path = path.replace(word, value)
    tables = [("forecast", "csv"), ("forecast", "json"), ("advice", "csv"), ("rates", "json")]
    for case in cases if "{case}" in path else ("",):
        one = path.replace("{case}", case)
        if "/cases/{case}/{name}.{kind}" in door.name:
            yield from (one.replace("{name}", name).replace("{kind}", kind) for name, kind in tables)
        elif "/compare" in door.name:
            yield from (one, f"{one}?with={living.published}", f"{one.replace(case, living.published)}?with={case}")
        elif "/tables/{name}" in door.name:
            yield from (one.replace("{name}", name) for name in ("forecast", "advice", "rates"))
        else:
            yield one.replace("{id}", "people").replace("{kind}", "csv").replace("{name}", "x")


def got(play: Play, door: Door, cases: tuple[str, ...], short: str) -> dict[str, Any]:
    """What a person gets at a door, by address."""
    client = play.of(short, door)
    return {one: client.get(one) for one in addresses(door, play, cases)}


def is_shown_without(door: Door, address: str) -> bool:
    """Whether there is something to show besides what was found: the request, or the other of two cases."""
    return door.name in ("GET /{language}/cases/{case}", "GET /api/cases/{case}") or address.endswith("/compare")


def deciders(play: Play, case: str) -> frozenset[Role]:
    return play.office.kernel.capability(play.office.kernel.state.histories[case].capability).asks.deciders


def askers(play: Play, case: str) -> frozenset[Role]:
    return play.office.kernel.capability(play.office.kernel.state.histories[case].capability).asks.askers


ENDLESS = {"serve", "machine registrar", "sensors listen", "watch serve", "machine run-witness", "machine ask-witness"}
ELSEWHERE = {
    "machine backup", "demo", "machine divide", "breach drill-self-test", "data ground", "office",
    "machine restore-log", "key rotate",
}  # fmt: skip
LIFTED = {"proposals resume", "proposals approve"}


def commands(group: Any, *words: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its words."""
    for name, command in reference_pages._children(group):
        if hasattr(command, "list_commands"):
            yield from commands(command, *words, name)
        else:
            yield " ".join((*words, name)), command


COMMANDS = {
    words: command for words, command in commands(reference_pages.root()) if words not in ENDLESS | ELSEWHERE | LIFTED
}
"""Those that neither serve, nor found or move an office, nor may lift a suspension."""


@dataclasses.dataclass(frozen=True)
class Typed:
    """A copy of the office at the terminal, and the folder in which commands write."""

    office: Path
    work: Path

    def __call__(self, command: str, short: str, given: Sequence[str]) -> Done:
        """A command with what is given for its arguments and required options, one after the other."""
        values, words = cycle(given), command.split()
        for one in COMMANDS[command].params:
            option = one.param_type_name == "option"
            if "--office" in one.opts:
                words += ["--office", str(self.office)]
            elif "--as" in one.opts:
                words += ["--as", short]
            elif one.required or (not option and one.nargs == 1):
                words += [one.opts[0], next(values)] if option else [next(values)]
        kept, sys.stdin = sys.stdin, io.StringIO()  # nobody is there to be asked
        try:
            return peelian(*words, cwd=self.work)
        finally:
            sys.stdin = kept

    def written(self, play: Play) -> set[str]:
        """Canaries in what a command wrote; the files go."""
        files = [path for path in self.work.rglob("*") if path.is_file()]
        found = {name for path in files for name in play.canaries(path.read_bytes())}
        shutil.rmtree(self.work)
        self.work.mkdir()
        return found


def typed(living: Living, where: Path) -> Typed:
    """A copy of the office in which every technology is suspended, for commands."""
    shutil.copytree(living.folder, where / "office")
    (where / "work").mkdir()
    with open_office(where / "office") as office:
        suspend_all(office)
    return Typed(where / "office", where / "work")
