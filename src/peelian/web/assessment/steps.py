"""The steps that follow a submitted impact assessment, at its page: review, explain, approve, sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.model.org_units import same_unit
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.oversight.assessment import signing
from peelian.oversight.assessment.obligations import BY_LEVEL, MORE, PARTS
from peelian.oversight.assessment.signing import Assessment
from peelian.pictures.panels import Say
from peelian.web.assessment.pages import assessment_page
from peelian.web.auth_middleware import form_of, operator_of, seat_of
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.pages import LANGUAGES
from peelian.wording.labels import PURPOSES, worded

OFFICERS = ISSUERS[AuthorizationKind.IMPACT_ASSESSMENT]
MOST_TEXT, MOST_DAYS = 4_000, 730


def add_step_pages(app: FastAPI, office: Office, show: Callable[..., HTMLResponse]) -> None:
    """Each step is sent to the assessment's own page; a slip shows it again as it was filled."""

    @app.post("/{language}/assessment/{digest}/{step}", include_in_schema=False)
    async def done(request: Request, language: str, digest: str, step: str) -> Response:
        if language not in LANGUAGES or step not in STEPS:
            raise HTTPException(404)
        say, told = office.say(language), await form_of(request, many={"purposes"})
        by, page = operator_of(office, request), f"/{language}/assessment/{digest}"
        try:
            await run_in_threadpool(STEPS[step], office.kernel, by, digest, told)
        except (Refused, InputError, OutOfOrder) as error:
            made = signing.assessment(office.kernel, digest)
            more = {"problem": told_of(error, say), "status": status_of(error), "section": "/assessment"}
            values = await run_in_threadpool(assessment_page, office, made, say, language)
            steps = steps_for(office, request, made, say, told)
            return show(request, "assessment.html", **values | more, steps=steps)
        return RedirectResponse(page, status_code=303)


def steps_for(
    office: Office, request: Request, made: Assessment, say: Say, told: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The forms that whoever is logged on can send, by step; {} for the public. `told`: what was typed."""
    seat = seat_of(request)
    person = office.kernel.state.people.get(seat.person) if seat else None
    if person is None or signing.authorization_of(office.kernel, made):
        return {}
    forms = dict(_forms(made, person, say, told or {}))
    return {"of": forms, "typed": dict(told or {}), "digest": made.digest} if forms else {}


def _forms(made: Assessment, person: Person, say: Say, told: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    asked, other = BY_LEVEL[made.level], person.token != made.by and not same_unit(person.unit, made.unit)
    if other and person.roles & signing.REVIEWERS:
        yield "review", True
    if asked.texts and person.roles & (OFFICERS | {Role.CLERK}):
        titles = {**PARTS, **MORE}
        yield (
            "explain",
            [
                (
                    part,
                    say(titles[part]),
                    [(f"{part}.{tongue}", tongue, _text(made, part, tongue, told)) for tongue in LANGUAGES],
                )
                for part in asked.texts
            ],
        )
    if other and person.roles & asked.approvers:
        yield "approve", True
    if person.roles & OFFICERS:
        yield "sign", [(str(one), worded(PURPOSES, one, say)) for one in Purpose]


def _text(made: Assessment, part: str, language: str, told: Mapping[str, str]) -> str:
    return told.get(f"{part}.{language}", made.explanation.get(part, {}).get(language, ""))


def _review(kernel: Kernel, by: Operator, digest: str, told: Mapping[str, str]) -> None:
    capacity, finding = told.get("qualified_as", "")[:MOST_TEXT], told.get("finding", "")[:MOST_TEXT]
    signing.review(kernel, by, digest, qualified_as=capacity, finding=finding)


def _explain(kernel: Kernel, by: Operator, digest: str, told: Mapping[str, str]) -> None:
    parts: dict[str, dict[str, str]] = {}
    for name, text in told.items():
        part, _, language = name.partition(".")
        if language in LANGUAGES:
            parts.setdefault(part, {})[language] = text[:MOST_TEXT]
    signing.explain(kernel, by, digest, parts)


def _approve(kernel: Kernel, by: Operator, digest: str, told: Mapping[str, str]) -> None:
    signing.approve(kernel, by, digest, reasons=told.get("reasons", "")[:MOST_TEXT])


def _sign(kernel: Kernel, by: Operator, digest: str, told: Mapping[str, str]) -> None:
    purposes = [one for one in told.get("purposes", "").split(",") if one]
    if not purposes or not set(purposes) <= set(Purpose):
        raise InputError("no purpose stated", accepted=", ".join(sorted(Purpose)))
    days = told.get("days", "").strip()
    if not (days.isascii() and days.isdigit() and len(days) <= 4 and 1 <= int(days) <= MOST_DAYS):
        raise InputError("not a number of days", accepted="1 to 730")
    signing.sign(kernel, by, digest, purposes=tuple(map(Purpose, purposes)), days=int(days))


STEPS = {"review": _review, "explain": _explain, "approve": _approve, "sign": _sign}
