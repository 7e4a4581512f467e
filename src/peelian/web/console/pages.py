"""The operator's console: the alarms that wait, kept current by server-sent events, usable by keys and without script.

It is a page of the office, for whoever is logged on; they act under their own key, with script or without.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.exceptions import HTTPException

from peelian.errors import InputError, KeyLocked, OutOfOrder, PeelianError
from peelian.kernel.alarms import operator_desk, zone_count
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.known import unless_damaged
from peelian.operations.office import Office
from peelian.oversight.watches.zone_levels import ZoneBoard
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, masked, operator_of, seated
from peelian.web.console.words import console_view
from peelian.web.console.zones import zones_view
from peelian.web.frame.error_handler import told_of
from peelian.web.oversight.suspension import nobody_watches, suspended
from peelian.web.pages import LANGUAGES, OTHER, environment
from peelian.wording.labels import founded, played

BASE = "/{language}/console"
LOOKS_EVERY, BEATS_EVERY = 0.1, timedelta(seconds=5)
ZONES_EVERY, AGES_EVERY = 0.5, 15.0  # seconds between two changes of the zones that are told; what is old gets older


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the pages share: the office, and the live levels of its zones."""

    office: Office
    board: ZoneBoard

    @property
    def kernel(self) -> Kernel:
        return self.office.kernel

    def operator(self, request: Request) -> Operator:
        """Who sits at it."""
        return operator_of(self.office, request)

    def say(self, request: Request) -> Say:
        """Sentences in the language of the address."""
        language = request.path_params.get("language", "")
        return self.office.say(language if language in LANGUAGES else "en")

    def show(self, request: Request, template: str, status: int = 200, **more: Any) -> HTMLResponse:
        """The console, or its moving part, as it is now."""
        language = request.path_params["language"]
        if language not in LANGUAGES:
            raise HTTPException(404)
        operator, say, nobody = self.operator(request), self.say(request), nobody_watches(self.kernel)
        values = {
            "say": say,
            "language": language,
            "other": OTHER[language],
            "languages": LANGUAGES,
            "town": self.kernel.office.name,
            "played": played(self.kernel, say),
            "founded": unless_damaged(self.kernel.state.notice, lambda: founded(self.kernel, say), ""),
            "base": BASE.format(language=language),
            "elsewhere": BASE.format(language=OTHER[language]),
            "token": masked(seated(request).form),
            "operator": operator.person,
            "problem": (),
            "suspended": suspended(self.office, say, language),
            "nobody": nobody.strftime("%H:%M") if nobody else "",
            **console_view(self.office, operator.person.token, say),
            **zones_view(self.kernel, self.board, say),
        }
        html = environment().get_template(template).render(**(values | more))
        headers = {"content-language": language, "x-version": str(self.kernel.state.alarms.version)}
        return HTMLResponse(html, status_code=status, headers=headers)


def add_console_pages(app: FastAPI, office: Office) -> None:
    """The console as a page of the office: whoever is logged on sits at it."""
    room = Room(office=office, board=ZoneBoard(office.kernel))
    _add_pages(app, room)
    _add_acts(app, room)


def _add_pages(app: FastAPI, room: Room) -> None:
    @app.get(BASE, include_in_schema=False)
    def console(request: Request) -> Response:
        return room.show(request, "console.html")

    @app.get(f"{BASE}/floor", include_in_schema=False)
    def floor(request: Request) -> Response:
        return room.show(request, "console_floor.html")

    @app.get(f"{BASE}/zones", include_in_schema=False)
    def zones(request: Request) -> Response:
        return room.show(request, "console_zones.html")

    @app.get(f"{BASE}/wall", include_in_schema=False)
    def wall(request: Request) -> Response:
        return room.show(request, "console_wall.html")

    @app.get(f"{BASE}/wall/now", include_in_schema=False)
    def wall_now(request: Request) -> Response:
        return room.show(request, "console_wall_now.html")

    @app.get(f"{BASE}/events", include_in_schema=False)
    async def events(request: Request) -> Response:
        room.operator(request)
        return StreamingResponse(_events(request, room), media_type="text/event-stream")


@dataclass(slots=True)
class _Zones:
    """When one console was told last that the zones changed."""

    board: ZoneBoard
    version: int = -1
    told: float = field(default=-AGES_EVERY)

    async def changed(self) -> bool:
        """Whether to tell it now: a level changed, at most twice a second; or it is time that ages are shown anew."""
        now = monotonic()
        if now - self.told < ZONES_EVERY:
            return False
        await asyncio.to_thread(self.board.levels)
        if self.version == self.board.version and now - self.told < AGES_EVERY:
            return False
        self.version, self.told = self.board.version, now
        return True


