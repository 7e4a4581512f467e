"""Authorizations at the pages: what is in force, issue, renew, revoke; and acts that wait for a second signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.forms import fields_of
from peelian.kernel.access.decryption_checks import PAPER_READERS
from peelian.kernel.identity import custody_grounds, dual_control, enrolment, suspension_control
from peelian.kernel.model.capability import AuthorizationKind, Capability, Purpose, Role, Scalar
from peelian.kernel.model.documents import Authorization, Proposal, digest_of
from peelian.kernel.model.people import Person
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.records.sensor_register import REGISTRARS
from peelian.kernel.verbs import authorizations
from peelian.operations.office import Office
from peelian.operations.witness_choice import CHOOSERS
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.pictures.words import day
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.cases.ask_form import text_of
from peelian.web.data.label_proposals import proposed_labels, proposed_map
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.frame.remedies import EARNED
from peelian.web.oversight.authorization_form import FACT, Form, fault_texts, titles_of
from peelian.web.pages import LANGUAGES, capital
from peelian.web.sensors.proposals import proposed_sensors
from peelian.wording.labels import AUTHORIZATIONS, PURPOSES, ROLES, worded

Show = Callable[..., HTMLResponse]
SOON = timedelta(days=30)
NEXT: Mapping[str, tuple[frozenset[Role], str, str]] = {
    "bylaws": (frozenset(Role), "/bylaws", "What they say, and what they forbid"),
    "enrol": (enrolment.ENROLLERS, "/tasks/people-enrol-approved", "Carry out an approved enrolment"),
    "log": (CHOOSERS, "/tasks/oversight-choose-approved-witness", "Choose an approved witness"),
    "sensors": (REGISTRARS, "/tasks/sensors-register-approved", "Register approved sensors"),
    "warrant": (PAPER_READERS, "/tasks/warrant-read", "Read the paper of a warrant"),
}
"""By what is proposed: who goes on with it, at which page, and its title."""
LISTED: Mapping[str, Callable[[Office, Proposal, Say], Grid | None]] = {
    "vocabulary": proposed_labels,
    "sensors": proposed_sensors,
}
"""By what is proposed: the table of what it lists, for whoever approves it."""
READ_FIRST = frozenset({"bylaws", "warrant"})
"""What is looked at elsewhere before somebody agrees to it."""
OF_WARRANT: Mapping[str, str] = {
    "serves": "What it is for",
    "purposes": "Purposes",
    "status": "Status",
    "reference": "File number of the court",
    "court": "Court",
    "judge": "Who issued it, as on the paper",
    "issued": "Day on the paper",
    "ends": "Last day on the paper",
    "operations": "Operations",
    "sensors": "Sensors",
    "cells": "Areas",
    "count": "Number of uses",
    "urgency": "Why the court could not be waited for",
    "paper": "SHA-256 of the paper",
    "recorded_by": "Recorded by",
    "provisional": "Provisional warrant that this order is about",
}
"""What a warrant states, by its titles."""
STATED: Mapping[str, str] = {
    "technology": "Technology",
    "of": "Case, or digest of a warrant",
    "reference": "File number of the court or case",
}
"""What a proposal of an exception states, by its titles."""


def add_authorization_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The list, the form, each authorization, and each proposal."""
    pages = _AuthorizationPages(office, show)
    for path, method, page in (
        ("authorizations", "GET", pages.listed),
        ("authorizations/new", "GET", pages.asked),
        ("authorizations/new", "POST", pages.issued),
        ("authorizations/{digest}", "GET", pages.one),
        ("authorizations/{digest}/revoke", "POST", pages.revoked),
        ("proposals/{digest}", "GET", pages.proposal),
        ("proposals/{digest}", "POST", pages.approved),
    ):
        route = f"/{{language}}/{path}"
        app.add_api_route(route, page, methods=[method], include_in_schema=False, response_model=None)


