"""Suspending a technology from the pages, and lifting it: two clicks, the second after a fresh step-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.model.technology import Technology, technology_of
from peelian.kernel.verbs.authorizations import resume, suspend
from peelian.operations.office import Office
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, operator_of
from peelian.web.error_handler import status_of, told_of
from peelian.web.pages import LANGUAGES

Show = Callable[..., HTMLResponse]
ACTS = {"suspend": suspend, "resume": resume}


def add_suspension_pages(app: FastAPI, office: Office, show: Show) -> None:
    """Every technology with its state; then the one, with what it stops, and the button that does it."""

    @app.get("/{language}/suspension", include_in_schema=False)
    def listed(request: Request, language: str) -> Response:
        say = office.say(_known(language))
        technologies = [(technology.id, say(technology.title)) for technology in office.kernel.technologies]
        return show(request, "suspensions.html", title=say("Suspend a technology"), technologies=technologies)

    @app.get("/{language}/suspension/{technology}", include_in_schema=False)
    def asked(request: Request, language: str, technology: str) -> Response:
        return show(request, "suspension.html", **_page(office, _known(language), _declared(office, technology)))

    @app.post("/{language}/suspension/{technology}", include_in_schema=False)
    async def done(request: Request, language: str, technology: str) -> Response:
        declared, page = _declared(office, technology), f"/{_known(language)}/suspension"
        fields, by = await form_of(request), operator_of(office, request)
        if (act := ACTS.get(fields.get("act", ""))) is None:
            raise HTTPException(400)
        try:
            await run_in_threadpool(act, office.kernel, by, declared.id)
        except (Refused, OutOfOrder) as error:
            told = {"problem": told_of(error, office.say(language)), "status": status_of(error)}
            values = _page(office, language, declared) | told
            return await run_in_threadpool(lambda: show(request, "suspension.html", **values))
        return RedirectResponse(page, status_code=303)


def suspended(office: Office, say: Say) -> Mapping[str, str]:
    """Technologies that are suspended now, by whichever process: id → title."""
    office.kernel.stores.follow()
    found = (technology_of(office.kernel.technologies, name) for name in sorted(office.kernel.state.suspended.copy()))
    return {technology.id: say(technology.title) for technology in found if technology is not None}


def _page(office: Office, language: str, declared: Technology) -> dict[str, Any]:
    say, lift = office.say(language), declared.id in office.kernel.state.suspended
    title = "Lift the suspension: %(name)s" if lift else "Suspend: %(name)s"
    return {
        "title": say(title, name=say(declared.title)),
        "section": "/suspension",
        "technology": declared.id,
        "lift": lift,
        "uses": [say(c.title) for c in declared.capabilities] + [say(w.title) for w in declared.watches],
        "problem": (),
    }


def _declared(office: Office, name: str) -> Technology:
    technology = technology_of(office.kernel.technologies, name)
    if technology is None or technology.id != name:
        raise HTTPException(404)
    return technology


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
