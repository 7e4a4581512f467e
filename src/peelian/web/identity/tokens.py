"""A person's access tokens: made after a step-up, shown once, listed with when they were used, ended at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.identity.access_tokens import LENT, MOST_DAYS
from peelian.kernel.identity.sessions import Seat
from peelian.kernel.model.capability import Role
from peelian.pictures.moments import moment
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.identity.log_on import Lobby
from peelian.web.pages import LANGUAGES, capital
from peelian.wording.labels import ROLES, worded

Show = Callable[..., HTMLResponse]
MOST = 5


def add_token_pages(app: FastAPI, lobby: Lobby, show: Show) -> None:
    """The list, the form that makes one, and the button that ends one."""

    @app.get("/{language}/desk/tokens", include_in_schema=False)
    def tokens(request: Request, language: str) -> Response:
        return _shown(lobby, request, show, language)

    @app.post("/{language}/desk/tokens", include_in_schema=False)
    async def made(request: Request, language: str) -> Response:
        told, say = await form_of(request), lobby.office.say(_known(language))
        more: dict[str, Any]
        try:
            more = {"made": await run_in_threadpool(_made, lobby, request, told)}
        except (InputError, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error)}
        return await run_in_threadpool(lambda: _shown(lobby, request, show, language, **more))

    @app.post("/{language}/desk/tokens/end", include_in_schema=False)
    async def ended(request: Request, language: str) -> Response:
        told, person = await form_of(request), seated(request).person
        own = next((one for one in _own(lobby, person) if one.session == told.get("session")), None)
        if own is None:
            raise OutOfOrder("unknown session")
        await run_in_threadpool(lobby.sessions.end, own, "off", person)
        return RedirectResponse(f"/{_known(language)}/desk/tokens", status_code=303)


def _made(lobby: Lobby, request: Request, told: dict[str, str]) -> str:
    role, days = told.get("role", ""), told.get("days", "").strip()
    if role not in set(Role):
        raise InputError("no such role", accepted=", ".join(sorted(person_of(lobby.office, seated(request)).roles)))
    if not (days.isascii() and days.isdigit() and len(days) <= 3):
        raise InputError("not a number of days", accepted="1 to 90")
    if len(_own(lobby, seated(request).person)) >= MOST:
        raise OutOfOrder("You have five access tokens. End one first.")
    return lobby.sessions.lend(operator_of(lobby.office, request), Role(role), days=int(days))


def _own(lobby: Lobby, person: str) -> list[Seat]:
    return [seat for seat in lobby.sessions.open_seats() if seat.how == LENT and seat.person == person]


def _shown(lobby: Lobby, request: Request, show: Show, language: str, **more: Any) -> HTMLResponse:
    say, seat, rows = lobby.office.say(_known(language)), seated(request), []
    for one in _own(lobby, seat.person):
        if bound := lobby.kernel.state.bound(one.session):
            times = {"began": one.began, "seen": one.seen, "until": bound[1]}
            told = {name: moment(at.isoformat(), language) for name, at in times.items()}
            rows.append(told | {"session": one.session, "role": capital(worded(ROLES, bound[0], say))})
    roles = [(str(role), worded(ROLES, role, say)) for role in sorted(person_of(lobby.office, seat).roles)]
    values = {"rows": rows, "roles": roles, "most_days": MOST_DAYS, "made": "", "problem": (), "status": 200}
    return show(request, "tokens.html", section="/desk", title=say("Access tokens"), **(values | more))


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