@dataclass(frozen=True, slots=True)
class _AuthorizationPages:
    office: Office
    show: Show

    def listed(self, request: Request, language: str) -> Response:
        say, person = self._say(language), person_of(self.office, seated(request))
        lines = [_line(self.office, d, one, say, language) for d, one in self._known().items()]
        groups = [
            (say(title), [line for line in lines if line["state"] == state])
            for state, title in (("soon", "Expiring within 30 days"), ("in force", "In force"), ("ended", "Expired"))
        ]
        waiting = [
            (digest, say(dual_control.ACTS[made.what]), made.words, moment(made.at, language), approved)
            for digest, made, approved in dual_control.open_proposals(self.office.kernel)
        ]
        values = {"groups": groups, "waiting": waiting, "issues": bool(_kinds(person))}
        return self.show(request, "authorizations.html", title=say("Authorizations"), **values)

    def asked(self, request: Request, language: str) -> Response:
        self._say(language)
        told = {name: text[:200] for name, text in request.query_params.items()}
        old = self._known().get(told.get("renews", ""))
        return self._form(request, language, told | (_as_form(old, self.office) if old else {}))

    async def issued(self, request: Request, language: str) -> Response:
        say, told = self._say(language), await form_of(request, many={"purposes"})
        by, form = operator_of(self.office, request), Form(self.office, told, language)
        if faults := await run_in_threadpool(form.faults):
            return self._form(request, language, told, fault_texts(faults, say), status=400)
        try:
            made = await run_in_threadpool(lambda: authorizations.issue(self.office.kernel, by, **form.filled()))
        except (Refused, InputError, OutOfOrder) as error:
            return self._form(request, language, told, problem=told_of(error, say), status=status_of(error))
        return RedirectResponse(f"/{language}/authorizations/{digest_of(made)}", status_code=303)

    def one(self, request: Request, language: str, digest: str) -> Response:
        return self._one(request, language, digest, (), 200)

    async def revoked(self, request: Request, language: str, digest: str) -> Response:
        say, found = self._say(language), self._known().get(digest)
        await form_of(request)
        if found is None:
            raise OutOfOrder("no such valid authorization")
        by = operator_of(self.office, request)
        try:
            await run_in_threadpool(authorizations.revoke, self.office.kernel, by, found)
        except (Refused, OutOfOrder) as error:
            return self._one(request, language, digest, told_of(error, say), status_of(error))
        return RedirectResponse(f"/{language}/authorizations", status_code=303)

    def proposal(self, request: Request, language: str, digest: str) -> Response:
        return self._proposal(request, language, digest, (), 200)

    async def approved(self, request: Request, language: str, digest: str) -> Response:
        say, by = self._say(language), operator_of(self.office, request)
        await form_of(request)
        try:
            await run_in_threadpool(dual_control.approve, self.office.kernel, by, digest)
        except (Refused, OutOfOrder) as error:
            return self._proposal(request, language, digest, told_of(error, say), status_of(error))
        return RedirectResponse(f"/{language}/authorizations", status_code=303)

    def _one(self, request: Request, language: str, digest: str, problem: Any, status: int) -> Response:
        say, found = self._say(language), self._known().get(digest)
        if found is None:
            raise HTTPException(404)
        line = _line(self.office, digest, found, say, language)
        may = bool(person_of(self.office, seated(request)).roles & ISSUERS[found.kind])
        facts = [
            (say("For"), line["serves"]),
            (say("Purposes"), line["purposes"]),
            (say("Signed by"), _name(self.office, found.by)),
            (say("From"), moment(found.starts, language)),
            (say("Until"), moment(found.ends, language)),
            (say("SHA-256"), digest),
        ]
        stated = _facts_of(found, Form(self.office, {"serves": found.serves}, language).capability, self.office, say)
        values = {"facts_of": facts, "stated": stated, "digest": digest, "problem": problem, "status": status}
        more = {"renews": may and found.kind not in EARNED, "revokes": may and line["state"] != "ended"}
        title = say("%(name)s: %(value)s", name=line["kind"], value=line["serves"])
        return self.show(request, "authorization.html", section="/authorizations", title=title, **values, **more)

    def _form(
        self,
        request: Request,
        language: str,
        told: Mapping[str, str],
        faults: Mapping[str, str] = MappingProxyType({}),
        *,
        problem: Any = (),
        status: int = 200,
    ) -> Response:
        say, person = self._say(language), person_of(self.office, seated(request))
        form = Form(self.office, told, language)
        if fault := form.fault_of_the_use() if form.serves else None:
            faults = {**faults, **fault_texts({"serves": fault}, say)}
        values = {
            "kinds": [(str(one), capital(worded(AUTHORIZATIONS, one, say))) for one in _kinds(person)],
            "kind": form.kind,
            "served": _served(self.office, say),
            "serves": form.serves,
            "purposes": [(str(one), worded(PURPOSES, one, say)) for one in Purpose],
            "chosen": told.get("purposes", "").split(","),
            "days": told.get("days", "365"),
            "stated": form.stated(),
            "known": bool(form.kind and form.serves and not fault),
            "faults": faults,
            "names": {one.field: one.title for one in form.stated()},
            "problem": problem,
        }
        title = say("Issue an authorization")
        return self.show(
            request, "authorization_new.html", section="/authorizations", title=title, status=status, **values
        )

    def _proposal(self, request: Request, language: str, digest: str, problem: Any, status: int) -> Response:
        say = self._say(language)
        found = {d: (made, approved) for d, made, approved in dual_control.open_proposals(self.office.kernel)}.get(
            digest
        )
        if found is None:
            raise HTTPException(404)
        made, approved = found
        people = self.office.kernel.state.people
        facts = [
            (say("Proposed by"), _name(self.office, made.by) + f", {made.unit}"),
            (say("Proposed on"), moment(made.at, language)),
            (say("Reason"), made.words),
            *(_joins(self.office, digest, language) if made.what == "enrol" else _stated(made, say)),
            (say("SHA-256"), digest),
        ]
        own, seconds = people.get(seated(request).person), dual_control.second_roles(self.office.kernel, made)
        values = {
            "facts_of": facts,
            "digest": digest,
            "approved": approved,
            "may": own is not None
            and bool(own.roles & seconds)
            and own.unit != made.unit
            and made.what != dual_control.WARRANT,
            "seconds": [worded(ROLES, str(role), say) for role in sorted(seconds)],
            "more": _next(made.what, own, say) if approved or made.what in READ_FIRST else (),
            "labels": LISTED[made.what](self.office, made, say) if made.what in LISTED else None,
            "map": proposed_map(self.office, made, say) if made.what == "vocabulary" else None,
            "problem": problem,
            "status": status,
        }
        title = capital(say(dual_control.ACTS[made.what]))
        return self.show(request, "proposal.html", section="/authorizations", title=title, **values)

    def _known(self) -> Mapping[str, Authorization]:
        return self.office.kernel.state.authorizations.copy()

    def _say(self, language: str) -> Say:
        if language not in LANGUAGES:
            raise HTTPException(404)
        return self.office.say(language)


