"""Asking for a use from the pages: the form is drawn from the capability's own parameters, papers and data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.forms import fields_of, filled
from peelian.kernel import verbs
from peelian.kernel.model.capability import Capability
from peelian.kernel.model.documents import Request as Asked
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight.assessment.readiness import readiness
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.cases.ask_form import DATA, PARAM, Asking, faults_of, form_page, needs_of, text_of
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.pages import LANGUAGES

Show = Callable[..., HTMLResponse]
LONGEST = 200  # letters of a field that an address fills in


def add_asking_pages(app: FastAPI, office: Office, show: Show) -> None:
    """What a person may ask for, and the form of each."""

    @app.get("/{language}/ask", include_in_schema=False)
    def listed(request: Request, language: str) -> Response:
        say, person = office.say(_known(language)), person_of(office, seated(request))
        mine = [c for t in office.kernel.technologies for c in t.capabilities if c.asks.askers & person.roles]
        ready = readiness(office.kernel, mine, person)
        told = []
        for technology in office.kernel.technologies:
            asked = [
                Asking(office=office, declared=c, ready=ready[c.id], data=(), language=language, told={})
                for c in mine
                if c.technology == technology.id
            ]
            uses = [_line(one) for one in sorted(asked, key=lambda one: not one.ready.ready)]
            told.append({"title": say(technology.title), "uses": uses})
        return show(request, "asks.html", title=say("Request a use"), groups_of_uses=[t for t in told if t["uses"]])

    @app.get("/{language}/ask/{capability}", include_in_schema=False)
    def form(request: Request, language: str, capability: str) -> Response:
        told = {name: text[:LONGEST] for name, text in request.query_params.items()}  # an address may fill the form in
        return show(request, "ask.html", **form_page(_asking(office, request, language, capability, told), {}))

    @app.post("/{language}/ask/{capability}", include_in_schema=False)
    async def asked(request: Request, language: str, capability: str) -> Response:
        many = {PARAM + field.name for field in fields_of(_declared(office, capability).asks.params) if field.many}
        told, by = await form_of(request, many=many), operator_of(office, request)

        def answer() -> Response:
            asking = _asking(office, request, language, capability, told)
            if faults := faults_of(asking):  # nothing is filed before it is sound
                return show(request, "ask.html", status=400, **form_page(asking, faults))
            try:
                case = _asked(asking, by)
            except (Refused, InputError, OutOfOrder) as error:
                page = form_page(asking, {}, told_of(error, asking.say))
                return show(request, "ask.html", status=status_of(error), **page)
            return RedirectResponse(f"/{language}/cases/{case}", status_code=303)

        return await run_in_threadpool(answer)


def _asking(office: Office, request: Request, language: str, capability: str, told: dict[str, str]) -> Asking:
    declared, person = _declared(office, capability), person_of(office, seated(request))
    ready = readiness(office.kernel, [declared], person)[declared.id]
    data = list(office.kernel.state.datasets.values())
    return Asking(office=office, declared=declared, ready=ready, data=data, language=_known(language), told=told)


def _line(asking: Asking) -> dict[str, Any]:
    """A use in the list: what it is, and what it would need."""
    declared, say = asking.declared, asking.say
    return {
        "id": declared.id,
        "title": say(declared.title),
        "about": say(declared.about),
        **needs_of(asking),
    }


def asking_again(office: Office, request: Request, before: Asked, language: str) -> str:
    """The address of a form with what a case was asked with; "" for who may not ask for such a use."""
    declared, params = office.kernel.past_capability(before.capability), before.params
    if not declared.asks.askers & person_of(office, seated(request)).roles:
        return ""
    texts = {
        PARAM + field.name: text_of(params[field.name])
        for field in fields_of(declared.asks.params)
        if field.name in params
    }
    data = {DATA + role: name for role, name in before.datasets.items()}
    return f"/{language}/ask/{declared.id}?{urlencode({'purpose': before.purpose} | texts | data)}"


def _asked(asking: Asking, by: Operator) -> str:
    declared = asking.declared
    permit = verbs.ask(
        asking.office.kernel,
        by,
        declared.id,
        purpose=asking.told.get("purpose", ""),
        params=filled(declared.asks.params, asking.texts),
        datasets=asking.datasets,
    )
    return permit.case


def _declared(office: Office, capability: str) -> Capability:
    try:
        return office.kernel.capability(capability)
    except OutOfOrder:
        raise HTTPException(404) from None


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
