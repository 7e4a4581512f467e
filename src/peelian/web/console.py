"""The operator's console: the alarms that wait, kept current by server-sent events, usable by keys and without script.

It is a page of the office, for whoever is logged on. `peelian watch serve` serves it as a site of its own, too: there
whoever sits at it has an address that nobody else knows. Both act under their own key, and work without script.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.exceptions import HTTPException

from peelian.errors import InputError, KeyLocked, OutOfOrder, PeelianError, sentence
from peelian.kernel.alarms import operator_desk, zone_count
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.oversight.zone_levels import ZoneBoard
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, masked, operator_of, seated
from peelian.web.console_words import console_view
from peelian.web.console_zones import zones_view
from peelian.web.error_handler import fault, told_of
from peelian.web.guards import ErrorHandler, Guard
from peelian.web.pages import LANGUAGES, OTHER, environment, static
from peelian.web.readings import Take, add_readings
from peelian.web.words import played

LOCAL = ("127.0.0.1", "localhost", "[::1]")
FILES: Mapping[str, str] = {
    "peelian.css": "text/css; charset=utf-8",
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "console-zones.js": "text/javascript; charset=utf-8",
    "peelian.svg": "image/svg+xml",
}
KEPT = {"cache-control": "public, max-age=31536000, immutable"}
LOOKS_EVERY, BEATS_EVERY = 0.1, timedelta(seconds=5)
ZONES_EVERY, AGES_EVERY = 0.5, 15.0  # seconds between two changes of the zones that are told; what is old gets older
LARGEST_FORM = 16_384


def make_console(
    office: Office,
    desks: Mapping[str, str],
    *,
    hosts: Collection[str] = LOCAL,
    state: Callable[[], Mapping[str, Any]] = dict,
    take: Take | None = None,
) -> FastAPI:
    """The console of an open office. `desks`: the secret of an address → the short name of who sits there.

    `state` tells of the gateway (`cuts`: connections that are down). `take` is the door for readings by HTTP POST.
    """
    app = FastAPI(title="Peelian console", docs_url=None, redoc_url=None, openapi_url=None)
    sits = _at_a_desk(office, desks)
    room = Room(
        office=office,
        state=state,
        base="/{language}/desk/{desk}",
        operator=sits,
        form=_form,
        board=ZoneBoard(office.kernel),
    )

    def answer(request: Request, error: Exception) -> Response:
        """An error as a plain page of the console."""
        first = request.url.path.split("/")[1]
        say = office.say(first if first in LANGUAGES else "en")
        return fault(request, error, say, lambda request, template, **values: _plain(say, **values))

    async def known_fault(request: Request, error: Exception) -> Response:
        return answer(request, error)

    app.add_middleware(ErrorHandler, answer=answer)
    app.add_middleware(Guard, hosts=hosts)
    app.add_exception_handler(HTTPException, known_fault)
    app.add_exception_handler(PeelianError, known_fault)
    _add_files(app)
    _add_pages(app, room)
    _add_acts(app, room)
    if take is not None:
        add_readings(app, take)
    return app


def _plain(say: Say, *, status: int, title: str, **values: Any) -> HTMLResponse:
    html = environment().get_template("console_error.html").render(say=say, title=title, **values)
    return HTMLResponse(html, status_code=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the pages share: the office, the gateway's state, who sits there, and what a form of theirs says."""

    office: Office
    state: Callable[[], Mapping[str, Any]]
    base: str  # the address of the console, with its places
    operator: Callable[[Request], Operator]
    form: Callable[[Request], Awaitable[dict[str, str]]]
    board: ZoneBoard  # the live levels of zones
    token: Callable[[Request], str] = lambda request: ""  # what every form of theirs carries

    @property
    def kernel(self) -> Kernel:
        return self.office.kernel

    def say(self, request: Request) -> Say:
        """Sentences in the language of the address."""
        language = request.path_params.get("language", "")
        return self.office.say(language if language in LANGUAGES else "en")

    def show(self, request: Request, template: str, status: int = 200, **more: Any) -> HTMLResponse:
        """The console, or its moving part, as it is now."""
        language = request.path_params["language"]
        if language not in LANGUAGES:
            raise HTTPException(404)
        operator, say, places = self.operator(request), self.say(request), request.path_params
        values = {
            "say": say,
            "language": language,
            "other": OTHER[language],
            "languages": LANGUAGES,
            "town": self.kernel.office.name,
            "played": played(self.kernel, say),
            "base": self.base.format(**places),
            "elsewhere": self.base.format(**{**places, "language": OTHER[language]}),
            "token": self.token(request),
            "operator": operator.person,
            "problem": (),
            **console_view(self.office, operator.person.token, say, self.state()),
            **zones_view(self.kernel, self.board, say),
        }
        html = environment().get_template(template).render(**(values | more))
        headers = {"content-language": language, "x-version": str(self.kernel.state.alarms.version)}
        return HTMLResponse(html, status_code=status, headers=headers)