async def _events(request: Request, room: Room) -> AsyncIterator[str]:
    """The version of the floor and of the zones, whenever it changed; a beat in between: a dead line is noticed."""
    last: object = None
    before, quiet = nobody_watches(room.kernel), 0.0
    zones = _Zones(room.board)
    while not await request.is_disconnected():
        watching = room.kernel.state.alarms
        stopped = nobody_watches(room.kernel)
        version = (watching.version, stopped, frozenset(watching.floor.pending))  # what waits to hold is in no log
        if version != last:
            if stopped != before:  # the zones turn grey at once, or are measured again
                before, zones.told = stopped, -AGES_EVERY
            last, quiet = version, 0.0
            yield f"event: floor\ndata: {watching.version}\n\n"
        elif await zones.changed():
            quiet = 0.0
            yield f"event: zones\ndata: {zones.version}\n\n"
        elif quiet >= BEATS_EVERY.total_seconds():
            quiet = 0.0
            yield "event: beat\ndata: 0\n\n"
        await asyncio.sleep(LOOKS_EVERY)
        quiet += LOOKS_EVERY


def _add_acts(app: FastAPI, room: Room) -> None:
    @app.post(f"{BASE}/alarm/{{alarm}}", include_in_schema=False)
    async def act(request: Request, alarm: str) -> Response:
        operator, form = room.operator(request), await form_of(request)
        return await _done(room, request, lambda: _act(room.kernel, operator, alarm, form))

    @app.post(f"{BASE}/zone/{{zone}}", include_in_schema=False)
    async def count(request: Request, zone: str) -> Response:
        operator, form = room.operator(request), await form_of(request)
        counted = form.get("people", "")
        return await _done(
            room,
            request,
            lambda: zone_count.count_zone(room.kernel, operator, zone=zone, people=_people(counted)),
        )

    @app.post(f"{BASE}/handover", include_in_schema=False)
    async def hand_over(request: Request) -> Response:
        operator, form = room.operator(request), await form_of(request)
        words, to = form.get("words", ""), form.get("to", "")
        return await _done(room, request, lambda: operator_desk.hand_over(room.kernel, operator, to=to, words=words))


async def _done(room: Room, request: Request, act: Callable[[], object]) -> Response:
    """Back to the console; where the act was refused, the console says why. Waiting for the disk holds nobody up."""
    try:
        await asyncio.to_thread(act)
    except PeelianError as error:
        if error.http_status >= 500 or isinstance(error, KeyLocked):
            raise
        return room.show(request, "console.html", error.http_status, problem=told_of(error, room.say(request)))
    return RedirectResponse(BASE.format(language=request.path_params["language"]), status_code=303)


def _act(kernel: Kernel, by: Operator, alarm: str, form: Mapping[str, str]) -> object:
    acts: Mapping[str, Callable[[], object]] = {
        "acknowledge": lambda: operator_desk.acknowledge(kernel, by, alarm),
        "decide": lambda: operator_desk.decide(
            kernel, by, alarm, choice=form.get("choice", ""), reason=form.get("reason", "")
        ),
        "dispose": lambda: operator_desk.dispose(kernel, by, alarm, disposition=form.get("disposition", "")),
        "shelve": lambda: operator_desk.shelve(
            kernel, by, alarm, minutes=_minutes(form.get("minutes", "")), reason=form.get("reason", "")
        ),
        "out_of_service": lambda: operator_desk.out_of_service(kernel, by, alarm, reason=form.get("reason", "")),
        "back": lambda: operator_desk.back_in_service(kernel, by, alarm),
        "arrived": lambda: operator_desk.help_arrived(kernel, by, alarm),
        "tick": lambda: operator_desk.tick(
            kernel, by, alarm, item=form.get("item", ""), done=form.get("done") == "yes"
        ),
    }
    if form.get("act") not in acts:
        raise OutOfOrder("unknown action")
    return acts[form["act"]]()


def _minutes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise InputError("not a number of minutes", column="minutes", accepted="1 to 60 minutes")
    return int(text)


def _people(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        raise InputError("not a number of people", column="people", accepted="0 to 1,000,000")
    return int(text)
