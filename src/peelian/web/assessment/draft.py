"""The draft of an impact assessment: a person's own, saved as it is filled, submitted when it is complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.forms import Field, fields_of, filled
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import ISSUERS
from peelian.operations.office import Office
from peelian.oversight.assessment import signing
from peelian.oversight.assessment.questions import PHASE, PHASES, Answers, shipped
from peelian.oversight.drafts import draft_of, end_draft, keep_draft
from peelian.pictures.moments import moment
from peelian.pictures.panels import Say
from peelian.web.assessment.pages import assessment_form
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.cases.ask_form import PARAM, text_of
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.frame.param_limits import drawn_limits
from peelian.web.pages import LANGUAGES

NAME = "assessment"
SUBJECT = ("use", "scope")
Draft = Mapping[str, Any]
"""use: a capability; scope: "all" of its technology or "one"; params: texts by name; answers by question; saved."""


def add_draft_pages(app: FastAPI, office: Office, show: Callable[..., HTMLResponse]) -> None:
    """The page of the draft, and what its form does: save, calculate, submit, discard."""

    @app.get("/{language}/assessment/draft", include_in_schema=False)
    def page(request: Request, language: str, phase: str = "") -> Response:
        draft = draft_of(office.kernel, seated(request).person, NAME)
        if phase in PHASES:
            draft["answers"] = {**draft.get("answers", {}), PHASE: phase}
        return show(request, "assess.html", **_page(office, request, language, draft, sent=False))

    @app.post("/{language}/assessment/draft", include_in_schema=False)
    async def sent(request: Request, language: str) -> Response:
        say = _say(office, language)
        many = {question.id for question in shipped().questions if question.many}
        told, person = await form_of(request, many=many), seated(request).person
        act, draft = told.get("act", ""), _draft(office, told, many)
        if act == "discard":
            end_draft(office.kernel, person, NAME)
            return RedirectResponse(f"/{language}/assessment", status_code=303)
        await run_in_threadpool(keep_draft, office.kernel, person, NAME, draft)
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"saved": say("Saved on %(at)s.", at=moment(draft["saved"], language))})
        if act != "submit":
            more = await run_in_threadpool(lambda: _page(office, request, language, draft, sent=act == "level"))
            return show(request, "assess.html", **more)
        try:
            by = operator_of(office, request)
            digest = await run_in_threadpool(_submitted, office, by, draft)
        except (Refused, InputError, OutOfOrder) as error:
            more = await run_in_threadpool(lambda: _page(office, request, language, draft, sent=True))
            return show(request, "assess.html", status=status_of(error), **more | {"problem": told_of(error, say)})
        end_draft(office.kernel, person, NAME)
        return RedirectResponse(f"/{language}/assessment/{digest}", status_code=303)


def _draft(office: Office, told: Mapping[str, str], many: set[str]) -> dict[str, Any]:
    """What was sent, as far as the questions and parameters are known."""
    known = {question.id for question in shipped().questions}
    answers: dict[str, Any] = {name: [] for name in many}
    answers |= {
        name: [part for part in text.split(",") if part] if name in many else text
        for name, text in told.items()
        if name in known
    }
    params = {name[len(PARAM) :]: text for name, text in told.items() if name.startswith(PARAM)}
    subject = {name: told.get(name, "")[:80] for name in SUBJECT}
    return {**subject, "params": params, "answers": answers, "saved": office.kernel.now().isoformat()}


def _submitted(office: Office, by: Operator, draft: Draft) -> str:
    if not draft["use"]:
        raise InputError("subject of the assessment missing", accepted="at least one capability with its settings")
    declared = signing.declared_as(office.kernel, draft["use"])
    texts = {name: text for name, text in draft["params"].items() if text.strip()}
    params = filled(declared.asks.params, texts)
    serves = f"{declared.technology}.*" if draft["scope"] == "all" else declared.id
    return signing.submit(office.kernel, by, serves, _answers(draft), [(declared.id, params)])


def _answers(draft: Draft) -> Answers:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in draft.get("answers", {}).items()}


def _page(office: Office, request: Request, language: str, draft: Draft, *, sent: bool) -> dict[str, Any]:
    say = _say(office, language)
    answers: Answers = {PHASE: "item2", **_answers(draft)}
    uses = [
        (
            say(technology.title),
            [(one.id, say(one.title)) for one in technology.capabilities]
            + [(one.id, say(one.title)) for one in technology.watches],
        )
        for technology in office.kernel.technologies
    ]
    chosen = draft.get("use", "")
    known = chosen in {id for _, some in uses for id, _ in some}
    values = {
        "uses": uses,
        "use": chosen,
        "scope": draft.get("scope", "one"),
        "fields": _fields(office, chosen, draft, language) if known else [],
        "saved": say("Saved on %(at)s.", at=moment(draft["saved"], language)) if draft.get("saved") else "",
        "submits": bool(person_of(office, seated(request)).roles & ISSUERS[AuthorizationKind.IMPACT_ASSESSMENT]),
    }
    form = assessment_form(answers, say, language, sent=sent)
    return {**form, "title": say("Assess a use"), "section": "/assessment", "draft": values, "problem": ()}


def _fields(office: Office, use: str, draft: Draft, language: str) -> list[dict[str, Any]]:
    declared = signing.declared_as(office.kernel, use)
    told = {PARAM + name: text for name, text in draft.get("params", {}).items()}
    own = office.say(language, declared.technology)
    return [_param_field(field, told, own) for field in fields_of(declared.asks.params)]


def _say(office: Office, language: str) -> Say:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return office.say(language)


def _param_field(field: Field, told: Mapping[str, str], own: Say) -> dict[str, Any]:
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
        "value": told.get(name, text_of(field.default)),
        **drawn_limits(field, own),
    }
