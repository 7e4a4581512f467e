"""Suspending a technology from the pages: two clicks after a fresh step-up. Two people lift it: one proposes here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.alarms.plans_in_force import plans_at
from peelian.kernel.identity import dual_control
from peelian.kernel.identity.suspension_control import LIFT
from peelian.kernel.model.people import Operator
from peelian.kernel.model.suspension import ACTS_BY_ROW, OFFERED, REASONS, Suspension
from peelian.kernel.model.technology import Technology, technology_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.known import unless_damaged
from peelian.kernel.verbs.authorizations import MOST_CHARACTERS, explain_suspension, suspend, suspension_text
from peelian.operations.office import Office
from peelian.pictures.moments import moment
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, operator_of
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.pages import LANGUAGES

Show = Callable[..., HTMLResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A suspended technology as every page says it: its title, since when and why, and what somebody wrote of it."""

    name: str
    says: str
    text: str
    is_thrown: bool


def add_suspension_pages(app: FastAPI, office: Office, show: Show) -> None:
    """Every technology with its state and the button that stops it; then the one, with what stops and what goes on."""

    @app.get("/{language}/suspension", include_in_schema=False)
    def listed(request: Request, language: str) -> Response:
        say = office.say(_known(language))
        technologies = [
            (one.id, say(one.title), _events(office.kernel, one, say)) for one in office.kernel.technologies
        ]
        values = {"technologies": technologies, "reasons": _reasons(say)}
        return show(request, "suspensions.html", title=say("Suspend a technology"), **values)

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
            where = await run_in_threadpool(act, office.kernel, by, declared.id, fields)
        except (Refused, OutOfOrder, InputError) as error:
            told = {"problem": told_of(error, office.say(language)), "status": status_of(error)}
            values = _page(office, language, declared) | {"chosen": fields.get("reason", ""), "typed": fields} | told
            return await run_in_threadpool(lambda: show(request, "suspension.html", **values))
        return RedirectResponse(f"/{language}{where}" if where else page, status_code=303)


def suspended(office: Office, say: Say, language: str) -> Mapping[str, Stopped]:
    """Technologies that are suspended now, by whichever process, by their id."""
    office.kernel.stores.follow()
    found = {}
    for name, made in sorted(office.kernel.state.suspended.copy().items()):
        if (technology := technology_of(office.kernel.technologies, name)) is not None:
            text = unless_damaged(office.kernel.state.notice, partial(suspension_text, office.kernel, name), "")
            says, title = since_and_why(made, say, language), say(technology.title)
            found[name] = Stopped(name=title, says=says, text=text, is_thrown=made.is_thrown)
    return found


def since_and_why(made: Suspension, say: Say, language: str) -> str:
    """Since when and why a technology is suspended, in one sentence."""
    said = {"day": moment(made.since, language), "reason": say(made.says)}
    if made.is_thrown:
        return say("Suspended since %(day)s: %(reason)s.", **said)
    return say("Counts as suspended since %(day)s: %(reason)s. It ends when that is restored.", **said)


def nobody_watches(kernel: Kernel) -> datetime | None:
    """Since when the technology that watches is suspended: nobody is watching from then on; None where it is not."""
    watching = {one.id for one in kernel.technologies if one.watches}
    made = [one.since for name, one in kernel.state.suspended.copy().items() if name in watching]
    return datetime.fromisoformat(min(made)) if made else None


def _suspend(kernel: Kernel, by: Operator, technology: str, fields: Mapping[str, str]) -> str:
    suspend(kernel, by, technology, reason=fields.get("reason", ""), words=fields.get("words", ""))
    return ""


def _explain(kernel: Kernel, by: Operator, technology: str, fields: Mapping[str, str]) -> str:
    explain_suspension(kernel, by, technology, words=fields.get("words", ""))
    return f"/suspension/{technology}"


def _propose(kernel: Kernel, by: Operator, technology: str, fields: Mapping[str, str]) -> str:
    words = fields.get("why", "")
    return f"/proposals/{dual_control.propose(kernel, by, LIFT, words=words, body={'technology': technology})}"


ACTS: Mapping[str, Callable[[Kernel, Operator, str, Mapping[str, str]], str]] = {
    "suspend": _suspend,
    "explain": _explain,
    "resume": _propose,
}
"""What the page does; each returns where it leads, without the language."""


def _reasons(say: Say) -> list[tuple[str, str]]:
    return [(name, say(REASONS[name])) for name in OFFERED]


def _page(office: Office, language: str, declared: Technology) -> dict[str, Any]:
    say, known = office.say(language), office.kernel.state.suspended.get(declared.id)
    made = known if known and known.is_thrown else None
    title = "Lift the suspension: %(name)s" if made else "Suspend: %(name)s"
    return {
        "title": say(title, name=say(declared.title)),
        "section": "/suspension",
        "technology": declared.id,
        "made": since_and_why(made, say, language) if made else "",
        "text": unless_damaged(office.kernel.state.notice, partial(suspension_text, office.kernel, declared.id), ""),
        "most": MOST_CHARACTERS,
        "proposed": unless_damaged(office.kernel.state.notice, lambda: list(_proposed(office.kernel, declared.id)), ()),
        "uses": [say(c.title) for c in declared.capabilities] + [say(w.title) for w in declared.watches],
        "events": _events(office.kernel, declared, say),
        "stops": [say(row.says) for row in ACTS_BY_ROW if not row.goes_on],
        "goes_on": [say(row.says) for row in ACTS_BY_ROW if row.goes_on],
        "reasons": _reasons(say),
        "chosen": "",
        "typed": {},
        "problem": (),
    }


def _proposed(kernel: Kernel, technology: str) -> Iterator[tuple[str, str]]:
    """Proposals to lift this suspension that wait for a second person: digest, reason."""
    made = kernel.state.suspended.get(technology)
    for digest, proposal, _ in dual_control.open_proposals(kernel):
        if proposal.what == LIFT and made and proposal.body["suspension"] == made.entry:
            yield digest, proposal.words


def _events(kernel: Kernel, technology: Technology, say: Say) -> list[str]:
    """Events whose plan is in force, where this technology watches them."""
    if not technology.watches:
        return []
    plans = unless_damaged(kernel.state.notice, lambda: list(plans_at(kernel, kernel.now())), ())
    return [say("%(title)s, until %(time)s UTC", title=plan.title, time=plan.ends.strftime("%H:%M")) for plan in plans]


def _declared(office: Office, name: str) -> Technology:
    technology = technology_of(office.kernel.technologies, name)
    if technology is None or technology.id != name:
        raise HTTPException(404)
    return technology


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
