"""Asking for a use from the pages: the form is drawn from the capability's own parameters, papers and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.forms import Field, fields_of, filled
from peelian.kernel import verbs
from peelian.kernel.model.capability import Capability
from peelian.kernel.model.documents import Request as Asked
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.error_handler import status_of, told_of
from peelian.web.pages import LANGUAGES
from peelian.web.words import AUTHORIZATIONS, PURPOSES, worded

Show = Callable[..., HTMLResponse]
DATA, PARAM = "data.", "param."
LONGEST = 200  # letters of a field that an address fills in


def add_asking_pages(app: FastAPI, office: Office, show: Show) -> None:
    """What a person may ask for, and the form of each."""

    @app.get("/{language}/ask", include_in_schema=False)
    def listed(request: Request, language: str) -> Response:
        say, roles = office.say(_known(language)), person_of(office, seated(request)).roles
        told = [
            {
                "title": say(technology.title),
                "uses": [
                    {"id": c.id, "title": say(c.title), "about": say(c.about)}
                    for c in technology.capabilities
                    if c.asks.askers & roles
                ],
            }
            for technology in office.kernel.technologies
        ]
        return show(request, "asks.html", title=say("Request a use"), groups_of_uses=[t for t in told if t["uses"]])

    @app.get("/{language}/ask/{capability}", include_in_schema=False)
    def form(request: Request, language: str, capability: str) -> Response:
        declared = _declared(office, capability)
        told = {name: text[:LONGEST] for name, text in request.query_params.items()}  # an address may fill the form in
        return show(request, "ask.html", **_form(office, declared, _known(language), told))

    @app.post("/{language}/ask/{capability}", include_in_schema=False)
    async def asked(request: Request, language: str, capability: str) -> Response:
        declared, say = _declared(office, capability), office.say(_known(language))
        many = {PARAM + field.name for field in fields_of(declared.asks.params) if field.many}
        told, by = await form_of(request, many=many), operator_of(office, request)
        try:
            case = await run_in_threadpool(_asked, office, by, declared, told)
        except (Refused, InputError, OutOfOrder) as error:
            named = _by_its_label(error, declared, office.say(language, declared.technology))
            more = _form(office, declared, language, told) | {"problem": told_of(named, say)}
            return show(request, "ask.html", status=status_of(error), **more)
        return RedirectResponse(f"/{language}/cases/{case}", status_code=303)


def asking_again(office: Office, request: Request, before: Asked, language: str) -> str:
    """The address of a form with what a case was asked with; "" for who may not ask for such a use."""
    declared, params = office.kernel.capability(before.capability), before.params
    if not declared.asks.askers & person_of(office, seated(request)).roles:
        return ""
    texts = {
        PARAM + field.name: as_text(params[field.name])
        for field in fields_of(declared.asks.params)
        if field.name in params
    }
    data = {DATA + role: name for role, name in before.datasets.items()}
    return f"/{language}/ask/{declared.id}?{urlencode({'purpose': before.purpose} | texts | data)}"


def _by_its_label(error: PeelianError, declared: Capability, own: Say) -> PeelianError:
    """Bad input in a field is said of what the page calls the field."""
    labels = {field.name: field.help for field in fields_of(declared.asks.params) if field.help} | {
        "purpose": "Purpose"
    }
    if not isinstance(error, InputError) or error.column not in labels:
        return error
    return InputError(error.wrong, accepted=error.accepted, file=own(labels[error.column]))  # where, in words


def _asked(office: Office, by: Operator, declared: Capability, told: dict[str, str]) -> str:
    texts = {name[len(PARAM) :]: text for name, text in told.items() if name.startswith(PARAM) and text.strip()}
    data = {name[len(DATA) :]: text for name, text in told.items() if name.startswith(DATA) and text}
    permit = verbs.ask(
        office.kernel,
        by,
        declared.id,
        purpose=told.get("purpose", ""),
        params=filled(declared.asks.params, texts),
        datasets=data,
    )
    return permit.case


def _form(office: Office, declared: Capability, language: str, told: dict[str, str]) -> dict[str, Any]:
    """Everything `ask.html` shows, with what was typed before."""
    say, own = office.say(language), office.say(language, declared.technology)
    datasets, purposes = office.kernel.state.datasets.values(), sorted(declared.asks.purposes)
    return {
        "title": say(declared.title),
        "section": "/ask",
        "capability": declared.id,
        "technology": declared.technology,
        "about": own(declared.about),
        "needs": [worded(AUTHORIZATIONS, need.kind, say) for need in declared.needs],
        "purposes": [(str(p), worded(PURPOSES, p, say)) for p in purposes],
        "purpose": told.get("purpose", str(purposes[0]) if len(purposes) == 1 else ""),
        "reads": [
            {
                "name": DATA + read.role,
                "role": own(read.title),
                "optional": read.optional,
                "needs": [worded(AUTHORIZATIONS, need.kind, say) for need in read.needs],
                "chosen": told.get(DATA + read.role, ""),
                "known": [(d.dataset, str(d.declaration["title"])) for d in datasets if d.shape == read.shape],
            }
            for read in declared.reads
        ],
        "fields": [param_field(field, told, own) for field in fields_of(declared.asks.params)],
        "problem": (),
    }


def param_field(field: Field, told: Mapping[str, str], own: Say) -> dict[str, Any]:
    """One parameter: a choice, yes or no, or a text; what stands in it is what holds where nothing is typed."""
    name = PARAM + field.name
    choices = ("yes", "no") if field.type is bool else field.choices
    return {
        "name": name,
        "title": field.name.replace("_", " "),
        "help": own(field.help) if field.help else "",
        "unit": own(field.unit) if field.unit else "",
        "required": field.required,
        "choices": [] if field.many else [(c, own(field.names.get(c, c.replace("%", "%%")))) for c in choices],
        "value": told.get(name, _default(field)),
        "number": field.type in (int, float) and not field.many,
        "whole": field.type is int,
    }


def _default(field: Field) -> str:
    return "" if field.default is None else as_text(field.default)


def as_text(value: object) -> str:
    """A parameter as a form carries it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _declared(office: Office, capability: str) -> Capability:
    try:
        return office.kernel.capability(capability)
    except OutOfOrder:
        raise HTTPException(404) from None


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