def _line(office: Office, digest: str, one: Authorization, say: Say, language: str) -> dict[str, str]:
    now, ends = office.kernel.now(), datetime.fromisoformat(one.ends)
    return {
        "digest": digest,
        "kind": capital(worded(AUTHORIZATIONS, one.kind, say)),
        "serves": _title(office, one.serves, say),
        "purposes": capital(say("; ").join(worded(PURPOSES, purpose, say) for purpose in one.purposes)),
        "until": moment(one.ends, language),
        "state": "ended" if ends <= now else "soon" if ends <= now + SOON else "in force",
    }


def _title(office: Office, serves: str, say: Say) -> str:
    """What an authorization is for, by its title: a use, a watch, or all of a technology."""
    former = {id: say(title) for technology in office.kernel.technologies for id, title in technology.former.items()}
    return {**former, **dict(_served(office, say))}.get(serves, serves)


def _served(office: Office, say: Say) -> list[tuple[str, str]]:
    found = []
    for technology in office.kernel.technologies:
        every = say("All uses: %(technology)s", technology=say(technology.title))
        found += [(f"{technology.id}.*", every)]
        found += [(one.id, say(one.title)) for one in technology.capabilities]
        found += [(one.id, say(one.title)) for one in technology.watches]
    return found


def _kinds(person: Person) -> list[AuthorizationKind]:
    return [kind for kind, roles in ISSUERS.items() if roles & person.roles and kind not in EARNED]


