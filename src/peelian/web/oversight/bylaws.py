"""The page of the bylaws: what they say, what they would have refused, and proposing to adopt them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.identity.dual_control import PROPOSERS
from peelian.operations.office import Office
from peelian.oversight.transparency.bylaws import bylaws_of, forbidden, propose_bylaws
from peelian.pictures.moments import moment
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.frame.titles import case_title
from peelian.web.pages import LANGUAGES

MOST_LINKED = 20  # of the requests that one bylaw forbids


def add_bylaw_pages(app: FastAPI, office: Office, show: Callable[..., HTMLResponse]) -> None:
    """The page, and the form that proposes."""

    @app.get("/{language}/bylaws", include_in_schema=False)
    def page(request: Request, language: str) -> Response:
        return show(request, "bylaws.html", **_page(office, request, language))

    @app.post("/{language}/bylaws", include_in_schema=False)
    async def proposed(request: Request, language: str) -> Response:
        told, say, by = await form_of(request), _say(office, language), operator_of(office, request)
        words = told.get("reason", "")[:2000]
        try:
            digest = await run_in_threadpool(lambda: propose_bylaws(office.kernel, by, words=words))
        except (Refused, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error), "reason": words}
            values = await run_in_threadpool(_page, office, request, language)
            return show(request, "bylaws.html", **values | more)
        return RedirectResponse(f"/{language}/authorizations#{digest}", status_code=303)


def _page(office: Office, request: Request, language: str) -> dict[str, Any]:
    say, found = _say(office, language), bylaws_of(office.kernel)
    preview = forbidden(office.kernel) if found.known else None
    named = [
        (one, [(case.case, case_title(office, case, language), moment(case.asked_at, language)) for case in cases])
        for one in found.known
        for cases in [preview.forbidden[one.id] if preview else ()]
    ]
    return {
        "title": say("Bylaws"),
        "section": "/authorizations",
        "adopted": found.adopted,
        "bylaws": named,
        "asked": preview.asked if preview else 0,
        "most": MOST_LINKED,
        "may": bool(person_of(office, seated(request)).roles & PROPOSERS),
        "problem": (),
        "reason": "",
    }


def _say(office: Office, language: str) -> Say:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return office.say(language)
