"""The switch of the demonstration town: at its pages a visitor chooses who they are, without codes.

A program around the pages, which never import it. It opens a marked office only and answers this machine only. It
brings nobody in by a way of its own: it leaves the played person's code and takes it, as they would.
"""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from peelian.catalogues import say_in
from peelian.demos import crowd, fair
from peelian.demos.tour import Step, steps, waiting
from peelian.errors import OutOfOrder, PeelianError
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.state.demonstration import is_demonstration
from peelian.operations.office import Office
from peelian.pictures.panels import Say
from peelian.web.app import make_app
from peelian.web.auth_middleware import (
    cookie_name,
    drop_cookie,
    form_of,
    local_address,
    must_come_from_our_pages,
    seat_of,
    set_cookie,
)
from peelian.web.identity.guards import ErrorHandler, Guard
from peelian.web.identity.log_on import Lobby, person_of_code
from peelian.web.pages import LANGUAGES, digest_of, environment, language_of

TITLES: Mapping[str, str] = {
    "analyst": "Analyst",
    "board": "Board member",
    "commander": "Commander",
    "clerk": "Records clerk",
    "kay": "Dispatcher Kay",
    "lee": "Dispatcher Lee",
    "privacy": "Privacy officer",
    "auditor": "Auditor",
    "council": "Council clerk",
    "custodian": "Custodian",
}
"""Whom a visitor can play."""

NOBODY, GUIDE = "nobody", "peelian-guide"
HOSTS = ("127.0.0.1", "localhost", "[::1]")
FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via"})


@contextmanager
def playing(office: Office) -> Iterator[ASGIApp]:
    """The pages of the town, to be played; its sound meter speaks as long as the block lasts."""
    state = office.kernel.state.alarms
    watched = [
        case
        for case, one in state.stands.items()
        if one.permit.watch in (crowd.NOISE, fair.DENSITY) and case not in state.ended
    ]
    with ExitStack() as closing:
        if watched:
            closing.enter_context(crowd.live(office, watched))
        yield make_switch(office)


def make_switch(office: Office) -> Starlette:
    """The pages with the switch around them. OutOfOrder: the office was not marked before anything else."""
    if not is_demonstration(office.kernel):
        raise OutOfOrder("Only an office that began as a demonstration can be played.")
    pages = make_app(office, banner=lambda request: _bar(office, request), prepare=True)
    lobby: Lobby = pages.state.lobby

    async def play(request: Request) -> Response:
        return await _played(lobby, request)

    def refused(request: Request, error: Exception) -> Response:
        status = error.http_status if isinstance(error, PeelianError) else getattr(error, "status_code", 500)
        return PlainTextResponse("This cannot be played.\n", status_code=status)

    @asynccontextmanager
    async def served(app: Starlette) -> AsyncIterator[None]:
        async with pages.router.lifespan_context(pages):
            yield

    routes = [
        Route("/play/play.css", lambda request: Response(_style(), media_type="text/css; charset=utf-8")),
        Route("/{language}/play", play, methods=["POST"]),
        Mount("/", pages),
    ]
    middleware = [
        Middleware(OnlyHere),
        Middleware(Guard, hosts=HOSTS),
        Middleware(ErrorHandler, answer=refused),
    ]
    return Starlette(routes=routes, middleware=middleware, lifespan=served)


class OnlyHere:
    """Turns away whoever asks from another machine, or through a proxy."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_here(scope):
            answer = PlainTextResponse("A demonstration is played on its own machine.\n", status_code=403)
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_here(scope: Scope) -> bool:
    try:
        here = ipaddress.ip_address(scope["client"][0]).is_loopback
    except (TypeError, ValueError):
        return False
    return here and FORWARDED.isdisjoint(name.lower() for name, _ in scope["headers"])


async def _played(lobby: Lobby, request: Request) -> Response:
    """Be somebody else, or nobody; or open and close the guide."""
    must_come_from_our_pages(request)
    language = request.path_params["language"]
    if language not in LANGUAGES:
        raise HTTPException(404)
    fields = await form_of(request)
    answer = RedirectResponse(_address(fields.get("to", ""), language), status_code=303)
    if "guide" in fields:
        answer.set_cookie(GUIDE, "closed" if fields["guide"] == "closed" else "open", httponly=True, samesite="strict")
        return answer
    short = fields.get("person", "")
    if short not in (*TITLES, NOBODY):
        raise HTTPException(404)
    secret = await run_in_threadpool(_seated, lobby, request, "" if short == NOBODY else short)
    if secret:
        set_cookie(request, answer, secret)
    else:
        drop_cookie(request, answer)
    answer.headers["clear-site-data"] = '"cache"'
    return answer


def _address(to: str, language: str) -> str:
    """Where to go on to; a request's form keeps what it is filled with."""
    path, _, query = to.partition("?")
    inside = local_address(path, language)
    filled = inside == path and path.startswith(f"/{language}/ask/") and query.isascii() and len(query) < 1_000
    return to if filled and not set(query) & set('\\\r\n"<> #') else inside


def _seated(lobby: Lobby, request: Request, short: str) -> str:
    """End the session there was and begin one of the played person, by their own code; its secret."""
    if before := lobby.sessions.seat(request.cookies.get(cookie_name(request), "")):
        lobby.sessions.end(before, "off", before.person)
    if not short:
        return ""
    code = lobby.authentication.passes.leave(short, lobby.office.keys.of(short))
    person, proof = person_of_code(lobby, request, {"code": code}, None)
    return lobby.sessions.begin(person, "key", proof=proof)[0]


def _bar(office: Office, request: Request) -> Markup:
    """What stands above every page: who is played, and the guide."""
    language, seat = language_of(request), seat_of(request)
    say: Say = say_in(language, ["peelian.web", "peelian.demos"])
    tokens = {office.kernel.office.token(short, of=PERSON): short for short in TITLES}
    who = tokens.get(seat.person, "") if seat else ""
    values: dict[str, Any] = {
        "say": say,
        "language": language,
        "who": who,
        "titles": {short: say(title) for short, title in TITLES.items()},
        "here": _here(request, language),
        "style": digest_of(_style()),
        "guide": request.cookies.get(GUIDE, "") != "closed",
    }
    if values["guide"]:
        values |= _guide(office, say, language, who)
    return escape(_templates().get_template("bar.html").make_module(values))


def _here(request: Request, language: str) -> str:
    """The page that is shown, to come back to: where an act led here, the page of that act."""
    if to := request.query_params.get("to", ""):
        return to
    path, _, act = request.url.path.rpartition("/")
    return path if act in ("run", "decide", "publish") and path != f"/{language}" else request.url.path


def _guide(office: Office, say: Say, language: str, who: str) -> dict[str, Any]:
    way: tuple[Step, ...] = steps(office, say, language)
    now = next((step for step in way if not step.done), None)
    others = [step for step in waiting(office, say, language) if step.who == who] if who else []
    return {"steps": way, "now": now, "done": sum(step.done for step in way), "others": others}


@cache
def _templates() -> Environment:
    return environment().overlay(loader=PackageLoader("peelian.demos"))


@cache
def _style() -> bytes:
    return (resources.files("peelian.demos") / "static" / "play.css").read_bytes()