def _as_form(old: Authorization, office: Office) -> dict[str, str]:
    days = datetime.fromisoformat(old.ends) - datetime.fromisoformat(old.starts)
    facts = {FACT + name: text_of(value) for name, value in old.body.items() if name != "demonstration"}
    return {
        "kind": str(old.kind),
        "serves": old.serves,
        "purposes": ",".join(old.purposes),
        "days": str(max(days.days, 1)),
    } | facts


def _facts_of(found: Authorization, capability: Capability | None, office: Office, say: Say) -> list[tuple[str, str]]:
    """What an authorization states, by the titles of its settings, criteria and results; a choice by its name."""
    granting = (one.grants for technology in office.kernel.technologies for one in technology.capabilities)
    grants = [one for one in granting if one and (one.kind, one.serves) == (found.kind, found.serves)]
    titles = titles_of(capability, say, grants) if capability else {}
    if found.kind is AuthorizationKind.WARRANT:
        titles |= {name: say(title) for name, title in OF_WARRANT.items()}
    named = {one.name: one.names for one in fields_of(capability.asks.params)} if capability else {}
    rows = []
    for name, value in found.body.items():
        called = named.get(name, {}).get(str(value), "")
        shown = _name(office, str(value)) if name == "recorded_by" else _shown(value, say)
        rows.append((capital(titles.get(name, name.replace("_", " "))), say(called) if called else shown))
    return rows


def _shown(value: Scalar, say: Say) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return day(say, value) if isinstance(value, str) else say("%(number).10g", number=value)


def _stated(made: Proposal, say: Say) -> list[tuple[str, str]]:
    """What a proposal states; of labels whether they come or go: they stand below it."""
    if made.what == "vocabulary":
        withdrawn = "withdraw" in made.body
        return [(say("Change"), say("Withdraw these labels") if withdrawn else say("Adopt these labels"))]
    if made.what in LISTED:
        return []
    if made.what == dual_control.WARRANT:  # whoever confirms it reads the file number on the paper
        shown = [(name, value) for name, value in made.body.items() if name not in ("reference", "recorded_by")]
        return [(say(OF_WARRANT[name]), _shown(value, say)) for name, value in shown if name in OF_WARRANT]
    if made.what in {custody_grounds.EXCEPT, *suspension_control.WHO}:
        return [(say(STATED[name]), str(value)) for name, value in made.body.items() if name in STATED]
    return [(name.replace("_", " "), _shown(value, say)) for name, value in made.body.items()]


def _joins(office: Office, proposal: str, language: str) -> list[tuple[str, str]]:
    """Whom a proposal to enrol names; nothing where their name was forgotten."""
    if not enrolment.proposed_name(office.kernel, proposal):
        return []
    one, say = enrolment.proposed_person(office.kernel, proposal), office.say(language)
    return [
        (say("Name"), one.name),
        (say("Unit"), one.unit),
        (say("Roles"), ", ".join(worded(ROLES, role, say) for role in sorted(one.roles))),
        (say("Trained until"), moment(one.trained_until, language)),
    ]


def _next(what: str, own: Person | None, say: Say) -> tuple[str, str] | tuple[()]:
    """Where a proposal is read on, or carried out by whoever may."""
    roles, address, title = NEXT.get(what, (frozenset(), "", ""))
    return (address, say(title)) if own is not None and roles & own.roles else ()


def _name(office: Office, token: str) -> str:
    person = office.kernel.state.people.get(token)
    return person.name if person else token