def add_console_pages(app: FastAPI, office: Office, state: Callable[[], Mapping[str, Any]]) -> None:
    """The console as a page of the office: whoever is logged on sits at it."""
    room = Room(
        office=office,
        state=state,
        base="/{language}/console",
        operator=lambda request: operator_of(office, request),
        form=form_of,
        board=ZoneBoard(office.kernel),
        token=lambda request: masked(seated(request).form),
    )
    _add_pages(app, room)
    _add_acts(app, room)


def _at_a_desk(office: Office, desks: Mapping[str, str]) -> Callable[[Request], Operator]:
    """Who sits at the desk with the secret of this address; 404 where nobody does."""

    def operator(request: Request) -> Operator:
        for secret, short in desks.items():
            if hmac.compare_digest(secret.encode(), request.path_params["desk"].encode()):
                return office.operator(short)
        raise HTTPException(404)

    return operator


def _add_files(app: FastAPI) -> None:
    @app.get("/static/{name}", include_in_schema=False)
    def static_file(name: str) -> Response:
        if name not in FILES:
            raise HTTPException(404)
        return Response(static(name), media_type=FILES[name], headers=KEPT)


def _add_pages(app: FastAPI, room: Room) -> None:
    @app.get(room.base, include_in_schema=False)
    def console(request: Request) -> Response:
        return room.show(request, "console.html")

    @app.get(f"{room.base}/floor", include_in_schema=False)
    def floor(request: Request) -> Response:
        return room.show(request, "console_floor.html")

    @app.get(f"{room.base}/zones", include_in_schema=False)
    def zones(request: Request) -> Response:
        return room.show(request, "console_zones.html")

    @app.get(f"{room.base}/wall", include_in_schema=False)
    def wall(request: Request) -> Response:
        return room.show(request, "console_wall.html")

    @app.get(f"{room.base}/wall/now", include_in_schema=False)
    def wall_now(request: Request) -> Response:
        return room.show(request, "console_wall_now.html")

    @app.get(f"{room.base}/events", include_in_schema=False)
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
    quiet = 0.0
    zones = _Zones(room.board)
    while not await request.is_disconnected():
        watching = room.kernel.state.alarms
        version = (watching.version, frozenset(watching.floor.pending))  # what waits to hold is in no log
        if version != last:
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
    @app.post(f"{room.base}/alarm/{{alarm}}", include_in_schema=False)
    async def act(request: Request, alarm: str) -> Response:
        operator, form = room.operator(request), await room.form(request)
        return await _done(room, request, lambda: _act(room.kernel, operator, alarm, form))

    @app.post(f"{room.base}/zone/{{zone}}", include_in_schema=False)
    async def count(request: Request, zone: str) -> Response:
        operator, form = room.operator(request), await room.form(request)
        counted = form.get("people", "")
        return await _done(
            room,
            request,
            lambda: zone_count.count_zone(room.kernel, operator, zone=zone, people=_people(counted)),
        )

    @app.post(f"{room.base}/handover", include_in_schema=False)
    async def hand_over(request: Request) -> Response:
        operator, form = room.operator(request), await room.form(request)
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
    return RedirectResponse(room.base.format(**request.path_params), status_code=303)


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


async def _form(request: Request) -> dict[str, str]:
    """The fields of a posted form; each once."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            raise InputError("form too long", accepted=sentence("at most %(n)d bytes", n=LARGEST_FORM))
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=20).items()}
    except (ValueError, UnicodeDecodeError):
        raise InputError("form cannot be read") from None
